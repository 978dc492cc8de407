"""Minimax: the option wins whose worst defeat is the least.

Source: P. B. Simpson, "On defining areas of voter choice", Quarterly Journal of Economics 83 (1969); G. H. Kramer, "A dynamical
model of political equilibrium", Journal of Economic Theory 16 (1977).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from deliberate.core.ballot import Aggregate
from deliberate.core.sentences import mark
from deliberate.core.tally.pairwise import UNRANKED, Found, Pairs, by_score, compared
from deliberate.core.tally.profile import Ints
from deliberate.core.tally.record import Question, Result
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, method, one_of
from deliberate.core.tally.ties import Ties


@method(
    "minimax",
    title="Minimax (Simpson-Kramer)",
    ballot="ranking",
    winners="one",
    source='P. B. Simpson, "On defining areas of voter choice" (1969); G. H. Kramer, "A dynamical model of political equilibrium" (1977)',
    about=mark(
        "Members rank options. Every two options are compared by all ballots. An option that beats every other wins; if there is "
        "none, the option wins whose worst defeat is the least."
    ),
    family="pairwise",
    good_for="One option out of a few, where the shortest explanation of a pairwise method is wanted.",
    options={
        **LOT_OPTIONS,
        "score": Setting(
            "winning-votes",
            mark(
                "How bad a defeat is: the votes of the majority, its margin, or the most votes against, even in a victory."
            ),
            one_of("winning-votes", "margins", "opposition"),
        ),
        "unranked": UNRANKED,
    },
    equal_ranks=True,
)
def minimax(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Find the least worst defeat."""
    return compared(question, ballots, rules, lots, partial(_find, rules["score"]))


def against(over: Ints, score: str) -> Ints:
    """(m, m) how much the second has against the first: votes or margin of a majority, or all votes; 0: undefeated."""
    other = over.T
    worth = other - over if score == "margins" else other
    return worth if score == "opposition" else np.where(other > over, worth, 0)


def _find(score: str, pairs: Pairs, ties: Ties) -> Found:
    held = against(pairs.over, score)
    worst = held.max(axis=1).tolist()
    order = by_score([-defeat for defeat in worst])
    told = {name: pairs.write(defeat) for name, defeat in zip(pairs.names, worst, strict=True)}
    what = {"winning-votes": "votes of the majority", "margins": "margin", "opposition": "votes against"}[score]
    said = [
        f"{name}: worst against {pairs.names[int(held[n].argmax())]}, {what} {told[name]}."
        if worst[n]
        else f"{name}: {'nobody has a vote against it' if score == 'opposition' else 'not defeated'}."
        for n, name in enumerate(pairs.names)
    ]
    return Found(
        pairs.named(order[0]),
        lambda winner: f"{winner} is elected: its worst defeat is the least, {told[winner]}.",
        {"scores": told, "order": [pairs.named(group) for group in order]},
        said,
    )
