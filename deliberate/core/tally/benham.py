"""Benham: an instant run-off that ends as soon as one continuing option beats every other.

Source: J. Green-Armytage, "Four Condorcet-Hare hybrid methods for single-winner elections", Voting Matters 29 (2011).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.sentences import mark
from deliberate.core.tally import irv, reading
from deliberate.core.tally.pairwise import UNRANKED, Pairs
from deliberate.core.tally.ranks import Ranks
from deliberate.core.tally.record import Question, Result
from deliberate.core.tally.registry import TIE_OPTIONS, method
from deliberate.core.tally.smith_irv import Pairwise, told


@method(
    "benham",
    title="Benham",
    ballot="ranking",
    winners="one",
    source='J. Green-Armytage, "Four Condorcet-Hare hybrid methods for single-winner elections", Voting Matters 29 (2011)',
    about=mark(
        "Members rank options. Every two options are compared by all ballots. As long as none beats every other that is left, the "
        "option with the fewest votes is excluded, and its votes move to the next preference."
    ),
    family="pairwise",
    good_for="One option out of several, by hand too: a run-off with one more question in each round.",
    options={**TIE_OPTIONS, **irv.LAST, **irv.READING, "unranked": UNRANKED},
    equal_ranks=True,
    departures=(
        "Options that a rank shares are equal in the matrix; in the rounds the option overvote says what they do.",
    ),
)
def benham(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by rounds; the matrix is asked before each exclusion. Batches are not offered: they would pass over a winner."""
    ranks = Ranks.read(ballots, rules["max_ranks"])
    read = reading.read(ballots, reading.by_options(rules), spoil_without_first=False)
    count = _Rounds(question, read, {**rules, "batch": False}, lots)
    count.pairs = Pairs.read(question, ranks, rules["unranked"])
    return told(irv.result(count, read, count.run()), count.pairs, ranks)


class _Rounds(Pairwise):
    def _needed(self) -> str | None:
        return None

    def _round(self) -> None:
        """Elect the one who beats all that are left, else exclude."""
        live = self._live()
        left = [n for n, name in enumerate(self.pairs.names) if name in live]
        n = self.pairs.winner(left)
        if n is None:
            self._leave(*self._leaving(live))
        else:
            self._elect(n, left, "continuing option" if self.gone else "option")
