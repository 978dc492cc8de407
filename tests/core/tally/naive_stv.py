"""Slow counters for tests: one paper at a time, from the text of the rules, sharing no code with the engine.

Each takes ballots as tuples of names, one for each paper, and names in declared order; each gives (totals after each round,
winners in order). Papers that do not move at the end of a count leave their option at zero, as in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

Totals = dict[str, Fraction]
Found = tuple[list[Totals], list[str]]


class Paper:
    """One ballot paper: its names in order, who holds it, what it is worth, and the parcel in which it came."""

    def __init__(self, ranking: Sequence[str]) -> None:
        self.ranking = list(ranking)
        self.holder: str | None = ranking[0]
        self.value = Fraction(1)
        self.parcel = 0

    def next(self, hopeful: Sequence[str]) -> str | None:
        after = self.ranking[self.ranking.index(self.holder) + 1 :] if self.holder else []
        return next((name for name in after if name in hopeful), None)


def cut(value: Fraction, places: int | None) -> Fraction:
    """A value without what comes after its last place."""
    return value if places is None else Fraction(value * 10**places // 1, 10**places)


def wigm(
    names: Sequence[str],
    ballots: Sequence[Sequence[str]],
    seats: int,
    *,
    places: int | None = None,
    quota: Fraction | None = None,
    exceed: bool = True,
    test_first: bool = False,
    zero_round: bool = False,
    batch: bool = False,
) -> Found:
    """Weighted inclusive Gregory. Ties: for a surplus and for an exclusion the option declared first."""
    papers = [Paper(ballot) for ballot in ballots]
    need = Fraction(len(papers), seats + 1) if quota is None else quota
    votes = {name: Fraction(sum(paper.holder == name for paper in papers)) for name in names}
    hopeful, elected, pending, rounds = list(names), [], [], []

    def end() -> bool:
        return len(elected) == seats or len(elected) + len(hopeful) <= seats

    def elect() -> None:
        reached = [n for n in hopeful if (votes[n] > need if exceed else votes[n] >= need)]
        for name in sorted(reached, key=lambda n: -votes[n]):
            hopeful.remove(name)
            elected.append(name)
            if zero_round or votes[name] > need:
                pending.append(name)

    def give(paper: Paper) -> None:
        paper.holder = paper.next(hopeful) if paper.value else None
        if paper.holder:
            votes[paper.holder] += paper.value

    def close() -> None:
        elect()
        if end():
            elected.extend(sorted(hopeful, key=lambda n: -votes[n])[: seats - len(elected)])
        rounds.append(dict(votes))

    def losers() -> list[str]:
        surplus = sum((votes[n] - need for n in pending), Fraction(0))
        for size in range(len(hopeful) - (seats - len(elected)), 0, -1):
            ranked = sorted(hopeful, key=lambda n: votes[n])
            low, high = ranked[:size], ranked[size:]
            if sum(votes[n] for n in low) + surplus < min(votes[n] for n in high):
                return low
        return []

    close()
    while len(elected) < seats:
        out = losers() if batch else []
        if not out and pending:
            name = max(pending, key=lambda n: (votes[n], -names.index(n)))
            pending.remove(name)
            surplus, total = votes[name] - need, votes[name]
            for paper in [p for p in papers if p.holder == name]:
                paper.value = cut(cut(paper.value * surplus, places) / total, places)
                give(paper)
            votes[name] = need
        else:
            out = out or [min(hopeful, key=lambda n: (votes[n], names.index(n)))]
            for name in out:
                hopeful.remove(name)
            if not (test_first and end()):
                for name in out:
                    for paper in [p for p in papers if p.holder == name]:
                        give(paper)
            for name in out:
                votes[name] = Fraction(0)
        close()
    return rounds, elected


def prf(names: Sequence[str], ballots: Sequence[Sequence[str]], seats: int, *, batch: bool = False) -> Found:
    """The reference rule of the PR Foundation for weighted inclusive Gregory."""
    need = cut(Fraction(len(ballots), seats + 1), 4) + Fraction(1, 10_000)
    return wigm(
        names,
        ballots,
        seats,
        places=4,
        quota=need,
        exceed=False,
        test_first=True,
        zero_round=True,
        batch=batch,
    )


def meek_prf(
    names: Sequence[str], ballots: Sequence[Sequence[str]], seats: int, copies: Sequence[int] | None = None
) -> Found:
    """The reference rule of the PR Foundation for Meek, ballot by ballot. Rounds are standings, the first preferences first.

    copies: how many papers each ballot stands for, where that is not one.
    """
    times = copies or [1] * len(ballots)
    one = 10**9
    keep = dict.fromkeys(names, one)
    hopeful, elected = list(names), []
    votes: dict[str, int] = {}
    rounds: list[Totals] = []
    need = 0

    def spread() -> None:
        nonlocal need
        votes.update(dict.fromkeys(names, 0))
        for ballot, papers in zip(ballots, times, strict=True):
            left = one
            for name in ballot:
                kept = (left * keep[name] + one - 1) // one
                votes[name] += kept * papers
                left -= kept
        need = sum(votes.values()) // (seats + 1) + 1

    def note() -> None:
        rounds.append({name: Fraction(value, one) for name, value in votes.items()})

    spread()
    note()
    while len(elected) < seats and len(elected) + len(hopeful) > seats:
        last = None
        while True:
            spread()
            reached = sorted((n for n in hopeful if votes[n] >= need), key=lambda n: -votes[n])
            for name in reached:
                hopeful.remove(name)
                elected.append(name)
            surplus = max(0, sum(votes[n] - need for n in elected))
            if reached or surplus < 1000 or (last is not None and surplus >= last):
                break
            last = surplus
            for name in elected:
                kept = (keep[name] * need + one - 1) // one
                keep[name] = (kept * one + votes[name] - 1) // votes[name]
        if not reached:
            low = min(votes[n] for n in hopeful)
            out = next(n for n in names if n in hopeful and votes[n] <= low + surplus)
            hopeful.remove(out)
            keep[out] = 0
        note()
    if len(elected) < seats:
        elected.extend(sorted(hopeful, key=lambda n: -votes[n]))
    return rounds, elected


class Ers97:
    """ERS97, paper by paper. ``draw`` stands for the lot: it gets the tied names and the purpose."""

    def __init__(
        self,
        names: Sequence[str],
        ballots: Sequence[Sequence[str]],
        seats: int,
        draw: Callable[[list[str], str], str],
    ) -> None:
        self.names, self.seats, self.draw = list(names), seats, draw
        self.papers = [Paper(ballot) for ballot in ballots]
        self.valid = Fraction(len(ballots))
        self.votes = {name: Fraction(sum(p.holder == name for p in self.papers)) for name in names}
        self.hopeful, self.elected, self.surplus_of = list(names), [], []
        self.lost = Fraction(0)
        self.parcel = 0
        self.points: list[Totals] = []
        self.rounds: list[Totals] = []
        self.need = self.quota()

    def quota(self) -> Fraction:
        exact = (self.valid - self.lost) / (self.seats + 1)
        down = cut(exact, 2)
        return down if down == exact else down + Fraction(1, 100)

    def elect(self) -> None:
        while len(self.elected) < self.seats:
            left = self.seats - len(self.elected)
            active = self.valid - self.lost - sum(min(self.need, self.votes[n]) for n in self.elected)
            top = max(self.votes[n] for n in self.hopeful)
            if not (top >= self.need or top >= active / (left + 1)):
                return
            level = [n for n in self.hopeful if self.votes[n] == top]
            for point in self.points:
                if len(level) > left:
                    best = max(point[n] for n in level)
                    level = [n for n in level if point[n] == best]
            if len(level) > left:
                return
            name = level[0]
            self.hopeful.remove(name)
            self.elected.append(name)
            if top > self.need:
                self.surplus_of.append(name)

    def tied(self, level: list[str], purpose: str) -> str:
        for point in self.points:
            edge = (min if purpose == "exclude" else max)(point[n] for n in level)
            level = [n for n in level if point[n] == edge]
        return level[0] if len(level) == 1 else self.draw(level, purpose)

    def run(self) -> Found:
        self.elect()
        self.stage()
        while len(self.elected) < self.seats:
            total = sum((self.votes[n] - self.need for n in self.surplus_of), Fraction(0))
            ranked = sorted(self.hopeful, key=lambda n: self.votes[n])
            size = 0
            for k in range(1, len(ranked) - (self.seats - len(self.elected)) + 1):
                if sum(self.votes[n] for n in ranked[:k]) + total <= self.votes[ranked[k]]:
                    size = k
            if total and not size:
                most = max(self.votes[n] for n in self.surplus_of)
                self.transfer(self.tied([n for n in self.surplus_of if self.votes[n] == most], "surplus"))
            else:
                edge = self.votes[ranked[size - 1]]
                out = [n for n in ranked if self.votes[n] < edge]
                equal = [n for n in ranked if self.votes[n] == edge]
                while len(out) < size:
                    out.append(equal[0] if len(equal) <= size - len(out) else self.tied(list(equal), "exclude"))
                    equal.remove(out[-1])
                self.exclude(out)
        return self.rounds, self.elected

    def stage(self) -> None:
        self.rounds.append(dict(self.votes))
        self.points.append(dict(self.votes))

    def transfer(self, name: str) -> None:
        self.surplus_of.remove(name)
        surplus = self.votes[name] - self.need
        held = [p for p in self.papers if p.holder == name]
        last = max(p.parcel for p in held)
        moving = [p for p in held if p.parcel == last and p.next(self.hopeful)]
        worth = sum((p.value for p in moving), Fraction(0))
        self.parcel += 1
        gone = Fraction(0)
        for paper in moving:
            if worth > surplus:
                paper.value = cut(surplus / len(moving), 2)
            paper.holder, paper.parcel = paper.next(self.hopeful), self.parcel
            self.votes[paper.holder] += paper.value
            gone += paper.value
        self.votes[name] = self.need
        self.lost += surplus - gone
        self.elect()
        self.stage()

    def exclude(self, out: list[str]) -> None:
        for name in out:
            self.hopeful.remove(name)
        if len(self.hopeful) == self.seats - len(self.elected):
            self.elected.extend(sorted(self.hopeful, key=lambda n: -self.votes[n]))
        held = [p for p in self.papers if p.holder in out]
        for value in sorted({p.value for p in held}, reverse=True):
            if len(self.elected) == self.seats:
                break
            self.parcel += 1
            for paper in [p for p in held if p.value == value]:
                self.votes[paper.holder] -= value
                paper.holder, paper.parcel = paper.next(self.hopeful), self.parcel
                if paper.holder:
                    self.votes[paper.holder] += value
                else:
                    self.lost += value
            if not self.elected:
                self.need = self.quota()
            self.elect()
            self.points.append(dict(self.votes))
        for name in out:
            self.votes[name] = Fraction(0)
        self.stage()
