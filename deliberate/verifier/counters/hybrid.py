"""Smith set, then instant run-off; and Benham: exclude by instant run-off until one option beats every other."""

from __future__ import annotations

from dataclasses import replace

from ..ballots import SKIPPED, Paper, Profile
from ..counting import Counted, Counter, Poll, papers
from ..schema import among
from .irv import READING, RUN_OFF, Count
from .pairs import Pairs


class Benham(Count):
    """Whoever beats all that are left wins; there is no quota."""

    pairs: Pairs

    def needed(self) -> str | None:
        """No quota."""
        return None

    def winner(self) -> int | None:
        """Who beats every other continuing option."""
        for a in self.continuing:
            if all(self.pairs.beats(a, b) for b in self.continuing if b != a):
                return a
        return None


def _start(profile: Profile, poll: Poll) -> tuple[Counted, list[bool], Pairs]:
    valid = [any(rank != SKIPPED for rank in row.ranks) for row in profile.rows]
    made = Counted(papers(profile, valid))
    if profile.options > 1 and not made.input["valid"]:
        made.outcome = "no valid ballots"
    return made, valid, Pairs(profile, poll, made)


def benham(profile: Profile, poll: Poll) -> Counted:
    """As long as nobody beats every other that is left, exclude the one with the fewest votes."""
    made, valid, pairs = _start(profile, poll)
    if made.outcome == "no valid ballots":
        return made
    rules = {**poll.rules, "batch": False, "continue_until_two": False, "threshold_base": "round"}
    count = Benham(profile, replace(poll, rules=rules), made, valid, list(range(profile.options)))
    count.pairs = pairs
    return count.result()


def smith_irv(profile: Profile, poll: Poll) -> Counted:
    """A winner of all pairs wins; else those outside the Smith set leave, and the run-off is counted among the rest."""
    made, valid, pairs = _start(profile, poll)
    if made.outcome == "no valid ballots":
        return made
    everybody = list(range(profile.options))
    smith = pairs.smith(everybody)
    if len(smith) == 1:
        winner = Benham(profile, poll, made, valid, everybody)
        winner.pairs = pairs
        return winner.result()
    count = Count(without(profile, set(everybody) - set(smith)), poll, made, valid, smith)
    if len(smith) < len(everybody):
        made.excluded = [poll.names[i] for i in everybody if i not in smith]
        count.look()
        count.write("exclude", excluded=list(made.excluded))
        made.rounds[0]["quota"] = None
        count.first = 2
    return count.result()


def without(profile: Profile, out: set[int]) -> Profile:
    """The ballots as if these options had withdrawn: a rank of nobody else is closed, a skipped rank stays."""
    equals: dict[tuple[int, ...], int] = {}
    rows = []
    for row in profile.rows:
        ranks = []
        for rank in row.ranks:
            here = () if rank == SKIPPED else (rank,) if rank >= 0 else profile.equals[-2 - rank]
            left = tuple(option for option in here if option not in out)
            if rank == SKIPPED:
                ranks.append(SKIPPED)
            elif left:
                ranks.append(left[0] if len(left) == 1 else -2 - equals.setdefault(left, len(equals)))
        rows.append(Paper(tuple(ranks), row.papers, row.weight))
    return Profile(profile.options, profile.scale, rows, list(equals))


UNRANKED = {"unranked": among("bottom", "ignored")}
COUNTERS = {"smith-irv": Counter(smith_irv, "ranking", {**RUN_OFF, **UNRANKED}),
            "benham": Counter(benham, "ranking", {**READING, **UNRANKED})}
