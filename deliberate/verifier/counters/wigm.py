"""STV by weighted inclusive Gregory transfers: exact or cut to places, and the two reference rules of the PR Foundation."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..ballots import Profile
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import TIES, among, either, text, whole


@dataclass
class Paper:
    """``copies`` equal papers, read up to place ``at`` of ``ranks``."""

    ranks: tuple[int, ...]
    copies: Fraction
    at: int = 0


def readable(ranks: tuple[int, ...], strict: bool = False) -> tuple[int, ...]:
    """A gap after the first rank is closed, a shared rank ends the ballot, a repeated option is passed over; where the
    rule is strict, ballots have neither. Nothing is left of a ballot without a first preference."""
    made: list[int] = []
    for place, rank in enumerate(ranks):
        if strict and (rank < -1 or rank in made):
            raise ValueError("this method takes no shared ranks and no repeated options")
        if rank < -1 or (rank == -1 and not place):
            break
        if rank != -1 and rank not in made:
            made.append(rank)
    return tuple(made)


class Count:
    """The state of one count: votes, who holds which papers at which value, and the rounds so far."""

    def __init__(self, poll: Poll, made: Counted, rows: list[Paper], rules: dict[str, Any]) -> None:
        self.poll, self.made, self.rules, self.ties = poll, made, rules, poll.ties()
        self.places: int | None = rules["places"]
        self.continuing = list(range(len(poll.ids)))
        self.elected: list[int] = []
        self.waiting: list[tuple[int, int]] = []
        """Whose surplus has not moved, with the round of their election."""
        self.held: list[dict[Fraction, list[Paper]]] = [{Fraction(1): []} for _ in self.continuing]
        self.votes = [Fraction(0)] * len(self.continuing)
        self.exhausted = self.residual = Fraction(0)
        self.before: list[Fraction] = []
        for row in rows:
            self.held[row.ranks[0]][Fraction(1)].append(row)
            self.votes[row.ranks[0]] += row.copies
        self.quota = self._quota(sum(self.votes))

    def cut(self, value: Fraction) -> Fraction:
        """A value without the places beyond those of the rules."""
        return value if self.places is None else Fraction(value * 10**self.places // 1, 10**self.places)

    def written(self, value: Fraction) -> str:
        """A number with all its places, or as a fraction."""
        if not self.places:
            return str(value)
        digits = str(value * 10**self.places).rjust(self.places + 1, "0")
        return f"{digits[:-self.places]}.{digits[-self.places:]}"

    def _quota(self, valid: Fraction | int) -> Fraction:
        rule, share = self.rules["quota"], Fraction(valid, self.poll.seats + 1)
        if rule == "hare":
            return -self.cut(-Fraction(valid, self.poll.seats))  # rounded up
        if rule == "droop":
            return Fraction(share // 1 + 1)
        return share if rule == "exact-droop" else self.cut(share) + Fraction(1, 10**(self.places or 0))

    def write(self, code: str, elected: list[int], **over: Any) -> None:
        """Enter a round with the standings after it."""
        names = self.poll.names
        if self.made.rounds:
            self.ties.history.append(self.before)
        self.before = list(self.votes)
        self.made.rounds.append(round_(
            self.n, {names[i]: self.written(v) for i, v in enumerate(self.votes)}, code, exhausted=self.written(self.exhausted),
            residual=self.written(self.residual), quota=self.written(self.quota), elected=[names[i] for i in elected], **over))

    @property
    def n(self) -> int:
        """Number of the round that is being counted."""
        return len(self.made.rounds) + 1

    def seat(self, new: list[int]) -> list[int]:
        """Elect these, in order of votes, then in declared order."""
        new = sorted(new, key=lambda i: (-self.votes[i], i))
        self.elected += new
        self.continuing = [i for i in self.continuing if i not in new]
        return new

    def elect(self) -> list[int]:
        """Who has the quota now; then, when no more are left than places, all of them."""
        exceed = self.rules["quota"] == "exact-droop"
        new = self.seat([i for i in self.continuing if self.votes[i] > self.quota or (self.votes[i] == self.quota and not exceed)])
        waits = self.rules["zero_surplus"] == "round"
        self.waiting += [(i, self.n) for i in new if waits or self.votes[i] > self.quota]
        return new + (self.seat(self.continuing) if self.last else [])

    @property
    def last(self) -> bool:
        """Whether no more options are left than places."""
        return len(self.elected) < self.poll.seats and len(self.elected) + len(self.continuing) <= self.poll.seats

    @property
    def surplus(self) -> Fraction:
        """All surpluses that wait, together."""
        return sum((self.votes[i] - self.quota for i, _ in self.waiting), Fraction(0))

    def pick(self, purpose: str, tied: list[int]) -> tuple[int, int | None]:
        """The highest or lowest, and the place of its tie in the list of ties, if there was one."""
        best = (min if purpose == "exclude" else max)(self.votes[i] for i in tied)
        tied = [i for i in tied if self.votes[i] == best]
        if len(tied) == 1:
            return tied[0], None
        return self.ties.choose(self.n, purpose, tied), len(self.ties.made) - 1

    def sure_losers(self) -> list[int]:
        """The most options that together, with every surplus that waits, stay below the next."""
        lowest = sorted(self.continuing, key=lambda i: (self.votes[i], i))
        best: list[int] = []
        for many in range(1, len(lowest) - (self.poll.seats - len(self.elected)) + 1):
            if sum((self.votes[i] for i in lowest[:many]), self.surplus) < self.votes[lowest[many]]:
                best = lowest[:many]
        return best

    def move(self, source: int, surplus: Fraction | None, place: set[int]) -> list[dict[str, Any]]:
        """Move all papers of an option to those in place: at their values, or for a surplus each by the same fraction."""
        total, moved, lists = self.votes[source], Fraction(0), []
        for before in sorted(self.held[source], reverse=True):
            after = before if surplus is None else self.cut(self.cut(before * surplus) / total)
            targets: dict[int, list[Paper]] = {}
            for paper in self.held[source][before]:
                while paper.at < len(paper.ranks) and paper.ranks[paper.at] not in place:
                    paper.at += 1
                target = paper.ranks[paper.at] if paper.at < len(paper.ranks) and after else -1
                targets.setdefault(target, []).append(paper)
            for target, parcel in targets.items():
                copies = sum((p.copies for p in parcel), Fraction(0))
                moved += copies * after
                if target < 0:
                    self.exhausted += copies * after
                else:
                    self.votes[target] += copies * after
                    self.held[target].setdefault(after, []).extend(parcel)
                lists.append(self._transfer(source, target, copies, before, after))
        leaves = total if surplus is None else surplus
        self.held[source], self.votes[source] = {}, total - leaves
        self.residual += leaves - moved
        if leaves > moved:
            lists.append({"from": self.poll.names[source], "to": None, "kind": "residual", "papers": 0, "before": "",
                          "after": "", "total": self.written(leaves - moved)})
        return lists

    def _transfer(self, source: int, target: int, copies: Fraction, before: Fraction, after: Fraction) -> dict[str, Any]:
        parts, total = copies.denominator, self.written(copies * after)  # a vote in parts is so many papers
        return {"from": self.poll.names[source], "to": None if target < 0 else self.poll.names[target],
                "kind": "exhausted" if target < 0 else "option", "papers": copies.numerator,
                "before": self.written(before / parts), "after": self.written(after / parts), "total": total}

    def exclude(self, out: list[int], tie: int | None) -> None:
        """Exclude these. Their papers stay where the rules end the count before they move."""
        self.continuing = [i for i in self.continuing if i not in out]
        stay = self.rules["last"] == "test-then-transfer" and self.last
        lists = [one for i in out for one in self.move(i, None, set() if stay else set(self.continuing))]
        names = [self.poll.names[i] for i in out]
        self.made.excluded += names
        self.write("exclude", self.seat(self.continuing) if stay else self.elect(), transfers=lists, tie=tie, excluded=names)

    def run(self) -> None:
        """First preferences, then one step a round until the seats are filled."""
        if len(self.continuing) <= self.poll.seats:
            everybody = self.continuing
            self.elected = everybody
            self.write("elect-rest", everybody)
            return
        self.write("first", self.elect())
        while len(self.elected) < self.poll.seats and self.continuing:
            losers = self.sure_losers() if self.rules["batch"] == "sure-losers" else []
            if losers:
                self.exclude(losers, None)
            elif self.waiting:
                first = min(n for _, n in self.waiting) if self.rules["surplus"] == "earliest" else self.n
                source, tie = self.pick("surplus", [i for i, n in self.waiting if n <= first])
                self.waiting = [one for one in self.waiting if one[0] != source]
                lists = self.move(source, self.votes[source] - self.quota, set(self.continuing))
                self.write("surplus", self.elect(), transfers=lists, tie=tie)
            else:
                source, tie = self.pick("exclude", self.continuing)
                self.exclude([source], tie)


def _count(profile: Profile, poll: Poll, rules: dict[str, Any], strict: bool) -> Counted:
    if rules["places"] is not None and profile.scale != 1:
        raise ValueError("this method takes whole weights only")
    read = [readable(row.ranks, strict) for row in profile.rows]
    made = Counted(papers(profile, [bool(r) for r in read]))
    rows = [Paper(r, profile.votes(row.papers * row.weight)) for r, row in zip(read, profile.rows, strict=True) if r]
    count = Count(poll, made, rows, rules)
    made.quota = count.written(count.quota)
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


def wigm(profile: Profile, poll: Poll) -> Counted:
    """By the rules of the poll."""
    return _count(profile, poll, poll.rules, False)


PRF = {"quota": "droop-fractional", "places": 4, "surplus": "largest", "last": "test-then-transfer", "zero_surplus": "round"}


def wigm_prf(profile: Profile, poll: Poll) -> Counted:
    """Four places, a surplus of nothing takes a round, one exclusion at a time."""
    return _count(profile, poll, {**PRF, "batch": "none"}, True)


def wigm_prf_batch(profile: Profile, poll: Poll) -> Counted:
    """The same, with sure losers excluded together."""
    return _count(profile, poll, {**PRF, "batch": "sure-losers"}, True)


FIXED = {"constraints": among([]), "seed": text, "ties": TIES}
COUNTERS = {
    "wigm": Counter(wigm, "ranking", {
        **FIXED, "quota": among("exact-droop", "droop", "droop-fractional", "hare"), "surplus": among("largest", "earliest"),
        "places": either(lambda v: whole(v) and v <= 20), "last": among("transfer-then-test", "test-then-transfer"),
        "batch": among("none", "sure-losers"), "zero_surplus": among("skip", "round")}),
    "wigm-prf": Counter(wigm_prf, "ranking", FIXED), "wigm-prf-batch": Counter(wigm_prf_batch, "ranking", FIXED)}
