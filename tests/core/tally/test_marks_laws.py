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


def ballot(kind, cells, method):
    """A ballot of this kind from a number from 0 to 5 for each option."""
    if kind == "score":
        return score(**{f"o{n}": cell for n, cell in enumerate(cells, 1)})
    if kind == "each":
        return each(**{f"o{n}": ("yes", "yes", "no", "abstain")[cell] for n, cell in enumerate(cells, 1) if cell < 4})
    marks = [f"o{n}" for n, cell in enumerate(cells, 1) if cell > 2]
    return choice(*(marks[:1] if method in ("plurality", "limited") else marks[:2] if method in ("block", "cumulative") else marks))


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
        (ballot(METHODS[method].ballot, [cells[order[n]] for n in range(options)], method), weight)
        for cells, weight in rows
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
    third = count(method, (options, [(cells, Fraction(weight, 3)) for cells, weight in rows]))
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
    asked, votes = made.question, []
    for cells, weight in rows:
        votes.append((ballot(METHODS[method].ballot, cells, method), weight))
    written = {key: value for key, value in made.rules.items() if key != "method"}
    more = tally.count(asked, [*votes, (BLANK[METHODS[method].ballot], 2)], {"method": method, **written})
    assert (more.winners, more.outcome, more.result.blank) == (made.winners, made.outcome, made.result.blank + 1)


@pytest.mark.parametrize("method", NAMES)
def test_whom_everybody_wants_wins(method):
    made = count(method, (3, [([0, 5, 2], 4)] if method != "approval-each" else [([2, 0, 2], 4)]))
    assert "N1" in made.winners


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
    assert count(method, (2, [])).winners == (("N0", "N1") if METHODS[method].winners in ("seats", "committee") and method != "approval-each" else ())
    one = count(method, (5, [([5, 0, 0, 0, 0], 1)] if method != "approval-each" else [([0, 2, 2, 2, 2], 1)]), ties=["lot"])
    assert one.outcome in ("elected", "awaiting lot")
    even = count(method, (5, [([5, 5, 5, 5, 5], 1)] if method != "approval-each" else [([0] * 5, 1)]))
    assert even.outcome == "elected"
    many = Question("Q", tuple(Option(f"o{n}", f"N{n}") for n in range(255)))
    rules = {"costs": {f"o{n}": 1 for n in range(255)}, "budget": 1} if method.startswith("budget") else {}
    vote = ballot(METHODS[method].ballot, [5] * 254 + [0], method) if method != "approval-each" else each(o254="yes")
    big = tally.count(many, [(vote, 10**6)], {"method": method, "ties": ["declared"], **rules})
    assert big.outcome == "elected"
