"""Electorate: the roll as a file, compared with today's roll. Pure: the file's bytes and today's lines come in."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark

FIELDS = ("number", "name", "email", "section", "weight")
NEEDED = ("number", "name")
SAME_AS = {
    "no": "number",
    "nr": "number",
    "id": "number",
    "member": "number",
    "member number": "number",
    "membership number": "number",
    "e-mail": "email",
    "mail": "email",
    "email address": "email",
    "branch": "section",
    "house": "section",
    "group": "section",
    "votes": "weight",
    "full name": "name",
}
LONGEST = {"number": 40, "name": 200, "email": 254, "section": 120, "weight": 24}
MOST = 200_000
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)  # control characters; marks that turn the direction of text
_EMAIL = re.compile(r"[^\s@\"<>()\[\],;:\\]+@[^\s@\"<>()\[\],;:\\.]+(\.[^\s@\"<>()\[\],;:\\.]+)+")
_WEIGHT = re.compile(r"\d{1,12}([.,]\d{1,9}|/\d{1,9})?", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3},\d{3}", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One line of a roll. ``at`` is its place in the file; two lines are equal whatever their places."""

    number: str
    name: str
    email: str
    section: str
    weight: Fraction
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and what was expected."""

    line: int
    column: str
    what: str
    expected: str

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "column": self.column, "what": self.what, "expected": self.expected}


@dataclass
class Parsed:
    """A roll file as it was read: lines in order, faults, the encoding and columns that were recognised, and those that were not."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    encoding: str = "utf-8"
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def canonical_email(text: str) -> str:
    """An address as it is compared: NFC, blanks cut, lower case."""
    return unicodedata.normalize("NFC", text.strip()).lower()


def is_email(text: str) -> bool:
    """Whether a canonical address has the form of one."""
    return len(text) <= 254 and bool(_EMAIL.fullmatch(text)) and len(text.split("@")[0]) <= 64 and ".." not in text


def weight(text: str) -> Fraction:
    """A weight as an exact number: ``1``, ``1.5``, ``1,5``, ``3/2``. Raises ValueError, also for ``1,000``: one or a thousand?"""
    if not _WEIGHT.fullmatch(text) or _THOUSANDS.fullmatch(text):
        raise ValueError(text)
    value = Fraction(text.replace(",", "."))
    if value <= 0:
        raise ValueError(text)
    return value


FORMULA = tuple("=+-@\t\r＝＋－＠")
"""What begins a formula in a spreadsheet; the wide signs do so too in some."""


def unsafe(text: str) -> str:
    """Why a text may not stand in a roll, or "" if it may: spreadsheets run formulas; control characters garble lists and mails."""
    if text[:1] in FORMULA:
        if text[0] in "\t\r":
            return mark("begins with a tab or a line break")
        return mark('begins with "%(sign)s"', sign=text[:1])
    return mark("holds a control character") if _UNSAFE.search(text) else ""


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: UTF-8 (with or without BOM), UTF-16 with BOM, else cp1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "cp1252"


def parse(
    content: bytes, progress: Callable[[int], None] = lambda _n: None, is_email: Callable[[str], bool] = is_email
) -> Parsed:
    """Read a roll file. Every fault is kept with its line; nothing is guessed.

    progress is called with the number of lines read so far, every thousand; is_email judges canonical addresses.
    Raises DeliberateError ``roll.*`` for a file that is no roll at all.
    """
    text, encoding = _text(content)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    made = Parsed(encoding=encoding)
    reading = _Reading(made, is_email)
    start = 1
    try:
        for cells in rows:
            at, start = start, rows.line_num + 1
            if not any(cell.strip() for cell in cells) or (not made.columns and cells[0].lower().startswith("sep=")):
                continue
            if not made.columns:
                reading.places, reading.width = _header(cells), len(cells)
                made.columns = tuple(reading.places)
                made.ignored = tuple(
                    cell.strip() for n, cell in enumerate(cells) if n not in reading.places.values() and cell.strip()
                )
                continue
            reading.line(at, cells)
            if len(made.lines) > MOST:
                raise DeliberateError(
                    mark("The file has more than %(most)s lines.", most=MOST),
                    "That is the limit of one import.",
                    "Split the file.",
                    "roll.long",
                )
            if rows.line_num % 1000 == 0:
                progress(rows.line_num)
    except csv.Error as error:
        made.faults.append(Fault(start, "", f"the line cannot be read: {error}", "CSV, every quote closed"))
    if not made.columns and not made.faults:
        _header(())
    return made


def _text(content: bytes) -> tuple[str, str]:
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DeliberateError(
            "This is not a text file.",
            "It holds NUL bytes; a spreadsheet has to be saved as CSV.",
            "Save the table as CSV and choose that file.",
            "roll.binary",
            {"file": "This is not a CSV file."},
        )
    try:
        text, encoding = decode(content)
    except UnicodeDecodeError:
        raise DeliberateError(
            "This is not a text file.",
            "It begins as UTF-16 but cannot be read as such.",
            "Save the table as CSV in UTF-8.",
            "roll.binary",
            {"file": "This is not a CSV file."},
        ) from None
    if not text.strip("\ufeff \t\r\n"):
        raise DeliberateError(
            "The file is empty.",
            "A roll has a header and a line for each member.",
            "Choose another file.",
            "roll.empty",
            {"file": "The file is empty."},
        )
    return text, encoding


def _delimiter(text: str) -> str:
    """The delimiter of the first line that has one. ``sep=;``, as spreadsheets write it, counts."""
    for line in io.StringIO(text):
        found = max(";,\t", key=line.count)
        if found in line:
            return found
    return ","


def _header(cells: Sequence[str]) -> dict[str, int]:
    """Place of each known column. Raises DeliberateError ``roll.header`` if a needed one is missing or one stands twice."""
    places: dict[str, int] = {}
    for n, cell in enumerate(cells):
        word = cell.strip().strip("\ufeff").lower().replace("_", " ")
        name = SAME_AS.get(word, word)
        if name in FIELDS:
            if name in places:
                raise DeliberateError(
                    mark('The header names "%(name)s" twice.', name=name),
                    "Each column may stand once.",
                    "Take one away.",
                    "roll.header",
                    {"file": mark('Two columns are named "%(name)s".', name=name)},
                )
            places[name] = n
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise DeliberateError(
            mark("The header lacks the column %(missing)s.", missing=", ".join(missing)),
            mark(
                "The first line must name %(needed)s; it may name %(fields)s.",
                needed=", ".join(NEEDED),
                fields=", ".join(FIELDS[2:]),
            ),
            "Add a first line such as: number,name,email,section,weight",
            "roll.header",
            {"file": mark("The first line lacks: %(missing)s.", missing=", ".join(missing))},
        )
    return places


class _Reading:
    """Line after line into ``made``; remembers numbers and addresses that were seen."""

    def __init__(self, made: Parsed, is_email: Callable[[str], bool]) -> None:
        self.made, self.is_email = made, is_email
        self.places: dict[str, int] = {}
        self.width = 0
        self.seen: dict[str, dict[str, int]] = {"number": {}, "email": {}}

    def line(self, at: int, raw: Sequence[str]) -> None:
        given = {name: raw[n] if n < len(raw) else "" for name, n in self.places.items()}
        cells = {name: unicodedata.normalize("NFC", cell.strip()) for name, cell in given.items()}
        email = canonical_email(cells.get("email", ""))
        faults = [*self._shape(at, raw), *_cells(at, given, cells), *self._twice(at, cells["number"], email)]
        wrong = {fault.column for fault in faults}
        if email and "email" not in wrong and not self.is_email(email):
            faults.append(
                Fault(at, "email", f'"{email[:60]}" is not an e-mail address', "an address such as ada@example.org")
            )
        votes = Fraction(1)
        try:
            votes = weight(cells["weight"]) if cells.get("weight") and "weight" not in wrong else votes
        except (ValueError, ZeroDivisionError):
            faults.append(
                Fault(
                    at, "weight", f'the weight is "{cells["weight"][:20]}"', "a positive number such as 1, 1.5 or 3/2"
                )
            )
        self.made.faults += faults
        if not faults:
            self.made.lines.append(Line(cells["number"], cells["name"], email, cells.get("section", ""), votes, at))

    def _shape(self, at: int, raw: Sequence[str]) -> Iterator[Fault]:
        """A line with fewer cells than the header, or with words beyond it, has lost or won a delimiter."""
        if len(raw) < self.width or any(cell.strip() for cell in raw[self.width :]):
            yield Fault(
                at,
                "",
                f"the line has {len(raw)} {'cell' if len(raw) == 1 else 'cells'}",
                f"{self.width}, as in the header",
            )

    def _twice(self, at: int, number: str, email: str) -> Iterator[Fault]:
        for name, value in (("number", number), ("email", email)):
            if value and value in self.seen[name]:
                yield Fault(
                    at,
                    name,
                    f'"{value[:60]}" stands in line {self.seen[name][value]} already',
                    f"a {name} of its own for each member",
                )
            elif value:
                self.seen[name][value] = at


def _cells(at: int, given: Mapping[str, str], cells: Mapping[str, str]) -> Iterator[Fault]:
    for name, value in cells.items():
        why = "" if name == "weight" else unsafe(given[name]) or unsafe(value)  # a weight is judged as a number
        if why:
            yield Fault(at, name, f"the cell {why}", "plain text; spreadsheets run formulas")
        elif "\ufffd" in value:
            yield Fault(
                at, name, "the cell holds bytes that are no letters", "a file saved as UTF-8 or as Windows text"
            )
        if not value and name in NEEDED:
            yield Fault(at, name, f"the {name} is missing", f"a {name}")
        elif len(value) > LONGEST[name]:
            yield Fault(at, name, f"the {name} is too long", f"{LONGEST[name]} characters at most")


@dataclass(frozen=True)
class Difference:
    """What applying a file would do to today's roll."""

    new: tuple[Line, ...]
    changed: tuple[tuple[Line, Line], ...]  # (before, after)
    unchanged: int
    missing: tuple[Line, ...]

    def fields(self) -> Iterator[tuple[Line, list[tuple[str, str, str]]]]:
        """For each changed member what changes: (field, before, after)."""
        for before, after in self.changed:
            yield (
                after,
                [
                    (name, str(getattr(before, name)), str(getattr(after, name)))
                    for name in FIELDS[1:]
                    if getattr(before, name) != getattr(after, name)
                ],
            )


def compare(today: Mapping[str, Line], lines: Sequence[Line], columns: Sequence[str] = FIELDS) -> Difference:
    """The difference, matched by number. Columns that the file lacks keep their values."""
    new: list[Line] = []
    changed: list[tuple[Line, Line]] = []
    unchanged = 0
    for line in lines:
        before = today.get(line.number)
        if before is None:
            new.append(line)
            continue
        kept = {name: getattr(before, name) for name in FIELDS if name not in columns}
        after = replace(line, **kept)
        if after == before:
            unchanged += 1
        else:
            changed.append((before, after))
    given = {line.number for line in lines}
    missing = tuple(line for number, line in sorted(today.items()) if number not in given)
    return Difference(tuple(new), tuple(changed), unchanged, missing)


def clashes(today: Mapping[str, Line], lines: Sequence[Line]) -> list[Fault]:
    """Addresses in the file that belong to a member whom the file does not name: both cannot have it."""
    given = {line.number for line in lines}
    held = {line.email: number for number, line in today.items() if line.email and number not in given}
    return [
        Fault(
            line.at,
            "email",
            f'"{line.email[:60]}" belongs to member {held[line.email]}, who is not in the file',
            "an address that nobody else has",
        )
        for line in lines
        if line.email in held
    ]
