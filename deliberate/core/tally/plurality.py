"""Plurality: each ballot marks one option; the most votes win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.tally.record import Question, Result, Round
from deliberate.core.tally.registry import TIE_OPTIONS, Setting, method, policies
from deliberate.core.tally.ties import AwaitLot, Ties


@method(
    "plurality",
    title="One choice, most votes",
    ballot="choice",
    winners="one",
    source="Common usage; tally.md 2.1",
    about="Each member marks one option. The option with the most votes wins. It may win with less than half of the votes.",
    family="choice",
    good_for="A quick choice where everybody knows the options and nothing much hangs on it.",
    options={**TIE_OPTIONS, "ties": Setting(["lot"], "Tie policies, tried in order.", policies)},
)
def plurality(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Add the marks; the most wins, ties by the policies."""
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
    votes = {name: exact(value) for name, value in held.items()}
    facts: dict[str, Any] = {"blank": blank, "valid": valid, "weight": exact(total)}
    if not total:
        says = "Nobody voted for any option."
        return Result(
            "no valid ballots", rounds=(Round(1, votes, "0", "0", None, "count", says),), explanation=(says,), **facts
        )
    most = max(held.values())
    best = [name for name in held if held[name] == most]
    ties = Ties(question, rules, lots, exact)
    tie = None
    try:
        winner, tie = (best[0], None) if len(best) == 1 else ties.pick(best, "elect", 1)
    except AwaitLot:
        says = f"{', '.join(best)} have {exact(most)} votes each, the most: a lot must decide."
        return Result(
            "awaiting lot",
            rounds=(Round(1, votes, "0", "0", None, "count", says, tie=0),),
            ties=tuple(ties.found),
            explanation=(says,),
            **facts,
        )
    ties.finish()
    says = f"{winner} has {exact(most)} of {exact(total)} votes, the most" + (
        ", and wins the tie." if tie is not None else "."
    )
    return Result(
        "elected",
        (winner,),
        (),
        (Round(1, votes, "0", "0", None, "count", says, (winner,), tie=tie),),
        ties=tuple(ties.found),
        lots=tuple(ties.used),
        explanation=(says,),
        **facts,
    )
