"""Proportional approval voting: exact on small elections (``pav``), and one option at a time (``seq-pav``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import comb, lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices, committee
from deliberate.core.tally.committee import Best, Rule, Run, near
from deliberate.core.tally.constraints import Constraints
from deliberate.core.tally.profile import LIMIT
from deliberate.core.tally.record import Question, Result, number
from deliberate.core.tally.registry import method
from deliberate.core.tally.ties import AwaitLot

MOST_COMMITTEES = 100_000
"""Committees that the exact search compares; above it the rules are refused."""
SOURCE = "T. N. Thiele, Om Flerfoldsvalg (1895), as stated by M. Lackner and P. Skowron, Multi-Winner Voting with Approval Preferences (2023)"
State = frozenset[str]


class SeqPav(Rule[State]):
    """Each step elects the option for which the sum of 1/(1 + elected options on the ballot) is largest."""

    def __init__(self, read: choices.Choices, bounds: Constraints) -> None:
        super().__init__(list(read.held), bounds)
        self.voters = committee.merged(read, self.names)

    def start(self) -> State:
        return frozenset()

    def chosen(self, state: State) -> State:
        return state

    def take(self, state: State, name: str) -> State:
        return state | {name}

    def best(self, state: State) -> Best:
        gains = {name: Fraction(0) for name in self.left(state)}
        for marks, weight in self.voters.items():
            part = weight / (1 + sum(name in state for name in marks))
            for name in marks:
                if name in gains:
                    gains[name] += part
        most = max(gains.values())
        tied = tuple(name for name, gain in gains.items() if gain == most)
        says = f"{near(most)} points, the most"
        if len(tied) < len(gains):
            says += f" (next {near(max(gain for gain in gains.values() if gain < most))})"
        return Best(tied, says, {"scores": {name: exact(gain) for name, gain in gains.items()}}, free=not most)


@method(
    "seq-pav",
    title="Proportional approval, one after another",
    ballot="choice",
    winners="committee",
    source=SOURCE,
    about=mark(
        "Members mark every option they accept. Options are elected one after another. A ballot counts in full until an option on "
        "it is elected, then for a half, then for a third, and so on. So groups have places by about their size."
    ),
    family="committee",
    good_for="A committee or a list from marks alone, where large and small groups should both have places.",
    options=committee.OPTIONS,
    departures=("It is the step-by-step form of proportional approval voting, which can miss the best committee.",),
)
def seq_pav(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Elect one after another; the scores of each round are the gains of the options still to be had."""
    read = choices.read(question, ballots)
    return committee.elect(question, read, rules, lots, SeqPav(read, Constraints(question, rules)))


@method(
    "pav",
    title="Proportional approval, best committee",
    ballot="choice",
    winners="committee",
    source=SOURCE,
    about=mark(
        "Members mark every option they accept. Every possible committee is compared. A ballot gives it one point for its first "
        "elected option, a half for the second, a third for the next, and so on. The committee with the most points is elected."
    ),
    family="committee",
    good_for="A small committee, where large and small groups should both have places, and every committee can be compared.",
    options=committee.OPTIONS,
)
def pav(question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]) -> Result:
    """Compare all committees. Raises ValueError above MOST_COMMITTEES of them, and for weights too finely divided."""
    many = comb(len(question.options), min(question.seats, len(question.options)))
    if many > MOST_COMMITTEES:
        raise ValueError(
            mark(
                "%(seats)s of %(options)s options make %(many)s committees, and at most %(most)s are compared. Use seq-pav.",
                seats=question.seats,
                options=len(question.options),
                many=f"{many:,}",
                most=f"{MOST_COMMITTEES:,}",
            )
        )
    read = choices.read(question, ballots)
    count = Run(question, read, rules, lots)
    facts: dict[str, Any] = {}
    outcome = count.plain()
    if not outcome:
        best, score, after = _search(read, question.seats, count.bounds)
        says = f"{near(score)} points, the most of {number(many, 'committee')}"
        says += ", as far as they keep to the constraints" if count.bounds else ""
        says += "" if after is None else f" (next {near(after)})"
        outcome = _settle(count, best, says, exact(score))
        facts = committee.listed(best, question, rules["all_committees"], False) if rules["all_committees"] else {}
    if outcome != "awaiting lot":
        count.ties.finish()
    return count.result(outcome, facts)


def _settle(count: Run, best: list[tuple[str, ...]], says: str, score: str) -> str:
    """Elect the best committee. While several are best, one of the options that only some of them have is preferred."""
    facts = {"scores": {"committee": score}}
    tie: int | None = None
    while len(best) > 1:
        apart = [name for name in count.read.held if 0 < sum(name in one for one in best) < len(best)]
        try:
            name, at = count.ties.pick(apart, "elect", 1)
        except AwaitLot as wait:
            said = f"{len(best)} committees are tied: {says}. A lot must decide between {', '.join(wait.tie.tied)}."
            count.add(said, (), len(count.ties.found) - 1, facts)
            return "awaiting lot"
        tie = at if tie is None else tie
        best = [one for one in best if name in one]
    count.winners = list(best[0])
    by = "" if tie is None else ", by the tie rule"
    count.add(f"Elect {', '.join(best[0])}{by}: {says}.", best[0], tie, facts)
    return "elected"


def _search(
    read: choices.Choices, seats: int, bounds: Constraints
) -> tuple[list[tuple[str, ...]], Fraction, Fraction | None]:
    """The best committees, their score, and the next lower score if there is one."""
    names = list(read.held)
    voters = committee.merged(read, names)
    unit = lcm(*range(1, seats + 1))
    parts = lcm(*(weight.denominator for weight in voters.values()))
    worth = np.cumsum([0, *(unit // n for n in range(1, seats + 1))])
    papers = [int(weight * parts) for weight in voters.values()]
    if int(worth[-1]) * sum(papers) >= LIMIT:
        raise ValueError(mark("The weights are too large or too finely divided to compare committees. Use seq-pav."))
    marks = np.array([[name in one for name in names] for one in voters], dtype=np.int64)
    scores: dict[int, list[tuple[int, ...]]] = {}
    kept = (lambda one: bounds.possible([names[n] for n in one], ())) if bounds else (lambda _one: True)
    _walk(marks, np.array(papers, dtype=np.int64), worth, seats, scores, kept)
    ranked = sorted(scores, reverse=True)
    best = [tuple(names[n] for n in one) for one in scores[ranked[0]]]
    after = Fraction(ranked[1], unit * parts) if len(ranked) > 1 else None
    return best, Fraction(ranked[0], unit * parts), after


def _walk(
    marks: npt.NDArray[np.int64],
    papers: npt.NDArray[np.int64],
    worth: npt.NDArray[np.int64],
    seats: int,
    scores: dict[int, list[tuple[int, ...]]],
    kept: Callable[[tuple[int, ...]], bool],
) -> None:
    """Score every committee; scores: from a score to the committees that have it, the two highest scores only.

    kept: whether a committee keeps to the constraints; no other is looked at.
    """
    options = marks.shape[1]
    stack: list[tuple[tuple[int, ...], npt.NDArray[np.int64]]] = [((), np.zeros(len(papers), dtype=np.int64))]
    while stack:
        chosen, have = stack.pop()
        first = chosen[-1] + 1 if chosen else 0
        if len(chosen) + 1 < seats:
            stack += [((*chosen, n), have + marks[:, n]) for n in range(options - seats + len(chosen), first - 1, -1)]
            continue
        sums = (worth[have[:, None] + marks[:, first:]] * papers[:, None]).sum(axis=0)
        for n, score in enumerate(sums.tolist(), first):
            if (score in scores or len(scores) < 2 or score > min(scores)) and kept((*chosen, n)):
                scores.setdefault(score, []).append((*chosen, n))
                if len(scores) > 2:
                    del scores[min(scores)]
