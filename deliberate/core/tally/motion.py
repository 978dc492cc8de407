"""Motions: yes, no, abstain, decided by inequalities between whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import gates
from deliberate.core.tally.gates import Sides
from deliberate.core.tally.record import Question, Result, Round, Test, Tie, number
from deliberate.core.tally.registry import Setting, method, one_of
from deliberate.core.tally.ties import left_over, taken

BLANK, SPOILT = "", "-"
"""Where the papers stand that are no answer; no option has such an id."""


@method(
    "motion",
    title="Yes, no or abstain",
    ballot="choice",
    winners="carried or lost",
    source="Common rules of assemblies; every threshold is stated in the rules of the poll",
    about=mark(
        "Members vote yes, no or abstain. The motion is carried if the yes votes reach the stated share of the stated base. "
        "Below the quorum nothing is decided."
    ),
    family="motion",
    good_for="One text, one decision: carried or lost.",
    options={
        **gates.OPTIONS,
        "tie": Setting(
            "falls",
            mark("Who decides at equal votes: the motion falls, or the chair casts."),
            one_of("falls", "casting"),
        ),
        "counted": Setting(
            "ballots",
            mark("What was counted: ballots, or hands, whose totals the tellers entered."),
            one_of("ballots", "hand"),
        ),
    },
)
def motion(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count yes, no, abstain and blank by weight, and test each inequality. A casting vote comes as a lot of that purpose.

    Raises ValueError for a casting vote beside a double majority: one vote cannot settle two counts.
    """
    if rules["double"] and rules["tie"] == "casting":
        raise ValueError(mark("A casting vote cannot settle a double majority."))
    yes, no, abstain = (option.id for option in question.options)
    names = {option.id: option.name for option in question.options}
    held = dict.fromkeys((yes, no, abstain, BLANK, SPOILT), Fraction(0))
    heads = dict.fromkeys(held, 0)
    blank = abstain if rules["blank"] == "abstain" else BLANK
    for row in ballots.rows:
        answer = SPOILT if len(row.marks) > 1 else row.marks[0] if row.marks else blank
        held[answer] += row.weight * row.count
        heads[answer] += row.count
    cast, weight = sum(heads.values()), sum(held.values(), Fraction(0))
    votes = {names[option]: exact(held[option]) for option in (yes, no, abstain)}
    by_weight = Sides(held[yes], held[no], held[abstain])
    by_heads = Sides(Fraction(heads[yes]), Fraction(heads[no]), Fraction(heads[abstain]))
    tests = gates.quorum(rules, cast, weight)
    tests += gates.majority(rules, by_weight, by_heads, tests)
    outcome = _outcome(tests, held[yes], held[no], rules)
    ties: tuple[Tie, ...] = ()
    if outcome == "tie":
        tie = _casting((names[yes], names[no]), votes[names[yes]], lots)
        ties = (tie,)
        outcome = {None: "tie", names[yes]: "carried", names[no]: "lost"}[tie.chosen]
    left_over(lots[1:] if ties else lots)
    says = f"{names[yes]} {votes[names[yes]]}, {names[no]} {votes[names[no]]}, {names[abstain]} {votes[names[abstain]]}: {outcome}."
    only = Round(
        1,
        votes,
        "0",
        "0",
        None,
        "count",
        says,
        elected=(names[yes],) if outcome == "carried" else (),
        tie=0 if ties else None,
        facts=_heads(ballots, {names[option]: heads[option] for option in (yes, no, abstain)}),
    )
    by_hand = ("Tellers entered these totals; nobody can count them again.",) if rules["counted"] == "hand" else ()
    return Result(
        outcome,
        only.elected,
        (),
        (only,),
        None,
        ties,
        tuple(lots),
        tuple(tests),
        spoilt=heads[SPOILT],
        blank=heads[BLANK],
        valid=cast - heads[BLANK] - heads[SPOILT],
        weight=exact(weight - held[BLANK] - held[SPOILT]),
        explanation=(says, *(test.says for test in tests), *(tie.evidence for tie in ties), *by_hand),
    )


def _heads(ballots: Aggregate, heads: Mapping[str, int]) -> dict[str, Any]:
    """How many members stand behind the votes of each option; told where votes are not heads."""
    return {} if all(row.weight == 1 for row in ballots.rows) else {"heads": dict(heads)}


def _casting(tied: tuple[str, str], each: str, lots: Sequence[Mapping[str, Any]]) -> Tie:
    """Equal votes, and the chair's casting vote if it was given."""
    cast_for = taken(lots, 1, "casting", tied) if lots else None
    said = f"{number(each, 'vote')} each. " + (
        f"The chair's casting vote: {cast_for}." if cast_for else "The chair has the casting vote."
    )
    return Tie(1, "casting", tied, "casting", said, cast_for)


def _outcome(tests: Sequence[Test], yes: Fraction, no: Fraction, rules: Mapping[str, Any]) -> str:
    if any(test.name.startswith("quorum") and not test.holds for test in tests):
        return "no quorum"
    if gates.carried(tests, yes):
        return "carried"
    simple = Fraction(rules["threshold"]) == Fraction(1, 2) and rules["basis"] == "votes"
    others = all(test.holds for test in tests if test.name != "majority")
    return "tie" if yes == no and rules["tie"] == "casting" and simple and others else "lost"
