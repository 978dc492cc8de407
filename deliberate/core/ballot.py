"""Ballots: a member's complete answer to a question, its canonical form, its checks, and equal ones merged."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.sentences import joined, mark, mark_many

Ballot = Mapping[str, Any]
"""One of four kinds, see docs/reference/record-package.md::

    {"kind": "choice", "marks": [id, ...]}                  options marked; none: blank
    {"kind": "ranking", "ranks": [[id], [id, id], []]}      a list of ranks; several ids: equal; none: skipped
    {"kind": "score", "scores": {id: whole number}}         a number for each option that was given one
    {"kind": "each", "marks": {id: "yes"|"no"|"abstain"}}   an answer to each option
"""

ANSWERS = ("yes", "no", "abstain")
TAKES = {
    "choice": mark("The poll takes a choice."),
    "ranking": mark("The poll takes a ranking."),
    "score": mark("The poll takes a score ballot."),
    "each": mark("The poll takes an answer to each option."),
}
HOLDS = {"choice": "marks", "ranking": "ranks", "score": "scores", "each": "marks"}


def choice(*marks: str) -> dict[str, Any]:
    """A ballot that marks options; none of them: a blank one."""
    return {"kind": "choice", "marks": list(marks)}


def ranking(*ranks: str | Sequence[str]) -> dict[str, Any]:
    """A ballot that ranks options: an id, several ids at one rank, or none for a skipped rank."""
    return {"kind": "ranking", "ranks": [[rank] if isinstance(rank, str) else list(rank) for rank in ranks]}


def score(**scores: int) -> dict[str, Any]:
    """A ballot that gives numbers to options."""
    return {"kind": "score", "scores": scores}


def each(**marks: str) -> dict[str, Any]:
    """A ballot that answers yes, no or abstain to options."""
    return {"kind": "each", "marks": marks}


def check(ballot: Ballot, kind: str, names: Mapping[str, str], most: int = 1) -> None:
    """Raise DeliberateError ``ballot.*`` unless the ballot is one that our own form can give.

    names: option names by id; the error speaks of options by name. most: how many marks a choice may carry.
    """
    if set(ballot) != {"kind", HOLDS[kind]} or ballot.get("kind") != kind:
        raise _refuse(
            mark("This is not a ballot of this poll."), TAKES[kind], mark("Load the ballot page again."), "kind"
        )
    marks = ballot["marks"] if kind == "choice" else [option for rank in ballot["ranks"] for option in rank]
    for option in marks:
        if option not in names:
            raise _refuse(
                mark('Your ballot names "%(option)s".', option=option),
                mark("It is not an option of this poll."),
                mark("Choose from the list."),
                "unknown",
            )
    if kind == "choice":
        if len(marks) > most or len(set(marks)) < len(marks):
            raise _refuse(
                mark_many("Your ballot marks one option.", "Your ballot marks %(num)s options.", len(marks)),
                mark("It may mark %(most)s.", most=most),
                mark("Take some marks away."),
                "too_many",
            )
        return
    _check_ranks(ballot["ranks"], names)


def _check_ranks(ranks: Sequence[Sequence[str]], names: Mapping[str, str]) -> None:
    seen: dict[str, int] = {}
    for place, rank in enumerate(ranks, 1):
        if not rank:
            raise _refuse(
                mark("Your ballot skips rank %(place)s.", place=place),
                mark("Ranks follow each other."),
                mark("Give somebody rank %(place)s.", place=place),
                "gap",
            )
        if len(rank) > 1:
            said = joined([f'"{names[option]}"' for option in rank], mark("%(some)s and %(another)s"))
            raise _refuse(
                mark("Your ballot gives rank %(place)s to %(names)s.", place=place, names=said),
                mark("Each rank has one option."),
                mark("Give each its own rank."),
                "equal",
            )
        if rank[0] in seen:
            raise _refuse(
                mark(
                    'Your ballot ranks "%(name)s" twice (%(first)s and %(place)s).',
                    name=names[rank[0]],
                    first=seen[rank[0]],
                    place=place,
                ),
                "",
                mark("Rank each option at most once."),
                "duplicate",
            )
        seen[rank[0]] = place


def _refuse(what: str, why: str, remedy: str, code: str) -> DeliberateError:
    return DeliberateError(what, why, remedy, f"ballot.{code}")


@dataclass(frozen=True)
class Row:
    """Equal ballots: the ballot, how many papers, and the weight of each."""

    ballot: Ballot
    count: int
    weight: Fraction

    @property
    def marks(self) -> tuple[str, ...]:
        """Options of a choice."""
        return tuple(self.ballot["marks"])

    @property
    def ranks(self) -> tuple[tuple[str, ...], ...]:
        """Ranks of a ranking."""
        return tuple(tuple(rank) for rank in self.ballot["ranks"])

    @property
    def scores(self) -> Mapping[str, int]:
        """Numbers of a score ballot, by option."""
        scores: Mapping[str, int] = self.ballot["scores"]
        return scores

    @property
    def answers(self) -> Mapping[str, str]:
        """Answers of an ``each`` ballot, by option."""
        answers: Mapping[str, str] = self.ballot["marks"]
        return answers


@dataclass(frozen=True)
class Aggregate:
    """All ballots of a poll, equal ones merged, sorted: what ``ballots.json`` of a record package holds."""

    options: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def kinds(self) -> set[str]:
        """The kinds of ballots among them."""
        return {row.ballot["kind"] for row in self.rows}

    @property
    def cast(self) -> int:
        """How many papers they are."""
        return sum(row.count for row in self.rows)

    @property
    def whole(self) -> bool:
        """Whether no weight has a fraction."""
        return all(row.weight.denominator == 1 for row in self.rows)

    def canonical(self) -> bytes:
        """The bytes of ``ballots.json``."""
        rows = [{"ballot": row.ballot, "count": row.count, "weight": canonical.exact(row.weight)} for row in self.rows]
        return canonical.encode({"v": 1, "options": list(self.options), "ballots": rows})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.canonical()).hexdigest()


def aggregate(ballots: Iterable[tuple[Ballot, str | int | Fraction]], options: Sequence[str]) -> Aggregate:
    """Merge equal ballots. ballots: (ballot, weight); options: ids in declared order. The order of ballots does not matter."""
    counted: Counter[tuple[bytes, str]] = Counter()
    for one, weight in ballots:
        counted[written(one), weight if type(weight) is str else canonical.exact(weight)] += 1  # type: ignore[arg-type]
    return merge(counted, options)


def written(ballot: Ballot) -> bytes:
    """The canonical bytes of a ballot; those of each rank are kept, as the same few come again and again."""
    if ballot["kind"] == "ranking" and len(ballot) == 2:
        return b'{"kind":"ranking","ranks":[%b]}' % b",".join([_rank(tuple(rank)) for rank in ballot["ranks"]])
    return canonical.encode(ballot)


@lru_cache(4096)
def _rank(options: tuple[str, ...]) -> bytes:
    return canonical.encode(list(options))


def merge(counted: Mapping[tuple[bytes, str], int], options: Sequence[str]) -> Aggregate:
    """The aggregate of (:func:`written` ballot, weight) to number of papers, sorted by the canonical bytes of both."""
    weights = {weight: (canonical.encode(weight), canonical.parse_exact(weight)) for weight in {key[1] for key in counted}}
    keys = sorted(counted, key=lambda key: key[0] + b"," + weights[key[1]][0])
    rows = (Row(json.loads(key[0].decode()), counted[key], weights[key[1]][1]) for key in keys)
    return Aggregate(tuple(options), tuple(rows))


def pass_over(ballot: Ballot, withdrawn: Collection[str]) -> dict[str, Any]:
    """The ballot without these options; a rank left empty so is no skip, and closes."""
    kind = ballot["kind"]
    held = ballot[HOLDS[kind]]
    if kind == "choice":
        return {"kind": kind, "marks": [option for option in held if option not in withdrawn]}
    if kind == "ranking":
        ranks = [(rank, [option for option in rank if option not in withdrawn]) for rank in held]
        return {"kind": kind, "ranks": [left for rank, left in ranks if left or not rank]}
    return {"kind": kind, HOLDS[kind]: {option: mark for option, mark in held.items() if option not in withdrawn}}


def without(ballots: Aggregate, withdrawn: Collection[str]) -> Aggregate:
    """Ballots as they are counted when options have withdrawn: each passes over them."""
    left = [option for option in ballots.options if option not in withdrawn]
    return remade(ballots, lambda ballot: pass_over(ballot, withdrawn), left)


def remade(ballots: Aggregate, change: Callable[[Ballot], Ballot], options: Sequence[str]) -> Aggregate:
    """All ballots read otherwise, equal ones merged again. options: ids that are left."""
    counted: Counter[tuple[bytes, str]] = Counter()
    for row in ballots.rows:
        counted[written(change(row.ballot)), canonical.exact(row.weight)] += row.count
    return merge(counted, options)
