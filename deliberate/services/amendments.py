"""Amendments: submit, accept as friendly, decide by vote, withdraw. What stands becomes a new version; the others move over to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from deliberate.core import orders
from deliberate.core.drafting import apply, clauses, hunks, numbering, overlap
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.drafting.hunks import Unit
from deliberate.core.drafting.text import normal
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.models import Amendment, AmendmentText, Motion, Version
from deliberate.services import motions, search, standing
from deliberate.services.act import Act

LIVE = ("submitted", "put")


def unit(amendment: Amendment) -> Unit:
    """The amendment as hunks against the version that it now stands on."""
    return Unit(amendment.number, amendment.order, hunks.read(amendment.texts[-1].hunks))


def counts(db: Session, found: Sequence[Motion]) -> dict[int, int]:
    """How many amendments each of these motions has, by its id; those without any are left out."""
    ids = [motion.id for motion in found]
    rows = db.execute(
        select(Amendment.motion_id, func.count()).where(Amendment.motion_id.in_(ids)).group_by(Amendment.motion_id)
    )
    return dict(rows.all())


def of_motion(db: Session, motion: Motion) -> list[Amendment]:
    """All amendments of a motion, in order of submission."""
    return list(
        db.scalars(
            select(Amendment)
            .where(Amendment.motion_id == motion.id)
            .options(selectinload(Amendment.texts), selectinload(Amendment.author))
            .order_by(Amendment.order)
        )
    )


def edited(base: Text, changed: dict[str, str], added: dict[str, str]) -> Text:
    """The text that a form describes. changed: new words by clause id (empty: the clause is deleted); added: new clauses after
    a clause id (or after ``top``), as Markdown."""
    known = {clause.id for clause in base}
    for name in [*changed, *(key for key in added if key != "top")]:
        if name not in known:
            raise Conflict(
                "The amendment does not fit the text any more.",
                f'The text has no clause "{name[:20]}".',
                "Load the page again.",
                "amendment.base_mismatch",
            )
    made: list[Clause] = list(_fresh(added.get("top", ""), "top"))
    for clause in base:
        words = (
            " ".join(normal(changed.get(clause.id, clause.text)).split("\n")).strip()
            if clause.id in changed
            else clause.text
        )
        if clause.id == motions.TITLE and not words:
            raise DeliberateError(
                "The title would be empty.",
                "A motion has a title.",
                "Write the new title, or leave it as it is.",
                "amendment.title",
            )
        if words or not clause.text.strip():  # what is empty already is not deleted by the way
            made.append(Clause(clause.id, clause.level, clause.kind, words))
        made += _fresh(added.get(clause.id, ""), clause.id)
    return tuple(made)


def _fresh(source: str, after: str) -> Text:
    return (
        tuple(Clause(f"new.{after}.{n}", c.level, c.kind, c.text) for n, c in enumerate(clauses.parse(source), 1))
        if source.strip()
        else ()
    )


def _named(base: Text, text: Text, number: str) -> Text:
    """New clauses get ids derived from the amendment, so that every order of merging yields the same; none that the base has."""
    bare = [Clause("" if c.id.startswith("new.") else c.id, c.level, c.kind, c.text) for c in text]
    return clauses.number(bare, f"{numbering.short(number)}.", [clause.id for clause in base])


def submit(act: Act, motion: Motion, base: Version, text: Text, reason: str) -> Amendment:
    """Propose a change to a motion. base: the version it was written against, which must be the current one."""
    act.may("amendment.submit", motion.state)
    now = motions.latest(act.db, motion)
    if base.id != now.id:
        raise Conflict(
            "The text has changed since you began.",
            f"You wrote against version {base.seq}; version {now.seq} is there now.",
            "Your words are kept below. Check them against the new text and submit again.",
            "amendment.base_mismatch",
        )
    reason = normal(reason).strip()
    order = (act.db.scalar(select(func.max(Amendment.order)).where(Amendment.motion_id == motion.id)) or 0) + 1
    number = numbering.amendment(motion.number or "", act.orders.amendment_infix, order)
    before = clauses.from_json(base.clauses)
    found = hunks.hunks(before, _named(before, text, number))
    if not overlap.check_unit(Unit(number, order, found)):
        raise Conflict(
            "The changes run into each other.", "Two of them touch the same words.", "Make them one.", "amendment.self"
        )
    made = Amendment(
        motion=motion,
        number=number,
        order=order,
        author=act.actor,
        reason=reason,
        state="submitted",
        created_at=act.now,
    )
    made.texts.append(_text(act, base, found, 1, "submit"))
    act.db.add(made)
    act.db.flush()
    motion.changed_at = act.now
    motions.follow(act.db, act.actor, "amendment", made.public_id, act)
    words = " ".join([reason, *(h.new for h in found), *(c.text for h in found for c in h.clauses)])
    search.index(act.db, motion.assembly_id, "amendment", made.public_id, f"{number} {motion.title}", words, act.now)
    act.record(
        "amendment.submitted",
        f"amendment:{made.public_id}",
        motion=motion.public_id,
        number=number,
        base=base.hash,
        hunks=made.texts[0].hash,
    )
    return made


def _text(
    act: Act, base: Version, found: Sequence[hunks.Hunk], seq: int, made_by: str, collides: Sequence[str] = ()
) -> AmendmentText:
    return AmendmentText(
        seq=seq,
        base=base,
        hunks=[h.as_json() for h in found],
        collides=list(collides),
        hash=hunks.digest(found),
        made_by=made_by,
        created_at=act.now,
    )


def reword(act: Act, amendment: Amendment, text: Text) -> Amendment:
    """New words for an amendment, against the current version: after a collision, or because its author thinks better of it."""
    act.may("amendment.reword", amendment.state, standing.words(act, amendment))
    base = motions.latest(act.db, amendment.motion)
    before = clauses.from_json(base.clauses)
    found = hunks.hunks(before, _named(before, text, amendment.number))
    amendment.texts.append(_text(act, base, found, amendment.texts[-1].seq + 1, "reword"))
    act.db.flush()
    act.record("amendment.reworded", f"amendment:{amendment.public_id}", base=base.hash, hunks=amendment.texts[-1].hash)
    return amendment


def meets(db: Session, motion: Motion, mine: Unit | None = None) -> list[overlap.Meeting]:
    """How the live amendments of a motion meet; with ``mine``, only how that one meets the others."""
    base = motions.latest(db, motion)
    units = [unit(a) for a in of_motion(db, motion) if a.state in LIVE and a.texts[-1].base_id == base.id]
    if mine is not None:
        units = [u for u in units if u.name != mine.name] + [mine]
    rules = orders.load(motion.assembly.orders)
    found = overlap.meetings(units, clauses.from_json(base.clauses), rules.claim_width, rules.same_gap)
    return [m for m in found if mine is None or mine.name in (m.one, m.other)]


def accept(act: Act, amendment: Amendment) -> Version:
    """The movers take the amendment over without a vote: a new version at once."""
    act.may("amendment.accept", amendment.state, standing.words(act, amendment))
    if amendment.motion.state not in ("submitted", "seconded", "debate"):
        raise Conflict(
            "The text is fixed.",
            "Rule 4.2: movers accept amendments until the text is fixed.",
            "Ask the chair.",
            "amendment.fixed",
        )
    return _stand(act, amendment, "accepted", "Accepted by the movers.")


def carry(act: Act, amendment: Amendment, reason: str) -> Version:
    """The amendment was carried by a vote."""
    return _stand(act, amendment, "carried", reason)


def _stand(act: Act, amendment: Amendment, state: str, reason: str) -> Version:
    """Make the amendment part of the text, and carry the other live ones over to the new version."""
    motion = amendment.motion
    base = motions.latest(act.db, motion)
    if amendment.texts[-1].base_id != base.id or amendment.texts[-1].collides:
        raise Conflict(
            "The amendment collides with the present text.",
            "Another one that was accepted changed the same words.",
            "Its author has to reword it first.",
            "amendment.collides",
        )
    before = clauses.from_json(base.clauses)
    every = of_motion(act.db, motion)
    among = [unit(a) for a in every if a.texts[-1].base_id == base.id]
    mine = unit(amendment)
    made = motions.add_version(act, motion, apply.apply(before, [mine], among), "apply", [amendment.number])
    amendment.state, amendment.decided_at, amendment.outcome_reason = state, act.now, reason[:300]
    moved = [
        _carry_over(act, other, before, mine, among, made)
        for other in every
        if other.id != amendment.id and other.state in LIVE and other.texts[-1].base_id == base.id
    ]
    act.record(
        f"amendment.{state}",
        f"amendment:{amendment.public_id}",
        motion=motion.public_id,
        version=made.hash,
        moved=len(moved),
    )
    return made


def _carry_over(
    act: Act, other: Amendment, before: Text, applied: Unit, among: Sequence[Unit], version: Version
) -> Amendment:
    found = apply.rebase(unit(other), before, [applied], among)
    seq = other.texts[-1].seq + 1
    waiting = other.texts[-1].collides  # what collided before still waits for its author's words
    if found.met and not waiting:
        other.state, other.decided_at = "met", act.now
        other.outcome_reason = f"The text says it already, through {applied.name}."
        return other
    names = sorted({*waiting, *(name for _, name in found.collides)})
    other.texts.append(_text(act, version, found.unit.hunks, seq, "rebase", names))
    return other


def lose(act: Act, amendment: Amendment, reason: str) -> Amendment:
    """The amendment was lost in a vote."""
    amendment.state, amendment.decided_at, amendment.outcome_reason = "lost", act.now, reason[:300]
    act.record("amendment.lost", f"amendment:{amendment.public_id}", motion=amendment.motion.public_id)
    return amendment


def withdraw(act: Act, amendment: Amendment) -> Amendment:
    """Take an amendment back before it is decided."""
    act.may("amendment.withdraw", amendment.state, standing.words(act, amendment))
    amendment.state, amendment.decided_at, amendment.outcome_reason = "withdrawn", act.now, "Withdrawn by its author."
    act.record("amendment.withdrawn", f"amendment:{amendment.public_id}", motion=amendment.motion.public_id)
    return amendment


def changed_text(amendment: Amendment) -> tuple[Text, Text]:
    """The text before and after an amendment, on the version that it stands on."""
    before = clauses.from_json(amendment.texts[-1].base.clauses)
    try:
        return before, apply.apply(before, [unit(amendment)])
    except DeliberateError:
        return before, before


def summary(amendment: Amendment) -> list[dict[str, Any]]:
    """What an amendment does, in words: per hunk its kind, clause, old and new."""
    words = {
        "text": "change",
        "insert": "insert",
        "delete": "delete",
        "move": "move",
        "set": "change",
        "all": "replace all",
    }
    return [
        {"does": words[h.kind], "clause": h.clause, "old": h.old, "new": h.new or " ".join(c.text for c in h.clauses)}
        for h in unit(amendment).hunks
    ]
