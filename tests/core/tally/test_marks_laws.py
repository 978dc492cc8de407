"""Laws of every method that counts marks, points and money: the order of ballots, weights, blanks, names, conservation."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import choice, each, score
from deliberate.core.tally import METHODS, Option, Question

NAMES = (
    "plurality",
    "limited",
    "block",
    "cumulative",
    "approval",
    "approval-each",
    "score",
    "star",
    "pav",
    "seq-pav",
    "seq-phragmen",
    "equal-shares",
    "budget-equal-shares",
    "budget-greedy",
)
BLANK = {"choice": choice(), "score": score(), "each": each()}
COSTS = [3, 4, 5, 6, 7]


def ballot(method, cells, ids):
    """A ballot for the method from a number from 0 to 5 for each option."""
    kind = METHODS[method].ballot
    if kind == "score":
        return score(**dict(zip(ids, cells, strict=True)))
    if kind == "each":
        words = {0: "no", 1: "no", 2: "abstain", 4: "yes", 5: "yes"}
        return each(**{one: words[cell] for one, cell in zip(ids, cells, strict=True) if cell in words})
    marks = [one for one, cell in zip(ids, cells, strict=True) if cell > 2]
    most = {"plurality": 1, "limited": 1, "block": 2, "cumulative": 2}.get(method)
    return choice(*marks[:most])


@st.composite
def elections(draw):
    options = draw(st.integers(2, 5))
    row = st.tuples(st.lists(st.integers(0, 5), min_size=options, max_size=options), st.integers(1, 3))
    return options, draw(st.lists(row, max_size=6))


def count(method, election, renamed=None, **rules):
    """renamed: the option that each number stands for, as a permutation."""
    options, rows = election
    order = renamed or list(range(options))
    if method.startswith("budget"):
        rules |= {"costs": {f"o{n + 1}": COSTS[order[n]] for n in range(options)}, "budget": 10}
    seats = 2 if METHODS[method].winners in ("seats", "committee") else 1
    asked = Question("Q", tuple(Option(f"o{n + 1}", f"N{order[n]}") for n in range(options)), seats)
    votes = [
        (ballot(method, cells, [f"o{order.index(n) + 1}" for n in range(options)]), weight) for cells, weight in rows
    ]
    return tally.count(asked, votes, {"method": method, "ties": ["declared"], **rules})


@pytest.mark.parametrize("method", NAMES)
@given(election=elections())
@settings(max_examples=40)
def test_laws(method, election):
    made = count(method, election)
    for round_ in made.rounds:
        held = sum(map(Fraction, round_.votes.values()), Fraction(0)) + Fraction(round_.exhausted)
        assert held == Fraction(round_.facts.get("given", made.result.weight)), "every vote is in every round"
        assert round_.says
    assert len(set(made.winners)) == len(made.winners)
    assert not set(made.winners) & set(made.result.excluded)
    if not method.startswith("budget"):
        assert len(made.winners) <= made.question.seats
    options, rows = election
    assert count(method, (options, rows[::-1])).canonical() == made.canonical(), "the order of ballots is nothing"
    again = json.loads(made.canonical())
    assert (again["winners"], again["outcome"]) == (list(made.winners), made.outcome)


@pytest.mark.parametrize("method", NAMES)
@given(election=elections())
@settings(max_examples=30)
def test_a_weight_is_as_many_ballots(method, election):
    options, rows = election
    rules = {"all_committees": 20} if METHODS[method].winners == "committee" else {}
    heavy = count(method, election, **rules)
    single = count(method, (options, [(cells, 1) for cells, weight in rows for _ in range(weight)]), **rules)
    assert (heavy.winners, heavy.outcome, heavy.result.facts.get("committees")) == (
        single.winners,
        single.outcome,
        single.result.facts.get("committees"),
    )
    assert [(round_.votes, round_.says) for round_ in heavy.rounds] == [
        (round_.votes, round_.says) for round_ in single.rounds
    ]
    rules = {"completion": "none"} if method == "budget-equal-shares" else {}  # a unit more is so much for each vote
    heavy = count(method, election, **rules)
    third = count(method, (options, [(cells, Fraction(weight, 3)) for cells, weight in rows]), **rules)
    assert third.winners == heavy.winners, "only the proportions of the weights decide"


@pytest.mark.parametrize("method", NAMES)
@given(election=elections(), data=st.data())
@settings(max_examples=30)
def test_the_names_of_options_decide_nothing(method, election, data):
    made = count(method, election)
    other = count(method, election, data.draw(st.permutations(range(election[0]))))
    assume(not made.result.ties and not other.result.ties)
    if len(made.winners) < election[0]:
        assert set(made.winners) == set(other.winners)


@pytest.mark.parametrize("method", NAMES)
@given(election=elections())
@settings(max_examples=20)
def test_a_blank_changes_no_winner(method, election):
    rules = {"count_empty": False} if method == "budget-equal-shares" else {}
    made = count(method, election, **rules)
    options, rows = election
    asked = made.question
    votes = [(ballot(method, cells, [f"o{n + 1}" for n in range(options)]), weight) for cells, weight in rows]
    written = {key: value for key, value in made.rules.items() if key != "method"}
    more = tally.count(asked, [*votes, (BLANK[METHODS[method].ballot], 2)], {"method": method, **written})
    assert (more.winners, more.outcome, more.result.blank) == (made.winners, made.outcome, made.result.blank + 1)


@pytest.mark.parametrize("method", NAMES)
def test_whom_everybody_wants_wins(method):
    assert "N1" in count(method, (3, [([0, 5, 2], 4)])).winners


@pytest.mark.parametrize("method", ["plurality", "approval", "cumulative", "score", "seq-phragmen", "seq-pav"])
@given(election=elections())
@settings(max_examples=30)
def test_one_more_ballot_for_a_winner_never_makes_it_lose(method, election):
    options, rows = election
    made = count(method, election)
    assume(made.winners and not made.result.ties)
    first = int(made.winners[0][1:])
    cells = [5 if n == first else 0 for n in range(options)]
    assert made.winners[0] in count(method, (options, [*rows, (cells, 1)])).winners


@pytest.mark.parametrize("method", NAMES)
def test_edges(method):
    several = METHODS[method].winners in ("seats", "committee")
    unopposed = ("N0", "N1") if several and method != "approval-each" else ()
    assert count(method, (2, [])).winners == unopposed
    assert count(method, (5, [([5, 0, 0, 0, 0], 1)]), ties=["lot"]).outcome in ("elected", "awaiting lot")
    assert count(method, (5, [([5, 5, 5, 5, 5], 1)])).outcome == "elected"
    ids = [f"o{n}" for n in range(1, 256)]
    many = Question("Q", tuple(Option(one, f"N{one}") for one in ids))
    rules = {"costs": dict.fromkeys(ids, 1), "budget": 1} if method.startswith("budget") else {}
    votes = [(ballot(method, [0] * n + [5] + [0] * (254 - n), ids), 10**6 + n) for n in range(255)]
    made = tally.count(many, votes, {"method": method, "ties": ["declared"], **rules})
    nobody = method in (
        "approval-each",
        "budget-equal-shares",
    )  # each is against 254 others, or can pay only where all can
    assert (made.outcome, made.winners) == (("lost", ()) if nobody else ("elected", ("No255",)))
