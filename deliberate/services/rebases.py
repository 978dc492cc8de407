"""Rebases: amendments move over to the next version of a text. What collides waits for its author, who is told."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from deliberate.core.drafting import apply, clauses, hunks, numbering
from deliberate.core.drafting.clauses import Text
from deliberate.core.drafting.hunks import Unit
from deliberate.core.sentences import mark
from deliberate.models import Amendment, AmendmentText, Motion, Version
from deliberate.services import follows
from deliberate.services.act import Act

LIVE = ("submitted", "put")
EDIT = mark("the movers' edit")
"""Name of the unit that a version written by hand is taken for; no amendment is called so."""


def unit(amendment: Amendment) -> Unit:
    """The amendment as hunks against the version that it now stands on."""
    return Unit(amendment.number, amendment.order, hunks.read(amendment.texts[-1].hunks))


def of_motion(db: Session, motion: Motion) -> list[Amendment]:
    """All amendments of a motion, in order of submission."""
    return list(
        db.scalars(
            select(Amendment)
            .where(Amendment.motion_id == motion.id)
            .options(selectinload(Amendment.texts), joinedload(Amendment.author))
            .order_by(Amendment.order)
        )
    )


def text_row(
    act: Act, base: Version, found: Sequence[hunks.Hunk], seq: int, made_by: str, collides: Sequence[str] = ()
) -> AmendmentText:
    """Hunks against one base, as they are stored."""
    return AmendmentText(
        seq=seq,
        base=base,
        hunks=[h.as_json() for h in found],
        collides=list(collides),
        hash=hunks.digest(found),
        made_by=made_by,
        created_at=act.now,
    )


def by_hand(before: Text, after: Text) -> Unit:
    """A version written by hand, as one unit of its differences."""
    return Unit(EDIT, 0, hunks.differences(before, after))


def carry_over(act: Act, motion: Motion, base: Version, applied: Unit, version: Version) -> int:
    """Take the live amendments of a motion from its last version to the next. Returns how many moved."""
    before = clauses.from_json(base.clauses)
    standing = [a for a in of_motion(act.db, motion) if a.texts[-1].base_id == base.id]
    among = [unit(a) for a in standing]
    moved = [a for a in standing if a.state in LIVE and a.number != applied.name]
    for amendment in moved:
        _carry(act, amendment, before, applied, among, version)
    act.db.flush()
    return len(moved)


def _carry(
    act: Act, amendment: Amendment, before: Text, applied: Unit, among: Sequence[Unit], version: Version
) -> None:
    found = apply.rebase(unit(amendment), before, [applied], among)
    waiting = amendment.texts[-1].collides  # what collided before still waits for its author's words
    through = numbering.short(applied.name) if applied.name != EDIT else applied.name
    if found.met and not waiting and amendment.state == "submitted":
        amendment.state, amendment.decided_at = "met", act.now
        amendment.outcome_reason = mark("The text says it already, through %(through)s.", through=through)
        act.record("amendment.met", f"amendment:{amendment.public_id}", motion=amendment.motion.public_id)
        follows.decided(act, amendment, amendment.outcome_reason)
        return
    names = sorted({*waiting, *(name for _, name in found.collides)})
    row = text_row(act, version, found.unit.hunks, amendment.texts[-1].seq + 1, "rebase", names)
    amendment.texts.append(row)
    if found.collides:
        says = mark(
            "The text is now version %(seq)s. The same words as in your amendment were changed by %(through)s, so it "
            "collides with the text. Nothing of yours is lost: what does not collide has moved over, and your earlier "
            "words stand on its page. Please reword it.",
            seq=version.seq,
            through=through,
        )
        follows.tell(
            act,
            "collision",
            amendment.author,
            mark("%(number)s collides with the new text", number=amendment.number),
            says,
            amendment,
        )


def fall(act: Act, motion: Motion, says: str) -> None:
    """The motion has ended: amendments that were not decided end with it."""
    for amendment in of_motion(act.db, motion):
        if amendment.state in LIVE:
            amendment.state, amendment.decided_at, amendment.outcome_reason = "fallen", act.now, says
            act.record("amendment.fallen", f"amendment:{amendment.public_id}", motion=motion.public_id)
            follows.decided(act, amendment, says)
