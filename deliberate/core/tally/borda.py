"""Borda: a ballot gives each option a point for every option below it; the most points win.

Source: J.-C. de Borda, "Mémoire sur les élections au scrutin" (1781); for ties and truncated ballots J. Emerson, "The original
Borda count and partial voting", Social Choice and Welfare 40 (2013).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices
from deliberate.core.tally.pairwise import by_score, repeated_said
from deliberate.core.tally.ranks import Ranks
from deliberate.core.tally.record import Question, Result
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, method, one_of
from deliberate.core.tally.ties import Ties


@method(
    "borda",
    title="Borda",
    ballot="ranking",
    winners="seats",
    source='J.-C. de Borda, "Mémoire sur les élections au scrutin" (1781)',
    about=mark(
        "Members rank options. With n options the first on a ballot gets n - 1 points, the next n - 2, the last none. The most "
        "points win."
    ),
    family="points",
    good_for="An order of priorities that everybody can live with, where nobody has reason to put up many like options.",
    options={
        **LOT_OPTIONS,
        "truncated": Setting(
            "zero",
            mark("Options that a ballot leaves out: no points, or the average of the places that are left."),
            one_of("zero", "average"),
        ),
    },
    equal_ranks=True,
)
def borda(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Add the points. Options at one rank share the average of their places."""
    ranks = Ranks.read(ballots)
    names = [option.name for option in question.options]
    points = dict(zip(names, _points(ranks, rules["truncated"] == "average"), strict=True))
    ties = Ties(question, rules, lots, exact)
    outcome, winners, says = (
        choices.elect(question.seats, points, ties, "point")
        if ranks.valid or len(points) <= question.seats
        else ("no valid ballots", (), "There are no valid ballots; nobody is elected.")
    )
    order = [[names[n] for n in group] for group in by_score(list(points.values()))]
    told = {name: exact(value) for name, value in points.items()}
    given = exact(sum(points.values(), Fraction(0)))
    sizes = {"blank": ranks.blank, "valid": ranks.valid, "weight": exact(ranks.weight)}
    facts = {"scores": told, "order": order}
    made = choices.one_round(outcome, winners, f"Round 1. {says}", told, ties, sizes, given, facts=facts)
    return replace(made, explanation=(*repeated_said(ranks), *made.explanation))


def _points(ranks: Ranks, average: bool) -> list[Fraction]:
    """Points of each option: one for each option below it, a half for each equal one; unranked ones are equal only if average.

    All ballots together give n (n - 1) / 2 points each if average, and never more.
    """
    over, level = ranks.compare()
    equal = level if average else ranks.compare(ignored=True)[1]
    points = [Fraction(n, 2 * ranks.unit) for n in (2 * over + equal).sum(axis=1).tolist()]
    most = ranks.weight * len(points) * (len(points) - 1) / 2
    assert sum(points) == most if average else sum(points) <= most, "every ballot gives its points"
    return points
