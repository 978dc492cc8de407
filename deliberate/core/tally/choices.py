"""Choices as they are counted: which options a ballot marks, which ballots are blank or spoilt, and who has the most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.tally.record import Question, Result, Round, Test, and_, number
from deliberate.core.tally.seats import unopposed
from deliberate.core.tally.ties import AwaitLot, Ties


@dataclass(frozen=True)
class Choices:
    """rows: (names of the options marked, weight of all such ballots), valid ones only; held: marks of each option by weight.

    blank, spoilt and valid are numbers of papers; weight is the valid weight.
    """

    rows: tuple[tuple[tuple[str, ...], Fraction], ...]
    held: Mapping[str, Fraction]
    blank: int
    spoilt: int
    valid: int
    weight: Fraction

    @property
    def votes(self) -> dict[str, str]:
        """The marks of each option as a round records them."""
        return {name: exact(marks) for name, marks in self.held.items()}

    @property
    def given(self) -> str:
        """All marks together: what the votes of a round add up to."""
        total = sum((weight * len(marks) for marks, weight in self.rows), Fraction(0))
        assert total == sum(self.held.values()), "votes are conserved"
        return exact(total)

    @property
    def sizes(self) -> dict[str, Any]:
        """What a Result says of the ballots."""
        return {"blank": self.blank, "spoilt": self.spoilt, "valid": self.valid, "weight": exact(self.weight)}


def read(
    question: Question, ballots: Aggregate, most: int | None = None, least: int = 0, points: int | None = None
) -> Choices:
    """Read choice ballots. A ballot that marks more than ``most`` different options, or fewer than ``least``, is spoilt.

    points: how often a ballot may mark in all, an option several times if it likes; one that marks more is spoilt.
    Without it a repeated mark counts once.
    """
    names = {option.id: option.name for option in question.options}
    held = {option.name: Fraction(0) for option in question.options}
    rows: list[tuple[tuple[str, ...], Fraction]] = []
    blank = spoilt = valid = 0
    weight = Fraction(0)
    for row in ballots.rows:
        different = tuple(dict.fromkeys(row.marks))
        if not different:
            blank += row.count
        elif (
            len(different) < least
            or len(different) > (most or len(names))
            or len(row.marks) > (points or len(row.marks))
        ):
            spoilt += row.count
        else:
            marks = tuple(names[mark] for mark in (row.marks if points else different))
            rows.append((marks, row.weight * row.count))
            valid += row.count
            weight += row.weight * row.count
            for name in marks:
                held[name] += row.weight * row.count
    return Choices(tuple(rows), held, blank, spoilt, valid, weight)


def decide(
    question: Question,
    read: Choices,
    ties: Ties,
    noun: str = "vote",
    total: Fraction | None = None,
    standing: Sequence[str] | None = None,
    tests: Sequence[Test] = (),
) -> Result:
    """The result of one round: those with the most win.

    noun: what an option has; total: all of them, where a ballot has one. standing: who passed the tests, where there are any;
    the others cannot win.
    """
    held = {name: votes for name, votes in read.held.items() if standing is None or name in standing}
    few = [name for name in read.held if name not in held]
    winners: tuple[str, ...] = ()
    outcome, says = "no valid ballots", "Nobody voted for any option."
    if any(test.name.startswith("quorum") and not test.holds for test in tests):
        outcome, says = "no quorum", "Too few take part: nothing is decided."
    elif read.valid and not held:
        outcome, says = "lost", f"None of {', '.join(few)} has what the rules ask for."
    elif read.valid or (len(held) <= question.seats and standing is None):
        outcome, winners, says = elect(question.seats, held, ties, noun, total)
        says = f"Without what the rules ask for: {', '.join(few)}. {says}" if few else says
    given = None if total is not None else read.given
    return one_round(outcome, winners, says, read.votes, ties, read.sizes, given, tests)


def one_round(
    outcome: str,
    winners: tuple[str, ...],
    says: str,
    votes: Mapping[str, str],
    ties: Ties,
    sizes: Mapping[str, Any],
    given: str | None,
    tests: Sequence[Test] = (),
    facts: Mapping[str, Any] | None = None,
) -> Result:
    """A Result of one round. given: what the votes add up to, where that is not the valid weight."""
    if outcome != "awaiting lot":
        ties.finish()
    only = Round(
        1,
        votes,
        "0",
        "0",
        None,
        "count",
        says,
        winners,
        tie=0 if ties.found else None,
        facts={} if given is None else {"given": given},
    )
    return Result(
        outcome,
        winners,
        (),
        (only,),
        ties=tuple(ties.found),
        lots=tuple(ties.used),
        tests=tuple(tests),
        explanation=(says, *(test.says for test in tests)),
        facts=facts or {},
        **sizes,
    )


def elect(
    seats: int,
    held: Mapping[str, Fraction],
    ties: Ties,
    noun: str = "vote",
    total: Fraction | None = None,
) -> tuple[str, tuple[str, ...], str]:
    """Outcome, winners in order, and the sentence that says why: those with the most, ties at the last seat by the policies.

    noun: what an option has; total: all of them, where it makes sense to say so.
    """

    def much(amount: Fraction) -> str:
        return number(exact(amount), noun) if total is None else f"{exact(amount)} of {number(exact(total), noun)}"

    if len(held) <= seats:
        return "elected", tuple(held), unopposed(len(held), seats)
    winners: list[str] = []
    said: list[str] = []
    while len(winners) < seats:
        left = {name: amount for name, amount in held.items() if name not in winners}
        most = max(left.values())
        best = [name for name in left if left[name] == most]
        if len(best) <= seats - len(winners):
            winners += best
            said += [f"{name} has {much(most)}, {'the most' if not said else 'the next most'}." for name in best]
            continue
        try:
            winner, _ = ties.pick(best, "elect", 1)
        except AwaitLot as wait:
            said.append(f"{and_(wait.tie.tied)} have {number(exact(most), noun)} each: a lot must decide.")
            return "awaiting lot", tuple(winners), " ".join(said)
        winners.append(winner)
        others = and_([name for name in best if name != winner])
        said.append(f"{winner} has {much(most)}, as many as {others}, and wins the tie.")
    return "elected", tuple(winners), " ".join(said)
