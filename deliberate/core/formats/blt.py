"""BLT: ``options seats``, a line ``weight preference ... 0`` for each ballot, ``0``, names in quotes, title.

Source: I. D. Hill, B. A. Wichmann and D. R. Woodall, "Algorithm 123: Single transferable vote by Meek's method" (1987), and
what programs have added. Read as well: withdrawn options (``-3`` or ``[withdrawn 3]``), equal ranks ``2=5``, skipped ranks
``-``, ballot ids in round brackets, ``[nick ...]`` (words that stand for the options), the order for ties as ``[tie ...]`` or
``=tie ... 0`` (the options are then declared in it), comments from ``#`` or between ``/*`` and ``*/``, names without quotes,
several quoted names on a line, a missing title, CRLF, BOM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from deliberate.core import ballot as ballots
from deliberate.core import formats
from deliberate.core.drafting.text import normal
from deliberate.core.formats import Election, Format, lacks, number, odd_name, other_kinds, register
from deliberate.core.formats.source import Box, Lines, check_options
from deliberate.core.ledger import canonical
from deliberate.core.tally.record import Option, Question

_TOKEN = re.compile(r"\S+")
_LATE = re.compile(r"[\d.]+( +[\d=-]+)* +0")
_ID = re.compile(r"\([^()]*\)")  # without "(" inside, so that a line of them is read once, not once for each
_REMARK = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WITHDRAWN = re.compile(r"-\d+(\s+-\S+)*")
_HEAD = re.compile(r"(?:\s*(?:#.*)?\n)*\s*\d+\s+\d+\s*(?:#.*)?\r?\n")


class Reader(Lines):
    """The file as it is read; every refusal names line and column."""

    def __init__(self, lines: Iterable[str], file: str) -> None:
        super().__init__(lines, file, "format.blt")
        self.lines = self._clean()
        self.names: list[str] = []
        self.withdrawn: set[int] = set()
        self.nicks: dict[str, int] = {}
        self.order: list[int] = []
        self.box = Box(self)

    def _clean(self) -> Iterator[str]:
        """Lines with something on them, without remarks; what stands in quotes is no remark."""
        for raw in self:
            text = raw
            if "/*" in raw:
                text = _REMARK.sub(lambda found: " " * len(found[0]), raw)
            if "#" in text:
                bare = _QUOTED.sub(lambda found: "_" * len(found[0]), text)
                text = text[: bare.index("#")] if "#" in bare else text
            if text.strip():
                yield text

    def read(self) -> Election:
        self._head()
        self._ballots()
        title = self._names()
        order = self.order or range(1, self.size + 1)
        options = tuple(Option(f"o{n}", self.names[n - 1]) for n in order)
        gone = tuple(f"o{n}" for n in sorted(self.withdrawn))
        return Election(Question(title, options, self.seats), self.box.merged(options), tuple(self.notes), gone)

    def _head(self) -> None:
        expected = 'two whole numbers such as "4 2": options and seats'
        first = next(self.lines, None)
        if first is None:
            self.empty(f"a first line of {expected}")
        parts = list(_TOKEN.finditer(first))
        for part in [part for part in parts if not re.fullmatch("[0-9]{1,6}", part[0])] or parts[2:]:
            self.refuse(part.start() + 1, f'the first line is "{first.strip()[:40]}"', expected)
        if len(parts) < 2:
            self.refuse(len(first) + 1, f'the first line is "{first.strip()[:40]}"', expected)
        self.size, self.seats = int(parts[0][0]), int(parts[1][0])
        check_options(self, self.size)
        if self.seats < 1:
            self.refuse(parts[1].start() + 1, "there are 0 seats", "1 or more")

    def _ballots(self) -> None:
        known: dict[str, tuple[bytes, str, int]] = {}
        for text in self.lines:
            body = text.strip()
            if body == "0":
                return
            if body.startswith(("[", "=")):
                self._directive(text)
            elif body.startswith('"'):
                self.refuse(1, "a name stands among the ballots", 'a line with a single "0" before the names')
            elif not known and _WITHDRAWN.fullmatch(body):
                self._withdraw(text)
            else:
                if body not in known:
                    if len(known) > 2 * formats.MOST_DISTINCT:  # with a ballot id on each line hardly any are equal
                        known.clear()
                    known[body] = self._ballot(text)
                data, weight, times = known[body]
                self.box.add(data, times, weight)
        self.refuse(1, "the file ends among the ballots", 'a line with a single "0" after the last ballot')

    def _directive(self, text: str) -> None:
        words = [(word[0], word.start() + 1) for word in re.finditer(r"[^\s\[\]]+", text)]
        kind = words[0][0].removeprefix("=") if words else ""
        rest = words[1:-1] if text.strip().startswith("=") and words[-1][0] == "0" else words[1:]
        if kind == "withdrawn":
            self.withdrawn |= {self._option(word, column) for word, column in rest}
        elif kind == "tie":
            self.order = [self._option(word, column) for word, column in rest]
            if sorted(self.order) != list(range(1, self.size + 1)):
                self.refuse(1, "the order for ties does not name every option once", f"{self.size} options")
        elif kind == "nick":
            self.nicks = {word: n for n, (word, _) in enumerate(rest, 1)}
            if len(self.nicks) != self.size or len(rest) != self.size or any(word.isdecimal() for word in self.nicks):
                expected = f"{self.size} words, none of them a number"
                self.refuse(1, "the short names do not name every option once", expected)
        else:
            self.refuse(1, f'the line "{text.strip()[:40]}" is not known', "[withdrawn ...], [nick ...] or [tie ...]")

    def _withdraw(self, text: str) -> None:
        for part in _TOKEN.finditer(text):
            self.withdrawn.add(self._option(part[0][1:], part.start() + 2))

    def _option(self, word: str, column: int) -> int:
        if word in self.nicks:
            return self.nicks[word]
        if not re.fullmatch("[0-9]{1,6}", word) or not 1 <= int(word) <= self.size:
            self.refuse(column, f'there is no option "{word[:20]}"', f"a number from 1 to {self.size}")
        return int(word)

    def _ballot(self, text: str) -> tuple[bytes, str, int]:
        """The canonical ballot, the weight of each paper, and how many: a whole weight means so many papers."""
        found = list(_TOKEN.finditer(_ID.sub(lambda m: " " * len(m[0]), text)))
        weight = number(found[0][0]) if found else None
        if weight is None:
            place = found[0].start() + 1 if found else 1
            self.refuse(place, f'the weight is "{found[0][0][:20] if found else ""}"', "a positive number")
        if found[-1][0] != "0" or len(found) < 2:
            self.refuse(found[-1].end(), "the ballot does not end in 0", 'a "0" at the end of the line')
        seen: set[int] = set()
        ranks = [self._rank(part, seen) for part in found[1:-1]]
        while ranks and not ranks[-1]:
            ranks.pop()
        data = ballots.written(ballots.ranking(*ranks))
        return (data, "1", int(weight)) if weight.denominator == 1 else (data, canonical.exact(weight), 1)

    def _rank(self, part: re.Match[str], seen: set[int]) -> list[str]:
        if part[0] == "-":
            return []
        made: list[str] = []
        column = part.start() + 1
        for word in part[0].split("="):
            if word == "0":
                self.refuse(column, "option 0 stands in the middle of a ballot", f"a number from 1 to {self.size}")
            option = self._option(word, column)
            if option in seen:
                self.refuse(column, f"option {option} stands twice on one ballot", "each option at most once")
            seen.add(option)
            made.append(f"o{option}")
            column += len(word) + 1
        return made

    def _names(self) -> str:
        title: str | None = None
        for text in self.lines:
            if text.strip().startswith(("=tie", "[tie")):
                self._directive(text)
                continue
            if _LATE.fullmatch(text.strip()):
                expected = 'the line "0" after the last ballot, then names'
                self.refuse(1, "a ballot stands after the end of the ballots", expected)
            for body, column in self._bodies(text):
                if len(self.names) < self.size:
                    self.names.append(self.name(body, column, self.names))
                elif title is None:
                    title = normal(body).strip()
                else:
                    expected = f"{self.size} names and one title; are there ballots after the 0?"
                    self.refuse(column, "there is a line after the title", expected)
        if len(self.names) < self.size:
            self.line += 1
            self.refuse(1, f"{len(self.names)} names are given", f"{self.size} names, one on each line")
        if title is None:
            self.notes.append("The file has no title.")
        return title or ""

    def _bodies(self, text: str) -> list[tuple[str, int]]:
        """What stands on a line of names, with columns: some names in quotes, or one without."""
        if '"' not in text[: len(text) - len(text.lstrip()) + 1]:
            return [(text.strip(), len(text) - len(text.lstrip()) + 1)]
        found = list(_QUOTED.finditer(text))
        rest = _QUOTED.sub(lambda m: " " * len(m[0]), text)
        if rest.strip():
            column = len(rest) - len(rest.lstrip()) + 1
            self.refuse(column, "a quote is not closed, or something stands beside a name", 'a name such as "Ada"')
        return [(re.sub(r"\\(.)", r"\1", part[1]), part.start() + 1) for part in found]


def read(lines: Iterable[str], file: str = "ballots.blt") -> Election:
    """The election in a BLT file. Raises FormatError with line and column."""
    return Reader(lines, file).read()


def _decimal(row: ballots.Row) -> str | None:
    """The votes of a row as a decimal; None where it has none of 15 places."""
    scaled = row.count * row.weight * 10**15
    if scaled.denominator > 1 or scaled >= 10**30:
        return None
    whole, part = divmod(int(scaled), 10**15)
    return f"{whole}.{part:015d}".rstrip("0").rstrip(".")


def refuses(election: Election) -> str:
    """Why it cannot be written: other ballots than rankings, an option twice on a ballot, weights that are no decimals."""
    if kinds := other_kinds(election, "ranking"):
        return kinds
    for row in election.ballots.rows:
        marks = [option for rank in row.ranks for option in rank]
        if len(set(marks)) < len(marks):
            return "A ballot names an option twice."
        if _decimal(row) is None:
            return f"A weight such as {row.weight} is no decimal number."
    return odd_name(election, "", title=True)


def loses(election: Election) -> tuple[str, ...]:
    """Weights become numbers of votes."""
    return lacks(election, "title", "seats", "withdrawn", "blank")


def write(election: Election) -> str:
    """The election as BLT."""
    place = {option.id: str(n) for n, option in enumerate(election.question.options, 1)}
    lines = [f"{len(place)} {election.question.seats}"]
    lines += [" ".join(f"-{place[option]}" for option in election.withdrawn)] if election.withdrawn else []
    for row in election.ballots.rows:
        ranks = ["=".join(place[option] for option in rank) or "-" for rank in row.ranks]
        lines.append(" ".join([_decimal(row) or "", *ranks, "0"]))
    lines.append("0")
    lines += [_quoted(option.name) for option in election.question.options]
    lines.append(_quoted(election.question.title))
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


BLT = register(
    Format(
        "blt",
        "The format of most STV programs",
        ("blt", "dat"),
        lambda head: bool(_HEAD.match(head)),
        read,
        write=write,
        refuses=refuses,
        loses=loses,
    )
)
