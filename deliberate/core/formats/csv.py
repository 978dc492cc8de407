"""CSV: ``count,weight,rank1,...`` (or ``choice``), one row for each distinct ballot; cells name options by id or name."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NoReturn

from deliberate.core import ballot as ballots
from deliberate.core.errors import FormatError
from deliberate.core.formats import MOST_OPTIONS, Election, Format, register
from deliberate.core.ledger import canonical
from deliberate.core.tally.record import Option, Question

_RANK = re.compile(r"rank[_ ]?(\d+)", re.IGNORECASE)
_HEAD = re.compile(r"# deliberate ballots 1; method=(\S+); options=(.*)")
OVER, UNDER = "overvote", "undervote"


class Reader:
    """The table as it is read."""

    def __init__(self, lines: Iterable[str], file: str, labels: Mapping[str, str]) -> None:
        self.file, self.line = file, 0
        self.declared: list[str] = []
        self.labels = {UNDER: labels.get(UNDER, ""), OVER: labels.get(OVER, OVER)}
        self.rows = csv.reader(self._lines(lines), strict=True)

    def _lines(self, lines: Iterable[str]) -> Iterator[str]:
        for n, raw in enumerate(lines, 1):
            self.line = n
            text = raw.removeprefix("\ufeff") if n == 1 else raw
            if "\x00" in text:
                self.refuse(text.index("\x00") + 1, "there is a NUL byte", "text in UTF-8")
            if text.startswith("#"):
                found = _HEAD.match(text)
                if found:
                    self.declared = found[2].split()
                continue
            if text.strip():
                yield text

    def refuse(self, column: int, what: str, expected: str) -> NoReturn:
        raise FormatError(self.file, self.line, column, what, expected, "format.csv")

    def read(self) -> Election:
        try:
            head = [cell.strip().lower() for cell in next(self.rows)]
        except StopIteration:
            self.line = max(1, self.line)
            self.refuse(1, "the file is empty", "a header such as count,rank1,rank2")
        ranks = sorted((int(found[1]), n) for n, cell in enumerate(head) if (found := _RANK.fullmatch(cell)))
        choice = head.index("choice") if "choice" in head else None
        if not ranks and choice is None:
            self.refuse(1, "the header names no rank", "columns rank1, rank2 ... or a column choice")
        if len(set(head)) < len(head):
            self.refuse(1, "the header names a column twice", "each column once")
        columns = [n for _, n in ranks] if choice is None else [choice]
        ids: dict[str, str] = {option: option for option in self.declared}
        counted: Counter[tuple[tuple[str, ...], str]] = Counter()
        for cells in self._table(len(head)):
            times = (
                self._number(cells[head.index("count")], head.index("count"), whole=True)
                if "count" in head
                else Fraction(1)
            )
            weight = (
                self._number(cells[head.index("weight")], head.index("weight"), whole=False)
                if "weight" in head
                else Fraction(1)
            )
            marks = [canonical.normal(cells[n].strip()) for n in columns]
            while marks and marks[-1] in ("", self.labels[UNDER]):
                marks.pop()
            counted[tuple(marks), canonical.exact(weight)] += int(times)
        return self._election(counted, ids, choice is not None)

    def _table(self, width: int) -> Iterator[list[str]]:
        try:
            for cells in self.rows:
                if len(cells) != width:
                    self.refuse(1, f"the row has {len(cells)} cells", f"{width}, as in the header")
                yield cells
        except csv.Error as error:
            self.refuse(1, f"the row cannot be read: {error}", "CSV with closed quotes")

    def _number(self, text: str, column: int, whole: bool) -> Fraction:
        try:
            value = Fraction(text.strip())
        except (ValueError, ZeroDivisionError):
            value = Fraction(0)
        if value <= 0 or (whole and value.denominator > 1):
            self.refuse(
                column + 1,
                f'the {"count" if whole else "weight"} is "{text[:20]}"',
                "a positive " + ("whole number" if whole else "number"),
            )
        return value

    def _election(self, counted: Counter[tuple[tuple[str, ...], str]], ids: dict[str, str], choice: bool) -> Election:
        names = sorted(
            {
                name
                for marks, _ in counted
                for mark in marks
                for name in mark.split("=")
                if name and name not in (self.labels[UNDER], self.labels[OVER])
            }
        )
        options = (
            [Option(option, option) for option in self.declared]
            if self.declared
            else [Option(f"o{n}", name) for n, name in enumerate(names, 1)]
        )
        ids = {option.name: option.id for option in options}
        unknown = [name for name in names if name not in ids]
        if unknown:
            self.refuse(1, f'"{unknown[0][:30]}" is not an option', f"one of {', '.join(list(ids)[:10])}")
        if not 1 <= len(options) <= MOST_OPTIONS:
            self.refuse(1, f"there are {len(options)} options", f"1 to {MOST_OPTIONS}")
        every = [option.id for option in options]
        merged: Counter[tuple[bytes, str]] = Counter()
        for (marks, weight), times in counted.items():
            made = (
                ballots.choice(*(ids[m] for m in marks))
                if choice
                else ballots.ranking(*(self._rank(m, ids, every) for m in marks))
            )
            merged[canonical.encode(made), weight] += times
        return Election(Question("", tuple(options)), ballots.merge(merged, every))

    def _rank(self, mark: str, ids: Mapping[str, str], every: list[str]) -> list[str]:
        if mark in ("", self.labels[UNDER]):
            return []
        if mark == self.labels[OVER]:
            return every
        return [ids[name] for name in mark.split("=")]


def read(lines: Iterable[str], file: str = "ballots.csv", labels: Mapping[str, str] | None = None) -> Election:
    """The election in a CSV file. labels: what stands for an overvote and for a skipped rank. Raises FormatError."""
    return Reader(lines, file, labels or {}).read()


def write(election: Election, method: str = "", kind: str = "ranking") -> str:
    """The ballots as CSV with ids; rows in the order of ballots.json. kind: of the ballots, where there are none."""
    rows = election.ballots.rows
    ids = " ".join(option.id for option in election.question.options)
    ranked = (rows[0].ballot["kind"] if rows else kind) == "ranking"
    longest = max([1, *(len(row.ranks) for row in rows)]) if ranked else 0
    head = (
        ["count", "weight", *(f"rank{n}" for n in range(1, longest + 1))] if ranked else ["count", "weight", "choice"]
    )
    lines = [f"# deliberate ballots 1; method={method or '-'}; options={ids}", ",".join(head)]
    for row in rows:
        cells = (
            ["=".join(rank) for rank in row.ranks] + [""] * (longest - len(row.ranks))
            if ranked
            else ["=".join(row.marks)]
        )
        lines.append(",".join([str(row.count), canonical.exact(row.weight), *cells]))
    return "\n".join(lines) + "\n"


CSV = register(Format("csv", "A table with a column for each rank", read, write, lambda _election: True))
