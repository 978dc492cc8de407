"""Members: the roll row by row, and the offices that members hold."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from deliberate.core import orders
from deliberate.core.electorate import canonical_email, is_email
from deliberate.core.errors import Conflict, DeliberateError, NotFound
from deliberate.core.ledger.canonical import exact
from deliberate.models import Assembly, Member, Role
from deliberate.services.act import Act, running


def add(
    act: Act,
    number: str,
    name: str,
    email: str = "",
    section: str = "",
    weight: Fraction = Fraction(1),
    entitled: bool = True,
) -> Member:
    """Put a person on the roll."""
    act.may("member.change")
    made = _new(act, number, name, email, section, weight, entitled)
    act.db.flush()
    act.record("member.added", f"member:{made.public_id}", member=made.commitment, weight=exact(weight))
    return made


def _new(act: Act, number: str, name: str, email: str, section: str, weight: Fraction, entitled: bool = True) -> Member:
    email = canonical_email(email)
    if email and not is_email(email):
        raise DeliberateError(
            f'"{email}" is not an e-mail address.',
            "Invitations are sent to it.",
            "Correct it.",
            "member.email",
            {"email": "Write an address such as ada@example.org."},
        )
    for column, value in (("number", number), ("email", email)):
        if value and act.db.scalar(
            select(Member.id).where(Member.assembly_id == act.assembly.id, getattr(Member, column) == value)
        ):
            raise Conflict(
                f'There is a member with the {column} "{value}" already.',
                f"Each member has a {column} of their own.",
                "Look for that member in the list.",
                f"member.{column}",
            )
    made = Member(
        assembly_id=act.assembly.id,
        number=number,
        name=name,
        email=email or None,
        section=section,
        weight=weight,
        entitled=entitled,
        joined_on=act.now.date(),
        created_at=act.now,
    )
    act.db.add(made)
    return made


def change(act: Act, member: Member, name: str, email: str, section: str, weight: Fraction, entitled: bool) -> Member:
    """Change a row of the roll. Polls that are open keep the roll that they froze."""
    act.may("member.change")
    email = canonical_email(email)
    taken = select(Member.id).where(
        Member.assembly_id == act.assembly.id, Member.email == email, Member.id != member.id
    )
    if email and (not is_email(email) or act.db.scalar(taken)):
        raise DeliberateError(
            f'"{email}" cannot be used.',
            "It is not an address, or another member has it.",
            "Correct it.",
            "member.email",
            {"email": "Give an address that no other member has."},
        )
    member.name, member.email, member.section, member.weight, member.entitled = (
        name,
        email or None,
        section,
        weight,
        entitled,
    )
    act.record(
        "member.changed",
        f"member:{member.public_id}",
        member=member.commitment,
        weight=exact(weight),
        entitled=entitled,
    )
    return member


def end(act: Act, member: Member, on: date) -> Member:
    """End a membership on a day; the row and what the member did stay."""
    act.may("member.change")
    member.ended_on = on
    act.record("member.ended", f"member:{member.public_id}", member=member.commitment, on=on.isoformat())
    return member


def grant(act: Act, member: Member, role: str, starts_at: datetime, ends_at: datetime | None = None) -> Role:
    """Give a member an office, from a moment on and, if one is given, until another."""
    act.may("role.grant")
    if role not in orders.ROLES or role == "member":
        raise DeliberateError(
            f'There is no office "{role}".',
            f"Offices are {', '.join(r for r in orders.ROLES if r != 'member')}.",
            "Choose one.",
            "role.name",
            {"role": "Choose an office."},
        )
    if ends_at is not None and ends_at <= starts_at:
        raise DeliberateError(
            "The office ends before it starts.",
            "",
            "Choose a later end.",
            "role.times",
            {"ends_at": "Choose a later end."},
        )
    made = Role(member_id=member.id, role=role, starts_at=starts_at, ends_at=ends_at, granted_by_id=act.actor.id)
    act.db.add(made)
    act.db.flush()
    act.record(
        "role.granted",
        f"member:{member.public_id}",
        member=member.commitment,
        role=role,
        until=ends_at.isoformat() if ends_at else None,
    )
    return made


def revoke(act: Act, role: Role) -> Role:
    """End an office now. The last admin cannot go."""
    act.may("role.grant")
    if role.role == "admin" and holders(act.db, act.assembly, "admin", act.now) <= 1:
        raise Conflict(
            "This is the last admin.",
            "Somebody must be able to grant offices.",
            "Grant the office to somebody else first.",
            "role.last",
        )
    role.ends_at = act.now
    act.record("role.ended", f"member:{role.member.public_id}", member=role.member.commitment, role=role.role)
    return role


def holders(db: Session, assembly: Assembly, role: str, now: datetime) -> int:
    """How many members hold an office now."""
    return (
        db.scalar(
            select(func.count())
            .select_from(Role)
            .join(Member, Member.id == Role.member_id)
            .where(
                Member.assembly_id == assembly.id,
                Role.role == role,
                Role.starts_at <= now,
                or_(Role.ends_at.is_(None), Role.ends_at > now),
            )
        )
        or 0
    )


def role(db: Session, assembly: Assembly, role_id: int) -> Role:
    """A role of this assembly by its number."""
    found = db.get(Role, role_id)
    if found is None or found.member.assembly_id != assembly.id:
        raise NotFound("There is no such office.", "", "Load the page again.", "role.none")
    return found


def listed(
    db: Session, assembly: Assembly, q: str = "", state: str = "", limit: int = 50, offset: int = 0
) -> tuple[list[Member], int]:
    """Members by name: (a page of them, how many in all). state: "" | current | ended | invited (not yet logged in)."""
    query = select(Member).where(Member.assembly_id == assembly.id)
    if q:
        like = f"%{q.lower().replace('%', '')}%"
        query = query.where(
            or_(
                func.lower(Member.name).like(like),
                func.lower(Member.section).like(like),
                func.lower(Member.number).like(like),
            )
        )
    if state == "ended":
        query = query.where(Member.ended_on.is_not(None))
    elif state == "current":
        query = query.where(Member.ended_on.is_(None))
    elif state == "waiting":
        query = query.where(Member.person_id.is_(None), Member.ended_on.is_(None))
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.scalars(
        query.options(selectinload(Member.roles)).order_by(Member.name, Member.id).limit(limit).offset(offset)
    )
    return list(rows), total


def officers(db: Session, assembly: Assembly, now: datetime) -> list[Role]:
    """Offices held now, by office and name."""
    rows = db.scalars(
        select(Role)
        .join(Member, Member.id == Role.member_id)
        .where(
            Member.assembly_id == assembly.id, Role.starts_at <= now, or_(Role.ends_at.is_(None), Role.ends_at > now)
        )
        .options(selectinload(Role.member))
        .order_by(Role.role, Member.name)
    )
    return list(rows)


def allowed(act: Act, also: frozenset[str] = frozenset(), state: str = "") -> list[dict[str, Any]]:
    """For every rule of the standing orders whether this person may, and if not, why: the page "why may I not do this?"."""
    words = act.roles(also)
    made = []
    for rule in orders.ACTS:
        refused = orders.refusal(rule.act, words, state or (rule.when[0] if rule.when else ""))
        made.append({"rule": rule, "refused": refused})
    return made


def by_words(member: Member, now: datetime) -> set[str]:
    """The offices that a member holds now."""
    return running(member, now)
