"""Ranked pairs: lock majorities from the strongest down, and leave out each that closes a circle; who is under nobody wins.

Source: T. N. Tideman, "Independence of clones as a criterion for voting rules", Social Choice and Welfare 4 (1987); the ranking
that separates equal majorities: T. M. Zavist and T. N. Tideman, the same journal 6 (1989).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from deliberate.core.ballot import Aggregate
from deliberate.core.sentences import mark
from deliberate.core.tally.pairwise import STRENGTH, UNRANKED, Found, Marks, Pairs, compared, layers
from deliberate.core.tally.profile import Ints
from deliberate.core.tally.record import Question, Result, and_, number
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, method, one_of
from deliberate.core.tally.ties import Ties

Pair = tuple[int, int]
STEPS = 50_000
"""Pairs that are looked at, at most, to see whom other orders would elect."""


@method(
    "ranked-pairs",
    title="Ranked pairs (Tideman)",
    ballot="ranking",
    winners="one",
    source='T. N. Tideman, "Independence of clones as a criterion for voting rules" (1987); T. M. Zavist and T. N. Tideman (1989) for equal majorities',
    about=mark(
        "Members rank options. Every two options are compared by all ballots. The majorities are locked one after the other, the "
        "strongest first; one that would close a circle is left out. The option that no locked majority stands above wins."
    ),
    family="pairwise",
    good_for="One option out of several, with a full order of the rest, and a result that can be told step by step.",
    options={
        **LOT_OPTIONS,
        "strength": STRENGTH,
        "unranked": UNRANKED,
        "equal": Setting(
            "neutral",
            mark(
                "Majorities of equal strength: locked together, less those that would close a circle; or one by one, by a ranking that the tie policies draw."
            ),
            one_of("neutral", "tie-ranking"),
        ),
    },
    equal_ranks=True,
    departures=(
        "Pairs without a majority are never locked; the paper orders them too, so that no two options stay level.",
        "The ranking that separates equal majorities is drawn by the tie policies, and only where it matters; the paper draws a ballot.",
    ),
)
def ranked_pairs(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Lock majorities and find who is under nobody."""
    return compared(question, ballots, rules, lots, partial(_find, rules["strength"], rules["equal"]))


def add(reach: Marks, pair: Pair) -> Marks:
    """Lock a pair: whoever reaches its first reaches all that its second reaches. What is new by that."""
    new: Marks = reach[:, pair[0], None] & reach[None, pair[1], :] & ~reach
    reach |= new
    return new


def with_all(reach: Marks, pairs: Iterable[Pair]) -> Marks:
    """Who reaches whom once these pairs are locked as well."""
    made = reach.copy()
    for pair in pairs:
        if not made[pair]:
            add(made, pair)
    return made


def groups(levels: Ints) -> list[list[Pair]]:
    """Majorities of one strength together, the strongest first."""
    pairs = np.argwhere(levels)
    held = -levels[pairs[:, 0], pairs[:, 1]]
    order = np.argsort(held, kind="stable")
    starts = np.flatnonzero(np.diff(held[order])) + 1
    return [[(a, b) for a, b in part.tolist()] for part in np.split(pairs[order], starts) if len(part)]


class Locks:
    """The majorities as they are locked.

    reach: (m, m) who reaches whom by locked ones; hop: (m, m) the first stop on that way. dropped: why a majority was left
    out: the locked chain against it, or nothing where it closes a circle with equal ones. start: the first group whose order
    may matter, and what was locked before it.
    """

    def __init__(self, options: int, groups: list[list[Pair]]) -> None:
        self.groups = groups
        self.reach: Marks = np.eye(options, dtype=bool)
        self.hop = np.repeat(np.arange(options)[None, :], options, axis=0)
        self.locked: list[Pair] = []
        self.dropped: dict[Pair, list[int]] = {}
        self.start: tuple[int, Marks] | None = None

    def run(self) -> Iterator[list[Pair]]:
        """Go through the groups; those that close a circle among themselves are handed out, to be locked by the rule."""
        for n, group in enumerate(self.groups):
            free = [pair for pair in group if self._fits(pair)]
            every = with_all(self.reach, free) if len(free) > 1 else self.reach
            if any(every[b, a] for a, b in free):
                self.start = self.start or (n, self.reach.copy())
                yield free
            else:
                self._lock(free)

    def neutral(self, free: Sequence[Pair]) -> None:
        """Lock those of a group that are in no circle with it."""
        every = with_all(self.reach, free)
        self.dropped |= {(a, b): [] for a, b in free if every[b, a]}
        self._lock([(a, b) for a, b in free if not every[b, a]])

    def ranked(self, free: Sequence[Pair], place: Mapping[int, int]) -> None:
        """Lock a group one by one: the higher winner first, then the lower loser."""
        for pair in sorted(free, key=lambda pair: (place[pair[0]], -place[pair[1]])):
            if self._fits(pair):
                self._lock([pair])

    def _fits(self, pair: Pair) -> bool:
        """Whether no locked chain leads the other way; one that does is kept as the reason."""
        a, b = pair
        if self.reach[b, a]:
            chain = [b]
            while chain[-1] != a:
                chain.append(int(self.hop[chain[-1], a]))
            self.dropped[pair] = chain
        return pair not in self.dropped

    def _lock(self, pairs: Iterable[Pair]) -> None:
        for a, b in pairs:
            if not self.reach[a, b]:
                toward = self.hop[:, a].copy()
                toward[a] = b
                self.hop = np.where(add(self.reach, (a, b)), toward[:, None], self.hop)
            self.locked.append((a, b))


def other_orders(groups: list[list[Pair]], start: tuple[int, Marks], smith: Sequence[int]) -> tuple[list[int], bool]:
    """Who wins under some order of equal majorities from this group on, and whether all orders were seen within STEPS.

    Only majorities within the Smith set matter: whatever the order, its members are locked over all others.
    """
    inside = [[(a, b) for a, b in group if a in smith and b in smith] for group in groups]
    found: set[int] = set()
    seen: set[tuple[int, bytes]] = set()
    waiting: list[tuple[int, Marks, list[Pair]]] = [(*start, [])]
    steps = 0
    while waiting and steps <= STEPS:
        n, reach, first = waiting.pop()
        reach = with_all(reach, first)
        if (state := (n, np.packbits(reach).tobytes())) in seen:
            continue
        seen.add(state)
        for group in inside[n:]:
            steps += len(group)
            free = [(a, b) for a, b in group if not reach[b, a] and not reach[a, b]]
            every = with_all(reach, free)
            circling = [(a, b) for a, b in free if every[b, a]]
            if circling:
                reach = with_all(reach, [pair for pair in free if pair not in circling])
                waiting += [(n, reach, [pair]) for pair in circling]
                break
            n, reach = n + 1, every
        else:
            found.update(n for n in smith if reach[smith, n].sum() == 1)
    return sorted(found), not waiting


def _find(strength: str, equal: str, pairs: Pairs, ties: Ties) -> Found:
    options = len(pairs.names)
    locks = Locks(options, groups(pairs.levels(strength)))
    place: dict[int, int] = {}
    for free in locks.run():
        if equal == "neutral":
            locks.neutral(free)
        else:
            place = place or _ranking(pairs.names, ties)
            locks.ranked(free, place)
    under = np.zeros((options, options), dtype=bool)
    for pair in locks.locked:
        under[pair] = True
    order = layers(lambda left: [n for n in left if not under[left, n].any()], options)
    told: dict[str, Any] = {
        "pairs": [_told(pairs, locks, pair, strength) for group in locks.groups for pair in group],
        "order": [pairs.named(group) for group in order],
    }
    said = [pair["says"] for pair in told["pairs"] if not pair["locked"]]
    if locks.start:
        winners, all_seen = other_orders(locks.groups, locks.start, pairs.smith())
        told["other_orders"] = {"winners": pairs.named(winners), "complete": all_seen}
        said.append(_others_said(pairs.named(winners), all_seen, pairs.named(order[0])))
    count = f"{number(len(locks.locked), 'majority', 'majorities')} locked, {len(locks.dropped)} left out"
    return Found(
        pairs.named(order[0]),
        lambda winner: f"{winner} is elected: no locked majority stands above it ({count}).",
        told,
        said,
    )


def _ranking(names: Sequence[str], ties: Ties) -> dict[int, int]:
    """Places of all options in a ranking that the tie policies draw, one option after the other."""
    left = list(names)
    place: dict[int, int] = {}
    while left:
        name = left[0] if len(left) == 1 else ties.pick(left, "order", 1)[0]
        left.remove(name)
        place[names.index(name)] = len(place)
    return place


def _told(pairs: Pairs, locks: Locks, pair: Pair, strength: str) -> dict[str, Any]:
    """A majority in the record: who is over whom, how strongly, whether it was locked, and why not."""
    a, b = pairs.named(pair)
    locked = pair not in locks.dropped
    chain = pairs.named(locks.dropped.get(pair, []))
    why = f"as {' > '.join(chain)} is locked" if chain else "as it closes a circle with equal majorities"
    return {
        "over": a,
        "under": b,
        "strength": pairs.strength(*pair, strength),
        "locked": locked,
        "against": chain,
        "says": f"{a} over {b}, {pairs.told(*pair)}: {'locked' if locked else f'left out, {why}'}.",
    }


def _others_said(winners: Sequence[str], all_seen: bool, best: Sequence[str]) -> str:
    """Whether another order of the equal majorities would elect someone else."""
    others = [name for name in winners if name not in best]
    if others:
        return f"The result hangs on the order of equal majorities: another order would elect {and_(others)}."
    if not all_seen:
        return (
            "Whether another order of the equal majorities would elect someone else is open: "
            f"to see it takes more than {STEPS} steps."
        )
    whose = (
        "Every order of the equal majorities elects" if len(winners) == 1 else "Orders of the equal majorities elect"
    )
    return f"{whose} {' or '.join(winners)}."
