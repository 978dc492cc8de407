"""Ties: a policy that has nothing to go by leaves the tie to the next one."""

from __future__ import annotations

import pytest

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.tally import Option, Question

ASKED = Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate("ABC", 1)))
EVEN = [(ranking("o1"), 3), (ranking("o2"), 1), (ranking("o3"), 1), (ranking("o2"), 1), (ranking("o3"), 1)]


def test_without_a_seed_the_policy_seed_decides_nothing():
    made = tally.count(ASKED, EVEN, {"method": "irv", "ties": ["seed", "declared"]})
    assert [(tie.tied, tie.policy, tie.chosen) for tie in made.result.ties] == [(("B", "C"), "declared", "C")]
    assert tally.count(ASKED, EVEN, {"method": "irv", "ties": ["seed"]}).outcome == "awaiting lot"
    seeded = tally.count(ASKED, EVEN, {"method": "irv", "ties": ["seed", "declared"], "seed": "5" * 64})
    assert seeded.result.ties[0].policy == "seed"
    assert seeded.result.ties[0].evidence.startswith("Draw 1 from the seed: ")


@pytest.mark.parametrize(("policy", "out"), [("previous", "C"), ("backwards", "C"), ("forwards", "B")])
def test_the_round_before_is_not_the_first(policy, out):
    """Round 1: B 4, C 5, D 3, E 2. E goes to B: B 6, C 5. Of D one goes to C: 6 and 6, a tie. Worked by hand."""
    ballots = [(ranking("o1"), 9), (ranking("o2"), 4), (ranking("o3"), 5)]
    ballots += [(ranking("o4", "o3"), 1), (ranking("o4", "o1"), 2), (ranking("o5", "o2"), 2)]
    asked = Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate("ABCDE", 1)))
    made = tally.count(asked, ballots, {"method": "irv", "ties": [policy, "lot"], "continue_until_two": True})
    assert [(tie.tied, tie.policy, tie.chosen) for tie in made.result.ties] == [(("B", "C"), policy, out)]
