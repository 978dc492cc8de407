"""Plurality: each ballot marks one option; the most votes win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.record import Question, Result, Round, number
from deliberate.core.tally.registry import TIE_OPTIONS, Setting, method, policies
from deliberate.core.tally.seats import unopposed
from deliberate.core.tally.ties import AwaitLot, Ties


@method(
    "plurality",
    title="One choice, most votes",
    ballot="choice",
    winners="seats",
    source="Common usage: the most votes win",
    about=mark(
        "Each member marks one option. The option with the most votes wins. It may win with less than half of the votes."
    ),
    family="choice",
    good_for="A quick choice where everybody knows the options and nothing much hangs on it.",
    options={**TIE_OPTIONS, "ties": Setting(["lot"], mark("Tie policies, tried in order."), policies)},
)
def plurality(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Add the marks; those with the most win, ties at the last seat by the policies."""
    names = {option.id: option.name for option in question.options}
    held = {option.name: Fraction(0) for option in question.options}
    blank = valid = 0
    for row in ballots.rows:
        if row.marks:
            held[names[row.marks[0]]] += row.weight * row.count
            valid += row.count
        else:
            blank += row.count
    total = sum(held.values(), Fraction(0))
    ties = Ties(question, rules, lots, exact)
    outcome, winners, says = _elect(question.seats, held, ties)
    if outcome != "awaiting lot":
        ties.finish()
    votes = {name: exact(value) for name, value in held.items()}
    only = Round(1, votes, "0", "0", None, "count", says, winners, tie=0 if ties.found else None)
    return Result(
        outcome,
        winners,
        (),
        (only,),
        ties=tuple(ties.found),
        lots=tuple(ties.used),
        blank=blank,
        valid=valid,
        weight=exact(total),
        explanation=(says,),
    )


def _elect(seats: int, held: Mapping[str, Fraction], ties: Ties) -> tuple[str, tuple[str, ...], str]:
    """Outcome, winners in order, and the sentence that says why."""
    if len(held) <= seats:
        return "elected", tuple(held), unopposed(len(held), seats)
    total = sum(held.values(), Fraction(0))
    if not total:
        return "no valid ballots", (), "Nobody voted for any option."
    winners: list[str] = []
    said: list[str] = []
    while len(winners) < seats:
        left = {name: votes for name, votes in held.items() if name not in winners}
        most = max(left.values())
        best = [name for name in left if left[name] == most]
        if len(best) <= seats - len(winners):
            winners += best
            said += [f"{name} has {_of(most, total)}, {'the most' if not said else 'the next most'}." for name in best]
            continue
        try:
            winner, _ = ties.pick(best, "elect", 1)
        except AwaitLot as wait:
            said.append(f"{', '.join(wait.tie.tied)} have {number(exact(most), 'vote')} each: a lot must decide.")
            return "awaiting lot", tuple(winners), " ".join(said)
        winners.append(winner)
        said.append(f"{winner} has {_of(most, total)}, as many as {_others(best, winner)}, and wins the tie.")
    return "elected", tuple(winners), " ".join(said)


def _of(votes: Fraction, total: Fraction) -> str:
    return f"{exact(votes)} of {number(exact(total), 'vote')}"


def _others(tied: Sequence[str], winner: str) -> str:
    return " and ".join(name for name in tied if name != winner)
