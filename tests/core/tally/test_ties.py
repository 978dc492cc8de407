"""Ties: a policy that has nothing to go by leaves the tie to the next one."""

from __future__ import annotations

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
