"""Invitations: a link binds a person to one row of the roll. Opened by GET, accepted by POST, once, within two weeks."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from deliberate.core.errors import Conflict, NotFound
from deliberate.models import Invitation, Member, Person
from deliberate.services import outbox
from deliberate.services.act import Act, now
from deliberate.services.logins import digest

LIFE = timedelta(days=14)


def invite(act: Act, member: Member, url: str) -> str:
    """Send a member the link to join; earlier links of the same member stop working. url has ``{token}`` in it."""
    act.may("member.invite")
    if member.person_id is not None:
        raise Conflict(f"{member.name} has joined already.", "An invitation is accepted once.", "", "invitation.joined")
    if not member.email:
        raise Conflict(
            f"{member.name} has no e-mail address.",
            "The invitation is sent by mail.",
            "Add an address first.",
            "invitation.email",
        )
    token = issue(act.db, member)
    outbox.write(
        act.db,
        "invitation",
        member.email,
        f"Your invitation to {act.assembly.name}",
        f"Hello {member.name},\n\nyou are on the roll of {act.assembly.name}. Open this page to join in; the link works once, within 14 days:\n\n"
        f"{url.format(token=token)}\n",
    )
    act.record("member.invited", f"member:{member.public_id}", member=member.commitment)
    return token


def issue(db: Session, member: Member) -> str:
    """A new token for a member; earlier ones stop working."""
    moment = now()
    db.execute(
        update(Invitation)
        .where(Invitation.member_id == member.id, Invitation.used_at.is_(None))
        .values(expires_at=moment)
    )
    token = secrets.token_urlsafe(24)
    db.add(Invitation(member_id=member.id, token_hash=digest(token), created_at=moment, expires_at=moment + LIFE))
    return token


def invite_all(act: Act, url: str) -> int:
    """Invite everybody with an address who has not joined and has no running invitation. Returns how many."""
    act.may("member.invite")
    running = (
        select(Invitation.id)
        .where(Invitation.member_id == Member.id, Invitation.used_at.is_(None), Invitation.expires_at > act.now)
        .exists()
    )
    waiting = act.db.scalars(
        select(Member).where(
            Member.assembly_id == act.assembly.id,
            Member.person_id.is_(None),
            Member.email.is_not(None),
            Member.ended_on.is_(None),
            ~running,
        )
    ).all()
    for member in waiting:
        invite(act, member, url)
    return len(waiting)


def find(db: Session, token: str) -> Invitation:
    """The invitation that a token stands for. Raises NotFound when it was used, is too old or never existed."""
    found = db.scalar(select(Invitation).where(Invitation.token_hash == digest(token)))
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise NotFound(
            "This invitation does not work any more.",
            "It works once, and within 14 days.",
            "Ask the secretary of your assembly for a new one.",
            "invitation.none",
        )
    return found


def accept(db: Session, token: str) -> Person:
    """Join: the person of the address is bound to the roll row. A second use of the link is refused, also at the same moment."""
    found = find(db, token)
    used = db.execute(
        update(Invitation).where(Invitation.id == found.id, Invitation.used_at.is_(None)).values(used_at=now())
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("This invitation was used a moment ago.", "It works once.", "Log in instead.", "invitation.none")
    member = found.member
    email = member.email or ""
    person = db.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(name=member.name, email=email, created_at=now())
        db.add(person)
        db.flush()
    member.person_id = person.id
    return person
