"""The standing orders in words, and why somebody may or may not do something."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from deliberate.core import orders
from deliberate.core.errors import DeliberateError, NotFound
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Motion, Poll
from deliberate.services import assemblies, members, standing
from deliberate.web import forms
from deliberate.web.forms.orders import OrdersForm
from deliberate.web.words import said

CHAPTERS = {
    "1": mark("Reading and entering"),
    "2": mark("Roll and offices"),
    "3": mark("Motions"),
    "4": mark("Amendments"),
    "5": mark("Debate"),
    "6": mark("Polls"),
}
CHANGED = mark("The standing orders are changed.")
SAME = mark("Nothing was different, nothing is changed.")


@view_config(route_name="orders", renderer="orders/orders.jinja2")
def show(request: Request) -> dict[str, Any]:
    return {
        "rules": orders.ACTS,
        "chapters": CHAPTERS,
        "orders": request.act.orders,
        "meanings": [(orders.OFFICES[word], means) for word, means in orders.WORDS.items()],
        "officers": members.officers(request.db, request.assembly, request.now)
        if request.act.can("member.list")
        else [],
        "states": _word,
        "motion_states": orders.MOTION_STATES,
        "amendment_states": orders.AMENDMENT_STATES,
        "poll_states": orders.POLL_STATES,
    }


@view_config(route_name="orders.edit", renderer="orders/edit.jinja2")
def edit(request: Request) -> Any:
    values: dict[str, Any] = {"values": request.act.orders.as_json(), "error": None}
    if request.method == "POST":
        try:
            changed = assemblies.change_orders(request.act, forms.read(request, OrdersForm).model_dump())
            request.flash(CHANGED if changed else SAME)
            return HTTPSeeOther(request.route_path("orders"))
        except DeliberateError as error:
            values = {"values": dict.fromkeys(OrdersForm.model_fields, "") | dict(request.POST), "error": error}
            request.response.status_int = error.status
    return values


def _word(rule: orders.Rule) -> str:
    """The states of a rule in words. "Submitted" means one thing of a motion and another of an amendment."""
    own = rule.act.startswith("amendment.") and rule.act != "amendment.submit"
    words = orders.AMENDMENT_STATES if own else {**orders.POLL_STATES, **orders.MOTION_STATES}
    return ", ".join(said(words.get(state, state)) for state in rule.when)


THINGS: dict[str, Any] = {"motion": Motion, "amendment": Amendment, "poll": Poll}


@view_config(route_name="orders.why", renderer="orders/why.jinja2")
def why(request: Request) -> Any:
    """For every act whether this person may do it now, to the thing that is named, and by which rule."""
    thing = _thing(request)
    answers = standing.why(request.act, thing)
    if request.GET.get("format") == "json":
        return render_to_response("json", {"ok": True, "acts": [_as_json(one) for one in answers]}, request=request)
    asked = next((one for one in answers if one.rule.act == request.GET.get("act")), None)
    return {
        "answers": answers,
        "thing": thing,
        "asked": asked,
        "words": sorted(request.act.roles(standing.words(request.act, thing)) - {"anyone"}),
        "states": _word,
        "deeds": orders.DEEDS,
        "choices": _choices(request),
        "chosen": _chosen(request),
        "meanings": [(orders.OFFICES[word], means) for word, means in orders.WORDS.items()],
    }


def _as_json(answer: standing.Answer) -> dict[str, Any]:
    """An answer for programs; ``may`` is null where it depends on the thing."""
    return {
        "act": answer.rule.act,
        "rule": answer.rule.number,
        "may": None if answer.depends else answer.refused is None,
        "who": answer.rule.roles,
        "states": answer.rule.when,
        "mine": answer.mine,
    }


def _chosen(request: Request) -> str:
    """The thing that is asked about, as ``motion:ID``; also from ``?motion=ID``."""
    short = next((f"{noun}:{request.GET[noun]}" for noun in THINGS if request.GET.get(noun)), "")
    return str(request.GET.get("about", "") or short)


def _thing(request: Request) -> Any:
    noun, _, public_id = _chosen(request).partition(":")
    if not public_id:
        return None
    found = (
        request.db.scalar(select(THINGS[noun]).where(THINGS[noun].public_id == public_id)) if noun in THINGS else None
    )
    if found is None:
        raise NotFound(
            "There is no such motion, amendment or poll.",
            "The address may be mistyped.",
            "Choose it from the list.",
            "orders.thing",
        )
    return found


def _choices(request: Request) -> list[tuple[str, str]]:
    """The newest motions and polls, to choose from."""
    rows = []
    for noun, model in (("motion", Motion), ("poll", Poll)):
        found = request.db.execute(
            select(model.public_id, model.number, model.title)
            .where(model.assembly_id == request.assembly.id, model.number.is_not(None))
            .order_by(model.id.desc())
            .limit(30)
        )
        rows += [(f"{noun}:{public_id}", f"{number} {title}"[:90]) for public_id, number, title in found]
    return rows
