"""Scottish STV: weighted inclusive Gregory transfers at five places, one surplus or one exclusion in each round."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..ballots import Profile
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import TIES, among, text
from ..ties import Ties

ONE = 100_000
"""A whole vote: values are whole numbers of hundred-thousandths."""


def fixed(value: int) -> str:
    """Five decimal places."""
    return f"{value // ONE}.{value % ONE:05d}"


@dataclass
class Paper:
    """``copies`` equal papers, read up to place ``at`` of ``ranks``."""

    ranks: tuple[int, ...]
    copies: int
    at: int = 0


class Count:
    """The state of one count: votes, who holds which papers at which value, and the rounds so far."""

    def __init__(self, profile: Profile, poll: Poll, made: Counted, rows: list[Paper]) -> None:
        self.poll, self.made = poll, made
        self.ties: Ties = poll.ties()
        self.continuing = list(range(profile.options))
        self.elected: list[int] = []
        self.held: list[dict[int, list[Paper]]] = [{} for _ in self.continuing]
        self.votes = [0] * profile.options
        self.exhausted = self.residual = 0
        valid = sum(row.copies for row in rows)
        self.quota = valid // (poll.seats + 1) + 1
        self.pending: list[int] = []
        self.before: list[Fraction] = []
        for row in rows:
            option = row.ranks[0]
            self.held[option].setdefault(ONE, []).append(row)
            self.votes[option] += row.copies * ONE

    def write(self, code: str, elected: list[int], **over: Any) -> None:
        """Enter a round with the standings after it."""
        names = self.poll.names
        if self.made.rounds:
            self.ties.history.append(self.before)
        self.before = [Fraction(v, ONE) for v in self.votes]
        self.made.rounds.append(round_(
            len(self.made.rounds) + 1, {names[i]: fixed(v) for i, v in enumerate(self.votes)}, code,
                                       exhausted=fixed(self.exhausted),
            residual=fixed(self.residual), quota=str(self.quota), elected=[names[i] for i in elected], **over))

    def elect(self) -> list[int]:
        """Who reaches the quota now, by votes; then, when as many are left as places, all of them."""
        new = sorted((i for i in self.continuing if self.votes[i] >= self.quota * ONE),
                     key=lambda i: (-self.votes[i], i))
        new = new[:self.poll.seats - len(self.elected)]
        self.pending += [i for i in new if self.votes[i] > self.quota * ONE]
        self._seat(new)
        if 0 < len(self.continuing) <= self.poll.seats - len(self.elected):
            rest = sorted(self.continuing, key=lambda i: (-self.votes[i], i))
            self._seat(rest)
            new = new + rest
        return new

    def _seat(self, new: list[int]) -> None:
        self.elected += new
        self.continuing = [i for i in self.continuing if i not in new]

    @property
    def over(self) -> bool:
        """Whether all seats are filled, or nobody is left."""
        return len(self.elected) >= self.poll.seats or not self.continuing

    def pick(self, purpose: str, among: list[int]) -> tuple[int, int | None]:
        """The highest or lowest, and the place of its tie in the list of ties, if there was one."""
        best = (min if purpose == "exclude" else max)(self.votes[i] for i in among)
        tied = [i for i in among if self.votes[i] == best]
        if len(tied) == 1:
            return tied[0], None
        return self.ties.choose(len(self.made.rounds) + 1, purpose, tied), len(self.ties.made) - 1

    def move(self, source: int, surplus: int | None) -> list[dict[str, Any]]:
        """Move all papers of an option: at their values, or for a surplus each at floor5(surplus x value / total)."""
        total, moved, lists, place = self.votes[source], 0, [], set(self.continuing)
        for before in sorted(self.held[source], reverse=True):
            after = before if surplus is None else surplus * before // total
            targets: dict[int, list[Paper]] = {}
            for paper in self.held[source][before]:
                while paper.at < len(paper.ranks) and paper.ranks[paper.at] not in place:
                    paper.at += 1
                targets.setdefault(paper.ranks[paper.at] if paper.at < len(paper.ranks) else -1, []).append(paper)
            for target, parcel in targets.items():
                copies = sum(p.copies for p in parcel)
                moved += copies * after
                if target < 0:
                    self.exhausted += copies * after
                else:
                    self.votes[target] += copies * after
                    self.held[target].setdefault(after, []).extend(parcel)
                lists.append(self._transfer(source, target, copies, before, after))
        leaves = total if surplus is None else surplus
        self.held[source] = {}
        self.votes[source] = total - leaves
        self.residual += leaves - moved
        if leaves > moved:
            lists.append({"from": self.poll.names[source], "to": None, "kind": "residual", "papers": 0, "before": "",
                          "after": "", "total": fixed(leaves - moved)})
        return lists

    def _transfer(self, source: int, target: int, copies: int, before: int, after: int) -> dict[str, Any]:
        names = self.poll.names
        return {"from": names[source], "to": None if target < 0 else names[target],
                "kind": "exhausted" if target < 0 else "option",
                "papers": copies, "before": fixed(before), "after": fixed(after), "total": fixed(copies * after)}

    def run(self) -> None:
        """First preferences, then one transfer a round until the seats are filled."""
        if len(self.continuing) <= self.poll.seats:
            unopposed = list(self.continuing)
            self._seat(unopposed)
            self.write("elect-rest", unopposed)
            return
        self.write("first", self.elect())
        while not self.over:
            if self.pending:
                source, tie = self.pick("surplus", self.pending)
                self.pending.remove(source)
                lists = self.move(source, self.votes[source] - self.quota * ONE)
                self.write("surplus", self.elect(), transfers=lists, tie=tie)
            else:
                source, tie = self.pick("exclude", self.continuing)
                self.continuing.remove(source)
                self.made.excluded.append(self.poll.names[source])
                lists = self.move(source, None)
                self.write("exclude", self.elect(), transfers=lists, tie=tie, excluded=[self.poll.names[source]])


def readable(ranks: tuple[int, ...]) -> tuple[int, ...]:
    """A ballot ends at the first missing or repeated number, or where an option stands a second time."""
    made: list[int] = []
    for rank in ranks:
        if rank < 0 or rank in made:
            break
        made.append(rank)
    return tuple(made)


def scottish_stv(profile: Profile, poll: Poll) -> Counted:
    """Count by the Scottish rules. Raises ValueError for weights that are not whole."""
    if profile.scale != 1:
        raise ValueError("Scottish STV takes whole weights only")
    read = [readable(row.ranks) for row in profile.rows]
    made = Counted(papers(profile, [bool(r) for r in read]))
    rows = [Paper(r, row.papers * row.weight) for r, row in zip(read, profile.rows, strict=True) if r]
    count = Count(profile, poll, made, rows)
    made.quota = str(count.quota)
    if not rows and profile.options > poll.seats:
        made.outcome = "no valid ballots"
        return made
    try:
        count.run()
    except AwaitingLot:
        made.outcome = "awaiting lot"
    made.winners = [poll.names[i] for i in count.elected]
    made.ties, made.lots = count.ties.made, count.ties.used
    return made


COUNTERS = {"scottish-stv": Counter(scottish_stv, "ranking", {"constraints": among([]), "seed": text, "ties": TIES})}
