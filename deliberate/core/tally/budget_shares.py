"""Equal shares of a budget: every vote has an equal part of the money, and the supporters of a project pay for it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.budget import MONEY, Budget
from deliberate.core.tally.committee import merged, near
from deliberate.core.tally.equal_shares import facts
from deliberate.core.tally.record import Question, Result, Tie, number
from deliberate.core.tally.registry import Setting, flag, method, one_of, whole
from deliberate.core.tally.settle import Step, narrow, settle
from deliberate.core.tally.shares import Fund, Payment, Shares
from deliberate.core.tally.ties import AwaitLot


def _order(value: Any) -> list[str]:
    """A reader for the steps of the tie order; as text, separated by commas."""
    listed = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else list(value)
    if any(part not in ("cheaper", "votes") for part in listed) or len(set(listed)) < len(listed):
        raise ValueError(mark("Name some of: cheaper, votes, each once."))
    return listed


@method(
    "budget-equal-shares",
    title="Equal shares of the money",
    ballot="choice",
    winners="budget",
    source="G. Pierczyński, P. Skowron and D. Peters, Proportional Participatory Budgeting with Additive Utilities (2021); "
    "completion by raising shares (add1) as in the rules of the Method of Equal Shares, equalshares.net",
    about=mark(
        "Members mark every project they want. Each vote has an equal part of the money, and a project is funded when those who "
        "marked it can pay for it together. The project that gives its supporters most for their money is next. So no group can "
        "spend the money of another."
    ),
    family="budget",
    good_for="A budget in which every group of members decides about its own part.",
    options={
        **MONEY,
        "utility": Setting(
            "cost",
            mark("What a project is worth to a supporter: its cost, or one (cardinality)."),
            one_of("cost", "cardinality"),
        ),
        "completion": Setting(
            "add1",
            mark(
                "What spends the rest: shares raised again and again (add1), none, the most votes (greedy), or growing shares (phragmen)."
            ),
            one_of("add1", "none", "greedy", "phragmen"),
        ),
        "add1_unit": Setting(1, mark("By how many units every share is raised each time."), whole(1)),
        "count_empty": Setting(True, mark("Whether empty ballots have a share, too."), flag),
        "tie_order": Setting(
            ["cheaper", "votes"],
            mark("What decides between projects that are equally good, before the tie policies."),
            _order,
        ),
    },
    departures=(
        "What a vote pays is kept as an exact fraction; some published counts round it, which can change who is funded.",
    ),
)
def budget_equal_shares(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Share the money, spend it, complete. Raises ValueError for costs that are missing or above the budget."""
    count = EqualShares(question, ballots, rules, lots)
    if not count.read.valid:
        count.add("Nobody voted for any project.")
        return count.result("no valid ballots")
    try:
        count.run()
    except AwaitLot:
        return count.result("awaiting lot", count.more)
    return count.result(count.outcome(), count.more, count.said)


@dataclass(frozen=True)
class Purchase:
    """A project, what is paid for it, and those that were equally good."""

    name: str
    payment: Payment
    tied: tuple[str, ...]


class EqualShares(Budget):
    """The count as it stands. A lot that decided between projects stands for every later run in which they are tied again."""

    def __init__(
        self, question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(question, ballots, rules, lots)
        self.rules = rules
        self.ties.remember(self.read.held)  # what the policies that look at earlier rounds look at
        blank = sum((row.weight * row.count for row in ballots.rows if not row.marks), Fraction(0))
        self.votes = self.read.weight + (blank if rules["count_empty"] else 0)
        utility = self.costs if rules["utility"] == "cost" else dict.fromkeys(self.costs, 1)
        self.fund = Fund(self.costs, utility, merged(self.read, list(self.costs)))
        every = {"cheaper": Step.of(self.costs, lowest=True), "votes": Step.of(self.held)}
        self.steps = {name: every[name] for name in rules["tie_order"]}
        self.drawn: dict[frozenset[str], tuple[str, int]] = {}
        self.trail: list[Purchase] = []
        self.more: dict[str, Any] = {}
        self.said: list[str] = []

    def run(self) -> None:
        """All runs and the completion. Raises AwaitLot, after what was done until then is recorded."""
        each = Fraction(self.total) / self.votes
        completion = self.rules["completion"]
        try:
            state = self._spend(each)
            if completion == "add1":
                self._add1(each)
        except AwaitLot as wait:
            waits = self.ties.found.pop()
            self._write()
            self.ties.found.append(waits)  # after the ties of the rounds before it
            said = f"{', '.join(wait.tie.tied)} are equally good for their supporters: a lot must decide."
            self.add(said, tie=len(self.ties.found) - 1)
            raise
        self._write()
        if completion == "greedy":
            self.greedy()
        elif completion == "phragmen":
            self._phragmen(state)

    def _spend(self, each: Fraction, unit: int = 0) -> Shares:
        """One run: every vote holds ``each``; the purchases stand in the trail. unit: by which shares are raised later.

        A run with raised shares ends as soon as it costs more than there is.
        """
        self.trail = []
        self.more = {"share": exact(each)}
        state = Shares.start(self.fund, each, unit)
        while True:
            state, best = state.look()
            if not best:
                return state
            tied = tuple(sorted(best, key=self.ties.order.__getitem__))
            name = self._choose(tied)
            self.trail.append(Purchase(name, best[name], tied))
            state = state.buy(name, best[name])
            if sum(self.costs[name] for name in state.chosen) > self.total:
                return state

    def _choose(self, tied: Sequence[str]) -> str:
        """The first of those that are equally good, by the tie order, then by the policies."""
        left, by, _ = narrow(tied, self.steps) if len(tied) > 1 else (list(tied), "one", [])
        if by:
            return left[0]
        key = frozenset(left)
        if key not in self.drawn:
            self.drawn[key] = settle(self.ties, tied, "elect", len(self.trail) + 1, self.steps)
        return self.drawn[key][0]

    def _add1(self, each: Fraction) -> None:
        """Raise all shares by the unit and spend anew, until that would cost too much or every project is funded.

        Shares that would be spent in the same way, by every comparison, are passed over.
        """
        unit = self.rules["add1_unit"]
        times = 0
        after: int | None = None
        state = self._spend(each, unit)
        while any(self.held[name] and name not in state.chosen for name in self.costs):
            assert state.span is not None, "larger shares end by buying more"
            raised = times + state.span + 1
            following = self._spend(each + unit * raised, unit)
            cost = sum(self.costs[name] for name in following.chosen)
            if cost > self.total:
                times, after = raised - 1, cost
                self._spend(each + unit * times, unit)
                break
            times, state = raised, following
        share = each + unit * times
        self.more = {"share": exact(share), "add1": {"unit": unit, "times": times, "next": after}}
        self.said = [f"Every share was raised {times} times by {unit}, to {near(share)}."]
        if after is not None:
            self.said.append(f"Raised once more, the projects would cost at least {after}, more than {self.total}.")

    def _write(self) -> None:
        """The rounds of the trail, with their ties."""
        for n, one in enumerate(self.trail, 1):
            payment = facts(self.fund, one.payment)
            poor = f", and {payment['less']} all they hold" if one.payment.poor else ""
            who = number(payment["full"], "vote pays", "votes pay")
            says = f"Fund {one.name} for {self.costs[one.name]}: {who} {near(one.payment.each)} each{poor}"
            best = f"rho {near(one.payment.rho[0], 8)}, the least"
            self.add(f"{says}; {best}.", one.name, tie=self._tie(one, n), more={"payments": payment})

    def _tie(self, one: Purchase, n: int) -> int | None:
        """The index of the tie's record, which is made here where the tie order decided."""
        if len(one.tied) == 1:
            return None
        left, by, said = narrow(one.tied, self.steps)
        if not by:
            at = self.drawn[frozenset(left)][1]
            if self.ties.found[at].round == n:
                return at
            self.ties.found.append(
                replace(self.ties.found[at], round=n)
            )  # it was drawn at another place of another run
            return len(self.ties.found) - 1
        self.ties.found.append(Tie(n, "elect", one.tied, by, " ".join(said), one.name))
        return len(self.ties.found) - 1

    def _phragmen(self, state: Shares) -> None:
        """Every share grows at one pace; the first project that its supporters can pay for, and that fits, is funded."""
        while fits := [n for n in self.costs if n not in self.winners and self.held[n] and self.costs[n] <= self.room]:
            waits = state.waits(fits)
            least = min(waits.values())
            tied = [name for name in fits if waits[name] == least]
            tie: int | None = None
            name = tied[0]
            if len(tied) > 1:
                try:
                    name, tie = settle(self.ties, tied, "elect", len(self.rounds) + 1, self.steps)
                except AwaitLot as wait:
                    said = f"{', '.join(wait.tie.tied)} are paid for at once: a lot must decide."
                    self.add(said, tie=len(self.ties.found) - 1)
                    raise
            state = state.collect(name)
            says = f"Fund {name} for {self.costs[name]}: its supporters are the first who can pay, with {near(least)} more for each vote."
            self.add(says, name, tie=tie, more={"waits": {other: exact(wait) for other, wait in waits.items()}})
