"""Meek STV: an elected option keeps of every ballot just the share that it needs, worked out again until it is steady."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations, product
from typing import Any

from ..ballots import Profile
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import TIES, Check, among, positive, text

PART = Fraction(1, 10**9)
"""Fixed numbers have nine places."""
MOST_ITERATIONS = 10_000
MOST_ORDERS = 5_040
Ranks = tuple[tuple[int, ...], ...]


def readable(profile: Profile, ranks: tuple[int, ...], strict: bool) -> Ranks:
    """A gap after the first rank is closed, a repeated option is passed over; where the rule is strict, ballots have no
    repeated options and no shared ranks. Nothing is left of a ballot without a first rank."""
    made: list[tuple[int, ...]] = []
    seen: set[int] = set()
    for rank in ranks if ranks and ranks[0] != -1 else ():
        here = () if rank == -1 else (rank,) if rank >= 0 else profile.equals[-2 - rank]
        if strict and (len(here) > 1 or seen.intersection(here)):
            raise ValueError("this method takes no shared ranks and no repeated options")
        left = tuple(option for option in here if option not in seen)
        seen.update(left)
        if left:
            made.append(left)
    return tuple(made)


def orders(ranks: Ranks) -> Iterator[Ranks]:
    """Every strict order of a ballot with shared ranks."""
    for parts in product(*(permutations(rank) for rank in ranks)):
        yield tuple((option,) for part in parts for option in part)


class Count:
    """The state of one count."""

    def __init__(self, poll: Poll, made: Counted, rows: list[tuple[Ranks, Fraction]], rules: dict[str, Any]) -> None:
        self.poll, self.made, self.rules, self.ties = poll, made, rules, poll.ties()
        self.fixed, self.omega = rules["arithmetic"] == "fixed-9", Fraction(rules["omega"])
        self.rows, self.valid = rows, sum((copies for _, copies in rows), Fraction(0))
        if rules["equal_ranks"] == "permutations":
            merged: dict[Ranks, Fraction] = {}
            for order, part in (one for row in rows for one in self._averaged(*row)):
                merged[order] = merged.get(order, Fraction(0)) + part
            self.rows = list(merged.items())
        self.whole = self.fixed and all(copies.denominator == 1 for _, copies in self.rows)
        everybody = range(len(poll.ids))
        self.keep = [Fraction(1) for _ in everybody]
        self.continuing, self.elected = list(everybody), list[int]()
        self.surplus = Fraction(0)
        self.distribute()

    def _averaged(self, ranks: Ranks, copies: Fraction) -> list[tuple[Ranks, Fraction]]:
        many = math.prod(math.factorial(len(rank)) for rank in ranks)
        if many > MOST_ORDERS:
            raise ValueError("a ballot has too many orders")
        return [(order, copies / many) for order in orders(ranks)]

    def up(self, value: Fraction) -> Fraction:
        """Rounded up to nine places."""
        return -(-value // PART) * PART if self.fixed else value

    def down(self, value: Fraction) -> Fraction:
        """Cut to nine places."""
        return value // PART * PART if self.fixed else value

    def written(self, value: Fraction, fixed: bool) -> str:
        """A number with nine places, or as a fraction."""
        digits = str(value // PART).rjust(10, "0")
        return f"{digits[:-9]}.{digits[-9:]}" if fixed else str(value)

    def distribute(self) -> None:
        """Give every ballot to its options, each keeping its share, and set the quota by what they hold."""
        self.votes, self.exhausted = [Fraction(0)] * len(self.keep), Fraction(0)
        for ranks, copies in self.rows:
            self.exhausted += copies * self._give(ranks, copies)
        total = sum(self.votes, Fraction(0))
        self.residual = self.valid - total - self.exhausted
        self.quota = self.down(total / (self.poll.seats + 1)) + (PART if self.fixed else 0)

    def _give(self, ranks: Ranks, copies: Fraction) -> Fraction:
        left = Fraction(1)
        for rank in ranks:
            here = [i for i in rank if self.keep[i]]
            rest = Fraction(0)
            for i in here:
                part = self.down(left / len(here))
                kept = self.up(part * self.keep[i])
                self.votes[i] += kept * copies
                rest += part - kept
            left = rest if here else left
            if not left:
                break
        return left

    def write(self, code: str, iterations: int, elected: list[int], **over: Any) -> None:
        """Enter a round with its standings."""
        def number(value: Fraction) -> str:
            return self.written(value, self.whole)
        names = self.poll.names
        self.made.rounds.append(round_(
            len(self.made.rounds) + 1, dict(zip(names, map(number, self.votes), strict=True)), code, quota=number(self.quota),
            exhausted=number(self.exhausted), residual=number(self.residual), elected=[names[i] for i in elected],
            keep={name: self.written(k, self.fixed) for name, k in zip(names, self.keep, strict=True)},
            surplus=number(self.surplus), iterations=iterations, **over))

    def seat(self, new: list[int]) -> list[int]:
        """Elect these, in order of votes, then in declared order."""
        new = sorted(new, key=lambda i: (-self.votes[i], i))
        self.elected += new
        self.continuing = [i for i in self.continuing if i not in new]
        return new

    def run(self) -> None:
        """Rounds until the seats are filled."""
        if len(self.continuing) <= self.poll.seats:
            everybody, self.continuing = self.continuing, []
            self.elected = everybody
            self.write("elect-rest", 0, everybody)
            return
        self.write("first", 0, [])
        while len(self.elected) < self.poll.seats:
            self.ties.history.append(list(self.votes))
            iterations, new = self._iterate()
            if new:
                self.write("elect", iterations, new)
            else:
                self._exclude(iterations)

    def _iterate(self) -> tuple[int, list[int]]:
        """Until somebody is elected, or the surplus is small or does not fall."""
        for iterations in range(1, MOST_ITERATIONS + 1):
            self.distribute()
            new = self.seat([i for i in self.continuing
                             if self.votes[i] > self.quota or (self.fixed and self.votes[i] == self.quota)])
            before, self.surplus = self.surplus, max(Fraction(0), sum((self.votes[i] - self.quota for i in self.elected), Fraction(0)))
            if new or self.surplus < self.omega or (iterations > 1 and self.surplus >= before):
                return iterations, new
            for i in self.elected:
                self.keep[i] = self.up(self.up(self.keep[i] * self.quota) / self.votes[i])
        raise ValueError(f"a round takes more than {MOST_ITERATIONS} iterations")

    def _exclude(self, iterations: int) -> None:
        """The lowest, of those whom the surplus could lift above another by the tie rules; or all sure losers."""
        out, tie = self._sure_losers(), None
        if not out:
            low = min(self.votes[i] for i in self.continuing)
            out = [i for i in self.continuing if self.votes[i] <= low + self.surplus]
            if len(out) > 1:
                self.ties.now = [list(self.votes)]  # they may be level but for the surplus
                out, tie = [self.ties.choose(len(self.made.rounds) + 1, "exclude", out)], len(self.ties.made) - 1
        self.continuing = [i for i in self.continuing if i not in out]
        new = self.seat(self.continuing) if len(self.elected) + len(self.continuing) <= self.poll.seats else []
        names = [self.poll.names[i] for i in out]
        self.made.excluded += names
        self.write("exclude", iterations, new, excluded=names, tie=tie)
        for i in out:
            self.keep[i] = Fraction(0)

    def _sure_losers(self) -> list[int]:
        lowest, best = sorted(self.continuing, key=lambda i: (self.votes[i], i)), list[int]()
        seats = self.poll.seats - len(self.elected)
        for many in range(1, len(lowest) - seats + 1) if self.rules["batch"] == "sure-losers" else ():
            if sum((self.votes[i] for i in lowest[:many]), self.surplus) < self.votes[lowest[many]]:
                best = lowest[:many]
        return best


def _count(profile: Profile, poll: Poll, rules: dict[str, Any], strict: bool) -> Counted:
    read = [readable(profile, row.ranks, strict) for row in profile.rows]
    made = Counted(papers(profile, [bool(r) for r in read]))
    rows = [(r, profile.votes(row.papers * row.weight)) for r, row in zip(read, profile.rows, strict=True) if r]
    count = Count(poll, made, rows, rules)
    if not rows and profile.options > poll.seats:
        made.outcome = "no valid ballots"
    else:
        try:
            count.run()
        except AwaitingLot:
            made.outcome = "awaiting lot"
    made.quota = count.written(count.quota, count.whole)
    made.winners = [poll.names[i] for i in count.elected]
    made.ties, made.lots = count.ties.made, count.ties.used
    return made


def meek(profile: Profile, poll: Poll) -> Counted:
    """By the rules of the poll."""
    return _count(profile, poll, poll.rules, False)


def meek_prf(profile: Profile, poll: Poll) -> Counted:
    """The reference rule of the PR Foundation: nine places, whole weights, one exclusion at a time."""
    if profile.scale != 1:
        raise ValueError("this method takes whole weights only")
    rules = {"arithmetic": "fixed-9", "omega": "1/1000000", "batch": "none", "equal_ranks": "split"}
    return _count(profile, poll, rules, True)


FIXED: dict[str, Check] = {"constraints": among([]), "seed": text, "ties": TIES}
COUNTERS = {
    "meek-prf": Counter(meek_prf, "ranking", FIXED),
    "meek": Counter(meek, "ranking", {
        **FIXED, "arithmetic": among("fixed-9", "rational"), "omega": positive, "batch": among("none", "sure-losers"),
        "equal_ranks": among("split", "permutations")})}
