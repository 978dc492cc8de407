"""Polls: list, prepare, the page in each state, and the chair's acts from opening to publication."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.core import tally as methods
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.sentences import mark, mark_many
from deliberate.models import Amendment, Member, Motion, Person, Poll
from deliberate.services import decisions, definitions, polls, preflight, results, turnout
from deliberate.services.act import Act, now
from deliberate.web import contexts, forms, paging
from deliberate.web.forms.polls import DrawForm, PollForm, PublishForm, VoidForm, needs, tie_choices, values_of
from deliberate.web.views import results as result_views
from deliberate.web.words import said

CAST = mark("The casting vote is in the ledger. Count once more.")
DRAWN = mark("The lot is in the ledger. Count once more.")
CLOSING = mark("No ballot is taken after the close. The ledger says who closed it, and when.")
EARLY = mark(
    "Its time is not over: members were told that they may vote until then. "
    "No ballot is taken after the close. The ledger says who closed it, and when."
)
COUNTERS = {"chair", "secretary", "teller"}


def at(request: Request, poll: Poll, name: str = "poll") -> str:
    """The address of a page of this poll."""
    return str(request.route_path(name, poll=poll.public_id))


@view_config(route_name="polls", request_method="GET", renderer="polls/list.jinja2")
def listed(request: Request) -> dict[str, Any]:
    page = paging.page(request, 20)
    counts = turnout.states(request.db, request.assembly)
    state = request.GET.get("state", "")
    state = state if state in {"prepared", "open", "closed", "tallied", "published", "void"} else ""
    found, total = polls.listed(request.db, request.assembly, state, page.size, page.offset)
    return {
        "polls": found,
        "total": total,
        "page": page.of(total),
        "state": state,
        "counts": counts,
        "figures": turnout.figures(request.db, found),
        "mine": turnout.mine(request.act, found),
        "stands": {p.id: polls.stands(p, request.now) for p in found},
    }


@view_config(route_name="poll.new", renderer="polls/edit.jinja2")
def new(request: Request) -> Any:
    return _write(request, None, **_subject(request))


@view_config(route_name="poll.edit", renderer="polls/edit.jinja2")
def edit(poll: Poll, request: Request) -> Any:
    request.act.may("poll.edit", poll.state)
    return _write(request, poll, motion=poll.motion, amendment=poll.amendment)


def _subject(request: Request) -> dict[str, Any]:
    """The motion or amendment that the poll is to decide, named by the address or the form. Raises NotFound for any other."""
    given = request.POST if request.method == "POST" else request.GET
    if given.get("amendment"):
        amendment = contexts.named(request, Amendment, "amendment", given["amendment"])
        return {"motion": amendment.motion, "amendment": amendment}
    motion = contexts.named(request, Motion, "motion", given["motion"]) if given.get("motion") else None
    return {"motion": motion, "amendment": None}


def _write(request: Request, poll: Poll | None, motion: Motion | None, amendment: Amendment | None) -> Any:
    """The form of a poll, empty, filled, or with what was typed and what is wrong."""
    zone = ZoneInfo(request.assembly.timezone)
    values = values_of(poll, zone, request.act.orders, request.now, motion, amendment)
    shown: dict[str, Any] = {
        "poll": poll,
        "motion": motion,
        "amendment": amendment,
        "values": values,
        "error": None,
        "zone": zone.key,
        "usual": [methods.METHODS[name] for name in polls.USUAL],
        "others": [methods.METHODS[name] for name in polls.OTHERS],
        "needs": needs,
        "ties": tie_choices(values),
    }
    if request.method != "POST":
        return shown
    try:
        spec = forms.read(request, PollForm).spec(zone, motion=motion, amendment=amendment)
        made = polls.prepare(request.act, spec) if poll is None else polls.edit(request.act, poll, spec)
    except DeliberateError as error:
        if error.status in (403, 404, 409) and not error.fields:
            raise
        request.response.status_int = 422
        typed = {**dict.fromkeys(values, ""), **{name: request.POST[name] for name in values if name in request.POST}}
        return {**shown, "values": typed, "error": error}
    request.flash("%(number)s is prepared. Look at it once more, then open it.", number=made.number)
    return HTTPSeeOther(at(request, made))


@view_config(route_name="poll", request_method="GET")
def show(poll: Poll, request: Request) -> Response:
    """The page of a poll in the state in which it stands."""
    state = polls.stands(poll, request.now)
    if state == "published":
        return render_to_response("results/result.jinja2", result_views.page(poll, request), request=request)
    page = {"prepared": prepared, "open": opened, "closed": counting, "tallied": counting, "void": voided}[state]
    shown = {"poll": poll, "state": state, "can": _can(poll, request), **page(poll, request)}
    template = {"closed": "counting", "tallied": "counting"}.get(state, state)
    return render_to_response(f"polls/{template}.jinja2", shown, request=request)


def _can(poll: Poll, request: Request) -> dict[str, bool]:
    acts = ("edit", "open", "close", "tally", "draw", "casting", "publish", "void")
    state = polls.stands(poll, request.now)
    return {f"poll.{name}": request.act.can(f"poll.{name}", state) for name in acts}


def prepared(poll: Poll, request: Request) -> dict[str, Any]:
    return {"preflight": preflight.look(request.act, poll) if request.act.can("poll.prepare") else None}


def opened(poll: Poll, request: Request) -> dict[str, Any]:
    return {
        "figures": turnout.figures(request.db, [poll])[poll.id],
        "mine": turnout.mine(request.act, [poll]).get(poll.id),
        "definition": definitions.read(poll),
        "quorum": result_views.quorum_heads(definitions.read(poll)),
    }


def counting(poll: Poll, request: Request) -> dict[str, Any]:
    """Closed, perhaps counted: only those who count see more than the turnout."""
    counts = bool(set(request.act.roles()) & COUNTERS)
    made = results.read(poll) if counts else None
    return {
        "figures": turnout.figures(request.db, [poll])[poll.id],
        "counts": counts,
        "count": made if made and poll.state == "tallied" else None,
        "awaiting": results.awaiting(poll) if counts else None,
        "n": result_views.round_asked(made, request) if made else 1,
        "link": result_views.link_to_round(request),
    }


def voided(poll: Poll, request: Request) -> dict[str, Any]:
    return {"figures": turnout.figures(request.db, [poll])[poll.id]}


def _confirm(
    request: Request, poll: Poll, question: str, says: str, act: str, facts: list[tuple[str, str]], grave: bool = False
) -> dict[str, Any]:
    return {
        "question": question,
        "says": says,
        "facts": [(mark("Poll"), f"{poll.number} {poll.title}"), *facts],
        "act": act,
        "action": request.path,
        "fields": {},
        "grave": grave,
        "back_url": at(request, poll),
        "back": mark("Back to the poll"),
    }


@view_config(route_name="poll.open", renderer="confirm.jinja2")
def open_(poll: Poll, request: Request) -> Any:
    request.act.may("poll.open", poll.state)
    if request.method == "POST":
        polls.open_(request.act, poll, request.registry["ledger key"].verifier.vkey())
        request.flash("%(number)s is open. Question, options, rules and roll are frozen now.", number=poll.number)
        return HTTPSeeOther(at(request, poll))
    found = preflight.look(request.act, poll)
    wrong = [check.says for check in found.checks if check.kind == "fail"]
    if wrong:
        raise Conflict(
            "This poll cannot be opened yet.", " ".join(map(said, wrong)), "Mend this first.", "poll.preflight"
        )
    return _confirm(
        request,
        poll,
        mark("Open this poll now?"),
        mark(
            "Question, options, rules and roll are frozen. They cannot be changed any more; a poll that went wrong can only be declared void."
        ),
        mark("Open the poll"),
        [(mark("Roll"), mark_many("One member", "%(num)s members", found.size))],
    )


@view_config(route_name="poll.close", renderer="confirm.jinja2")
def close(poll: Poll, request: Request) -> Any:
    request.act.may("poll.close", poll.state)
    if request.method == "POST":
        polls.close(request.act, poll)
        request.flash("%(number)s is closed.", number=poll.number)
        return HTTPSeeOther(at(request, poll))
    found = turnout.figures(request.db, [poll])[poll.id]
    early = poll.closes_at is not None and poll.closes_at > request.now
    return _confirm(
        request,
        poll,
        mark("Close this poll now?"),
        EARLY if early else CLOSING,
        mark("Close the poll"),
        [(mark("Voted"), mark("%(voted)s of %(roll)s", voted=found.voted, roll=found.roll))],
        grave=early,
    )


@view_config(route_name="poll.void", renderer="polls/void_form.jinja2")
def void(poll: Poll, request: Request) -> Any:
    request.act.may("poll.void", poll.state)
    error, reason = None, ""
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            polls.void(request.act, poll, forms.read(request, VoidForm).reason)
            request.flash("%(number)s is void.", "warn", number=poll.number)
            return HTTPSeeOther(at(request, poll))
        except DeliberateError as refused:
            if not refused.fields:
                raise
            error = refused
            request.response.status_int = 422
    return {"poll": poll, "error": error, "reason": reason}


@view_config(route_name="poll.tally", request_method="GET", renderer="confirm.jinja2")
def ask_tally(poll: Poll, request: Request) -> Any:
    request.act.may("poll.tally", polls.stands(poll, request.now))
    return _confirm(
        request,
        poll,
        mark("Count the ballots now?"),
        mark(
            "The count can be repeated as often as you wish, by anybody who has the record: the same ballots always give the same result. "
            "Members see it when it is published."
        ),
        mark("Count the ballots"),
        [],
    )


@view_config(route_name="poll.tally", request_method="POST")
def tally(poll: Poll, request: Request) -> Response:
    """Count by reading only, then keep the Count in a transaction of its own."""
    request.act.may("poll.tally", polls.stands(poll, request.now))
    if poll.state == "open":
        _act_on(request, poll.id, lambda act, one: polls.close(Act(act.db, act.assembly, act.now), one, clock=True))
    with request.registry["sessions"][False]() as db:  # a fresh reader: it sees the box that was sealed a moment ago
        made = results.count(db, db.get_one(Poll, poll.id))
    _act_on(request, poll.id, lambda act, one: results.store(act, one, made))
    if made.outcome == "awaiting lot":
        request.flash("The count stops at a tie that only a lot can break.", "warn")
        return HTTPSeeOther(at(request, poll, "poll.draw"))
    request.flash("The ballots are counted. Only officers see the result until it is published.")
    return HTTPSeeOther(at(request, poll))


def _act_on(request: Request, poll_id: int, work: Any) -> None:
    """Do one act on a poll in a transaction of its own, as the person who asks."""
    with request.registry["sessions"][True]() as db, db.begin():
        poll = db.get_one(Poll, poll_id)
        member = db.get(Member, request.member.id) if request.member else None
        person = db.get(Person, request.person.id) if request.person else None
        work(Act(db, poll.assembly, now(), member, person, request.act.site), poll)


@view_config(route_name="poll.draw", renderer="polls/lot.jinja2")
def draw(poll: Poll, request: Request) -> Any:
    """Enter a lot that the count asks for, or the chair's casting vote."""
    waiting = results.awaiting(poll)
    casting = waiting is not None and waiting["purpose"] == "casting"
    request.act.may("poll.casting" if casting else "poll.draw", poll.state)
    if waiting is None:
        raise Conflict("No lot is wanted.", "The count does not stop at a tie.", "Go back to the poll.", "lot.none")
    error = None
    if request.method == "POST":
        try:
            form = forms.read(request, DrawForm)
            results.draw(request.act, poll, form.chosen, form.how)
            request.flash(CAST if casting else DRAWN)
            return HTTPSeeOther(at(request, poll, "poll.tally"))
        except DeliberateError as refused:
            if not refused.fields:
                raise
            error = refused
            request.response.status_int = 422
    return {
        "poll": poll,
        "waiting": waiting,
        "error": error,
        "chosen": request.POST.get("chosen", ""),
        "how": request.POST.get("how", ""),
    }


@view_config(route_name="poll.publish", renderer="polls/publish.jinja2")
def publish(poll: Poll, request: Request) -> Any:
    """Show what would become public, then publish it and decide what was put."""
    request.act.may("poll.publish", poll.state)
    error = None
    if request.method == "POST":
        try:
            results.publish(request.act, poll, decisions.decide, forms.read(request, PublishForm).unique)
            request.flash("The result of %(number)s is published.", number=poll.number)
            return HTTPSeeOther(at(request, poll))
        except DeliberateError as refused:
            if not refused.fields:
                raise
            error = refused
            request.response.status_int = 422
    return {
        "poll": poll,
        "error": error,
        "count": results.read(poll),
        "unique": results.unique(request.db, poll),
        "figures": turnout.figures(request.db, [poll])[poll.id],
    }


@view_config(route_name="archive", request_method="GET", renderer="polls/archive.jinja2")
def archive(request: Request) -> dict[str, Any]:
    """Counts of elsewhere that were imported with their ballots."""
    page = paging.page(request)
    found, total = polls.archived(request.db, request.assembly, page.size, page.offset)
    return {"polls": found, "total": total, "page": page.of(total)}
