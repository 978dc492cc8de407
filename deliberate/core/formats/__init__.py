"""File formats of elections: read as streams, refused with line and column, written so that they read back equal.

Each format is a module that registers itself; ``deliberate.core.formats.every`` loads every one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from deliberate.core.ballot import Aggregate, Row
from deliberate.core.drafting.text import normal
from deliberate.core.errors import DeliberateError
from deliberate.core.tally.record import Question

MOST_OPTIONS = 255
MOST_DISTINCT = 2_000_000
"""Different ballots in one file: what a count holds in memory. Equal ones are merged as they are read."""
MOST_BALLOTS = 2**53 - 1
"""Papers in one file: what canonical JSON can write as a number."""
HEAD = 65_536
"""Bytes of a file that are looked at to tell its format."""
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
    """What a file of ballots says: question, merged ballots, remarks on what was odd, ids of options withdrawn.

    costs: of each option by id, and budget, in whole numbers of the smallest unit of money, where the file is about money.
    """

    question: Question
    ballots: Aggregate
    notes: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    costs: Mapping[str, int] = field(default_factory=dict)
    budget: int | None = None


def nothing(_election: Election) -> tuple[str, ...]:
    """Of a format that loses nothing."""
    return ()


@dataclass(frozen=True)
class Format:
    """One file format.

    endings: of file names. looks: whether a file that begins so is in it. read: (text, file name, ...) to Election; asks:
    what else it may be told, by keyword: ``labels`` (what stands for an overvote and for a skipped rank), ``kind`` (of the
    ballots, where the file can be read two ways), ``contest`` (which one of several), ``strict``. pieces: the text may
    come in pieces of any length; else line by line. stream: the same from bytes in blocks, for large files. write: Election to text, None where the format is only read; refuses:
    why an election cannot be written, or "" if it can; loses: what writing leaves out, in words.
    """

    name: str
    about: str
    endings: tuple[str, ...]
    looks: Callable[[str], bool]
    read: Callable[..., Election]
    asks: tuple[str, ...] = ()
    pieces: bool = False
    stream: Callable[..., Election] | None = None
    write: Callable[[Election], str] | None = None
    refuses: Callable[[Election], str] = lambda _election: "It is only read."
    loses: Callable[[Election], tuple[str, ...]] = nothing

    def can_hold(self, election: Election) -> bool:
        """Whether the election can be written and nothing of it is lost."""
        return not self.refuses(election) and not self.loses(election)

    def written(self, election: Election) -> str:
        """The election as text. Raises DeliberateError ``format.hold`` with the reason if it does not fit."""
        why = self.refuses(election)
        if self.write is None or why:
            able = ", ".join(sorted(one.name for one in FORMATS.values() if not one.refuses(election)))
            raise DeliberateError(
                f"The format {self.name} cannot hold this election.", why, f"These can: {able}.", "format.hold"
            )
        return self.write(election)


FORMATS: dict[str, Format] = {}


def register(format_: Format) -> Format:
    """Add a format under its name."""
    FORMATS[format_.name] = format_
    return format_


def infer(file: str, head: str) -> Format | None:
    """The format of a file by the end of its name and, where that leaves several or none, by how it begins; else None."""
    ending = file.rpartition(".")[2].lower() if "." in file else ""
    named = [one for one in FORMATS.values() if ending in one.endings]
    if len(named) == 1:
        return named[0]
    found = [one for one in named or FORMATS.values() if one.looks(head)]
    return found[0] if found and (named or len(found) == 1) else None


def lacks(election: Election, *holds: str) -> tuple[str, ...]:
    """What is lost in a format that holds, beside ballots and names, only these: ``title``, ``seats``, ``withdrawn``,
    ``weights`` (as such, not as a number of papers), ``money``, ``blank`` ballots, ``tails`` of empty ranks, ``order`` of
    the marks on a choice."""
    asked, rows = election.question, election.ballots.rows
    blank = sum(row.count for row in rows if not any(row.ballot[key] for key in row.ballot if key != "kind"))
    names = {option.id: option.name for option in asked.options}
    place = {one: n for n, one in enumerate(names)}
    said = {
        "title": f'the title "{asked.title}"' if asked.title else "",
        "seats": f"that {asked.seats} seats are to be filled" if asked.seats > 1 else "",
        "withdrawn": f"that {', '.join(names[one] for one in election.withdrawn)} withdrew"
        if election.withdrawn
        else "",
        "weights": "which papers have a weight other than 1" if any(row.weight != 1 for row in rows) else "",
        "money": "the costs and the budget" if election.costs or election.budget is not None else "",
        "blank": f"{blank} blank ballots" if blank else "",
        "order": "the order of the marks" if any(_mixed(row, place) for row in rows) else "",
        "tails": "empty ranks at the end of ballots" if any(map(_tail, rows)) else "",
    }
    return tuple(text for key, text in said.items() if text and key not in holds)


def _tail(row: Row) -> bool:
    return row.ballot["kind"] == "ranking" and bool(row.ranks) and not row.ranks[-1]


def _mixed(row: Row, place: Mapping[str, int]) -> bool:
    return row.ballot["kind"] == "choice" and list(row.marks) != sorted(row.marks, key=place.__getitem__)


def odd_name(election: Election, forbidden: str, title: bool = False) -> str:
    """Why the names (and the title) cannot be written in a format of lines: spaces around them, control characters,
    or one of the forbidden ones; "" if they can."""
    names = [option.name for option in election.question.options]
    if len(set(names)) < len(names):
        return "Two options have one name."
    for name in [*names, *([election.question.title] if title else [])]:
        plain = normal(name).strip() == name and (name or title) and not re.search(r"[\x00-\x1f\x7f]", name)
        if not plain or any(sign in name for sign in forbidden):
            return f"The name {name!r} holds characters that it cannot write."
    return "" if all(names) else "An option has no name."


def other_kinds(election: Election, *kinds: str) -> str:
    """Why the ballots cannot be written in a format for these kinds; "" if they can."""
    others = sorted(election.ballots.kinds - set(kinds))
    return f"It holds {' or '.join(kinds)} ballots; these are {' and '.join(others)} ballots." if others else ""


__all__ = [
    "FORMATS",
    "HEAD",
    "MOST_BALLOTS",
    "MOST_DISTINCT",
    "MOST_OPTIONS",
    "Election",
    "Format",
    "infer",
    "lacks",
    "number",
    "odd_name",
    "other_kinds",
    "register",
]
