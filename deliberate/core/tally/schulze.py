"""Schulze: the option wins whose strongest path to every other is at least as strong as the path back.

Source: M. Schulze, "The Schulze Method of Voting" (2018), sections 2.2 (paths) and 2.3 (implementation): a path is as strong
as its weakest link, a link is a majority. The paths are found by the widest-path form of Floyd and Warshall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core.ballot import Aggregate
from deliberate.core.sentences import mark
from deliberate.core.tally.pairwise import STRENGTH, UNRANKED, Found, Pairs, compared, layers
from deliberate.core.tally.profile import Ints
from deliberate.core.tally.record import Question, Result
from deliberate.core.tally.registry import LOT_OPTIONS, method
from deliberate.core.tally.ties import Ties


@method(
    "schulze",
    title="Schulze",
    ballot="ranking",
    winners="one",
    source='M. Schulze, "The Schulze Method of Voting" (2018), sections 2.2 and 2.3',
    about=mark(
        "Members rank options. Every two options are compared by all ballots. If one option beats every other, it wins. If "
        "majorities go round in a circle, the chains of majorities decide: a chain is as strong as its weakest link."
    ),
    family="pairwise",
    good_for="One option out of several, with no favour to whoever puts many alike; used by Debian, Wikimedia and pirate parties.",
    options={**LOT_OPTIONS, "strength": STRENGTH, "unranked": UNRANKED},
    equal_ranks=True,
    departures=(
        "Several winners are a tie, settled by the policy that the poll names; the paper's own rule draws ballots by lot.",
    ),
)
def schulze(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Compare the strongest paths of each two options."""
    return compared(question, ballots, rules, lots, partial(_find, rules["strength"]))


@dataclass(frozen=True)
class Paths:
    """width: (m, m) strength of the strongest path as a level, 0 where there is none. before: (m, m) last stop of that path."""

    width: Ints
    before: npt.NDArray[np.intp]

    @classmethod
    def of(cls, levels: Ints) -> Paths:
        """The strongest paths along majorities of these levels; of equal ones that with the first intermediate options."""
        width = levels.copy()
        before = np.repeat(np.arange(len(levels))[:, None], len(levels), axis=1)
        for k in range(len(levels)):
            through = np.minimum(width[:, k, None], width[None, k, :])
            wider = through > width
            np.fill_diagonal(wider, False)
            width = np.where(wider, through, width)
            before = np.where(wider, before[None, k, :], before)
        return cls(width, before)

    def leads(self, among: Sequence[int]) -> list[int]:
        """Whoever's path to each of the others is at least as strong as the path back."""
        held = self.width[np.ix_(among, among)]
        return [among[n] for n in np.flatnonzero((held >= held.T).all(axis=1)).tolist()]

    def stops(self, a: int, b: int) -> list[int]:
        """The path from a to b, both included."""
        back = [b]
        while back[-1] != a:
            back.append(int(self.before[a, back[-1]]))
        return back[::-1]


def _find(strength: str, pairs: Pairs, ties: Ties) -> Found:
    levels = pairs.levels(strength)
    paths = Paths.of(levels)
    told = _Told(pairs, levels, paths, strength)
    order = layers(paths.leads, len(pairs.names))
    return Found(
        pairs.named(order[0]),
        told.why,
        {"paths": told.paths(), "order": [pairs.named(group) for group in order]},
        told.of(order[0][0]) if len(order[0]) == 1 else [],
    )


@dataclass(frozen=True)
class _Told:
    """The paths in words."""

    pairs: Pairs
    levels: Ints
    found: Paths
    strength: str

    def link(self, stops: Sequence[int]) -> tuple[int, int]:
        """The weakest link of a path; of equal ones the first."""
        return min(pairwise(stops), key=lambda link: int(self.levels[link]))

    def paths(self) -> dict[str, dict[str, Any]]:
        """From each option to each that it reaches: strength, the path, and its weakest link."""
        made: dict[str, dict[str, Any]] = {name: {} for name in self.pairs.names}
        for a, b in np.argwhere(self.found.width).tolist():
            stops = self.found.stops(a, b)
            link = self.link(stops)
            made[self.pairs.names[a]][self.pairs.names[b]] = {
                "strength": self.pairs.strength(*link, self.strength),
                "path": self.pairs.named(stops),
                "link": self.pairs.named(link),
            }
        return made

    def path(self, a: int, b: int) -> str:
        """The strongest path with its weakest link."""
        if not self.found.width[a, b]:
            return "no path"
        stops = self.found.stops(a, b)
        link = self.link(stops)
        said = f"the path {' > '.join(self.pairs.named(stops))}"
        where = f"weakest link {' > '.join(self.pairs.named(link))} with " if len(stops) > 2 else ""
        return f"{said}, {where}{self.pairs.strength(*link, self.strength)}"

    def of(self, a: int) -> list[str]:
        """How a stands to each other option."""
        names = self.pairs.names
        return [
            f"{names[a]} {'beats' if self.found.width[a, b] > self.found.width[b, a] else 'is level with'} {names[b]} by "
            f"{self.path(a, b)}; back: {self.path(b, a)}."
            for b in range(len(names))
            if b != a
        ]

    def why(self, winner: str) -> str:
        """Why this one wins."""
        at = self.pairs.names.index(winner)
        others = [n for n in range(len(self.pairs.names)) if n != at]
        near = min(others, key=lambda n: int(self.found.width[at, n] - self.found.width[n, at]))
        return (
            f"{winner} is elected: no path to it is stronger than its own path back (closest: {self.pairs.names[near]}, "
            f"by {self.path(at, near)}; back: {self.path(near, at)})."
        )
