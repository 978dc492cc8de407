"""Canonical form: the one byte sequence for a value, so that equal values have equal hashes.

RFC 8785 restricted to ASCII keys, NFC strings, integers below 2^53 and no floats; in this subset Python's own encoder,
told to sort keys and leave out blanks, gives the bytes of the RFC.
"""

from __future__ import annotations

import json
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from deliberate.core.errors import DeliberateError

LIMIT = 2**53
DEPTH = 64
DIGITS = 4000
_EXACT = re.compile(r"-?(0|[1-9][0-9]*)(/[1-9][0-9]*)?")
_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def _refuse(what: str, why: str) -> NoReturn:
    raise DeliberateError(what, why, "Write the value in canonical form.", "ledger.canonical")


def encode(value: Any, names: bool = False) -> bytes:
    """The canonical bytes of a value made of dicts, lists, strings, integers, booleans and None.

    names: keys need not be ASCII, for the Count, whose votes stand under the names of options; they sort by code point.
    Raises DeliberateError ``ledger.canonical`` for anything else: floats, other key types, text that is not NFC.

    >>> encode({"b": [1, "x"], "a": None})
    b'{"a":null,"b":[1,"x"]}'
    """
    _check(value, 0, names)
    return _dump(value).encode()


def _check(value: Any, depth: int, names: bool) -> None:
    kind = type(value)
    if kind is str:
        _text(value)
    elif kind is dict:
        if depth > DEPTH:
            _refuse("The value is nested too deeply.", f"The limit is {DEPTH} levels.")
        for key, inner in value.items():
            if type(key) is not str or not (names or key.isascii()):
                _refuse(f"The key {key!r} is not ASCII text.", "Keys sort the same way everywhere only in ASCII.")
            _text(key)
            _check(inner, depth + 1, names)
    elif kind is list or kind is tuple:
        if depth > DEPTH:
            _refuse("The value is nested too deeply.", f"The limit is {DEPTH} levels.")
        for inner in value:
            _check(inner, depth + 1, names)
    elif kind is int:
        if not -LIMIT < value < LIMIT:
            _refuse(f"The integer {value} is too large.", "Integers are smaller than 2^53; write larger ones as text.")
    elif kind is not bool and value is not None:
        _refuse(
            f"A value of type {kind.__name__} has no canonical form.",
            "Write numbers that are not whole as text, such as 3/2.",
        )


def _text(value: str) -> None:
    if value.isascii():
        return
    if not unicodedata.is_normalized("NFC", value):
        _refuse("A text is not in Unicode form NFC.", "The same words must have the same bytes.")
    if any("\ud800" <= char <= "\udfff" for char in value):
        _refuse("A text holds half of a surrogate pair.", "It cannot be written as UTF-8.")


def decode(data: bytes, names: bool = False) -> Any:
    """The value of canonical bytes; names as for :func:`encode`.

    Raises DeliberateError ``ledger.canonical`` for duplicate keys, floats, NaN, lone surrogates, text that is not NFC,
    a BOM, nesting or integers beyond the limits, and any bytes that differ from the encoding of their own value.
    """
    try:
        value = _load(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, an integer of thousands of digits
        _refuse("The bytes are not JSON.", str(error)[:200])
    if encode(value, names) != data:
        _refuse("The bytes are not canonical.", "They differ from the encoding of their own value.")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        _refuse("An object names a key twice.", "Readers would disagree on which one counts.")
    return made


def _no_float(text: str) -> NoReturn:
    _refuse(f"The number {text} is not whole.", "Floats differ between machines; exact numbers are text.")


_load = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_no_float, parse_constant=_no_float).decode


def normal(text: str) -> str:
    """The text in Unicode form NFC, with LF ends of line."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def exact(value: Fraction | int | Decimal) -> str:
    """An exact number in lowest terms. Raises DeliberateError for floats, NaN, infinity and thousands of digits.

    >>> exact(Fraction(6, 4)), exact(2), exact(Decimal("0.5"))
    ('3/2', '2', '1/2')
    """
    try:
        if not isinstance(value, float | bool):
            return str(value if type(value) in (int, Fraction) else Fraction(value))
    except (ValueError, OverflowError):
        pass
    _refuse(f"A {type(value).__name__} is not an exact number.", "Whole numbers, fractions and decimals are.")


def parse_exact(text: str) -> Fraction:
    """The number that :func:`exact` wrote. Raises DeliberateError for other spellings, such as ``1.0`` or ``2/4``."""
    if len(text) <= DIGITS and _EXACT.fullmatch(text):
        value = Fraction(text)
        if str(value) == text:
            return value
    _refuse(f'"{text[:40]}" is not an exact number in lowest terms.', "Write 1, 3/2 or 0.")
