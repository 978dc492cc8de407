"""Motions: list, draft, propose, read, support, change, and the acts that lead to a decision."""

from __future__ import annotations

import secrets
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from deliberate.core.drafting import clauses, numbering
from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import Draft, Motion, Poll
from deliberate.services import (
    amendments,
    debate,
    drafts,
    follows,
    motions,
    rebases,
    standing,
    supports,
    turnout,
    versions,
)
from deliberate.services.motions import Writing
from deliberate.web import documents, forms, paging, words
from deliberate.web.forms.motions import MotionForm, ReasonForm

FOLLOWED = {
    "all": mark("You follow this. It stands on your first page, and a mail tells you how it is decided."),
    "decisions": mark("A mail will tell you how it is decided."),
    "none": mark("You do not follow this any more."),
}
KEPT = mark("Your draft is kept. Only you can see it.")
APART = mark("The draft was changed on another page meanwhile. These words are kept as a draft of their own.")
ACTS = {
    "motion.admit": (
        mark("Open the debate on this motion?"),
        mark("Members may then discuss and amend it until the text is fixed."),
        mark("Open the debate"),
        False,
    ),
    "motion.fix": (
        mark("Fix the text of this motion?"),
        mark("No amendment is taken after that. The motion can then be put to the vote."),
        mark("Fix the text"),
        False,
    ),
    "motion.unfix": (
        mark("Open the debate again?"),
        mark("Amendments are taken again, until the text is fixed once more."),
        mark("Open the debate again"),
        False,
    ),
    "motion.withdraw": (
        mark("Withdraw this motion?"),
        mark("It ends here. Its text, debate and number stay readable."),
        mark("Withdraw the motion"),
        True,
    ),
}


@view_config(route_name="motions", request_method="GET", renderer="motions/list.jinja2")
def listed(request: Request) -> dict[str, Any]:
    page = paging.page(request, 20)
    group, q = request.GET.get("show", "now"), request.GET.get("q", "")[:100].strip()
    if group not in (*motions.GROUPS, "all") and not (group == "mine" and request.member is not None):
        group = "now"
    order = request.GET.get("order", "changed")
    order = order if order in motions.ORDERS else "changed"
    found, total = motions.listed(request.act, motions.Wanted(group, q, order), page.size, page.offset)
    return {
        "motions": found,
        "total": total,
        "page": page.of(total),
        "group": group,
        "q": q,
        "order": order,
        "counts": motions.counts(request.db, request.assembly),
        "backing": supports.backings(request.act, found) if found else {},
        "amended": amendments.counts(request.db, found),
        "said": debate.counts(request.db, "motion", [motion.public_id for motion in found]),
        "voting": turnout.of_motions(request.db, found),
    }


@view_config(route_name="motion.new", renderer="motions/write.jinja2")
def new(request: Request) -> Any:
    return _write(request, None)


@view_config(route_name="motion.draft", renderer="motions/write.jinja2")
def draft(context: Draft, request: Request) -> Any:
    if request.method == "POST" and request.POST.get("to") == "discard":
        drafts.discard(request.act, context)
        request.flash("The draft is gone.", "quiet")
        return HTTPSeeOther(request.route_path("motions"))
    return _write(request, context)


def _preview(written: motions.Writing) -> dict[str, list[dict[str, Any]]]:
    """What is written as it will stand: the text and, apart from it, the reasons."""
    every = motions.whole(written)
    found, first = motions.divide(every), documents.numbers(every)
    return {"text": documents.plain(found.text, first), "reason": documents.plain(found.reason, first)}


def _write(request: Request, kept: Draft | None) -> Any:
    """The form of a motion: kept as a draft, shown as a preview, or proposed."""
    values: dict[str, Any] = {
        "draft": kept,
        "written": Writing(**kept.content) if kept is not None else Writing("", "", "", ""),
        "key": request.POST.get("key") or secrets.token_hex(16),
        "clashes": [],
        "error": None,
        "preview": None,
        "orders": request.act.orders,
        "motion": None,
        "seen": 0,
        "roll": motions.roll_size(request.act),
    }
    if request.method != "POST":
        return values
    kept = values["draft"] = kept or drafts.find(request.act, request.POST.get("draft", ""))
    seen = paging.whole(request.POST.get("revision"), -1)
    to = request.POST.get("to", "propose")
    try:
        written = values["written"] = forms.read(request, MotionForm).writing()
        if to == "preview":
            return {**values, "preview": _preview(written)}
        if to == "draft":
            found = drafts.save(request.act, written, kept, seen)
            request.flash(KEPT if kept is None or found is kept else APART)
            return HTTPSeeOther(request.route_path("motion.draft", draft=found.public_id))
        request.registry["throttle"].check(motion_member=str(request.act.actor.id))
        made = motions.propose(request.act, written, request.POST.get("key", "")[:64])
        drafts.sent(request.act, kept, seen)
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**values, "error": error, "written": typed(request)}
    request.flash("%(number)s is proposed. It gathers support now.", number=made.number)
    return HTTPSeeOther(request.route_path("motion", motion=made.public_id))


@view_config(route_name="motion.autosave", request_method="POST", renderer="json")
def autosave(request: Request) -> dict[str, Any]:
    """Keep what is being typed; the page goes on by itself."""
    kept = drafts.find(request.act, request.POST.get("draft", ""))
    seen = paging.whole(request.POST.get("revision"), -1)
    found = drafts.save(request.act, forms.read(request, MotionForm).writing(), kept, seen)
    return {
        "ok": True,
        "draft": found.public_id,
        "revision": found.revision,
        "apart": kept is not None and found is not kept,
        "url": request.route_path("motion.draft", draft=found.public_id),
    }


def typed(request: Request) -> Writing:
    """What was sent, even if it is too long to be read as a form: a mistake loses nothing."""
    return Writing(*(request.POST.get(name, "") for name in ("title", "text", "reason", "movers")))


def head(motion: Motion, request: Request) -> dict[str, Any]:
    """What every page of a motion shows: its state, backing, place on its way, and what this member can do."""
    act = request.act
    also = standing.words(act, motion)
    version = versions.latest(request.db, motion)
    every = rebases.of_motion(request.db, motion)
    polls = list(
        request.db.scalars(select(Poll).where(Poll.motion_id == motion.id, Poll.state != "void").order_by(Poll.id))
    )
    can = {
        name: act.can(name, motion.state, also)
        for name in (
            "motion.edit",
            "motion.support",
            "motion.withdraw",
            "motion.admit",
            "motion.fix",
            "motion.unfix",
            "motion.refer",
            "motion.comove",
            "amendment.submit",
            "debate.say",
            "poll.prepare",
        )
    }
    return {
        "motion": motion,
        "version": version,
        "amendments": every,
        "polls": polls,
        "can": can,
        "backing": supports.backing(act, motion),
        "is_mover": "mover" in also,
        "follows": follows.level(act, motion),
        "invited": [
            m for m in motion.movers if request.member and m.member_id == request.member.id and m.state == "invited"
        ],
        "short": numbering.short,
    }


@view_config(route_name="motion", request_method="GET", renderer="motions/motion.jinja2")
def show(motion: Motion, request: Request) -> dict[str, Any]:
    values = head(motion, request)
    page = paging.page(request, debate.SIZE)
    thread = debate.thread(request.db, "motion", motion.public_id, page.size, page.offset)
    every = values["amendments"]
    meetings = [m for m in amendments.meets(motion, values["version"], every) if m.kind == "clash"]
    parts = versions.parts(values["version"])
    part = paging.page(request, 30, "part").of(len(every))
    return {
        **values,
        "document": documents.marked(request, values["version"], values["amendments"], meetings),
        "thread": thread,
        "page": page.of(thread.total),
        "reason": documents.plain(parts.reason, documents.numbers(values["version"])),
        "listed": every[part.offset : part.offset + part.size],
        "part": part,
        "error": None,
        "typed": "",
        "side": "neutral",
        "subject": motion,
        "say_url": request.route_path("motion.say", motion=motion.public_id),
    }


@view_config(route_name="motion.edit", renderer="motions/write.jinja2")
def edit(motion: Motion, request: Request) -> Any:
    now = versions.latest(request.db, motion)
    said = versions.parts(now)
    values: dict[str, Any] = {
        "draft": None,
        "motion": motion,
        "written": Writing(said.title, clauses.write(said.text), clauses.write(said.reason)),
        "key": "",
        "clashes": [],
        "error": None,
        "preview": None,
        "seen": now.seq,
        "orders": request.act.orders,
        "roll": 0,
    }
    request.act.may("motion.edit", motion.state, standing.words(request.act, motion))
    if request.method != "POST":
        return values
    seen = paging.whole(request.POST.get("seen"), 0)
    try:
        values["written"] = forms.read(request, MotionForm).writing()
        if request.POST.get("to") == "preview":
            return {**values, "seen": seen, "preview": _preview(values["written"])}
        made = motions.edit(request.act, motion, values["written"], seen)
    except DeliberateError as error:
        request.response.status_int = error.status
        if error.code == "version.conflict":
            values["written"], values["clashes"] = motions.merged(motion, values["written"], seen)
            return {**values, "error": error}
        return {**values, "seen": seen, "error": error, "written": typed(request)}
    request.flash("Version %(new)s is stored. Version %(old)s stays readable.", new=made.seq, old=made.seq - 1)
    return HTTPSeeOther(request.route_path("motion", motion=motion.public_id))


@view_config(route_name="motion.versions", request_method="GET", renderer="motions/versions.jinja2")
def compare(motion: Motion, request: Request) -> dict[str, Any]:
    """Any two versions compared word by word."""
    every = versions.every(request.db, motion)
    last = len(every)
    new = paging.whole(request.GET.get("new"), last)
    old = paging.whole(request.GET.get("old"), max(1, new - 1))
    one, other = versions.version(motion, old), versions.version(motion, new)
    lines = documents.compared(clauses.from_json(one.clauses), clauses.from_json(other.clauses))
    return {
        "motion": motion,
        "versions": every,
        "old": one,
        "new": other,
        "changed": [line for line in lines if line["how"] != "same"],
        "lines": lines,
    }


@view_config(route_name="motion.support", request_method="POST")
def support(motion: Motion, request: Request) -> Response:
    to = request.route_path("motion", motion=motion.public_id)
    if request.POST.get("to") == "withdraw":
        supports.unsupport(request.act, motion)
        request.flash(
            "Your support is taken back.",
            "quiet",
            {"url": request.route_path("motion.support", motion=motion.public_id), "label": mark("Support again")},
        )
        return HTTPSeeOther(to)
    seen = request.POST.get("seen")
    found = supports.support(request.act, motion, paging.whole(seen, 0) if seen is not None else None)
    sums = {"number": motion.number, "have": found.have, "need": found.need}
    if motion.state == "seconded":
        request.flash("%(number)s has the support it needs: %(have)s of %(need)s.", **sums)
    else:
        request.flash("You support %(number)s: %(have)s of %(need)s.", **sums)
    return HTTPSeeOther(to)


@view_config(route_name="motion.mover", request_method="POST")
def invite_mover(motion: Motion, request: Request) -> Response:
    found = motions.invite_mover(request.act, motion, request.POST.get("movers", "")[:500])
    if found:
        names = words.listed([m.name for m in found])
        request.flash_many(
            "%(names)s is asked to be co-mover.", "%(names)s are asked to be co-movers.", len(found), names=names
        )
    else:
        request.flash("Nobody new was named.", "quiet")
    return HTTPSeeOther(request.route_path("motion", motion=motion.public_id))


@view_config(route_name="motion.answer", request_method="POST")
def answer_mover(motion: Motion, request: Request) -> Response:
    found = motions.answer_mover(request.act, motion, request.POST.get("to") == "accept")
    if found.state == "accepted":
        request.flash("You are now a mover of this motion.")
    else:
        request.flash("You have declined.")
    return HTTPSeeOther(request.route_path("motion", motion=motion.public_id))


@view_config(route_name="motion.admit", renderer="confirm.jinja2")
@view_config(route_name="motion.fix", renderer="confirm.jinja2")
@view_config(route_name="motion.unfix", renderer="confirm.jinja2")
@view_config(route_name="motion.withdraw", renderer="confirm.jinja2")
def move_on(motion: Motion, request: Request) -> Any:
    """Ask once more, then do it."""
    name = request.matched_route.name
    back = request.route_path("motion", motion=motion.public_id)
    request.act.may(name, motion.state, standing.words(request.act, motion))
    if request.method == "POST":
        motions.move_on(request.act, motion, name)
        request.flash("%(number)s: done.", number=motion.number)
        return HTTPSeeOther(back)
    question, says, act, grave = ACTS[name]
    return {
        "question": question,
        "says": says,
        "facts": [(mark("Motion"), f"{motion.number} {motion.title}")],
        "act": act,
        "action": request.path,
        "fields": {},
        "grave": grave,
        "back_url": back,
        "back": mark("Back to the motion"),
    }


@view_config(route_name="motion.refer", renderer="motions/refer.jinja2")
def refer(motion: Motion, request: Request) -> Any:
    request.act.may("motion.refer", motion.state)
    error, reason = None, ""
    if request.method == "POST":
        reason = forms.read(request, ReasonForm).reason
        try:
            motions.move_on(request.act, motion, "motion.refer", reason)
            request.flash("%(number)s is referred back.", number=motion.number)
            return HTTPSeeOther(request.route_path("motion", motion=motion.public_id))
        except DeliberateError as refused:
            error = refused
            request.response.status_int = refused.status
    return {"motion": motion, "error": error, "reason": reason}


@view_config(route_name="motion.follow", request_method="POST")
def follow(motion: Motion, request: Request) -> Response:
    found = follows.follow(request.act, motion, request.POST.get("level", "all"))
    request.flash(FOLLOWED[found.level])
    return HTTPSeeOther(request.route_path("motion", motion=motion.public_id))
