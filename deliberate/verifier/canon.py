"""Canonical JSON, read strictly: the bytes must be the one encoding of their value."""

from __future__ import annotations

import json
import unicodedata
from typing import Any, NoReturn

DEEPEST = 64
LARGEST = 2**53


class Fail(Exception):
    """One check found a disagreement: what, where, what was expected, what was found."""

    def __init__(self, says: str, where: str = "", expected: Any = None, found: Any = None) -> None:
        super().__init__(says)
        self.says, self.where, self.expected, self.found = says, where, expected, found


class Unreadable(Exception):
    """The package cannot be read at all."""


def load(data: bytes, where: str) -> Any:
    """The value of canonical bytes. Raises Fail for anything that is not canonical."""
    try:
        text = data.decode("utf-8")
        if not text.isascii() and not unicodedata.is_normalized("NFC", text):
            raise Fail(f"{where} holds text that is not in form NFC.", where)
        value = json.loads(text, object_pairs_hook=_pairs, parse_float=_no, parse_constant=_no)
        _check(value, 0, where)
        again = dump(value)
    except Fail:
        raise
    except (ValueError, RecursionError, UnicodeError) as error:
        raise Fail(f"{where} is not canonical JSON: {str(error)[:120]}", where) from None
    if again != data:
        raise Fail(f"{where} is not written canonically.", where, len(again), len(data))
    return value


def dump(value: Any) -> bytes:
    """The canonical bytes of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is not a whole number")


def _check(value: Any, depth: int, where: str) -> None:
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not key.isascii():
                raise ValueError("a key is not ASCII")
            _check(inner, depth + 1, where)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1, where)
    elif isinstance(value, int) and not isinstance(value, bool) and not -LARGEST < value < LARGEST:
        raise ValueError("an integer is too large")
    elif isinstance(value, float):
        raise ValueError("a number is not whole")


def lines(data: bytes, where: str) -> list[Any]:
    """The values of a file with one canonical value a line."""
    if data and not data.endswith(b"\n"):
        raise Fail(f"{where} does not end in a line feed.", where)
    return [load(line, f"{where}, line {n}") for n, line in enumerate(data.split(b"\n")[:-1], 1)]
