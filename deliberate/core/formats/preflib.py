"""PrefLib: ``# KEY: value`` lines, then ``count: 1,2,{3,4}`` for each order. One format for each of its types of data.

soc and soi are strict orders, complete and not; toc and toi may have ties; cat puts options into named categories. Source: the
format of preflib.org since 2022. Of a ``cat`` file with two categories the first is the options marked; with more of them a ballot
is a score, the last category 0. The totals of the header are checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from deliberate.core import ballot as ballots
from deliberate.core.drafting.text import normal
from deliberate.core.formats import Election, Format, lacks, odd_name, other_kinds, register
from deliberate.core.formats.source import Box, Lines, check_options, numbered
from deliberate.core.tally.record import Question

TYPES = {
    "soc": "PrefLib: strict orders, complete",
    "soi": "PrefLib: strict orders, incomplete",
    "toc": "PrefLib: orders with ties, complete",
    "toi": "PrefLib: orders with ties, incomplete",
    "cat": "PrefLib: options in categories",
}
_HEAD = re.compile(r"#\s*([A-Z ]+?)(?: (\d+))?\s*:(.*)")
_PART = re.compile(r"\s*(\{[^{}]*\}|[^,{}]+)\s*(?:,|$)")


class Reader(Lines):
    """The file as it is read."""

    def __init__(self, lines: Iterable[str], file: str, type_: str) -> None:
        super().__init__(lines, file, "format.preflib")
        self.type, self.title = type_, ""
        self.said: dict[str, tuple[int, int]] = {}  # what the header counts, and in which line
        self.names: dict[int, str] = {}
        self.categories: dict[int, str] = {}
        self.box = Box(self)
        self.orders = 0

    def read(self) -> Election:
        for text in self:
            if text.startswith("#"):
                self._head(text)
            elif text.strip():
                if not self.orders:
                    self._complete()
                self.orders += 1
                self._order(text)
        if not self.line:
            self.empty('lines such as "# NUMBER ALTERNATIVES: 3"')
        if not self.orders:
            self._complete()
        self._totals()
        options = numbered(self.names[n] for n in range(1, len(self.names) + 1))
        return Election(Question(self.title, options), self.box.merged(options), tuple(self.notes))

    def _head(self, text: str) -> None:
        found = _HEAD.match(text)
        if found is None:
            return
        key, place, value = found[1], found[2], found[3].strip()
        column = found.start(3) + 2
        if key == "DATA TYPE" and value != self.type:
            self.refuse(
                column, f'the data are said to be "{value[:20]}"', f"{self.type}, or another format to read them"
            )
        elif key == "TITLE":
            self.title = normal(value)
        elif key in ("ALTERNATIVE NAME", "CATEGORY NAME") and place:
            known = self.names if key == "ALTERNATIVE NAME" else self.categories
            if int(place) != len(known) + 1:
                self.refuse(1, f"{key.lower()} {int(place)} stands where {len(known) + 1} is missing", "names in order")
            known[int(place)] = self.name(value, column, known.values())
        elif key.startswith("NUMBER ") and not place:
            self.said[key] = (self.whole(value, column, f"the {key.lower()}", 0), self.line)

    def _complete(self) -> None:
        """The header is over: there must be names, and as many as it says."""
        check_options(self, len(self.names))
        for key, known in (("NUMBER ALTERNATIVES", self.names), ("NUMBER CATEGORIES", self.categories)):
            said, line = self.said.get(key, (len(known), 0))
            if said != len(known):
                self.line = line
                self.refuse(1, f"the header says {said} and names {len(known)}", f"{key} that fits")
        if self.type == "cat" and len(self.categories) < 2:
            self.refuse(1, f"{len(self.categories)} categories are named", "two or more")

    def _totals(self) -> None:
        """What the header counts must be what stands below."""
        there = {"NUMBER VOTERS": self.box.papers, "NUMBER UNIQUE ORDERS": self.orders}
        for key, count in there.items() | {("NUMBER UNIQUE PREFERENCES", self.orders)}:
            said, line = self.said.get(key, (count, 0))
            if said != count:
                self.line = line
                self.refuse(1, f"the header says {key.lower()} {said}, the lines below say {count}", "totals that fit")

    def _order(self, text: str) -> None:
        count, sign, rest = text.partition(":")
        if not sign:
            self.refuse(1, f'the line "{text[:40]}" has no colon', "a line such as 12: 1,2,{3,4}")
        times = self.whole(count, 1, "the number of voters")
        groups = list(self._groups(rest, len(count) + 2))
        if self.type == "cat":
            self.box.add(self._categories(groups), times)
            return
        ranks = [[f"o{n}" for n in group] for group in groups]
        column = len(count) + 2
        if self.type in ("soc", "soi") and any(len(rank) != 1 for rank in ranks):
            self.refuse(column, "an order has a tie", f"strict orders, as {self.type} says; toc and toi have ties")
        marks = sum(map(len, ranks))
        if self.type in ("soc", "toc") and marks < len(self.names):
            self.refuse(column, f"an order names {marks} of {len(self.names)}", f"all, as {self.type} says")
        self.box.add(ballots.ranking(*ranks), times)

    def _groups(self, text: str, column: int) -> Iterator[list[int]]:
        """The parts of an order, each a number or some in braces."""
        seen: set[int] = set()
        at = 0
        while text[at:].strip():
            found = _PART.match(text, at)
            if found is None:
                self.refuse(
                    column + at, f'"{text[at : at + 20].strip()}" cannot be read', "numbers, or {1,2}, and commas"
                )
            group = []
            start = column + found.start(1)
            for word in re.finditer(r"[^,{}]+", found[1]):
                if not word[0].strip():
                    continue
                if not re.fullmatch(r"\s*\d{1,6}\s*", word[0]) or not 1 <= int(word[0]) <= len(self.names):
                    said, known = word[0].strip()[:20], len(self.names)
                    self.refuse(start + word.start(), f'there is no option "{said}"', f"a number from 1 to {known}")
                option = int(word[0])
                if option in seen:
                    self.refuse(start + word.start(), f"option {option} stands twice", "each option at most once")
                seen.add(option)
                group.append(option)
            yield group
            at = found.end()

    def _categories(self, groups: list[list[int]]) -> dict[str, Any]:
        if len(groups) > len(self.categories):
            self.refuse(1, f"there are {len(groups)} groups", f"{len(self.categories)}, one for each category")
        if len(self.categories) == 2:
            return ballots.choice(*(f"o{n}" for n in sorted(groups[0])) if groups else ())
        best = len(self.categories) - 1
        return ballots.score(**{f"o{n}": best - place for place, group in enumerate(groups) for n in group})


def read(type_: str, lines: Iterable[str], file: str = "ballots") -> Election:
    """The election in a PrefLib file of this type. Raises FormatError."""
    return Reader(lines, file, type_).read()


def refuses(type_: str, election: Election) -> str:
    """Why it cannot be written: another kind of ballots, fractions, skipped ranks, or orders that the type does not know."""
    kinds = ("choice",) if type_ == "cat" else ("ranking",)
    if why := other_kinds(election, *kinds):
        return why
    if any((row.weight * row.count).denominator > 1 for row in election.ballots.rows):
        return "It counts whole voters."
    if type_ != "cat":
        full = len(election.question.options)
        for row in election.ballots.rows:
            marks = [option for rank in row.ranks for option in rank]
            if not all(row.ranks) or len(set(marks)) < len(marks):
                return "A ballot skips a rank or names an option twice."
            if type_ in ("soc", "soi") and len(marks) > len(row.ranks):
                return "A ballot has equal ranks."
            if type_ in ("soc", "toc") and len(marks) < full:
                return "A ballot does not rank all options."
    return odd_name(election, "", title=True)


def loses(type_: str, election: Election) -> tuple[str, ...]:
    """All but title and ballots; orders cannot be blank."""
    known = ("title", "blank") if type_ == "cat" else ("title",)
    return lacks(election, *known)


def write(type_: str, election: Election) -> str:
    """The election in a PrefLib file of this type."""
    options = election.question.options
    rows = [row for row in election.ballots.rows if type_ == "cat" or any(row.ranks)]  # an order names something
    place = {option.id: str(n) for n, option in enumerate(options, 1)}
    total = sum(int(row.count * row.weight) for row in rows)
    lines = [f"# DATA TYPE: {type_}", f"# TITLE: {election.question.title}", f"# NUMBER ALTERNATIVES: {len(options)}"]
    lines += [
        f"# NUMBER VOTERS: {total}",
        f"# NUMBER UNIQUE {'PREFERENCES' if type_ == 'cat' else 'ORDERS'}: {len(rows)}",
    ]
    if type_ == "cat":
        lines += ["# NUMBER CATEGORIES: 2", "# CATEGORY NAME 1: Yes", "# CATEGORY NAME 2: No"]
    lines += [f"# ALTERNATIVE NAME {place[option.id]}: {option.name}" for option in options]
    for row in rows:
        if type_ == "cat":
            others = [one for one in place if one not in row.marks]
            groups = [[place[one] for one in row.marks], [place[one] for one in others]]
            said = ",".join(f"{{{','.join(group)}}}" if len(group) != 1 else group[0] for group in groups)
        else:
            said = ",".join(_group([place[one] for one in rank]) for rank in row.ranks)
        lines.append(f"{int(row.count * row.weight)}: {said}")
    return "\n".join(lines) + "\n"


def _group(numbers: list[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{{{','.join(numbers)}}}"


def _looks(type_: str, head: str) -> bool:
    return bool(re.search(rf"^#\s*DATA TYPE:\s*{type_}\s*$", head, re.MULTILINE))


for _type, _about in TYPES.items():
    register(
        Format(
            _type,
            _about,
            (_type,),
            partial(_looks, _type),
            partial(read, _type),
            write=partial(write, _type),
            refuses=partial(refuses, _type),
            loses=partial(loses, _type),
        )
    )
