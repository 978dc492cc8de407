"""BLT: ``options seats``, a line ``weight preference ... 0`` for each ballot, ``0``, names in quotes, title.

Read as well: withdrawn options (``-3`` or ``[withdrawn 3]``), equal ranks ``2=5``, skipped ranks ``-``, ballot ids in
brackets, ``[nick ...]`` (words that stand for the options), the order for ties as ``[tie ...]`` or ``=tie ... 0`` (the
options are then declared in it), comments from ``#``, names without quotes, a missing title, CRLF, BOM.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from deliberate.core import ballot as ballots
from deliberate.core.drafting.text import normal
from deliberate.core.errors import FormatError
from deliberate.core.formats import MOST_BALLOTS, MOST_DISTINCT, MOST_OPTIONS, Election, Format, number, register
from deliberate.core.ledger import canonical
from deliberate.core.tally.record import Option, Question

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_LATE = re.compile(r"[\d.]+( +[\d=-]+)* +0")
_ID = re.compile(r"\([^()]*\)")  # without "(" inside, so that a line of them is read once, not once for each


class Reader:
    """The file as it is read; every refusal names line and column."""

    def __init__(self, lines: Iterable[str], file: str) -> None:
        self.file, self.line = file, 0
        self.lines = self._clean(lines)
        self.names: list[str] = []
        self.withdrawn: set[int] = set()
        self.notes: list[str] = []
        self.nicks: dict[str, int] = {}
        self.order: list[int] = []

    def _clean(self, lines: Iterable[str]) -> Iterator[str]:
        for self.line, raw in enumerate(lines, 1):
            text = raw.rstrip("\r\n")
            if self.line == 1:
                text = text.removeprefix("\ufeff")
            if "\x00" in text:
                self.refuse(text.index("\x00") + 1, "there is a NUL byte", "text in UTF-8")
            if '"' not in text and "#" in text:
                text = text[: text.index("#")]
            if text.strip():
                yield text

    def refuse(self, column: int, what: str, expected: str) -> None:
        raise FormatError(self.file, self.line, column, what, expected, "format.blt")

    def read(self) -> Election:
        self._head()
        counted = self._ballots()
        title = self._names()
        order = self.order or range(1, self.size + 1)
        options = tuple(Option(f"o{n}", self.names[n - 1]) for n in order)
        merged = ballots.merge(counted, [option.id for option in options])
        return Election(
            Question(title, options, self.seats),
            merged,
            tuple(self.notes),
            tuple(f"o{n}" for n in sorted(self.withdrawn)),
        )

    def _head(self) -> None:
        first = next(self.lines, None)
        if first is None:
            self.line = self.line or 1
            self.refuse(1, "the file is empty", 'a first line such as "4 2": options and seats')
        assert first is not None
        parts = first.split()
        if len(parts) != 2 or not all(re.fullmatch("[0-9]{1,6}", part) for part in parts):
            self.refuse(
                1, f'the first line is "{first.strip()[:40]}"', 'two whole numbers such as "4 2": options and seats'
            )
        self.size, self.seats = int(parts[0]), int(parts[1])
        if not 1 <= self.size <= MOST_OPTIONS:
            self.refuse(1, f"there are {self.size} options", f"1 to {MOST_OPTIONS}")
        if self.seats < 1:
            self.refuse(first.index(parts[1], len(parts[0])) + 1, "there are 0 seats", "1 or more")

    def _ballots(self) -> Counter[tuple[bytes, str]]:
        counted: Counter[tuple[bytes, str]] = Counter()
        known: dict[str, tuple[bytes, str, int]] = {}
        cast = 0
        for text in self.lines:
            body = text.strip()
            if body == "0":
                return counted
            if body.startswith(("[", "=")):
                self._directive(text)
                continue
            if body.startswith('"'):
                self.refuse(1, "a name stands among the ballots", 'a line with a single "0" before the names')
            if body.startswith("-") and not counted and " 0" not in f" {body} ".replace("  ", " ")[:-1]:
                self._withdraw(text, body.split())
                continue
            if body not in known:
                known[body] = self._ballot(text)
                if len(known) > MOST_DISTINCT:
                    self.refuse(
                        1, f"there are more than {MOST_DISTINCT:,} different ballots", "a file for each part of them"
                    )
            data, weight, times = known[body]
            counted[data, weight] += times
            cast += times
            if cast > MOST_BALLOTS:
                self.refuse(1, f"there are more than {MOST_BALLOTS:,} ballots", "smaller weights")
        self.refuse(1, "the file ends among the ballots", 'a line with a single "0" after the last ballot')
        raise AssertionError

    def _directive(self, text: str) -> None:
        words = [(word[0].strip("[]"), word.start() + 1) for word in re.finditer(r"[^\s\[\]]+", text)]
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
                self.refuse(
                    1, "the short names do not name every option once", f"{self.size} words, none of them a number"
                )
        else:
            self.refuse(1, f'the line "{text.strip()[:40]}" is not known', "[withdrawn ...], [nick ...] or [tie ...]")

    def _withdraw(self, text: str, parts: list[str]) -> None:
        for part in parts:
            if not re.fullmatch(r"-\d+", part):
                self.refuse(text.index(part) + 1, f'"{part[:20]}" stands among withdrawn options', "numbers such as -3")
            self.withdrawn.add(self._option(part[1:], text.index(part) + 1))

    def _option(self, word: str, column: int) -> int:
        if word in self.nicks:
            return self.nicks[word]
        if not re.fullmatch("[0-9]{1,6}", word) or not 1 <= int(word) <= self.size:
            self.refuse(column, f'there is no option "{word[:20]}"', f"a number from 1 to {self.size}")
        return int(word)

    def _ballot(self, text: str) -> tuple[bytes, str, int]:
        found = list(_TOKEN.finditer(_ID.sub(lambda m: " " * len(m[0]), text)))
        weight = number(found[0][0]) if found else None
        if weight is None:
            self.refuse(
                found[0].start() + 1 if found else 1,
                f'the weight is "{found[0][0][:20] if found else ""}"',
                "a positive number",
            )
        assert weight is not None
        if found[-1][0] != "0" or len(found) < 2:
            self.refuse(found[-1].end(), "the ballot does not end in 0", 'a "0" at the end of the line')
        ranks: list[list[str]] = []
        seen: set[int] = set()
        ranks += [self._rank(part, seen) for part in found[1:-1]]
        while ranks and not ranks[-1]:
            ranks.pop()
        data = canonical.encode(ballots.ranking(*ranks))
        if weight.denominator == 1:
            return data, "1", int(weight)
        return data, canonical.exact(weight), 1

    def _rank(self, part: re.Match[str], seen: set[int]) -> list[str]:
        if part[0] == "-":
            return []
        made: list[str] = []
        for word in part[0].split("="):
            if word == "0":
                self.refuse(
                    part.start() + 1, "option 0 stands in the middle of a ballot", f"a number from 1 to {self.size}"
                )
            option = self._option(word, part.start() + 1)
            if option in seen:
                self.refuse(part.start() + 1, f"option {option} stands twice on one ballot", "each option at most once")
            seen.add(option)
            made.append(f"o{option}")
        return made

    def _names(self) -> str:
        title: str | None = None
        for text in self.lines:
            if text.strip().startswith(("=tie", "[tie")):
                self._directive(text)
                continue
            if _LATE.fullmatch(text.strip()):
                self.refuse(
                    1, "a ballot stands after the end of the ballots", 'the line "0" after the last ballot, then names'
                )
            name = self._name(text)
            if len(self.names) < self.size:
                if not name:
                    self.refuse(1, "an option has no name", "a name in quotes")
                if name in self.names:
                    self.refuse(1, f'two options are named "{name}"', "a name of its own for each option")
                self.names.append(name)
            elif title is None:
                title = name
            else:
                self.refuse(
                    1,
                    "there is a line after the title",
                    f"{self.size} names and one title; are there ballots after the 0?",
                )
        if len(self.names) < self.size:
            self.line += 1
            self.refuse(1, f"{len(self.names)} names are given", f"{self.size} names, one on each line")
        if title is None:
            self.notes.append("The file has no title.")
        return title or ""

    def _name(self, text: str) -> str:
        body = text.strip()
        if body.startswith('"'):
            found = re.fullmatch(r'"((?:[^"\\]|\\.)*)"\s*(#.*)?', body)
            if found is None:
                self.refuse(text.index('"') + 1, "a quote is not closed", 'a name such as "Ada"')
            assert found is not None
            body = re.sub(r"\\(.)", r"\1", found[1])
        trimmed = normal(body).strip()
        if trimmed != body:
            self.notes.append(f'Line {self.line}: the name "{trimmed}" was trimmed or normalised.')
        return trimmed


def read(lines: Iterable[str], file: str = "ballots.blt") -> Election:
    """The election in a BLT file. Raises FormatError with line and column."""
    return Reader(lines, file).read()


def can_hold(election: Election) -> bool:
    """Whole weights, rankings without skipped ranks."""
    return all(
        row.ballot["kind"] == "ranking" and all(row.ranks) and row.weight.denominator == 1
        for row in election.ballots.rows
    )


def write(election: Election) -> str:
    """The election as BLT; raises ValueError where it does not fit."""
    if not can_hold(election):
        raise ValueError("BLT cannot hold these ballots")
    number = {option.id: str(n) for n, option in enumerate(election.question.options, 1)}
    lines = [f"{len(number)} {election.question.seats}"]
    lines += [f"-{number[option]}" for option in election.withdrawn]
    for row in election.ballots.rows:
        ranks = ["=".join(number[option] for option in rank) for rank in row.ranks]
        lines.append(" ".join([str(int(row.count * row.weight)), *ranks, "0"]))
    lines.append("0")
    lines += [_quoted(option.name) for option in election.question.options]
    lines.append(_quoted(election.question.title))
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


BLT = register(Format("blt", "The format of most STV programs", read, write, can_hold))
