"""Choices as they are counted: which options a ballot marks, which ballots are blank or spoilt, and who has the most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.tally.record import Question, number
from deliberate.core.tally.scottish import unopposed
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
            said.append(f"{', '.join(wait.tie.tied)} have {number(exact(most), noun)} each: a lot must decide.")
            return "awaiting lot", tuple(winners), " ".join(said)
        winners.append(winner)
        said.append(f"{winner} has {much(most)}, as many as {_others(best, winner)}, and wins the tie.")
    return "elected", tuple(winners), " ".join(said)


def _others(tied: Sequence[str], winner: str) -> str:
    return " and ".join(name for name in tied if name != winner)
