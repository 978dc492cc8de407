"""The first page: what can I decide or do now. For visitors: what is going on."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.services import logins, motions, news, polls, search


@view_config(route_name="home", request_method="GET", renderer="home/home.jinja2")
def home(request: Request) -> dict[str, Any]:
    act = request.act
    gathering, _ = motions.listed(request.db, request.assembly, "support", limit=4)
    open_polls, _ = polls.listed(request.db, request.assembly, "open", limit=4)
    results, _ = polls.listed(request.db, request.assembly, "published", limit=3)
    debated, _ = motions.listed(request.db, request.assembly, "debate", limit=4)
    member = request.member
    return {
        "waiting": polls.waiting(act),
        "open_polls": [p for p in open_polls if polls.is_open(p, request.now)],
        "results": results,
        "gathering": gathering,
        "backing": motions.backings(act, gathering) if gathering else {},
        "debated": debated,
        "news": news.since(request.db, request.assembly, member)
        if member
        else news.latest(request.db, request.assembly),
        "drafts": motions.drafts(act)[:3],
        "since": request.login.created_at if request.login else None,
    }


@view_config(route_name="seen", request_method="POST")
def seen(request: Request) -> Response:
    """Mark all news as seen."""
    if request.member is not None:
        logins.looked(request.db, request.member)
    return HTTPSeeOther(request.route_path("home"))


@view_config(route_name="search", request_method="GET", renderer="home/search.jinja2")
def find(request: Request) -> dict[str, Any]:
    q = request.GET.get("q", "")[:200].strip()
    return {"q": q, "hits": search.find(request.db, request.assembly, q) if q else []}
