"""What every count shares: its result, its rounds and how numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .ballots import Profile
from .schema import Check
from .ties import AwaitingLot, Ties


@dataclass
class Poll:
    """What a count reads besides the ballots: rules, options, seats, and the lots that the ledger records."""

    method: str
    rules: dict[str, Any]
    ids: list[str]
    names: list[str]
    seats: int
    lots: list[dict[str, Any]] = field(default_factory=list)

    def ties(self) -> Ties:
        """The tie rules for one count."""
        return Ties(self.rules["ties"], self.ids, self.names, self.rules["seed"], self.lots)


@dataclass
class Counted:
    """A count of our own, in the terms of the published one."""

    input: dict[str, Any]
    quota: str | None = None
    rounds: list[dict[str, Any]] = field(default_factory=list)
    winners: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    outcome: str = "elected"
    ties: list[dict[str, Any]] = field(default_factory=list)
    lots: list[dict[str, Any]] = field(default_factory=list)
    tests: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    """Fields of the Count that only some methods have."""
    judged: dict[str, Callable[[Any], bool]] = field(default_factory=dict)
    """Fields that may be right in more than one writing: whether a published one is."""
    open: dict[str, str] = field(default_factory=dict)
    """Fields that are not counted again, and why."""


@dataclass(frozen=True)
class Counter:
    """One method: how its ballots are counted, their kind, and the exact form of its rules, of which records of earlier
    versions do not have the ``later`` ones. ``gaps``: what in a definition does not fit its rules."""

    count: Callable[[Profile, Poll], Counted]
    ballot: str
    rules: Mapping[str, Check]
    later: Mapping[str, Check] = field(default_factory=dict)
    gaps: Callable[[dict[str, Any]], Iterable[tuple[str, Any, Any]]] = lambda defined: ()


def papers(profile: Profile, valid: Sequence[bool]) -> dict[str, Any]:
    """The ``input`` of a Count: papers cast, blank, spoilt and valid, and the valid weight. Blank: no mark at all."""
    blank = spoilt = good = weight = 0
    for row, ok in zip(profile.rows, valid, strict=True):
        if ok:
            good += row.papers
            weight += row.papers * row.weight
        elif all(rank == -1 for rank in row.ranks):
            blank += row.papers
        else:
            spoilt += row.papers
    return {"cast": blank + spoilt + good, "blank": blank, "spoilt": spoilt, "valid": good,
            "weight": str(profile.votes(weight))}


def round_(n: int, votes: dict[str, str], code: str, **over: Any) -> dict[str, Any]:
    """One round in the form of the Count, without its sentences."""
    return {"n": n, "votes": votes, "exhausted": "0", "residual": "0", "quota": None, "code": code, "elected": [],
            "excluded": [], "transfers": [], "tie": None} | over


__all__ = ["AwaitingLot", "Counted", "Counter", "Fraction", "Poll", "papers", "round_"]
