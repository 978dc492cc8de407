"""Ranked pairs: majorities are locked one after the other, the strongest first, unless they close a circle."""

from __future__ import annotations

from itertools import groupby
from itertools import pairwise as steps_of
from typing import Any

from ..ballots import Profile
from ..counting import Counted, Counter, Poll
from ..schema import among
from ..ties import Ties
from .pairs import PAIRWISE, STRENGTHS, Pairs, Relation, pairwise, reachable

MOST = 2_000
"""How many ways to lock are followed at most when other orders of equal majorities are tried."""
Pair = tuple[int, int]


def ranked_pairs(profile: Profile, poll: Poll) -> Counted:
    """Whoever has no locked majority above wins."""
    return pairwise(profile, poll, lambda pairs: Locking(pairs).order())


class Locking:
    """The state of one count: what is locked, and of each majority in its turn what was locked before it."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs, self.everybody = pairs, list(range(pairs.n))
        self.locked: Relation = set()
        self.before: dict[Pair, Relation] = {}
        self.neutral = pairs.poll.rules["equal"] == "neutral"
        self.ranking: list[int] = []
        strongest = sorted(pairs.majorities(self.everybody), key=lambda one: pairs.strength(*one), reverse=True)
        self.groups = [list(group) for _, group in groupby(strongest, key=lambda one: pairs.strength(*one))]

    def order(self) -> list[list[int]]:
        """Lock all, then take away those without a locked majority above them, again and again."""
        circle = False
        for group in self.groups:
            stands = reachable(self.everybody, self.locked)
            fitting = [(a, b) for a, b in group if (b, a) not in stands]
            ways = reachable(self.everybody, self.locked | set(fitting))
            loose = [(a, b) for a, b in fitting if (b, a) not in ways]
            self.before |= {one: set(self.locked) for one in group}
            if len(loose) == len(fitting) or self.neutral:
                self.locked |= set(loose)
            else:
                self._one_by_one(group)
            circle = circle or len(loose) < len(fitting)
        facts, judged = self.pairs.made.facts, self.pairs.made.judged
        facts["pairs"], judged["pairs"] = "the majorities", self._pairs_hold
        if circle:
            self._other_orders(facts, judged)
        order, left = [], self.everybody
        while left:
            level = [b for b in left if not any((a, b) in self.locked for a in left)]
            order.append(level)
            left = [i for i in left if i not in level]
        return order

    def _one_by_one(self, group: list[Pair]) -> None:
        """By a ranking that the tie rules draw: the higher winner first, then the lower loser."""
        if not self.ranking:
            self.ranking = draw(self.pairs.ties, self.everybody)
        place = {option: n for n, option in enumerate(self.ranking)}
        for a, b in sorted(group, key=lambda one: (place[one[0]], -place[one[1]])):
            self.before[a, b] = set(self.locked)
            if (b, a) not in reachable(self.everybody, self.locked):
                self.locked.add((a, b))

    def _pairs_hold(self, found: Any) -> bool:
        """Whether these are the majorities, the strongest first, with what became of them; a chain that speaks against
        one may be any that was locked before it."""
        pairs, place = self.pairs, {self.pairs.name(i): i for i in self.everybody}
        listed = [(place[one["over"]], place[one["under"]]) for one in found]
        strengths = [pairs.strength(*one) for one in listed]
        if set(listed) != self.before.keys() or len(listed) != len(self.before) or strengths != sorted(strengths, reverse=True):
            return False
        for (a, b), one in zip(listed, found, strict=True):
            locked, chain = (a, b) in self.locked, [place[name] for name in one["against"]]
            steps = set(steps_of(chain))
            closes = not locked and (b, a) in reachable(self.everybody, self.before[a, b])
            if one.keys() != {"over", "under", "strength", "locked", "against", "says"} or one["strength"] != pairs.written(a, b):
                return False
            if one["locked"] is not locked or bool(chain) != closes or not steps <= self.before[a, b]:
                return False
            if chain and (chain[0], chain[-1]) != (b, a):
                return False
        return True

    def _other_orders(self, facts: dict[str, Any], judged: dict[str, Any]) -> None:
        """Who wins under some order of the equal majorities, where that can be tried out."""
        states: set[frozenset[Pair]] = {frozenset()}
        for group in self.groups:
            states = {way for state in states for way in self._ways(state, group)} if len(states) <= MOST else set()
        if not 0 < len(states) <= MOST:
            self.pairs.made.open["other_orders"] = "there are too many orders of equal majorities to try"
            return
        sources = {b for state in states for b in self.everybody if not any((a, b) in state for a in self.everybody)}
        facts["other_orders"] = {"complete": True, "winners": self.pairs.names(sources)}
        judged["other_orders"] = lambda found: found == facts["other_orders"] or (
            found.keys() == {"complete", "winners"} and found["complete"] is False
            and found["winners"] == [name for name in facts["other_orders"]["winners"] if name in found["winners"]])

    def _ways(self, state: frozenset[Pair], group: list[Pair]) -> set[frozenset[Pair]]:
        """What can be locked after a group: the first pair to lock is any that fits, and so on."""
        done: set[frozenset[Pair]] = set()
        open_, seen = [state], {state}
        while open_ and len(seen) <= MOST:
            now = open_.pop()
            stands = reachable(self.everybody, set(now))
            more = [(a, b) for a, b in group if (a, b) not in now and (b, a) not in stands]
            ways = reachable(self.everybody, set(now) | set(more))
            loose = {(a, b) for a, b in more if (b, a) not in ways}
            if len(loose) == len(more):
                done.add(now | loose)
                continue
            for one in set(more) - loose:
                after = now | loose | {one}
                if after not in seen:
                    seen.add(after)
                    open_.append(after)
        return done if not open_ else set()


def draw(ties: Ties, options: list[int]) -> list[int]:
    """A ranking of all options, one after the other."""
    left, made = list(options), []
    while len(left) > 1:
        made.append(ties.choose(1, "order", left))
        left.remove(made[-1])
    return made + left


COUNTERS = {"ranked-pairs": Counter(ranked_pairs, "ranking", {
    **PAIRWISE, "strength": among(*STRENGTHS), "equal": among("neutral", "tie-ranking")})}
