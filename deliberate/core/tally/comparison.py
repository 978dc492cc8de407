"""The same ballots under several methods: who wins under each, and what tells the winners apart.

It is for teaching and for audits. No comparison decides anything: members marked their ballots for one method, and might have
marked them otherwise for another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

from deliberate.core.ballot import Aggregate, Ballot, remade
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import count
from deliberate.core.tally.pairwise import Pairs
from deliberate.core.tally.ranks import Ranks
from deliberate.core.tally.record import Count, Question, and_
from deliberate.core.tally.registry import METHODS, Method, find

SEVERAL = ("seats", "committee")


@dataclass(frozen=True)
class Answer:
    """What one method says: its Count, or why it cannot count these ballots."""

    method: Method
    count: Count | None
    refused: str = ""

    @property
    def winners(self) -> tuple[str, ...]:
        """Who wins, in declared order; nobody if it does not count, or where a lot would have to decide."""
        if self.count is None:
            return ()
        return tuple(o.name for o in self.count.question.options if o.name in self.count.winners)

    @property
    def decided(self) -> bool:
        """Whether it names winners."""
        return self.count is not None and self.count.outcome not in ("awaiting lot", "tie")


@dataclass(frozen=True)
class Comparison:
    """Answers in the order asked for; says: sentences on what tells different winners apart."""

    question: Question
    answers: tuple[Answer, ...]
    says: tuple[str, ...]

    @property
    def groups(self) -> dict[tuple[str, ...], list[Answer]]:
        """Answers by their winners, those that most methods name first; only methods that name winners."""
        found: dict[tuple[str, ...], list[Answer]] = {}
        for answer in self.answers:
            if answer.decided:
                found.setdefault(answer.winners, []).append(answer)
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))

    def as_json(self) -> dict[str, Any]:
        """The comparison as a value."""
        return {
            "schema": "deliberate-comparison/1",
            "question": {"title": self.question.title},
            "seats": self.question.seats,
            "options": [{"id": option.id, "name": option.name} for option in self.question.options],
            "methods": [
                {
                    "method": answer.method.name,
                    "rules": dict(answer.count.rules) if answer.count else None,
                    "outcome": answer.count.outcome if answer.count else "not counted",
                    "winners": list(answer.winners),
                    "refused": answer.refused or None,
                }
                for answer in self.answers
            ],
            "explanation": list(self.says),
        }


def able(ballots: Aggregate, seats: int) -> list[str]:
    """Names of the methods that can count these ballots for so many seats by their defaults.

    For one seat rankings are also counted by their first preferences alone. A method with a default option is left out: which
    option that is, the ballots do not say.
    """
    kinds = ballots.kinds
    gives = SEVERAL if seats > 1 else (*SEVERAL, "one", "order")
    found = [
        name
        for name, method in METHODS.items()
        if kinds == {method.ballot} and method.winners in gives and "default" not in method.options
    ]
    return [*found, "plurality"] if kinds == {"ranking"} and seats == 1 else found


def compare(
    question: Question, ballots: Aggregate, asked: Sequence[Mapping[str, Any]], lots: Sequence[Mapping[str, Any]] = ()
) -> Comparison:
    """Count the same ballots by each of these rules. asked: ``{"method": name, option: value}`` each.

    Raises DeliberateError ``tally.method`` for a method that does not exist and ``tally.compare`` for fewer than two. What a
    method refuses is told in its answer.
    """
    if len(asked) < 2:
        raise DeliberateError(
            "A comparison needs two methods.",
            "There would be nothing to compare.",
            "Name two or more.",
            "tally.compare",
        )
    answers = tuple(_answer(question, ballots, rules, lots) for rules in asked)
    made = Comparison(question, answers, ())
    return replace(made, says=tuple(_says(made, ballots)))


def _answer(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Answer:
    method = find(rules["method"])
    kinds = ballots.kinds
    read = first_preferences(ballots) if (kinds, method.ballot) == ({"ranking"}, "choice") else ballots
    try:
        return Answer(method, count(question, read, rules, lots))
    except DeliberateError as error:
        return Answer(method, None, f"{error.what} {error.why}".strip())


def first_preferences(ballots: Aggregate) -> Aggregate:
    """Rankings as single choices: the options of the first rank, none on a blank ballot."""

    def first(ballot: Ballot) -> Ballot:
        return {"kind": "choice", "marks": list(ballot["ranks"][0]) if ballot["ranks"] else []}

    return remade(ballots, first, ballots.options)


def _says(made: Comparison, ballots: Aggregate) -> list[str]:
    """Whether all agree; else, for every two options that win here and not there, what each method says of it."""
    groups = list(made.groups.items())
    if not groups:
        return ["No method names a winner."]
    if len(groups) == 1:
        return [f"Every method that names a winner names {_named(groups[0][0])}."]
    pairs = _pairs(made.question, ballots)
    said = [f"{_named(winners)}: {'; '.join(answer.method.title for answer in found)}." for winners, found in groups]
    told: dict[frozenset[str], tuple[str, str, Answer, Answer]] = {}  # a pair of options is told apart once
    for (some, found), (others, against) in combinations(groups, 2):
        for one, other in product(_without(some, others), _without(others, some)):
            told.setdefault(frozenset((one, other)), (one, other, found[0], against[0]))
    return said + [_apart(*apart, pairs) for apart in told.values()]


def _without(some: Sequence[str], others: Sequence[str]) -> list[str]:
    return [name for name in some if name not in others]


def _named(winners: Sequence[str]) -> str:
    return and_(winners) if winners else "nobody"


def _pairs(question: Question, ballots: Aggregate) -> Pairs | None:
    """The matrix of rankings; None for other ballots."""
    if ballots.kinds != {"ranking"}:
        return None
    return Pairs.read(question, Ranks.read(ballots), "bottom")


def _apart(one: str, other: str, first: Answer, second: Answer, pairs: Pairs | None) -> str:
    """What tells two winners apart: the head-to-head, and where each method left the other one behind."""
    said = [f"{one} or {other}?"]
    if pairs is not None:
        a, b = pairs.names.index(one), pairs.names.index(other)
        said.append(f"Head to head: {one} above {other} {pairs.votes(a, b)}, below {pairs.votes(b, a)}.")
    said += [_left(other, first), _left(one, second)]
    return " ".join(said)


def _left(name: str, answer: Answer) -> str:
    """The sentence of the round in which an option was left behind, or of the last round."""
    assert answer.count is not None, "only answers with winners are told apart"
    rounds = answer.count.rounds
    told = next((one for one in rounds if name in one.excluded), rounds[-1])
    return f"{answer.method.title}: {told.says}"
