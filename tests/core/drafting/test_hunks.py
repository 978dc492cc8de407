"""Hunks: canonical, stored and read, refused where they say nothing or do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.drafting import hunks
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.hunks import Hunk
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import canonical
from tests.core.drafting.strategies import clause, edits, texts

BASE = (clause("c1", "one two three"), clause("c2", "four"))
NEW = (clause("A1.1", "x"),)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_hunks_are_stored_and_read_back(data):
    base = data.draw(texts())
    found = hunks.differences(base, data.draw(edits(base, "A1")))
    rows = canonical.decode(canonical.encode([h.as_json() for h in found]))
    assert hunks.read(rows) == found
    hunks.check(base, found)
    assert hunks.digest(found) == hunks.digest(hunks.read(rows))


@pytest.mark.parametrize(
    ("edited", "kinds"),
    [
        ((clause("c1", "one 2 three"), BASE[1]), ["text"]),
        ((BASE[1], BASE[0]), ["move"]),
        ((BASE[0],), ["delete"]),
        ((clause("c1", "  "), BASE[1]), ["delete"]),
        ((BASE[1], clause("c1", "")), ["delete"]),
        ((BASE[0], clause("A1.1", "x"), clause("A1.2", "y"), BASE[1]), ["insert"]),
        ((BASE[0], clause("A1.1", "x"), BASE[1], clause("A1.2", "y"), clause("A1.3", " ")), ["insert", "insert"]),
        ((Clause("c1", 2, "heading", "one two three"), BASE[1]), ["set", "set"]),
    ],
)
def test_each_kind_of_change(edited, kinds):
    assert [h.kind for h in hunks.hunks(BASE, edited)] == kinds


@pytest.mark.parametrize(
    ("edited", "code"),
    [
        (BASE, "amendment.none"),
        ((clause("c1", "one  two three"), BASE[1]), "amendment.none"),
        ((*BASE, BASE[0]), "amendment.id"),
        ((*BASE, *(clause(f"n{n}", "x") for n in range(2001))), "text.clauses"),
    ],
)
def test_what_changes_nothing_or_too_much_is_refused(edited, code):
    with pytest.raises(DeliberateError) as refused:
        hunks.hunks(BASE, edited)
    assert refused.value.code == code


def test_more_than_two_hundred_changes_are_refused():
    base = tuple(clause(f"c{n}", "one") for n in range(201))
    with pytest.raises(DeliberateError) as refused:
        hunks.hunks(base, tuple(clause(f"c{n}", "two") for n in range(201)))
    assert refused.value.code == "amendment.large"


@pytest.mark.parametrize(
    "hunk",
    [
        Hunk("text", "c1", 2, 3, "other", "x"),
        Hunk("text", "c1", 3, 9, " ", "x"),
        Hunk("text", "c1", 3, 2, "", "x"),
        Hunk("text", "c1", -1, 1, "one", "x"),
        Hunk("text", "c1", 0, 1, "one", "one"),
        Hunk("text", "c9", 0, 0, "", "x"),
        Hunk("text", "c1", 0, 1, "one", "x", tokenizer=99),
        Hunk("insert", gap=3, clauses=NEW),
        Hunk("insert", gap=-1, clauses=NEW),
        Hunk("insert", gap=0),
        Hunk("insert", gap=0, clauses=(*NEW, *NEW)),
        Hunk("insert", gap=0, clauses=BASE),
        Hunk("all"),
        Hunk("move", "c1", gap=3),
        Hunk("move", "c9"),
        Hunk("delete", "c9"),
        Hunk("set", "c1", attribute="level", value="12"),
        Hunk("set", "c1", attribute="kind", value="poem"),
        Hunk("set", "c1", attribute="id", value="c2"),
        Hunk("rewrite", "c1"),
    ],
)
def test_what_does_not_fit_the_base_is_refused(hunk):
    with pytest.raises(Conflict) as refused:
        hunks.check(BASE, [hunk])
    assert refused.value.code == "amendment.base_mismatch"


@pytest.mark.parametrize(
    "hunk",
    [
        Hunk("text", "c1", 0, 1, "one", "x"),
        Hunk("insert", gap=2, clauses=NEW),
        Hunk("all", clauses=BASE),
        Hunk("move", "c1", gap=2),
        Hunk("delete", "c1"),
        Hunk("set", "c1", attribute="level", value="2"),
        Hunk("set", "c1", attribute="kind", value="item"),
    ],
)
def test_what_fits_is_let_through(hunk):
    hunks.check(BASE, [hunk])


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"kind": "rewrite"},
        {"kind": ["text"]},
        {"kind": "delete", "gap": 1},
        {"kind": "text", "clause": 7},
        {"kind": "text", "a": "0"},
        {"kind": "insert", "clauses": [{"id": "x"}]},
        {"kind": "insert", "clauses": 3},
        {"kind": "move", "trail": 5},
        {"kind": "move", "rank": ["x"]},
        {"kind": "text", "a": True},
    ],
)
def test_rows_that_are_no_hunks_are_refused(row):
    with pytest.raises(DeliberateError) as refused:
        hunks.read([row])
    assert refused.value.code == "amendment.hunk"


def test_what_was_carried_over_says_so_when_stored():
    hunk = Hunk("move", "c1", gap=1, trail=(1,), rank=(2, 0))
    assert hunk.as_json() == {"kind": "move", "clause": "c1", "gap": 1, "trail": [1], "rank": [2, 0]}
    assert hunks.read([hunk.as_json()]) == (hunk,)


def test_only_what_its_kind_says_is_stored():
    fresh = Hunk("insert", gap=1, clauses=(clause("A1.1", "new"),))
    assert fresh.as_json() == {"kind": "insert", "gap": 1, "clauses": [fresh.clauses[0].as_json()]}
    assert Hunk("delete", "c1", old="x", trail=(1,)).as_json() == {
        "kind": "delete",
        "clause": "c1",
        "old": "x",
        "trail": [1],
    }
