"""File formats of elections: read as streams, refused with line and column, written so that they read back equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from deliberate.core.ballot import Aggregate
from deliberate.core.tally.record import Question

MOST_OPTIONS = 255
MOST_DISTINCT = 2_000_000
"""Different ballots in one file: what a count holds in memory. Equal ones are merged as they are read."""
MOST_BALLOTS = 2**53 - 1
"""Papers in one file: what canonical JSON can write as a number."""
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15}|/(?=0*[1-9])[0-9]{1,15})?")


def number(text: str) -> Fraction | None:
    """The positive exact number that a cell holds, as ``3``, ``1.5`` or ``7/3``; None for anything else.

    >>> number("1.5"), number("-1"), number("1e9")
    (Fraction(3, 2), None, None)
    """
    value = Fraction(text) if _NUMBER.fullmatch(text) else Fraction(0)
    return value if value > 0 else None


@dataclass(frozen=True)
class Election:
    """What a file of ballots says: question, merged ballots, remarks on what was odd, options withdrawn."""

    question: Question
    ballots: Aggregate
    notes: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """One file format. read: (lines, file name) to Election; write: Election to text; can_hold: whether nothing is lost."""

    name: str
    about: str
    read: Callable[[Iterable[str], str], Election]
    write: Callable[[Election], str]
    can_hold: Callable[[Election], bool]


FORMATS: dict[str, Format] = {}


def register(format_: Format) -> Format:
    """Add a format under its name."""
    FORMATS[format_.name] = format_
    return format_
