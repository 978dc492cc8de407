"""Turnout: who has taken part, in numbers, for many polls at once, and for the member who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.models import Assembly, Motion, Participation, Poll, RollEntry
from deliberate.services.act import Act


@dataclass(frozen=True)
class Figures:
    """How many have voted, and how many may."""

    voted: int
    roll: int


def figures(db: Session, polls: Sequence[Poll]) -> dict[int, Figures]:
    """Turnout of each poll, by its id."""
    ids = [poll.id for poll in polls]
    voted, may = (
        dict(
            db.execute(select(table.poll_id, func.count()).where(table.poll_id.in_(ids)).group_by(table.poll_id)).all()
        )
        for table in (Participation, RollEntry)
    )
    return {one: Figures(voted.get(one, 0), may.get(one, 0)) for one in ids}


def of_motions(db: Session, motions: Sequence[Motion]) -> dict[int, tuple[datetime | None, Figures]]:
    """For each motion on which a vote is open, by its id: when it closes, and how many have voted."""
    ids = [motion.id for motion in motions if motion.state == "put"]
    if not ids:
        return {}
    voted, may = (
        select(func.count()).select_from(table).where(table.poll_id == Poll.id).scalar_subquery()
        for table in (Participation, RollEntry)
    )
    rows = db.execute(
        select(Poll.motion_id, Poll.closes_at, voted, may).where(Poll.motion_id.in_(ids), Poll.state == "open")
    )
    return {motion: (closes, Figures(taken, roll)) for motion, closes, taken, roll in rows if motion is not None}


def mine(act: Act, polls: Sequence[Poll]) -> dict[int, bool]:
    """For each poll in which the member may vote, by its id, whether they have."""
    if act.member is None or not polls:
        return {}
    rows = act.db.execute(
        select(RollEntry.poll_id, Participation.roll)
        .outerjoin(Participation, (Participation.poll_id == RollEntry.poll_id) & (Participation.roll == RollEntry.roll))
        .where(RollEntry.member_id == act.member.id, RollEntry.poll_id.in_([poll.id for poll in polls]))
    )
    return {poll_id: roll is not None for poll_id, roll in rows}


def states(db: Session, assembly: Assembly) -> dict[str, int]:
    """How many polls there are in each state."""
    return dict(
        db.execute(select(Poll.state, func.count()).where(Poll.assembly_id == assembly.id).group_by(Poll.state)).all()
    )
