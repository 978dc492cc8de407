"""Every address on one page: name, pattern, the act that the standing orders must allow, and what it is about.

GET never writes. A route that only reads even on POST (``reads``) leaves its writing to another transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from deliberate.web import contexts


@dataclass(frozen=True)
class Route:
    """One address. ``about`` loads the thing that the address names, or raises NotFound."""

    name: str
    pattern: str
    act: str
    about: Callable[[Request], Any] | None = None
    reads: bool = False


ROUTES: tuple[Route, ...] = (
    # the house
    Route("home", "/", "site.read"),
    Route("parts", "/parts", "site.develop"),
    # polls
    Route("polls", "/polls", "site.read"),
    Route("poll.new", "/polls/new", "poll.prepare"),
    Route("poll", "/polls/{poll}", "site.read", contexts.poll),
    Route("poll.json", "/polls/{poll}.json", "site.read", contexts.poll),
    Route("poll.edit", "/polls/{poll}/edit", "poll.edit", contexts.poll),
    Route("poll.open", "/polls/{poll}/open", "poll.open", contexts.poll),
    Route("poll.ballot", "/polls/{poll}/ballot", "poll.cast", contexts.poll, reads=True),
    Route("poll.review", "/polls/{poll}/review", "poll.cast", contexts.poll, reads=True),
    Route("poll.receipt", "/polls/{poll}/receipts/{leaf}", "site.read", contexts.poll),
    Route("poll.receipt.file", "/polls/{poll}/receipts/{leaf}.{kind}", "site.read", contexts.poll),
    Route("poll.check", "/polls/{poll}/check", "site.read", contexts.poll, reads=True),
    Route("poll.close", "/polls/{poll}/close", "poll.close", contexts.poll),
    Route("poll.tally", "/polls/{poll}/tally", "poll.tally", contexts.poll, reads=True),
    Route("poll.draw", "/polls/{poll}/lot", "poll.draw", contexts.poll),
    Route("poll.publish", "/polls/{poll}/publish", "poll.publish", contexts.poll),
    Route("poll.void", "/polls/{poll}/void", "poll.void", contexts.poll),
    Route("poll.rules", "/polls/{poll}/rules", "site.read", contexts.poll),
    Route("poll.record", "/polls/{poll}/record", "record.read", contexts.poll),
    Route("poll.package", "/polls/{poll}/record.zip", "record.read", contexts.poll),
    Route("poll.screen", "/polls/{poll}/screen", "site.read", contexts.poll),
)


def includeme(config: Configurator) -> None:
    for route in ROUTES:
        config.add_route(route.name, route.pattern, **({"factory": route.about} if route.about else {}))
    config.registry["acts"] = {route.name: route.act for route in ROUTES}
    config.registry["reading routes"] = frozenset(route.name for route in ROUTES if route.reads)


