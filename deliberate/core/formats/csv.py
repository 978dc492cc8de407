"""CSV, a row for each ballot or for many equal ones, in three layouts, each with ``count`` and ``weight`` if wanted.

``rank1,rank2,...``: cells name options by name. ``choice`` or ``choice1,choice2,...``: the options marked. Else a column for
each option: a score (a whole number), an answer (yes, no, abstain), or, when asked for a choice, a mark.

Lines from ``#`` are remarks; before the header these are understood: ``# title: ...``, ``# seats: 2``, ``# options: Ada,Bea`` (all options, in
their order), ``# withdrawn: Bea``, ``# ballots: ranking``, and the first line of a record package's ``ballots.csv``. Without a
declaration the options are the names in the cells in alphabetical order, or the columns as they stand. An overvote is a cell
``overvote``, a skipped rank an empty cell or ``undervote``, unless the reader is told other labels. A column in a message is
the number of a cell.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core import ballot as ballots
from deliberate.core.drafting.text import normal
from deliberate.core.formats import Election, Format, lacks, number, odd_name, register
from deliberate.core.formats.source import Lines, check_options, check_size, numbered
from deliberate.core.ledger import canonical
from deliberate.core.tally.record import Option, Question

_RANK = re.compile(r"rank[_ ]?(\d+)", re.IGNORECASE)
_PLACE = re.compile("[0-9]{1,4}")
_CHOICE = re.compile(r"choice[_ ]?(\d*)", re.IGNORECASE)
_PACKAGE = re.compile(r"# deliberate ballots 1; method=(\S+); options=(.*)")
_SAID = re.compile(r"#\s*(title|seats|options|withdrawn|ballots):(.*)")
_SCORE = re.compile(r"[+-]?[0-9]{1,9}")
OVER, UNDER = "overvote", "undervote"
LABELS = {OVER: {OVER, f"${OVER}".upper()}, UNDER: {"", UNDER, f"${UNDER}".upper(), "skipped"}}
OTHERS = {"voterid", "votetime", "pollid", "ballotid", "timestamp", "date", "precinct"}
"""Columns that tell of the paper and not of the answer; not read. Spaces and case do not matter."""
ANSWERS = {"yes": "yes", "for": "yes", "no": "no", "against": "no", "abstain": "abstain", "abstention": "abstain"}
MARKS = {"1": True, "x": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
FURTHEST = 999_999_999
MOST_CELLS = 100_000
"""Different cells whose reading is kept."""

Cells = tuple[str, ...]


class Reader(Lines):
    """The table as it is read."""

    def __init__(
        self,
        lines: Iterable[str],
        file: str,
        labels: Mapping[str, str],
        kind: str | None,
        scores: tuple[int, int],
        answers: Collection[str] = (),
    ) -> None:
        super().__init__(lines, file, "format.csv")
        self.said: dict[str, str] = {}
        self.kind, self.scores, self.answers = kind, scores, answers
        self.declared: list[str] = []
        self.ids = False  # the declared names are ids, as in a record package
        self.trimmed: set[str] = set()
        self.marks: dict[str, str] = {}  # what a cell says, by its text
        self.over, self.under = ({*LABELS[kind], *([labels[kind]] if kind in labels else ())} for kind in (OVER, UNDER))
        self.papers = 0
        self.headed = False  # once the header was read a remark is only one
        self.begin()

    def begin(self) -> None:
        """Read the lines that were fed as rows."""
        self.rows = csv.reader(self._text(), strict=True)

    def _text(self) -> Iterator[str]:
        for text in self:
            if text.startswith("#"):
                if not self.headed:
                    self._remark(text)
            elif text.strip():
                yield f"{text}\n"

    def _remark(self, text: str) -> None:
        if found := _PACKAGE.match(text):
            self.declared, self.ids = found[2].split(), True
        elif found := _SAID.match(text):
            key, value = found[1], found[2].strip()
            self.said[key] = value
            if key == "options":
                self.declared = []
                for n, name in enumerate(next(csv.reader([value]), []), 1):
                    self.declared.append(self.name(name, n, self.declared))
            elif key == "seats":
                self.whole(value, 1, "the number of seats")
            elif key == "ballots":
                self._check_kind(value)

    def _check_kind(self, kind: str) -> None:
        if kind not in ballots.HOLDS:
            self.refuse(1, f'the ballots are said to be "{kind[:20]}"', f"one of {', '.join(ballots.HOLDS)}")
        self.kind = self.kind or kind

    def read(self) -> Election:
        head = self.head()
        names = [cell.lower() for cell in head]
        ranks = self.ranks(names)
        choices = [n for n, cell in enumerate(names) if _CHOICE.fullmatch(cell)]
        if ranks or choices:
            return self._named(names, ranks or choices, "ranking" if ranks else "choice")
        columns = [n for n, cell in enumerate(names) if cell not in ("count", "weight") and _plain(cell) not in OTHERS]
        hint = "; are the cells divided by semicolons?" if len(head) == 1 and ";" in head[0] else ""
        if not columns or hint:
            expected = "commas between the columns rank1, rank2 ..., or choice, or a column for each option"
            self.refuse(1, f"the header names no rank, choice or option{hint}", expected)
        return self._table(head, names, columns)

    def head(self) -> list[str]:
        """The header, its cells trimmed."""
        try:
            head = [cell.strip() for cell in next(self.rows)]
        except StopIteration:
            self.empty("a header such as count,rank1,rank2")
        except csv.Error as error:
            self.refuse(1, f"the header cannot be read: {error}", "CSV with closed quotes")
        seen: set[str] = set()
        for n, cell in enumerate(head, 1):
            key = cell.lower() if cell.lower() in ("count", "weight", "choice") or _RANK.fullmatch(cell) else cell
            if key in seen:
                self.refuse(n, f'the header names "{cell[:20]}" twice', "each column once")
            seen.add(key)
        self.headed = True
        return head

    def ranks(self, head: list[str]) -> list[int]:
        """The columns rank1, rank2, ... in this order."""
        ranks = sorted(
            (int(found[1]) if _PLACE.fullmatch(found[1]) else 10_000, n)
            for n, cell in enumerate(head)
            if (found := _RANK.fullmatch(cell))
        )
        for wanted, (rank, n) in enumerate(ranks, 1):
            if rank != wanted:
                self.refuse(
                    n + 1, f"the header has {head[n][:20]} where rank{wanted} is missing", "rank1, rank2 and so on"
                )
        return [n for _, n in ranks]

    def counted(self, head: list[str]) -> Iterator[tuple[list[str], int, str]]:
        """Rows with how many papers they stand for and the weight of each; papers are added up."""
        try:
            for cells in self.rows:
                if len(cells) != len(head):
                    column = min(len(cells), len(head)) + 1
                    self.refuse(column, f"the row has {len(cells)} cells", f"{len(head)}, as in the header")
                times = self._number(cells, head, "count")
                self.papers += int(times)
                check_size(self, 0, self.papers)
                yield cells, int(times), canonical.exact(self._number(cells, head, "weight"))
        except csv.Error as error:
            self.refuse(1, f"the row cannot be read: {error}", "CSV with closed quotes")

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

    def _named(self, head: list[str], columns: Sequence[int], kind: str) -> Election:
        """Cells that name options."""
        self.check_columns(head, columns, kind)
        counted: Counter[tuple[Cells, str]] = Counter()
        for cells, times, weight in self.counted(head):
            marks = [self.cell(cells[n], n) for n in columns]
            while marks and marks[-1] in self.under:
                marks.pop()
            counted[tuple(marks), weight] += times
            check_size(self, len(counted), 0)
        options = self.named({mark for marks, _ in counted for mark in marks})
        ids = {option.name: option.id for option in options}

        def ballot(marks: Cells) -> dict[str, Any]:
            if kind == "choice":
                return ballots.choice(*(ids[one] for mark in marks for one in mark.split("=") if one))
            return ballots.ranking(*(self.rank(mark, ids) for mark in marks))

        return self.merged(options, [(ballot(marks), weight, n) for (marks, weight), n in counted.items()])

    def check_columns(self, head: list[str], columns: Sequence[int], kind: str) -> None:
        """Refuse columns of another kind than was asked for; note those that are not read."""
        if self.kind not in (None, kind):
            self.refuse(1, f"the columns hold a {kind}", f"columns for a {self.kind}")
        read = {*columns, *(n for n, cell in enumerate(head) if cell in ("count", "weight"))}
        others = [cell for n, cell in enumerate(head) if n not in read]
        if others:
            self.notes.append(f"Columns that were not read: {', '.join(others)}.")

    def named(self, marks: Iterable[str]) -> tuple[Option, ...]:
        """The options: those declared, else those that marks name, in alphabetical order."""
        labels = self.under | self.over
        found = {name for mark in marks if mark not in labels for name in mark.split("=")}
        return self.options(self.declared or sorted(found - {""}))

    def may(self, mark: str) -> bool:
        """Whether a mark may stand where a rank stands: in a file that declares its options it must name some of them."""
        known = not self.declared or mark in self.under or mark in self.over
        return known or all(name in self.declared for name in mark.split("="))

    def cell(self, text: str, column: int) -> str:
        """A mark, trimmed and normalised. In a file that declares its options it must name some of them."""
        if text in self.marks:
            return self.marks[text]
        mark = normal(text.strip())
        if mark != text and mark:
            self.trimmed.add(mark)
        if not self.may(mark):
            name = next(name for name in mark.split("=") if name not in self.declared)
            known = ", ".join(self.declared[:10])
            self.refuse(column + 1, f'"{name[:30]}" is not an option', f"one of {known}")
        for name in mark.split("=") if self.answers and mark not in self.under | self.over else ():
            if name.casefold() not in self.answers:
                self.refuse(column + 1, f'"{name[:30]}" is not an answer', f"one of {', '.join(self.answers)}")
        if len(self.marks) < MOST_CELLS:
            self.marks[text] = mark
        return mark

    def rank(self, mark: str, ids: Mapping[str, str]) -> list[str]:
        """The ids of the options that a mark names; of an overvote all."""
        if mark in self.under:
            return []
        if mark in self.over:
            return list(ids.values())
        return [ids[name] for name in mark.split("=") if name]

    def _table(self, head: list[str], names: list[str], columns: Sequence[int]) -> Election:
        """A column for each option."""
        found: list[str] = []
        for n in columns:
            found.append(self.name(head[n], n + 1, found))
            if self.declared and found[-1] not in self.declared:
                self.refuse(n + 1, f'"{found[-1][:30]}" is not an option', f"one of {', '.join(self.declared[:10])}")
        counted: Counter[tuple[Cells, str]] = Counter()
        for cells, times, weight in self.counted(names):
            counted[tuple(self._answer(cells[n].strip(), n) for n in columns), weight] += times
            check_size(self, len(counted), 0)
        options = self.options(self.declared or found)
        ids = {option.name: option.id for option in options}
        ids_of = [ids[name] for name in found]

        def ballot(answers: Cells) -> dict[str, Any]:
            held = {one: answer for one, answer in zip(ids_of, answers, strict=True) if answer}
            if self.kind == "choice":
                return ballots.choice(*held)
            return (
                ballots.each(**held) if self.kind == "each" else ballots.score(**{k: int(v) for k, v in held.items()})
            )

        return self.merged(options, [(ballot(answers), weight, n) for (answers, weight), n in counted.items()])

    def _answer(self, text: str, column: int) -> str:
        """A score, answer or mark in its one spelling; "" for none. The first cell that is not empty tells the kind."""
        word = text.lower()
        if word in self.under:
            return ""
        if self.kind is None:
            self.kind = "each" if word in ANSWERS else "score"
        if self.kind == "score":
            least, most = self.scores
            if not _SCORE.fullmatch(text):
                self.refuse(column + 1, f'the score is "{text[:20]}"', "a whole number, or columns rank1, rank2 ...")
            if not least <= int(text) <= most:
                self.refuse(column + 1, f"the score {int(text)} is out of range", f"{least} to {most}")
            return str(int(text))
        known: Mapping[str, Any] = ANSWERS if self.kind == "each" else MARKS if self.kind == "choice" else {}
        if word not in known:
            self.refuse(column + 1, f'the answer is "{text[:20]}"', f"one of {', '.join(known) or 'rank1, rank2 ...'}")
        return ANSWERS[word] if self.kind == "each" else "1" if MARKS[word] else ""

    def options(self, names: Sequence[str]) -> tuple[Option, ...]:
        """Options of these names, numbered; in a record package the names are ids."""
        check_options(self, len(names))
        return tuple(Option(name, name) for name in names) if self.ids else numbered(names)

    def merged(self, options: tuple[Option, ...], rows: list[tuple[dict[str, Any], str, int]]) -> Election:
        merged: Counter[tuple[bytes, str]] = Counter()
        for ballot, weight, times in rows:
            merged[ballots.written(ballot), weight] += times
        return self.election(options, ballots.merge(merged, [option.id for option in options]))

    def election(self, options: tuple[Option, ...], merged: ballots.Aggregate) -> Election:
        """Ballots with all else that the file says."""
        if self.trimmed:
            said = "; ".join(sorted(self.trimmed))
            self.notes.append(f"Spaces were trimmed or letters normalised in: {said}.")
        ids = {option.name: option.id for option in options}
        gone = [normal(name).strip() for name in next(csv.reader([self.said.get("withdrawn", "")]), [])]
        for name in gone:
            if name not in ids:
                self.refuse(1, f'"{name[:30]}" is said to have withdrawn and is not an option', "names of options")
        question = Question(normal(self.said.get("title", "")), options, int(self.said.get("seats", "1")))
        return Election(question, merged, tuple(self.notes), tuple(ids[name] for name in gone))


def _plain(cell: str) -> str:
    return re.sub(r"[\s_-]", "", cell.lower())


def read(
    lines: Iterable[str],
    file: str = "ballots.csv",
    labels: Mapping[str, str] | None = None,
    kind: str | None = None,
    scores: tuple[int, int] = (-FURTHEST, FURTHEST),
    answers: Collection[str] = (),
) -> Election:
    """The election in a CSV file. labels: what stands for an overvote and for a skipped rank; kind: of the ballots where a
    column stands for each option; scores: the least and the greatest; answers: the only words, in small letters, that a
    cell of a choice may hold. Raises FormatError."""
    return Reader(lines, file, labels or {}, kind, scores, answers).read()


def packaged(election: Election, method: str, kind: str) -> str:
    """``ballots.csv`` of a record package: ids, rows in the order of ballots.json. kind: of the ballots, also where there are none.

    Source: docs/reference/record-package.md, "Files of the package".
    """
    rows = election.ballots.rows
    ids = " ".join(option.id for option in election.question.options)
    longest = max([1, *(len(row.ranks) for row in rows)]) if kind == "ranking" else 0
    head = (
        ["count", "weight", *(f"rank{n}" for n in range(1, longest + 1))] if longest else ["count", "weight", "choice"]
    )
    lines = [f"# deliberate ballots 1; method={method or '-'}; options={ids}", ",".join(head)]
    for row in rows:
        cells = (
            ["=".join(rank) for rank in row.ranks] + [""] * (longest - len(row.ranks))
            if longest
            else ["=".join(row.marks)]
        )
        lines.append(",".join([str(row.count), canonical.exact(row.weight), *cells]))
    return "\n".join(lines) + "\n"


def refuses(election: Election) -> str:
    """Why it cannot be written: ballots of several kinds, or names that a cell cannot hold."""
    if len(election.ballots.kinds) > 1:
        return "It holds one kind of ballots."
    reserved = {"count", "weight", *OTHERS, *LABELS[OVER], *LABELS[UNDER]}
    for option in election.question.options:
        name = option.name
        if name in reserved or _plain(name) in reserved or _RANK.fullmatch(name) or _CHOICE.fullmatch(name):
            return f'The name "{name}" has a meaning of its own in it.'
    return odd_name(election, "=", title=True)


def loses(election: Election) -> tuple[str, ...]:
    """All but money."""
    return lacks(election, "title", "seats", "withdrawn", "weights", "blank", "order")


def write(election: Election) -> str:
    """The election as CSV with the names of the options, and with what else is to be known in remarks."""
    asked, rows = election.question, election.ballots.rows
    names = {option.id: option.name for option in asked.options}
    kind = rows[0].ballot["kind"] if rows else "ranking"
    weighted = any(row.weight != 1 for row in rows)
    said = [f"# title: {asked.title}\n"] if asked.title else []
    said += [f"# seats: {asked.seats}\n"] if asked.seats > 1 else []
    said += [f"# options: {_line(list(names.values()))}"]
    said += [f"# withdrawn: {_line([names[one] for one in election.withdrawn])}"] if election.withdrawn else []
    said += [f"# ballots: {kind}\n"] if rows else []
    longest = max([1, *(len(row.ranks) for row in rows)]) if kind == "ranking" else 0
    head = (
        [f"rank{n}" for n in range(1, longest + 1)]
        if longest
        else ["choice"]
        if kind == "choice"
        else list(names.values())
    )
    said.append(_line(["count", *(["weight"] if weighted else []), *head]))
    for row in rows:
        if kind == "ranking":
            cells = ["=".join(names[one] for one in rank) for rank in row.ranks] + [""] * (longest - len(row.ranks))
        elif kind == "choice":
            cells = ["=".join(names[one] for one in row.marks)]
        else:
            held = row.scores if kind == "score" else row.answers
            cells = [str(held.get(one, "")) for one in names]
        said.append(_line([str(row.count), *([canonical.exact(row.weight)] if weighted else []), *cells]))
    return "".join(said)


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def looks(head: str) -> bool:
    """Whether a file that begins so has a header that only a table of ballots has."""
    for line in head.removeprefix("\ufeff").splitlines():
        if _PACKAGE.match(line):
            return True
        if line.strip() and not line.startswith("#"):
            cells = [cell.strip().strip('"') for cell in line.split(",")]
            return cells[0].lower() == "count" or any(_RANK.fullmatch(one) or _CHOICE.fullmatch(one) for one in cells)
    return False


CSV = register(
    Format(
        "csv",
        "A table: ranks, choices, scores or answers",
        ("csv",),
        looks,
        read,
        ("labels", "kind", "scores", "answers"),
        write=write,
        refuses=refuses,
        loses=loses,
    )
)
