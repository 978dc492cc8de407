"""Act: one thing done by one member at one moment, inside one transaction."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from deliberate.core import orders
from deliberate.core.errors import Forbidden
from deliberate.models import Assembly, LedgerEntry, Member, Person, RollEntry
from deliberate.models.meta import public_id
from deliberate.services import ledger


@dataclass(frozen=True)
class Act:
    """Who, when, in which transaction. ``member`` is None for the clock and for visitors.

    Services take it first; they ask ``may``, change rows, call ``record`` once, and return a value or raise.
    ``lines`` remembers lines of frozen rolls that this act has looked up (:func:`deliberate.services.standing.roll_of`).
    """

    db: Session
    assembly: Assembly
    now: datetime
    member: Member | None = None
    person: Person | None = None
    site: str = ""  # address of the installation, for mails
    lines: dict[tuple[int, int], RollEntry] = field(default_factory=dict, repr=False, compare=False)

    @property
    def actor(self) -> Member:
        """The member who acts. Raises Forbidden for visitors."""
        if self.member is None:
            raise Forbidden(
                "You are not logged in as a member.",
                "This is for members of the assembly.",
                "Log in, or ask the secretary for an invitation.",
                "member.none",
            )
        return self.member

    def roles(self, also: Iterable[str] = ()) -> frozenset[str]:
        """The words of the standing orders that hold for this member now, and those given for the thing at hand."""
        words = {"anyone", *also}
        if self.person is not None:
            words.add("person")
        if self.member is not None:
            words |= running(self.member, self.now)
        return frozenset(words)

    def may(self, act: str, state: str = "", also: Iterable[str] = ()) -> None:
        """Raise the refusal of the standing orders, if there is one."""
        orders.check(act, self.roles(also), state)

    def can(self, act: str, state: str = "", also: Iterable[str] = ()) -> bool:
        """Whether the standing orders allow it: for showing or leaving out a button."""
        return orders.refusal(act, self.roles(also), state) is None

    def id_for(self, noun: str, key: str) -> str:
        """The public id of what a form makes: the same form of the same member names the same thing. No key: a random one."""
        if not key:
            return public_id()
        named = hashlib.sha256(f"{noun}\n{self.actor.commitment}\n{key}".encode()).digest()[:16]
        return base64.b32encode(named).decode().rstrip("=").lower()

    @property
    def today(self) -> date:
        """Which day it is in the assembly."""
        return day_of(self.assembly, self.now)

    @property
    def orders(self) -> orders.Orders:
        return orders.load(self.assembly.orders)

    def record(self, kind: str, subject: str, **data: Any) -> LedgerEntry:
        """Append one entry to the assembly's ledger, in this transaction. ``subject`` is ``noun:public_id``."""
        by = self.member.commitment if self.member else None
        return ledger.append(self.db, self.assembly.ledger, kind, at=self.now, by=by, subject=subject, data=data)


def running(member: Member, now: datetime) -> set[str]:
    """The roles that a member holds at this moment; ``member`` itself only while on the roll and entitled to vote.

    An ended membership holds no office either.
    """
    if left(member, now):
        return set()
    words = {r.role for r in member.roles if r.starts_at <= now and (r.ends_at is None or r.ends_at > now)}
    if member.entitled and member.joined_on <= day_of(member.assembly, now):
        words.add("member")
    return words


def left(member: Member, now: datetime) -> bool:
    """Whether the membership has ended."""
    return member.ended_on is not None and member.ended_on <= day_of(member.assembly, now)


def day_of(assembly: Assembly, moment: datetime) -> date:
    """Which day a moment falls on in the assembly. Memberships and offices begin and end by its days, wherever server and reader are."""
    return moment.astimezone(ZoneInfo(assembly.timezone)).date()


def now() -> datetime:
    """This moment, in UTC, to the millisecond, as ledgers write it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
