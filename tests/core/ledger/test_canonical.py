"""Canonical bytes at their edges."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical

# Written by hand from RFC 8785, section 3.2: what each value must look like, byte for byte.
FORMS = [
    (None, b"null"),
    (True, b"true"),
    (False, b"false"),
    (0, b"0"),
    (-1, b"-1"),
    (2**53 - 1, b"9007199254740991"),
    ([], b"[]"),
    ({}, b"{}"),
    ((1, [2]), b"[1,[2]]"),
    ("", b'""'),
    ({"b": 2, "a": 1, "B": 3, "_": 4, "10": 5, "9": 6}, b'{"10":5,"9":6,"B":3,"_":4,"a":1,"b":2}'),
    ('"\\/\b\f\n\r\t\x00\x1f\x7f', b'"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"'),
    ("é€😀\u2028", '"é€😀\u2028"'.encode()),
]


@pytest.mark.parametrize(("value", "data"), FORMS)
def test_forms_written_by_hand(value, data):
    assert canonical.encode(value) == data
    assert canonical.encode(canonical.decode(data)) == data


@given(st.dictionaries(st.text("abcXYZ_019", max_size=4), st.integers(-9, 9), max_size=8), st.randoms())
def test_the_order_of_keys_does_not_matter(value, chance):
    keys = list(value)
    chance.shuffle(keys)
    assert canonical.encode({key: value[key] for key in keys}) == canonical.encode(value)


@given(st.binary(max_size=60))
def test_any_bytes_end_in_a_value_or_a_refusal(data):
    try:
        value = canonical.decode(data)
    except DeliberateError as refusal:
        assert refusal.code == "ledger.canonical"
    else:
        assert canonical.encode(value) == data


@pytest.mark.parametrize(
    "data",
    [
        b"1e2",
        b"-0",
        b"01",
        b"1.5",
        b"Infinity",
        b"-Infinity",
        b"nul",
        b"",
        b" 1",
        b"1 ",
        b'{"a":1}\n',
        b'"\xc3"',
        b"'a'",
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 5000,
        b"[" * 66 + b"]" * 66,
        b"[" * 99_999,
        b'{"a":' * 66 + b"1" + b"}" * 66,
        b'{"\xc3\xa9":1}',
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\\u00e9"',
        b'"\\u001F"',
        b'"\\/"',
        b'"a\tb"',
        "\ufeff1".encode(),
        b'{"a":{"b":1,"b":1}}',
        b'"\xed\xa0\x80"',
    ],
    ids=lambda data: repr(data[:20]),
)
def test_other_bytes_are_refused(data):
    with pytest.raises(DeliberateError) as refusal:
        canonical.decode(data)
    assert refusal.value.code == "ledger.canonical"


def nested(depth, make):
    value = 1
    for _ in range(depth):
        value = make(value)
    return value


@pytest.mark.parametrize("make", [lambda value: [value], lambda value: {"a": value}])
def test_nesting_has_one_limit_for_writers_and_readers(make):
    deepest = canonical.encode(nested(canonical.DEPTH + 1, make))
    assert canonical.encode(canonical.decode(deepest)) == deepest
    with pytest.raises(DeliberateError):
        canonical.encode(nested(canonical.DEPTH + 2, make))
    with pytest.raises(DeliberateError):
        canonical.decode(json.dumps(nested(canonical.DEPTH + 2, make), separators=(",", ":")).encode())


def test_a_circle_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(DeliberateError):
        canonical.encode(value)


@pytest.mark.parametrize(
    ("number", "text"), [(Decimal("1.50"), "3/2"), (Fraction(-4, 6), "-2/3"), (0, "0"), (Decimal("1e3"), "1000")]
)
def test_numbers_in_lowest_terms(number, text):
    assert canonical.exact(number) == text
    assert canonical.parse_exact(text) == Fraction(number)


@pytest.mark.parametrize(
    "number",
    [0.5, True, float("nan"), Decimal("NaN"), Decimal("Infinity"), 10**5000],
    ids=lambda number: type(number).__name__,
)
def test_what_is_not_an_exact_number_is_refused(number):
    with pytest.raises(DeliberateError, match=r"ledger\.canonical"):
        canonical.exact(number)


@pytest.mark.parametrize(
    "text", ["1" * 5000, "1/" + "3" * 4500, "1\n", "١", "1/-2", "--1", "1/2/3", "2/1", "0/5"], ids=lambda text: text[:9]
)
def test_endless_and_odd_numbers_are_refused(text):
    with pytest.raises(DeliberateError):
        canonical.parse_exact(text)


def test_normal_text_has_one_form():
    assert canonical.normal("e\u0301\r\nb\rc\n") == "é\nb\nc\n"
    assert canonical.decode(canonical.encode(canonical.normal("e\u0301"))) == "é"


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), b"x", {1}, 2**53, -(2**53), {1: 1}, {"é": 1}, "e\u0301", "\ud800"], ids=repr
)
def test_what_has_no_form_is_refused(value):
    for wrapped in (value, [value], {"a": [value]}):
        with pytest.raises(DeliberateError, match=r"ledger\.canonical"):
            canonical.encode(wrapped)
