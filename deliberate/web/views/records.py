"""The ledger for people: its head, entries in words, the proof of one entry; the public log of moderation."""

from __future__ import annotations

import json
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from deliberate.core.errors import NotFound
from deliberate.core.ledger import proof
from deliberate.core.sentences import mark_many
from deliberate.models import Checkpoint, LedgerEntry
from deliberate.services import checkpoints, debate, ledger, news
from deliberate.web import paging

NOUNS = ("motion", "amendment", "debate", "poll", "member", "role")


@view_config(route_name="record", request_method="GET", renderer="record/ledger.jinja2")
def show(request: Request) -> dict[str, Any]:
    page = paging.page(request, 50)
    kind = request.GET.get("kind", "")
    items, total = news.page(request.db, request.assembly, kind if kind in NOUNS else "", page.size, page.offset)
    return {
        "items": items,
        "page": page.of(total),
        "total": total,
        "kind": kind,
        "nouns": NOUNS,
        "checkpoint": checkpoints.latest(request.db, request.assembly.ledger),
        "vkey": request.registry["ledger key"].verifier.vkey(),
        "head": ledger.head(request.assembly.ledger),
    }


@view_config(route_name="record.checkpoint", request_method="GET")
def checkpoint(request: Request) -> Response:
    found = checkpoints.latest(request.db, request.assembly.ledger)
    if found is None:
        raise NotFound(
            "There is no checkpoint yet.",
            "The first is signed within seconds of the first act.",
            "Try again.",
            "checkpoint.none",
        )
    return Response(found.note, content_type="text/plain", charset="utf-8")


@view_config(route_name="record.entry", request_method="GET", renderer="record/entry.jinja2")
def entry(request: Request) -> dict[str, Any]:
    one = request.assembly.ledger
    row = request.db.get(LedgerEntry, (one.id, int(request.matchdict["idx"][:9])))
    if row is None:
        raise NotFound(
            "There is no such entry.",
            mark_many("The ledger has one entry.", "The ledger has %(num)s entries.", one.size),
            "Start from the newest.",
            "entry.none",
        )
    signed = request.db.scalar(
        select(Checkpoint)
        .where(Checkpoint.ledger_id == one.id, Checkpoint.size > row.idx)
        .order_by(Checkpoint.size.desc())
        .limit(1)
    )
    made = None
    if signed is not None:
        made = proof.write(
            row.idx,
            checkpoints.inclusion(request.db, one, row.idx, signed.size),
            signed.note.decode(),
            bytes.fromhex(row.hash),
        )
    return {
        "item": news.words(request.db, request.assembly, [row])[0],
        "row": row,
        "proof": made,
        "signed": signed,
        "size": one.size,
        "body": json.dumps(ledger.content(row), indent=2, ensure_ascii=False, sort_keys=True),
    }


@view_config(route_name="moderation", request_method="GET", renderer="record/moderation.jinja2")
def moderation(request: Request) -> dict[str, Any]:
    may = request.act.can("debate.hide")
    return {
        "hidden": debate.hidden(request.db, request.assembly),
        "waiting": debate.waiting(request.db, request.assembly) if may else [],
        "may": may,
    }
