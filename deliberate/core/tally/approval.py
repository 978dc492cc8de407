"""Approval: each ballot marks every option that its voter would accept; the most approvals win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices
from deliberate.core.tally.gates import compare
from deliberate.core.tally.record import Question, Result, Test
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, flag, method, share
from deliberate.core.tally.ties import Ties


def _support(value: Any) -> str | None:
    return None if value in (None, "none", "", "0") else share(value)


@method(
    "approval",
    title="Every option you accept",
    ballot="choice",
    winners="seats",
    source="S. J. Brams and P. C. Fishburn, Approval Voting, American Political Science Review 72 (1978), 831-847",
    about=mark(
        "Each member marks every option that they accept, one or many. The option with the most marks wins. Two like options take "
        "nothing from each other."
    ),
    family="choice",
    good_for="A date, a place, a name: one thing that as many as possible accept.",
    options={
        **LOT_OPTIONS,
        "min_support": Setting(
            None,
            mark("Least share of the ballots, by weight, blank ones left out, that an option needs to win."),
            _support,
        ),
        "strict": Setting(False, mark("Whether that share must be exceeded rather than reached."), flag),
    },
)
def approval(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Add the approvals; of the options with the least support those with the most win, ties by the policies."""
    read = choices.read(question, ballots)
    if not rules["min_support"]:
        return choices.decide(question, read, Ties(question, rules, lots, exact), "approval")
    tests = {name: _enough(name, votes, read.weight, rules) for name, votes in read.held.items()}
    standing = [name for name, test in tests.items() if test.holds]
    ties = Ties(question, rules, lots, exact)
    return choices.decide(question, read, ties, "approval", standing=standing, tests=tuple(tests.values()))


def _enough(name: str, votes: Fraction, base: Fraction, rules: Mapping[str, Any]) -> Test:
    least = Fraction(rules["min_support"])
    return named(
        compare("min_support", votes, least, base, rules["strict"], "enough support", "too little support"), name
    )


def named(test: Test, option: str) -> Test:
    """A test of one option, which its name and its sentence say."""
    return replace(test, name=f"{test.name}: {option}", says=f"{option}: {test.says}")
