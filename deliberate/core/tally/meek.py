"""Meek: each elected option keeps just the share of every ballot that it needs, found by iteration (B. L. Meek 1969; I. D. Hill,
B. A. Wichmann and D. R. Woodall, Algorithm 123, Computer Journal 30, 1987).

``meek-prf`` is the reference rule of the Proportional Representation Foundation: whole numbers of 10^-9. ``meek`` has options.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import quota, reading
from deliberate.core.tally.constraints import CONSTRAINTS
from deliberate.core.tally.prefixes import Prefixes
from deliberate.core.tally.profile import Profile
from deliberate.core.tally.record import Question, Result, number
from deliberate.core.tally.registry import TIE_OPTIONS, Setting, method, one_of, tie_options
from deliberate.core.tally.seats import Seats, Value, places

ONE = 10**9
MOST_ITERATIONS = 10_000
MOST_BITS = 6_000
"""How long the denominator of a vote may grow in rational arithmetic: it has some 1,800 digits then."""
MOST_ORDERS = 5_040
PRF_RULES: dict[str, Any] = {"arithmetic": "fixed-9", "omega": "1/1000000", "batch": "none"}


def _omega(value: Any) -> str:
    """A reader for an exact number above 0."""
    if not re.fullmatch(r"[0-9]{1,30}([./][0-9]{1,30})?", str(value)) or Fraction(str(value)) <= 0:
        raise ValueError(mark("Write a number above 0, such as 1/1000000."))
    return str(Fraction(str(value)))


@method(
    "meek-prf",
    title="Meek STV, PR Foundation reference",
    ballot="ranking",
    winners="seats",
    whole_weights=True,
    source="Proportional Representation Foundation, reference rule for Meek STV, steps A to C",
    about=mark(
        "Members rank options. An elected option keeps of every ballot just the share that it needs, and the rest goes on to the next "
        "preference; the shares are worked out anew until they are steady. Then the last is excluded, as if it had never stood."
    ),
    family="proportional",
    good_for="A committee elected by the most even-handed form of proportional representation, where a computer may count.",
    options={**tie_options("declared-first"), **CONSTRAINTS},
    departures=(
        "Ties go to the option declared first; the declared order stands for the rule's random order.",
        "A weight of n counts as n equal papers; the rule knows no weights.",
    ),
)
def meek_prf(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by the reference rule."""
    read = reading.read(ballots, reading.closing_ranks("refuse"), spoil_without_first=True)
    return _count(question, read, {**PRF_RULES, **rules}, lots)


@method(
    "meek",
    title="Meek STV",
    ballot="ranking",
    winners="seats",
    equal_ranks=True,
    source="B. L. Meek 1969; I. D. Hill, B. A. Wichmann and D. R. Woodall, Algorithm 123: Single transferable vote by Meek's method, Computer Journal 30, 1987",
    about=mark(
        "Members rank options, several at one rank if they like. An elected option keeps of every ballot just the share that it needs, and "
        "the rest goes on to the next preference; the shares are worked out anew until they are steady. Then the last is excluded."
    ),
    family="proportional",
    good_for="A committee by proportional representation where weights have fractions or members may rank options equal.",
    options={
        **TIE_OPTIONS,
        "arithmetic": Setting(
            "fixed-9", mark("Numbers: nine places, or exact fractions for small checks."), one_of("fixed-9", "rational")
        ),
        "omega": Setting("1/1000000", mark("The shares are steady when all surpluses together are below it."), _omega),
        "batch": Setting("none", mark("Options that leave together."), one_of("none", "sure-losers")),
        "equal_ranks": Setting(
            "split",
            mark("Options at one rank: equal parts of the ballot, or the average over all orders."),
            one_of("split", "permutations"),
        ),
        **CONSTRAINTS,
    },
)
def meek(question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]) -> Result:
    """Count by the options."""
    read = reading.read(ballots, reading.closing_ranks("keep"), spoil_without_first=True)
    return _count(question, read, rules, lots)


def _count(
    question: Question, read: reading.Reading, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    count = Meek(question, profile(read, rules), rules, lots)
    return count.result(count.run(), read)


def profile(read: reading.Reading, rules: Mapping[str, Any]) -> Profile:
    """The ballots as they are counted: with equal ranks as they are, or each in all its orders."""
    return in_all_orders(read.profile) if rules.get("equal_ranks") == "permutations" else read.profile


def in_all_orders(profile: Profile) -> Profile:
    """Each ballot as its average over all orders of the options at a rank. Raises DeliberateError ``tally.size`` for too many."""
    first = profile.options + 4
    made: list[tuple[list[int], Fraction]] = []
    for row, papers in zip(profile.rows.tolist(), profile.papers.tolist(), strict=True):
        ranks = [profile.shared[n - first] if n >= first else (n,) for n in row if n]
        orders = prod(factorial(len(rank)) for rank in ranks)
        if orders > MOST_ORDERS:
            raise DeliberateError(
                "A ballot ranks too many options equal.",
                mark(
                    "It stands for %(orders)s orders; the count takes %(most)s.",
                    orders=f"{orders:,}",
                    most=f"{MOST_ORDERS:,}",
                ),
                "Take equal_ranks split.",
                "tally.size",
            )
        each = Fraction(papers, profile.unit * orders)
        every = product(*(permutations(rank) for rank in ranks))
        made.extend(([option for rank in order for option in rank], each) for order in every)
    return Profile.build(made, profile.options)


class Fixed:
    """Whole numbers of 10^-9: what an option keeps is rounded up, the quota cut and raised by one part."""

    one: Any = ONE

    def __init__(self, unit: int, seats: int) -> None:
        self.unit, self.seats = unit, seats
        decimals = places(ONE)
        self.share_text = decimals
        self.write = decimals if unit == 1 else lambda value: exact(Fraction(value, ONE * unit))

    def parse(self, share: str) -> int:
        """A keep factor as it is written."""
        return int(Fraction(share) * ONE)

    def keeps(self, weight: Any, factor: Any) -> Any:
        return -(-weight * factor // ONE)

    def quota(self, votes: Value) -> Value:
        """In the units of votes, 10^-9 / unit."""
        return quota.fractional(Fraction(votes, self.unit), self.seats, 1) * self.unit

    def has_quota(self, votes: Value, needed: Value) -> bool:
        return votes >= needed

    def factor(self, old: Any, needed: Any, votes: Any) -> Any:
        kept = -(-old * (needed // self.unit) // ONE)
        return min(-(-kept * ONE * self.unit // votes), ONE)

    def amount(self, omega: Fraction) -> Value:
        return omega * ONE * self.unit


class Rational:
    """Exact fractions; the quota is to be exceeded."""

    one: Any = Fraction(1)

    def __init__(self, unit: int, seats: int) -> None:
        self.unit, self.seats = unit, seats
        self.share_text = exact
        self.write = lambda value: exact(Fraction(value) / unit)

    def parse(self, share: str) -> Fraction:
        """A keep factor as it is written."""
        return Fraction(share)

    def keeps(self, weight: Any, factor: Any) -> Any:
        return weight * factor

    def quota(self, votes: Value) -> Value:
        return quota.exact(votes, self.seats)

    def has_quota(self, votes: Value, needed: Value) -> bool:
        return votes > needed

    def factor(self, old: Any, needed: Any, votes: Any) -> Any:
        return old * needed / votes

    def amount(self, omega: Fraction) -> Value:
        return omega * self.unit


def arithmetic(rules: Mapping[str, Any], unit: int, seats: int) -> Fixed | Rational:
    """The numbers that the rules name."""
    return Rational(unit, seats) if rules.get("arithmetic") == "rational" else Fixed(unit, seats)


class Meek(Seats):
    """The count as it stands. Rounds are standings: whoever is excluded at the end of a round still has votes in it."""

    def __init__(
        self, question: Question, profile: Profile, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.arithmetic = arithmetic(rules, profile.unit, question.seats)
        super().__init__(question, profile.total, self.arithmetic.one, rules, lots, self.arithmetic.write)
        self.tree = Prefixes(profile, self.arithmetic.keeps, self.arithmetic.one)
        self.keep: list[Any] = [0, *[self.arithmetic.one] * profile.options]
        self.omega = self.arithmetic.amount(Fraction(rules["omega"]))
        self.surplus: Value = 0
        self.iterations = 0
        self._spread()

    def facts(self) -> dict[str, Any]:
        factors = {name: self.arithmetic.share_text(self.keep[n]) for n, name in enumerate(self.names) if n}
        return {"keep": factors, "surplus": self.write(self.surplus), "iterations": self.iterations}

    def _spread(self) -> None:
        """Distribute the votes and set the quota (B.2.a, B.2.b)."""
        votes, self.exhausted, self.residual = self.tree.spread(self.keep)
        self.votes = dict(zip(self.names[1:], votes[1:], strict=True))
        self.quota = self.arithmetic.quota(sum(self.votes.values()))
        if max(v.denominator.bit_length() for v in (*self.votes.values(), self.quota)) > MOST_BITS:
            raise DeliberateError(
                "The fractions of this count have grown too long.",
                "Rational arithmetic is for small checks.",
                "Take arithmetic fixed-9, or a larger omega.",
                "tally.size",
            )

    def begin(self) -> None:
        """The start: first preferences."""
        self.enter(
            "first",
            f"{number(exact(Fraction(self.papers, self.arithmetic.unit)), 'valid vote')} for {number(self.seats, 'seat')}; quota {self.needed()}. "
            "Every ballot stands with its first preference.",
            (),
        )

    def step(self) -> None:
        """B.2 and B.3: iterate until somebody is elected or the shares are steady; then the lowest leaves."""
        self.iterations = 0
        last: Value | None = None
        while True:
            self.iterations += 1
            self._spread()
            reached = [name for name in self.live() if self.arithmetic.has_quota(self.votes[name], self.quota)]
            elected = self.in_order(reached)
            self.surplus = max(0, sum(self.votes[name] - self.quota for name in [*self.winners, *elected]))
            if elected:
                self._elect(elected)
                return
            if self.surplus < self.omega or (last is not None and self.surplus >= last):
                break
            if self.iterations >= MOST_ITERATIONS:
                raise DeliberateError(
                    "The count does not come to rest.",
                    mark(
                        "After %(iterations)s iterations the surplus is %(surplus)s.",
                        iterations=self.iterations,
                        surplus=self.write(self.surplus),
                    ),
                    "Take a larger omega.",
                    "tally.iterations",
                )
            last = self.surplus
            for name in self.winners:
                n = self.place(name)
                self.keep[n] = self.arithmetic.factor(self.keep[n], self.quota, self.votes[name])
        self._leave()

    def _elect(self, elected: list[str]) -> None:
        reaches = "exceeds" if self.rules["arithmetic"] == "rational" else "reaches"
        said = "".join(f" {n} has {self.write(self.votes[n])}, {reaches} the quota and is elected." for n in elected)
        for name in elected:
            self.seat(name)
        rest, more = self.rest()
        self.enter("elect", f"{self._after()}: quota {self.needed()}.{said}{more}", [*elected, *rest])
        self.tree.elect([self.place(name) for name in elected])

    def _after(self) -> str:
        return f"After {number(self.iterations, 'iteration')}"

    def _leave(self) -> None:
        """B.3: sure losers where the rules take them together, else the lowest; those within the surplus of it are tied."""
        steady = f"{self._after()} the surplus is {self.write(self.surplus)}"
        steady += ", below omega." if self.surplus < self.omega else ", and no longer falls."
        losers = self.batch(self.surplus) if self.rules["batch"] == "sure-losers" else []
        if losers:
            held = self.write(sum(self.votes[name] for name in losers))
            verb = "is" if len(losers) == 1 else "are"
            self.exclude(losers, f"{verb} excluded: {held} and the surplus cannot reach the next.", None, steady)
            return
        self.ties.remember(self.votes)
        name, tie, why = self.lowest(self.surplus)
        self.ties.history.pop()
        self.exclude([name], why, tie, steady)

    def exclude(self, names: list[str], why: str, tie: int | None = None, steady: str = "") -> None:
        """A round that excludes options: from the next round on, ballots pass over them."""
        self.leave(names)
        rest, more = self.rest()
        self.enter("exclude", f"{steady} {', '.join(names)} {why}{more}".strip(), rest, names, tie=tie)
        self.tree.exclude([self.place(name) for name in names])
        for name in names:
            self.keep[self.place(name)] = 0
