"""Checkpoints: sign the heads of ledgers after the commit, and prove that an entry is under a head."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from deliberate.core.ledger import checkpoint, merkle
from deliberate.core.ledger.note import Signer
from deliberate.models import Checkpoint, Ledger, LedgerEntry
from deliberate.services import ledger as ledgers


def sign(db: Session, ledger: Ledger, key: Signer, size: int | None = None) -> Checkpoint:
    """The signed head of a ledger at a size (default: now), made once. Call it in a transaction of its own.

    The ledger's row is held meanwhile, so only committed entries are ever signed.
    """
    held = ledgers.lock(db, ledger)
    wanted = held.size if size is None else size
    found = db.get(Checkpoint, (held.id, wanted))
    if found is not None:
        return found
    note = signed_at(db, held, wanted, key)
    made = Checkpoint(ledger_id=held.id, size=wanted, note=note)
    db.add(made)
    db.flush()
    return made


def signed_at(db: Session, ledger: Ledger, size: int, key: Signer) -> bytes:
    """The signed note of a ledger's head at a size; the same bytes whenever it is made. Nothing is stored."""
    root = (
        merkle.Frontier.load(ledger.size, ledger.frontier).root()
        if size == ledger.size
        else merkle.root(ledgers.leaves(db, ledger, size))
    )
    return checkpoint.sign(checkpoint.Head(ledger.origin, size, root), key).encode()


def due(db: Session) -> list[Ledger]:
    """Ledgers whose head is newer than their last checkpoint."""
    last = (
        select(Checkpoint.ledger_id, func.max(Checkpoint.size).label("size")).group_by(Checkpoint.ledger_id).subquery()
    )
    return list(
        db.scalars(
            select(Ledger)
            .outerjoin(last, last.c.ledger_id == Ledger.id)
            .where(Ledger.size > func.coalesce(last.c.size, 0))
        )
    )


def sign_due(engine: Engine, key: Signer) -> int:
    """Sign every head that needs it, each in a transaction of its own. Returns how many."""
    with Session(engine.execution_options(writing=False)) as db:
        waiting = [found.id for found in due(db)]
    for ledger_id in waiting:
        with Session(engine) as db, db.begin():
            sign(db, db.get_one(Ledger, ledger_id), key)
    return len(waiting)


def latest(db: Session, ledger: Ledger) -> Checkpoint | None:
    """The newest checkpoint of a ledger."""
    return db.scalar(
        select(Checkpoint).where(Checkpoint.ledger_id == ledger.id).order_by(Checkpoint.size.desc()).limit(1)
    )


def sizes(db: Session, found: Sequence[Ledger]) -> dict[int, int]:
    """At which size each ledger was last signed, by its id; those never signed are left out."""
    return dict(
        db.execute(
            select(Checkpoint.ledger_id, func.max(Checkpoint.size))
            .where(Checkpoint.ledger_id.in_([one.id for one in found]))
            .group_by(Checkpoint.ledger_id)
        ).all()
    )


def inclusion(db: Session, ledger: Ledger, index: int, size: int) -> list[bytes]:
    """The hashes from an entry to the root of the ledger at a size."""
    leaves = ledgers.leaves(db, ledger, size)
    return merkle.prove_inclusion(index, size, merkle.of(leaves))


def consistency(db: Session, ledger: Ledger, old: int, new: int) -> list[bytes]:
    """The hashes that show that the ledger at one size begins with the ledger at an older one."""
    leaves = ledgers.leaves(db, ledger, new)
    return merkle.prove_consistency(old, new, merkle.of(leaves))


def index_of(db: Session, ledger: Ledger, leaf: str) -> int | None:
    """Where the entry with this leaf hash stands."""
    return db.scalar(select(LedgerEntry.idx).where(LedgerEntry.ledger_id == ledger.id, LedgerEntry.hash == leaf))
