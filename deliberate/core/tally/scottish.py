"""Scottish STV: the Scottish Local Government Elections Order 2007 (SSI 2007/42), schedule 1, rules 45-52; now SSI 2011/399.

All values are whole numbers of 1/100,000 vote. A surplus moves all papers of the elected option at
floor5(surplus x value / total): one truncation, of the whole quotient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.sentences import mark
from deliberate.core.tally import quota, reading
from deliberate.core.tally.constraints import CONSTRAINTS
from deliberate.core.tally.profile import Profile
from deliberate.core.tally.record import Question, Result, number
from deliberate.core.tally.registry import TIE_OPTIONS, method
from deliberate.core.tally.seats import Value, places
from deliberate.core.tally.transfer import Inclusive

ONE = 100_000
write = places(ONE)


@method(
    "scottish-stv",
    title="Scottish STV",
    ballot="ranking",
    winners="seats",
    whole_weights=True,
    source="Scottish Local Government Elections Order 2007 (SSI 2007/42), schedule 1, rules 45 to 52; re-enacted in SSI 2011/399",
    about=mark(
        "Members rank options. Whoever reaches the quota is elected, and the part of their votes above it moves on; when nobody "
        "does, the last is excluded and their votes move on. So each seat stands for an equal share of the voters."
    ),
    family="proportional",
    good_for="A committee in which each group has seats by its size, by rules used in public elections since 2007.",
    options={**TIE_OPTIONS, **CONSTRAINTS},
    departures=(
        "A tie that the rounds cannot settle is settled by the policy that the poll names; the Order has the returning officer draw a lot.",
        "A weight of n counts as n equal papers; the Order knows no weights.",
    ),
)
def scottish(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by stages: elect, transfer the largest surplus, else exclude the lowest."""
    read = reading.read(ballots, reading.until_fault, spoil_without_first=True)
    count = Stages(question, read.profile, rules, lots)
    return count.result(count.run(), read)


class Stages(Inclusive):
    """The count as it stands; one method for each step of the rules."""

    def __init__(
        self, question: Question, profile: Profile, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(question, profile, ONE, rules, lots, write)
        self.quota = quota.droop(self.papers, self.seats) * ONE

    def needed(self) -> str:
        return str(self.quota // ONE)

    def begin(self) -> None:
        parts = self.seats + 1
        self.record(
            "first",
            f"{number(self.papers, 'valid ballot')}; quota {self.papers} / {parts} = {self.papers // parts} without the rest, "
            f"plus 1 = {self.needed()}. Every ballot stands with its first preference.",
        )

    def step(self) -> None:
        """Steps 4 to 6: the largest surplus moves; where there is none, the lowest leaves."""
        if self.pending:
            self.transfer(*self.largest(self.pending))
        else:
            name, tie, why = self.lowest()
            self.exclude([name], why, tie)

    def worth(self, value: Value, surplus: Value, held: Value) -> Value:
        """Step 5: one truncation, of the whole quotient."""
        return surplus * value // held
