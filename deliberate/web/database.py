"""One session per request, in the request's transaction: a writer begins immediately, a reader never waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW
from pyramid_retry import mark_error_retryable
from sqlalchemy.orm import Session, sessionmaker

from deliberate.models import engine, is_busy, reader
from deliberate.services import casting, keys, throttle

SAFE = {"GET", "HEAD", "OPTIONS"}


def includeme(config: Configurator) -> None:
    settings = config.registry["settings"]
    made = config.registry.get("engine") or engine(settings.database)
    config.registry["engine"] = made
    config.registry["ledger key"] = keys.load(settings)
    config.registry["throttle"] = throttle.Throttle(settings.rate_limits)
    config.registry["writer"] = casting.Writer(made, settings.batch_ms, settings.batch_size)
    config.registry["sessions"] = {True: sessionmaker(made), False: sessionmaker(reader(made))}
    config.add_request_method(session, "db", reify=True)
    config.add_tween("deliberate.web.database.retryable", under=EXCVIEW)


def session(request: Request) -> Session:
    """The request's session, joined to its transaction. It is closed with the request."""
    made: Session = request.registry["sessions"][writes(request)]()
    zope.sqlalchemy.register(made, transaction_manager=request.tm)
    request.add_finished_callback(lambda _request: made.close())
    return made


def writes(request: Request) -> bool:
    """Whether this request changes rows in its own transaction. Ballots go to the casting writer instead; an error page only reads."""
    route = getattr(request, "matched_route", None)
    reads = request.registry.get("reading routes", frozenset())
    if getattr(request, "refused", False):
        return False
    return request.method not in SAFE and not (route is not None and route.name in reads)


@contextmanager
def writing(request: Request) -> Iterator[Session]:
    """A short transaction of its own, for a reading route: what is slow or counts as an attempt stays outside the writer's lock."""
    with Session(request.registry["engine"]) as made, made.begin():
        yield made


def retryable(handler: Callable[[Request], Response], _registry: Any) -> Callable[[Request], Response]:
    """Mark what may succeed at a second try for pyramid_retry."""

    def tween(request: Request) -> Response:
        try:
            return handler(request)
        except Exception as error:
            if is_busy(error):
                mark_error_retryable(error)
            raise

    return tween


def veto(_request: Request, response: Response) -> bool:
    """Roll back when the answer is an error, such as a form shown again with its mistakes."""
    return bool(response.status_int >= 400)
