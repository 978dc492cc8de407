"""Receipts: a signed promise at once, an inclusion proof after the checkpoint. They never show the choice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core.errors import DeliberateError, NotFound
from deliberate.core.ledger import entries, proof
from deliberate.models import Checkpoint, Ledger, LedgerEntry, Participation, Pending, Poll
from deliberate.services import checkpoints, definitions

LEAF = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Receipt:
    """What a voter keeps. ``leaf``: the ballot's leaf hash; ``words``: six words for it; ``proof``: None until the checkpoint."""

    leaf: str
    words: tuple[str, ...]
    promise: str
    proof: str | None
    index: int | None
    size: int | None
    replaced: bool


def _ballot_ledger(poll: Poll) -> Ledger:
    found = poll.box or poll.ledger
    if found is None:
        raise NotFound("This poll has not opened.", "There are no ballots yet.", "", "poll.prepared")
    return found


def find(db: Session, poll: Poll, leaf: str, key: Any, now: datetime) -> Receipt:
    """The receipt of a stored ballot by its leaf hash. Raises NotFound for anything that is not in the box."""
    ledger = _ballot_ledger(poll)
    row = (
        db.scalar(
            select(LedgerEntry).where(
                LedgerEntry.ledger_id == ledger.id, LedgerEntry.hash == leaf, LedgerEntry.kind.in_(("cast", "replace"))
            )
        )
        if LEAF.fullmatch(leaf)
        else None
    )
    waits = (
        None
        if row is not None
        else db.scalar(select(Pending).where(Pending.ledger_id == ledger.id, Pending.hash == leaf))
    )
    if row is None and waits is None:
        raise NotFound(
            "There is no such ballot in this poll.",
            "No ballot in the box has this receipt.",
            "Compare the words or the file once more. If you hold a signed promise, take it to the tellers: it is evidence.",
            "receipt.none",
        )
    due = definitions.read(poll).get("closes_at", "at the close")
    promise = entries.promise(ledger.origin, leaf, due, key)
    replaced = waits.replaced if waits is not None else _is_replaced(db, poll, leaf)
    index = size = text = None
    if row is not None:
        index, (size, text) = row.idx, _proof(db, ledger, row, leaf)
    return Receipt(leaf, entries.words(leaf), promise, text, index, size, replaced)


def _is_replaced(db: Session, poll: Poll, leaf: str) -> bool:
    """Whether another ballot took its place: in an open poll no participation names it any more; in a box an entry says so."""
    if poll.box is None:
        return (
            db.scalar(select(Participation.roll).where(Participation.poll_id == poll.id, Participation.leaf == leaf))
            is None
        )
    wanted = f'"replaces":"{leaf}"'.encode()
    return any(
        wanted in body
        for body in db.scalars(
            select(LedgerEntry.body)
            .where(LedgerEntry.ledger_id == poll.box_id, LedgerEntry.kind == "replace")
            .execution_options(yield_per=2000)
        )
    )


def _proof(db: Session, ledger: Ledger, row: LedgerEntry, leaf: str) -> tuple[int | None, str | None]:
    """Inclusion under the first checkpoint that covers the entry, as a tlog-proof; nothing before it is signed."""
    signed = db.scalar(
        select(Checkpoint)
        .where(Checkpoint.ledger_id == ledger.id, Checkpoint.size > row.idx)
        .order_by(Checkpoint.size.desc())
        .limit(1)
    )
    if signed is None:
        return None, None
    hashes = checkpoints.inclusion(db, ledger, row.idx, signed.size)
    return signed.size, proof.write(row.idx, hashes, signed.note.decode(), extra=bytes.fromhex(leaf))


def look_up(db: Session, poll: Poll, words: str, file: bytes) -> str:
    """The leaf hash that six words or a receipt's file name. Raises DeliberateError that says what was expected."""
    if file:
        found = entries.leaf_of(file)
        if found is None:
            raise DeliberateError(
                "This file is not a receipt.",
                "It is neither a promise nor a proof of this system.",
                "Choose the file that you saved after voting.",
                "receipt.file",
                {"file": "This is not a receipt."},
            )
        return found
    given = words.lower().split()
    if len(given) != 6:
        raise DeliberateError(
            f"{len(given)} words were given.",
            "A receipt has six.",
            "Type all six, with blanks between them.",
            "receipt.words",
            {"words": "Type six words."},
        )
    prefix = entries.prefix_of(tuple(given))
    ledger = _ballot_ledger(poll)
    for model in (LedgerEntry, Pending):
        for leaf in db.scalars(select(model.hash).where(model.ledger_id == ledger.id, model.hash.startswith(prefix))):
            if list(entries.words(leaf)) == given:
                return str(leaf)
    raise NotFound(
        "There is no such ballot in this poll.",
        "No ballot in the box has these six words.",
        "Compare them once more with your receipt, and that it is of this poll.",
        "receipt.none",
    )
