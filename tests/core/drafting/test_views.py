"""Views of texts: lines and numbers."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core import drafting
from deliberate.core.drafting import lines, numbering
from deliberate.core.drafting.text import tokens
from deliberate.core.errors import DeliberateError
from tests.core.drafting.strategies import clause, texts


@given(texts(), st.integers(1, 30))
@settings(max_examples=200, deadline=None)
def test_every_token_is_on_one_line(text, width):
    found = lines.lines(text, width)
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    for one in text:
        parts = tokens(one.text)
        mine = [line for line in found if line.clause == one.id]
        assert [n for line in mine for n in range(line.a, line.b)] == list(range(len(parts)))
        for line in mine:
            assert len(line.words) <= width or len([p for p in parts[line.a : line.b] if not p.isspace()]) == 1
            assert all(lines.at(found, one.id, n) == line.number for n in range(line.a, line.b))
        assert lines.at(found, one.id, len(parts)) == mine[-1].number


def test_words_and_signs_stay_together():
    assert [line.words for line in lines.lines([clause("c1", "Warm homes, dry (sound) roofs.")], 10)] == [
        "Warm",
        "homes, dry",
        "(sound)",
        "roofs.",
    ]
    assert [line.words for line in lines.lines([clause("c1", "家賃を上げない")], 3)] == ["家賃を", "上げな", "い"]


def test_empty_clauses_and_unknown_ones():
    text = [clause("c1", ""), clause("c2", "a")]
    assert lines.first(text) == {"c1": 1, "c2": 2}
    assert lines.at(lines.lines(text), "c9", 0) is None


@pytest.mark.parametrize(
    ("scheme", "field"),
    [
        (("M", "-A1"), "amendment_infix"),
        (("M2", "-A"), "motion_prefix"),
        ((" ", "-A"), "motion_prefix"),
        (("M", "-A", "P1"), "poll_prefix"),
        (("M", "-A", "a\r\nb"), "poll_prefix"),
        (("M", "-A", '"x'), "poll_prefix"),
        (("M", "-A", "\u202eP"), "poll_prefix"),
        (("M", "-A", "../P"), "poll_prefix"),
        (("M/", "-A"), "motion_prefix"),
    ],
)
def test_schemes_that_mistake_numbers_or_garble_names_are_refused(scheme, field):
    with pytest.raises(DeliberateError) as refused:
        numbering.check(*scheme)
    assert refused.value.code == "orders.numbers"
    assert list(refused.value.fields) == [field]


def test_short_numbers():
    assert numbering.short("M7.A3b", "M7") == "A3b"
    assert numbering.short("M7", "M7") == "M7"
    assert [numbering.part("A3", n) for n in (1, 26, 27, 703)] == ["A3a", "A3z", "A3aa", "A3aaa"]


@pytest.mark.parametrize("name", sorted(m.name for m in pkgutil.iter_modules(drafting.__path__)))
def test_examples_in_the_source_hold(name):
    assert doctest.testmod(importlib.import_module(f"deliberate.core.drafting.{name}")).failed == 0


def test_a_token_stands_on_the_line_that_holds_it():
    found = lines.lines([clause("c1", "aa bb"), clause("c2", "cc dd")], 2)
    assert [lines.at(found, "c2", n) for n in range(4)] == [3, 3, 4, 4]
    assert [lines.at(found, "c1", n) for n in (0, 2, 3)] == [1, 2, 2]
