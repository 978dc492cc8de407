"""Results: the result page and its JSON twin, the frozen rules, the auditor's record, the package, the hall screen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config
from sqlalchemy import select

from deliberate.core import tally
from deliberate.core.errors import Conflict
from deliberate.core.ledger import entries
from deliberate.models import LedgerEntry, Poll
from deliberate.services import (
    audits,
    checkpoints,
    comparisons,
    definitions,
    ledger,
    news,
    packages,
    polls,
    reconciliation,
    results,
    turnout,
)
from deliberate.web import paging
from deliberate.web.codes import qr
from deliberate.web.headers import attachment

TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "blt": "text/plain",
    "md": "text/markdown",
    "note": "text/plain",
}
SHOWN = (
    "definition.json",
    "tally/rounds.json",
    "tally/explain.md",
    "ballots.csv",
    "ballots.json",
    "ballots.blt",
    "roll.jsonl",
    "manifest.json",
    "manifest.note",
)


def round_asked(count: dict[str, Any], request: Request) -> int:
    """The round that ``?round=`` asks for; anything odd is the first."""
    asked = request.GET.get("round", "")
    return min(max(1, int(asked[:6])), max(1, len(count["rounds"]))) if asked.isdecimal() else 1


def link_to_round(request: Request) -> Callable[[int], str]:
    """The address of this page at another round."""

    def link(n: int) -> str:
        return str(request.current_route_path(_query={"round": n}, _anchor="rounds"))

    return link


def quorum_heads(definition: dict[str, Any]) -> int | None:
    """How many members must take part, where the rules say so by heads."""
    quorum = definition["rules"].get("quorum")
    if not quorum or quorum["by"] != "heads":
        return None
    if "number" in quorum:
        return int(quorum["number"])
    share = Fraction(quorum["fraction"]) * definition["roll"]["size"]
    return -(-share.numerator // share.denominator)


def published(poll: Poll) -> dict[str, Any]:
    """The Count of a published poll. Raises Conflict before that, for everybody."""
    if poll.state != "published":
        raise Conflict(
            "There is no result of this poll yet.",
            "It is shown when the chair has published it.",
            "Come back after the publication.",
            "result.early",
            status=404,
        )
    made = results.read(poll)
    assert made is not None
    return made


def page(poll: Poll, request: Request) -> dict[str, Any]:
    """What the result page shows."""
    count = published(poll)
    shown: dict[str, Any] = {
        "poll": poll,
        "state": "published",
        "count": count,
        "definition": definitions.read(poll),
        "n": round_asked(count, request),
        "link": link_to_round(request),
        "figures": turnout.figures(request.db, [poll])[poll.id],
        "quorum": quorum_heads(definitions.read(poll)),
        "mine": turnout.mine(request.act, [poll]).get(poll.id),
        "method": tally.METHODS[poll.method],
        "comparison": comparisons.of(request.db, poll, count, Path(request.registry["settings"].records)),
        "call": None,
        "q": "",
        "page": None,
    }
    if poll.mode == "open":
        asked = paging.page(request, 50)
        q = request.GET.get("q", "")[:100].strip()
        call, total = results.roll_call(request.db, poll, q, asked.size, asked.offset)
        shown |= {"call": call, "q": q, "page": asked.of(total), "found": total}
    return shown


@view_config(route_name="poll.json", request_method="GET", renderer="json")
def twin(poll: Poll, request: Request) -> dict[str, Any]:
    """The page of a poll as JSON. The Count is there once it is published."""
    found = turnout.figures(request.db, [poll])[poll.id]
    options = [{"id": option.key, "name": option.name, "about": option.about} for option in poll.options]
    times = {
        name: entries.moment(value) if (value := getattr(poll, name)) else None
        for name in ("opens_at", "closes_at", "opened_at", "closed_at", "published_at")
    }
    return {
        "ok": True,
        "poll": poll.public_id,
        "number": poll.number,
        "title": poll.title,
        "question": poll.question,
        "state": polls.stands(poll, request.now),
        "method": poll.method,
        "ballot": poll.ballot,
        "seats": poll.seats,
        "mode": poll.mode,
        "revote": poll.revote,
        "rules": poll.rules,
        "options": options,
        **times,
        "definition": hashlib.sha256(poll.definition).hexdigest() if poll.definition else None,
        "turnout": {"voted": found.voted, "roll": found.roll},
        "void_reason": poll.void_reason or None,
        "lots_told": poll.lots_told,
        "count": results.read(poll) if poll.state == "published" else None,
        "links": {
            "page": request.route_url("poll", poll=poll.public_id),
            "record": request.route_url("poll.package", poll=poll.public_id) if poll.state == "published" else None,
        },
    }


@view_config(route_name="poll.rules", request_method="GET", renderer="results/rules.jinja2")
def rules(poll: Poll, request: Request) -> Any:
    """The frozen definition in words, and as the bytes that were hashed."""
    if request.GET.get("format") == "json":
        definitions.read(poll)
        return Response(poll.definition, content_type="application/json")
    found = definitions.read(poll) if poll.definition else None
    return {
        "poll": poll,
        "definition": found,
        "method": tally.METHODS[poll.method],
        "settings": _settings(poll, (found or {}).get("rules", poll.rules)),
        "digest": hashlib.sha256(poll.definition).hexdigest() if poll.definition else None,
    }


def _settings(poll: Poll, given: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """Every option of the method with its value and meaning."""
    known = tally.METHODS[poll.method].options
    return [(name, value, known[name].means) for name, value in sorted(given.items()) if name in known]


def package_file(poll: Poll, request: Request) -> Path:
    """The stored package of a published poll."""
    published(poll)
    return packages.stored(
        request.registry["engine"], poll, request.registry["ledger key"], Path(request.registry["settings"].records)
    )


@view_config(route_name="poll.record", request_method="GET", renderer="results/record.jinja2")
def record(poll: Poll, request: Request) -> dict[str, Any]:
    """The auditor's page: what must balance, what officers did, the heads, every file."""
    if poll.ledger is None:
        raise Conflict(
            "There is no record of this poll yet.", "Its ledger begins at the opening.", "", "record.early", status=404
        )
    made = results.read(poll) if poll.state == "published" else None
    stored = package_file(poll, request) if made else None
    return {
        "poll": poll,
        "state": polls.stands(poll, request.now),
        "count": made,
        "balance": reconciliation.look(request.db, poll) if made else None,
        "acts": _acts(poll, request),
        "heads": _heads(poll, request),
        "listing": packages.listing(stored) if stored else None,
        "checks": audits.of(stored) if stored else None,
        "shown": SHOWN,
        "vkey": request.registry["ledger key"].verifier.vkey(),
    }


def _acts(poll: Poll, request: Request) -> list[news.Item]:
    rows = list(
        request.db.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.ledger_id == request.assembly.ledger_id, LedgerEntry.subject == f"poll:{poll.public_id}")
            .order_by(LedgerEntry.idx)
        )
    )
    return news.words(request.db, request.assembly, rows)


def _heads(poll: Poll, request: Request) -> list[dict[str, Any]]:
    """The head of each of the poll's ledgers, and at which size it was last signed."""
    mine = [one for one in (poll.ledger, poll.box) if one is not None]
    signed = checkpoints.sizes(request.db, mine)
    return [{"kind": one.kind, **ledger.head(one), "signed": signed.get(one.id)} for one in mine]


@view_config(route_name="poll.package", request_method="GET")
def package(poll: Poll, request: Request) -> Response:
    file = package_file(poll, request)
    response = Response(content_type="application/zip", content_disposition=attachment(f"record-{poll.number}.zip"))
    response.app_iter, response.content_length = FileIter(file.open("rb")), file.stat().st_size
    return response


@view_config(route_name="poll.record.file", request_method="GET")
def file(poll: Poll, request: Request) -> Response:
    """One file of the package."""
    path = request.matchdict["path"]
    body = packages.member(package_file(poll, request), path)
    kind = TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    charset = {"charset": "utf-8"} if kind.startswith("text/") else {}
    return Response(body, content_type=kind, content_disposition=attachment(path.replace("/", "-")), **charset)


@view_config(route_name="poll.screen", request_method="GET", renderer="results/screen.jinja2")
def screen(poll: Poll, request: Request) -> dict[str, Any]:
    """The large public view for a hall."""
    state = polls.stands(poll, request.now)
    made = results.read(poll) if state == "published" else None
    defined = definitions.read(poll) if poll.definition else None
    address = request.route_url("poll.ballot" if state == "open" else "poll", poll=poll.public_id)
    return {
        "poll": poll,
        "state": state,
        "count": made,
        "n": round_asked(made, request) if made else 1,
        "definition": defined or poll,
        "figures": turnout.figures(request.db, [poll])[poll.id],
        "quorum": quorum_heads(defined) if defined else None,
        "code": qr(address),
        "address": request.route_url("poll", poll=poll.public_id).split("://", 1)[-1],
        "asked": "round" in request.GET,
    }
