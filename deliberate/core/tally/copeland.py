"""Copeland: the option wins that beats the most others; a pair without a majority is worth a half.

Source: A. H. Copeland, "A reasonable social welfare function" (1951); D. G. Saari and V. R. Merlin, "The Copeland method",
Economic Theory 8 (1996).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.pairwise import UNRANKED, Found, Pairs, by_score, compared
from deliberate.core.tally.record import Question, Result, number
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, method, share
from deliberate.core.tally.ties import Ties


@method(
    "copeland",
    title="Copeland",
    ballot="ranking",
    winners="one",
    source='A. H. Copeland, "A reasonable social welfare function" (1951); D. G. Saari and V. R. Merlin, "The Copeland method" (1996)',
    about=mark(
        "Members rank options. Every two options are compared by all ballots, as in a tournament: a victory is worth a point, a "
        "draw half a point. The most points win. Ties are common."
    ),
    family="pairwise",
    good_for="A tournament of options that everybody understands, where a tie can be settled another way.",
    options={
        **LOT_OPTIONS,
        "tie_worth": Setting("1/2", mark("Points for a pair without a majority."), share),
        "unranked": UNRANKED,
    },
    equal_ranks=True,
)
def copeland(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Add victories and draws."""
    return compared(question, ballots, rules, lots, partial(_find, Fraction(rules["tie_worth"])))


def _find(worth: Fraction, pairs: Pairs, ties: Ties) -> Found:
    wins = pairs.beats.sum(axis=1).tolist()
    losses = pairs.beats.sum(axis=0).tolist()
    draws = [len(pairs.names) - 1 - won - lost for won, lost in zip(wins, losses, strict=True)]
    points = [won + worth * drawn for won, drawn in zip(wins, draws, strict=True)]
    order = by_score(points)
    told = dict(zip(pairs.names, map(exact, points), strict=True))
    said = [
        f"{name}: {number(wins[n], 'victory', 'victories')}, {number(draws[n], 'draw')}, {number(losses[n], 'defeat')}: "
        f"{number(told[name], 'point')}."
        for n, name in enumerate(pairs.names)
    ]
    return Found(
        pairs.named(order[0]),
        lambda winner: f"{winner} is elected with {number(told[winner], 'point')}, the most.",
        {"scores": told, "order": [pairs.named(group) for group in order]},
        said,
    )
