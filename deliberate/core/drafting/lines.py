"""Lines: a view of a text at a width. Line numbers mean something only with the version and the width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.text import tokens

WIDTH = 80


@dataclass(frozen=True)
class Line:
    """One line: its number, the clause it belongs to, its tokens a to b (without b), its words."""

    number: int
    clause: str
    a: int
    b: int
    words: str


def lines(text: Sequence[Clause], width: int = WIDTH) -> list[Line]:
    """The lines of a text, counted in characters, not by any font; cut at blanks, and within what is longer than a line.

    A word longer than the width is not cut, as a line always holds whole tokens.

    >>> [line.words for line in lines([Clause("c1", 1, "paragraph", "Warm homes, dry roofs.")], 11)]
    ['Warm homes,', 'dry roofs.']
    """
    made: list[Line] = []
    for clause in text:
        parts = tokens(clause.text)
        for a, b in _cuts(parts, width):
            made.append(Line(len(made) + 1, clause.id, a, b, "".join(parts[a:b]).strip()))
    return made


def _cuts(parts: Sequence[str], width: int) -> Iterator[tuple[int, int]]:
    """Where the lines of one clause begin and end. At least one, even of an empty clause."""
    start = length = 0
    for a, b in _chunks(parts):
        size = sum(map(len, parts[a:b]))
        if length and length + size > width:
            yield start, a
            start, length = a, 0
        for n in range(a, b):
            if length and length + len(parts[n]) > width:
                yield start, n
                start, length = n, 0
            length += len(parts[n])
        if b < len(parts):
            length += len(parts[b])
    yield start, len(parts)


def _chunks(parts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of tokens without a blank between them."""
    start = 0
    for n, part in enumerate([*parts, " "]):
        if part.isspace():
            if start < n:
                yield start, n
            start = n + 1


def first(text: Sequence[Clause], width: int = WIDTH) -> dict[str, int]:
    """The number of each clause's first line."""
    made: dict[str, int] = {}
    for line in lines(text, width):
        made.setdefault(line.clause, line.number)
    return made


def at(found: Sequence[Line], clause: str, token: int) -> int | None:
    """The number of the line on which a token of a clause stands; its last line for the gap behind the last token."""
    last: int | None = None
    for line in found:
        if line.clause == clause:
            last = line.number
            if token < line.b:
                break
    return last
