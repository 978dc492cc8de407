"""Makers: plain functions that put one thing into a database, with sensible values and ``**over`` for the rest."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from deliberate.core.ledger.note import Signer
from deliberate.models import Assembly, Member, Motion, Person, Poll, Role
from deliberate.services import assemblies, boxes, casting, definitions, logins, motions, polls, results
from deliberate.services.act import Act, now

KEY = Signer("vote.example.org", bytes(range(32)))
_count = itertools.count(1)


def make_assembly(db: Session, **over: Any) -> Assembly:
    """An assembly with its ledger."""
    given: dict[str, Any] = {
        "name": "Northside",
        "slug": "northside",
        "origin": "vote.example.org",
        "now": now(),
        **over,
    }
    return assemblies.found(db, **given)


def make_member(
    db: Session, assembly: Assembly, name: str = "", roles: tuple[str, ...] = (), weight: Any = 1, **over: Any
) -> Member:
    """A member with a person who can log in, and with offices."""
    n = next(_count)
    name = name or f"Member {n}"
    email = f"m{n}@example.org"
    long_ago = now() - timedelta(days=400)
    person = Person(name=name, email=email, created_at=long_ago)
    values = {
        "number": str(n),
        "section": "",
        "entitled": True,
        "joined_on": long_ago.date(),
        "created_at": long_ago,
        **over,
    }
    member = Member(assembly=assembly, person=person, name=name, email=email, weight=Fraction(weight), **values)
    member.roles = [Role(role=role, starts_at=long_ago) for role in roles]
    db.add(member)
    db.flush()
    return member


def make_login(db: Session, member: Member) -> str:
    """The token of a running log-in, for the cookie ``login``."""
    assert member.person is not None
    return logins.start(db, member.person, "password", "test")


def make_act(db: Session, assembly: Assembly, member: Member | None = None, at: datetime | None = None) -> Act:
    """An act of a member at a moment (default: now)."""
    return Act(db, assembly, at or now(), member, member.person if member else None)


def make_motion(act: Act, state: str = "submitted", **over: Any) -> Motion:
    """A motion that the member of the act has put, in any state."""
    said = {
        "title": "New boilers",
        "text": "The board buys two boilers.\n\nIt reports in March.",
        "reason": "The old ones leak.",
        "movers": "",
        **over,
    }
    made = motions.propose(act, motions.Writing(**said))
    made.state = state
    act.db.flush()
    return made


def make_poll(
    act: Act, method: str = "motion", options: tuple[str, ...] = ("Ada", "Bea", "Cy"), opened: bool = True, **over: Any
) -> Poll:
    """A poll, open unless said otherwise."""
    spec = polls.Spec(
        **{
            "title": "A question",
            "question": "Shall it be so?",
            "method": method,
            "options": () if method == "motion" else [(name, "") for name in options],
            **over,
        }
    )
    poll = polls.prepare(act, spec)
    if opened:
        polls.open_(act, poll, KEY.verifier.vkey())
    return poll


def make_cast(poll: Poll, member: Member, *ranks: str, key: str = "", at: datetime | None = None) -> boxes.Cast:
    """A ballot on its way: marks of a choice, or ranks in order."""
    n = next(_count)
    ballot: dict[str, Any] = (
        {"kind": "ranking", "ranks": [[rank] for rank in ranks]}
        if poll.ballot == "ranking"
        else {"kind": "choice", "marks": list(ranks)}
    )
    return boxes.Cast(poll.id, definitions.roll_id(member, poll), ballot, key or f"{n:032x}", f"{n:032x}", at or now())


def vote(engine: Any, casts: list[boxes.Cast]) -> list[str]:
    """Store ballots and return their leaf hashes; a refusal is raised."""
    answers = casting.store(engine, casts)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [str(answer) for answer in answers]


def tally(act: Act, poll: Poll) -> Poll:
    """Close if need be, count, and keep the Count."""
    if poll.state == "open":
        polls.close(act, poll)
    return results.store(act, poll, results.count(act.db, poll))


def utc(text: str) -> datetime:
    """A moment in UTC from ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
