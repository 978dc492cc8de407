"""The first page: what waits for this member among polls and motions, in few questions to the database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from deliberate.core.orders import BY_ACT
from deliberate.models import Motion, Mover, Poll
from deliberate.services import polls
from deliberate.services.act import Act
from deliberate.services.motions import GROUPS, by_order

COUNTING = {"poll.tally": "closed", "poll.publish": "tallied"}
"""What an office does with a poll after its close, and the state in which the poll waits for it."""


@dataclass(frozen=True)
class Polls:
    """What a member finds first: lists of polls.

    waiting: open and not yet voted in, the next deadline first; decided: published last; late: did not open at their
    time; office: wait for an act of this member's office: to be opened by hand, counted, or published.
    """

    waiting: list[Poll]
    decided: list[Poll]
    late: list[Poll]
    office: list[Poll]


def of_polls(act: Act, limit: int = 3) -> Polls:
    """The polls of a member's first page; those that wait for an office only for who holds it."""
    mine = Poll.assembly_id == act.assembly.id
    last = select(Poll.id).where(mine, Poll.state == "published").order_by(Poll.id.desc()).limit(limit)
    wanted = [polls.waits_for(act), Poll.id.in_(last)]
    if act.can("poll.open", "prepared"):
        wanted.append((Poll.state == "prepared") & (Poll.opens_at.is_(None) | (Poll.opens_at <= act.now)))
    wanted += [Poll.state == state for name, state in COUNTING.items() if act.can(name, state)]
    query = select(Poll).options(joinedload(Poll.motion), joinedload(Poll.amendment))
    found = act.db.scalars(query.where(mine, or_(*wanted)).order_by(Poll.closes_at.is_(None), Poll.closes_at, Poll.id))
    by_state: dict[str, list[Poll]] = {state: [] for state in ("open", "published", "prepared", *COUNTING.values())}
    for poll in found:
        by_state[poll.state].append(poll)
    decided = sorted(by_state["published"], key=lambda poll: poll.id, reverse=True)
    late = [poll for poll in by_state["prepared"] if poll.opens_at]
    by_hand = [poll for poll in by_state["prepared"] if not poll.opens_at]
    return Polls(by_state["open"], decided, late, by_state["tallied"] + by_state["closed"] + by_hand)


@dataclass(frozen=True)
class Motions:
    """Those that gather support and those in debate that changed last.

    asked: their movers wait for this member's answer; office: they have their support, and wait for this member's office to
    open the debate.
    """

    gathering: list[Motion]
    debated: list[Motion]
    asked: list[Motion]
    office: list[Motion]


def of_motions(act: Act, limit: int = 4) -> Motions:
    """The motions of a member's first page."""
    gather, debate = GROUPS["support"], GROUPS["debate"]
    place = func.row_number().over(partition_by=Motion.state.in_(gather), order_by=by_order("changed"))
    ranked = (
        select(Motion.id, place.label("place"))
        .where(Motion.assembly_id == act.assembly.id, Motion.state.in_(gather + debate))
        .subquery()
    )
    recent = Motion.id.in_(select(ranked.c.id).where(ranked.c.place <= limit))
    invited = select(Mover.motion_id).where(Mover.member_id == act.actor.id, Mover.state == "invited")
    asked = Motion.id.in_(invited) & Motion.state.in_(BY_ACT["motion.answer"].when)
    admits = (
        (Motion.assembly_id == act.assembly.id) & (Motion.state == "seconded") & act.can("motion.admit", "seconded")
    )
    query = select(Motion, recent, asked, admits).where(or_(recent, asked, admits)).options(joinedload(Motion.mover))
    rows = act.db.execute(query.order_by(*by_order("changed"))).all()
    return Motions(
        [motion for motion, shown, _, _ in rows if shown and motion.state in gather],
        [motion for motion, shown, _, _ in rows if shown and motion.state in debate],
        [motion for motion, _, waits, _ in rows if waits],
        [motion for motion, _, _, waits in rows if waits],
    )
