"""Motions: yes, no, abstain, decided by inequalities between whole numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.record import Question, Result, Round, Test, Tie, number
from deliberate.core.tally.registry import Setting, flag, method, one_of, share, whole
from deliberate.core.tally.ties import left_over, taken

BASES = {
    "votes": "votes for and against",
    "votes+abstentions": "votes and abstentions",
    "roll": "the roll",
    "present": "those present",
}


def _quorum(value: Any) -> Any:
    if value in (None, "none", "", "0"):
        return None
    if isinstance(value, str):
        value = {"fraction": value}
    extra = set(value) - {"on", "by", "fraction", "number"}
    if extra:
        raise ValueError(mark("Unknown: %(extra)s.", extra=", ".join(sorted(extra))))
    if ("number" in value) == ("fraction" in value):
        raise ValueError(mark("Give a number or a share."))
    least = {"number": whole(1)(value["number"])} if "number" in value else {"fraction": share(value["fraction"])}
    return {
        "on": one_of("turnout")(value.get("on", "turnout")),
        "by": one_of("heads", "weight")(value.get("by", "heads")),
        **least,
    }


def _roll(value: Any) -> Any:
    return None if value is None else {"heads": int(value["heads"]), "weight": exact(Fraction(value["weight"]))}


def _least(value: Any) -> str:
    if not re.fullmatch(r"[0-9]{1,30}([./][0-9]{1,30})?", str(value)):  # no exponent: 1e999999999 would take an hour to write
        raise ValueError(mark("Write a number of at least 0, such as 100 or 1/2."))
    return exact(Fraction(str(value)))


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
        "threshold": Setting("1/2", mark("Share of the base that the yes votes must have."), share),
        "strict": Setting(True, mark("Whether the share must be exceeded rather than reached."), flag),
        "basis": Setting("votes", mark("What the share is measured on."), one_of(*BASES)),
        "quorum": Setting(
            None, mark("Least number or share of the roll that takes part, by heads or weight."), _quorum
        ),
        "tie": Setting(
            "falls",
            mark("Who decides at equal votes: the motion falls, or the chair casts."),
            one_of("falls", "casting"),
        ),
        "min_yes": Setting("0", mark("Least number of yes votes."), _least),
        "roll": Setting(None, mark("Size of the roll by heads and weight."), _roll),
        "present": Setting(None, mark("Those present when the motion was put."), _roll),
    },
)
def motion(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count yes, no, abstain and blank by weight, and test each inequality. A casting vote comes as a lot of that purpose."""
    yes, no, abstain = (option.id for option in question.options)
    names = {option.id: option.name for option in question.options}
    held = dict.fromkeys((yes, no, abstain, ""), Fraction(0))
    heads = dict.fromkeys(held, 0)
    for row in ballots.rows:
        mark = row.marks[0] if row.marks else ""
        held[mark] += row.weight * row.count
        heads[mark] += row.count
    cast, weight = sum(heads.values()), sum(held.values(), Fraction(0))
    votes = {names[option]: exact(held[option]) for option in (yes, no, abstain)}
    tests = [*_quorum_test(rules, cast, weight), *_tests(rules, held[yes], held[no], held[abstain])]
    outcome = _outcome(tests, held[yes], held[no], rules)
    ties: tuple[Tie, ...] = ()
    if outcome == "tie":
        tied = (names[yes], names[no])
        cast_for = taken(lots, 1, "casting", tied) if lots else None
        said = f"{number(votes[names[yes]], 'vote')} each. " + (
            f"The chair's casting vote: {cast_for}." if cast_for else "The chair has the casting vote."
        )
        ties = (Tie(1, "casting", tied, "casting", said, cast_for),)
        outcome = {None: "tie", names[yes]: "carried", names[no]: "lost"}[cast_for]
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
    return Result(
        outcome,
        only.elected,
        (),
        (only,),
        None,
        ties,
        tuple(lots),
        tuple(tests),
        blank=heads[""],
        valid=cast - heads[""],
        weight=exact(weight - held[""]),
        explanation=(says, *(test.says for test in tests), *(tie.evidence for tie in ties)),
    )


def _heads(ballots: Aggregate, heads: Mapping[str, int]) -> dict[str, Any]:
    """How many members stand behind the votes of each option; told where votes are not heads."""
    return {} if all(row.weight == 1 for row in ballots.rows) else {"heads": dict(heads)}


def _quorum_test(rules: Mapping[str, Any], heads: int, weight: Fraction) -> list[Test]:
    quorum = rules["quorum"]
    if not quorum:
        return []
    took = Fraction(heads) if quorum["by"] == "heads" else weight
    if "number" in quorum:
        return [_reached("quorum", took, Fraction(quorum["number"]), "quorum reached", "no quorum")]
    if not rules["roll"]:
        raise ValueError(mark("A quorum that is a share needs the size of the roll."))
    return [
        _compare(
            "quorum",
            took,
            Fraction(quorum["fraction"]),
            Fraction(rules["roll"][quorum["by"]]),
            False,
            "quorum reached",
            "no quorum",
        )
    ]


def _tests(rules: Mapping[str, Any], yes: Fraction, no: Fraction, abstain: Fraction) -> list[Test]:
    base = {"votes": yes + no, "votes+abstentions": yes + no + abstain}.get(rules["basis"])
    if base is None:
        given = rules[rules["basis"]]
        if not given:
            raise ValueError(mark("The base %(basis)s needs its size.", basis=rules["basis"]))
        base = Fraction(given["weight"])
    tests = [_compare("majority", yes, Fraction(rules["threshold"]), base, rules["strict"], "carried", "lost")]
    least = Fraction(rules["min_yes"])
    if least:
        tests.append(_reached("min_yes", yes, least, "enough yes votes", "too few yes votes"))
    return tests


def _reached(name: str, part: Fraction, least: Fraction, good: str, bad: str) -> Test:
    """part against a plain number: "27 >= 20: quorum reached"."""
    holds = part >= least
    says = f"{exact(part)} {'>=' if holds else '<'} {exact(least)}: {good if holds else bad}"
    return Test(name, exact(part), ">=", exact(least), holds, says)


def _compare(name: str, part: Fraction, threshold: Fraction, base: Fraction, strict: bool, good: str, bad: str) -> Test:
    """part/base against threshold, cross-multiplied: "412 x 3 = 1236 >= 2 x 610 = 1220: carried"."""
    left, right = part * threshold.denominator, base * threshold.numerator
    holds = left > right if strict else left >= right
    op = ">" if strict else ">="
    sign = op if holds else ("<=" if strict else "<")
    says = (
        f"{exact(part)} x {threshold.denominator} = {exact(left)} {sign} {threshold.numerator} x {exact(base)} = {exact(right)}: "
        f"{good if holds else bad}"
    )
    return Test(name, exact(left), op, exact(right), holds, says)


def _outcome(tests: Sequence[Test], yes: Fraction, no: Fraction, rules: Mapping[str, Any]) -> str:
    if any(test.name == "quorum" and not test.holds for test in tests):
        return "no quorum"
    if yes > 0 and all(test.holds for test in tests):
        return "carried"
    simple = Fraction(rules["threshold"]) == Fraction(1, 2) and rules["basis"] == "votes"
    others = all(test.holds for test in tests if test.name != "majority")
    return "tie" if yes == no and rules["tie"] == "casting" and simple and others else "lost"
