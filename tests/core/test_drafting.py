"""Laws of drafting: changes are canonical, any order gives one text, rebased units say the same."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.drafting import apply, clauses, diff, hunks, overlap
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.hunks import Unit
from deliberate.core.drafting.text import normal, tokens
from deliberate.core.errors import DeliberateError

WORDS = ["rent", "roof", "warm", "homes", "shall", "be", "the", "board", ",", ".", "a"]


@st.composite
def texts(draw, least=1):
    n = draw(st.integers(least, 5))
    return tuple(
        Clause(f"c{i}", 1, "paragraph", " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))))
        for i in range(1, n + 1)
    )


@st.composite
def edits(draw, base, name):
    """An edited copy of a base: words changed, clauses dropped, added and moved."""
    made = []
    for clause in base:
        how = draw(st.sampled_from(["keep", "keep", "keep", "words", "drop"]))
        if how == "drop":
            continue
        if how == "words":
            parts = tokens(clause.text)
            at = draw(st.integers(0, len(parts)))
            end = draw(st.integers(at, min(len(parts), at + 3)))
            fresh = draw(st.lists(st.sampled_from(WORDS), max_size=2))
            text = "".join(parts[:at]) + " ".join(fresh) + "".join(parts[end:])
            clause = Clause(clause.id, 1, "paragraph", " ".join(text.split()) or "x")
        made.append(clause)
    for n in range(draw(st.integers(0, 1))):
        made.insert(
            draw(st.integers(0, len(made))),
            Clause(f"{name}.{n + 1}", 1, "paragraph", draw(st.sampled_from(WORDS)) + f" {name}"),
        )
    if len(made) > 1 and draw(st.booleans()) and draw(st.booleans()):
        made.insert(draw(st.integers(0, len(made) - 1)), made.pop(draw(st.integers(0, len(made) - 1))))
    return tuple(made)


@st.composite
def cases(draw, many=3):
    base = draw(texts(2))
    units = []
    for n in range(1, many + 1):
        try:
            units.append(Unit(f"A{n}", n, hunks.hunks(base, draw(edits(base, f"A{n}")))))
        except DeliberateError as error:
            assert error.code == "amendment.none"
    return base, units


def compatible(units):
    made = []
    for unit in units:
        if overlap.check_unit(unit) and not any(overlap.clash(unit, other) for other in made):
            made.append(unit)
    return made


@given(st.text(max_size=200))
def test_tokens_give_the_clause_back(text):
    assert "".join(tokens(text)) == text


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_hunks_make_the_edited_text(data):
    base = data.draw(texts(2))
    edited = data.draw(edits(base, "A1"))
    try:
        found = hunks.hunks(base, edited)
    except DeliberateError as error:
        assert error.code == "amendment.none"
        return
    assert [(c.id, c.text) for c in apply.apply(base, [Unit("A1", 1, found)])] == [(c.id, c.text) for c in edited]
    assert hunks.read(h.as_json() for h in found) == found


@given(cases())
@settings(max_examples=300, deadline=None)
def test_any_order_gives_one_text(case):
    base, units = case
    chosen = compatible(units)
    texts_made = {apply.apply(base, order, units) for order in permutations(chosen)}
    assert len(texts_made) == 1


@given(cases())
@settings(max_examples=1000, deadline=None)
def test_one_by_one_is_all_at_once(case):
    base, units = case
    chosen = compatible(units)
    if len(chosen) < 2:
        return
    *before, last = chosen
    middle = apply.apply(base, before, units)
    moved = apply.rebase(last, base, before, units)
    assert not moved.collides
    assert apply.apply(middle, [moved.unit]) == apply.apply(base, chosen, units)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_merge_laws(data):
    base = data.draw(texts(2))
    left, right = data.draw(edits(base, "L")), data.draw(edits(base, "R"))
    assert apply.merge(base, base, right)[0] == right
    assert apply.merge(base, left, base)[0] == left
    assert apply.merge(base, left, left) == (left, ())
    one, other = apply.merge(base, left, right), apply.merge(base, right, left)
    assert one[0] == other[0]
    assert [c.clause for c in one[1]] == [c.clause for c in other[1]]


@given(cases(2))
@settings(max_examples=200, deadline=None)
def test_overlap_is_symmetric(case):
    _, units = case
    for one in units:
        for other in units:
            assert overlap.clash(one, other) == overlap.clash(other, one)


def test_meetings_of_every_kind():
    base = (
        Clause("c1", 1, "paragraph", "No rent rises. The board reports yearly on money."),
        Clause("c2", 1, "paragraph", "Second"),
    )

    def unit(n, text, second="Second", extra=()):
        return Unit(
            f"A{n}",
            n,
            hunks.hunks(base, (Clause("c1", 1, "paragraph", text), Clause("c2", 1, "paragraph", second), *extra)),
        )

    a1 = unit(1, "No big rent rises. The board reports yearly on money.")
    a2 = unit(2, "No rent rises. The board reports monthly on money.")
    a3 = unit(3, "No rent rises. The board reports never on money.")
    a4 = unit(4, "No rent rises. The chair reports yearly on money.")
    found = {(m.one, m.other): m.kind for m in overlap.meetings([a1, a2, a3, a4], base)}
    assert found == {("A2", "A3"): "clash", ("A2", "A4"): "sentence", ("A3", "A4"): "sentence"}
    assert overlap.meetings([a2, Unit("A9", 9, a2.hunks)], base)[0].kind == "equal"


def test_insertion_at_the_edge_of_a_changed_range_stands_beside_it():
    base = (Clause("c1", 1, "paragraph", "one two three"),)
    change = Unit("A1", 1, hunks.hunks(base, (Clause("c1", 1, "paragraph", "one TWO three"),)))
    insert = Unit("A2", 2, hunks.hunks(base, (Clause("c1", 1, "paragraph", "one and two three"),)))
    assert not overlap.clash(change, insert)
    assert apply.apply(base, [insert, change])[0].text == "one and TWO three"


@pytest.mark.parametrize(("text", "code"), [("x" * 200_001, "text.long"), ("a\ud800", "text.surrogate")])
def test_what_is_no_text_is_refused(text, code):
    with pytest.raises(DeliberateError) as refused:
        normal(text)
    assert refused.value.code == code


def test_normal_form_takes_hidden_characters_away():
    assert normal("a\u202eb\u00adc\ufeff \r\nd\t\x00") == "abc\nd"


def test_blanks_only_is_no_change():
    base = (Clause("c1", 1, "paragraph", "one two"),)
    with pytest.raises(DeliberateError) as refused:
        hunks.hunks(base, (Clause("c1", 1, "paragraph", "one  two"),))
    assert refused.value.code == "amendment.none"


@given(texts(1))
@settings(max_examples=100, deadline=None)
def test_markdown_is_read_back(base):
    again = clauses.number(clauses.parse(clauses.write(base)))
    assert [c.text for c in again] == [c.text for c in base]


def test_alignment_keeps_ids_of_similar_clauses():
    old = clauses.number(clauses.parse("The roof shall be warm and dry.\n\nThe board reports yearly."))
    new = clauses.align(
        old, clauses.parse("New first clause.\n\nThe roof shall be warm, dry and safe.\n\nThe board reports yearly.")
    )
    assert [c.id for c in new] == ["", "c1", "c2"]


def test_a_long_clause_that_changed_much_is_shown_whole():
    old, new = "word " * 30, "other " * 30
    assert [kind for kind, _ in diff.pieces(old, new)] == ["del", "ins"]


def test_compare_names_what_happened_to_each_clause():
    old = (
        Clause("c1", 1, "paragraph", "one"),
        Clause("c2", 1, "paragraph", "two"),
        Clause("c3", 1, "paragraph", "three"),
    )
    new = (
        Clause("c1", 1, "paragraph", "one more"),
        Clause("A1.1", 1, "paragraph", "new"),
        Clause("c3", 1, "paragraph", "three"),
    )
    assert [line.how for line in diff.compare(old, new)] == ["changed", "added", "removed", "same"]
