"""What the pairwise methods share: the matrix, its sets, the strength of a majority, and the form of their results.

The matrix holds N[a][b], the weight of the ballots that rank a above b. Sources: M. Schulze, "The Schulze Method of Voting",
2.1 (strengths); T. N. Tideman, "Collective Decisions and Voting", 2006 (Smith and Schwartz sets).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.profile import Ints
from deliberate.core.tally.ranks import Ranks
from deliberate.core.tally.record import Question, Result, Round, and_, number
from deliberate.core.tally.registry import Setting, one_of
from deliberate.core.tally.ties import AwaitLot, Ties

Marks = npt.NDArray[np.bool_]

UNRANKED = Setting(
    "bottom",
    mark("Options that a ballot leaves out: below all that it ranks, or not compared with any."),
    one_of("bottom", "ignored"),
)
STRENGTHS: dict[str, Callable[[int, int], Any]] = {
    "winning-votes": lambda won, lost: won,
    "margins": lambda won, lost: won - lost,
    "ratio": lambda won, lost: (lost == 0, Fraction(won, lost or 1)),
    "tuple": lambda won, lost: (won, -lost),
}
"""Keys that order majorities of ``won`` over ``lost``. A ratio to nothing is above all others, the more votes the higher."""
STRENGTH = Setting(
    "winning-votes",
    mark("How strong a majority is: its votes, its margin, its ratio, or its votes and then fewer against."),
    one_of(*STRENGTHS),
)


@dataclass(frozen=True)
class Pairs:
    """names: (m,) options. over: (m, m) papers that rank the first above the second, in units of 1/unit."""

    names: tuple[str, ...]
    over: Ints
    unit: int = 1

    @classmethod
    def read(cls, question: Question, ranks: Ranks, unranked: str) -> Pairs:
        """From the places on ballots; unranked: ``bottom`` or ``ignored``."""
        names = tuple(option.name for option in question.options)
        return cls(names, ranks.compare(unranked == "ignored")[0], ranks.unit)

    def write(self, papers: int | Fraction) -> str:
        """Papers as votes."""
        return exact(Fraction(papers) / self.unit)

    def votes(self, a: int, b: int) -> str:
        """N[a][b] as it is written."""
        return self.write(int(self.over[a, b]))

    def told(self, a: int, b: int) -> str:
        """Both sides of a pair, as "24 to 21"."""
        return f"{self.votes(a, b)} to {self.votes(b, a)}"

    def matrix(self) -> dict[str, dict[str, str]]:
        """The matrix under the names of the options, without its diagonal."""
        held = self.over.tolist()
        write = str if self.unit == 1 else self.write
        return {a: {b: write(held[n][k]) for k, b in enumerate(self.names) if k != n} for n, a in enumerate(self.names)}

    def named(self, places: Sequence[int] | npt.NDArray[np.intp]) -> list[str]:
        """The names at these places."""
        return [self.names[n] for n in places]

    @property
    def beats(self) -> Marks:
        """Who has a majority over whom."""
        found: Marks = self.over > self.over.T
        return found

    def smith(self) -> list[int]:
        """The smallest set of options that beat all others: those who reach everybody by steps of "ties or beats"."""
        return np.flatnonzero(closure(self.over >= self.over.T).all(axis=1)).tolist()

    def schwartz(self) -> list[int]:
        """Options whom nobody reaches by steps of "beats" without being reached in turn."""
        reach = closure(self.beats)
        return np.flatnonzero(~(reach.T & ~reach).any(axis=1)).tolist()

    def winner(self, among: Sequence[int]) -> int | None:
        """The option among these that beats all the others, if there is one."""
        held = self.beats[np.ix_(among, among)]
        found = np.flatnonzero(held.sum(axis=1) == len(among) - 1)
        return among[int(found[0])] if len(found) else None

    def closest(self, a: int, among: Sequence[int]) -> str:
        """The narrowest victory of a over one of the others, in words; none where there are no others."""
        others = [b for b in among if b != a]
        if not others:
            return ""
        b = min(others, key=lambda b: int(self.over[a, b] - self.over[b, a]))
        return f" (closest: {self.names[b]}, {self.told(a, b)})"

    def levels(self, strength: str) -> Ints:
        """(m, m) strength of each majority as its place in the order of strengths, from 1; 0: no majority."""
        key = STRENGTHS[strength]
        held = self.over.tolist()
        keys = {(a, b): key(held[a][b], held[b][a]) for a, b in np.argwhere(self.beats).tolist()}
        place = {value: n for n, value in enumerate(sorted(set(keys.values())), 1)}
        found = np.zeros_like(self.over)
        for (a, b), value in keys.items():
            found[a, b] = place[value]
        return found

    def strength(self, a: int, b: int, strength: str) -> str:
        """How strong the majority of a over b is: votes, margin, or both sides as "24:21"."""
        if strength == "winning-votes":
            return self.votes(a, b)
        if strength == "margins":
            return self.write(int(self.over[a, b] - self.over[b, a]))
        return f"{self.votes(a, b)}:{self.votes(b, a)}"


def closure(edges: Marks) -> Marks:
    """Who reaches whom by one step or more; everybody reaches himself."""
    reach: Marks = edges | np.eye(len(edges), dtype=bool)
    for k in range(len(reach)):
        reach |= reach[:, k, None] & reach[None, k, :]
    return reach


def facts(pairs: Pairs) -> dict[str, Any]:
    """What every pairwise count tells: ``matrix``, ``smith`` and ``schwartz``."""
    return {
        "matrix": pairs.matrix(),
        "smith": pairs.named(pairs.smith()),
        "schwartz": pairs.named(pairs.schwartz()),
    }


def sets_said(pairs: Pairs) -> str:
    """Who beats everybody, or the sets, in a sentence."""
    smith = pairs.smith()
    if len(smith) == 1:
        return f"{pairs.names[smith[0]]} beats every other option{pairs.closest(smith[0], range(len(pairs.names)))}."
    return f"Nobody beats every other option. Smith set: {', '.join(pairs.named(smith))}. Schwartz set: {', '.join(pairs.named(pairs.schwartz()))}."


def repeated_said(ranks: Ranks) -> list[str]:
    """How many ballots rank an option twice; nothing if none does."""
    said = number(ranks.repeated, "ballot ranks an option", "ballots rank an option")
    return [f"{said} more than once: the best rank counts."] if ranks.repeated else []


def layers(leads: Callable[[list[int]], list[int]], options: int) -> list[list[int]]:
    """Options in classes: those who lead, then those who lead among the rest, and so on."""
    made: list[list[int]] = []
    left = list(range(options))
    while left:
        made.append(leads(left))
        left = [n for n in left if n not in made[-1]]
    return made


def by_score(scores: Sequence[int | Fraction]) -> list[list[int]]:
    """Places in classes of equal scores, the highest first."""
    return [[n for n, held in enumerate(scores) if held == score] for score in sorted(set(scores), reverse=True)]


@dataclass(frozen=True)
class Found:
    """What a method makes of the matrix. best: who wins, or is tied for it; why: the sentence about the one who does.

    says: what it tells besides.
    """

    best: Sequence[str]
    why: Callable[[str], str]
    facts: Mapping[str, Any]
    says: Sequence[str] = ()


def compared(
    question: Question,
    ballots: Aggregate,
    rules: Mapping[str, Any],
    lots: Sequence[Mapping[str, Any]],
    find: Callable[[Pairs, Ties], Found],
) -> Result:
    """The result of a method that elects one option from the matrix, in one round; the last tie goes by the policies.

    No votes stand in the round: that every ballot is in every pair takes the place of their conservation.
    """
    ranks = Ranks.read(ballots)
    pairs = Pairs.read(question, ranks, rules["unranked"])
    ties = Ties(question, rules, lots, pairs.write)
    winners: tuple[str, ...] = ()
    told = facts(pairs)
    said = [*repeated_said(ranks), sets_said(pairs)]
    tie: int | None = None
    outcome = "elected"
    if len(pairs.names) > 1 and not ranks.valid:
        outcome, says = "no valid ballots", "There are no valid ballots; nobody is elected."
    else:
        try:
            found = find(pairs, ties)
            told |= found.facts
            said += found.says
            winner, tie = elect(list(found.best), ties)
            winners = (winner,)
            says = (
                f"{winner} is the only option and is elected."
                if len(pairs.names) == 1
                else found.why(winner)
                + (f" {and_(found.best)} are tied; the tie rule chooses." if tie is not None else "")
            )
        except AwaitLot as wait:
            outcome, tie = "awaiting lot", len(ties.found) - 1
            says = f"{and_(wait.tie.tied)} are tied: a lot must decide."
    if outcome != "awaiting lot":
        ties.finish()
    only = Round(1, {}, "0", "0", None, "count", f"Round 1. {says}", winners, tie=tie)
    return Result(
        outcome,
        winners,
        (),
        (only,),
        None,
        tuple(ties.found),
        tuple(ties.used),
        blank=ranks.blank,
        valid=ranks.valid,
        weight=exact(ranks.weight),
        explanation=(*said, only.says),
        facts=told,
    )


def elect(best: Sequence[str], ties: Ties) -> tuple[str, int | None]:
    """The one who wins, and the record of the tie if there is one. Raises AwaitLot."""
    return (best[0], None) if len(best) == 1 else ties.pick(best, "elect", 1)
