"""STV by the rules of the Electoral Reform Society of 1997: parcels of papers, surpluses that wait, exclusions together."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..ballots import Profile
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import TIES, among, text
from .scottish import readable

ONE = 100
"""A whole vote: values are whole numbers of hundredths."""


def fixed(value: int) -> str:
    """Two decimal places."""
    return f"{value // ONE}.{value % ONE:02d}"


@dataclass
class Parcel:
    """Papers received together, all of one value: the rankings, and how many of each."""

    value: int
    papers: list[tuple[tuple[int, ...], int]]


class Count:
    """The state of one count."""

    def __init__(self, poll: Poll, made: Counted, rows: list[tuple[tuple[int, ...], int]]) -> None:
        self.poll, self.made, self.ties = poll, made, poll.ties()
        self.continuing = list(range(len(poll.ids)))
        self.elected: list[int] = []
        self.surpluses: list[int] = []
        self.before: list[list[Fraction]] = []
        self.votes = [0] * len(poll.ids)
        self.held: list[list[Parcel]] = []
        for i in self.continuing:
            mine = [row for row in rows if row[0][0] == i]
            self.held.append([Parcel(ONE, mine)])
            self.votes[i] = ONE * sum(copies for _, copies in mine)
        self.valid = sum(self.votes)
        self.exhausted = self.residual = 0
        self.set_quota()

    def set_quota(self) -> None:
        """Votes that can be transferred / (seats + 1), with a hundredth more unless it is exact."""
        self.quota = -(-(self.valid - self.exhausted - self.residual) // (self.poll.seats + 1))

    def standing(self) -> dict[str, str]:
        """The votes of every option."""
        return {name: fixed(votes) for name, votes in zip(self.poll.names, self.votes, strict=True)}

    @property
    def n(self) -> int:
        """Number of the stage that is being counted."""
        return len(self.made.rounds) + 1

    @property
    def left(self) -> int:
        """Seats that are not filled."""
        return self.poll.seats - len(self.elected)

    def point(self) -> None:
        """A point to which later ties look back."""
        self.ties.history += self.before
        self.before = [[Fraction(votes) for votes in self.votes]]

    def write(self, code: str, elected: list[int], **over: Any) -> None:
        """Enter a stage with the standings after it."""
        self.made.rounds.append(round_(
            self.n, self.standing(), code, exhausted=fixed(self.exhausted), residual=fixed(self.residual),
            quota=fixed(self.quota), elected=[self.poll.names[i] for i in elected], **over))

    def seat(self, new: list[int]) -> list[int]:
        """Elect these, in order of votes, then in declared order."""
        new = sorted(new, key=lambda i: (-self.votes[i], i))
        self.elected += new
        self.surpluses += [i for i in new if self.votes[i] > self.quota]
        self.continuing = [i for i in self.continuing if i not in new]
        return new

    def elect(self) -> list[int]:
        """By votes downwards, whoever has the quota, or the active votes / (places left + 1)."""
        made: list[int] = []
        while self.left and self.continuing:
            top = max(self.votes[i] for i in self.continuing)
            active = self.valid - self.exhausted - self.residual - sum(min(self.quota, self.votes[i]) for i in self.elected)
            if top < self.quota and top * (self.left + 1) < active:
                break
            level = [i for i in self.continuing if self.votes[i] == top]
            if len(level) > self.left:
                level = self._ahead(level)
            if not level:
                break
            made += self.seat(level)
        return made

    def _ahead(self, level: list[int]) -> list[int]:
        """Of equals for whom there are too few places one of those ahead at the earliest point; nobody, if they never differed."""
        tied = level
        for votes in self.ties.history + self.before:
            best = max(votes[i] for i in level)
            level = [i for i in level if votes[i] == best]
            if len(level) <= self.left:
                self.ties.write(self.n, "elect", tied, "forwards", level[0])
                return level[:1]
        self.ties.write(self.n, "elect", tied, "forwards", None)
        return []

    def group(self) -> int:
        """How many of the lowest can leave together: the most whose votes, with all surpluses, are not more than the next."""
        lowest = sorted(self.votes[i] for i in self.continuing)
        waits = sum(self.votes[i] - self.quota for i in self.surpluses)
        sizes = range(1, len(lowest) - self.left + 1)
        return max((k for k in sizes if sum(lowest[:k]) + waits <= lowest[k]), default=0)

    def lowest(self, many: int) -> tuple[list[int], int | None]:
        """The lowest so many; where equals stand at the edge, the tie rules say who of them."""
        edge = sorted(self.votes[i] for i in self.continuing)[many - 1]
        out = sorted((i for i in self.continuing if self.votes[i] < edge), key=lambda i: (self.votes[i], i))
        tied, first = [i for i in self.continuing if self.votes[i] == edge], len(self.ties.made)
        while len(out) + len(tied) > many and len(out) < many:
            out.append(self.ties.choose(self.n, "exclude", tied))
            tied.remove(out[-1])
        if len(out) < many:
            out += tied
        return out, len(self.ties.made) - 1 if len(self.ties.made) > first else None

    def give(self, sources: list[int], moving: list[tuple[int, Parcel]], after: int) -> tuple[int, list[dict[str, Any]]]:
        """Move papers to their next continuing option at a value, as one parcel for each. Returns what could not move."""
        lost, lists, parcels = 0, [], dict[int, Parcel]()
        for source in sources:
            targets: dict[int, int] = {}
            before = after
            for ranks, copies in (paper for owner, parcel in moving if owner == source for paper in parcel.papers):
                target = next((i for i in ranks if i in self.continuing), -1)
                targets[target] = targets.get(target, 0) + copies
                if target >= 0:
                    parcels.setdefault(target, Parcel(after, [])).papers.append((ranks, copies))
            before = next((parcel.value for owner, parcel in moving if owner == source), after)
            for target, copies in targets.items():
                lists.append({"from": self.poll.names[source], "to": None if target < 0 else self.poll.names[target],
                              "kind": "exhausted" if target < 0 else "option", "papers": copies, "before": fixed(before),
                              "after": fixed(after), "total": fixed(copies * after)})
                lost += copies if target < 0 else 0
        for target, parcel in parcels.items():
            self.votes[target] += after * sum(copies for _, copies in parcel.papers)
            self.held[target].append(parcel)
        return lost, lists

    def transfer(self, source: int, tie: int | None) -> None:
        """A surplus: of the last parcel alone, and in it of the papers that name a continuing option."""
        surplus, last = self.votes[source] - self.quota, self.held[source][-1]
        moves = [(ranks, copies) for ranks, copies in last.papers if any(i in self.continuing for i in ranks)]
        many = sum(copies for _, copies in moves)
        after = surplus // many if many * last.value > surplus else last.value
        _, lists = self.give([source], [(source, Parcel(last.value, moves))], after)
        self.surpluses.remove(source)
        self.votes[source], lost = self.quota, surplus - many * after
        self.residual += lost
        if lost:
            lists.append({"from": self.poll.names[source], "to": None, "kind": "residual", "papers": 0, "before": "", "after": "",
                          "total": fixed(lost)})
        new = self.elect()
        self.point()
        self.write("surplus", new, transfers=lists, tie=tie)

    def exclude(self, out: list[int], tie: int | None) -> None:
        """Together, parcel by parcel, the highest value first; nothing moves once the seats are filled."""
        self.continuing = [i for i in self.continuing if i not in out]
        names, lists, new, parcels = [self.poll.names[i] for i in out], list[dict[str, Any]](), list[int](), list[dict[str, Any]]()
        over = len(self.continuing) <= self.left
        if over:
            new = self.seat(self.continuing)
        for value in sorted({parcel.value for i in out for parcel in self.held[i] if parcel.papers}, reverse=True):
            moving = [(i, parcel) for i in out for parcel in self.held[i] if parcel.value == value]
            papers_ = {i: sum(copies for owner, parcel in moving if owner == i for _, copies in parcel.papers) for i in out}
            stays = not self.left
            if stays:
                moving = [(i, Parcel(value, [((), copies) for _, copies in parcel.papers])) for i, parcel in moving]
            lost, moved = self.give(out, moving, value)
            lists += moved
            for i in out:
                self.votes[i] -= papers_[i] * value
            self.exhausted += lost * value
            if not stays:
                if not self.elected:
                    self.set_quota()
                now = self.elect()
                new += now
                self.point()
                parcels.append({"value": fixed(value), "papers": sum(papers_.values()), "votes": self.standing(), "quota": fixed(self.quota),
                                "exhausted": fixed(self.exhausted), "elected": [self.poll.names[i] for i in now]})
        new += [] if over or parcels else self.elect()
        self.made.excluded += names
        self.write("exclude", new, transfers=lists, tie=tie, excluded=names, **({"parcels": parcels} if parcels else {}))

    def run(self) -> None:
        """First preferences, then one stage after the other until the seats are filled."""
        if len(self.continuing) <= self.poll.seats:
            everybody, self.continuing = self.continuing, []
            self.elected = everybody
            self.write("elect-rest", everybody)
            return
        new = self.elect()
        self.point()
        self.write("first", new)
        while self.left:
            together = self.group()
            if together:
                self.exclude(*self.lowest(together))
                continue
            most = max(self.votes[i] for i in self.surpluses)
            tied, tie = [i for i in self.surpluses if self.votes[i] == most], None
            if len(tied) > 1:
                tied, tie = [self.ties.choose(self.n, "surplus", tied)], len(self.ties.made) - 1
            self.transfer(tied[0], tie)


def ers97(profile: Profile, poll: Poll) -> Counted:
    """Count by the rules of 1997. Raises ValueError for weights that are not whole."""
    if profile.scale != 1:
        raise ValueError("ERS97 takes whole weights only")
    read = [readable(row.ranks) for row in profile.rows]
    made = Counted(papers(profile, [bool(r) for r in read]))
    count = Count(poll, made, [(r, row.papers * row.weight) for r, row in zip(read, profile.rows, strict=True) if r])
    try:
        if count.valid or profile.options <= poll.seats:
            count.run()
        else:
            made.outcome = "no valid ballots"
    except AwaitingLot:
        made.outcome = "awaiting lot"
    made.quota, made.winners = fixed(count.quota), [poll.names[i] for i in count.elected]
    made.ties, made.lots = count.ties.made, count.ties.used
    return made


COUNTERS = {"ers97": Counter(ers97, "ranking", {"constraints": among([]), "seed": text, "ties": TIES})}
