"""Versions: texts at one moment. Every one is kept; a new one never changes an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from deliberate.core.drafting import clauses
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.errors import NotFound
from deliberate.core.sentences import mark, mark_many
from deliberate.models import Motion, Version
from deliberate.services import search
from deliberate.services.act import Act

TITLE, REASON = "title", "reason."


@dataclass(frozen=True)
class Parts:
    """A version by its fields."""

    title: str
    text: Text
    reason: Text


def parts(version: Version) -> Parts:
    """Title, text and reasons of a version."""
    return divide(clauses.from_json(version.clauses))


def divide(every: Sequence[Clause]) -> Parts:
    """All clauses of a motion by its fields."""
    return Parts(
        next((c.text for c in every if c.id == TITLE), ""),
        tuple(c for c in every if c.id != TITLE and not c.id.startswith(REASON)),
        tuple(c for c in every if c.id.startswith(REASON)),
    )


def add_version(act: Act, motion: Motion, text: Sequence[Clause], made_by: str, units: Sequence[str] = ()) -> Version:
    """The next version of a motion. Earlier ones stay as they are."""
    last = latest(act.db, motion) if motion.versions else None
    made = Version(
        motion=motion,
        seq=last.seq + 1 if last else 1,
        parent_id=last.id if last else None,
        clauses=[clause.as_json() for clause in text],
        hash=clauses.digest(text),
        made_by=made_by,
        units=list(units),
        author_id=act.member.id if act.member else motion.mover_id,
        created_at=act.now,
    )
    act.db.add(made)
    motion.title = next((c.text for c in text if c.id == TITLE), motion.title)
    motion.changed_at = act.now
    act.db.flush()
    words = " ".join(c.text for c in text)
    search.index(
        act.db, motion.assembly_id, "motion", motion.public_id, f"{motion.number or ''} {motion.title}", words, act.now
    )
    return made


def latest(db: Session, motion: Motion) -> Version:
    """The current version."""
    return db.scalars(select(Version).where(Version.motion_id == motion.id).order_by(Version.seq.desc()).limit(1)).one()


def every(db: Session, motion: Motion) -> list[Version]:
    """All versions of a motion with their authors, in order."""
    query = select(Version).where(Version.motion_id == motion.id).options(joinedload(Version.author))
    return list(db.scalars(query.order_by(Version.seq)))


def version(motion: Motion, seq: int) -> Version:
    """A version by its number. Raises NotFound."""
    for found in motion.versions:
        if found.seq == seq:
            return found
    raise NotFound(
        mark("%(number)s has no version %(seq)s.", number=motion.number, seq=seq),
        mark_many("It has one version.", "It has %(num)s versions.", len(motion.versions)),
        "Choose one from the list.",
        "version.none",
    )
