"""Amendments: submit, accept as friendly, decide by vote, withdraw. What stands becomes a new version; the others move over to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.core import orders
from deliberate.core.drafting import apply, clauses, hunks, numbering, overlap
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.drafting.hunks import Unit
from deliberate.core.drafting.text import normal
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Motion, Version
from deliberate.services import follows, search, standing, versions
from deliberate.services.act import Act
from deliberate.services.rebases import LIVE, by_hand, carry_over, of_motion, text_row, unit

OPEN = ("submitted", "seconded", "debate")
"""States of a motion whose text its movers may still change."""


def counts(db: Session, found: Sequence[Motion]) -> dict[int, int]:
    """How many amendments each of these motions has, by its id; those without any are left out."""
    ids = [motion.id for motion in found]
    rows = db.execute(
        select(Amendment.motion_id, func.count()).where(Amendment.motion_id.in_(ids)).group_by(Amendment.motion_id)
    )
    return dict(rows.all())


def edited(base: Text, changed: dict[str, str], added: dict[str, str]) -> Text:
    """The text that a form describes. changed: new words by clause id (empty: the clause is deleted); added: new clauses after
    a clause id (or after ``top``), as Markdown."""
    known = {clause.id for clause in base}
    for name in [*changed, *(key for key in added if key != "top")]:
        if name not in known:
            raise Conflict(
                "The amendment does not fit the text any more.",
                mark('The text has no clause "%(name)s".', name=name[:20]),
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
        if clause.id == versions.TITLE and not words:
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
    """New clauses get ids derived from the amendment, so that every order of merging yields the same; none that the base has.

    What is added after a reason is a reason.
    """
    known = [clause.id for clause in base]
    made = list(text)
    for start, prefix in ((f"new.{versions.REASON}", versions.REASON), ("new.", "")):
        bare = [Clause("" if c.id.startswith(start) else c.id, c.level, c.kind, c.text) for c in made]
        made = list(clauses.number(bare, f"{prefix}{numbering.short(number)}.", known))
    return tuple(made)


def submit(act: Act, motion: Motion, base: Version, text: Text, reason: str, key: str = "") -> Amendment:
    """Propose a change to a motion. base: the version it was written against, which must be the current one.

    key: a random word of the form; what is sent twice with it is one amendment.
    """
    public_id = act.id_for("amendment", key)
    same = act.db.scalar(select(Amendment).where(Amendment.public_id == public_id))
    if same is not None:
        return same
    act.may("amendment.submit", motion.state)
    now = _current(act, motion, base)
    reason = normal(reason).strip()
    order = (act.db.scalar(select(func.max(Amendment.order)).where(Amendment.motion_id == motion.id)) or 0) + 1
    number = numbering.amendment(motion.number or "", act.orders.amendment_infix, order)
    made = Amendment(
        public_id=public_id,
        motion=motion,
        number=number,
        order=order,
        author=act.actor,
        reason=reason,
        state="submitted",
        created_at=act.now,
    )
    found = _hunks(made, now, text)
    made.texts.append(text_row(act, now, found, 1, "submit"))
    act.db.add(made)
    act.db.flush()
    motion.changed_at = act.now
    follows.take_part(act, made)
    _index(act, made, found)
    act.record(
        "amendment.submitted",
        f"amendment:{made.public_id}",
        motion=motion.public_id,
        number=number,
        base=now.hash,
        hunks=made.texts[0].hash,
    )
    return made


def _current(act: Act, motion: Motion, base: Version) -> Version:
    """The current version, which must be the one that the words were written against."""
    now = versions.latest(act.db, motion)
    if base.id != now.id:
        raise Conflict(
            "The text has changed since you began.",
            mark("You wrote against version %(seen)s; version %(seq)s is there now.", seen=base.seq, seq=now.seq),
            "Your words have moved over to the new text. Look at them once more and send them.",
            "amendment.base_mismatch",
        )
    return now


def _hunks(amendment: Amendment, base: Version, text: Text) -> tuple[hunks.Hunk, ...]:
    before = clauses.from_json(base.clauses)
    found = hunks.hunks(before, _named(before, text, amendment.number))
    if not overlap.check_unit(Unit(amendment.number, amendment.order, found)):
        raise Conflict(
            "The changes run into each other.", "Two of them touch the same words.", "Make them one.", "amendment.self"
        )
    return found


def _index(act: Act, amendment: Amendment, found: tuple[hunks.Hunk, ...]) -> None:
    words = " ".join([amendment.reason, *(h.new for h in found), *(c.text for h in found for c in h.clauses)])
    title = f"{amendment.number} {amendment.motion.title}"
    search.index(act.db, act.assembly.id, "amendment", amendment.public_id, title, words, act.now)


def reword(act: Act, amendment: Amendment, base: Version, text: Text) -> Amendment:
    """New words for an amendment, against the current version: after a collision, or because its author thinks better of it."""
    act.may("amendment.reword", amendment.state, standing.words(act, amendment))
    now = _current(act, amendment.motion, base)
    found = _hunks(amendment, now, text)
    last = amendment.texts[-1]
    if (last.hash, last.base_id, last.collides) == (hunks.digest(found), now.id, []):
        return amendment
    amendment.texts.append(text_row(act, now, found, last.seq + 1, "reword"))
    act.db.flush()
    _index(act, amendment, found)
    act.record("amendment.reworded", f"amendment:{amendment.public_id}", base=now.hash, hunks=amendment.texts[-1].hash)
    return amendment


@dataclass(frozen=True)
class Moved:
    """Words that were written against an older version, on the present one. collided: (clause, your words, its words now)."""

    text: Text
    collided: tuple[tuple[str, str, str], ...]


def moved(base: Version, now: Version, text: Text) -> Moved:
    """Carry words that are not yet submitted over to the present version; where they collide the present words stand."""
    before, after = clauses.from_json(base.clauses), clauses.from_json(now.clauses)
    found = apply.rebase(Unit("yours", 10**6, hunks.differences(before, text)), before, [by_hand(before, after)])
    made = apply.apply(after, [found.unit])
    mine, present = {c.id: c.text for c in text}, {c.id: c.text for c in after}
    hit = dict.fromkeys(hunk.clause for hunk, _ in found.collides if hunk.clause)
    return Moved(made, tuple((name, mine.get(name, ""), present.get(name, "")) for name in hit))


def meets(motion: Motion, base: Version, every: Sequence[Amendment], mine: Unit | None = None) -> list[overlap.Meeting]:
    """How the live amendments of a motion meet; with ``mine``, only how that one meets the others.

    base: the current version; every: all amendments of the motion.
    """
    units = [unit(a) for a in every if a.state in LIVE and a.texts[-1].base_id == base.id]
    if mine is not None:
        units = [u for u in units if u.name != mine.name] + [mine]
    rules = orders.load(motion.assembly.orders)
    found = overlap.meetings(units, clauses.from_json(base.clauses), rules.claim_width, rules.same_gap)
    return [m for m in found if mine is None or mine.name in (m.one, m.other)]


def accept(act: Act, amendment: Amendment) -> Version:
    """The movers take the amendment over without a vote: a new version at once."""
    act.may("amendment.accept", amendment.state, standing.words(act, amendment))
    if amendment.motion.state not in OPEN:
        raise Conflict(
            "The text is fixed.",
            "Rule 4.2: movers accept amendments until the text is fixed.",
            "Ask the chair.",
            "amendment.fixed",
        )
    _free(act, amendment)
    return _stand(act, amendment, "accepted", mark("Accepted by the movers."))


def put(act: Act, amendment: Amendment) -> None:
    """The amendment is put to the vote. Refused while it collides with the text, or with one that is being voted on."""
    if amendment.state != "submitted" or amendment.motion.state not in ("debate", "fixed"):
        state = orders.AMENDMENT_STATES[amendment.state]
        raise Conflict(
            "This amendment cannot be put to the vote now.",
            mark(
                'It is "%(state)s", and its motion is "%(motion)s".',
                state=state,
                motion=orders.MOTION_STATES[amendment.motion.state],
            ),
            "Amendments are put after the debate has opened, before their motion is put.",
            "amendment.state",
        )
    _free(act, amendment)
    amendment.state = "put"


def none_put(act: Act, motion: Motion) -> None:
    """Raise Conflict while an amendment of the motion is being voted on: the text is not settled before."""
    voted = [a.number for a in of_motion(act.db, motion) if a.state == "put"]
    if voted:
        raise Conflict(
            "The text is not settled yet.",
            mark("%(numbers)s is being voted on, and its result may change the text.", numbers=", ".join(voted)),
            "Publish that result first.",
            "amendment.put",
        )


def _free(act: Act, amendment: Amendment) -> None:
    """Raise Conflict while the amendment collides with the text, or with another one that is being voted on."""
    base, every = versions.latest(act.db, amendment.motion), of_motion(act.db, amendment.motion)
    if amendment.texts[-1].collides or amendment.texts[-1].base_id != base.id:
        raise Conflict(
            "The amendment collides with the present text.",
            "Another one that was accepted changed the same words.",
            "Its author has to reword it first.",
            "amendment.collides",
        )
    met = meets(amendment.motion, base, every, unit(amendment))
    clashing = {name for m in met if m.kind == "clash" for name in (m.one, m.other)}
    voted = [a for a in every if a.state == "put" and a.number in clashing]
    if voted:
        raise Conflict(
            mark("%(number)s is being voted on, and changes the same words.", number=voted[0].number),
            "Only one of the two can stand.",
            "Wait for its result.",
            "amendment.rival",
        )


def carry(act: Act, amendment: Amendment, reason: str) -> None:
    """The amendment was carried by a vote. Where the text has meanwhile taken other words at the same place, it falls."""
    collides = amendment.texts[-1].collides
    if collides:
        says = mark(
            "%(reason)s But %(numbers)s had changed the same words before, so it falls.",
            reason=reason,
            numbers=", ".join(collides),
        )
        amendment.state, amendment.decided_at, amendment.outcome_reason = "fallen", act.now, says[:300]
        act.record("amendment.fallen", f"amendment:{amendment.public_id}", motion=amendment.motion.public_id)
        follows.decided(act, amendment, says)
    else:
        _stand(act, amendment, "carried", reason)


def _stand(act: Act, amendment: Amendment, state: str, reason: str) -> Version:
    """Make the amendment part of the text, and carry the other live ones over to the new version."""
    motion = amendment.motion
    base = versions.latest(act.db, motion)
    mine = unit(amendment)
    made, count = base, 0
    if mine.hunks:  # none are left when the text came to say it all already
        among = [unit(a) for a in of_motion(act.db, motion) if a.texts[-1].base_id == base.id]
        text = apply.apply(clauses.from_json(base.clauses), [mine], among)
        made = versions.add_version(act, motion, text, "apply", [amendment.number])
    amendment.state, amendment.decided_at, amendment.outcome_reason = state, act.now, reason[:300]
    if made is not base:
        count = carry_over(act, motion, base, mine, made)
    act.record(
        f"amendment.{state}",
        f"amendment:{amendment.public_id}",
        motion=motion.public_id,
        version=made.hash,
        moved=count,
    )
    says = mark("It stands in the text, which is now version %(seq)s. %(reason)s", reason=reason, seq=made.seq)
    follows.decided(act, amendment, says)
    return made


def lose(act: Act, amendment: Amendment, reason: str) -> Amendment:
    """The amendment was lost in a vote."""
    amendment.state, amendment.decided_at, amendment.outcome_reason = "lost", act.now, reason[:300]
    act.record("amendment.lost", f"amendment:{amendment.public_id}", motion=amendment.motion.public_id)
    follows.decided(act, amendment, mark("It was lost. %(reason)s", reason=reason))
    return amendment


def withdraw(act: Act, amendment: Amendment) -> Amendment:
    """Take an amendment back before it is decided."""
    act.may("amendment.withdraw", amendment.state, standing.words(act, amendment))
    amendment.state, amendment.decided_at, amendment.outcome_reason = (
        "withdrawn",
        act.now,
        mark("Withdrawn by its author."),
    )
    follows.decided(act, amendment, amendment.outcome_reason)
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
        "text": mark("change"),
        "insert": mark("insert"),
        "delete": mark("delete"),
        "move": mark("move"),
        "set": mark("change"),
        "all": mark("replace all"),
    }
    return [
        {"does": words[h.kind], "clause": h.clause, "old": h.old, "new": h.new or " ".join(c.text for c in h.clauses)}
        for h in unit(amendment).hunks
    ]
