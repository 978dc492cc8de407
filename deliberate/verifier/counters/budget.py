"""Projects by votes, the most first, while the money lasts."""

from __future__ import annotations

from typing import Any

from ..ballots import Profile
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import OPTION, TIES, among, each, matching, text, whole
from .seats import sums


class Greedy:
    """The state of one count: what is left of the money, and who is funded or passed over."""

    def __init__(self, profile: Profile, poll: Poll) -> None:
        self.poll, self.rules, self.ties = poll, poll.rules, poll.ties()
        valid = [bool(row.ranks) for row in profile.rows]
        self.made, self.votes = Counted(papers(profile, valid)), sums(profile, valid)
        self.costs: list[int] = [self.rules["costs"][ident] for ident in poll.ids]
        self.left: int = self.rules["budget"]
        self.funded: list[int] = []
        least = self.rules["threshold"]
        self.open = [i for i, votes in enumerate(self.votes) if votes and votes >= least]
        place = {ident: i for i, ident in enumerate(poll.ids)}
        self.sets = [{place[ident] for ident in some if ident in place} for some in self.rules["exclusive"]]

    def write(self, code: str, **over: Any) -> None:
        """Enter a round."""
        self.made.rounds.append(round_(len(self.made.rounds) + 1, dict(zip(self.poll.names, map(str, self.votes), strict=True)), code,
                                       given=str(sum(self.votes)), left=self.left, **over))

    def barred(self, option: int) -> bool:
        """Whether another of a set of alternatives is funded."""
        return any(option in some and some.intersection(self.funded) for some in self.sets)

    def all_fit(self, some: list[int]) -> bool:
        """Whether all of these can be funded."""
        alone = all(len(one.intersection(some)) < 2 for one in self.sets)
        return alone and sum(self.costs[i] for i in some) <= self.left

    def run(self) -> None:
        """Level by level."""
        stops = self.rules["too_dear"] == "stop"
        while self.open:
            most = max(self.votes[i] for i in self.open)
            level = [i for i in self.open if self.votes[i] == most]
            out = [i for i in level if self.barred(i) or (self.costs[i] > self.left and not stops)]
            if out:
                self.leave(out)
                continue
            won, tie = level[0], None
            if len(level) > 1:
                won, tie = self.settle(level), len(self.ties.made) - 1
            if self.costs[won] > self.left:
                self.leave([won], tie)
                return
            self.fund(won, tie)

    def leave(self, out: list[int], tie: int | None = None) -> None:
        """Pass over these."""
        self.open = [i for i in self.open if i not in out]
        names = [self.poll.names[i] for i in out]
        self.made.excluded += names
        self.write("pass", excluded=names, tie=tie)

    def settle(self, level: list[int]) -> int:
        """One of equals: the first where all of them can be funded, else by the tie rules."""
        n = len(self.made.rounds) + 1
        if self.all_fit(level):
            self.ties.write(n, "order", level, "same", level[0])
            return level[0]
        return self.ties.choose(n, "elect", level)

    def fund(self, won: int, tie: int | None) -> None:
        """Pay for a project."""
        self.open.remove(won)
        self.funded.append(won)
        self.left -= self.costs[won]
        self.made.winners.append(self.poll.names[won])
        self.write("fund", elected=[self.poll.names[won]], tie=tie)
        self.ties.history.append(self.votes)


def greedy(profile: Profile, poll: Poll) -> Counted:
    """Count by votes."""
    count = Greedy(profile, poll)
    made = count.made
    try:
        count.run()
        made.outcome = "elected" if made.winners else "lost" if made.input["valid"] else "no valid ballots"
        if not made.winners:
            count.write("final")
    except AwaitingLot:
        made.outcome = "awaiting lot"
        count.write("final", tie=len(count.ties.made) - 1)
    spent = sum(count.costs[i] for i in count.funded)
    made.facts["budget"] = {"total": poll.rules["budget"], "spent": spent, "left": count.left}
    made.ties, made.lots = count.ties.made, count.ties.used
    return made


def costs(value: Any) -> bool:
    """The cost of each project."""
    return isinstance(value, dict) and all(matching(OPTION)(key) and whole(cost) and cost > 0 for key, cost in value.items())


COUNTERS = {"budget-greedy": Counter(greedy, "choice", {
    "seed": text, "ties": TIES, "costs": costs, "budget": whole, "too_dear": among("skip", "stop"), "threshold": whole,
    "exclusive": each(each(matching(OPTION)))})}
