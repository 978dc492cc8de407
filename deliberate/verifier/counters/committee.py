"""Committees from marks: sequential and best proportional approval, shared loads, and equal shares of the places."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, islice
from math import comb
from typing import Any, NamedTuple

from ..ballots import Profile
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import TIES, Check, among, text, whole

MOST_COMMITTEES = 100_000
MOST_STATES = 20_000
"""How many states are followed at most when every way out of the ties is looked at."""


class Look(NamedTuple):
    """What a round shows: the best options, the facts of the round, and what it pays where it is one of equal shares."""

    best: list[int]
    facts: dict[str, Any]
    pays: Fraction | None = None


class State(NamedTuple):
    """Who is elected, what each row of ballots carries or holds, and whether equal shares have come to their completion."""

    elected: frozenset[int]
    held: tuple[Fraction, ...]
    completing: bool = False


class Rule:
    """One count, by sequential proportional approval; other rules have another ``look`` and ``take``."""

    def __init__(self, profile: Profile, poll: Poll) -> None:
        self.poll, self.ties = poll, poll.ties()
        self.valid = [bool(row.ranks) for row in profile.rows]
        self.made = Counted(papers(profile, self.valid))
        self.rows = [(frozenset(row.ranks), profile.votes(row.papers * row.weight)) for row in profile.rows if row.ranks]
        self.options = range(profile.options)
        self.approvals = [sum((w for marks, w in self.rows if i in marks), Fraction(0)) for i in self.options]
        self.given = str(sum(self.approvals))
        self.many = False
        self.total = sum((w for _, w in self.rows), Fraction(0))

    def start(self) -> State:
        """Before anybody is elected."""
        return State(frozenset(), (Fraction(0),) * len(self.rows))

    def look(self, state: State) -> Look:
        """Who is best now: where a rule does not say otherwise, who adds most points, on each ballot one over one more than
        are elected on it already."""
        gains = {i: sum((w / (1 + len(marks & state.elected)) for marks, w in self.rows if i in marks), Fraction(0))
                 for i in self.left(state)}
        best = max(gains.values())
        return Look([i for i in gains if gains[i] == best], {"scores": self.written(gains)})

    def take(self, state: State, option: int, look: Look) -> State:
        """After the election of an option."""
        return State(state.elected | {option}, state.held)

    def left(self, state: State) -> list[int]:
        """Who is not elected."""
        return [i for i in self.options if i not in state.elected]

    def supporters(self, option: int, state: State) -> list[tuple[Fraction, Fraction]]:
        """What those who marked an option hold, with their weights."""
        return [(held, w) for (marks, w), held in zip(self.rows, state.held, strict=True) if option in marks]

    def written(self, values: dict[int, Fraction]) -> dict[str, str]:
        """Numbers of options by name."""
        return {self.poll.names[i]: str(value) for i, value in values.items()}

    def write(self, elected: list[int], **over: Any) -> None:
        """Enter a round; its votes are the approvals."""
        n, votes = len(self.made.rounds) + 1, self.written(dict(enumerate(self.approvals)))
        self.made.rounds.append(round_(n, votes, "elect", elected=[self.poll.names[i] for i in elected], given=self.given, **over))

    def ends(self, start: State) -> Iterator[frozenset[int]]:
        """Every committee that some way out of the ties elects, by the declared order of what is chosen."""
        open_, seen, found = [start], {start}, set[frozenset[int]]()
        while open_ and len(seen) <= MOST_STATES:
            state = open_.pop()
            look = self.look(state) if len(state.elected) < self.poll.seats else Look([], {})
            if not look.best and state.elected not in found:
                found.add(state.elected)
                yield state.elected
            for option in reversed(look.best):
                after = self.take(state, option, look)
                if after not in seen:
                    seen.add(after)
                    open_.append(after)
        self.many = bool(open_)

    def count(self) -> Counted:
        """The whole count."""
        made = self.made
        if len(self.options) <= self.poll.seats or not self.rows:
            elected = list(self.options) if len(self.options) <= self.poll.seats else []
            made.outcome = "elected" if elected else "no valid ballots"
            self.write(elected)
            made.winners = [self.poll.names[i] for i in elected]
            return made
        if self.poll.rules["all_committees"]:
            self.committees()
        try:
            self.run()
            made.outcome = "elected" if made.winners else "lost"
        except AwaitingLot:
            made.outcome = "awaiting lot"
        made.ties, made.lots = self.ties.made, self.ties.used
        return made

    def every(self) -> list[frozenset[int]] | None:
        """Every committee, where that can be looked at."""
        found = list(islice(self.ends(self.start()), MOST_STATES))
        return None if self.many else found

    def committees(self) -> None:
        """Those that the rules ask for: the first so many, sorted; where there are more, any so many of them."""
        every, most = self.every(), self.poll.rules["all_committees"]
        if every is None:
            self.made.open |= dict.fromkeys(("committees", "committees_more"), "there are too many ways out of the ties to follow")
            return
        names = [[self.poll.names[i] for i in committee] for committee in sorted(map(sorted, every))]
        self.made.facts |= {"committees": names, "committees_more": len(names) > most}
        self.made.judged["committees"] = lambda found: found == [one for one in names if one in found] and len(found) == min(most, len(names))

    def run(self) -> None:
        """Elect one after the other."""
        state = self.start()
        while len(state.elected) < self.poll.seats:
            look = self.look(state)
            if not look.best:
                if not state.elected:
                    self.write([])
                return
            won, over = look.best[0], dict(look.facts)
            if len(look.best) > 1:
                over["tie"] = len(self.ties.made)
                try:
                    won = self.settle(state, look)
                except AwaitingLot:
                    self.write([], **over)
                    raise
            if look.pays is not None:
                over["payments"] = self.payments(state, won, look.pays)
            state = self.take(state, won, look)
            self.made.winners.append(self.poll.names[won])
            self.write([won], **over)
            self.ties.history.append(self.approvals)

    def settle(self, state: State, look: Look) -> int:
        """One of the best: by the declared order where the same are elected in the end, else by the tie rules."""
        n = len(self.made.rounds) + 1
        if self.same(state, look):
            self.ties.write(n, "order", look.best, "same", min(look.best))
            return min(look.best)
        return self.ties.choose(n, "elect", look.best)

    def same(self, state: State, look: Look) -> bool:
        """Whether the same committee is elected whoever is first."""
        some = list(islice(self.ends(state), 2))
        return len(some) == 1 and not self.many

    def payments(self, state: State, option: int, each: Fraction) -> dict[str, str]:
        """Who pays how much."""
        full = sum((w for held, w in self.supporters(option, state) if held >= each), Fraction(0))
        return {"each": str(each), "rho": str(each), "full": str(full), "less": str(self.approvals[option] - full)}


class SeqPhragmen(Rule):
    """The option whose supporters would carry the least; those whom nobody marked come last."""

    def look(self, state: State) -> Look:
        """Least load."""
        loads = {i: (1 + sum(held * w for held, w in self.supporters(i, state))) / self.approvals[i]
                 for i in self.left(state) if self.approvals[i]}
        best = [i for i in loads if loads[i] == min(loads.values())]
        return Look(best or self.left(state), {"loads": self.written(loads)})

    def take(self, state: State, option: int, look: Look) -> State:
        """Its supporters carry the new load."""
        load = (1 + sum((held * w for held, w in self.supporters(option, state)), Fraction(0))) / (self.approvals[option] or 1)
        held = tuple(load if option in marks else old for (marks, _), old in zip(self.rows, state.held, strict=True))
        return State(state.elected | {option}, held)


class Pav(Rule):
    """The committee with the most points of all."""

    def run(self) -> None:
        """Compare every committee; while several are best, prefer an option that only some of them have."""
        best, score = self.best()
        tied, self.ties.now = list[int](), [self.approvals]
        try:
            while len(best) > 1:
                tied = [i for i in self.options if 0 < sum(i in one for one in best) < len(best)]
                won = self.ties.choose(1, "elect", tied)
                best = [one for one in best if won in one]
        except AwaitingLot:
            self.write([], scores={"committee": str(score)}, tie=len(self.ties.made) - 1)
            raise
        self.made.winners = [self.poll.names[i] for i in sorted(best[0])]
        self.write(sorted(best[0]), scores={"committee": str(score)}, tie=0 if tied else None)

    def best(self) -> tuple[list[frozenset[int]], Fraction]:
        """The best committees, by declared order, and their points."""
        if comb(len(self.options), self.poll.seats) > MOST_COMMITTEES:
            raise ValueError("too many committees to compare")
        worth = [sum((Fraction(1, k) for k in range(1, many + 1)), Fraction(0)) for many in range(self.poll.seats + 1)]
        points = {one: sum((worth[len(marks.intersection(one))] * w for marks, w in self.rows), Fraction(0))
                  for one in combinations(self.options, self.poll.seats)}
        score = max(points.values())
        return [frozenset(one) for one, value in points.items() if value == score], score

    def every(self) -> list[frozenset[int]] | None:
        """Those that are best."""
        return self.best()[0]


COMMITTEE: dict[str, Check] = {"seed": text, "ties": TIES, "all_committees": whole}
LATER: dict[str, Check] = {"constraints": among([])}
COUNTERS = {
    "seq-pav": Counter(lambda profile, poll: Rule(profile, poll).count(), "choice", COMMITTEE, LATER),
    "seq-phragmen": Counter(lambda profile, poll: SeqPhragmen(profile, poll).count(), "choice", COMMITTEE, LATER),
    "pav": Counter(lambda profile, poll: Pav(profile, poll).count(), "choice", COMMITTEE, LATER)}
