"""Electorate: the roll as a file, compared with today's roll. Pure: the file's bytes and today's lines come in."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from deliberate.core.errors import DeliberateError

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
MOST = 200_000
_EMAIL = re.compile(r"[^\s@\"<>()\[\],;:\\]+@[^\s@\"<>()\[\],;:\\.]+(\.[^\s@\"<>()\[\],;:\\.]+)+")
_WEIGHT = re.compile(r"\d{1,12}([.,]\d{1,9}|/\d{1,9})?")


@dataclass(frozen=True)
class Line:
    """One line of a roll."""

    number: str
    name: str
    email: str
    section: str
    weight: Fraction


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
    """A roll file as it was read: lines in order, faults, the delimiter and encoding that were recognised."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    encoding: str = "utf-8"
    columns: tuple[str, ...] = ()


def canonical_email(text: str) -> str:
    """An address as it is compared: NFC, blanks cut, lower case."""
    return unicodedata.normalize("NFC", text.strip()).lower()


def is_email(text: str) -> bool:
    """Whether a canonical address has the form of one."""
    return len(text) <= 254 and bool(_EMAIL.fullmatch(text)) and len(text.split("@")[0]) <= 64 and ".." not in text


def weight(text: str) -> Fraction:
    """A weight as an exact number: ``1``, ``1.5``, ``3/2``. Raises ValueError."""
    if not _WEIGHT.fullmatch(text):
        raise ValueError(text)
    value = Fraction(text.replace(",", "."))
    if value <= 0:
        raise ValueError(text)
    return value


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: UTF-8 (with or without BOM), UTF-16 with BOM, else cp1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "cp1252"


def parse(content: bytes, progress: Callable[[int], None] = lambda _n: None) -> Parsed:
    """Read a roll file. Every fault is kept with its line; nothing is guessed.

    progress is called with the number of lines read so far, every thousand.
    """
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DeliberateError(
            "This is not a text file.",
            "It holds NUL bytes; a spreadsheet has to be saved as CSV.",
            "Save the table as CSV and choose that file.",
            "roll.binary",
            {"file": "This is not a CSV file."},
        )
    text, encoding = decode(content)
    if not text.strip():
        raise DeliberateError(
            "The file is empty.",
            "A roll has a header and a line for each member.",
            "Choose another file.",
            "roll.empty",
            {"file": "The file is empty."},
        )
    made = Parsed(encoding=encoding)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    places = _header(next(rows))
    made.columns = tuple(places)
    seen: dict[str, dict[str, int]] = {"number": {}, "email": {}}
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            _read(
                made,
                rows.line_num,
                {name: cells[n].strip() if n < len(cells) else "" for name, n in places.items()},
                len(cells),
                len(places),
                seen,
            )
            if len(made.lines) > MOST:
                raise DeliberateError(
                    f"The file has more than {MOST:,} lines.",
                    "That is the limit of one import.",
                    "Split the file.",
                    "roll.long",
                )
            if rows.line_num % 1000 == 0:
                progress(rows.line_num)
    except csv.Error as error:
        made.faults.append(Fault(rows.line_num, "", f"the line cannot be read: {error}", "CSV with closed quotes"))
    return made


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(";,\t", key=head.count)


def _header(cells: Sequence[str]) -> dict[str, int]:
    """Place of each known column. Raises DeliberateError ``roll.header`` if a needed one is missing or one stands twice."""
    places: dict[str, int] = {}
    for n, cell in enumerate(cells):
        word = cell.strip().strip("\ufeff").lower().replace("_", " ")
        name = SAME_AS.get(word, word)
        if name in FIELDS:
            if name in places:
                raise DeliberateError(
                    f'The header names "{name}" twice.',
                    "Each column may stand once.",
                    "Take one away.",
                    "roll.header",
                    {"file": f'Two columns are named "{name}".'},
                )
            places[name] = n
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise DeliberateError(
            f"The header lacks the column {' and '.join(missing)}.",
            f"The first line must name {', '.join(NEEDED)}; it may name {', '.join(FIELDS[2:])}.",
            "Add a first line such as: number,name,email,section,weight",
            "roll.header",
            {"file": f"The first line lacks: {', '.join(missing)}."},
        )
    return places


def _read(
    made: Parsed, line: int, cells: Mapping[str, str], width: int, wanted: int, seen: dict[str, dict[str, int]]
) -> None:
    faults = list(_faults(line, cells, width, wanted))
    number, email = cells["number"], canonical_email(cells.get("email", ""))
    for name, value in (("number", number), ("email", email)):
        if value and value in seen[name]:
            faults.append(
                Fault(
                    line,
                    name,
                    f'"{value}" stands in line {seen[name][value]} already',
                    f"a {name} of its own for each member",
                )
            )
        elif value:
            seen[name][value] = line
    given = Fraction(1)
    if cells.get("weight"):
        try:
            given = weight(cells["weight"])
        except (ValueError, ZeroDivisionError):
            faults.append(
                Fault(
                    line, "weight", f'the weight is "{cells["weight"][:20]}"', "a positive number such as 1, 1.5 or 3/2"
                )
            )
    made.faults += faults
    if not faults:
        made.lines.append(
            Line(
                number,
                unicodedata.normalize("NFC", cells["name"]),
                email,
                unicodedata.normalize("NFC", cells.get("section", "")),
                given,
            )
        )


def _faults(line: int, cells: Mapping[str, str], width: int, wanted: int) -> Iterator[Fault]:
    if width < wanted:
        yield Fault(line, "", f"the line has {width} cells", f"at least {wanted}, as in the header")
    for name, value in cells.items():
        if value[:1] in tuple("=+-@") or (value and ord(value[0]) < 32):
            yield Fault(
                line, name, f'the cell begins with "{value[:1]}"', "text; spreadsheets would run it as a formula"
            )
    for name in NEEDED:
        if not cells[name]:
            yield Fault(line, name, f"the {name} is missing", f"a {name}")
        elif len(cells[name]) > (40 if name == "number" else 200):
            yield Fault(
                line,
                name,
                f"the {name} is too long",
                "40 characters at most" if name == "number" else "200 characters at most",
            )
    email = canonical_email(cells.get("email", ""))
    if email and not is_email(email):
        yield Fault(line, "email", f'"{email[:60]}" is not an e-mail address', "an address such as ada@example.org")


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
        after = Line(**{**{name: getattr(line, name) for name in FIELDS}, **kept})
        if after == before:
            unchanged += 1
        else:
            changed.append((before, after))
    given = {line.number for line in lines}
    missing = tuple(line for number, line in sorted(today.items()) if number not in given)
    return Difference(tuple(new), tuple(changed), unchanged, missing)
