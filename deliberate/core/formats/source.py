"""What readers share: lines that know where they stand, and a box that merges equal ballots and keeps the limits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NoReturn

from deliberate.core import ballot as ballots
from deliberate.core import formats
from deliberate.core.drafting.text import normal
from deliberate.core.errors import FormatError
from deliberate.core.ledger import canonical
from deliberate.core.tally.record import Option


class Lines:
    """The lines of a file without their ends. A refusal names the file, the line that was read last, and a column."""

    def __init__(self, lines: Iterable[str], file: str, code: str) -> None:
        self.file, self.code, self.line = file, code, 0
        self.notes: list[str] = []
        self.feed(lines)

    def feed(self, lines: Iterable[str], first: int = 1) -> None:
        """Read these lines next; the first of them has this number."""
        self._lines = self._read(lines, first)

    def _read(self, lines: Iterable[str], first: int) -> Iterator[str]:
        for self.line, raw in enumerate(lines, first):
            text = raw.removeprefix("\ufeff") if self.line == 1 else raw
            if "\x00" in text:
                self.refuse(text.index("\x00") + 1, "there is a NUL byte", "text in UTF-8")
            yield text.rstrip("\r\n")

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def refuse(self, column: int, what: str, expected: str) -> NoReturn:
        """Raise FormatError for something in the present line."""
        raise FormatError(self.file, max(1, self.line), column, what, expected, self.code)

    def empty(self, expected: str) -> NoReturn:
        """Raise FormatError for a file without content."""
        self.refuse(1, "the file is empty", expected)

    def name(self, text: str, column: int, known: Iterable[str] = ()) -> str:
        """The name of an option: trimmed, in NFC, reported if that changed it. Refuses an empty one and one that is known."""
        made = normal(text).strip()
        if not made:
            self.refuse(column, "an option has no name", "a name")
        if made in known:
            self.refuse(column, f'two options are named "{made[:40]}"', "a name of its own for each option")
        if made != text:
            self.notes.append(f'Line {self.line}: the name "{made}" was trimmed or normalised.')
        return made

    def whole(self, text: str, column: int, what: str, least: int = 1) -> int:
        """A whole number of at least this size."""
        if not re.fullmatch(r"\+?[0-9]{1,15}", text.strip()) or int(text) < least:
            self.refuse(column, f'{what} is "{text.strip()[:20]}"', f"a whole number of at least {least}")
        return int(text)


class Box:
    """Ballots as they are read, equal ones merged. Limits: different ballots, and papers in all."""

    def __init__(self, at: Lines | Any) -> None:
        self.at = at
        self.counted: Counter[tuple[bytes, str]] = Counter()
        self.papers = 0

    def add(self, ballot: Mapping[str, Any] | bytes, times: int = 1, weight: Fraction | str = "1") -> None:
        """Some equal ballots. Raises FormatError when there are too many."""
        data = ballot if isinstance(ballot, bytes) else ballots.written(ballot)
        self.counted[data, weight if isinstance(weight, str) else canonical.exact(weight)] += times
        self.papers += times
        check_size(self.at, len(self.counted), self.papers)

    def merged(self, options: Sequence[Option]) -> ballots.Aggregate:
        """All ballots, in canonical order."""
        return ballots.merge(self.counted, [option.id for option in options])


def numbered(names: Iterable[str]) -> tuple[Option, ...]:
    """Options with the ids o1, o2, ... in the order of their names."""
    return tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1))


def check_options(at: Lines | Any, count: int) -> None:
    """Refuse no options, or more than a count takes."""
    if not 1 <= count <= formats.MOST_OPTIONS:
        at.refuse(1, f"there are {count} options", f"1 to {formats.MOST_OPTIONS}")


def check_size(at: Lines | Any, distinct: int, papers: int) -> None:
    """Refuse more different ballots than a count holds in memory, or more papers than a number can tell."""
    if distinct > formats.MOST_DISTINCT:
        what = f"there are more than {formats.MOST_DISTINCT:,} different ballots"
        at.refuse(1, what, "a file for each part of them")
    if papers > formats.MOST_BALLOTS:
        at.refuse(1, f"there are more than {formats.MOST_BALLOTS:,} ballots", "smaller counts")
