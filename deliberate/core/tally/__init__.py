"""Counting: from ballots and rules to a Count. A result is a pure function of its inputs, the same bytes for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate, Ballot, aggregate, without
from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.core.tally import (
    approval,
    approval_each,
    benham,
    borda,
    budget,
    budget_shares,
    constraints,
    copeland,
    equal_shares,
    ers97,
    irv,
    meek,
    minimax,
    motion,
    pav,
    phragmen,
    plurality,
    policy,
    ranked_pairs,
    schulze,
    score,
    scottish,
    smith_irv,
    star,
    wigm,
)
from deliberate.core.tally.record import Count, Option, Question, Result, Round, Tie
from deliberate.core.tally.registry import METHODS, Method, find, rules

__all__ = [
    "METHODS",
    "Count",
    "Method",
    "Option",
    "Question",
    "Result",
    "Round",
    "Tie",
    "approval",
    "approval_each",
    "benham",
    "borda",
    "budget",
    "budget_shares",
    "copeland",
    "count",
    "equal_shares",
    "ers97",
    "irv",
    "meek",
    "minimax",
    "motion",
    "pav",
    "phragmen",
    "plurality",
    "policy",
    "ranked_pairs",
    "rules",
    "schulze",
    "score",
    "scottish",
    "smith_irv",
    "star",
    "wigm",
]


def count(
    question: Question,
    ballots: Aggregate | Iterable[tuple[Ballot, str | int | Fraction]],
    given: Mapping[str, Any],
    lots: Sequence[Mapping[str, Any]] = (),
) -> Count:
    """Count ballots by rules. given: ``{"method": name, option: value}``; lots: outcomes of lots drawn by hand, in order.

    Raises DeliberateError ``tally.*`` for rules, weights or lots that do not fit; a tie that needs a lot is an outcome.

    >>> from deliberate.core.ballot import ranking
    >>> question = Question("A chair", (Option("o1", "Ada"), Option("o2", "Bea"), Option("o3", "Cy")))
    >>> made = count(question, [(ranking("o1"), 4), (ranking("o2"), 3), (ranking("o3", "o2"), 2)], {"method": "irv"})
    >>> made.winners, [round.says for round in made.rounds][0]
    (('Bea',), 'Round 1. Exclude Cy: 2 votes, fewest (next 3). 2 to Bea.')
    """
    found = find(given["method"])
    written = rules(given["method"], **{key: value for key, value in given.items() if key != "method"})
    constraints.check(question, written)
    _check_question(question, found)
    merged = (
        ballots if isinstance(ballots, Aggregate) else aggregate(ballots, [option.id for option in question.options])
    )
    _check_ballots(merged, found)
    try:
        result = found.run(*_standing(question, merged), written, lots)
    except ValueError as error:
        raise DeliberateError(
            "These rules cannot be applied.", error.args[0], "Complete the rules.", "tally.rules"
        ) from error
    return Count(
        question,
        found.name,
        found.version,
        found.source,
        found.departures,
        written,
        merged,
        merged.cast,
        result,
    )


def _check_question(question: Question, found: Method) -> None:
    """Raise DeliberateError ``tally.options`` or ``tally.seats`` for a question that the method cannot count."""
    names = [option.name for option in question.options]
    if len(set(names)) < len(names) or not names:
        raise DeliberateError(
            "Two options have one name, or there are none.",
            "Names tell options apart in the record.",
            "Rename one.",
            "tally.options",
        )
    if question.seats < 1:
        raise DeliberateError(
            "There are no seats to fill.", "Seats are 1 or more.", "Give the number of seats.", "tally.seats"
        )
    if question.seats > 1 and found.winners not in ("seats", "committee"):
        raise DeliberateError(
            mark("%(title)s cannot fill %(seats)s seats.", title=found.title, seats=question.seats),
            "This method has one winner.",
            "Give one seat, or choose a method for several.",
            "tally.seats",
        )


def _check_ballots(ballots: Aggregate, found: Method) -> None:
    """Raise DeliberateError ``tally.ballots`` or ``tally.weights`` for ballots that the method cannot count."""
    kinds = ballots.kinds
    if kinds - {found.ballot}:
        raise DeliberateError(
            mark(
                "%(title)s counts %(ballot)s ballots; these are %(kinds)s ballots.",
                title=found.title,
                ballot=found.ballot,
                kinds=", ".join(sorted(kinds)),
            ),
            "Each method reads one kind of ballot.",
            "Choose a method for these ballots.",
            "tally.ballots",
        )
    if found.whole_weights and not ballots.whole:
        raise DeliberateError(
            mark("%(title)s cannot count weights with fractions.", title=found.title),
            "Its law knows whole papers only.",
            "Choose another method.",
            "tally.weights",
        )


def _standing(question: Question, ballots: Aggregate) -> tuple[Question, Aggregate]:
    """Question and ballots as they are counted: options that withdrew are left out, and ballots pass over them."""
    gone = question.withdrawn
    if not gone:
        return question, ballots
    left = tuple(option for option in question.options if option.id not in gone)
    if not left:
        raise DeliberateError("All options have withdrawn.", "Nothing is left to count.", "", "tally.options")
    return replace(question, options=left, withdrawn=()), without(ballots, gone)
