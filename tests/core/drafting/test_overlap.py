"""What cannot both stand, and what should be read together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from deliberate.core.drafting import hunks, overlap
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.hunks import Hunk, Unit
from tests.core.drafting.strategies import cases, clause

BASE = (
    clause("c1", "No rent rises by 5.5 percent. The board reports yearly on money."),
    clause("c2", "Second"),
    clause("c3", "Third"),
)


def unit(n, *edited):
    return Unit(f"A{n}", n, hunks.hunks(BASE, edited))


def words(n, text):
    return unit(n, clause("c1", text), *BASE[1:])


def kinds(*units, **over):
    return {(m.one, m.other): m.kind for m in overlap.meetings(units, BASE, **over)}


@given(cases())
@settings(max_examples=300, deadline=None)
def test_overlap_is_symmetric_and_the_sweep_finds_all(case):
    base, units = case
    slow = [(a.name, b.name) for n, a in enumerate(units) for b in units[n + 1 :] if overlap.clash(a, b)]
    assert slow == [(a.name, b.name) for n, a in enumerate(units) for b in units[n + 1 :] if overlap.clash(b, a)]
    assert overlap.clashes(units) == slow
    assert [(m.one, m.other) for m in overlap.meetings(units, base) if m.kind == "clash"] == slow
    assert {(m.one, m.other): m.kind for m in overlap.meetings(units, base)} == {
        tuple(sorted((m.one, m.other))): m.kind for m in overlap.meetings(units[::-1], base)
    }


TEXT = Hunk("text", "c1", 2, 5, "rent rises", "x")


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        (TEXT, Hunk("text", "c1", 5, 6, " ", "-"), False),  # touching ranges
        (TEXT, Hunk("text", "c1", 4, 6, "", "y"), True),
        (TEXT, Hunk("text", "c2", 2, 5, "", "y"), False),
        (TEXT, Hunk("text", "c1", 2, 2, "", "y"), False),  # an insertion at an edge
        (TEXT, Hunk("text", "c1", 5, 5, "", "y"), False),
        (TEXT, Hunk("text", "c1", 3, 3, "", "y"), True),  # and strictly inside
        (Hunk("text", "c1", 2, 2, "", "x"), Hunk("text", "c1", 2, 2, "", "y"), False),
        (Hunk("delete", "c1"), TEXT, True),
        (Hunk("delete", "c1"), Hunk("set", "c1", attribute="level", value="2"), True),
        (Hunk("delete", "c1"), Hunk("move", "c1", gap=2), True),
        (Hunk("delete", "c1"), Hunk("delete", "c1", old="other words"), False),
        (Hunk("delete", "c1"), Hunk("insert", gap=1, clauses=(clause("n", "x"),)), False),
        (Hunk("move", "c1", gap=2), Hunk("move", "c1", gap=3), True),
        (Hunk("move", "c1", gap=2, trail=(0,)), Hunk("move", "c1", gap=2, trail=(1,)), True),
        (Hunk("move", "c1", gap=2), TEXT, False),
        (Hunk("move", "c1", gap=2), Hunk("set", "c1", attribute="level", value="2"), False),
        (Hunk("set", "c1", attribute="level", value="1"), Hunk("set", "c1", attribute="level", value="2"), True),
        (Hunk("set", "c1", attribute="kind", value="item"), Hunk("set", "c1", attribute="level", value="2"), False),
        (Hunk("all", clauses=BASE), Hunk("insert", gap=1, clauses=(clause("n", "x"),)), True),
    ],
)
def test_the_rule(one, other, meets):
    assert overlap.overlap(one, other) is overlap.overlap(other, one) is meets


def test_meetings_of_every_kind():
    a1 = words(1, "No big rent rises by 5.5 percent. The board reports yearly on money.")
    a2 = words(2, "No rent rises by 5.5 percent. The board reports monthly on money.")
    a3 = words(3, "No rent rises by 5.5 percent. The board reports never on money.")
    a4 = words(4, "No rent rises by 5.5 percent. The chair reports yearly on money.")
    a5 = words(5, "No rent rises by 5.5 pounds. The board reports yearly on money.")
    found = kinds(a1, a2, a3, a4, a5)
    assert found == {
        ("A1", "A5"): "sentence",
        ("A2", "A3"): "clash",
        ("A2", "A4"): "sentence",
        ("A3", "A4"): "sentence",
    }
    assert kinds(a2, Unit("A9", 9, a2.hunks)) == {("A2", "A9"): "equal"}
    small = words(6, "No small rent rises by 5.5 percent. The board reports yearly on money.")
    assert kinds(a1, small) == {("A1", "A6"): "same_gap"}
    assert kinds(a1, small, same_gap="rival") == {("A1", "A6"): "clash"}


def test_settings_widen_what_a_change_claims():
    a2 = words(2, "No rent rises by 5.5 percent. The board reports monthly on money.")
    a4 = words(4, "No rent rises by 5.5 percent. The chair reports yearly on money.")
    a5 = words(5, "No rent rises by 5.5 pounds. The board reports yearly on money.")
    assert kinds(a2, a4, a5, width="sentence") == {("A2", "A4"): "clash"}
    assert kinds(a2, a4, a5, width="clause") == {("A2", "A4"): "clash", ("A2", "A5"): "clash", ("A4", "A5"): "clash"}
    moved, leveled = unit(6, BASE[1], BASE[0], BASE[2]), unit(7, Clause("c1", 2, "paragraph", BASE[0].text), *BASE[1:])
    assert kinds(moved, leveled, a2, width="clause") == {}


def test_clauses_put_at_one_place_are_read_together():
    new, other = unit(1, BASE[0], clause("A1.1", "x"), *BASE[1:]), unit(2, BASE[0], clause("A2.1", "y"), *BASE[1:])
    moved = unit(3, BASE[0], BASE[2], BASE[1])
    assert kinds(new, other, moved) == {("A1", "A2"): "same_gap", ("A1", "A3"): "same_gap", ("A2", "A3"): "same_gap"}
    assert overlap.meetings([new, moved], BASE)[0].clauses == ("gap 1",)


def test_a_global_alternative_clashes_with_everything():
    whole, rival = (Unit(f"A{n}", n, (Hunk("all", clauses=(clause(f"A{n}.1", f"z{n}"),)),)) for n in (1, 2))
    new = unit(3, *BASE, clause("A3.1", "x"))
    assert kinds(whole, rival, new) == {("A1", "A2"): "clash", ("A1", "A3"): "clash", ("A2", "A3"): "clash"}
    assert not overlap.check_unit(Unit("A4", 4, (*whole.hunks, *new.hunks)))
    assert not overlap.check_unit(Unit("A4", 4, (*whole.hunks, *rival.hunks)))


def test_sentences_without_blanks_between_them():
    base = (clause("c1", "屋根を直す。家賃を上げない。"),)
    one, other = (
        Unit(n, i, (Hunk("text", "c1", at, at + 1, old, "x"),))
        for i, (n, at, old) in enumerate([("A1", 0, "屋"), ("A2", 8, "を")])
    )
    assert overlap.meetings([one, other], base) == []


def test_a_unit_that_gives_one_id_twice_does_not_fit_itself():
    twice = tuple(Hunk("insert", gap=n, clauses=(clause("A1.1", "x"),)) for n in (0, 1))
    assert not overlap.check_unit(Unit("A1", 1, twice))
