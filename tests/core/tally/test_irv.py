"""IRV: who leaves together."""

from __future__ import annotations

import pytest

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.tally import Option, Question

ASKED = Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate("ABCDE", 1)))


def rounds(votes, **rules):
    ballots = [(ranking(f"o{n}"), held) for n, held in enumerate(votes, 1)]
    return tally.count(ASKED, ballots, {"method": "irv", "ties": ["declared"], **rules}).rounds


@pytest.mark.parametrize(
    ("votes", "rules", "first", "why"),
    [
        ((9, 8, 6, 2, 1), {"batch": True}, ("E", "D"), "together they have fewer votes than the next"),
        ((9, 8, 6, 2, 1), {"batch": False}, ("E",), "1 vote, fewest (next 2)"),
        ((9, 8, 7, 1, 1), {"tied_last": "all-together"}, ("D", "E"), "all have the fewest, 1"),
        ((9, 8, 7, 1, 1), {"tied_last": "policy"}, ("E",), "1 vote, fewest, by the tie rule"),
        ((9, 8, 7, 3, 2), {"minimum_votes": 8}, ("C", "D", "E"), "fewer than 8 votes"),
        ((9, 8, 7, 3, 2), {"minimum_votes": 2}, ("E",), "2 votes, fewest (next 3)"),
        ((9, 8, 7, 3, 2), {"minimum_votes": 10}, ("E",), "2 votes, fewest (next 3)"),  # nobody would be left
        ((4, 4, 4, 4, 4), {"tied_last": "all-together"}, ("E",), "4 votes, fewest, by the tie rule"),
    ],
)
def test_who_leaves_in_the_first_round(votes, rules, first, why):
    made = rounds(votes, **rules)[0]
    assert made.excluded == first
    assert made.says.startswith(f"Round 1. Exclude {', '.join(first)}: {why}.")
