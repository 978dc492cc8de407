"""Amendments: write one in place, see at once what it touches, accept, withdraw, read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from deliberate.core.drafting import clauses, diff, hunks, numbering
from deliberate.core.drafting.hunks import Unit
from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Motion, Poll, Version
from deliberate.services import amendments, debate, follows, rebases, standing, versions
from deliberate.web import documents, paging
from deliberate.web.forms import motions as motion_forms
from deliberate.web.views.motions import FOLLOWED
from deliberate.web.words import listed

KINDS = {
    "clash": ("clash", mark("Conflicts with %(names)s"), mark("The same words. Only one of the two can stand.")),
    "equal": ("fine", mark("The same change as %(names)s"), mark("Both say the same, and are put together.")),
    "same_gap": ("same", mark("Adds at the same place as %(names)s"), mark("Both can stand; read them together once.")),
    "sentence": (
        "same",
        mark("Same sentence as %(names)s"),
        mark("Different words, so both can stand. Read them together once."),
    ),
}


def touches(
    request: Request, among: Sequence[Amendment], found: list[Any], mine: str
) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """What an amendment meets of all those of its motion, gravest first, for the panel beside the text."""
    every = {a.number: a for a in among}
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
            made.append((look, mark(title, names=listed(names)), words, links))
    met = {m.other if m.one == mine else m.one for m in found}
    rest = [a for a in every.values() if a.state in rebases.LIVE and a.number not in met and a.number != mine]
    if rest:
        made.append(
            (
                "fine",
                mark("Compatible with %(num)s", num=len(rest)),
                "",
                [(numbering.short(a.number), request.route_path("amendment", amendment=a.public_id)) for a in rest],
            )
        )
    return made


Typed = tuple[dict[str, str], dict[str, str]]


def form_values(
    motion: Motion, request: Request, base: Version, amendment: Amendment | None = None, typed: Typed | None = None
) -> dict[str, Any]:
    """The amendment form with what was typed, the word diff of each clause, and what the words touch."""
    text = clauses.from_json(base.clauses)
    changed, added = typed if typed is not None else _typed(request, amendment, text)
    first = documents.numbers(text)
    rows = [
        {
            "clause": {"id": clause.id, "kind": clause.kind, "text": clause.text, "line": first.get(clause.id, "")},
            "value": changed.get(clause.id, clause.text),
            "added": added.get(clause.id, ""),
            **_differs(clause.text, " ".join(changed.get(clause.id, clause.text).split())),
        }
        for clause in text
    ]
    return {
        "motion": motion,
        "base": base,
        "rows": rows,
        "top": added.get("top", ""),
        "reason": request.POST.get("reason", amendment.reason if amendment else ""),
        "key": request.POST.get("key") or secrets.token_hex(16),
        "error": None,
        "collided": (),
        "amendment": amendment,
        "touches": _touches(request, motion, base, changed, added, amendment),
        "many": sum(1 for row in rows if row["changed"] or row["added"]) + bool(added.get("top")),
    }


def _differs(old: str, new: str) -> dict[str, Any]:
    return {"changed": new != old, "html": documents.pieces(diff.pieces(old, new)) if new != old else ""}


def _typed(request: Request, amendment: Amendment | None, text: clauses.Text) -> Typed:
    """What the form starts with: what was sent, or the text as it is, or as the amendment has it where it still fits."""
    if request.method == "POST":
        return motion_forms.clauses(request)
    return ({}, {}) if amendment is None else _as_form(amendments.changed_text(amendment)[1], text)


def _as_form(after: clauses.Text, text: clauses.Text) -> Typed:
    """An edited text as the fields of the form: changed words by clause, new clauses by the one they follow."""
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
    if base.id != versions.latest(request.db, motion).id:
        return [
            (
                "same",
                mark("The text has changed since you began"),
                mark("What you send moves over to the new text first."),
                [],
            )
        ]
    try:
        found = hunks.hunks(text, amendments.edited(text, changed, added))
        every = rebases.of_motion(request.db, motion)
        return touches(request, every, amendments.meets(motion, base, every, Unit(mine, 10**6, found)), mine)
    except DeliberateError:
        return []


def _base(request: Request, motion: Motion) -> Version:
    """The version that the form showed; the present one for a form that names none."""
    named = select(Version).where(Version.motion_id == motion.id, Version.hash == request.POST.get("base", ""))
    return request.db.scalars(named.order_by(Version.seq.desc())).first() or versions.latest(request.db, motion)


def _written(motion: Motion, request: Request, amendment: Amendment | None) -> Any:
    """The form of an amendment, for a new one or new words: shown, previewed, moved over to a newer text, or taken."""
    now = versions.latest(request.db, motion)
    if request.method != "POST":
        return form_values(motion, request, now, amendment)
    base = _base(request, motion)
    text = None
    try:
        changed, added = motion_forms.clauses(request)
        text = amendments.edited(clauses.from_json(base.clauses), changed, added)
        if request.POST.get("to") == "preview" and base.id == now.id:
            return form_values(motion, request, base, amendment)
        if amendment is None:
            reason, key = request.POST.get("reason", "")[:20_000], request.POST.get("key", "")[:64]
            made = amendments.submit(request.act, motion, base, text, reason, key)
        else:
            made = amendments.reword(request.act, amendment, base, text)
    except DeliberateError as error:
        request.response.status_int = error.status
        if text is None or base.id == now.id or error.code != "amendment.base_mismatch":
            return {**form_values(motion, request, base, amendment), "error": error}
        moved = amendments.moved(base, now, text)
        typed = _as_form(moved.text, clauses.from_json(now.clauses))
        return {**form_values(motion, request, now, amendment, typed), "error": error, "collided": moved.collided}
    if amendment:
        request.flash("%(number)s has new words.", number=made.number)
    else:
        request.flash("%(number)s is submitted.", number=made.number)
    return HTTPSeeOther(request.route_path("amendment", amendment=made.public_id))


@view_config(route_name="amendment.new", renderer="amendments/write.jinja2")
def new(motion: Motion, request: Request) -> Any:
    if request.method != "POST":  # what was typed while the text was being fixed is shown again with the refusal
        request.act.may("amendment.submit", motion.state)
    return _written(motion, request, None)


@view_config(route_name="amendment.preview", request_method="POST", renderer="amendments/preview.jinja2")
def preview(motion: Motion, request: Request) -> dict[str, Any]:
    """The word diffs and what they touch, for the page in which somebody is writing."""
    return form_values(motion, request, _base(request, motion))


@view_config(route_name="amendment", request_method="GET", renderer="amendments/amendment.jinja2")
def show(amendment: Amendment, request: Request) -> dict[str, Any]:
    return _page(amendment, request)


def _page(amendment: Amendment, request: Request) -> dict[str, Any]:
    motion, act = amendment.motion, request.act
    also = standing.words(act, amendment)
    now = versions.latest(request.db, motion)
    live = amendment.state in rebases.LIVE and amendment.texts[-1].base_id == now.id
    every = rebases.of_motion(request.db, motion)
    found = amendments.meets(motion, now, every, rebases.unit(amendment)) if live else []
    page = paging.page(request, debate.SIZE)
    thread = debate.thread(request.db, "amendment", amendment.public_id, page.size, page.offset)
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
        "touches": touches(request, every, found, amendment.number),
        "can": can,
        "thread": thread,
        "page": page.of(thread.total),
        "follows": follows.level(act, amendment),
        "polls": polls,
        "error": None,
        "typed": "",
        "side": "neutral",
        "subject": amendment,
        "say_url": request.route_path("amendment.say", amendment=amendment.public_id),
    }


@view_config(route_name="amendment.reword", renderer="amendments/write.jinja2")
def reword(amendment: Amendment, request: Request) -> Any:
    if request.method != "POST":
        request.act.may("amendment.reword", amendment.state, standing.words(request.act, amendment))
    return _written(amendment.motion, request, amendment)


@view_config(route_name="amendment.accept", renderer="confirm.jinja2")
def accept(amendment: Amendment, request: Request) -> Any:
    request.act.may("amendment.accept", amendment.state, standing.words(request.act, amendment))
    back = request.route_path("amendment", amendment=amendment.public_id)
    if request.method == "POST":
        made = amendments.accept(request.act, amendment)
        request.flash("%(number)s is accepted. The motion is now version %(n)s.", number=amendment.number, n=made.seq)
        return HTTPSeeOther(request.route_path("motion", motion=amendment.motion.public_id))
    return {
        "question": mark("Accept %(number)s into your motion?", number=amendment.number),
        "says": mark("The text changes at once, without a vote. Other amendments are carried over to the new text."),
        "facts": [(mark("Motion"), amendment.motion.title)],
        "act": mark("Accept the amendment"),
        "action": request.path,
        "fields": {},
        "grave": False,
        "back_url": back,
        "back": mark("Back to the amendment"),
    }


@view_config(route_name="amendment.withdraw", renderer="confirm.jinja2")
def withdraw(amendment: Amendment, request: Request) -> Any:
    request.act.may("amendment.withdraw", amendment.state, standing.words(request.act, amendment))
    back = request.route_path("amendment", amendment=amendment.public_id)
    if request.method == "POST":
        amendments.withdraw(request.act, amendment)
        request.flash("%(number)s is withdrawn.", number=amendment.number)
        return HTTPSeeOther(back)
    return {
        "question": mark("Withdraw %(number)s?", number=amendment.number),
        "says": mark("It is not put to the vote. Its text and debate stay readable."),
        "facts": [],
        "act": mark("Withdraw it"),
        "action": request.path,
        "fields": {},
        "grave": True,
        "back_url": back,
        "back": mark("Back to the amendment"),
    }


@view_config(route_name="amendment.follow", request_method="POST")
def follow(amendment: Amendment, request: Request) -> Response:
    found = follows.follow(request.act, amendment, request.POST.get("level", "all"))
    request.flash(FOLLOWED[found.level])
    return HTTPSeeOther(request.route_path("amendment", amendment=amendment.public_id))
