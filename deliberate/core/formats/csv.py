"""CSV: ``count,weight,rank1,...`` (or ``choice``), one row for each distinct ballot; cells name options by id or name.

Without a declaration the options are the names in the cells, in alphabetical order. An overvote is a cell ``overvote``,
a skipped rank an empty cell or ``undervote``, unless the reader is told other labels.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NoReturn

from deliberate.core import ballot as ballots
from deliberate.core.errors import FormatError
from deliberate.core.formats import MOST_BALLOTS, MOST_DISTINCT, MOST_OPTIONS, Election, Format, number, register
from deliberate.core.ledger import canonical
from deliberate.core.tally.record import Option, Question

_RANK = re.compile(r"rank[_ ]?(\d+)", re.IGNORECASE)
_HEAD = re.compile(r"# deliberate ballots 1; method=(\S+); options=(.*)")
OVER, UNDER = "overvote", "undervote"
LABELS = {OVER: {OVER, f"${OVER}".upper()}, UNDER: {"", UNDER, f"${UNDER}".upper(), "skipped"}}


class Reader:
    """The table as it is read."""

    def __init__(self, lines: Iterable[str], file: str, labels: Mapping[str, str]) -> None:
        self.file, self.line = file, 0
        self.declared: list[str] = []
        self.trimmed: set[str] = set()
        self.over, self.under = ({*LABELS[kind], *([labels[kind]] if kind in labels else ())} for kind in (OVER, UNDER))
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
        head = self._head()
        choice = "choice" in head
        columns = [head.index("choice")] if choice else self._ranks(head)
        counted: Counter[tuple[tuple[str, ...], str]] = Counter()
        cast = 0
        for cells in self._table(len(head)):
            times = self._number(cells, head, "count")
            weight = self._number(cells, head, "weight")
            marks = [self._cell(cells[n], n) for n in columns]
            while marks and marks[-1] in self.under:
                marks.pop()
            counted[tuple(marks), canonical.exact(weight)] += int(times)
            cast += int(times)
            if len(counted) > MOST_DISTINCT:
                self.refuse(
                    1, f"there are more than {MOST_DISTINCT:,} different ballots", "a file for each part of them"
                )
            if cast > MOST_BALLOTS:
                self.refuse(1, f"there are more than {MOST_BALLOTS:,} ballots", "smaller counts")
        return self._election(counted, choice)

    def _head(self) -> list[str]:
        try:
            head = [cell.strip().lower() for cell in next(self.rows)]
        except StopIteration:
            self.line = max(1, self.line)
            self.refuse(1, "the file is empty", "a header such as count,rank1,rank2")
        except csv.Error as error:
            self.refuse(1, f"the header cannot be read: {error}", "CSV with closed quotes")
        if len(set(head)) < len(head):
            twice = next(n for n, cell in enumerate(head) if cell in head[:n])
            self.refuse(twice + 1, f'the header names "{head[twice][:20]}" twice', "each column once")
        return head

    def _ranks(self, head: list[str]) -> list[int]:
        ranks = sorted((int(found[1]), n) for n, cell in enumerate(head) if (found := _RANK.fullmatch(cell)))
        if not ranks:
            hint = "; are the cells divided by semicolons?" if ";" in "".join(head) else ""
            self.refuse(
                1, f"the header names no rank{hint}", "commas between the columns rank1, rank2 ... or a column choice"
            )
        for wanted, (rank, n) in enumerate(ranks, 1):
            if rank != wanted:
                self.refuse(n + 1, f"the header has rank{rank} where rank{wanted} is missing", "rank1, rank2 and so on")
        return [n for _, n in ranks]

    def _table(self, width: int) -> Iterator[list[str]]:
        try:
            for cells in self.rows:
                if len(cells) != width:
                    self.refuse(
                        min(len(cells), width) + 1, f"the row has {len(cells)} cells", f"{width}, as in the header"
                    )
                yield cells
        except csv.Error as error:
            self.refuse(1, f"the row cannot be read: {error}", "CSV with closed quotes")

    def _cell(self, text: str, column: int) -> str:
        """A mark, trimmed and normalised. In a file that declares its options it must name some of them."""
        mark = canonical.normal(text.strip())
        if mark != text and mark:
            self.trimmed.add(mark)
        if self.declared and mark not in self.under and mark not in self.over:
            for name in mark.split("="):
                if name not in self.declared:
                    known = ", ".join(self.declared[:10])
                    self.refuse(column + 1, f'"{name[:30]}" is not an option', f"one of {known}")
        return mark

    def _number(self, cells: list[str], head: list[str], name: str) -> Fraction:
        """The count (whole) or weight of a row; 1 without such a column."""
        if name not in head:
            return Fraction(1)
        column = head.index(name)
        value = number(cells[column].strip())
        if value is None or (name == "count" and value.denominator > 1):
            kind = "whole number" if name == "count" else "number"
            self.refuse(column + 1, f'the {name} is "{cells[column][:20]}"', f"a positive {kind}")
        return value

    def _election(self, counted: Counter[tuple[tuple[str, ...], str]], choice: bool) -> Election:
        labels = self.under | self.over
        named = {name for marks, _ in counted for mark in marks if mark not in labels for name in mark.split("=")}
        options = (
            [Option(option, option) for option in self.declared]
            if self.declared
            else [Option(f"o{n}", name) for n, name in enumerate(sorted(named - {""}), 1)]
        )
        ids = {option.name: option.id for option in options}
        if not 1 <= len(options) <= MOST_OPTIONS:
            self.refuse(1, f"there are {len(options)} options", f"1 to {MOST_OPTIONS}")
        every = [option.id for option in options]
        merged: Counter[tuple[bytes, str]] = Counter()
        for (marks, weight), times in counted.items():
            made = (
                ballots.choice(*(ids[name] for mark in marks for name in mark.split("=") if name))
                if choice
                else ballots.ranking(*(self._rank(m, ids, every) for m in marks))
            )
            merged[canonical.encode(made), weight] += times
        notes = [f"Spaces were trimmed or letters normalised in: {'; '.join(sorted(self.trimmed))}."] if self.trimmed else []
        return Election(Question("", tuple(options)), ballots.merge(merged, every), tuple(notes))

    def _rank(self, mark: str, ids: Mapping[str, str], every: list[str]) -> list[str]:
        if mark in self.under:
            return []
        if mark in self.over:
            return every
        return [ids[name] for name in mark.split("=") if name]


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
