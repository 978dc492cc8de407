"""Assemblies: found one, with its ledger and first officer; change its standing orders."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core import orders
from deliberate.core.drafting.text import normal
from deliberate.core.electorate import canonical_email, unsafe
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.sentences import mark
from deliberate.models import Assembly, Invitation, LedgerEntry, Member, Motion, Poll, Role
from deliberate.services import invitations, ledger, members, motions
from deliberate.services.act import Act, day_of
from deliberate.services.addresses import is_email

FIRST_OFFICES = ("admin", "secretary", "chair")
"""What whoever sets an installation up holds, until they give the offices to others."""


def found(
    db: Session,
    name: str,
    slug: str,
    origin: str,
    now: datetime,
    timezone: str = "UTC",
    standing: dict[str, Any] | None = None,
) -> Assembly:
    """A new assembly with its standing orders and the first entry of its ledger. origin: the site's name in ledgers."""
    loaded = orders.load(standing or {})
    made = Assembly(
        name=name,
        slug=slug,
        timezone=timezone,
        orders=loaded.as_json(),
        created_at=now,
        ledger=ledger.create(db, "assembly", f"{origin}/{slug}"),
    )
    db.add(made)
    db.flush()
    ledger.append(
        db, made.ledger, "assembly.founded", at=now, subject=f"assembly:{made.public_id}", data={"slug": slug}
    )
    return made


def begin(
    db: Session, name: str, timezone: str, officer: tuple[str, str], origin: str, url: str, now: datetime
) -> tuple[Assembly, str]:
    """Found the assembly of an empty installation with its first officer, who is invited; returns it and their token.

    officer: name and e-mail address. url: the address of invitations, with ``{token}`` in it. Raises Conflict
    ``assembly.full`` when there is one already, DeliberateError ``assembly.*`` for a name, zone or address that cannot be.
    """
    if db.scalar(select(Assembly.id)) is not None:
        raise Conflict(
            "This database holds an assembly already.",
            "An installation is set up once.",
            "Choose another database, or go on with this one.",
            "assembly.full",
        )
    person, address = officer[0].strip(), canonical_email(officer[1])
    for what, text in (
        (mark("The name of the assembly %(why)s."), name.strip()),
        (mark("The name of the admin %(why)s."), person),
    ):
        why = unsafe(text)
        if not text or len(text) > 200 or why:
            told = why if text and len(text) <= 200 else mark("has 1 to 200 characters")
            raise DeliberateError(mark(what, why=told), "", "Write it as plain text.", "assembly.name")
    if timezone not in available_timezones():
        raise DeliberateError(
            mark('There is no time zone "%(timezone)s".', timezone=timezone),
            "",
            "Choose one such as Europe/Berlin.",
            "assembly.timezone",
        )
    if not is_email(address):
        raise DeliberateError(
            mark('"%(address)s" is not an e-mail address.', address=address),
            "The invitation is sent to it.",
            "Correct it.",
            "assembly.email",
        )
    made = found(db, name.strip(), _slug(name), origin, now, timezone)
    first = Member(
        assembly=made, number="1", name=person, email=address, section="", joined_on=day_of(made, now), created_at=now
    )
    first.roles = [Role(role=role, starts_at=now) for role in FIRST_OFFICES]
    db.add(first)
    db.flush()
    act = Act(db, made, now, first)
    act.record("member.added", f"member:{first.public_id}", member=first.commitment, weight="1")
    for role in FIRST_OFFICES:
        act.record("role.granted", f"member:{first.public_id}", member=first.commitment, role=role)
    return made, invitations.invite(act, first, url)


def _slug(name: str) -> str:
    """A name for ledgers: letters, digits and hyphens.

    >>> _slug("Café Müller & Söhne"), _slug("委員会")
    ('cafe-muller-sohne', 'assembly')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "assembly"


@dataclass(frozen=True)
class Step:
    """One step of a new assembly: whether it is done, and whether this officer may do it."""

    name: str
    done: bool
    may: bool


def first_steps(act: Act) -> list[Step]:
    """What a new assembly still has to do, for its officers; nothing when all is done or the guide was put away."""
    if not act.can("assembly.begin"):
        return []
    here = act.assembly.id
    entry = select(LedgerEntry.idx).where(
        LedgerEntry.ledger_id == act.assembly.ledger_id, LedgerEntry.subject == f"assembly:{act.assembly.public_id}"
    )
    others = select(Member.id).where(Member.assembly_id == here).offset(1).limit(1)
    invited = select(Invitation.id).join(Invitation.member).where(Member.assembly_id == here)
    roll, asked, motion, poll, changed, begun = act.db.execute(
        select(
            others.exists(),
            invited.offset(1).limit(1).exists(),  # the first is the officer's who founded it
            select(Motion.id).where(Motion.assembly_id == here).exists(),
            select(Poll.id).where(Poll.assembly_id == here).exists(),
            entry.where(LedgerEntry.kind == "orders.changed").exists(),
            entry.where(LedgerEntry.kind == "assembly.begun").exists(),
        )
    ).one()
    done = {
        "member.import": roll,
        "member.invite": asked,
        "orders.change": changed or act.orders != orders.Orders(),
        "motion.draft": motion,
        "poll.prepare": poll,
    }
    steps = [Step(name, bool(is_done), act.can(name)) for name, is_done in done.items()]
    return [] if begun or all(step.done for step in steps) else steps


def put_guide_away(act: Act) -> None:
    """The officers need no guide any more; it is shown to none of them again. Twice is as good as once."""
    act.may("assembly.begin")
    if first_steps(act):
        act.record("assembly.begun", f"assembly:{act.assembly.public_id}")


def change_orders(act: Act, given: Mapping[str, Any]) -> list[str]:
    """Change standing orders; returns the names of those that are different now.

    Motions and polls that have begun keep the rules that were copied into them. The entry holds the names and the hash
    of the whole, no text. Raises DeliberateError ``orders.*`` naming a field that cannot be.
    """
    act.may("orders.change")
    before = act.orders
    texts = {name: normal(value).strip() for name, value in given.items() if name == "preamble"}
    after = orders.load({**before.as_json(), **given, **texts})
    orders.fit(after, motions.roll_size(act), len(members.sections(act.db, act.assembly)))
    old, new = before.as_json(), after.as_json()
    changed = sorted(name for name, value in new.items() if value != old[name])
    if changed:
        act.assembly.orders = new
        digest = hashlib.sha256(canonical.encode(new)).hexdigest()
        act.record("orders.changed", f"assembly:{act.assembly.public_id}", changed=changed, orders=digest)
    return changed
