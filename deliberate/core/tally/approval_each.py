"""Yes, no or abstain to each option: every option is a motion of its own; of those carried, the most yes votes win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import ANSWERS, Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices, gates
from deliberate.core.tally.approval import named
from deliberate.core.tally.choices import Choices
from deliberate.core.tally.record import Question, Result
from deliberate.core.tally.registry import LOT_OPTIONS, method
from deliberate.core.tally.ties import Ties


@method(
    "approval-each",
    title="Yes or no to each option",
    ballot="each",
    winners="seats",
    source="Common rules of assemblies for elections by yes and no; every threshold is stated in the rules of the poll",
    about=mark(
        "Members answer yes, no or abstain to each option. An option can win only if its yes votes reach the stated share, as a "
        "motion must; of those that do, the ones with the most yes votes win."
    ),
    family="choice",
    good_for="Places that may also stay empty: whoever wins has a majority of their own.",
    options={**LOT_OPTIONS, **gates.OPTIONS},
)
def approval_each(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Each option is tested as a motion; those carried are ordered by yes votes, ties at the last seat by the policies."""
    read, answers = _read(question, ballots, rules["blank"])
    took = sum((row.weight * row.count for row in ballots.rows), Fraction(0))
    quorum = gates.quorum(rules, sum(row.count for row in ballots.rows), took)
    tests = {
        name: [
            named(test, name) for test in gates.majority(rules, _sides(held["weight"]), _sides(held["heads"]), quorum)
        ]
        for name, held in answers.items()
    }
    standing = [name for name in tests if gates.carried(tests[name], answers[name]["weight"]["yes"])]
    made = choices.decide(
        question,
        read,
        Ties(question, rules, lots, exact),
        "yes vote",
        standing=standing,
        tests=[*quorum, *(test for several in tests.values() for test in several)],
    )
    table = {
        name: {by: {answer: exact(votes) for answer, votes in sides.items()} for by, sides in held.items()}
        for name, held in answers.items()
    }
    return replace(made, facts={"answers": table})


Answers = dict[str, dict[str, dict[str, Fraction]]]
"""By name of option, by weight and heads, by answer."""


def _read(question: Question, ballots: Aggregate, blank_is: str) -> tuple[Choices, Answers]:
    """The yes votes as choices, and all answers. A ballot without an answer is blank; one with another word is spoilt.

    blank_is: what an option left unanswered comes to, ``spoilt`` (nothing) or ``abstain``.
    """
    names = {option.id: option.name for option in question.options}
    answers: Answers = {
        name: {by: dict.fromkeys(ANSWERS, Fraction(0)) for by in ("weight", "heads")} for name in names.values()
    }
    rows: list[tuple[tuple[str, ...], Fraction]] = []
    blank = spoilt = valid = 0
    weight = Fraction(0)
    for row in ballots.rows:
        if not set(row.answers.values()) <= set(ANSWERS):
            spoilt += row.count
            continue
        if not row.answers and blank_is == "spoilt":
            blank += row.count
            continue
        held = row.weight * row.count
        valid += row.count
        weight += held
        rows.append((tuple(name for option, name in names.items() if row.answers.get(option) == "yes"), held))
        for option, name in names.items():
            answer = row.answers.get(option, blank_is)
            if answer in ANSWERS:
                answers[name]["weight"][answer] += held
                answers[name]["heads"][answer] += row.count
    yes = {name: sides["weight"]["yes"] for name, sides in answers.items()}
    return Choices(tuple(rows), yes, blank, spoilt, valid, weight), answers


def _sides(held: Mapping[str, Fraction]) -> gates.Sides:
    return gates.Sides(held["yes"], held["no"], held["abstain"])
