"""Participatory budgets: equal shares of the money, and the greedy rule. Costs and budget are whole numbers of one unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices
from deliberate.core.tally.record import Question, Result, Round, number
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, method, one_of, whole
from deliberate.core.tally.settle import same
from deliberate.core.tally.ties import AwaitLot, Ties

MOST_MONEY = 10**15
"""The largest budget, in units: canonical JSON holds whole numbers below 2^53."""


def _costs(value: Any) -> dict[str, int]:
    """A reader for the cost of each project by option id; as text ``o1=500, o2=300``."""
    if isinstance(value, str):
        value = dict(part.split("=", 1) for part in re.split(r"[,\s]+", value) if part)
    return {str(option): whole(1)(cost) for option, cost in sorted(dict(value).items())}


def _sets(value: Any) -> list[list[str]]:
    """A reader for sets of option ids; as text ``o1+o2, o3+o4``."""
    if isinstance(value, str):
        value = [part.split("+") for part in re.split(r"[,\s]+", value) if part]
    return [[str(option) for option in one] for one in value]


MONEY: dict[str, Setting] = {
    **LOT_OPTIONS,
    "costs": Setting(
        {}, mark("Cost of each project by option id, whole numbers of the smallest unit of money."), _costs
    ),
    "budget": Setting(None, mark("The money there is, a whole number of the same unit."), whole(1, or_none=True)),
}


class Budget:
    """The count of a budget as it stands: what is funded, the money spent, and the rounds.

    Raises ValueError for a budget or a cost that is missing, and for a project that costs more than there is.
    """

    def __init__(
        self, question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.total = rules["budget"]
        if self.total is None or self.total > MOST_MONEY:
            raise ValueError(mark("The budget is a whole number from 1 to %(most)s.", most=f"{MOST_MONEY:,}"))
        self.costs: dict[str, int] = {}
        for option in question.options:
            cost = rules["costs"].get(option.id)
            if cost is None:
                raise ValueError(mark("The project %(name)s (%(id)s) has no cost.", name=option.name, id=option.id))
            if cost > self.total:
                raise ValueError(
                    mark(
                        "The project %(name)s costs %(cost)s, more than the budget of %(budget)s.",
                        name=option.name,
                        cost=cost,
                        budget=self.total,
                    )
                )
            self.costs[option.name] = cost
        self.read = choices.read(question, ballots)
        self.held = self.read.held
        self.ties = Ties(question, rules, lots, exact)
        self.winners: list[str] = []
        self.passed: list[str] = []
        self.rounds: list[Round] = []

    @property
    def room(self) -> int:
        """The money that is left of the budget."""
        return int(self.total - sum(self.costs[name] for name in self.winners))

    def add(
        self,
        says: str,
        funded: str | None = None,
        passed: Sequence[str] = (),
        tie: int | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Record a round, and what is funded or passed over in it."""
        n = len(self.rounds) + 1
        self.winners += [funded] if funded else []
        self.passed += passed
        assert self.room >= 0, "the budget is kept"
        self.rounds.append(
            Round(
                n,
                self.read.votes,
                "0",
                "0",
                None,
                "fund" if funded else "pass" if passed else "final",
                f"Round {n}. {says}",
                (funded,) if funded else (),
                tuple(passed),
                tie=tie,
                facts={"given": self.read.given, "left": self.room, **(more or {})},
            )
        )

    def greedy(self, stop: bool = False, least: int = 0, exclusive: Sequence[frozenset[str]] = ()) -> None:
        """Fund by votes, most first. Raises AwaitLot, after the round is recorded.

        stop: at the first that does not fit, else it is passed over. least: votes that a project needs. exclusive: sets of
        which one project at most is funded.
        """
        left = [
            name for name in self.costs if name not in self.winners and self.held[name] >= least and self.held[name]
        ]
        while left:
            most = max(self.held[name] for name in left)
            tied = [name for name in left if self.held[name] == most]
            out = {name: why for name in tied if (why := self._barred(name, stop, exclusive))}
            if out:
                told = "; ".join(f"{name}: {why}" for name, why in out.items())
                self.add(
                    f"Pass over what has {number(exact(most), 'vote')} and cannot be funded: {told}.", passed=list(out)
                )
                left = [name for name in left if name not in out]
                continue
            name, tie = self._first(tied, exclusive)
            if self.costs[name] > self.room:
                self.add(
                    f"Stop at {name}: it costs {self.costs[name]}, and {self.room} is left.", passed=[name], tie=tie
                )
                return
            left.remove(name)
            after = self.room - self.costs[name]
            self.add(
                f"Fund {name} for {self.costs[name]}: {number(exact(most), 'vote')}, the most of those left ({after} is left).",
                name,
                tie=tie,
            )

    def _barred(self, name: str, stop: bool, exclusive: Sequence[frozenset[str]]) -> str:
        """Why a project can never be funded beside those that are; nothing if it can, or if the count stops at it."""
        other = next((one for one in self.winners for several in exclusive if {one, name} <= several), None)
        if other:
            return f"{other} is funded in its place"
        return f"it costs {self.costs[name]}, {self.room} is left" if self.costs[name] > self.room and not stop else ""

    def _first(self, tied: Sequence[str], exclusive: Sequence[frozenset[str]]) -> tuple[str, int | None]:
        """The first of those with equal votes. Where all of them can be funded, all are, whoever is first."""
        apart = all(len(several.intersection(tied)) < 2 for several in exclusive)
        if len(tied) == 1:
            return tied[0], None
        if apart and sum(self.costs[name] for name in tied) <= self.room:
            return tied[0], same(self.ties, tied, len(self.rounds) + 1)
        try:
            return self.ties.pick(tied, "elect", len(self.rounds) + 1)
        except AwaitLot as wait:
            self.add(f"{', '.join(wait.tie.tied)} are tied: a lot must decide.", tie=len(self.ties.found) - 1)
            raise

    def outcome(self) -> str:
        """Elected if anything is funded; else a round says that nothing is."""
        if not self.winners:
            self.add("No project is funded.")
        return "elected" if self.winners else "lost"

    def result(self, outcome: str, more: Mapping[str, Any] | None = None, said: Sequence[str] = ()) -> Result:
        """The whole of it."""
        if outcome != "awaiting lot":
            self.ties.finish()
        spent = self.total - self.room
        told = f"{number(len(self.winners), 'project')} for {spent} of {self.total}; {self.room} is left."
        return Result(
            outcome,
            tuple(self.winners),
            tuple(self.passed),
            tuple(self.rounds),
            ties=tuple(self.ties.found),
            lots=tuple(self.ties.used),
            explanation=(*(round_.says for round_ in self.rounds), *said, told),
            facts={"budget": {"total": self.total, "spent": spent, "left": self.room}, **(more or {})},
            **self.read.sizes,
        )


@method(
    "budget-greedy",
    title="Projects by votes, while the money lasts",
    ballot="choice",
    winners="budget",
    source="Common usage in participatory budgets; the greedy rule of S. Rey, F. Schmidt and J. Maly, The (Computational) Social Choice Take on Indivisible Participatory Budgeting (2023)",
    about=mark(
        "Members mark every project they want. Projects are funded by the number of their votes, the most first, while the money "
        "lasts. A large project that many want can take the whole budget."
    ),
    family="budget",
    good_for="A budget that must be easy to explain, where it does no harm if one large group decides.",
    options={
        **MONEY,
        "too_dear": Setting(
            "skip",
            mark("What comes of a project that no longer fits: skip it and go on, or stop."),
            one_of("skip", "stop"),
        ),
        "threshold": Setting(0, mark("Least number of votes that a project needs."), whole(0)),
        "exclusive": Setting([], mark("Sets of projects, by option ids, of which one at most is funded."), _sets),
    },
)
def budget_greedy(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Fund by votes. Raises ValueError for costs that are missing or above the budget."""
    count = Budget(question, ballots, rules, lots)
    names = {option.id: option.name for option in question.options}
    exclusive = [frozenset(names[option] for option in one if option in names) for one in rules["exclusive"]]
    if not count.read.valid:
        count.add("Nobody voted for any project.")
        return count.result("no valid ballots")
    try:
        count.greedy(rules["too_dear"] == "stop", rules["threshold"], exclusive)
    except AwaitLot:
        return count.result("awaiting lot")
    return count.result(count.outcome())
