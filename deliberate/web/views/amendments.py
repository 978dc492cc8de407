"""Amendments: write one in place, see at once what it touches, accept, withdraw, read."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from deliberate.core.drafting import clauses, diff, hunks, lines, numbering
from deliberate.core.drafting.hunks import Unit
from deliberate.core.errors import DeliberateError
from deliberate.models import Amendment, Motion, Poll, Version
from deliberate.services import amendments, debate, motions, standing
from deliberate.web import documents, paging
from deliberate.web.forms import motions as motion_forms

KINDS = {
    "clash": ("clash", "Conflicts with", "The same words. Only one of the two can stand."),
    "equal": ("fine", "The same change as", "Both say the same, and are put together."),
    "same_gap": ("same", "Adds at the same place as", "Both can stand; read them together once."),
    "sentence": ("same", "Same sentence as", "Different words, so both can stand. Read them together once."),
}


def touches(
    request: Request, motion: Motion, found: list[Any], mine: str
) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """What an amendment meets, gravest first, for the panel beside the text."""
    every = {a.number: a for a in amendments.of_motion(request.db, motion)}
    made = []
    for kind, (look, title, words) in KINDS.items():
        others = [m.other if m.one == mine else m.one for m in found if m.kind == kind]
        if others:
            names = [numbering.short(name) for name in others]
            links = [
                (numbering.short(name), request.route_path("amendment", amendment=every[name].public_id))
                for name in others
                if name in every
            ]
            made.append(
                (
                    look,
                    f"{title} {' and '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}",
                    words,
                    links,
                )
            )
    met = {m.other if m.one == mine else m.one for m in found}
    rest = [a for a in every.values() if a.state in amendments.LIVE and a.number not in met and a.number != mine]
    if rest:
        made.append(
            (
                "fine",
                f"Compatible with {len(rest)}",
                "",
                [(numbering.short(a.number), request.route_path("amendment", amendment=a.public_id)) for a in rest],
            )
        )
    return made


def form_values(motion: Motion, request: Request, base: Version, amendment: Amendment | None = None) -> dict[str, Any]:
    """The amendment form with what was typed, the word diff of each clause, and what the words touch."""
    text = clauses.from_json(base.clauses)
    changed, added = motion_forms.clauses(request) if request.method == "POST" else _present(amendment, text)
    first = lines.first(text)
    rows = []
    for clause in text:
        words = changed.get(clause.id, clause.text)
        rows.append(
            {
                "clause": {"id": clause.id, "kind": clause.kind, "text": clause.text, "line": first[clause.id]},
                "value": words,
                "changed": " ".join(words.split()) != clause.text,
                "added": added.get(clause.id, ""),
                "html": documents.pieces(diff.pieces(clause.text, " ".join(words.split())))
                if " ".join(words.split()) != clause.text
                else "",
            }
        )
    return {
        "motion": motion,
        "base": base,
        "rows": rows,
        "top": added.get("top", ""),
        "reason": request.POST.get("reason", amendment.reason if amendment else ""),
        "error": None,
        "amendment": amendment,
        "touches": _touches(request, motion, base, changed, added, amendment),
        "many": sum(1 for row in rows if row["changed"] or row["added"]) + bool(added.get("top")),
    }


def _present(amendment: Amendment | None, text: clauses.Text) -> tuple[dict[str, str], dict[str, str]]:
    """What the form starts with: the text as it is, or as the amendment has it where it still fits."""
    if amendment is None:
        return {}, {}
    _, after = amendments.changed_text(amendment)
    now = {clause.id: clause.text for clause in after}
    known = {clause.id for clause in text}
    changed = {clause.id: now.get(clause.id, "") for clause in text if now.get(clause.id, "") != clause.text}
    added: dict[str, str] = {}
    last = "top"
    for clause in after:
        if clause.id in known:
            last = clause.id
        else:
            added[last] = "\n\n".join(filter(None, [added.get(last, ""), clauses.write([clause])]))
    return changed, added


def _touches(
    request: Request,
    motion: Motion,
    base: Version,
    changed: dict[str, str],
    added: dict[str, str],
    amendment: Amendment | None,
) -> list[Any]:
    text = clauses.from_json(base.clauses)
    mine = amendment.number if amendment else "this one"
    try:
        found = hunks.hunks(text, amendments.edited(text, changed, added))
        return touches(request, motion, amendments.meets(request.db, motion, Unit(mine, 10**6, found)), mine)
    except DeliberateError:
        return []


@view_config(route_name="amendment.new", renderer="amendments/write.jinja2")
def new(motion: Motion, request: Request) -> Any:
    request.act.may("amendment.submit", motion.state)
    now = motions.latest(request.db, motion)
    if request.method != "POST":
        return form_values(motion, request, now)
    values = form_values(motion, request, now)
    if request.POST.get("to") == "preview":
        return values
    try:
        base = (
            request.db.scalar(
                select(Version).where(Version.motion_id == motion.id, Version.hash == request.POST.get("base", ""))
            )
            or now
        )
        changed, added = motion_forms.clauses(request)
        text = amendments.edited(clauses.from_json(base.clauses), changed, added)
        made = amendments.submit(request.act, motion, base, text, request.POST.get("reason", "")[:20_000])
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**values, "error": error}
    request.flash(f"{made.number} is submitted.")
    return HTTPSeeOther(request.route_path("amendment", amendment=made.public_id))


@view_config(route_name="amendment.preview", request_method="POST", renderer="amendments/preview.jinja2")
def preview(motion: Motion, request: Request) -> dict[str, Any]:
    """The word diffs and what they touch, for the page in which somebody is writing."""
    return form_values(motion, request, motions.latest(request.db, motion))


@view_config(route_name="amendment", request_method="GET", renderer="amendments/amendment.jinja2")
def show(amendment: Amendment, request: Request) -> dict[str, Any]:
    return _page(amendment, request)


def _page(amendment: Amendment, request: Request) -> dict[str, Any]:
    motion, act = amendment.motion, request.act
    also = standing.words(act, amendment)
    now = motions.latest(request.db, motion)
    live = amendment.state in amendments.LIVE and amendment.texts[-1].base_id == now.id
    found = amendments.meets(request.db, motion, amendments.unit(amendment)) if live else []
    page = paging.page(request, debate.SIZE)
    thread, total = debate.thread(request.db, "amendment", amendment.public_id, page.size, page.offset)
    can = {
        name: act.can(name, amendment.state, also)
        for name in ("amendment.accept", "amendment.withdraw", "amendment.reword", "amendment.put")
    }
    can["amendment.accept"] = can["amendment.accept"] and motion.state in ("submitted", "seconded", "debate")
    can["debate.say"] = act.can("debate.say", motion.state)
    polls = list(
        request.db.scalars(
            select(Poll).where(Poll.amendment_id == amendment.id, Poll.state != "void").order_by(Poll.id)
        )
    )
    return {
        "amendment": amendment,
        "motion": motion,
        "changes": documents.change(amendment),
        "touches": touches(request, motion, found, amendment.number),
        "can": can,
        "thread": thread,
        "page": page.of(total),
        "follows": motions.follows(act, "amendment", amendment.public_id),
        "polls": polls,
        "error": None,
        "typed": "",
        "side": "neutral",
        "subject": amendment,
        "sides": debate.sides(request.db, "amendment", amendment.public_id),
        "say_url": request.route_path("amendment.say", amendment=amendment.public_id),
    }


@view_config(route_name="amendment.reword", renderer="amendments/write.jinja2")
def reword(amendment: Amendment, request: Request) -> Any:
    request.act.may("amendment.reword", amendment.state, standing.words(request.act, amendment))
    base = motions.latest(request.db, amendment.motion)
    values = form_values(amendment.motion, request, base, amendment)
    if request.method != "POST" or request.POST.get("to") == "preview":
        return values
    try:
        changed, added = motion_forms.clauses(request)
        amendments.reword(request.act, amendment, amendments.edited(clauses.from_json(base.clauses), changed, added))
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**values, "error": error}
    request.flash(f"{amendment.number} has new words.")
    return HTTPSeeOther(request.route_path("amendment", amendment=amendment.public_id))


@view_config(route_name="amendment.accept", renderer="confirm.jinja2")
def accept(amendment: Amendment, request: Request) -> Any:
    request.act.may("amendment.accept", amendment.state, standing.words(request.act, amendment))
    back = request.route_path("amendment", amendment=amendment.public_id)
    if request.method == "POST":
        made = amendments.accept(request.act, amendment)
        request.flash(f"{amendment.number} is accepted. The motion is now version {made.seq}.")
        return HTTPSeeOther(request.route_path("motion", motion=amendment.motion.public_id))
    return {
        "question": f"Accept {amendment.number} into your motion?",
        "says": "The text changes at once, without a vote. Other amendments are carried over to the new text.",
        "facts": [("Motion", amendment.motion.title)],
        "act": "Accept the amendment",
        "action": request.path,
        "fields": {},
        "grave": False,
        "back_url": back,
        "back": "Back to the amendment",
    }


@view_config(route_name="amendment.withdraw", renderer="confirm.jinja2")
def withdraw(amendment: Amendment, request: Request) -> Any:
    request.act.may("amendment.withdraw", amendment.state, standing.words(request.act, amendment))
    back = request.route_path("amendment", amendment=amendment.public_id)
    if request.method == "POST":
        amendments.withdraw(request.act, amendment)
        request.flash(f"{amendment.number} is withdrawn.")
        return HTTPSeeOther(back)
    return {
        "question": f"Withdraw {amendment.number}?",
        "says": "It is not put to the vote. Its text and debate stay readable.",
        "facts": [],
        "act": "Withdraw it",
        "action": request.path,
        "fields": {},
        "grave": True,
        "back_url": back,
        "back": "Back to the amendment",
    }


@view_config(route_name="amendment.follow", request_method="POST")
def follow(amendment: Amendment, request: Request) -> Response:
    if request.POST.get("to") == "stop":
        debate.unfollow(request.act, "amendment", amendment.public_id)
    else:
        motions.follow(request.db, request.act.actor, "amendment", amendment.public_id, request.act)
    return HTTPSeeOther(request.route_path("amendment", amendment=amendment.public_id))
