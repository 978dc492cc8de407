"""Clauses: read from Markdown, written back, given ids, followed through an edit."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.drafting import clauses
from deliberate.core.drafting.clauses import Clause
from deliberate.core.errors import DeliberateError
from tests.core.drafting.strategies import clause, texts

LINES = st.sampled_from(
    [
        "# Aim",
        "#",
        "## ",
        "word",
        "two words",
        "- item",
        "  - deeper",
        "1. first",
        "|a|b|",
        "|",
        "\\# x",
        "\\\\- x",
        "",
        "",
        "-",
        "* star",
        "   3) third",
        "#\u00a0\u00a0",
        "\\section",
        " " * 40 + "- far",
    ]
)


@given(st.lists(LINES, max_size=12))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back(lines):
    found = clauses.parse("\n".join(lines))
    assert clauses.parse(clauses.write(found)) == found
    assert all(one.text.strip() for one in found)


@given(texts(), st.lists(st.sampled_from(["# a", "- b", "1. c", "\\- d", "|e|", "plain"]), max_size=4))
@settings(max_examples=200, deadline=None)
def test_paragraphs_keep_their_words_whatever_they_begin_with(base, more):
    base = (*base, *(clause(f"x{n}", words) for n, words in enumerate(more)))
    again = clauses.parse(clauses.write(base))
    assert [(c.kind, c.text) for c in again] == [(c.kind, c.text) for c in base]


def test_every_kind_is_read():
    source = "# Aim\n\nWe act\nnow.\n\n- first\n  goes on\n  - second\n1. third\n\n|a|b|\n|c|d|\nafter"
    assert [(c.kind, c.level, c.text) for c in clauses.parse(source)] == [
        ("heading", 1, "Aim"),
        ("paragraph", 1, "We act now."),
        ("item", 1, "first goes on"),
        ("item", 2, "second"),
        ("item", 1, "1. third"),
        ("row", 1, "|a|b|"),
        ("row", 1, "|c|d|"),
        ("paragraph", 1, "after"),
    ]


def test_too_many_clauses_are_refused():
    with pytest.raises(DeliberateError) as refused:
        clauses.parse("a\n\n" * 2001)
    assert refused.value.code == "text.clauses"


def test_ids_are_never_used_again():
    text = [Clause("c2", 1, "paragraph", "a"), *clauses.parse("b\n\nc")]
    assert [c.id for c in clauses.number(text)] == ["c2", "c1", "c3"]
    assert [c.id for c in clauses.number(text, ever=["c1", "c3"])] == ["c2", "c4", "c5"]
    assert [c.id for c in clauses.number(clauses.parse("b\n\nc"), "A3.")] == ["A3.1", "A3.2"]


def test_alignment_keeps_ids_of_clauses_that_go_on():
    old = clauses.number(
        clauses.parse("The roof shall be warm and dry.\n\nThe board reports yearly.\n\nRent is due monthly.")
    )
    new = clauses.parse(
        "New first clause.\n\nThe roof shall be warm, dry and safe.\n\nThe board reports yearly.\n\nNothing else remains."
    )
    assert [c.id for c in clauses.align(old, new)] == ["", "c1", "c2", ""]
    assert [c.id for c in clauses.align((), new)] == [""] * 4
    assert clauses.align(old, ()) == ()


def test_of_several_similar_clauses_the_best_pairing_is_taken():
    old = clauses.number(clauses.parse("one two three four\n\none two three five"))
    new = clauses.parse("one two three five six\n\nquite another thing")
    assert [c.id for c in clauses.align(old, new)] == ["c2", ""]
    fewer = clauses.align(old[1:], clauses.parse("none\n\none two three five six"))
    assert [c.id for c in fewer] == ["", "c2"]


def test_long_texts_are_aligned_in_parts():
    old = clauses.number(tuple(Clause("", 1, "paragraph", f"clause {n} says thing {n}") for n in range(300)))
    new = tuple(Clause("", 1, "paragraph", f"clause {n} says thing {n} now") for n in range(300))
    assert [c.id for c in clauses.align(old, new)] == [c.id for c in old]


def test_stored_clauses_are_read_and_hashed():
    text = clauses.number(clauses.parse("# Aim\n\nact"))
    assert clauses.from_json([c.as_json() for c in text]) == text
    stored = (
        b'[{"id":"c1","kind":"heading","level":1,"text":"Aim"},{"id":"c2","kind":"paragraph","level":1,"text":"act"}]'
    )
    assert clauses.digest(text) == hashlib.sha256(stored).hexdigest()
    assert clauses.digest(text) != clauses.digest(text[:1])


@pytest.mark.parametrize("end", ["", "# x", "- x", "x"])
def test_a_line_of_backslashes_is_a_paragraph(end):
    line = "\\" * 50_000 + end
    (found,) = clauses.parse(line)
    assert found.kind == "paragraph"
    assert clauses.parse(clauses.write([found])) == (found,)


def test_every_kind_is_written():
    """Numbered items keep their number as words, others get a dash; what only looks like a heading is escaped."""
    source = "# Aim\n\n- first\n  - deeper\n1. third\n\n|a|b|\n\n\\# no heading\n\nwe act"
    assert clauses.write(clauses.parse(source)) == source
