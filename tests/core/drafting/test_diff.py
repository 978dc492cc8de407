"""Word diffs: exact, readable, and quick whatever is sent."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.drafting import diff, sequence
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.text import tokens
from tests.core.drafting.strategies import clause, words


def longest(old, new):
    """Length of the longest common subsequence, by the textbook table."""
    row = [0] * (len(new) + 1)
    for one in old:
        last = row[:]
        for j, other in enumerate(new):
            row[j + 1] = last[j] + 1 if one == other else max(last[j + 1], row[j])
    return row[-1]


@given(st.text("abc", max_size=12), st.text("abcd", max_size=12))
@settings(max_examples=400, deadline=None)
def test_matches_rise_on_both_sides_and_are_equal(old, new):
    found = sequence.matches(old, new)
    assert all(old[i] == new[j] for i, j in found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))
    if old and new:
        assert len(sequence._Search(old, new).fewest(0, len(old), 0, len(new))) == longest(old, new)


def test_matching_gives_up_within_its_bound():
    old, new = "ab" * 3000, "ba" * 1000 + "ca" * 2000
    assert all(old[i] == new[j] for i, j in sequence.matches(old, new))
    assert sequence.matches("xy" * 2000 + "p", "zw" * 2000 + "q") == []


@given(words(0), words(0))
@settings(max_examples=400, deadline=None)
def test_pieces_give_both_texts_back(old, new):
    found = diff.pieces(old, new)
    assert "".join(text for kind, text in found if kind != "ins") == old
    assert "".join(text for kind, text in found if kind != "del") == new
    before = tokens(old)
    changes = diff.changes(before, tokens(new))
    assert all(one.b < other.a for one, other in pairwise(changes))


def test_changes_parted_by_blanks_are_one():
    assert diff.pieces("rent shall rise soon", "rent may fall soon") == [
        ("same", "rent "),
        ("del", "shall rise"),
        ("ins", "may fall"),
        ("same", " soon"),
    ]
    assert diff.plain(diff.pieces("a b", "a c")) == "a [-b-]{+c+}"


def test_the_same_edit_is_the_same_change_wherever_it_was_made():
    old = tokens("very very good")
    assert diff.changes(old, tokens("very very very good")) == [diff.Change(0, 0, ("very", " "))]
    assert diff.changes(old, tokens("very good")) == [diff.Change(0, 2, ())]
    assert diff.slide(list("aab"), diff.Change(2, 2, ("a",)), 1) == diff.Change(1, 1, ("a",))
    assert diff.slide(list("abab"), diff.Change(4, 4, ("a", "b")), 1) == diff.Change(1, 1, ("b", "a"))


def test_a_long_clause_that_changed_much_is_shown_whole():
    assert [kind for kind, _ in diff.pieces("word " * 30, "other " * 30)] == ["del", "ins"]
    assert [kind for kind, _ in diff.pieces("word " * 30, "")] == ["del"]
    assert [kind for kind, _ in diff.pieces("a, b", "c, d")] == ["del", "ins", "same", "del", "ins"]
    assert diff.pieces("", "") == []


def test_compare_names_what_happened_to_each_clause():
    old = tuple(clause(f"c{n}", text) for n, text in enumerate(["one", "two", "three", "four", "five"], 1))
    new = (clause("c1", "one more"), clause("A1.1", "new"), old[3], old[2], Clause("c5", 1, "item", "five"))
    assert [(line.how, line.clause.id) for line in diff.compare(old, new)] == [
        ("changed", "c1"),
        ("added", "A1.1"),
        ("moved", "c4"),
        ("removed", "c2"),
        ("same", "c3"),
        ("changed", "c5"),
    ]
    assert [line.how for line in diff.compare(old, ())] == ["removed"] * 5
    assert diff.compare(new, old)[0].pieces == (("same", "one"), ("del", " more"))


def test_fewest_changes_where_nothing_stands_once():
    """The example of Myers 1986: four letters of ABCABBA stand in CBABAC in this order."""
    found = sequence.matches("abcabba", "cbabac")
    assert len(found) == 4 and all("abcabba"[i] == "cbabac"[j] for i, j in found)
    assert sequence.matches("aabb", "abab") == [(0, 0), (2, 1), (3, 3)] or len(sequence.matches("aabb", "abab")) == 3
