"""Pabulib ``.pb``: the blocks META, PROJECTS and VOTES of a participatory budget, cells divided by semicolons.

Source: Pabulib, the format of pabulib.org. Quoted cells may hold line ends. ``approval`` and ``choose-1`` votes are choices,
``ordinal`` ones rankings, ``cumulative`` and ``scoring`` ones scores by ``points``. ``num_projects``, ``num_votes`` and the votes
of each project are checked. Money is a whole number of the smallest unit: of hundredths where an amount has decimals.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from deliberate.core import ballot as ballots
from deliberate.core.drafting.text import normal
from deliberate.core.formats import Election, Format, register
from deliberate.core.formats.source import Box, Lines, check_options, numbered
from deliberate.core.tally.record import Question

BLOCKS = ("META", "PROJECTS", "VOTES")
VOTES = {"approval": "choice", "choose-1": "choice", "ordinal": "ranking", "cumulative": "score", "scoring": "score"}
_AMOUNT = re.compile(r"[0-9]{1,15}([.,][0-9]{1,9})?")


class Reader(Lines):
    """The file as it is read."""

    def __init__(self, lines: Iterable[str], file: str) -> None:
        super().__init__(lines, file, "format.pabulib")
        self.rows = csv.reader((f"{text}\n" for text in self if text.strip()), delimiter=";", strict=True)
        self.meta: dict[str, tuple[str, int]] = {}
        self.ids: list[str] = []
        self.names: list[str] = []
        self.costs: list[Fraction] = []
        self.said: dict[str, tuple[int, int]] = {}  # votes of a project, and in which line
        self.kind, self.votes = "", 0
        self.given: dict[str, int] = {}
        self.box = Box(self)

    def read(self) -> Election:
        block, head, done = "", list[str](), list[str]()
        for cells in self._cells():
            if [cell.strip().upper() for cell in cells if cell.strip()] in [[name] for name in BLOCKS]:
                block, head = cells[0].strip().upper(), []
                if len(done) == len(BLOCKS) or block != BLOCKS[len(done)]:
                    self.refuse(1, f"the block {block} stands here", "META, then PROJECTS, then VOTES, each once")
                done.append(block)
            elif not block:
                self.refuse(1, f'"{cells[0][:20]}" stands before the first block', "a line META")
            elif not head:
                head = self._head(block, cells)
            else:
                self._row(block, head, cells)
        if not self.line:
            self.empty("the blocks META, PROJECTS and VOTES")
        if len(done) < len(BLOCKS):
            self.refuse(1, f"the block {BLOCKS[len(done)]} is missing", "META, PROJECTS and VOTES")
        return self._election()

    def _cells(self) -> Iterator[list[str]]:
        try:
            yield from self.rows
        except csv.Error as error:
            self.refuse(1, f"the row cannot be read: {error}", "cells divided by semicolons, quotes closed")

    def _head(self, block: str, cells: list[str]) -> list[str]:
        """The line that names the columns; a block ends what the one before it began."""
        head = [cell.strip().lower() for cell in cells]
        for wanted in {"META": ("key", "value"), "PROJECTS": ("project_id", "cost"), "VOTES": ("voter_id", "vote")}[
            block
        ]:
            if wanted not in head:
                self.refuse(1, f"{block} has no column {wanted}", f"a line of columns with {wanted} after {block}")
        if block == "VOTES":
            self._begin(head)
        return head

    def _begin(self, head: list[str]) -> None:
        """Before the votes: the projects are all there, and it is known what a vote is."""
        check_options(self, len(self.ids))
        self._total("num_projects", len(self.ids))
        type_, line = self.meta.get("vote_type", ("", self.line))
        if type_ not in VOTES:
            self.line = line
            self.refuse(1, f'the vote_type is "{type_[:20]}"', f"one of {', '.join(VOTES)}")
        self.kind = VOTES[type_]
        if self.kind == "score" and "points" not in head:
            self.refuse(1, "VOTES has no column points", f"points, as the vote_type is {type_}")
        self.place = {one: f"o{n}" for n, one in enumerate(self.ids, 1)}
        self.given = dict.fromkeys(self.ids, 0)

    def _row(self, block: str, head: list[str], cells: list[str]) -> None:
        if block == "META" and len(cells) > 2:  # some files leave semicolons in a remark without quotes
            cells = [cells[0], ";".join(cells[1:]).rstrip(";")]
        if len(cells) != len(head):
            said = f"the row has {len(cells)} cells"
            self.refuse(min(len(cells), len(head)) + 1, said, f"{len(head)}, as in the line of columns")
        row = dict(zip(head, (cell.strip() for cell in cells), strict=True))
        if block == "META":
            self.meta[row["key"].lower()] = (row["value"], self.line)
        elif block == "PROJECTS":
            self._project(row, head)
        else:
            self._vote(row, head)

    def _project(self, row: dict[str, str], head: list[str]) -> None:
        one = row["project_id"]
        if not one or one in self.ids:
            column = head.index("project_id") + 1
            self.refuse(column, f'the project_id is "{one[:20]}"', "an id, other than those above")
        self.costs.append(self._amount(row["cost"], head.index("cost") + 1, "cost"))
        self.ids.append(one)
        name = normal(row.get("name", "")) or one
        self.names.append(f"{name} ({one})" if name in self.names else name)
        if row.get("votes"):
            self.said[one] = (self.whole(row["votes"], head.index("votes") + 1, "the number of votes", 0), self.line)

    def _amount(self, text: str, column: int, what: str) -> Fraction:
        if not _AMOUNT.fullmatch(text):
            self.refuse(column, f'the {what} is "{text[:20]}"', "an amount such as 7200 or 7200.50")
        return Fraction(text.replace(",", "."))

    def _vote(self, row: dict[str, str], head: list[str]) -> None:
        column = head.index("vote") + 1
        marks = [part.strip() for part in row["vote"].split(",")] if row["vote"] else []
        for n, one in enumerate(marks):
            if one not in self.place:
                self.refuse(column, f'"{one[:20]}" is not a project', "ids that PROJECTS names, divided by commas")
            if one in marks[:n]:
                self.refuse(column, f'"{one[:20]}" stands twice in one vote', "each project at most once")
            self.given[one] += 1
        self.votes += 1
        self.box.add(self._ballot(marks, row, head))

    def _ballot(self, marks: list[str], row: dict[str, str], head: list[str]) -> dict[str, Any]:
        if self.kind == "choice":
            return ballots.choice(*sorted((self.place[one] for one in marks), key=lambda one: int(one[1:])))
        if self.kind == "ranking":
            return ballots.ranking(*(self.place[one] for one in marks))
        column = head.index("points") + 1
        points = row["points"].split(",") if row["points"] else []
        if len(points) != len(marks):
            self.refuse(
                column, f"there are {len(points)} points for {len(marks)} projects", "one for each, in their order"
            )
        return ballots.score(
            **{
                self.place[one]: self.whole(point, column, "a number of points", 0)
                for one, point in zip(marks, points, strict=True)
            }
        )

    def _total(self, key: str, found: int) -> None:
        """A number that META states must be the one found."""
        if key in self.meta:
            text, line = self.meta[key]
            at, self.line = self.line, line
            if self.whole(text, 2, f"the {key}", 0) != found:
                self.refuse(2, f"the {key} is {text}, and {found} stand in the file", "the same number")
            self.line = at

    def _election(self) -> Election:
        self._total("num_votes", self.votes)
        if self.kind != "score":  # there a project's votes may be its points
            for one, (said, line) in self.said.items():
                if said != self.given[one]:
                    self.line = line
                    self.refuse(
                        1, f'project "{one}" is said to have {said} votes and has {self.given[one]}', "the same number"
                    )
        budget = None
        if "budget" in self.meta:
            text, line = self.meta["budget"]
            self.line = line
            budget = self._amount(text, 2, "budget")
        amounts = [*self.costs, *([budget] if budget is not None else [])]
        unit = 1 if all(one.denominator == 1 for one in amounts) else 100
        if any((one * unit).denominator > 1 for one in amounts):
            self.refuse(2, "an amount has more than two decimals", "amounts in hundredths at most")
        if unit > 1:
            self.notes.append("Money is counted in hundredths.")
        options = numbered(self.names)
        costs = {option.id: int(cost * unit) for option, cost in zip(options, self.costs, strict=True)}
        title = normal(self.meta.get("description", ("", 0))[0])
        whole = None if budget is None else int(budget * unit)
        merged = self.box.merged(options)
        return Election(Question(title, options), merged, tuple(self.notes), costs=costs, budget=whole)


def read(lines: Iterable[str], file: str = "ballots.pb") -> Election:
    """The election in a Pabulib file, with costs and budget. Raises FormatError."""
    return Reader(lines, file).read()


PABULIB = register(
    Format(
        "pabulib",
        "Participatory budgets of pabulib.org",
        ("pb",),
        lambda head: head.removeprefix("\ufeff").lstrip().upper().startswith("META"),
        read,
    )
)
