"""Seats filled by rankings: the frame that scottish-stv, wigm, ers97 and meek share, so that each module holds only its own rules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ledger.canonical import exact
from deliberate.core.tally.constraints import Constraints, because
from deliberate.core.tally.reading import Reading
from deliberate.core.tally.record import Question, Result, Round, Transfer, number
from deliberate.core.tally.ties import AwaitLot, Ties

Value = int | Fraction
"""An amount of votes: whole parts of a vote where the ruleset has fixed places, else exact votes."""
Moved = list[tuple[Transfer, Value]]
"""Transfers, each with what it moves in all."""


def places(scale: int) -> Callable[[Value], str]:
    """A writer of values in parts of a vote, with all their places.

    >>> places(100_000)(1099984), places(1)(11)
    ('10.99984', '11')
    """
    wide = len(str(scale)) - 1
    return lambda value: f"{value // scale}" + (f".{int(value % scale):0{wide}d}" if wide else "")


class Seats(ABC):
    """Who is continuing, elected and excluded; rounds and their sentences.

    votes: by name, in the units that ``write`` turns into text. papers: how many are valid, in units of 1/unit of the profile;
    one: the value of a paper. quota: what secures a seat, in the units of votes.
    """

    def __init__(
        self,
        question: Question,
        papers: int,
        one: Value,
        rules: Mapping[str, Any],
        lots: Sequence[Mapping[str, Any]],
        write: Callable[[Value], str],
    ) -> None:
        self.names = ["", *(option.name for option in question.options)]
        self.seats = question.seats
        self.papers = papers
        self.valid = papers * one
        self.rules = rules
        self.write = write
        self.votes: dict[str, Value] = dict.fromkeys(self.names[1:], 0)
        self.exhausted: Value = 0
        self.residual: Value = 0
        self.quota: Value = 0
        self.winners: list[str] = []
        self.gone: list[str] = []
        self.continuing = dict.fromkeys(self.names[1:])  # in declared order
        self.numbers = {name: n for n, name in enumerate(self.names)}
        self.rounds: list[Round] = []
        self.said: list[str] = []
        self.ties = Ties(question, rules, lots, write)
        self.bounds = Constraints(question, rules)

    def run(self) -> str:
        """All rounds; the outcome."""
        try:
            outcome = self._rounds()
        except AwaitLot as wait:
            self.said.append(f"{', '.join(wait.tie.tied)} are tied in round {wait.tie.round}: a lot must decide.")
            return "awaiting lot"
        self.ties.finish()
        return outcome

    def _rounds(self) -> str:
        if self.seats >= len(self.names) - 1:
            self.winners = list(self.names[1:])
            self.enter("elect-rest", unopposed(len(self.winners), self.seats), self.winners)
            return "elected"
        if not self.papers:
            self.said.append("There are no valid ballots; no seat is filled.")
            return "no valid ballots"
        self.begin()
        while self.room():
            if doomed := self.bounds.doomed(self.winners, self.live()):
                verb = "is" if len(doomed) == 1 else "are"
                self.exclude(list(doomed), f"{verb} excluded: {because(doomed)}.")
            else:
                self.step()
        self.said.append(f"Elected, in this order: {', '.join(self.winners)}.")
        return "elected"

    @abstractmethod
    def begin(self) -> None:
        """The first round."""

    @abstractmethod
    def step(self) -> None:
        """The next round."""

    @abstractmethod
    def exclude(self, names: list[str], why: str, tie: int | None = None) -> None:
        """A round that excludes these options. why: a predicate, as ``is excluded: fewest with 3.00``."""

    def needed(self) -> str:
        """The quota as the rules write it."""
        return self.write(self.quota)

    def enter(
        self,
        code: str,
        says: str,
        elected: Sequence[str],
        excluded: Sequence[str] = (),
        moved: Moved | None = None,
        tie: int | None = None,
    ) -> None:
        """Write a round with its standings."""
        n = len(self.rounds) + 1
        says = f"Round {n}. {says}"
        self.rounds.append(
            Round(
                n,
                {name: self.write(v) for name, v in self.votes.items()},
                self.write(self.exhausted),
                self.write(self.residual),
                self.needed(),
                code,
                says,
                tuple(elected),
                tuple(excluded),
                tuple(transfer for transfer, _ in moved or ()),
                tie,
                self.facts(),
            )
        )
        self.said.append(says)
        self.ties.remember(self.votes, f"Round {n}")
        assert sum(self.votes.values()) + self.exhausted + self.residual == self.valid, "votes are conserved"

    def result(self, outcome: str, read: Reading) -> Result:
        """What :func:`run` came to."""
        return Result(
            outcome,
            tuple(self.winners),
            tuple(self.gone),
            tuple(self.rounds),
            self.needed(),
            tuple(self.ties.found),
            tuple(self.ties.used),
            blank=read.blank,
            spoilt=read.spoilt,
            valid=read.valid,
            weight=exact(read.weight),
            explanation=tuple(self.said),
            facts=self.bounds.as_json(self.winners),
        )

    def facts(self) -> dict[str, Any]:
        """What only this ruleset tells of a round."""
        return {}

    def live(self) -> list[str]:
        """Continuing options, in declared order."""
        return list(self.continuing)

    def room(self) -> int:
        """Seats that are left."""
        return self.seats - len(self.winners)

    def place(self, name: str) -> int:
        """The number of an option in the rows of the profile."""
        return self.numbers[name]

    def seat(self, name: str) -> None:
        self.winners.append(name)
        del self.continuing[name]

    def leave(self, names: Sequence[str]) -> None:
        for name in names:
            self.gone.append(name)
            del self.continuing[name]

    def in_order(self, reached: list[str]) -> list[str]:
        """Who of these is elected, best first. Under constraints only those who can be, with all before them."""
        ordered = sorted(reached, key=lambda name: -self.votes[name])
        if not self.bounds:
            return ordered
        chosen: list[str] = []
        while ordered:
            able = [name for name in ordered if self._possible([*chosen, name])]
            level = [name for name in able if self.votes[name] == self.votes[able[0]]]
            if len(level) > 1 and not self._possible([*chosen, *level]):
                level = [self.ties.pick(level, "elect", len(self.rounds) + 1)[0]]
            chosen += level
            ordered = [name for name in able if name not in level]
        return chosen

    def _possible(self, more: list[str]) -> bool:
        return self.bounds.possible([*self.winners, *more], [name for name in self.live() if name not in more])

    def rest(self) -> tuple[list[str], str]:
        """If as many continue as there are seats left: all of them, elected, and the sentence that says so."""
        live = self.live()
        if not self.room() or len(live) > self.room():
            return [], ""
        rest = sorted(live, key=lambda name: -self.votes[name])
        for name in rest:
            self.seat(name)
        verb = "is" if len(rest) == 1 else "are"
        return rest, f" As many are left as there are seats: {', '.join(rest)} {verb} elected."

    def free(self) -> tuple[list[str], str]:
        """Options that may be excluded, fewest votes first, and which others are guarded.

        There are two at least: more continue than there are seats left, and none of them is doomed.
        """
        guarded = self.bounds.guarded(self.winners, self.live())
        kept = "".join(f" {name} is guarded: {why}." for name, why in guarded.items())
        return sorted((n for n in self.live() if n not in guarded), key=lambda name: self.votes[name]), kept

    def batch(self, surplus: Value) -> list[str]:
        """Sure losers: the longest run of lowest options that, with every surplus, stay below the next, if enough remain."""
        ranked = [(name, self.votes[name]) for name in self.free()[0]]
        most = len(self.live()) - self.room()
        while found := sure_losers(ranked, surplus, most):
            if self.bounds.possible(self.winners, [name for name in self.live() if name not in found]):
                return found
            most = len(found) - 1
        return []

    def lowest(self, slack: Value = 0) -> tuple[str, int | None, str]:
        """Whom to exclude, the tie if there is one, and why. slack: options at most so far above the lowest are tied with it."""
        free, kept = self.free()
        least = self.votes[free[0]]
        last = [name for name in free if self.votes[name] <= least + slack]
        name, tie = (last[0], None) if len(last) == 1 else self.ties.pick(last, "exclude", len(self.rounds) + 1)
        above = next(self.votes[other] for other in free if other != name)
        how = f" (next {self.write(above)})" if tie is None else ", by the tie rule"
        return name, tie, f"is excluded: fewest with {self.write(self.votes[name])}{how}.{kept}"


def sure_losers(ranked: list[tuple[str, Value]], surplus: Value, most: int) -> list[str]:
    """The longest run of lowest options that, with every surplus, hold fewer votes than the next; never parting equals.

    ranked: fewest votes first. most: how many may leave.

    >>> sure_losers([("A", 1), ("B", 2), ("C", 4), ("D", 9)], 1, 3)
    ['A', 'B', 'C']
    """
    best, running = 0, surplus
    for n, (_, votes) in enumerate(ranked[:most], 1):
        running += votes
        if n < len(ranked) and running < ranked[n][1]:
            best = n
    return [name for name, _ in ranked[:best]]


def unopposed(options: int, seats: int) -> str:
    """Why all options are elected without a contest."""
    who = "the option is" if options == 1 else "all options are"
    empty = f" {number(seats - options, 'seat stays', 'seats stay')} empty." if seats > options else ""
    return f"{number(options, 'option')} for {number(seats, 'seat')}: {who} elected unopposed.{empty}"
