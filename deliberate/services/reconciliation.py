"""Reconciliation: the lines of a poll's record that must balance, from the roll to the last vote."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.core.sentences import Marked, joined, mark
from deliberate.models import LedgerEntry, Poll
from deliberate.services import definitions, polls, results


@dataclass(frozen=True)
class Line:
    """One equation: what it is about, its two sides in words, and their difference, which must be 0."""

    what: str
    left: str
    right: str
    difference: str

    @property
    def balances(self) -> bool:
        return self.difference == "0"


@dataclass(frozen=True)
class Reconciliation:
    """All lines, and how many ballots were replaced by their voters."""

    lines: tuple[Line, ...]
    replaced: int

    @property
    def balances(self) -> bool:
        return all(line.balances for line in self.lines)


PLUS = mark("%(some)s + %(another)s")


def _line(what: str, whole: Fraction | int, of: str, *parts: tuple[Fraction | int, str]) -> Line:
    total = sum((Fraction(part) for part, _ in parts), Fraction(0))
    return Line(
        what,
        _term(whole, of),
        joined([_term(part, name) for part, name in parts], PLUS),
        str(Fraction(whole) - total),
    )


def _term(value: Fraction | int, of: str) -> Marked:
    return mark("%(number)s %(of)s", number=_write(value), of=of)


def _write(value: Fraction | int) -> str:
    """A number as people read it: exact decimals where there are some."""
    value = Fraction(value)
    for digits in range(10):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
            return ("-" if value < 0 else "") + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)
    return str(value)


def look(db: Session, poll: Poll) -> Reconciliation:
    """Every line of a counted poll."""
    made = results.read(poll)
    assert made is not None
    defined = definitions.read(poll)
    voted, roll = polls.turnout(db, poll), polls.roll_size(db, poll)
    kinds = _kinds(db, poll)
    stored = kinds.get("cast", 0) + kinds.get("replace", 0)
    cast = made["input"]["cast"]
    found = [
        _line(mark("Roll"), defined["roll"]["size"], mark("frozen at the opening"), (roll, mark("on the stored roll"))),
        _line(
            mark("Participation"), roll, mark("entitled"), (voted, mark("voted")), (roll - voted, mark("did not vote"))
        ),
    ]
    if poll.mode != "open":
        found.append(
            _line(
                mark("Ledger"),
                kinds.get("participate", 0),
                mark("entries of participation"),
                (voted, mark("members who voted")),
            )
        )
    found += [
        _line(
            mark("Box"),
            stored,
            mark("ballots in the ledger"),
            (cast, mark("counted")),
            (kinds.get("replace", 0), mark("replaced by their voters")),
        ),
        _line(
            mark("Ballots"),
            cast,
            mark("counted"),
            (made["input"]["valid"], mark("valid")),
            (made["input"]["blank"], mark("blank")),
            (made["input"]["spoilt"], mark("spoilt")),
        ),
        _line(mark("Voters"), voted, mark("voted"), (cast, mark("ballots counted"))),
    ]
    return Reconciliation((*found, *_votes(made)), kinds.get("replace", 0))


def _votes(made: dict[str, object]) -> list[Line]:
    rounds: list[dict[str, object]] = made["rounds"]  # type: ignore[assignment]
    if not rounds:
        return []
    last = rounds[-1]
    held = sum((Fraction(text) for text in last["votes"].values()), Fraction(0))  # type: ignore[attr-defined]
    weight = Fraction(made["input"]["weight"])  # type: ignore[index]
    return [
        _line(
            mark("Votes"),
            weight,
            mark("valid votes"),
            (held, mark("with options")),
            (Fraction(str(last["exhausted"])), mark("exhausted")),
            (Fraction(str(last["residual"])), mark("residual")),
        )
    ]


def _kinds(db: Session, poll: Poll) -> dict[str, int]:
    """How many entries of each kind the poll's ledgers hold."""
    ids = [one for one in (poll.ledger_id, poll.box_id) if one is not None]
    return dict(
        db.execute(
            select(LedgerEntry.kind, func.count()).where(LedgerEntry.ledger_id.in_(ids)).group_by(LedgerEntry.kind)
        ).all()
    )
