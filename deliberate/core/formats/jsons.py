"""JSON as a stream: the members of one object, and of its longest lists each element by itself; refusals know line and column.

Memory holds one member or element at a time, of at most LONGEST characters. A key that stands twice in one object is refused, as
readers would disagree on which counts; so is NaN. Numbers with a point are exact: they come as Fraction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from typing import Any, NoReturn

from deliberate.core.errors import FormatError

LONGEST = 8_000_000
"""Characters of one element: more are no ballot."""
_BLANK = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]')


class _Twice(ValueError):
    """A key stands twice."""


class _Constant(ValueError):
    """NaN or Infinity, which JSON does not know."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Twice
    return made


def _constant(text: str) -> NoReturn:
    raise _Constant(text)


def _exact(text: str) -> Fraction:
    if len(text) > 60 or re.search(r"[eE][+-]?\d{4,}", text):
        raise _Constant(text)
    return Fraction(text)


_decode = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_constant, parse_float=_exact).raw_decode


class Stream:
    """A JSON text that comes in pieces."""

    def __init__(self, pieces: Iterable[str], file: str, code: str) -> None:
        self.file, self.code = file, code
        self.pieces = iter(pieces)
        self.text, self.at = "", 0
        self.done = False
        self.lines, self.columns = 0, 0  # line ends before the text that is held, and characters after the last of them
        self.start = 0

    def refuse(self, at: int, what: str, expected: str) -> NoReturn:
        """Raise FormatError for a place in the text that is held."""
        self.refuse_at(self._place(at), what, expected)

    def refuse_at(self, place: tuple[int, int], what: str, expected: str) -> NoReturn:
        """Raise FormatError for a line and column."""
        raise FormatError(self.file, *place, what, expected, self.code)

    def place(self) -> tuple[int, int]:
        """Line and column of the element that was read last."""
        return self._place(self.start)

    def _place(self, at: int) -> tuple[int, int]:
        before = self.text[:at]
        ends = before.count("\n")
        return self.lines + ends + 1, (len(before) - before.rfind("\n") if ends else self.columns + len(before) + 1)

    def wrong(self, what: str, expected: str) -> NoReturn:
        """Raise FormatError for the element that was read last."""
        self.refuse(self.start, what, expected)

    def _more(self, least: int = 1) -> bool:
        """Hold more of the text, if there is more."""
        got: list[str] = []
        size = 0
        while size < least and not self.done:
            piece = next(self.pieces, None)
            self.done = piece is None
            if piece is not None:
                got.append(piece)
                size += len(piece)
        if not got:
            return False
        first = not self.text and not self.lines and not self.columns
        self.text += "".join(got)
        if first:
            self.text = self.text.removeprefix("\ufeff")
        if "\x00" in self.text[-size:]:
            self.refuse(self.text.index("\x00"), "there is a NUL byte", "text in UTF-8")
        return True

    def _forget(self) -> None:
        """Let go of what was read."""
        gone = self.text[: self.at]
        ends = gone.count("\n")
        self.lines += ends
        self.columns = len(gone) - gone.rfind("\n") - 1 if ends else self.columns + len(gone)
        self.start = max(0, self.start - self.at)
        self.text, self.at = self.text[self.at :], 0

    def _next(self) -> str:
        """The next sign that is no blank, "" at the end; it is not taken."""
        while True:
            self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            self._forget()
            if not self._more():
                return ""

    def _take(self, sign: str, what: str) -> None:
        found = self._next()
        if found != sign:
            self.refuse(self.at, f'"{found}" stands here' if found else "the file ends here", what)
        self.at += 1

    def value(self) -> Any:
        """The next value, whole."""
        if self.at > LONGEST // 8:
            self._forget()
        if not self._next():
            self.refuse(self.at, "the file ends here", "a value")
        while True:
            self.start = self.at
            try:
                value, end = _decode(self.text, self.at)
                if end < len(self.text) or not self._more():  # a number may go on in the next piece
                    self.at = end
                    return value
            except _Twice:
                self.refuse(self._twice(), "a key stands twice in one object", "each key once")
            except _Constant as error:
                where = self.text.find(str(error), self.at)
                self.refuse(where, f"the number {str(error)[:20]} cannot be read", "a number such as 12 or 0.5")
            except RecursionError:
                self.refuse(self.at, "the value is nested too deeply", "some levels at most")
            except json.JSONDecodeError as error:
                held = len(self.text) - self.at
                if held > LONGEST or not self._more(held):
                    self.refuse(error.pos, f"the JSON cannot be read: {error.msg}", "JSON as its standard has it")
            except ValueError:
                self.refuse(self.at, "a number of thousands of digits stands in this value", "a shorter one")

    def _twice(self) -> int:
        """Where in the value that is being read a key stands for the second time."""
        return next(self._repeated())

    def _repeated(self) -> Iterator[int]:
        """Places of keys that stood before in their object."""
        open_: list[set[str] | None] = []
        key = True
        tokens = _TOKEN.finditer(self.text, self.at)
        while True:
            token = next(tokens)
            sign = token[0]
            if sign in "{[":
                open_.append(set() if sign == "{" else None)
                key = sign == "{"
            elif sign in "}]":
                open_.pop()
                key = False
            elif sign in ",:":
                key = sign == "," and open_[-1] is not None
            elif key and (keys := open_[-1]) is not None:
                name = json.loads(sign)
                if name in keys:
                    yield token.start()
                keys.add(name)

    def members(self, apart: Collection[str]) -> Iterator[tuple[str, Any]]:
        """Key and value of each member of the object; of lists under the keys ``apart``, key and value of each element."""
        self._take("{", "an object, from {")
        seen: set[str] = set()
        if self._next() == "}":
            self.at += 1
        else:
            while True:
                key = self.value() if self._next() == '"' else None
                if not isinstance(key, str):
                    self.refuse(self.at, "this is no key", "a key in quotes")
                if key in seen:
                    self.wrong(f'the key "{key[:20]}" stands twice in one object', "each key once")
                seen.add(key)
                self._take(":", "a colon after the key")
                if key in apart and self._next() == "[":
                    yield from ((key, value) for value in self._elements())
                else:
                    yield key, self.value()
                if self._next() == "}":
                    self.at += 1
                    break
                self._take(",", "a comma or the end of the object")
        if self._next():
            self.refuse(self.at, "something stands after the end", "nothing")

    def _elements(self) -> Iterator[Any]:
        self._take("[", "a list")
        if self._next() == "]":
            self.at += 1
            return
        while True:
            yield self.value()
            if self._next() == "]":
                self.at += 1
                return
            self._take(",", "a comma or the end of the list")
