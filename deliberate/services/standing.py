"""Standing: the words of the standing orders that hold for a member towards one thing: mover, author, voter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from deliberate.models import Amendment, Comment, Draft, Motion, Poll, RollEntry

if TYPE_CHECKING:
    from deliberate.services.act import Act


def words(act: Act, thing: Any) -> frozenset[str]:
    """Words beyond the roles: ``mover`` (co-movers who accepted included), ``author``, ``voter``."""
    if act.member is None:
        return frozenset()
    found: set[str] = set()
    motion = thing if isinstance(thing, Motion) else getattr(thing, "motion", None)
    if isinstance(motion, Motion) and is_mover(act, motion) and not isinstance(thing, Poll):
        found.add("mover")
    if isinstance(thing, (Amendment, Comment)) and thing.author_id == act.member.id:
        found.add("author")
    if isinstance(thing, Draft) and thing.member_id == act.member.id:
        found |= {"author", "mover"}
    if isinstance(thing, Poll) and on_roll(act, thing):
        found.add("voter")
    return frozenset(found)


def is_mover(act: Act, motion: Motion) -> bool:
    """Whether the member put this motion, alone or as a co-mover who accepted."""
    if act.member is None:
        return False
    mine = act.member.id
    return motion.mover_id == mine or any(m.member_id == mine and m.state == "accepted" for m in motion.movers)


def on_roll(act: Act, poll: Poll) -> bool:
    """Whether the member stands on the frozen roll of this poll."""
    if act.member is None:
        return False
    return (
        act.db.scalar(
            select(RollEntry.weight).where(RollEntry.poll_id == poll.id, RollEntry.member_id == act.member.id)
        )
        is not None
    )
