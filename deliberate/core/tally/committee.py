"""Committees from approval ballots, one option at a time: what such rules share, and every committee that ties allow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Generic, TypeVar

from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.choices import Choices
from deliberate.core.tally.constraints import CONSTRAINTS, Constraints, because
from deliberate.core.tally.record import Question, Result, Round
from deliberate.core.tally.registry import TIE_OPTIONS, Setting, whole
from deliberate.core.tally.seats import unopposed
from deliberate.core.tally.settle import same
from deliberate.core.tally.ties import AwaitLot, Ties

MOST_STATES = 10_000
"""Stages looked at in search of every tied committee; beyond it the list says that there may be more."""
FEW_STATES = 100
"""Stages looked at to see whether a tie matters."""
OPTIONS: dict[str, Setting] = {
    **TIE_OPTIONS,
    "all_committees": Setting(
        0,
        mark("List every committee that another way out of the ties would give, up to this many; 0: no list."),
        whole(0),
    ),
    **CONSTRAINTS,
}


@dataclass(frozen=True)
class Best:
    """Who is elected next: the options that are equally good, and why, as the end of a sentence.

    facts: of the round; own: more of them for whoever of the tied it is. free: where all of the tied find a seat, all are
    elected, whoever is first.
    """

    tied: tuple[str, ...]
    says: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    free: bool = False


S = TypeVar("S", bound=Hashable)


class Rule(ABC, Generic[S]):
    """A rule that elects one option after another. A state says who is elected, and what the rule has to remember.

    names: all options, in declared order; bounds: the constraints of the question.
    """

    def __init__(self, names: Sequence[str], bounds: Constraints) -> None:
        self.names, self.bounds = names, bounds

    @abstractmethod
    def start(self) -> S:
        """Nobody is elected yet."""

    @abstractmethod
    def best(self, state: S) -> Best | None:
        """Who is next; None if the rule elects nobody more."""

    @abstractmethod
    def take(self, state: S, name: str) -> S:
        """The state once this option is elected."""

    @abstractmethod
    def chosen(self, state: S) -> Collection[str]:
        """Who is elected."""

    def left(self, state: S) -> list[str]:
        """Who may be next: not elected, and not doomed by a constraint."""
        doomed = self.doomed(state)
        return [name for name in self.names if name not in self.chosen(state) and name not in doomed]

    def doomed(self, state: S) -> dict[str, str]:
        """Who cannot be elected any more without breaking a constraint, each with the reason."""
        chosen = self.chosen(state)
        return self.bounds.doomed(chosen, [name for name in self.names if name not in chosen])


def near(value: Fraction, places: int = 4) -> str:
    """A number for a sentence: exact where it is short, else rounded half to even and marked so.

    >>> near(Fraction(7, 3)), near(Fraction(123456, 789123)), near(Fraction(5, 2))
    ('7/3', 'about 0.1564', '5/2')
    """
    if value.denominator < 1000:
        return exact(value)
    scaled = round(value * 10**places)
    return f"about {scaled // 10**places}.{scaled % 10**places:0{places}d}"


def merged(read: Choices, names: Sequence[str]) -> dict[tuple[str, ...], Fraction]:
    """Weight by the options approved, in declared order; equal sets are merged."""
    place = {name: n for n, name in enumerate(names)}
    voters: dict[tuple[str, ...], Fraction] = {}
    for marks, weight in read.rows:
        key = tuple(sorted(marks, key=place.__getitem__))
        voters[key] = voters.get(key, Fraction(0)) + weight
    return dict(sorted(voters.items(), key=lambda item: [place[name] for name in item[0]]))


def elect(
    question: Question, read: Choices, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]], rule: Rule[S]
) -> Result:
    """Elect by the rule until the seats are full or it elects nobody more; each election is a round.

    The policies that look at earlier rounds look at the approvals, which are the votes of every round.
    """
    count = Run(question, read, rules, lots)
    outcome = count.plain() or count.run(rule)
    if outcome != "awaiting lot":
        count.ties.finish()
    facts = every(rule, question, rules["all_committees"]) if count.contested else {}
    return count.result(outcome, facts)


class Run:
    """The count as it stands."""

    def __init__(
        self, question: Question, read: Choices, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.read = read
        self.seats = question.seats
        self.ties = Ties(question, rules, lots, exact)
        self.ties.remember(read.held)
        self.winners: list[str] = []
        self.rounds: list[Round] = []
        self.contested = bool(read.valid) and len(read.held) > self.seats
        self.bounds = Constraints(question, rules)
        self.doomed: set[str] = set()

    def plain(self) -> str:
        """The outcome where there is nothing to count; else nothing."""
        if len(self.read.held) <= self.seats:
            self.winners = list(self.read.held)
            self.add(unopposed(len(self.winners), self.seats), tuple(self.winners))
            return "elected"
        if not self.read.valid:
            self.add("Nobody approved any option.")
            return "no valid ballots"
        return ""

    def run(self, rule: Rule[S]) -> str:
        """All rounds; the outcome."""
        state = rule.start()
        while len(self.winners) < self.seats and (best := rule.best(state)):
            tie = None
            name = best.tied[0]
            if len(best.tied) > 1:
                try:
                    name, tie = self._tie(rule, state, best)
                except AwaitLot as wait:
                    said = f"{', '.join(wait.tie.tied)} are tied: {best.says}. A lot must decide."
                    self.add(said, (), len(self.ties.found) - 1, best.facts)
                    return "awaiting lot"
            before, state = state, rule.take(state, name)
            self.winners.append(name)
            by = "" if tie is None else ", by the tie rule"
            said = f"Elect {name}{by}: {best.says}.{self._passed(rule.doomed(before))}"
            self.add(said, (name,), tie, {**best.facts, **best.own.get(name, {})})
        if not self.winners:
            self.add("No option has the support that the rule asks for.")
            return "lost"
        return "elected"

    def _passed(self, doomed: Mapping[str, str]) -> str:
        """Who cannot be elected any more, said in the first round in which it is so."""
        fresh = {name: why for name, why in doomed.items() if name not in self.doomed}
        self.doomed.update(fresh)
        return f" Passed over: {because(fresh)}." if fresh else ""

    def _tie(self, rule: Rule[S], state: S, best: Best) -> tuple[str, int]:
        """Who is first of the tied, and the index of the tie's record. Raises AwaitLot.

        Where whoever is first leads to the same committee there is nothing to settle, and the declared order is followed.
        """
        n = len(self.rounds) + 1
        if self.bounds or not (best.free and len(best.tied) <= self.seats - len(self.winners)):
            found, cut = search(rule, state, self.seats, 1, FEW_STATES)
            if len(found) > 1 or cut:
                return self.ties.pick(best.tied, "elect", n)
        return best.tied[0], same(self.ties, best.tied, n)

    def add(
        self, says: str, elected: tuple[str, ...] = (), tie: int | None = None, facts: Mapping[str, Any] | None = None
    ) -> None:
        """Record a round."""
        n = len(self.rounds) + 1
        held = {"given": self.read.given, **(facts or {})}
        says = f"Round {n}. {says}"
        self.rounds.append(Round(n, self.read.votes, "0", "0", None, "elect", says, elected, tie=tie, facts=held))
        if n == 1:  # from round 2 on there is a round before; its votes are the approvals too
            self.ties.remember(self.read.held, "Round 1")

    def result(self, outcome: str, facts: Mapping[str, Any]) -> Result:
        """The whole of it."""
        said = [round_.says for round_ in self.rounds]
        if outcome == "elected" and len(self.winners) < min(self.seats, len(self.read.held)):
            said.append(f"The rule elects {len(self.winners)} of {self.seats}; the other seats stay empty.")
        if facts:
            more = "more than " if facts["committees_more"] else ""
            said.append(f"Other ways out of the ties: {more}{len(facts['committees'])} committees in all.")
        return Result(
            outcome,
            tuple(self.winners),
            (),
            tuple(self.rounds),
            ties=tuple(self.ties.found),
            lots=tuple(self.ties.used),
            explanation=tuple(said),
            facts={**facts, **self.bounds.as_json(self.winners)},
            **self.read.sizes,
        )


def every(rule: Rule[S], question: Question, most: int) -> dict[str, Any]:
    """Every committee that some way out of the ties gives, as facts of the Result; nothing if ``most`` is 0.

    committees_more: there are more than ``most``, or there may be more as the search became too long.
    """
    if not most:
        return {}
    found, cut = search(rule, rule.start(), question.seats, most, MOST_STATES)
    return listed(found, question, most, cut)


def search(rule: Rule[S], first: S, seats: int, most: int, states: int) -> tuple[set[frozenset[str]], bool]:
    """The committees that ways out of the ties from a state lead to, and whether there may be more than were found.

    It ends when more than ``most`` are found, or when so many states were looked at.
    """
    waiting, seen = [first], {first}
    found: set[frozenset[str]] = set()
    while waiting and len(found) <= most and len(seen) < states:
        state = waiting.pop()
        chosen = rule.chosen(state)
        best = rule.best(state) if len(chosen) < seats else None
        if best is None:
            found.add(frozenset(chosen))
            continue
        for name in reversed(best.tied):
            after = rule.take(state, name)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return found, bool(waiting)


def listed(found: Collection[Collection[str]], question: Question, most: int, cut: bool) -> dict[str, Any]:
    """Committees in declared order as facts of the Result; cut: there may be others that were not found."""
    place = {option.name: n for n, option in enumerate(question.options)}
    rows = sorted(sorted(place[name] for name in one) for one in found)
    names = list(place)
    return {
        "committees": [[names[n] for n in row] for row in rows[:most]],
        "committees_more": cut or len(rows) > most,
    }
