"""What every template can use: addresses, static files, translation, text and time."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from jinja2 import StrictUndefined
from pyramid.config import Configurator
from pyramid.events import BeforeRender
from pyramid.request import Request

from deliberate.settings import top
from deliberate.web import text, times


def includeme(config: Configurator) -> None:
    config.add_settings({
        "jinja2.undefined": "strict", "jinja2.trim_blocks": "true", "jinja2.lstrip_blocks": "true",
        "jinja2.i18n.domain": "deliberate",
    })
    config.add_jinja2_search_path("deliberate:web/templates", name=".jinja2", prepend=True)
    config.add_jinja2_renderer(".jinja2")
    config.add_translation_dirs("deliberate:locale/")
    config.add_subscriber(add_globals, BeforeRender)
    config.add_static_view("static", str(top("static")), cache_max_age=31536000)
    config.action(None, _environment, args=(config,), order=10)


def _environment(config: Configurator) -> None:
    environment = config.get_jinja2_environment(name=".jinja2")
    environment.undefined = StrictUndefined
    environment.filters.update({"markdown": text.render, "plain": text.plain, **times.FILTERS})


def add_globals(event: Any) -> None:
    """``url('motion', motion=id)``, ``static('css/base.css')`` and the request's flashes."""
    request: Request | None = event.get("request")
    if request is None:
        return
    event["url"] = lambda route, **kw: request.route_path(route, **kw)
    event["static"] = static
    event["csrf_token"] = request.session.get_csrf_token


@cache
def _digest(path: str) -> str:
    file = top("static") / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def static(path: str) -> str:
    """The address of a static file, with the start of its hash so that it may be cached for ever."""
    return f"/static/{path}?v={_digest(path)}"


