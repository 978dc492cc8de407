"""Every two options compared by all ballots: the matrix, who beats whom, and how strong a majority is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from ..ballots import SKIPPED, Profile
from ..counting import AwaitingLot, Counted, Poll, papers, round_
from ..schema import TIES, Check, among, text

STRENGTHS = ("winning-votes", "margins", "ratio", "tuple")
PAIRWISE: dict[str, Check] = {"seed": text, "ties": TIES, "unranked": among("bottom", "ignored")}
Relation = set[tuple[int, int]]


def read(profile: Profile, ranks: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The options of a ballot by rank: gaps closed, an option that is ranked twice at its best rank only."""
    seen: set[int] = set()
    made = []
    for rank in ranks:
        options = () if rank == SKIPPED else (rank,) if rank >= 0 else profile.equals[-2 - rank]
        here = tuple(o for o in options if o not in seen)
        seen.update(here)
        if here:
            made.append(here)
    return made


class Pairs:
    """``above[a][b]``: the weight of the ballots that rank a above b."""

    def __init__(self, profile: Profile, poll: Poll, made: Counted) -> None:
        if poll.seats != 1:
            raise ValueError("this method fills one seat")
        self.n, self.poll, self.made, self.ties = profile.options, poll, made, poll.ties()
        scaled = [[0] * self.n for _ in range(self.n)]
        bottom, most = poll.rules.get("unranked", "bottom") == "bottom", poll.rules.get("max_ranks")
        for row in profile.rows:
            groups, weight = read(profile, row.ranks[:most]), row.papers * row.weight
            below = set(range(self.n)) if bottom else {o for group in groups for o in group}
            for group in groups:
                below -= set(group)
                for a in group:
                    for b in below:
                        scaled[a][b] += weight
        self.above = [[profile.votes(votes) for votes in line] for line in scaled]
        everybody = list(range(self.n))
        made.facts |= {"matrix": {self.name(a): {self.name(b): str(self.above[a][b]) for b in everybody if b != a} for a in everybody},
                       "smith": self.names(self.smith(everybody)),
                       "schwartz": self.names(top(everybody, self.majorities(everybody)))}

    def name(self, option: int) -> str:
        """The name of an option."""
        return self.poll.names[option]

    def names(self, options: Iterable[int]) -> list[str]:
        """Names in declared order."""
        return [self.name(i) for i in sorted(options)]

    def beats(self, a: int, b: int) -> bool:
        """Whether more rank a above b than below."""
        return self.above[a][b] > self.above[b][a]

    def majorities(self, among_: Iterable[int]) -> Relation:
        """Every pair of these options of which the first beats the second."""
        options = list(among_)
        return {(a, b) for a in options for b in options if self.beats(a, b)}

    def smith(self, options: Iterable[int]) -> list[int]:
        """The smallest set of these that beat every other: those that reach all by victories and draws."""
        some = list(options)
        ways = {(a, b) for a in some for b in some if a != b and not self.beats(b, a)}
        reach = reachable(some, ways)
        return [a for a in some if all(a == b or (a, b) in reach for b in some)]

    def strength(self, a: int, b: int) -> tuple[Fraction, ...]:
        """The strength of the majority of a over b, greater for the stronger one."""
        votes, against = self.above[a][b], self.above[b][a]
        rule = self.poll.rules["strength"]
        if rule == "ratio":  # against nobody: above every other, and among these the one with more votes
            return (Fraction(0), votes / against) if against else (Fraction(1), votes)
        return {"winning-votes": (votes,), "margins": (votes - against,), "tuple": (votes, -against)}[rule]

    def written(self, a: int, b: int) -> str:
        """The same as it is written: votes, a lead, or both sides."""
        votes, against = self.above[a][b], self.above[b][a]
        return {"winning-votes": str(votes), "margins": str(votes - against)}.get(self.poll.rules["strength"], f"{votes}:{against}")


def reachable(options: list[int], ways: Relation) -> Relation:
    """Every pair of which the second can be reached from the first in one step or more."""
    reach = set(ways)
    for k in options:
        into, out = [a for a in options if (a, k) in reach], [b for b in options if (k, b) in reach]
        reach |= {(a, b) for a in into for b in out}
    return reach


def top(options: list[int], ways: Relation) -> list[int]:
    """The Schwartz set by these defeats: whoever reaches all by whom they are reached."""
    reach = reachable(options, ways)
    return [a for a in options if all((a, b) in reach for b in options if (b, a) in reach)]


def pairwise(profile: Profile, poll: Poll, classes: Callable[[Pairs], list[list[int]]]) -> Counted:
    """A count of one round in which the matrix decides: ``classes`` are the options from the first to the last."""
    valid = [any(rank != SKIPPED for rank in row.ranks) for row in profile.rows]
    made = Counted(papers(profile, valid))
    pairs, elected = Pairs(profile, poll, made), list[str]()
    ties = pairs.ties
    over: dict[str, Any] = {}
    try:
        if profile.options > 1 and not made.input["valid"]:
            made.outcome = "no valid ballots"
        else:
            order = classes(pairs)
            made.facts["order"] = [pairs.names(level) for level in order]
            elected = [poll.names[ties.choose(1, "elect", order[0]) if len(order[0]) > 1 else order[0][0]]]
            over["tie"] = len(ties.made) - 1 if len(order[0]) > 1 else None
    except AwaitingLot:
        made.outcome, over["tie"] = "awaiting lot", len(ties.made) - 1
    made.winners, made.ties, made.lots = elected, ties.made, ties.used
    made.rounds = [round_(1, {}, "count", elected=elected, **over)]
    return made
