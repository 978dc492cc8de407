"""The first page: what can I decide or do now. For visitors: what is going on."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.services import (
    assemblies,
    debate,
    drafts,
    follows,
    logins,
    motions,
    news,
    polls,
    results,
    search,
    supports,
)
from deliberate.services import home as front
from deliberate.web import paging


@view_config(route_name="home", request_method="GET", renderer="home/home.jinja2")
def home(request: Request) -> dict[str, Any]:
    act = request.act
    if request.member is None:
        request.override_renderer = "home/guest.jinja2"
        return guest(request)
    found, table = front.of_polls(act), front.of_motions(act)
    fresh, more = news.since(request.db, request.assembly, request.member)
    return {
        "steps": assemblies.first_steps(act),
        "waiting": found.waiting,
        "late": found.late,
        "office": found.office,
        "to_admit": table.office,
        "results": found.decided,
        "gathering": table.gathering,
        "backing": supports.backings(act, table.gathering) if table.gathering else {},
        "debated": table.debated,
        "news": fresh,
        "more": more,
        "upto": request.assembly.ledger.size - 1,
        "followed": follows.followed(request.db, request.member),
        "asked": table.asked,
        "reports": len(debate.waiting(request.db, request.assembly)) if act.can("debate.hide") else 0,
        "drafts": drafts.mine(act, 3),
        "since": request.login.created_at if request.login else None,
    }


def guest(request: Request) -> dict[str, Any]:
    """What a visitor finds: the assembly, what is on the table, a result to check, what happened last."""
    running, _ = polls.listed(request.db, request.assembly, "open", limit=4)
    published, _ = polls.listed(request.db, request.assembly, "published", limit=1)
    table = motions.first(request.act, "now", 4)
    count = results.read(published[0]) if published else None
    said = count["explanation"][0 if published[0].method == "motion" else -1] if count else ""
    return {
        "roll": motions.roll_size(request.act),
        "open_polls": [poll for poll in running if polls.is_open(poll, request.now)],
        "table": table,
        "decided": (published[0], said) if published else None,
        "news": news.latest(request.db, request.assembly)[:6],
    }


@view_config(route_name="seen", request_method="POST")
def seen(request: Request) -> Response:
    """Mark all news as seen."""
    if request.member is not None:
        logins.looked(request.db, request.member, paging.whole(request.POST.get("upto"), 0, 10**9))
    return HTTPSeeOther(request.route_path("home"))


@view_config(route_name="begun", request_method="POST")
def begun(request: Request) -> Response:
    """Put the guide for a new assembly away."""
    assemblies.put_guide_away(request.act)
    request.flash("The guide is put away. All of it stands in the menus.")
    return HTTPSeeOther(request.route_path("home"))


@view_config(route_name="search", request_method="GET", renderer="home/search.jinja2")
def find(request: Request) -> dict[str, Any]:
    q = request.GET.get("q", "")[:200].strip()
    kind = request.GET.get("kind", "")
    kind = kind if kind in ("motion", "amendment", "comment", "poll") else ""
    page = paging.page(request, 20)
    hits = search.find(request.db, request.assembly, q, kind, page.size, page.offset)
    total = search.total(request.db, request.assembly, q, kind)
    said = debate.by_id(request.db, [hit.id for hit in hits if hit.kind == "comment"])
    return {"q": q, "kind": kind, "hits": hits, "total": total, "page": page.of(total), "said": said}
