"""File formats of elections: read as streams, refused with line and column, written so that they read back equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deliberate.core.ballot import Aggregate
from deliberate.core.tally.record import Question

MOST_OPTIONS = 255


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
