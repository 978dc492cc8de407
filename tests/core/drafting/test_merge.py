"""Laws of merging two edits of one base."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.drafting.merge import Clash, merge
from tests.core.drafting.strategies import clause, edits, texts


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_laws_of_merging(data):
    base = data.draw(texts())
    left, right = data.draw(edits(base, data.draw(st.sampled_from(["L", "R"])))), data.draw(edits(base, "R"))
    assert merge(base, base, right) == (right, ())
    assert merge(base, left, base) == (left, ())
    assert merge(base, left, left) == (left, ())
    one, other = merge(base, left, right), merge(base, right, left)
    assert one[0] == other[0]
    assert one[1] == tuple(Clash(c.clause, c.base, c.right, c.left) for c in other[1])
    assert len({c.id for c in one[0]}) == len(one[0])


def test_both_edits_of_one_clause_come_together():
    base = (clause("c1", "The roof shall be warm."), clause("c2", "End"))
    left, right = (
        (clause("c1", "The new roof shall be warm."), base[1]),
        (clause("c1", "The roof shall be dry."), base[1]),
    )
    assert merge(base, left, right) == ((clause("c1", "The new roof shall be dry."), base[1]), ())


def test_a_collision_is_a_value_and_the_base_stands():
    base = (clause("c1", "warm roof"), clause("c2", "End"))
    left, right = (clause("c1", "dry roof"), clause("c2", "End.")), (clause("c1", "green roof"), base[1])
    made, clashes = merge(base, left, right)
    assert made == (base[0], clause("c2", "End."))
    assert clashes == (Clash("c1", "warm roof", "dry roof", "green roof"),)
    assert merge(base, (base[1],), right)[1] == (Clash("c1", "warm roof", "", "green roof"),)


def test_new_clauses_with_one_id_are_told_apart():
    base = (clause("c1", "a"),)
    made, _ = merge(
        base, (*base, clause("c2", "left"), clause("c2-2", "more")), (*base, clause("c2", "right"), clause("c9", "end"))
    )
    assert sorted(c.text for c in made) == ["a", "end", "left", "more", "right"]
    assert len({c.id for c in made}) == 5
    same, _ = merge(base, (*base, clause("c2", "x")), (*base, clause("c3", "x")))
    assert same == (*base, clause("c2", "x"))
