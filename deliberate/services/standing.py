"""Standing: the words of the standing orders that hold for a member towards one thing: mover, author, voter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from deliberate.core import orders
from deliberate.core.errors import DeliberateError
from deliberate.models import Amendment, Comment, Draft, Motion, Poll, RollEntry
from deliberate.services.act import left

if TYPE_CHECKING:
    from deliberate.services.act import Act


def words(act: Act, thing: Any) -> frozenset[str]:
    """Words beyond the roles: ``mover`` (co-movers who accepted included), ``author``, ``voter``.

    Who has left the assembly is no mover and no author any more, but keeps the vote of a roll frozen before.
    """
    if act.member is None:
        return frozenset()
    found: set[str] = set()
    if isinstance(thing, Poll) and roll_of(act, thing) is not None:
        found.add("voter")
    if left(act.member, act.now):
        return frozenset(found)
    motion = thing if isinstance(thing, Motion) else getattr(thing, "motion", None)
    if isinstance(motion, Motion) and is_mover(act, motion) and not isinstance(thing, Poll):
        found.add("mover")
    if isinstance(thing, (Amendment, Comment)) and thing.author_id == act.member.id:
        found.add("author")
    if isinstance(thing, Draft) and thing.member_id == act.member.id:
        found |= {"author", "mover"}
    return frozenset(found)


@dataclass(frozen=True)
class Answer:
    """One act: its rule, the roles of this person that the rule names, and the refusal if there is one.

    depends: the rule names a part that a person has in one thing only (``OWN``), and no thing was named.
    """

    rule: orders.Rule
    mine: tuple[str, ...]
    refused: DeliberateError | None
    depends: bool = False


OWN = frozenset({"mover", "author", "voter"})
CHAPTERS: dict[type, tuple[str, ...]] = {
    Motion: ("motion.", "amendment.submit", "debate.say", "debate.follow", "poll.prepare"),
    Amendment: ("amendment.", "debate.say"),
    Poll: ("poll.",),
}


def why(act: Act, thing: Any = None) -> list[Answer]:
    """For every act that concerns a thing (or for all acts) whether this person may do it now, and by which rule.

    Without a thing the states are left out of the question: what counts then is who the person is.
    """
    mine = act.roles(words(act, thing) if thing is not None else ())
    wanted = CHAPTERS.get(type(thing), ("",))
    return [
        Answer(
            rule,
            tuple(word for word in rule.roles if word in mine),
            orders.refusal(rule.act, mine, _state(rule, thing)),
            depends=thing is None and "member" in mine and bool(OWN & set(rule.roles)) and not mine & set(rule.roles),
        )
        for rule in orders.ACTS
        if rule.act.startswith(wanted)
    ]


def _state(rule: orders.Rule, thing: Any) -> str:
    if thing is not None:
        return str(thing.state)
    return rule.when[0] if rule.when else ""


def is_mover(act: Act, motion: Motion) -> bool:
    """Whether the member put this motion, alone or as a co-mover who accepted."""
    if act.member is None:
        return False
    mine = act.member.id
    return motion.mover_id == mine or any(m.member_id == mine and m.state == "accepted" for m in motion.movers)


ROLL_LINE = select(RollEntry).where(RollEntry.poll_id == bindparam("poll"), RollEntry.member_id == bindparam("member"))


def roll_of(act: Act, poll: Poll) -> RollEntry | None:
    """The member's line on the frozen roll of this poll, if there is one. Frozen, so each act looks only once."""
    if act.member is None:
        return None
    key = (poll.id, act.member.id)
    if key not in act.lines:
        found = act.db.scalar(ROLL_LINE, {"poll": poll.id, "member": act.member.id})
        if found is None:
            return None
        act.lines[key] = found
    return act.lines[key]
