"""Ranked pairs: the published example, the rule of a group against its definition, and orders of equal majorities."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core.tally import ranked_pairs
from tests.core.tally import pairs as plain
from tests.core.tally.pairs import DECLARED, count, elections, question, read
from tests.core.tally.test_schulze import stored

EQUAL = "3 A>B>C,3 B>C>A,3 C>A>B"
THREE = question("A", "B", "C")


def test_the_same_ballots_elect_another_than_schulze_does(data):
    asked, ballots, known = stored(data, "rankedpairs_same_profile")
    made = count("ranked-pairs", ballots, asked)
    assert list(made.winners) == known["winners"]
    assert made.result.facts["order"] == known["ranking"]
    assert count("schulze", ballots, asked).winners == ("E",)
    assert "D over C, 28 to 17: left out, as C > B > D is locked." in made.result.explanation
    assert made.rounds[0].says == (
        "Round 1. A is elected: no locked majority stands above it (7 majorities locked, 3 left out)."
    )
    fifth = made.result.facts["pairs"][4]
    assert fifth == {
        "over": "D",
        "under": "C",
        "strength": "28",
        "locked": False,
        "against": ["C", "B", "D"],
        "says": "D over C, 28 to 17: left out, as C > B > D is locked.",
    }
    assert "other_orders" not in made.result.facts


def _reaches(locked, a, b):
    seen, waiting = set(), [a]
    while waiting:
        at = waiting.pop()
        if at == b:
            return True
        if at not in seen:
            seen.add(at)
            waiting += [y for x, y in locked if x == at]
    return False


def _groups(over, strength):
    """Majorities in groups of equal strength, the strongest first, by comparing each two."""
    left = sorted(plain.beats(over))
    made = []
    while left:
        top = [
            pair
            for pair in left
            if not any(
                plain.stronger(strength, over[c][d], over[d][c], over[pair[0]][pair[1]], over[pair[1]][pair[0]])
                for c, d in left
            )
        ]
        made.append(top)
        left = [pair for pair in left if pair not in top]
    return made


def _neutral(groups):
    locked = []
    for group in groups:
        free = [(a, b) for a, b in group if not _reaches(locked, b, a)]
        locked += [(a, b) for a, b in free if not _reaches(locked + free, b, a)]
    return locked


def _one_by_one(pairs):
    locked = []
    for a, b in pairs:
        if not _reaches(locked, b, a):
            locked.append((a, b))
    return locked


def _sources(options, locked):
    return [f"N{n + 1}" for n in range(options) if all(b != n for _, b in locked)]


def _locked(made):
    return {
        (int(pair["over"][1:]) - 1, int(pair["under"][1:]) - 1) for pair in made.result.facts["pairs"] if pair["locked"]
    }


@given(elections(most=5), st.sampled_from(["winning-votes", "margins", "ratio", "tuple"]))
@settings(max_examples=150)
def test_neutral_locks_what_its_definition_says(election, strength):
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    made = count("ranked-pairs", ballots, options, strength=strength, **DECLARED)
    over = plain.matrix(election)
    locked = _neutral(_groups(over, strength))
    assert _locked(made) == set(locked)
    assert made.result.facts["order"][0] == _sources(options, locked)
    for pair in made.result.facts["pairs"]:
        if pair["against"]:
            chain = [int(name[1:]) - 1 for name in pair["against"]]
            assert set(pairwise(chain)) <= set(locked)
            assert (f"N{chain[0] + 1}", f"N{chain[-1] + 1}") == (pair["under"], pair["over"])


@given(elections(most=5))
@settings(max_examples=100)
def test_a_ranking_separates_equal_majorities(election):
    """With the declared order as the ranking: the winner higher in it first, then the loser lower in it."""
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    made = count("ranked-pairs", ballots, options, equal="tie-ranking", **DECLARED)
    groups = _groups(plain.matrix(election), "winning-votes")
    order = [pair for group in groups for pair in sorted(group, key=lambda pair: (pair[0], -pair[1]))]
    assert _locked(made) == set(_one_by_one(order))


@given(elections(most=4, ballots=5, papers=2))
@settings(max_examples=100)
def test_every_order_of_equal_majorities_is_tried(election):
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    made = count("ranked-pairs", ballots, options, **DECLARED)
    groups = _groups(plain.matrix(election), "winning-votes")
    orders = product(*(list(permutations(group)) for group in groups))
    found = {
        name for order in orders for name in _sources(options, _one_by_one([pair for group in order for pair in group]))
    }
    told = made.result.facts.get("other_orders", {"winners": made.result.facts["order"][0], "complete": True})
    assert told == {"winners": sorted(found), "complete": True}


def test_a_circle_of_equal_majorities_hangs_on_its_order():
    made = count("ranked-pairs", read(EQUAL), THREE, ties=["lot"])
    assert made.outcome == "awaiting lot"
    assert made.result.ties[0].tied == ("A", "B", "C")
    assert made.result.facts["other_orders"] == {"winners": ["A", "B", "C"], "complete": True}
    assert made.result.explanation[1:3] == (
        "A over B, 6 to 3: left out, as it closes a circle with equal majorities.",
        "B over C, 6 to 3: left out, as it closes a circle with equal majorities.",
    )
    assert made.result.explanation[-2] == "Orders of the equal majorities elect A or B or C."


def test_a_ranking_is_drawn_one_option_after_the_other():
    rules = {"equal": "tie-ranking", "ties": ["lot"]}
    waits = count("ranked-pairs", read(EQUAL), THREE, **rules)
    assert (waits.outcome, waits.rounds[0].tie, waits.result.ties[0].purpose) == ("awaiting lot", 0, "order")
    lots = [
        {"round": 1, "purpose": "order", "tied": ["A", "B", "C"], "chosen": "C"},
        {"round": 1, "purpose": "order", "tied": ["A", "B"], "chosen": "A"},
    ]
    made = count("ranked-pairs", read(EQUAL), THREE, lots, **rules)
    assert made.winners == ("C",)
    assert [tie.chosen for tie in made.result.ties] == ["C", "A"]
    assert [(pair["over"], pair["locked"]) for pair in made.result.facts["pairs"]] == [
        ("A", True),
        ("B", False),
        ("C", True),
    ]
    assert "B over C, 6 to 3: left out, as C > A > B is locked." in made.result.explanation
    assert (
        "The result hangs on the order of equal majorities: another order would elect A and B."
        in made.result.explanation
    )


def test_one_ranking_serves_all_groups():
    """A, B, C go round with 4 to 2, then D, E, F with 3 to 2: one ranking is drawn, for both."""
    ballots = read("2 A>B>C,2 B>C>A,2 C>A>B,1 A=B=C>D>E>F,1 A=B=C>E>F>D,1 A=B=C>F>D>E")
    made = count("ranked-pairs", ballots, question(*"ABCDEF"), equal="tie-ranking", **DECLARED)
    assert made.winners == ("A",)
    assert len([tie for tie in made.result.ties if tie.purpose == "order"]) == 5


def test_a_circle_outside_the_smith_set_does_not_matter():
    ballots = read("2 A>B>C>D,2 A>C>D>B,2 A>D>B>C")
    made = count("ranked-pairs", ballots, question("A", "B", "C", "D"))
    assert made.winners == ("A",)
    assert "Every order of the equal majorities elects A." in made.result.explanation


def test_the_search_is_bounded_and_says_so(monkeypatch):
    monkeypatch.setattr(ranked_pairs, "STEPS", 2)
    made = count("ranked-pairs", read(EQUAL), THREE, ties=["declared"])
    assert made.result.facts["other_orders"] == {"winners": [], "complete": False}
    assert made.result.explanation[-2] == (
        "Whether another order of the equal majorities would elect someone else is open: to see it takes more than 2 steps."
    )


@pytest.mark.parametrize(("strength", "told"), [("winning-votes", "6"), ("margins", "3"), ("ratio", "6:3")])
def test_strengths_stand_in_the_record(strength, told):
    made = count("ranked-pairs", read("4 A>B>C,3 B>C>A,2 C>A>B"), THREE, strength=strength)
    assert {(pair["over"], pair["under"]): pair["strength"] for pair in made.result.facts["pairs"]}["A", "B"] == told
