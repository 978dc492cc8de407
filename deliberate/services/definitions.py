"""Definitions: what is frozen when a poll opens: question, options, rules and roll, as canonical bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core.errors import Conflict
from deliberate.core.formats import record
from deliberate.core.ledger import canonical, entries
from deliberate.models import Member, Poll, RollEntry, Version
from deliberate.services.act import day_of


@dataclass(frozen=True)
class RollLine:
    """One line of a frozen roll: the member's value in this poll, the weight, and whose it is."""

    roll: str
    weight: Fraction
    member: Member


def roll_id(member: Member, poll: Poll) -> str:
    """The member's value on the roll of this poll; two rolls cannot be joined by it."""
    return entries.roll_id(member.salt, poll.public_id)


def electorate(db: Session, poll: Poll, now: datetime) -> list[RollLine]:
    """Everybody entitled to vote at this moment, sorted by their value in this poll."""
    today = day_of(poll.assembly, now)
    members = db.scalars(
        select(Member).where(
            Member.assembly_id == poll.assembly_id,
            Member.entitled,
            Member.joined_on <= today,
            (Member.ended_on.is_(None)) | (Member.ended_on > today),
        )
    )
    return sorted((RollLine(roll_id(m, poll), m.weight, m) for m in members), key=lambda line: line.roll)


def freeze_roll(db: Session, poll: Poll, now: datetime) -> dict[str, Any]:
    """Write the roll of the poll and return its root, size and weight. Raises Conflict for an empty roll."""
    lines = electorate(db, poll, now)
    if not lines:
        raise Conflict(
            "Nobody could vote in this poll.",
            "The roll of the assembly is empty.",
            "Import the roll, or add members.",
            "poll.roll",
        )
    named = poll.mode == "open"
    db.add_all(
        RollEntry(
            poll_id=poll.id,
            roll=line.roll,
            member_id=line.member.id,
            weight=line.weight,
            name=canonical.normal(line.member.name) if named else "",
        )
        for line in lines
    )
    return record.roll_root((line.roll, line.weight) for line in lines)


def roll_lines(db: Session, poll: Poll, named: bool) -> list[dict[str, str]]:
    """The frozen roll for the record package; names, as they were at the opening, only where the poll publishes them."""
    rows = db.execute(
        select(RollEntry.roll, RollEntry.weight, RollEntry.name)
        .where(RollEntry.poll_id == poll.id)
        .order_by(RollEntry.roll)
    )
    return [
        {"roll": roll, "weight": canonical.exact(weight), **({"name": name} if named else {})}
        for roll, weight, name in rows
    ]


def define(
    db: Session, poll: Poll, roll: dict[str, Any], rules: dict[str, Any], origins: dict[str, str], vkey: str
) -> bytes:
    """The canonical bytes of the poll's definition (docs/reference/record-package.md)."""
    assembly = poll.assembly
    assert poll.opened_at is not None
    made: dict[str, Any] = {
        "v": 1,
        "poll": poll.public_id,
        "assembly": {"id": assembly.public_id, "name": canonical.normal(assembly.name)},
        "title": canonical.normal(poll.title),
        "question": canonical.normal(poll.question),
        "ballot": poll.ballot,
        "method": poll.method,
        "rules": rules,
        "options": [{"id": o.key, "name": canonical.normal(o.name)} for o in poll.options],
        "seats": poll.seats,
        "mode": poll.mode,
        "revote": poll.revote,
        "publication": poll.publication,
        "opens_at": entries.moment(poll.opened_at),
        "grace": 0,
        "roll": roll,
        "origins": origins,
        "keys": {"ledger": vkey},
        "witness": {"k": 0, "of": []},
    }
    if poll.closes_at is not None:
        made["closes_at"] = entries.moment(poll.closes_at)
    if poll.motion is not None:
        made["subject"] = _subject(db, poll)
    return canonical.encode(made)


def _subject(db: Session, poll: Poll) -> dict[str, str]:
    """Which text is put: the motion with the version it stands in, and the amendment, if it is one that is put."""
    assert poll.motion is not None
    version = db.scalars(
        select(Version).where(Version.motion_id == poll.motion_id).order_by(Version.seq.desc()).limit(1)
    ).one()
    said = {"motion": poll.motion.public_id, "number": poll.motion.number or "", "version": version.hash}
    if poll.amendment is not None:
        said |= {
            "amendment": poll.amendment.public_id,
            "number": poll.amendment.number,
            "hunks": poll.amendment.texts[-1].hash,
        }
    return said


def read(poll: Poll) -> dict[str, Any]:
    """The frozen definition. Raises Conflict for a poll that has not opened."""
    if poll.definition is None:
        raise Conflict("This poll has not opened.", "Its rules are frozen at the opening.", "", "poll.prepared")
    value: dict[str, Any] = canonical.decode(poll.definition)
    return value


def names(options: Sequence[dict[str, str]]) -> dict[str, str]:
    """Option names by key."""
    return {option["id"]: option["name"] for option in options}
