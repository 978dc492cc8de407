"""Plurality and its kin: each ballot marks one option or several; the most votes win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices
from deliberate.core.tally.record import Question, Result
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, method, whole
from deliberate.core.tally.ties import Ties

_LEAST = Setting(0, mark("Least number of options that a ballot marks; one with fewer is spoilt."), whole(0))


@method(
    "plurality",
    title="One choice, most votes",
    ballot="choice",
    winners="seats",
    source="Common usage: the most votes win",
    about=mark(
        "Each member marks one option. The option with the most votes wins. It may win with less than half of the votes."
    ),
    family="choice",
    good_for="A quick choice where everybody knows the options and nothing much hangs on it.",
    options=LOT_OPTIONS,
)
def plurality(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Add the marks; those with the most win, ties at the last seat by the policies. Two marks spoil a ballot."""
    read = choices.read(question, ballots, points=1)
    return choices.decide(question, read, Ties(question, rules, lots, exact), total=read.weight)


@method(
    "limited",
    title="A few marks, most votes",
    ballot="choice",
    winners="seats",
    source="Common usage: the limited vote",
    about=mark(
        "Several places are filled. Each member marks fewer options than there are places, and the options with the most votes "
        "win. So a majority cannot easily take every place."
    ),
    family="choice",
    good_for="Several places by one plain mark or a few, where a smaller group should have a chance of one of them.",
    options={
        **LOT_OPTIONS,
        "max_marks": Setting(
            None, mark("Most options that a ballot marks; none: one fewer than the seats."), whole(1, or_none=True)
        ),
        "min_marks": _LEAST,
    },
)
def limited(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Each ballot marks fewer options than there are seats (with one seat, one). Raises ValueError for more marks."""
    most = rules["max_marks"] or max(1, question.seats - 1)
    if most >= max(2, question.seats):
        raise ValueError(
            mark(
                "A limited vote marks fewer options than there are seats: not %(most)s for %(seats)s.",
                most=most,
                seats=question.seats,
            )
        )
    read = choices.read(question, ballots, most, _least(rules, most))
    return choices.decide(question, read, Ties(question, rules, lots, exact))


@method(
    "block",
    title="As many marks as places",
    ballot="choice",
    winners="seats",
    source="Common usage: the block vote, or plurality at large",
    about=mark(
        "Several places are filled. Each member marks up to as many options as there are places, and the options with the most "
        "votes win. Whoever has a majority can take every place."
    ),
    family="choice",
    good_for="Several places in a group that is not divided into camps.",
    options={**LOT_OPTIONS, "min_marks": _LEAST},
)
def block(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Each ballot marks as many options as there are seats, or fewer."""
    read = choices.read(question, ballots, question.seats, _least(rules, question.seats))
    return choices.decide(question, read, Ties(question, rules, lots, exact))


@method(
    "cumulative",
    title="Points to give away",
    ballot="choice",
    winners="seats",
    source="Common usage: the cumulative vote",
    about=mark(
        "Each member has a number of points and gives them to one option or to several, as they like. The options with the most "
        "points win. A group that puts all its points on one option can win a place."
    ),
    family="points",
    good_for="Several places, where members should be able to say how much an option matters to them.",
    options={
        **LOT_OPTIONS,
        "points": Setting(
            None, mark("Most points that a ballot gives in all; none: as many as the seats."), whole(1, or_none=True)
        ),
        "max_marks": Setting(
            None,
            mark("Most different options that a ballot gives points to; none: any number."),
            whole(1, or_none=True),
        ),
        "min_marks": _LEAST,
    },
)
def cumulative(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """A mark is a point; an option may be marked several times on a ballot, and not every point need be given."""
    points = rules["points"] or question.seats
    least = _least(rules, min(points, rules["max_marks"] or points))
    read = choices.read(question, ballots, rules["max_marks"], least, points)
    return choices.decide(question, read, Ties(question, rules, lots, exact), "point")


def _least(rules: Mapping[str, Any], most: int) -> int:
    """The least number of marks. Raises ValueError if no ballot could meet it."""
    least: int = rules["min_marks"]
    if least > most:
        raise ValueError(
            mark("A ballot cannot mark at least %(least)s options and at most %(most)s.", least=least, most=most)
        )
    return least
