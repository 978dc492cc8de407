"""Canonical bytes: RFC 8785 with ASCII keys, NFC text, whole numbers below 2^53. This reader refuses, never repairs."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

DEEPEST = 32
"""Levels of nesting. The deepest value of a package (a transfer in a Count) stands at the sixth."""
MOST_VALUES = 2_000_000
"""Values in one file or entry, so that memory stays bounded. A Count of 255 options in as many rounds has a quarter."""
LARGEST = 2**53
HEX32 = re.compile(r"[0-9a-f]{32}\Z")
HEX64 = re.compile(r"[0-9a-f]{64}\Z")
NUMBER = re.compile(r"(0|[1-9][0-9]{0,17})(?:/([1-9][0-9]{0,11}))?\Z")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z")


class Malformed(ValueError):
    """Bytes or a value that the format does not allow; the text says which and where."""


def encode(value: Any) -> bytes:
    """The one byte sequence of a value. Raises Malformed for what has none."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (UnicodeEncodeError, RecursionError, ValueError, TypeError) as error:
        raise Malformed(f"a value without canonical bytes ({type(error).__name__})") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = next(k for i, (k, _) in enumerate(pairs) if k in {name for name, _ in pairs[:i]})
        raise Malformed(f"the key {twice[:40]!r} stands twice in one object")
    return made


def _ascii(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if not all(key.isascii() for key, _ in pairs):
        raise Malformed("a key that is not ASCII")
    return _pairs(pairs)


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) >= LARGEST:
        raise Malformed(f"the whole number {text[:24]}... is 2^53 or larger")
    return int(text)


def _never(text: str) -> Any:
    raise Malformed(f"the number {text[:24]} is not whole")


def _shallow(value: Any) -> bool:
    """Whether objects and lists nest at most DEEPEST levels. Level by level, so that the time is linear and no stack
    grows."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
                 if isinstance(inner, dict | list)]
    return not level


def decode(data: bytes, names: bool = False) -> Any:
    """The value of canonical bytes. Raises Malformed for duplicate keys, floats, NaN, large numbers, lone surrogates,
    text that is not NFC, a BOM, deep nesting, and bytes that differ from the re-encoding of their own value.
    ``names``: keys need not be ASCII, for the Count, whose votes stand under the names of options."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise Malformed(f"more than {MOST_VALUES} values")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None
    if text.startswith("\ufeff"):
        raise Malformed("a byte order mark")
    try:
        value = json.loads(text, object_pairs_hook=_pairs if names else _ascii, parse_int=_whole, parse_float=_never,
                           parse_constant=_never)
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Malformed(f"nested deeper than {DEEPEST} levels") from None
    if data.count(b"[") + data.count(b"{") > DEEPEST and not _shallow(value):
        raise Malformed(f"nested deeper than {DEEPEST} levels")
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        raise Malformed("text that is not in NFC")
    again = encode(value)
    if again != data:
        at = next((i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), min(len(again), len(data)))
        raise Malformed(f"not in canonical form: differs from the re-encoding of its own value at byte {at}")
    return value


def number(text: Any) -> Fraction:
    """A weight or a number of votes: ``"3"`` or ``"3/2"`` in lowest terms, not negative. Raises Malformed."""
    found = NUMBER.match(text) if isinstance(text, str) else None
    if found is None:
        raise Malformed(f"{str(text)[:40]!r} is not a number in lowest terms")
    made = Fraction(int(found[1]), int(found[2] or 1))
    if str(made) != text:
        raise Malformed(f"{text!r} is not in lowest terms: {made}")
    return made


def moment(text: Any) -> int:
    """Milliseconds since 1970 of a time such as ``2026-11-24T11:20:31.123Z``. Raises Malformed."""
    if not isinstance(text, str) or not TIME.match(text):
        raise Malformed(f"{str(text)[:40]!r} is not a time in UTC with milliseconds")
    try:
        at = datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    except ValueError:
        raise Malformed(f"{text!r} is not a time that exists") from None
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
