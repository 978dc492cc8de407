"""JSON of our own: everything that an election is. Read as well: a record package's ``ballots.json``, and three short forms.

``{"v":1,"title":...,"seats":...,"options":[{"id","name"}...],"withdrawn":[...],"ballots":[{"ballot","count","weight"}...]}``, with
``costs`` and ``budget`` where it is about money; in a record package ``options`` are ids. The short forms are
``{"format":"ranked-groups","candidates":[names],"ballots":[[count,[[names at rank 1],...]],...]}``,
``{"format":"approval-sets","num_candidates":6,"ballots":[[count,[numbers from 0]],...]}`` (or ``candidates``), and
``{"format":"debian-tally-aggregated","candidates":[names],"ballots":[[count,"12-3"],...]}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from deliberate.core import ballot as ballots
from deliberate.core.drafting.text import normal
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import MOST_OPTIONS, Election, Format, nothing, register
from deliberate.core.formats.debian import check_signs, ranked
from deliberate.core.formats.jsons import Stream
from deliberate.core.formats.source import Box, numbered
from deliberate.core.ledger import canonical
from deliberate.core.tally.record import Option, Question

SHORT = ("ranked-groups", "approval-sets", "debian-tally-aggregated")


class Reader:
    """The object as it is read. Options are known before the ballots in every file that we write; else ballots wait."""

    def __init__(self, pieces: Iterable[str], file: str) -> None:
        self.stream = Stream(pieces, file, "format.json")
        self.said: dict[str, Any] = {}
        self.places: dict[str, tuple[int, int]] = {}
        self.options: tuple[Option, ...] = ()
        self.ids: dict[str, str] = {}
        self.box = Box(self)

    def refuse(self, _column: int, what: str, expected: str) -> NoReturn:
        """Raise FormatError for the element that was read last."""
        self.stream.wrong(what, expected)

    def wrong(self, key: str, what: str, expected: str) -> NoReturn:
        """Raise FormatError for a member; for what was read last if it is not there."""
        self.stream.refuse_at(self.places.get(key) or self.stream.place(), what, expected)

    def read(self) -> Election:
        for key, value in self.stream.members(("ballots",)):
            if key == "ballots":
                if not self.ids:
                    self._options()
                self._ballot(value)
            else:
                self.said[key] = value
                self.places[key] = self.stream.place()
        if not self.ids:
            self._options()
        title, seats = self.said.get("title", ""), self.said.get("seats", 1)
        if not isinstance(title, str):
            self.wrong("title", "the title is no text", "a text")
        if type(seats) is not int or seats < 1:
            self.wrong("seats", f'the number of seats is "{str(seats)[:20]}"', "a whole number of at least 1")
        question = Question(normal(title), self.options, seats)
        return Election(question, self.box.merged(self.options), (), self._withdrawn(), *self._money())

    def _withdrawn(self) -> tuple[str, ...]:
        gone = self.said.get("withdrawn", [])
        if not isinstance(gone, list) or any(one not in self.ids for one in gone):
            self.wrong("withdrawn", "an option that withdrew is not known", "ids of options")
        return tuple(gone)

    def _money(self) -> tuple[dict[str, int], int | None]:
        costs, budget = self.said.get("costs", {}), self.said.get("budget")
        amounts = [*costs.values(), *([] if budget is None else [budget])] if isinstance(costs, dict) else [None]
        if any(type(amount) is not int or amount < 0 for amount in amounts) or any(
            one not in self.ids for one in costs
        ):
            self.wrong("costs", "costs or budget cannot be read", "whole numbers of at least 0 for the ids of options")
        return costs, budget

    def _options(self) -> None:
        """Options from ``options`` (ids, or ids and names), ``candidates`` or ``num_candidates``, which stand before the ballots."""
        short = self.said.get("format")
        if short is not None and short not in SHORT:
            self.wrong("format", f'the format is "{str(short)[:30]}"', f"one of {', '.join(SHORT)}")
        key = "candidates" if short else "options"
        listed = self.said.get(key)
        if listed is None and type(self.said.get("num_candidates")) is int:
            listed = [str(n) for n in range(min(self.said["num_candidates"], 1000))]
        if not isinstance(listed, list) or not all(map(_is_option, listed)):
            self.wrong(key, "the options are missing or cannot be read", "options before the ballots")
        if not 1 <= len(listed) <= MOST_OPTIONS:
            self.wrong(key, f"there are {len(listed)} options", f"1 to {MOST_OPTIONS}")
        if short:
            self.options = numbered(normal(one).strip() for one in listed)
        else:
            pairs = [(one, one) if isinstance(one, str) else (one["id"], one["name"]) for one in listed]
            self.options = tuple(Option(one, normal(name)) for one, name in pairs)
        self.ids = {option.name if short else option.id: option.id for option in self.options}
        if len(self.ids) < len(self.options) or len({option.name for option in self.options}) < len(self.options):
            self.wrong(key, "two options have one name", "a name of its own for each option")

    def _ballot(self, value: Any) -> None:
        short = self.said.get("format")
        if short:
            if not isinstance(value, list) or len(value) != 2 or type(value[0]) is not int or value[0] < 1:
                self.refuse(1, "the ballot cannot be read", "a list of count and ballot, such as [3, ...]")
            self.box.add(self._short(short, value[1]), value[0])
            return
        if not isinstance(value, dict) or set(value) - {"ballot", "count", "weight"} or "ballot" not in value:
            self.refuse(1, "the ballot cannot be read", 'an object such as {"ballot":{...},"count":1,"weight":"1"}')
        count, weight = value.get("count", 1), value.get("weight", "1")
        if type(count) is not int or count < 1:
            self.refuse(1, f'the count is "{str(count)[:20]}"', "a whole number of at least 1")
        self.box.add(self._whole(value["ballot"]), count, self._weight(weight))

    def _weight(self, weight: Any) -> str:
        try:
            if canonical.parse_exact(weight if isinstance(weight, str) else "") > 0:
                return str(weight)
        except DeliberateError:
            pass
        return self.refuse(1, f'the weight is "{str(weight)[:20]}"', 'a positive number as text, such as "1" or "3/2"')

    def _whole(self, ballot: Any) -> Mapping[str, Any]:
        """A ballot as a record package has it, checked."""
        kind = ballot.get("kind") if isinstance(ballot, dict) else None
        if kind not in ballots.HOLDS or set(ballot) != {"kind", ballots.HOLDS[kind]}:
            self.refuse(1, "the ballot is of no known kind", f"a kind of {', '.join(ballots.HOLDS)} with what it holds")
        held = ballot[ballots.HOLDS[kind]]
        good = {
            "choice": lambda: isinstance(held, list),
            "ranking": lambda: isinstance(held, list) and all(isinstance(rank, list) for rank in held),
            "score": lambda: isinstance(held, dict) and all(type(score) is int for score in held.values()),
            "each": lambda: isinstance(held, dict) and all(answer in ballots.ANSWERS for answer in held.values()),
        }[kind]()
        marks = [one for rank in held for one in rank] if good and kind == "ranking" else held
        if not good:
            self.refuse(1, f"the {kind} cannot be read", "marks as docs/reference/record-package.md has them")
        self._known(marks)
        return dict(ballot)

    def _known(self, marks: Iterable[Any]) -> None:
        for one in marks:
            if not isinstance(one, str) or one not in self.ids:
                self.refuse(1, f'there is no option "{str(one)[:20]}"', f"one of {', '.join(list(self.ids)[:10])}")

    def _short(self, short: str, ballot: Any) -> dict[str, Any]:
        if short == "debian-tally-aggregated":
            wrong = (
                check_signs(ballot, len(self.options))
                if isinstance(ballot, str)
                else (0, "the ballot is no text", '"12-3"')
            )
            if wrong:
                self.refuse(1, *wrong[1:])
            return ballots.ranking(*ranked(ballot))
        if not isinstance(ballot, list):
            self.refuse(1, "the ballot is no list", "a list")
        if short == "approval-sets":
            return ballots.choice(*self._numbers(ballot))
        for rank in ballot:
            self._known(rank if isinstance(rank, list) else [rank])
        ranks = [[self.ids[one] for one in (rank if isinstance(rank, list) else [rank])] for rank in ballot]
        marks = [one for rank in ranks for one in rank]
        if len(set(marks)) < len(marks):
            self.refuse(1, "an option stands twice on one ballot", "each option at most once")
        return ballots.ranking(*ranks)

    def _numbers(self, marks: Sequence[Any]) -> list[str]:
        for one in marks:
            if type(one) is not int or not 0 <= one < len(self.options) or marks.count(one) > 1:
                expected = f"numbers from 0 to {len(self.options) - 1}, each once"
                self.refuse(1, f'"{str(one)[:20]}" stands on a ballot', expected)
        return [self.options[one].id for one in sorted(marks)]


def _is_option(one: Any) -> bool:
    if isinstance(one, dict):
        return set(one) == {"id", "name"} and all(isinstance(text, str) and text for text in one.values())
    return isinstance(one, str) and bool(one)


def read(pieces: Iterable[str], file: str = "ballots.json") -> Election:
    """The election in a JSON file of our own. Raises FormatError."""
    return Reader(pieces, file).read()


def write(election: Election) -> str:
    """The election as JSON, a ballot on each line."""
    asked = election.question
    said: dict[str, Any] = {"v": 1, "title": asked.title, "seats": asked.seats}
    said["options"] = [{"id": option.id, "name": option.name} for option in asked.options]
    said |= {"withdrawn": list(election.withdrawn)} if election.withdrawn else {}
    said |= {"costs": dict(election.costs)} if election.costs else {}
    said |= {"budget": election.budget} if election.budget is not None else {}
    head = ",\n".join(f"{json.dumps(key)}:{_text(value)}" for key, value in said.items())
    rows = ",\n".join(
        _text({"ballot": row.ballot, "count": row.count, "weight": canonical.exact(row.weight)})
        for row in election.ballots.rows
    )
    return f'{{{head},\n"ballots":[\n{rows}\n]}}\n'


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def refuses(election: Election) -> str:
    """Nothing but names that do not tell options apart, or that a reader would change."""
    names = [option.name for option in election.question.options]
    if any(normal(text) != text for text in [*names, election.question.title]):
        return "A name or the title has blanks at its end, or signs that cannot be seen."
    return "" if len(set(names)) == len(names) and all(names) else "Two options have one name, or one has none."


JSON = register(
    Format(
        "json",
        "Everything that an election is; the ballots of a record package",
        ("json",),
        lambda head: head.removeprefix("\ufeff").lstrip().startswith("{") and '"ballots"' in head,
        read,
        pieces=True,
        write=write,
        refuses=refuses,
        loses=nothing,
    )
)
