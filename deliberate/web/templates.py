"""The template environment, and what every page knows of its request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined
from pyramid.config import Configurator
from pyramid.request import Request

from deliberate.core.sentences import mark, mark_many
from deliberate.services import ledger
from deliberate.services.act import now
from deliberate.settings import top
from deliberate.web import globals as shared
from deliberate.web import text
from deliberate.web.words import said


@dataclass(frozen=True)
class Head:
    """The ledger's head, for the foot of the page."""

    hash: str
    size: int


def includeme(config: Configurator) -> None:
    config.add_jinja2_search_path("deliberate:web/templates", name=".jinja2", prepend=True)
    config.add_translation_dirs("deliberate:locale/")
    config.add_static_view("static", str(top("static")), cache_max_age=3600)
    config.action(None, _environment, args=(config,), order=10)
    for method in (moment, timezone, flashes, csrf_token, ledger_head):
        config.add_request_method(method, {"moment": "now"}.get(method.__name__, method.__name__), reify=True)
    for say in (flash, flash_many):
        config.add_request_method(say, say.__name__)


def _environment(config: Configurator) -> None:
    environment = config.get_jinja2_environment(name=".jinja2")
    environment.undefined = StrictUndefined
    shared.install(environment, top("static"))
    environment.filters.update({"markdown": text.render, "plain": text.plain})


def moment(_request: Request) -> datetime:
    """This moment, the same all through the request."""
    return now()


def timezone(request: Request) -> ZoneInfo:
    """The person's time zone, else the assembly's, else UTC."""
    name = (request.person and request.person.timezone) or (request.assembly and request.assembly.timezone) or "UTC"
    return ZoneInfo(name)


def flash(
    request: Request, msgid: str, kind: str = "good", undo: dict[str, str] | None = None, /, **values: object
) -> None:
    """Say a marked sentence on the next page; ``undo`` is {"url", "label"} of a POST that takes the act back."""
    undo = undo and {**undo, "label": said(undo["label"])}
    request.session.flash({"kind": kind, "text": said(mark(msgid, **values)), "undo": undo})


def flash_many(request: Request, one: str, other: str, many: int, /, **values: object) -> None:
    """Say a sentence with a number, ``%(num)s``, on the next page."""
    request.session.flash({"kind": "good", "text": said(mark_many(one, other, many, **values)), "undo": None})


def flashes(request: Request) -> list[dict[str, object]]:
    """The sentences for this page, each shown once."""
    found: list[dict[str, object]] = request.session.pop_flash() if request.session.peek_flash() else []
    return found


def csrf_token(request: Request) -> str:
    return str(request.session.get_csrf_token())


def ledger_head(request: Request) -> Head | None:
    """Size and root of the assembly's ledger now."""
    if request.assembly is None:
        return None
    found = ledger.head(request.assembly.ledger)
    return Head(found["root"], found["size"])
