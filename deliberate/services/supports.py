"""Supports: members back a motion until the threshold is reached, or the time for it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, select, true, union_all
from sqlalchemy.orm import Session

from deliberate.core.errors import Conflict
from deliberate.core.orders import step
from deliberate.core.sentences import mark
from deliberate.models import Member, Motion, Mover, Support
from deliberate.services import follows, rebases, standing
from deliberate.services.act import Act
from deliberate.services.versions import latest


@dataclass(frozen=True)
class Backing:
    """How far a motion has come: supporters, how many are needed, sections they come from and how many of those are needed."""

    have: int
    need: int
    sections: int
    sections_needed: int
    mine: bool
    names: tuple[str, ...]  # of the supporters, movers apart

    @property
    def reached(self) -> bool:
        return self.have >= self.need and self.sections >= self.sections_needed


def backing(act: Act, motion: Motion) -> Backing:
    """The supports of a motion, movers included, against the rules it started under."""
    return backings(act, [motion])[motion.id]


def backings(act: Act, motions: Sequence[Motion]) -> dict[int, Backing]:
    """The backing of several motions in one query."""
    ids = [motion.id for motion in motions]
    who: dict[int, dict[int, str]] = {motion_id: {} for motion_id in ids}
    names: dict[int, list[str]] = {motion_id: [] for motion_id in ids}
    given = select(Support.motion_id, Support.member_id, true()).where(
        Support.motion_id.in_(ids), Support.withdrawn_at.is_(None)
    )
    moved = select(Mover.motion_id, Mover.member_id, false()).where(Mover.motion_id.in_(ids), Mover.state == "accepted")
    both = union_all(given, moved).subquery()
    rows = select(both, Member.section, Member.name).join(Member, Member.id == both.c.member_id).order_by(Member.name)
    for motion_id, member_id, gave, section, name in act.db.execute(rows):
        who[motion_id][member_id] = section
        if gave:
            names[motion_id].append(name)
    made = {}
    for motion in motions:
        found = {**who[motion.id], motion.mover_id: motion.mover.section}
        made[motion.id] = Backing(
            len(found),
            int(motion.rules["need"]),
            len({s for s in found.values() if s}),
            int(motion.rules.get("sections", 0)),
            act.member is not None and act.member.id in found,
            tuple(names[motion.id]),
        )
    return made


def support(act: Act, motion: Motion, seen: int | None = None) -> Backing:
    """Back a motion. When the threshold is reached it is seconded, in the same act.

    seen: number of the version that the member read; what has changed since is not supported unseen.
    """
    act.may("motion.support", motion.state)
    if standing.is_mover(act, motion):
        raise Conflict("You are a mover of this motion.", "Movers count as supporters already.", "", "support.mover")
    if act.now > deadline(motion):
        raise Conflict(
            "The time for support is over.",
            mark("It ended on %(day)s.", day=motion.rules["until"][:10]),
            "It may be put again.",
            "support.late",
        )
    now = latest(act.db, motion)
    if seen is not None and seen != now.seq:
        raise Conflict(
            "The text has changed since you read it.",
            mark("You read version %(seen)s; version %(seq)s is there now.", seen=seen, seq=now.seq),
            "Read the new version, then support it.",
            "support.version",
        )
    found = act.db.scalar(select(Support).where(Support.motion_id == motion.id, Support.member_id == act.actor.id))
    if found is None:
        act.db.add(Support(motion_id=motion.id, member_id=act.actor.id, version_id=now.id, created_at=act.now))
    elif found.withdrawn_at is None:
        return backing(act, motion)
    else:
        found.withdrawn_at, found.version_id, found.created_at = None, now.id, act.now
    act.db.flush()
    reached = backing(act, motion)
    act.record("motion.supported", f"motion:{motion.public_id}", version=now.hash)
    if reached.reached:
        second(act, motion, reached)
    return reached


def deadline(motion: Motion) -> datetime:
    """Until when a motion may gather support."""
    return datetime.fromisoformat(str(motion.rules["until"]))


def second(act: Act, motion: Motion, reached: Backing) -> None:
    motion.state, motion.changed_at = step(motion.state, "motion.second"), act.now
    act.record("motion.seconded", f"motion:{motion.public_id}", have=reached.have, need=reached.need)
    follows.decided(
        act, motion, mark("It has the support it needs: %(have)s of %(need)s.", have=reached.have, need=reached.need)
    )


def lapsed(db: Session, now: datetime) -> list[Motion]:
    """Motions whose time for support is over without enough of it."""
    found = db.scalars(select(Motion).where(Motion.state == "submitted").order_by(Motion.id))
    return [motion for motion in found if now > deadline(motion)]


def lapse(act: Act, motion: Motion) -> Motion:
    """The time is over and the threshold was missed: the motion ends, by the clock."""
    if motion.state != "submitted" or act.now <= deadline(motion):
        raise Conflict("This motion does not end now.", "It may still gather support.", "", "motion.time")
    found = backing(act, motion)
    says = mark(
        "It did not gather the support it needed in time: %(have)s of %(need)s.", have=found.have, need=found.need
    )
    motion.state, motion.changed_at, motion.outcome_reason = step(motion.state, "motion.lapse"), act.now, says
    act.record("motion.lapsed", f"motion:{motion.public_id}", have=found.have, need=found.need)
    follows.decided(act, motion, says)
    rebases.fall(act, motion, mark("Its motion did not gather enough support."))
    return motion


def unsupport(act: Act, motion: Motion) -> Backing:
    """Take one's support back, until the threshold is reached."""
    act.may("motion.support", motion.state)
    found = act.db.scalar(
        select(Support).where(
            Support.motion_id == motion.id, Support.member_id == act.actor.id, Support.withdrawn_at.is_(None)
        )
    )
    if found is not None:
        found.withdrawn_at = act.now
        act.db.flush()
        act.record("motion.unsupported", f"motion:{motion.public_id}")
    return backing(act, motion)
