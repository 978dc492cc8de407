"""Weighted inclusive Gregory: all papers of an elected option move, each at its present value times surplus / total held.

``wigm`` is parametric and by default exact: a paper is worth a fraction of a vote, nothing is truncated, and the quota is to be
exceeded. ``wigm-prf`` and ``wigm-prf-batch`` are the reference rules of the Proportional Representation Foundation at four places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import quota, reading
from deliberate.core.tally.constraints import CONSTRAINTS
from deliberate.core.tally.record import Question, Result, number
from deliberate.core.tally.registry import TIE_OPTIONS, Setting, method, one_of, tie_options, whole
from deliberate.core.tally.seats import Moved, Value, places
from deliberate.core.tally.transfer import Inclusive

MOST_PLACES = 20
PRF = "Proportional Representation Foundation, reference rule for weighted inclusive Gregory STV"
PRF_RULES: dict[str, Any] = {
    "quota": "droop-fractional",
    "places": 4,
    "surplus": "largest",
    "last": "test-then-transfer",
    "batch": "none",
    "zero_surplus": "round",
}
DEPARTURES = (
    "Ties go to the option declared first, in both directions, as the rule has it; the declared order stands for its random order.",
    "A weight of n counts as n equal papers; the rule knows no weights.",
)


def _places(value: Any) -> Any:
    """A reader for places after the point, from 0 to 20, or none."""
    read = None if value in (None, "none") else whole(0)(value)
    if read is not None and read > MOST_PLACES:
        raise ValueError(mark("Write none, or a whole number up to %(most)s.", most=MOST_PLACES))
    return read


@method(
    "wigm",
    title="STV, weighted inclusive Gregory",
    ballot="ranking",
    winners="seats",
    source="Weighted inclusive Gregory method (D. M. Farrell and I. McAllister, The 1983 change in surplus vote transfer procedures, Australian Journal of Political Science 38, 2003), in exact numbers",
    about=mark(
        "Members rank options. Whoever exceeds the quota is elected, and the part of their votes above it moves on, from every ballot "
        "by the same fraction; when nobody does, the last is excluded and their votes move on. Nothing is rounded."
    ),
    family="proportional",
    good_for="A committee in which each group has seats by its size, also where members carry weights with fractions.",
    options={
        **TIE_OPTIONS,
        "quota": Setting(
            "exact-droop",
            mark(
                "The votes that secure a seat, from valid votes v and seats s: v/(s+1), to be exceeded (exact-droop); the whole number above it (droop); v/(s+1) cut to the places, plus one part (droop-fractional); v/s (hare)."
            ),
            one_of("droop", "droop-fractional", "exact-droop", "hare"),
        ),
        "places": Setting(None, mark("Decimal places to which each operation is cut: none, or 0 to 20."), _places),
        "surplus": Setting("largest", mark("Which surplus moves first."), one_of("largest", "earliest")),
        "last": Setting(
            "transfer-then-test",
            mark("Whether an excluded option's papers move before the count may end."),
            one_of("transfer-then-test", "test-then-transfer"),
        ),
        "batch": Setting("none", mark("Options that leave together."), one_of("none", "sure-losers")),
        "zero_surplus": Setting("skip", mark("Whether a surplus of nothing takes a round."), one_of("skip", "round")),
        **CONSTRAINTS,
    },
)
def wigm(question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]) -> Result:
    """Count by the options. Raises ValueError for options that do not fit each other or the weights."""
    fixed = rules["places"] is not None
    if fixed and rules["quota"] == "exact-droop":
        raise ValueError(mark("The exact quota takes no places: take droop-fractional, or places none."))
    if not fixed and rules["quota"] == "droop-fractional":
        raise ValueError(mark("The quota droop-fractional takes places: name them, or take exact-droop."))
    read = reading.read(ballots, reading.closing_ranks("end"), spoil_without_first=True)
    if fixed and read.profile.unit > 1:
        raise ValueError(mark("Places take whole weights: take places none."))
    return _count(question, read, rules, lots)


@method(
    "wigm-prf",
    title="STV, PR Foundation reference (WIGM)",
    ballot="ranking",
    winners="seats",
    whole_weights=True,
    source=f"{PRF}, steps A to D",
    about=mark(
        "Members rank options. Whoever reaches the quota is elected, and the part of their votes above it moves on, cut to four "
        "decimal places; when nobody does, the last is excluded and their votes move on."
    ),
    family="proportional",
    good_for="A committee elected by proportional representation, to be compared digit by digit with other counting programs.",
    options={**tie_options("declared-first"), **CONSTRAINTS},
    departures=DEPARTURES,
)
def wigm_prf(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by the reference rule, one exclusion at a time."""
    read = reading.read(ballots, reading.closing_ranks("refuse"), spoil_without_first=True)
    return _count(question, read, {**PRF_RULES, **rules}, lots)


@method(
    "wigm-prf-batch",
    title="STV, PR Foundation reference (WIGM), sure losers together",
    ballot="ranking",
    winners="seats",
    whole_weights=True,
    source=f"{PRF}, steps A to D with the optional step B.2",
    about=mark(
        "Members rank options. Whoever reaches the quota is elected, and the part of their votes above it moves on, cut to four "
        "decimal places. Options that cannot catch up are excluded together, and their votes move on."
    ),
    family="proportional",
    good_for="A committee elected by proportional representation from many options, in fewer rounds.",
    options={**tie_options("declared-first"), **CONSTRAINTS},
    departures=DEPARTURES,
)
def wigm_prf_batch(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by the reference rule, sure losers together."""
    read = reading.read(ballots, reading.closing_ranks("refuse"), spoil_without_first=True)
    return _count(question, read, {**PRF_RULES, "batch": "sure-losers", **rules}, lots)


def _count(
    question: Question, read: reading.Reading, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    count = Weighted(question, read, rules, lots)
    return count.result(count.run(), read)


class Weighted(Inclusive):
    """The count as it stands. Values are whole numbers of 1/scale vote, or with scale 0 exact votes."""

    def __init__(
        self, question: Question, read: reading.Reading, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.scale = 0 if rules["places"] is None else 10 ** rules["places"]
        one = self.scale or Fraction(1, read.profile.unit)
        super().__init__(question, read.profile, one, rules, lots, places(self.scale) if self.scale else exact)
        self.total = Fraction(read.profile.total, read.profile.unit)  # valid votes
        self.zero = rules["zero_surplus"] == "round"
        self.test_first = rules["last"] == "test-then-transfer"
        self.quota = self._quota(rules["quota"])
        self.exceed = rules["quota"] == "exact-droop"
        self.reached = "exceeds the quota" if self.exceed else "reaches the quota"
        self.round_of: dict[str, int] = {}  # the round in which an option was elected

    def _quota(self, kind: str) -> Value:
        if kind == "exact-droop":
            return quota.exact(self.total, self.seats)
        if kind == "hare":
            return quota.hare(self.total, self.seats, self.scale)
        if kind == "droop":
            return quota.droop(self.total, self.seats) * (self.scale or 1)
        return quota.fractional(self.total, self.seats, self.scale)

    def has_quota(self, name: str) -> bool:
        return self.votes[name] > self.quota if self.exceed else self.votes[name] >= self.quota

    def begin(self) -> None:
        parts = self.seats if self.rules["quota"] == "hare" else self.seats + 1
        to = "to be exceeded" if self.exceed else "to be reached"
        self.record(
            "first",
            f"{number(exact(self.total), 'valid vote')} for {number(self.seats, 'seat')}; quota from {exact(self.total)} / {parts}: "
            f"{self.needed()}, {to}. Every ballot stands with its first preference.",
        )

    def seat(self, name: str) -> None:
        super().seat(name)
        self.round_of[name] = len(self.rounds) + 1

    def step(self) -> None:
        """Sure losers where the rules take them together; else a surplus; else the lowest."""
        surplus = sum(self.votes[name] - self.quota for name in self.pending)
        losers = self.batch(surplus) if self.rules["batch"] == "sure-losers" else []
        if losers:
            held = sum(self.votes[name] for name in losers)
            above = min(self.votes[name] for name in self.live() if name not in losers)
            verb = "is" if len(losers) == 1 else "are"
            with_it = f" and the surpluses {self.write(surplus)}" if surplus else ""
            self.exclude(
                losers, f"{verb} excluded: {self.write(held)}{with_it} cannot reach the next, {self.write(above)}."
            )
        elif self.pending:
            first = self.round_of[self.pending[0]]
            early = [name for name in self.pending if self.round_of[name] == first]
            self.transfer(*self.largest(early if self.rules["surplus"] == "earliest" else self.pending))
        else:
            name, tie, why = self.lowest()
            self.exclude([name], why, tie)

    def worth(self, value: Value, surplus: Value, held: Value) -> Value:
        """Exact; with places the product is cut, and then the quotient."""
        if self.scale:
            return value * surplus // self.scale * self.scale // held
        return value * surplus / Fraction(held)

    def move(self, name: str, rows: Any, fresh: Mapping[int, Value]) -> Moved:
        """Papers whose value has come to nothing are exhausted."""
        nothing = [old for old, value in fresh.items() if not value]
        made = super().move(name, rows[~np.isin(self.piles.kind[rows], nothing)], {k: v for k, v in fresh.items() if v})
        for old in nothing:
            papers = self.piles.papers_by_class(rows[self.piles.kind[rows] == old])[old]
            made.append(self.given(name, 0, papers, self.piles.values[old], 0))
        return made
