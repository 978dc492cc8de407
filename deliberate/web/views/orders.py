"""The standing orders in words, and why somebody may or may not do something."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from deliberate.core import orders
from deliberate.models import Motion, Poll
from deliberate.services import members, standing

CHAPTERS = {
    "1": "Reading and entering",
    "2": "Roll and offices",
    "3": "Motions",
    "4": "Amendments",
    "5": "Debate",
    "6": "Polls",
}


@view_config(route_name="orders", renderer="orders/orders.jinja2")
def show(request: Request) -> dict[str, Any]:
    return {
        "rules": orders.ACTS,
        "chapters": CHAPTERS,
        "orders": request.act.orders,
        "roles": orders.ROLES,
        "officers": members.officers(request.db, request.assembly, request.now),
        "states": _word,
        "roll": len(orders.ACTS),
    }


def _word(states: str) -> str:
    known = {**orders.MOTION_STATES, **orders.AMENDMENT_STATES, **orders.POLL_STATES}
    return ", ".join(known.get(state, state) for state in states.split())


@view_config(route_name="orders.why", renderer="orders/why.jinja2")
def why(request: Request) -> dict[str, Any]:
    """For every act whether this person may do it now, to the motion or poll that is named, and by which rule."""
    thing: Any = None
    for model, key in ((Motion, "motion"), (Poll, "poll")):
        if request.GET.get(key):
            thing = request.db.scalar(select(model).where(model.public_id == request.GET[key]))
    also = standing.words(request.act, thing) if thing is not None else frozenset()
    wanted = {Motion: ("motion.", "amendment.submit", "debate."), Poll: ("poll.",)}.get(type(thing), ("",))
    rows = []
    for rule in orders.ACTS:
        if rule.act.startswith(wanted):
            state = thing.state if thing is not None and rule.when else (rule.when[0] if rule.when else "")
            rows.append({"rule": rule, "refused": orders.refusal(rule.act, request.act.roles(also), state)})
    return {
        "rows": rows,
        "thing": thing,
        "asked": request.GET.get("act", ""),
        "words": sorted(request.act.roles(also) - {"anyone"}),
        "states": _word,
    }
