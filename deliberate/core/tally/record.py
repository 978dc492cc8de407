"""The Count: winners and every round, as one frozen value with canonical bytes (docs/reference/count.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger import canonical

SCHEMA = "deliberate-count/1"


def number(amount: int | str, one: str, more: str = "") -> str:
    """An amount with its noun.

    >>> number(1, "vote"), number("1.50000", "vote"), number(2, "is", "are")
    ('1 vote', '1.50000 votes', '2 are')
    """
    return f"{amount} {one if str(amount) in ('1', '1.00000') else more or one + 's'}"


def and_(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> and_(["Ada"]), and_(["Ada", "Bea", "Cy"])
    ('Ada', 'Ada, Bea and Cy')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


@dataclass(frozen=True)
class Option:
    """Something that can be chosen: a short id and the name that people see."""

    id: str
    name: str


@dataclass(frozen=True)
class Question:
    """What is asked: title, options in declared order, seats; withdrawn: ids of options that left before the count."""

    title: str
    options: tuple[Option, ...]
    seats: int = 1
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Transfer:
    """Papers that move together: from one option to another, to the exhausted, or into the residual."""

    source: str
    target: str | None
    kind: str
    papers: int
    before: str
    after: str
    total: str

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.source,
            "to": self.target,
            "kind": self.kind,
            "papers": self.papers,
            "before": self.before,
            "after": self.after,
            "total": self.total,
        }


@dataclass(frozen=True)
class Round:
    """One stage of a count: what each option held, and what was done.

    facts: what only some methods tell of a round (``inactive``, ``keep``, ``surplus``, ``iterations``, ``payments``); the
    names and forms are those of docs/reference/count.md. Values are strings, whole numbers, lists and maps of these.
    """

    n: int
    votes: Mapping[str, str]
    exhausted: str
    residual: str
    quota: str | None
    code: str
    says: str
    elected: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    tie: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return dict(self.facts) | {
            "n": self.n,
            "votes": dict(self.votes),
            "exhausted": self.exhausted,
            "residual": self.residual,
            "quota": self.quota,
            "action": {"code": self.code, "says": self.says},
            "elected": list(self.elected),
            "excluded": list(self.excluded),
            "transfers": [t.as_json() for t in self.transfers],
            "tie": self.tie,
        }


@dataclass(frozen=True)
class Tie:
    """Options that the rules so far could not separate: for what, which policy did, on what evidence, who was chosen."""

    round: int
    purpose: str
    tied: tuple[str, ...]
    policy: str
    evidence: str
    chosen: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "round": self.round,
            "purpose": self.purpose,
            "tied": list(self.tied),
            "policy": self.policy,
            "evidence": self.evidence,
            "chosen": self.chosen,
        }


@dataclass(frozen=True)
class Test:
    """One inequality with its numbers."""

    name: str
    left: str
    op: str
    right: str
    holds: bool
    says: str

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "left": self.left,
            "op": self.op,
            "right": self.right,
            "holds": self.holds,
            "says": self.says,
        }


@dataclass(frozen=True)
class Result:
    """What a method finds; :func:`deliberate.core.tally.count` adds the rest of the Count.

    facts: what only some methods tell (``matrix``, ``smith``, ``schwartz``, ``paths``, ``order``, ``scores``, ``payments``,
    ``committees``, ``constraints``), each as docs/reference/count.md says.
    """

    outcome: str
    winners: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    quota: str | None = None
    ties: tuple[Tie, ...] = ()
    lots: tuple[Mapping[str, Any], ...] = ()
    tests: tuple[Test, ...] = ()
    spoilt: int = 0
    blank: int = 0
    valid: int = 0
    weight: str = "0"
    explanation: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """The full record of one tally. The same bytes on every run, platform and order of ballots."""

    question: Question
    ruleset: str
    version: str
    source: str
    departures: tuple[str, ...]
    rules: Mapping[str, Any]
    ballots: Aggregate = field(repr=False, compare=False)
    cast: int
    result: Result
    schema: str = field(default=SCHEMA)

    @property
    def digest(self) -> str:
        """SHA-256 of the ballots as ``ballots.json`` has them; of many it is worked out when it is asked for."""
        return self.ballots.digest

    @property
    def outcome(self) -> str:
        return self.result.outcome

    @property
    def winners(self) -> tuple[str, ...]:
        return self.result.winners

    @property
    def rounds(self) -> tuple[Round, ...]:
        return self.result.rounds

    def as_json(self) -> dict[str, Any]:
        """The record as a value."""
        r = self.result
        names = {option.id: option.name for option in self.question.options}
        gone = {"withdrawn": [names[one] for one in self.question.withdrawn]} if self.question.withdrawn else {}
        return (
            dict(r.facts)
            | gone
            | {
                "schema": self.schema,
                "ruleset": self.ruleset,
                "ruleset_version": self.version,
                "source": self.source,
                "departures": list(self.departures),
                "question": {"title": self.question.title},
                "options": [{"id": o.id, "name": o.name} for o in self.question.options],
                "seats": self.question.seats,
                "rules": dict(self.rules),
                "input": {
                    "digest": self.digest,
                    "cast": self.cast,
                    "blank": r.blank,
                    "spoilt": r.spoilt,
                    "valid": r.valid,
                    "weight": r.weight,
                },
                "quota": r.quota,
                "rounds": [x.as_json() for x in r.rounds],
                "winners": list(r.winners),
                "excluded": list(r.excluded),
                "outcome": r.outcome,
                "ties": [t.as_json() for t in r.ties],
                "lots": [dict(x) for x in r.lots],
                "tests": [t.as_json() for t in r.tests],
                "explanation": list(r.explanation),
            }
        )

    def canonical(self) -> bytes:
        """The bytes of ``tally/rounds.json``."""
        return canonical.encode(self.as_json(), names=True)
