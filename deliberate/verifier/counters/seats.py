"""How seats go to the options with the most votes, points or marks; what the counters of one round share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from ..ballots import Profile
from ..counting import AwaitingLot, Counted, Poll, round_
from ..ties import Ties


def ranked_by(options: Iterable[int], score: Callable[[int], Fraction]) -> list[list[int]]:
    """Classes of options with the same score, the greatest first."""
    some = list(options)
    return [[i for i in some if score(i) == value] for value in sorted({score(i) for i in some}, reverse=True)]


def fill(elected: list[int], seats: int, classes: Iterable[list[int]], ties: Ties, n: int = 1) -> None:
    """Elect class by class. Where a class has more options than there are seats left, the tie rules choose one after the
    other. Raises AwaitingLot."""
    for level in classes:
        left = list(level)
        while left and len(elected) < seats:
            won = left if len(left) <= seats - len(elected) else [ties.choose(n, "elect", left)]
            elected += won
            left = [i for i in left if i not in won]


def one_round(made: Counted, poll: Poll, votes: Sequence[Fraction], eligible: list[int], score: Callable[[int], Fraction],
              nobody: str, **over: Any) -> Counted:
    """The count of one round: those who can win, by their scores. ``nobody``: the outcome where no seat can be contested,
    or nothing."""
    ties, elected = poll.ties(), list[int]()
    try:
        if nobody:
            made.outcome = nobody
        elif len(eligible) <= poll.seats:
            elected = eligible
        else:
            fill(elected, poll.seats, ranked_by(eligible, score), ties)
    except AwaitingLot:
        made.outcome = "awaiting lot"
    made.winners, made.ties, made.lots = [poll.names[i] for i in elected], ties.made, ties.used
    written = dict(zip(poll.names, map(str, votes), strict=True))
    made.rounds = [round_(1, written, "count", elected=made.winners, tie=0 if ties.made else None, **over)]
    return made


def sums(profile: Profile, valid: Sequence[bool]) -> list[Fraction]:
    """Marks of each option on the valid ballots, by weight; a mark that stands twice counts twice."""
    scaled = [0] * profile.options
    for row, ok in zip(profile.rows, valid, strict=True):
        for option in row.ranks if ok else ():
            scaled[option] += row.papers * row.weight
    return [profile.votes(one) for one in scaled]
