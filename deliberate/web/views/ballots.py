"""Voting: the ballot, its review, casting, the receipt. What is typed stays on the page until it is cast."""

from __future__ import annotations

import secrets
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import Poll
from deliberate.services import boxes, definitions, motions, polls, receipts
from deliberate.services.act import now
from deliberate.services.boxes import Cast
from deliberate.web import documents, forms
from deliberate.web.codes import qr
from deliberate.web.forms import polls as poll_forms
from deliberate.web.headers import attachment


def cookie(poll: Poll) -> str:
    """Name of the cookie in which the voter's own browser keeps the key of its ballot."""
    return f"ballot-{poll.public_id}"


def kept_key(poll: Poll, request: Request) -> str:
    """The key of this browser's ballot form: the one kept from an earlier ballot, else a new one."""
    kept = request.cookies.get(cookie(poll), "")
    return kept if poll_forms.KEY.fullmatch(kept) else secrets.token_hex(16)


def page(
    poll: Poll,
    request: Request,
    key: str,
    chosen: dict[str, str] | None = None,
    mark: str = "",
    error: DeliberateError | None = None,
) -> dict[str, Any]:
    """What the ballot page shows."""
    found = definitions.read(poll)
    about = {o.key: o.about for o in poll.options}
    return {
        "poll": poll,
        "definition": found,
        "key": key,
        "error": error,
        "mark": mark,
        "ranks": chosen or {},
        "options": [{"id": o["id"], "name": o["name"], "remark": about.get(o["id"], "")} for o in found["options"]],
        "revoting": polls.has_voted(request.act, poll) is not None,
        "text": documents.plain(motions.parts(motions.latest(request.db, poll.motion)).text) if poll.motion else [],
        "changes": documents.change(poll.amendment) if poll.amendment else [],
    }


@view_config(route_name="poll.ballot", request_method="GET", renderer="polls/ballot.jinja2")
def show(poll: Poll, request: Request) -> Any:
    polls.voter(request.act, poll)
    taken = polls.has_voted(request.act, poll)
    if taken is not None and poll.revote == "never":
        if taken.leaf:
            return HTTPSeeOther(request.route_path("poll.receipt", poll=poll.public_id, leaf=taken.leaf))
        raise boxes.already(mark("The receipt that you got when you voted shows that your ballot is stored."))
    if taken is not None and poll.mode == "confidential" and cookie(poll) not in request.cookies:
        raise boxes.already(boxes.ONLY_THERE)  # said before anybody ranks seven options for nothing
    return page(poll, request, kept_key(poll, request))


@view_config(route_name="poll.review", request_method="POST", renderer="polls/review.jinja2")
def review(poll: Poll, request: Request) -> Any:
    polls.voter(request.act, poll)
    key = poll_forms.key_of(request)
    try:
        made = poll_forms.ballot(request, definitions.read(poll))
    except DeliberateError as error:
        return again(poll, request, key, error)
    if request.POST.get("to") == "back":
        return page_response(poll, request, page(poll, request, key, places_of(made), (made.get("marks") or [""])[0]))
    found = definitions.read(poll)
    names = definitions.names(found["options"])
    about = {o.key: o.about for o in poll.options}
    ranked = [option for rank in made.get("ranks", []) for option in rank]
    return {
        "poll": poll,
        "definition": found,
        "key": key,
        "ballot": made,
        "names": names,
        "about": about,
        "ranked": ranked,
        "left": [o["id"] for o in found["options"] if o["id"] not in ranked],
        "hidden": hidden(made),
        "revoting": polls.has_voted(request.act, poll) is not None,
    }


def places_of(ballot: dict[str, Any]) -> dict[str, str]:
    """The place of each ranked option, for the selectors."""
    return {option: str(n) for n, rank in enumerate(ballot.get("ranks", []), 1) for option in rank}


def hidden(ballot: dict[str, Any]) -> dict[str, str]:
    """The ballot as hidden fields of the form that casts it."""
    if ballot["kind"] == "ranking":
        return {f"rank-{o}": place for o, place in places_of(ballot).items()} or {"to": "blank"}
    return {"choice": (ballot["marks"] or ["blank"])[0]}


def page_response(poll: Poll, request: Request, values: dict[str, Any], status: int = 200) -> Response:
    from pyramid.renderers import render_to_response

    response = render_to_response("polls/ballot.jinja2", values, request=request)
    response.status_int = status
    return response


def again(poll: Poll, request: Request, key: str, error: DeliberateError) -> Response:
    """The ballot page once more, with what was typed and what is wrong."""
    chosen = poll_forms.places(request, definitions.read(poll)["options"])
    return page_response(poll, request, page(poll, request, key, chosen, request.POST.get("choice", ""), error), 422)


@view_config(route_name="poll.ballot", request_method="POST")
def cast(poll: Poll, request: Request) -> Response:
    """Cast the ballot through the writer; the answer comes after the durable commit."""
    line = polls.voter(request.act, poll)
    key = poll_forms.key_of(request)
    try:
        made = poll_forms.ballot(request, definitions.read(poll))
    except DeliberateError as error:
        return again(poll, request, key, error)
    leaf = request.registry["writer"].cast(Cast(poll.id, line.roll, made, key, secrets.token_hex(16), now()))
    response = HTTPSeeOther(request.route_path("poll.receipt", poll=poll.public_id, leaf=leaf, _query={"stored": "1"}))
    secure = request.registry["settings"].secure
    response.set_cookie(
        cookie(poll),
        key,
        path=request.route_path("poll", poll=poll.public_id),
        httponly=True,
        secure=secure,
        samesite="Strict",
        max_age=90 * 86400,
    )
    return response


@view_config(route_name="poll.receipt", request_method="GET", renderer="polls/receipt.jinja2")
def receipt(poll: Poll, request: Request) -> dict[str, Any]:
    found = receipts.find(request.db, poll, request.matchdict["leaf"], request.registry["ledger key"], request.now)
    own = request.cookies.get(cookie(poll)) is not None
    may_change = own and polls.is_open(poll, request.now) and poll.revote == "until_close"
    return {
        "poll": poll,
        "receipt": found,
        "stored": "stored" in request.GET,
        "may_change": may_change,
        "definition": definitions.read(poll),
        "receipt_code": qr(request.route_url("poll.receipt", poll=poll.public_id, leaf=found.leaf)),
    }


@view_config(route_name="poll.receipt.file", request_method="GET")
def receipt_file(poll: Poll, request: Request) -> Response:
    """The receipt as a file: the signed promise (``promise``) or, after the checkpoint, the proof (``tlog-proof``)."""
    found = receipts.find(request.db, poll, request.matchdict["leaf"], request.registry["ledger key"], request.now)
    kind = request.matchdict["kind"]
    body = {"promise": found.promise, "tlog-proof": found.proof}.get(kind)
    if body is None:
        raise Conflict(
            "There is no proof yet.",
            "It comes with the first checkpoint after the ballot is in the box.",
            "Keep the promise, and come back after the close.",
            "receipt.early",
            status=404,
        )
    return Response(
        body,
        content_type="text/plain",
        charset="utf-8",
        content_disposition=attachment(f"receipt-{poll.number}.{kind}"),
    )


class CheckForm(forms.Form):
    """Six words, or the receipt's file."""

    words: str = ""


@view_config(route_name="poll.check", renderer="polls/check.jinja2")
def check(poll: Poll, request: Request) -> dict[str, Any]:
    """Look for a receipt by its six words or its file."""
    values: dict[str, Any] = {"poll": poll, "words": "", "found": None, "error": None}
    if request.method == "POST":
        values["words"] = request.POST.get("words", "")[:500]
        try:
            leaf = receipts.look_up(request.db, poll, values["words"], _upload(request))
            values["found"] = receipts.find(request.db, poll, leaf, request.registry["ledger key"], request.now)
        except DeliberateError as error:
            values["error"] = error
            request.response.status_int = 422
    return values


def _upload(request: Request) -> bytes:
    file = request.POST.get("file")
    return b"" if not hasattr(file, "file") else file.file.read(100_000)
