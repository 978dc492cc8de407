"""The normal form of what members type, its limits, and tokens."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.drafting.text import LONGEST, normal, tokens
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(ANY)
@settings(max_examples=300, deadline=None)
def test_normal_form_is_reached_at_once_and_can_be_hashed(text):
    made = normal(text)
    assert normal(made) == made
    assert canonical.decode(canonical.encode(made)) == made
    assert not any(unicodedata.category(char) == "Cc" and char != "\n" for char in made)


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_tokens_give_the_clause_back(text):
    found = tokens(text)
    assert "".join(found) == text
    assert "" not in found


@given(st.text("ab1 ,.'-\n_", max_size=30))
@settings(max_examples=200, deadline=None)
def test_plain_and_other_letters_are_cut_alike(text):
    assert tokens(text) == [t.replace("ä", "a") for t in tokens(text.replace("a", "ä"))]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a\u202eb\u00adc\ufeff \r\nd\t\x00", "abc\nd"),
        ("one\x0btwo\x0cthree\u2028four\x85five\rsix", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("tab\tbed", "tab bed"),
        ("five\u00a0percent", "five\u00a0percent"),
        ("e\u0301 \u0301a", "é a"),
        ("\u2066x\u2069\u200d\u200by\U000e0041\uffff", "xy"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\n\n a  b \n\n", " a  b"),
    ],
)
def test_what_is_typed_gets_one_form(text, made):
    assert normal(text) == made


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * (LONGEST + 1), "text.long"),
        ("ß" * (LONGEST // 2 + 1), "text.long"),
        ("\u0958" * (LONGEST // 6), ""),
        ("a\ud800", "text.surrogate"),
    ],
)
def test_what_is_no_text_is_refused(text, code):
    if not code:
        assert len(normal(text).encode()) <= LONGEST
        return
    with pytest.raises(DeliberateError) as refused:
        normal(text)
    assert refused.value.code == code


def test_a_text_that_grows_too_long_in_normal_form_is_refused():
    with pytest.raises(DeliberateError, match="bytes"):
        normal("\u0958" * (LONGEST // 3))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ma'am’s co-op's", ["Ma'am’s", " ", "co-op's"]),
        ("rock 'n' roll-", ["rock", " ", "'", "n", "'", " ", "roll", "-"]),
        ("家賃を5倍", ["家", "賃", "を", "5", "倍"]),
        ("हिन्दी भाषा", ["हिन्दी", " ", "भाषा"]),
        ("שלום, עולם", ["שלום", ",", " ", "עולם"]),
        ("❤\ufe0flove", ["❤\ufe0f", "love"]),
        ("\u0301a", ["\u0301", "a"]),
        ("a \u00a0b_c", ["a", " \u00a0", "b", "_", "c"]),
        ("x" * 10_000, ["x" * 10_000]),
        ("", []),
    ],
)
def test_tokens(text, found):
    assert tokens(text) == found
