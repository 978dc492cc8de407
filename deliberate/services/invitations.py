"""Invitations: a link binds a person to one row of the roll. Opened by GET, accepted by POST, once, within two weeks."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from deliberate.core.errors import Conflict, NotFound
from deliberate.core.sentences import mark
from deliberate.models import Assembly, Invitation, Member, Person
from deliberate.services import outbox
from deliberate.services.act import Act, now
from deliberate.services.logins import digest

LIFE = timedelta(days=14)
BATCH = 500


def invite(act: Act, member: Member, url: str) -> str:
    """Send a member the link to join; earlier links of the same member stop working. url has ``{token}`` in it."""
    act.may("member.invite")
    if member.ended_on is not None:
        raise Conflict(
            mark("The membership of %(name)s has ended.", name=member.name),
            "Only people on the roll are invited.",
            "Take the member up again first.",
            "member.ended",
        )
    if member.person_id is not None:
        raise Conflict(
            mark("%(name)s has joined already.", name=member.name),
            "An invitation is accepted once.",
            "Nothing needs to be done.",
            "invitation.joined",
        )
    if not member.email:
        raise Conflict(
            mark("%(name)s has no e-mail address.", name=member.name),
            "The invitation is sent by mail.",
            "Add an address first.",
            "invitation.email",
        )
    token = issue(act.db, member)
    _mail(act, member, url, token)
    act.record("member.invited", f"member:{member.public_id}", member=member.commitment)
    return token


def invite_all(act: Act, url: str, most: int = BATCH) -> int:
    """Invite those with an address who have not joined and have no running invitation, so many at a time. Returns how many.

    A large roll is invited in several transactions, between which others can write; what is cut off goes on when it is
    asked for again.
    """
    act.may("member.invite")
    waiting = act.db.scalars(_waiting(act.assembly, act.now).limit(most)).all()
    for member in waiting:
        _mail(act, member, url, _token(act.db, member))
    if waiting:
        act.record("roll.invited", f"assembly:{act.assembly.public_id}", many=len(waiting))
    return len(waiting)


def waiting(db: Session, assembly: Assembly, moment: datetime) -> int:
    """How many would get a mail from :func:`invite_all`."""
    return db.scalar(select(func.count()).select_from(_waiting(assembly, moment).subquery())) or 0


def _waiting(assembly: Assembly, moment: datetime) -> Select[Member]:
    running = (
        select(Invitation.id)
        .where(Invitation.member_id == Member.id, Invitation.used_at.is_(None), Invitation.expires_at > moment)
        .exists()
    )
    return (
        select(Member)
        .where(
            Member.assembly_id == assembly.id,
            Member.person_id.is_(None),
            Member.email.is_not(None),
            Member.ended_on.is_(None),
            ~running,
        )
        .order_by(Member.id)
    )


def _mail(act: Act, member: Member, url: str, token: str) -> None:
    outbox.write(
        act.db,
        "invitation",
        member.email or "",
        mark("Your invitation to %(assembly)s", assembly=act.assembly.name),
        mark(
            "Hello %(name)s,\n\nyou are on the roll of %(assembly)s. Open this page to join in; the link works once, within 14 days:\n\n"
            "%(url)s\n\nIf you are not %(name)s, you need not do anything.\n",
            name=member.name,
            assembly=act.assembly.name,
            url=url.format(token=token),
        ),
        assembly=act.assembly,
    )


def issue(db: Session, member: Member) -> str:
    """A new token for a member; earlier ones stop working."""
    moment = now()
    db.execute(
        update(Invitation)
        .where(Invitation.member_id == member.id, Invitation.used_at.is_(None), Invitation.expires_at > moment)
        .values(expires_at=moment)
    )
    return _token(db, member)


def _token(db: Session, member: Member) -> str:
    token, moment = secrets.token_urlsafe(24), now()
    db.add(Invitation(member_id=member.id, token_hash=digest(token), created_at=moment, expires_at=moment + LIFE))
    return token


def latest(db: Session, member: Member) -> Invitation | None:
    """The newest invitation of a member."""
    return db.scalar(
        select(Invitation).where(Invitation.member_id == member.id).order_by(Invitation.id.desc()).limit(1)
    )


def find(db: Session, token: str) -> Invitation:
    """The invitation that a token stands for. Raises NotFound when it was used, is too old or never existed."""
    found = db.scalar(select(Invitation).where(Invitation.token_hash == digest(token)))
    gone = (
        found is None
        or found.member.person_id is not None
        or found.member.ended_on is not None
        or not found.member.email
    )
    if found is None or gone or found.used_at is not None or found.expires_at <= now():
        raise NotFound(
            "This invitation does not work any more.",
            "It works once, and within 14 days.",
            "If you have joined already, log in. Else ask the secretary of your assembly for a new one.",
            "invitation.none",
        )
    return found


def known(db: Session, invitation: Invitation) -> bool:
    """Whether the invited address has a log-in with a password already, so that none has to be chosen."""
    return (
        db.scalar(
            select(Person.id).where(Person.email == (invitation.member.email or ""), Person.password.is_not(None))
        )
        is not None
    )


def accept(db: Session, token: str, password: str | None = None) -> Person:
    """Join: the person of the address is bound to the roll row. A second use of the link is refused, also at the same moment.

    password: the hash of a first password. Somebody who has one already keeps it.
    """
    found = find(db, token)
    moment = now()
    used = db.execute(
        update(Invitation)
        .where(Invitation.id == found.id, Invitation.used_at.is_(None), Invitation.expires_at > moment)
        .values(used_at=moment)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("This invitation was used a moment ago.", "It works once.", "Log in instead.", "invitation.none")
    member = found.member
    person = db.scalar(select(Person).where(Person.email == (member.email or "")))
    if person is None:
        person = Person(name=member.name, email=member.email or "", created_at=moment)
        db.add(person)
        db.flush()
    elif (
        db.scalar(select(Member.id).where(Member.assembly_id == member.assembly_id, Member.person_id == person.id))
        is not None
    ):
        raise Conflict(
            mark(
                "Somebody has joined %(assembly)s with the address %(email)s already.",
                assembly=member.assembly.name,
                email=person.email,
            ),
            "One person stands once on the roll.",
            "Ask the secretary to look at both rows.",
            "invitation.twice",
        )
    if password is not None and person.password is None:
        person.password = password
    member.person = person
    Act(db, member.assembly, moment, member, person).record(
        "member.joined", f"member:{member.public_id}", member=member.commitment
    )
    return person
