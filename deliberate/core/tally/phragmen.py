"""Sequential Phragmén: each elected option is a load of one that its supporters share, and the loads are kept level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices, committee
from deliberate.core.tally.committee import Best, Rule, near
from deliberate.core.tally.constraints import Constraints
from deliberate.core.tally.record import Question, Result
from deliberate.core.tally.registry import method


@dataclass(frozen=True)
class Loads:
    """chosen: who is elected; loads: of a vote in each group of voters."""

    chosen: frozenset[str]
    loads: tuple[Fraction, ...]


class Phragmen(Rule[Loads]):
    """Each step elects the option whose supporters would carry the least load."""

    def __init__(self, read: choices.Choices, bounds: Constraints) -> None:
        super().__init__(list(read.held), bounds)
        self.voters = committee.merged(read, self.names)
        self.support = read.held

    def start(self) -> Loads:
        return Loads(frozenset(), (Fraction(0),) * len(self.voters))

    def chosen(self, state: Loads) -> frozenset[str]:
        return state.chosen

    def best(self, state: Loads) -> Best:
        carried = {name: Fraction(1) for name in self.left(state)}
        for (marks, weight), load in zip(self.voters.items(), state.loads, strict=True):
            for name in marks:
                if name in carried:
                    carried[name] += weight * load
        loads = {name: load / self.support[name] for name, load in carried.items() if self.support[name]}
        if not loads:
            return Best(tuple(carried), "nobody approves those who are left", {"loads": {}}, free=True)
        least = min(loads.values())
        tied = tuple(name for name, load in loads.items() if load == least)
        says = f"each of its votes would carry {near(least)}, the least"
        if len(tied) < len(loads):
            says += f" (next {near(min(load for load in loads.values() if load > least))})"
        return Best(tied, says, {"loads": {name: exact(load) for name, load in loads.items()}})

    def take(self, state: Loads, name: str) -> Loads:
        chosen = state.chosen | {name}
        if not self.support[name]:
            return Loads(chosen, state.loads)
        pairs = list(zip(self.voters.items(), state.loads, strict=True))
        shared = 1 + sum((weight * load for (marks, weight), load in pairs if name in marks), Fraction(0))
        level = shared / self.support[name]
        loads = tuple(level if name in marks else load for (marks, _), load in pairs)
        total = sum((weight * load for (_, weight), load in zip(self.voters.items(), loads, strict=True)), Fraction(0))
        assert total == sum(1 for one in chosen if self.support[one]), "each elected option is a load of one"
        return Loads(chosen, loads)


@method(
    "seq-phragmen",
    title="Shared loads (Phragmén)",
    ballot="choice",
    winners="committee",
    source="E. Phragmén, Sur la théorie des élections multiples (1896); S. Janson, Phragmén's and Thiele's election methods (2016), section 3",
    about=mark(
        "Members mark every option they accept. Each elected option is a load of one, shared by those who marked it. The next place "
        "goes to the option whose supporters would then carry the least. So groups have places by about their size."
    ),
    family="committee",
    good_for="A committee or a list from marks alone, where every large enough group is sure of its places.",
    options=committee.OPTIONS,
    departures=("Options that nobody marked come last, tied with each other.",),
)
def seq_phragmen(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Elect one after another; the loads of each round are what a vote for an option would carry if it were elected."""
    read = choices.read(question, ballots)
    return committee.elect(question, read, rules, lots, Phragmen(read, Constraints(question, rules)))
