"""Instant run-off with the reading rules for skipped, repeated and equal ranks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from ..ballots import SKIPPED, Profile
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import TIES, Check, among, either, flag, text, whole


class Reader:
    """Where each ballot stands. A ballot is read on only when the option that holds it has left."""

    def __init__(self, profile: Profile, rules: dict[str, Any]) -> None:
        self.rules, self.equals = rules, profile.equals
        most = rules["max_ranks"]
        self.ranks = [row.ranks if most is None else row.ranks[:most] for row in profile.rows]
        self.at = [0] * len(self.ranks)
        self.marked = [0] * len(self.ranks)
        self.ended = ["exhausted"] * len(self.ranks)

    def next(self, i: int, continuing: set[int]) -> int | None:
        """The option that ballot i stands with, or None for ever after."""
        ranks, gap = self.ranks[i], self.rules["max_skipped"]
        while self.at[i] < len(ranks):
            place = self.at[i] + 1
            rank = ranks[self.at[i]]
            if rank == SKIPPED:
                self.at[i] += 1
                continue
            if gap is not None and place - self.marked[i] > gap + 1:
                self.ended[i] = "skipped"
                break
            here = (rank,) if rank >= 0 else self.equals[-2 - rank]
            if self.rules["duplicate"] == "exhaust" and self._seen(ranks[:self.at[i]], here):
                self.ended[i] = "repeated"
                break
            if len(here) > 1:
                found = self._overvote(here, continuing)
                if found == -1:
                    self.ended[i] = "overvotes"
                    break
            else:
                found = rank if rank in continuing else None
            if found is not None:
                return found
            self.marked[i] = place
            self.at[i] += 1
        self.at[i] = len(ranks)
        return None

    def _seen(self, before: tuple[int, ...], here: tuple[int, ...]) -> bool:
        seen = {o for r in before if r != SKIPPED for o in ((r,) if r >= 0 else self.equals[-2 - r])}
        return any(option in seen for option in here)

    def _overvote(self, here: tuple[int, ...], continuing: set[int]) -> int | None:
        """-1 ends the ballot, None passes on, else the option."""
        rule = self.rules["overvote"]
        if rule == "exhaust":
            return -1
        left = [option for option in here if option in continuing] if rule == "exhaust-if-several-continuing" else []
        return -1 if len(left) > 1 else left[0] if left else None


class Count:
    """The state of one count."""

    def __init__(self, profile: Profile, poll: Poll, made: Counted, valid: list[bool], continuing: list[int]) -> None:
        self.profile, self.poll, self.made, self.rules = profile, poll, made, poll.rules
        self.ties = poll.ties()
        self.reader = Reader(profile, poll.rules)
        self.continuing = continuing
        self.holds: list[list[int]] = [[] for _ in range(profile.options)]
        self.votes = [0] * profile.options
        self.inactive = dict.fromkeys(("exhausted", "overvotes", "skipped", "repeated"), 0)
        self.threshold: Fraction | None = None
        self.settled = False
        self.first = 1
        self.whole = all(row.weight % profile.scale == 0 for row, ok in zip(profile.rows, valid, strict=True) if ok)
        place = set(self.continuing)
        for i, row in enumerate(profile.rows):
            if valid[i]:
                self._stand(i, self.reader.next(i, place), row.papers * row.weight)

    def _stand(self, i: int, option: int | None, weight: int) -> None:
        if option is None:
            self.inactive[self.reader.ended[i]] += weight
        else:
            self.votes[option] += weight
            self.holds[option].append(i)

    def write(self, code: str, **over: Any) -> None:
        """Enter a round with the standings before anyone leaves."""
        votes = {name: str(self.profile.votes(v)) for name, v in zip(self.poll.names, self.before, strict=True)}
        inactive = {why: str(self.profile.votes(v)) for why, v in self.inactive_before.items()}
        self.made.rounds.append(round_(self.n, votes, code, quota=self.needed(), inactive=inactive,
                                       exhausted=str(self.profile.votes(sum(self.inactive_before.values()))), **over))

    def needed(self) -> str | None:
        """More than half as the least whole number, or half itself where weights have fractions."""
        half = self.threshold or Fraction(0)
        return str(half // 1 + 1) if self.whole else str(half)

    @property
    def n(self) -> int:
        """Number of the round that is being counted."""
        return len(self.made.rounds) + 1

    def leave(self, out: list[int]) -> list[dict[str, Any]]:
        """Take options out; their ballots move on. Returns the transfers."""
        self.continuing = [i for i in self.continuing if i not in out]
        place, lists = set(self.continuing), []
        for source in out:
            parcels: dict[tuple[int, int], int] = {}
            self.votes[source] = 0
            for i in self.holds[source]:
                row = self.profile.rows[i]
                target = self.reader.next(i, place)
                self._stand(i, target, row.papers * row.weight)
                key = (-1 if target is None else target, row.weight)
                parcels[key] = parcels.get(key, 0) + row.papers
            self.holds[source] = []
            for (to, weight), copies in parcels.items():
                value = str(self.profile.votes(weight))
                lists.append({"from": self.poll.names[source], "to": None if to < 0 else self.poll.names[to],
                              "kind": "exhausted" if to < 0 else "option", "papers": copies, "before": value,
                              "after": value, "total": str(self.profile.votes(weight * copies))})
        return lists

    def losers(self) -> tuple[list[int], int | None]:
        """Who leaves at the end of this round, and the place of its tie if one was settled."""
        low = min(self.votes[i] for i in self.continuing)
        if self.n == self.first and self.rules["minimum_votes"]:
            least = self.rules["minimum_votes"] * self.profile.scale
            below = [i for i in self.continuing if self.votes[i] < least]
            if below and len(below) < len(self.continuing):
                return below, None
        if self.rules["batch"]:
            group = self._batch()
            if group:
                return group, None
        tied = [i for i in self.continuing if self.votes[i] == low]
        if len(tied) == 1:
            return tied, None
        if self.rules["tied_last"] == "all-together" and len(tied) < len(self.continuing):
            return tied, None
        return [self.ties.choose(self.n, "exclude", tied)], len(self.ties.made) - 1

    def _batch(self) -> list[int]:
        """The longest run of lowest options whose sum is below the next total; nothing if only one would leave."""
        totals = sorted({self.votes[i] for i in self.continuing})
        best: list[int] = []
        group: list[int] = []
        for total, above in pairwise(totals):
            group = group + [i for i in self.continuing if self.votes[i] == total]
            keeps = len(self.continuing) - len(group)
            if sum(self.votes[i] for i in group) < above and keeps >= (2 if self.rules["continue_until_two"] else 1):
                best = group
        return best if len(best) > 1 else []

    def winner(self) -> int | None:
        """Who has more than the threshold, or is the last one left."""
        if len(self.continuing) == 1:
            return self.continuing[0]
        top = max(self.continuing, key=lambda i: self.votes[i])
        more = self.profile.votes(self.votes[top]) > (self.threshold or 0)
        if more:
            self.settled = True
        return top if more and not (self.rules["continue_until_two"] and len(self.continuing) > 2) else None

    def look(self) -> None:
        """Keep the standings of this round, before anyone leaves."""
        self.before, self.inactive_before = list(self.votes), dict(self.inactive)

    def run(self) -> None:
        """Rounds until one option is elected."""
        while True:
            self.look()
            if self.threshold is None or (self.rules["threshold_base"] == "round" and not self.settled):
                active = sum(self.votes[i] for i in self.continuing)
                self.threshold = self.profile.votes(active) / 2
            won = self.winner()
            if won is not None:
                self.write("final", elected=[self.poll.names[won]])
                self.made.winners = [self.poll.names[won]]
                return
            out, tie = self.losers()
            self.ties.history.append([self.profile.votes(v) for v in self.before])
            lists = self.leave(out)
            names = [self.poll.names[i] for i in out]
            self.write("exclude", excluded=names, transfers=lists, tie=tie)
            self.made.excluded += names

    def result(self) -> Counted:
        """The count, run until it ends or a lot is missing."""
        try:
            self.run()
        except AwaitingLot:
            self.made.outcome = "awaiting lot"
            self.write("exclude", tie=len(self.ties.made) - 1)
        self.made.ties, self.made.lots = self.ties.made, self.ties.used
        return self.made


def irv(profile: Profile, poll: Poll) -> Counted:
    """Exclude the lowest option each round until one holds more than half of the votes that still stand."""
    valid = [any(rank != SKIPPED for rank in row.ranks) for row in profile.rows]
    made = Counted(papers(profile, valid))
    count = Count(profile, poll, made, valid, list(range(profile.options)))
    if not any(count.votes) and profile.options > 1:
        made.outcome = "no valid ballots"
        return made
    return count.result()


READING: dict[str, Check] = {
    "duplicate": among("skip", "exhaust"), "max_ranks": either(whole), "max_skipped": either(whole), "minimum_votes": whole,
    "overvote": among("exhaust", "skip", "exhaust-if-several-continuing"), "seed": text,
    "tied_last": among("policy", "all-together"), "ties": TIES}
RUN_OFF: dict[str, Check] = {**READING, "batch": flag, "continue_until_two": flag, "threshold_base": among("round", "first-round")}
COUNTERS = {"irv": Counter(irv, "ranking", {**RUN_OFF, "constraints": among([])})}
