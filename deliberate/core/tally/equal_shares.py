"""Equal shares for a committee: a place costs one, each vote holds seats/votes, and the supporters of an option pay for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices, committee
from deliberate.core.tally.committee import Best, Rule, near
from deliberate.core.tally.constraints import Constraints
from deliberate.core.tally.record import Question, Result, number
from deliberate.core.tally.registry import Setting, method, one_of
from deliberate.core.tally.shares import Fund, Payment, Shares


class EqualShares(Rule[Shares]):
    """Each step elects the option whose supporters pay least each; then the completion of the rules goes on."""

    def __init__(self, read: choices.Choices, bounds: Constraints, seats: int, completion: str) -> None:
        names = list(read.held)
        super().__init__(names, bounds)
        self.held = read.held
        self.completion = completion
        self.each = Fraction(seats) / read.weight if read.valid else Fraction(0)
        self.fund = Fund(dict.fromkeys(names, 1), dict.fromkeys(names, 1), committee.merged(read, names))

    def start(self) -> Shares:
        return Shares.start(self.fund, self.each)

    def chosen(self, state: Shares) -> frozenset[str]:
        return state.chosen

    def best(self, state: Shares) -> Best | None:
        left, payments = self._affordable(state)
        if payments:
            each = next(iter(payments.values())).each
            says = f"those who approve it can pay for it with {near(each)} of a place for each vote, the least"
            own = {name: {"payments": facts(self.fund, payment)} for name, payment in payments.items()}
            return Best(tuple(payments), says, {"money": exact(state.left)}, own)
        if self.completion == "none":
            return None
        waits = state.waits(left) if self.completion == "phragmen" else {}
        if waits:
            least = min(waits.values())
            says = f"nobody can be paid for; those who approve it are the first who can, with {near(least)} more for each vote"
            tied = tuple(name for name in left if waits.get(name) == least)
            return Best(tied, says, {"waits": {name: exact(wait) for name, wait in waits.items()}})
        most = max(self.held[name] for name in left)
        tied = tuple(name for name in left if self.held[name] == most)
        return Best(tied, f"nobody can be paid for; {number(exact(most), 'approval')}, the most", free=True)

    def _affordable(self, state: Shares) -> tuple[list[str], dict[str, Payment]]:
        """Who may be next, and those of them whose supporters can pay, each paying least."""
        left = self.left(state)
        known = {name: line for name, line in state.known.items() if name in left}
        return left, replace(state, known=known).look()[1]

    def take(self, state: Shares, name: str) -> Shares:
        _, payments = self._affordable(state)
        if payments:
            return state.buy(name, payments[name])
        if self.completion == "phragmen" and self.held[name]:
            return state.collect(name)
        return replace(state, chosen=state.chosen | {name})


def facts(fund: Fund, payment: Payment) -> dict[str, str]:
    """A payment as a round records it: what each vote pays, and how many votes pay it, or all they hold as that is less."""
    full, less = (Fraction(sum(fund.weights[n] for n in groups), fund.unit) for groups in (payment.rich, payment.poor))
    return {"each": exact(payment.each), "rho": exact(payment.rho[0]), "full": exact(full), "less": exact(less)}


@method(
    "equal-shares",
    title="Equal shares of the places",
    ballot="choice",
    winners="committee",
    source="D. Peters and P. Skowron, Proportionality and the Limits of Welfarism (2020), Rule X, now the method of equal shares",
    about=mark(
        "Members mark every option they accept. Each vote has an equal share of the places, and an option is elected when those who "
        "marked it can pay for a place together. The option that costs each of them least is next. So every group has its due."
    ),
    family="committee",
    good_for="A committee or a list from marks alone, with the strongest promise to groups that agree.",
    options={
        **committee.OPTIONS,
        "completion": Setting(
            "phragmen",
            mark(
                "What fills the places that nobody can pay for: none, shares that grow (phragmen), or the most approvals."
            ),
            one_of("none", "phragmen", "approval"),
        ),
    },
    departures=("Without a completion fewer may be elected than there are seats; the count says so.",),
)
def equal_shares(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Elect one after another while somebody can be paid for, then complete."""
    read = choices.read(question, ballots)
    rule = EqualShares(read, Constraints(question, rules), question.seats, rules["completion"])
    return committee.elect(question, read, rules, lots, rule)
