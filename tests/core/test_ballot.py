"""Ballots: what a form may send, and how a ballot reads when options have withdrawn."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core.ballot import aggregate, check, choice, each, ranking, score, without
from deliberate.core.errors import DeliberateError

NAMES = {"o1": "Park", "o2": "Pool", "o3": "Roof"}


@pytest.mark.parametrize(
    ("ballot", "kind", "most"),
    [
        (choice(), "choice", 1),
        (choice("o2"), "choice", 1),
        (choice("o3", "o1"), "choice", 2),
        (ranking(), "ranking", 1),
        (ranking("o2"), "ranking", 1),
        (ranking("o3", "o1", "o2"), "ranking", 1),
    ],
)
def test_a_ballot_of_our_own_form_is_taken(ballot, kind, most):
    check(ballot, kind, NAMES, most)


@pytest.mark.parametrize(
    ("ballot", "kind", "code", "said"),
    [
        (ranking("o1"), "choice", "kind", "The poll takes a choice."),
        (choice("o1"), "ranking", "kind", "The poll takes a ranking."),
        ({**choice("o1"), "name": "Ada"}, "choice", "kind", "not a ballot of this poll"),
        ({"kind": "choice"}, "choice", "kind", "not a ballot of this poll"),
        ({"kind": "ranking", "marks": []}, "choice", "kind", "not a ballot of this poll"),
        (choice("o9"), "choice", "unknown", 'names "o9"'),
        (ranking("o1", "o9"), "ranking", "unknown", 'names "o9"'),
        (choice("o1", "o2"), "choice", "too_many", "marks 2 options. It may mark 1."),
        (choice("o1", "o1"), "choice", "too_many", "marks 2 options."),
        (ranking("o1", [], "o2"), "ranking", "gap", "skips rank 2"),
        (ranking("o1", ["o2", "o3"]), "ranking", "equal", 'gives rank 2 to "Pool" and "Roof"'),
        (ranking("o1", "o2", "o1"), "ranking", "duplicate", 'ranks "Park" twice (1 and 3)'),
    ],
)
def test_a_ballot_that_the_form_cannot_give_is_refused_by_its_fault(ballot, kind, code, said):
    with pytest.raises(DeliberateError) as refused:
        check(ballot, kind, NAMES)
    assert refused.value.code == f"ballot.{code}"
    assert said in str(refused.value)
    assert refused.value.remedy


def test_equal_marks_are_refused_even_where_several_are_allowed():
    with pytest.raises(DeliberateError, match=r"ballot\.too_many"):
        check(choice("o1", "o1"), "choice", NAMES, 3)


@pytest.mark.parametrize(
    ("ballot", "left"),
    [
        (choice("o2"), choice()),
        (choice("o1", "o2"), choice("o1")),
        (ranking("o2", "o1"), ranking("o1")),
        (ranking("o1", [], "o2", "o3"), ranking("o1", [], "o3")),  # a skip stays one, a rank left empty is none
        (ranking(["o2", "o3"], "o1"), ranking("o3", "o1")),
        (score(o1=5, o2=3), score(o1=5)),
        (each(o1="yes", o2="no"), each(o1="yes")),
    ],
)
def test_a_ballot_passes_over_options_that_withdrew(ballot, left):
    found = without(aggregate([(ballot, "3/2")], list(NAMES)), {"o2"})
    assert found.options == ("o1", "o3")
    assert [(row.ballot, row.count, row.weight) for row in found.rows] == [(left, 1, Fraction(3, 2))]


def test_ballots_that_become_equal_are_merged():
    found = without(aggregate([(ranking("o2", "o1"), 1), (ranking("o1"), 1), (ranking("o1"), 2)], list(NAMES)), ["o2"])
    assert [(row.count, row.weight) for row in found.rows] == [(2, 1), (1, 2)]


def test_rows_say_what_their_kind_of_ballot_holds():
    def row(ballot):
        return aggregate([(ballot, 1)], list(NAMES)).rows[0]

    assert row(choice("o1")).marks == ("o1",)
    assert row(ranking("o1", [], ["o2", "o3"])).ranks == (("o1",), (), ("o2", "o3"))
    assert row(score(o1=5, o2=0)).scores == {"o1": 5, "o2": 0}
    assert row(each(o1="yes", o3="abstain")).answers == {"o1": "yes", "o3": "abstain"}


@given(st.lists(st.tuples(st.permutations(list(NAMES)), st.integers(0, 3)), max_size=8), st.randoms())
def test_the_order_of_ballots_leaves_no_trace(made, random):
    ballots = [(ranking(*order[:cut]), 1) for order, cut in made]
    mixed = ballots[:]
    random.shuffle(mixed)
    assert aggregate(mixed, list(NAMES)).digest == aggregate(ballots, list(NAMES)).digest
