"""Scottish STV: the Scottish Local Government Elections Order 2007 (SSI 2007/42), schedule 1, rules 45-52; now SSI 2011/399.

All values are whole numbers of 1/100,000 vote. A surplus moves all papers of the elected option at
floor5(surplus x value / total): one truncation, of the whole quotient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.sentences import mark
from deliberate.core.tally import reading
from deliberate.core.tally.profile import Piles, Profile
from deliberate.core.tally.record import Question, Result, Round, Transfer, number
from deliberate.core.tally.registry import TIE_OPTIONS, method
from deliberate.core.tally.ties import AwaitLot, Ties

ONE = 100_000


def write(value: int) -> str:
    """A value with its five places.

    >>> write(1099984)
    '10.99984'
    """
    return f"{value // ONE}.{value % ONE:05d}"


@method(
    "scottish-stv",
    title="Scottish STV",
    ballot="ranking",
    winners="seats",
    whole_weights=True,
    source="Scottish Local Government Elections Order 2007 (SSI 2007/42), schedule 1, rules 45 to 52; re-enacted in SSI 2011/399",
    about=mark(
        "Members rank options. Whoever reaches the quota is elected, and the part of their votes above it moves on; when nobody "
        "does, the last is excluded and their votes move on. So each seat stands for an equal share of the voters."
    ),
    family="proportional",
    good_for="A committee in which each group has seats by its size, by rules used in public elections since 2007.",
    options=TIE_OPTIONS,
    departures=(
        "A tie that the rounds cannot settle is settled by the policy that the poll names; the Order has the returning officer draw a lot.",
        "A weight of n counts as n equal papers; the Order knows no weights.",
    ),
)
def scottish(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by stages: elect, transfer the largest surplus, else exclude the lowest."""
    read = reading.read(ballots, reading.until_fault, spoil_without_first=True)
    count = Stages(question, read.profile, rules, lots)
    outcome = count.run()
    return Result(
        outcome,
        tuple(count.winners),
        tuple(count.gone),
        tuple(count.rounds),
        str(count.quota),
        tuple(count.ties.found),
        tuple(count.ties.used),
        blank=read.blank,
        spoilt=read.spoilt,
        valid=read.valid,
        weight=str(read.weight),
        explanation=tuple(count.said),
    )


class Stages:
    """The count as it stands; one method for each step of the rules."""

    def __init__(
        self, question: Question, profile: Profile, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.names = ["", *(option.name for option in question.options)]
        self.seats = question.seats
        self.piles = Piles(profile, ONE)
        self.votes = dict.fromkeys(self.names[1:], 0)
        for n, name in enumerate(self.names[1:], 1):
            for rows in self.piles.held[n]:
                self.votes[name] += int(profile.papers[rows].sum()) * ONE
        self.valid = profile.total
        self.quota = self.valid // (self.seats + 1) + 1
        self.exhausted = self.residual = 0
        self.winners: list[str] = []
        self.gone: list[str] = []
        self.surpluses: list[str] = []
        self.rounds: list[Round] = []
        self.said: list[str] = []
        self.ties = Ties(question, rules, lots, write)

    def run(self) -> str:
        """All stages; the outcome."""
        if self.seats >= len(self.names) - 1:
            self.ties.finish()
            return self._unopposed()
        if not self.valid:
            self.ties.finish()
            self.said.append("There are no valid ballots; no seat is filled.")
            return "no valid ballots"
        self._record("first", self._first(), self._elect())
        try:
            while not self._done():
                if self.surpluses:
                    self._surplus()
                else:
                    self._exclude()
        except AwaitLot as wait:
            self.said.append(f"{', '.join(wait.tie.tied)} are tied in round {len(self.rounds) + 1}: a lot must decide.")
            return "awaiting lot"
        self.ties.finish()
        self.said.append(f"Elected, in this order: {', '.join(self.winners)}.")
        return "elected"

    def _unopposed(self) -> str:
        self.winners = list(self.names[1:])
        says = f"Round 1. {unopposed(len(self.winners), self.seats)}"
        self.said.append(says)
        self.rounds.append(
            Round(
                1,
                {n: write(v) for n, v in self.votes.items()},
                write(0),
                write(0),
                str(self.quota),
                "elect-rest",
                says,
                tuple(self.winners),
            )
        )
        return "elected"

    def _first(self) -> str:
        return (
            f"{number(self.valid, 'valid ballot')}; quota {self.valid} / {self.seats + 1} = {self.valid // (self.seats + 1)} without the rest, "
            f"plus 1 = {self.quota}. Every ballot stands with its first preference."
        )

    def _number(self, name: str) -> int:
        return self.names.index(name)

    def _live(self) -> list[str]:
        return [name for name in self.names[1:] if name not in self.winners and name not in self.gone]

    def _done(self) -> bool:
        return len(self.winners) >= self.seats

    def _elect(self) -> tuple[tuple[str, ...], str]:
        """Step 3: whoever has the quota; then, if as many are left as there are seats, all of them."""
        reached = sorted((n for n in self._live() if self.votes[n] >= self.quota * ONE), key=lambda n: -self.votes[n])
        reached = (
            reached[: self.seats - len(self.winners)] if len(reached) > self.seats - len(self.winners) else reached
        )
        said = "".join(f" {name} has {write(self.votes[name])}, reaches the quota and is elected." for name in reached)
        for name in reached:
            self._seat(name)
            if self.votes[name] > self.quota * ONE:
                self.surpluses.append(name)
        rest: list[str] = []
        if not self._done() and len(self._live()) == self.seats - len(self.winners):
            rest = sorted(self._live(), key=lambda n: -self.votes[n])
            for name in rest:
                self._seat(name)
            said += (
                f" As many are left as there are seats: {', '.join(rest)} {'is' if len(rest) == 1 else 'are'} elected."
            )
        return (*reached, *rest), said

    def _seat(self, name: str) -> None:
        self.winners.append(name)
        self.piles.live[self._number(name)] = False

    def _record(
        self,
        code: str,
        says: str,
        elected: tuple[tuple[str, ...], str],
        excluded: tuple[str, ...] = (),
        transfers: tuple[Transfer, ...] = (),
        tie: int | None = None,
    ) -> None:
        n = len(self.rounds) + 1
        says = f"Round {n}. {says}{elected[1]}"
        self.rounds.append(
            Round(
                n,
                {name: write(v) for name, v in self.votes.items()},
                write(self.exhausted),
                write(self.residual),
                str(self.quota),
                code,
                says,
                elected[0],
                excluded,
                transfers,
                tie,
            )
        )
        self.said.append(says)
        self.ties.remember(self.votes)
        total = sum(self.votes.values()) + self.exhausted + self.residual
        assert total == self.valid * ONE, "votes are conserved"

    def _surplus(self) -> None:
        """Step 4 and 5: the largest surplus moves, all its papers at one truncated value each."""
        most = max(self.votes[name] for name in self.surpluses)
        best = [name for name in self.surpluses if self.votes[name] == most]
        name, tie = (best[0], None) if len(best) == 1 else self.ties.pick(best, "surplus", len(self.rounds) + 1)
        self.surpluses.remove(name)
        held = self.votes[name]
        surplus = held - self.quota * ONE
        rows = self.piles.take(self._number(name))
        fresh = {old: surplus * self.piles.values[old] // held for old in self.piles.papers_by_class(rows)}
        moved = self._move(name, rows, fresh)
        self.votes[name] = self.quota * ONE
        lost = surplus - sum(_units(t.total) for t in moved)
        self.residual += lost
        if lost:
            moved = (*moved, Transfer(name, None, "residual", 0, "", "", write(lost)))
        self._record(
            "surplus", f"{name} has a surplus of {write(surplus)}. {_told(moved)}", self._elect(), (), moved, tie
        )

    def _exclude(self) -> None:
        """Step 6: the lowest leaves; its papers move at the values they have."""
        live = self._live()
        least = min(self.votes[name] for name in live)
        last = [name for name in live if self.votes[name] == least]
        name, tie = (last[0], None) if len(last) == 1 else self.ties.pick(last, "exclude", len(self.rounds) + 1)
        above = sorted(self.votes[n] for n in live if n != name)
        self.gone.append(name)
        self.piles.live[self._number(name)] = False
        rows = self.piles.take(self._number(name))
        moved = self._move(name, rows, {})
        self.votes[name] = 0
        why = f"fewest with {write(least)}" + (
            f" (next {write(above[0])})" if above and above[0] > least else ", by the tie rule"
        )
        self._record("exclude", f"{name} is excluded: {why}. {_told(moved)}", self._elect(), (name,), moved, tie)

    def _move(self, name: str, rows: Any, fresh: Mapping[int, int]) -> tuple[Transfer, ...]:
        """Pass papers on; ``fresh`` gives the new value of a class, else it keeps its value."""
        before = dict(enumerate(self.piles.values))
        for old, value in fresh.items():
            self.piles.values.append(value)
            moving = rows[self.piles.kind[rows] == old]
            self.piles.kind[moving] = len(self.piles.values) - 1
            before[len(self.piles.values) - 1] = before[old]
        made: list[Transfer] = []
        for target, classes in sorted(self.piles.pass_on(rows).items(), key=lambda item: (item[0] == 0, item[0])):
            for kind, papers in sorted(classes.items(), key=lambda item: (-self.piles.values[item[0]], item[0])):
                after = self.piles.values[kind]
                total = after * papers
                if target:
                    self.votes[self.names[target]] += total
                else:
                    self.exhausted += total
                made.append(
                    Transfer(
                        name,
                        self.names[target] or None,
                        "option" if target else "exhausted",
                        papers,
                        write(before[kind]),
                        write(after),
                        write(total),
                    )
                )
        return tuple(made)


def unopposed(options: int, seats: int) -> str:
    """Why all options are elected without a contest."""
    who = "the option is" if options == 1 else "all options are"
    empty = f" {number(seats - options, 'seat stays', 'seats stay')} empty." if seats > options else ""
    return f"{number(options, 'option')} for {number(seats, 'seat')}: {who} elected unopposed.{empty}"


def _units(text: str) -> int:
    whole, places = text.split(".")
    return int(whole) * ONE + int(places)


def _told(moved: Sequence[Transfer]) -> str:
    """Where the votes went, in a sentence."""
    sums: dict[str, int] = {}
    for transfer in moved:
        where = transfer.target or {"exhausted": "exhausted", "residual": "lost to truncation"}[transfer.kind]
        sums[where] = sums.get(where, 0) + _units(transfer.total)
    if not sums:
        return "No votes move."
    parts = [f"{write(v)} {'' if w in ('exhausted', 'lost to truncation') else 'to '}{w}" for w, v in sums.items()]
    return "; ".join(parts) + "."
