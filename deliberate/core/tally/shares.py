"""Equal shares of money: each voter holds a part, and pays, with the other supporters, for what is chosen.

Money is counted in whole numbers of 1/scale of a unit, exactly; the scale grows with each purchase. Voters with equal ballots
hold equal money and form a group. Source: G. Pierczyński, P. Skowron, D. Peters, Proportional Participatory Budgeting with
Additive Utilities (2021); the payment x of a project is such that min(money, x), summed over its supporters, is its cost.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

Line = tuple[Fraction, Fraction]
"""A number now, and by how much it grows for each unit that every voter is given more."""


@dataclass(frozen=True)
class Fund:
    """What does not change. voters: weight by the projects approved; costs and utility: by project, whole and positive."""

    costs: Mapping[str, int]
    utility: Mapping[str, int]
    voters: Mapping[tuple[str, ...], Fraction]

    @cached_property
    def unit(self) -> int:
        """The common denominator of all weights."""
        return lcm(1, *(weight.denominator for weight in self.voters.values()))

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """Votes of each group, in 1/unit."""
        return tuple(int(weight * self.unit) for weight in self.voters.values())

    @cached_property
    def supporters(self) -> dict[str, tuple[int, ...]]:
        """Groups that approve each project."""
        found: dict[str, list[int]] = {name: [] for name in self.costs}
        for n, marks in enumerate(self.voters):
            for name in marks:
                found[name].append(n)
        return {name: tuple(groups) for name, groups in found.items()}

    @cached_property
    def votes(self) -> dict[str, int]:
        """Votes of each project, in 1/unit."""
        return {name: sum(self.weights[n] for n in groups) for name, groups in self.supporters.items()}


@dataclass(frozen=True)
class Payment:
    """What the supporters of a project would pay: each rest/left, in 1/scale, or all they hold where that is less.

    slope/left: how much that changes for each unit that every voter is given more. rich, poor: groups that pay it, and that
    pay all they hold.
    """

    rest: int
    left: int
    slope: int
    rich: tuple[int, ...]
    poor: tuple[int, ...]
    each: Fraction
    rho: Line


@dataclass(frozen=True)
class Shares:
    """The money as it stands after some purchases. As a state: who is chosen, and what is held.

    money: of a vote in each group; grows: by how much for each unit that every voter is given more; both in 1/scale. No
    vote ever grows by less than nothing: what the poor pay more of a price, the rich pay less.
    known: for each project that may still be had, a lower bound of its rho. span: how many units more every voter can be
    given without any comparison so far coming out otherwise; None: any number.
    """

    fund: Fund = field(compare=False)
    chosen: frozenset[str]
    money: tuple[int, ...]
    grows: tuple[int, ...] = field(compare=False)
    scale: int
    known: Mapping[str, Line] = field(compare=False)
    span: int | None = field(compare=False, default=None)

    @classmethod
    def start(cls, fund: Fund, each: Fraction, step: int = 0) -> Shares:
        """Every voter holds ``each`` for a vote; step: the unit in which they may be given more."""
        groups = len(fund.voters)
        known = {
            name: (Fraction(cost * fund.unit, fund.votes[name] * fund.utility[name]), Fraction(0))
            for name, cost in fund.costs.items()
            if fund.votes[name]
        }
        money, grows = (each.numerator,) * groups, (step * each.denominator,) * groups
        return cls(fund, frozenset(), money, grows, each.denominator, known)

    @property
    def left(self) -> Fraction:
        """All money that is left."""
        total = sum(held * weight for held, weight in zip(self.money, self.fund.weights, strict=True))
        return Fraction(total, self.scale * self.fund.unit)

    def look(self) -> tuple[Shares, dict[str, Payment]]:
        """The affordable projects with the least rho, none if there are none; and this state with what was learned.

        Rho never falls while money is spent. So projects are looked at by what is known of them, until the next cannot be less.
        """
        known = dict(self.known)
        spans: list[int] = [] if self.span is None else [self.span]
        fresh: dict[str, Payment] = {}
        least: Fraction | None = None
        waiting = list(known)
        while waiting:
            name = min(waiting, key=lambda name: known[name][0])
            if least is not None and known[name][0] > least:
                break
            waiting.remove(name)
            payment = self._payment(name, spans)
            if payment is None:
                del known[name]
                continue
            known[name], fresh[name] = payment.rho, payment
            least = payment.rho[0] if least is None else min(least, payment.rho[0])
        best = {name: payment for name, payment in fresh.items() if payment.rho[0] == least}
        slopes = {payment.rho[1] for payment in best.values()}
        if len(slopes) > 1:
            spans.append(0)
        elif best and least is not None:
            slope = slopes.pop()
            spans += [
                -((value - least) // (grow - slope)) - 1  # value - least + span x (grow - slope) stays above 0
                for name, (value, grow) in known.items()
                if name not in best and grow < slope
            ]
        return replace(self, known=known, span=min(spans, default=None)), best

    def _payment(self, name: str, spans: list[int]) -> Payment | None:
        """The payment of a project; None if its supporters cannot afford it. spans: how long each comparison holds is added."""
        money, grows, weights = self.money, self.grows, self.fund.weights
        rich: Sequence[int] = self.fund.supporters[name]
        need = self.fund.costs[name] * self.fund.unit * self.scale
        have = sum([money[n] * weights[n] for n in rich]) - need
        more = sum([grows[n] * weights[n] for n in rich])
        if have < 0 < more:
            spans.append((-have - 1) // more)
        if have < 0:
            return None
        rest, left, slope = need, self.fund.votes[name], 0
        poor: list[int] = []
        while True:
            edge = -(-rest // left)
            some = [n for n in rich if money[n] < edge]
            if not some:
                break
            rich = [n for n in rich if money[n] >= edge]
            rest -= sum([money[n] * weights[n] for n in some])
            slope -= sum([grows[n] * weights[n] for n in some])
            left -= sum([weights[n] for n in some])
            poor += some
        spans += [(rest - money[n] * left) // (grows[n] * left - slope) for n in poor if grows[n] * left > slope]
        by = left * self.scale * self.fund.utility[name]
        return Payment(
            rest,
            left,
            slope,
            tuple(rich),
            tuple(poor),
            Fraction(rest, left * self.scale),
            (Fraction(rest, by), Fraction(slope, by)),
        )

    def buy(self, name: str, payment: Payment) -> Shares:
        """The state after the supporters have paid."""
        times = lcm(payment.left // gcd(payment.rest, payment.left), payment.left // gcd(payment.slope, payment.left))
        price, change = payment.rest * times // payment.left, payment.slope * times // payment.left
        money, grows = [held * times for held in self.money], [more * times for more in self.grows]
        for n in payment.rich:
            money[n] -= price
            grows[n] -= change
        for n in payment.poor:
            money[n] = grows[n] = 0
        return self._after(name, money, grows, times)

    def waits(self, names: Collection[str]) -> dict[str, Fraction]:
        """How much more each voter must be given until the supporters of a project, if it has any, can pay with all they hold."""
        lacks = {name: (self._lacks(name), self.fund.votes[name]) for name in names if self.fund.votes[name]}
        return {name: Fraction(lack, votes * self.scale) for name, (lack, votes) in lacks.items()}

    def collect(self, name: str) -> Shares:
        """The state after every voter was given so much more, and the supporters of the project have paid all they hold."""
        lack, votes = self._lacks(name), self.fund.votes[name]
        times = votes // gcd(lack, votes)
        money = [held * times + lack * times // votes for held in self.money]
        for n in self.fund.supporters[name]:
            money[n] = 0
        return replace(self._after(name, money, [0] * len(money), times, lack * times // votes), known={})

    def _lacks(self, name: str) -> int:
        have = sum(self.money[n] * self.fund.weights[n] for n in self.fund.supporters[name])
        return self.fund.costs[name] * self.fund.unit * self.scale - have

    def _after(self, name: str, money: list[int], grows: list[int], times: int, given: int = 0) -> Shares:
        """The state after a purchase; times: of the scale; given: to every vote before it, in 1/(new scale)."""
        weights, scale = self.fund.weights, self.scale * times
        groups = self.fund.supporters[name]
        had = times * sum([weights[n] * self.money[n] for n in groups]) + given * self.fund.votes[name]
        paid = had - sum([weights[n] * money[n] for n in groups])
        assert paid == self.fund.costs[name] * self.fund.unit * scale, "what is paid is the cost"
        assert min(money) >= 0, "nobody pays more than they hold"
        known = {other: line for other, line in self.known.items() if other != name}
        return Shares(self.fund, self.chosen | {name}, tuple(money), tuple(grows), scale, known, self.span)
