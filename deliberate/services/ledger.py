"""Ledgers: append entries in the transaction of the act, read them back, sign their heads after the commit.

A ledger's row is locked while entries are appended, so that index, frontier and ``prev`` always fit together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core.ledger import canonical, entries, merkle
from deliberate.models import Ledger, LedgerEntry


def create(db: Session, kind: str, origin: str) -> Ledger:
    """A new, empty ledger. kind: assembly, poll or box. origin: its name in checkpoints, unique."""
    made = Ledger(kind=kind, origin=origin, size=0, frontier=b"", last="")
    db.add(made)
    db.flush()
    return made


def lock(db: Session, ledger: Ledger) -> Ledger:
    """The ledger's row as it is now, held until the transaction ends."""
    found: Ledger = db.scalars(
        select(Ledger).where(Ledger.id == ledger.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    return found


def append(
    db: Session,
    ledger: Ledger,
    kind: str,
    *,
    at: datetime | None = None,
    by: str | None = None,
    subject: str | None = None,
    data: Mapping[str, Any],
) -> LedgerEntry:
    """Append one entry and return its row. at: UTC; by: commitment of the member; data: canonical values."""
    held = lock(db, ledger)
    body = entries.body(kind, at=at, by=by, subject=subject, data=data, prev=held.last or None)
    return extend(db, held, [(kind, subject or "", body)])[-1]


def extend(db: Session, held: Ledger, bodies: Sequence[tuple[str, str, bytes]]) -> list[LedgerEntry]:
    """Append bodies (kind, subject, canonical bytes) to a ledger that is locked. Chained ones carry their ``prev``."""
    frontier = merkle.Frontier.load(held.size, held.frontier)
    rows = []
    for kind, subject, body in bodies:
        leaf = merkle.leaf_hash(body)
        rows.append(
            LedgerEntry(ledger_id=held.id, idx=frontier.size, hash=leaf.hex(), kind=kind, subject=subject, body=body)
        )
        frontier.append(leaf)
    held.size, held.frontier, held.last = frontier.size, frontier.dump(), rows[-1].hash if rows else held.last
    db.add_all(rows)
    db.flush()
    return rows


def head(ledger: Ledger) -> dict[str, Any]:
    """Origin, size and root of a ledger, as entries of other ledgers embed it."""
    root = merkle.Frontier.load(ledger.size, ledger.frontier).root()
    return {"origin": ledger.origin, "size": ledger.size, "root": root.hex()}


def read(db: Session, ledger: Ledger, after: int = 0, limit: int = 1000) -> list[LedgerEntry]:
    """Entries from index ``after`` on, in order."""
    return list(
        db.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.ledger_id == ledger.id, LedgerEntry.idx >= after)
            .order_by(LedgerEntry.idx)
            .limit(limit)
        )
    )


def leaves(db: Session, ledger: Ledger, size: int | None = None) -> list[bytes]:
    """Leaf hashes of the first ``size`` entries."""
    query = select(LedgerEntry.hash).where(LedgerEntry.ledger_id == ledger.id).order_by(LedgerEntry.idx)
    return [bytes.fromhex(found) for found in db.scalars(query if size is None else query.limit(size))]


def bodies(db: Session, ledger: Ledger, size: int | None = None) -> Iterable[bytes]:
    """Canonical bytes of the first ``size`` entries, streamed."""
    query = select(LedgerEntry.body).where(LedgerEntry.ledger_id == ledger.id).order_by(LedgerEntry.idx)
    return db.scalars((query if size is None else query.limit(size)).execution_options(yield_per=2000))


def content(entry: LedgerEntry) -> dict[str, Any]:
    """The entry's body as a value."""
    value: dict[str, Any] = canonical.decode(entry.body)
    return value
