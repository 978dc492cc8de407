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
)


def includeme(config: Configurator) -> None:
    for route in ROUTES:
        config.add_route(route.name, route.pattern, **({"factory": route.about} if route.about else {}))
    config.registry["acts"] = {route.name: route.act for route in ROUTES}
    config.registry["reading routes"] = frozenset(route.name for route in ROUTES if route.reads)


