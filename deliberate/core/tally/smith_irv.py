"""Smith//IRV: leave out all options outside the Smith set, then count an instant run-off among the rest.

Source: D. R. Woodall, "Monotonicity of single-seat preferential election rules", Discrete Applied Mathematics 77 (1997);
J. Green-Armytage, "Four Condorcet-Hare hybrid methods for single-winner elections", Voting Matters 29 (2011).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deliberate.core.ballot import Aggregate, Row, pass_over
from deliberate.core.sentences import mark
from deliberate.core.tally import irv, reading
from deliberate.core.tally.pairwise import UNRANKED, Pairs, facts, repeated_said, sets_said
from deliberate.core.tally.ranks import Ranks
from deliberate.core.tally.record import Question, Result, and_
from deliberate.core.tally.registry import method


@method(
    "smith-irv",
    title="Smith set, then instant run-off",
    ballot="ranking",
    winners="one",
    source='J. Green-Armytage, "Four Condorcet-Hare hybrid methods for single-winner elections", Voting Matters 29 (2011)',
    about=mark(
        "Members rank options. Every two options are compared by all ballots; if one beats every other, it wins. If there is none, "
        "an instant run-off is counted among the smallest set of options that beat all outside it."
    ),
    family="pairwise",
    good_for="One option out of several, where an instant run-off is known and must not pass over one that beats every other.",
    options={**irv.RUNOFF, "unranked": UNRANKED},
    equal_ranks=True,
    departures=(
        "Options that a rank shares are equal in the matrix; in the run-off the option overvote says what they do.",
    ),
)
def smith_irv(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Find the Smith set and count the run-off."""
    ranks = Ranks.read(ballots, rules["max_ranks"])
    pairs = Pairs.read(question, ranks, rules["unranked"])
    smith = pairs.smith()
    outside = [option for n, option in enumerate(question.options) if n not in smith] if len(smith) > 1 else []
    reader = within(reading.by_options(rules), {option.id for option in outside})
    read = reading.read(ballots, reader, spoil_without_first=False)
    count = _Rounds(question, read, rules, lots)
    count.pairs, count.smith, count.outside = pairs, smith, tuple(option.name for option in outside)
    return told(irv.result(count, read, count.run()), pairs, ranks)


def told(found: Result, pairs: Pairs, ranks: Ranks) -> Result:
    """The result of a run-off with what the matrix tells."""
    said = (*repeated_said(ranks), sets_said(pairs), *found.explanation)
    return replace(found, facts=facts(pairs), explanation=said)


def within(read: reading.Reader, gone: Collection[str]) -> reading.Reader:
    """The same reading of ballots that pass over these options."""

    def passing(row: Row) -> tuple[reading.Steps, str]:
        return read(replace(row, ballot=pass_over(row.ballot, gone)))

    return passing


class Pairwise(irv.Rounds):
    """Rounds that the matrix takes part in: there is something to decide by as soon as one ballot has a mark."""

    pairs: Pairs

    def _nothing(self) -> bool:
        return len(self.votes) > 1 and not self.total

    def _elect(self, n: int, among: Sequence[int], left: str) -> None:
        """Elect the one who beats all these."""
        name = self.pairs.names[n]
        self.winners.append(name)
        says = f"{name} beats every other {left}{self.pairs.closest(n, among)} and is elected."
        self._record("final", says if len(among) > 1 else f"{name} is the only {left} left and is elected.", (name,))


class _Rounds(Pairwise):
    smith: list[int]
    outside: tuple[str, ...]

    def _needed(self) -> str | None:
        run_off = len(self.rounds) >= self.before and len(self.smith) > 1
        return super()._needed() if run_off else None

    def _round(self) -> None:
        """First the options outside the Smith set leave; a Smith set of one is the winner."""
        if len(self.smith) == 1:
            self._elect(self.smith[0], range(len(self.pairs.names)), "option")
        elif self.outside and not self.rounds:
            self.before = 1
            says = f"Exclude {and_(self.outside)}: each of the Smith set, {and_(self.pairs.named(self.smith))}, beats all outside it."
            self._record("exclude", says, (), self.outside)
            self.gone.extend(self.outside)
        else:
            super()._round()
