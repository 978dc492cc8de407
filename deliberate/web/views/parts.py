"""The components with their examples, for those who build pages; on a development server only."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from deliberate.core.errors import NotFound
from deliberate.web import examples


@view_config(route_name="parts", renderer="parts/examples.jinja2")
def parts(request: Request) -> dict[str, Any]:
    if not request.registry["settings"].development:
        raise NotFound("There is no page at this address.", "", "", "page.none")
    return examples.context(request.now)
