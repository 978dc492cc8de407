"""Lines: a view of a text at a width. Line numbers mean something only with the version and the width."""

from __future__ import annotations

from collections.abc import Sequence
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
    """The lines of a text, cut at blanks where possible; counted in characters, not by any font."""
    made: list[Line] = []
    for clause in text:
        parts = tokens(clause.text)
        start, length = 0, 0
        for n, part in enumerate(parts):
            if length and length + len(part) > width and not part.isspace():
                made.append(_line(len(made) + 1, clause.id, parts, start, n))
                start, length = n, 0
            length += len(part)
        made.append(_line(len(made) + 1, clause.id, parts, start, len(parts)))
    return made


def _line(number: int, clause: str, parts: Sequence[str], a: int, b: int) -> Line:
    return Line(number, clause, a, b, "".join(parts[a:b]).strip())


def first(text: Sequence[Clause], width: int = WIDTH) -> dict[str, int]:
    """The number of each clause's first line."""
    made: dict[str, int] = {}
    for line in lines(text, width):
        made.setdefault(line.clause, line.number)
    return made
