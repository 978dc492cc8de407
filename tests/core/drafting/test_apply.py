"""Laws of coming together: any order gives one text, one by one is all at once."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.drafting import apply, hunks, overlap
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.hunks import Hunk, Unit
from deliberate.core.drafting.text import normal
from deliberate.core.errors import Conflict
from tests.core.drafting.strategies import cases, clause, compatible, edits, texts


def unit(n, base, *edited):
    return Unit(f"A{n}", n, hunks.hunks(base, edited))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_hunks_make_the_edited_text(data):
    base = data.draw(texts())
    edited = data.draw(edits(base, "A1"))
    found = hunks.differences(base, edited)
    assert apply.apply(base, [Unit("A1", 1, found)]) == edited


@given(cases())
@settings(max_examples=400, deadline=None)
def test_any_order_gives_one_text(case):
    base, units = case
    chosen = compatible(units)
    made = {apply.apply(base, order, units) for order in permutations(chosen)}
    assert len(made) == 1
    assert all(normal(one.text) == one.text.rstrip() or not one.text.strip() for one in made.pop())


@given(cases())
@settings(max_examples=400, deadline=None)
def test_rebased_on_the_others_is_all_at_once(case):
    base, units = case
    chosen = compatible(units)
    if not chosen:
        return
    *before, last = chosen
    middle = apply.apply(base, before, units)
    moved = apply.rebase(last, base, before, units)
    assert not moved.collides
    assert apply.apply(middle, [moved.unit]) == apply.apply(base, chosen, units)


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_one_by_one_in_any_order_is_all_at_once(case, random):
    base, units = case
    left = compatible(units)
    fresh = {h.new for one in left for h in one.hunks}
    whole = apply.apply(base, left, units)
    text, among = base, units
    random.shuffle(left)
    while left:
        first, *rest = left
        made = apply.apply(text, [first], among)
        moved = [apply.rebase(one, text, [first], among) for one in rest]
        if any(
            one.collides for one in moved
        ):  # words that grew together into one are claimed whole; shown, never silent
            assert not fresh >= {h.new for one in [*left, *(m.unit for m in moved)] for h in one.hunks}
            return
        text, left, among = made, [one.unit for one in moved], [one.unit for one in moved]
    assert text == whole


@given(cases())
@settings(max_examples=300, deadline=None)
def test_what_collides_is_what_clashes(case):
    base, units = case
    for one in units:
        for other in units:
            if one is not other:
                moved = apply.rebase(one, base, [other], units)
                assert bool(moved.collides) == overlap.clash(one, other)
                assert len(moved.unit.hunks) + len(moved.absorbed) + len(moved.collides) == len(one.hunks)
                assert hunks.read(h.as_json() for h in moved.unit.hunks) == moved.unit.hunks


def test_gaps_that_became_one_keep_their_order():
    base = (clause("c1", "a"), clause("c2", "b"), clause("c3", "c"))
    delete = unit(1, base, base[0], base[2])
    behind = unit(2, base, base[0], base[1], clause("A2.1", "x"), base[2])
    ahead = unit(3, base, base[0], clause("A3.1", "y"), base[1], base[2])
    middle = apply.apply(base, [delete])
    moved = [apply.rebase(one, base, [delete], [delete, behind, ahead]).unit for one in (behind, ahead)]
    assert [one.hunks[0].trail for one in moved] == [(1,), (0,)]
    assert [c.text for c in apply.apply(middle, moved)] == ["a", "y", "x", "c"]
    later = apply.rebase(moved[0], middle, [moved[1]]).unit
    assert later.hunks[0].trail == (1,)


def test_words_that_grow_together_are_taken_whole():
    base = (clause("c1", "one -two"),)
    joined = Unit("A1", 1, (Hunk("text", "c1", 1, 2, " ", ""),))
    other = Unit("A2", 2, (Hunk("text", "c1", 3, 4, "two", "three"),))
    between = Unit("A3", 3, (Hunk("text", "c1", 2, 2, "", "big"),))
    middle = apply.apply(base, [joined])
    assert middle[0].text == "one-two"
    moved = apply.rebase(other, base, [joined]).unit
    assert (moved.hunks[0].old, moved.hunks[0].new) == ("one-two", "one-three")
    assert apply.apply(middle, [moved])[0].text == "one-three"
    assert apply.apply(middle, [apply.rebase(between, base, [joined]).unit])[0].text == "onebig-two"


def one_by_one(base, units):
    """The text after each step, and what the last unit had become before it."""
    left, text = units, base
    while len(left) > 1:
        first, *rest = left
        moved = [apply.rebase(one, text, [first], left) for one in rest]
        text, left = apply.apply(text, [first], left), [one.unit for one in moved]
        yield text, moved[-1]


@pytest.mark.parametrize(
    ("wanted", "changes", "whole"),
    [
        ("x,;y", ["x", "y"], "xy"),
        ("x,;two", ["x"], "xtwo"),
        ("one,;two y", [" y"], "onetwo y"),
        ("x,;y z", ["x", "y z"], "xy z"),
    ],
)
def test_changes_of_one_unit_in_a_word_that_grew_together_are_one(wanted, changes, whole):
    """Two others take the signs away between two words, so that these become one word."""
    base = (clause("c1", "one,;two"),)
    units = [unit(n, base, clause("c1", text)) for n, text in enumerate(["one;two", "one,two", wanted], 1)]
    assert [hunk.new for hunk in units[2].hunks] == changes
    assert apply.apply(base, units)[0].text == whole
    (_, _), (middle, moved) = one_by_one(base, units)
    assert middle[0].text == "onetwo"
    assert len(moved.unit.hunks) == 1 and not moved.collides and overlap.check_unit(moved.unit)
    assert apply.apply(middle, [moved.unit])[0].text == whole


def test_changes_that_undo_each_other_in_a_word_that_grew_together_are_met():
    base = (clause("c1", "one,;two"),)
    units = [unit(n, base, clause("c1", text)) for n, text in enumerate(["one;two", "one,two", ",;onetwo"], 1)]
    *_, (middle, moved) = one_by_one(base, units)
    assert middle == apply.apply(base, units) == (clause("c1", "onetwo"),)
    assert moved.met and len(moved.absorbed) == 2


def test_two_insertions_of_one_unit_in_a_word_that_grew_together_keep_their_order():
    base = (clause("c1", "a"),)
    first = Unit("A1", 1, (Hunk("text", "c1", new="roof"),))
    twice = Unit(
        "A2", 2, (Hunk("text", "c1", new="x"), Hunk("text", "c1", new="x y"), Hunk("text", "c1", 1, 1, "", "!"))
    )
    assert apply.apply(base, [first, twice])[0].text == "roofxx ya!"
    middle = apply.apply(base, [first], [first, twice])
    moved = apply.rebase(twice, base, [first], [first, twice]).unit
    assert [(h.a, h.b, h.old, h.new) for h in moved.hunks] == [(0, 1, "roofa", "roofxx ya"), (1, 1, "", "!")]
    assert apply.apply(middle, [moved])[0].text == "roofxx ya!"


def test_equal_hunks_stand_once_with_the_ids_of_the_first_owner():
    base = (clause("c1", "a"),)
    one, other = unit(1, base, *base, clause("A1.1", "x")), unit(2, base, *base, clause("A2.1", "x"))
    assert [c.id for c in apply.apply(base, [other], [one, other])] == ["c1", "A1.1"]
    assert [c.id for c in apply.apply(base, [other, one])] == ["c1", "A1.1"]
    moved = apply.rebase(other, base, [one])
    assert moved.met and moved.absorbed == other.hunks


def test_the_place_of_the_first_owner_is_kept_after_a_rebase():
    base = (clause("c1", "a b"),)
    first, third = unit(1, base, clause("c1", "a x b")), unit(3, base, clause("c1", "a x b"))
    second, fourth = unit(2, base, clause("c1", "a y b")), unit(4, base, clause("c1", "a b!"))
    every = [first, second, third, fourth]
    middle = apply.apply(base, [fourth], every)
    moved = [apply.rebase(one, base, [fourth], every).unit for one in (third, second)]
    assert moved[0].hunks[0].rank == (1, 0)
    assert apply.apply(middle, moved)[0].text == apply.apply(base, [second, third, fourth], every)[0].text == "a x y b!"


def test_an_insertion_stands_before_or_behind_a_changed_range_never_within():
    base = (clause("c1", "one two three"),)
    change = unit(1, base, clause("c1", "one TWO three"))
    ahead, within = (
        unit(2, base, clause("c1", "one and two three")),
        Unit("A3", 3, (Hunk("text", "c1", 1, 4, " two ", "x"),)),
    )
    assert apply.apply(base, [ahead, change])[0].text == "one and TWO three"
    assert overlap.clash(change, within)
    with pytest.raises(Conflict) as refused:
        apply.apply(base, [change, within])
    assert refused.value.code == "amendment.clash"


def test_a_global_alternative_takes_the_place_of_the_text():
    base = (clause("c1", "a"), clause("c2", "b"))
    fresh = (clause("A1.1", "z"),)
    whole = Unit("A1", 1, (Hunk("all", clauses=fresh),))
    assert apply.apply(base, [whole]) == fresh
    assert apply.rebase(unit(2, base, base[0]), base, [whole]).collides[0][1] == "A1"


def test_a_clause_that_two_units_empty_stays_empty():
    base = (clause("c1", "one,two"), clause("c2", "b"))
    units = [
        Unit("A1", 1, (Hunk("text", "c1", 0, 1, "one", ""),)),
        Unit("A2", 2, (Hunk("text", "c1", 1, 3, ",two", ""),)),
    ]
    made = apply.apply(base, units)
    assert [c.text for c in made] == ["", "b"]
    edited = hunks.hunks(made, (made[0], clause("c2", "bee")))
    assert [h.clause for h in edited] == ["c2"]


def test_equal_new_clauses_parted_by_moved_ones_all_stand():
    base = tuple(clause(f"c{n}", f"word {n}") for n in range(1, 7))
    new = [clause(f"A1.{n}", "new") for n in range(1, 4)]
    edited = (new[0], base[4], new[1], base[5], new[2], *base[:4])
    found = unit(1, base, *edited)
    assert [h.trail for h in found.hunks] == [(), (), (1,), (1,), (2,)]
    assert apply.apply(base, [found]) == edited


def test_a_unit_of_another_base_is_refused():
    base = (clause("c1", "a"),)
    with pytest.raises(Conflict) as refused:
        apply.rebase(Unit("A1", 1, (Hunk("delete", "c9"),)), base, [])
    assert refused.value.code == "amendment.base_mismatch"


def test_words_and_level_of_one_clause_stand_together():
    """One amendment changes words, another the level and the kind; neither moves the other."""
    base = (clause("c1", "the rent"),)
    words = Unit("A1", 1, (Hunk("text", "c1", 0, 1, "the", "no"),))
    frame = Unit(
        "A2", 2, (Hunk("set", "c1", attribute="level", value="2"), Hunk("set", "c1", attribute="kind", value="item"))
    )
    assert apply.apply(base, [words, frame]) == (Clause("c1", 2, "item", "no rent"),)
    assert apply.rebase(frame, base, [words]).unit == frame
    assert apply.rebase(words, base, [frame]).unit == words
