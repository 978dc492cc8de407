"""Members: the roll row by row, and the offices that members hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, selectinload

from deliberate.core import orders
from deliberate.core.electorate import canonical_email, unsafe
from deliberate.core.errors import Conflict, DeliberateError, NotFound
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.models import Assembly, Invitation, Member, Role
from deliberate.services.act import Act, day_of
from deliberate.services.addresses import is_email


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
    if not number:
        raise DeliberateError(
            "The member number is missing.",
            "Members are told apart by it, also in files.",
            "Write one.",
            "member.number",
            {"number": "Write a number, such as N-061."},
        )
    if _taken(act, Member.number == number):
        raise Conflict(
            mark('There is a member with the number "%(number)s" already.', number=number),
            "Each member has a number of their own.",
            "Look for that member in the list.",
            "member.number",
            {"number": "Another member has this number."},
        )
    address = _address(act, email)
    _plain(name=name, number=number, section=section)
    made = Member(
        assembly_id=act.assembly.id,
        number=number,
        name=name,
        email=address,
        section=section,
        weight=weight,
        entitled=entitled,
        joined_on=act.today,
        created_at=act.now,
    )
    act.db.add(made)
    act.db.flush()
    act.record("member.added", f"member:{made.public_id}", member=made.commitment, weight=exact(weight))
    return made


def change(act: Act, member: Member, name: str, email: str, section: str, weight: Fraction, entitled: bool) -> Member:
    """Change a row of the roll. Polls that are open keep the roll that they froze."""
    act.may("member.change")
    address = _address(act, email, but=member)
    _plain(name=name, section=section)
    if address != member.email:
        act.db.execute(
            update(Invitation)
            .where(Invitation.member_id == member.id, Invitation.used_at.is_(None))
            .values(expires_at=act.now)
        )
    member.name, member.email, member.section, member.weight, member.entitled = name, address, section, weight, entitled
    act.record(
        "member.changed",
        f"member:{member.public_id}",
        member=member.commitment,
        weight=exact(weight),
        entitled=entitled,
    )
    return member


def _address(act: Act, email: str, but: Member | None = None) -> str | None:
    """The address in canonical form, if nobody else on the roll has it; None for no address."""
    found = canonical_email(email)
    if not found:
        return None
    if not is_email(found):
        raise DeliberateError(
            mark('"%(address)s" is not an e-mail address.', address=found),
            "Invitations are sent to it.",
            "Correct it.",
            "member.email",
            {"email": "Write an address such as ada@example.org."},
        )
    if _taken(act, Member.email == found, Member.id != (but.id if but else 0)):
        raise Conflict(
            mark('There is a member with the address "%(email)s" already.', email=found),
            "Each member has an address of their own.",
            "Look for that member in the list, also among the ended.",
            "member.email",
            {"email": "Another member has this address."},
        )
    return found


def _taken(act: Act, *which: ColumnElement[bool]) -> bool:
    return act.db.scalar(select(Member.id).where(Member.assembly_id == act.assembly.id, *which)) is not None


def _plain(**texts: str) -> None:
    for field, text in texts.items():
        if why := unsafe(text):
            raise DeliberateError(
                mark("The %(field)s %(why)s.", field=field, why=why),
                "The roll is opened in spreadsheets, which run formulas.",
                "Write it as plain text.",
                "member.text",
                {field: mark("The %(field)s %(why)s.", field=field, why=why)},
            )


def end(act: Act, member: Member) -> Member:
    """End a membership today, with its offices; the row and what the member did stay."""
    act.may("member.change")
    if member.ended_on is not None:
        raise Conflict(
            mark("The membership of %(name)s has ended already.", name=member.name),
            "",
            "Load the page again.",
            "member.ended",
        )
    leave(act, [member], act.today)
    act.record(
        "member.ended",
        f"member:{member.public_id}",
        member=member.commitment,
        on=member.ended_on.isoformat() if member.ended_on else "",
    )
    return member


def leave(act: Act, leaving: Sequence[Member], on: date) -> None:
    """End memberships on a day, with their offices and invitations. Somebody must stay who can grant offices."""
    ids = {member.id for member in leaving}
    if holders(act.db, act.assembly, "admin", act.now) and not holders(act.db, act.assembly, "admin", act.now, but=ids):
        raise Conflict(
            "The last admin would leave.",
            "Somebody must be able to grant offices.",
            "Grant the office to somebody else first.",
            "role.last",
        )
    for member in leaving:
        member.ended_on = on
        for held in member.roles:
            if held.ends_at is None or held.ends_at > act.now:
                held.ends_at = act.now
    act.db.execute(
        update(Invitation)
        .where(
            Invitation.used_at.is_(None),
            Invitation.member_id.in_(
                select(Member.id).where(Member.assembly_id == act.assembly.id, Member.ended_on.is_not(None))
            ),
        )
        .values(expires_at=act.now)
    )


def grant(act: Act, member: Member, role: str, starts_at: datetime, ends_at: datetime | None = None) -> Role:
    """Give a member an office, from a moment on and, if one is given, until another."""
    act.may("role.grant")
    if role not in orders.ROLES or role == "member":
        raise DeliberateError(
            mark('There is no office "%(role)s".', role=role),
            mark("Offices are %(offices)s.", offices=", ".join(r for r in orders.ROLES if r != "member")),
            "Choose one.",
            "role.name",
            {"role": "Choose an office."},
        )
    if ends_at is not None and ends_at <= max(starts_at, act.now):
        raise DeliberateError(
            "The office would end before it starts.",
            "An office has a beginning and a later end.",
            "Choose a later end.",
            "role.times",
            {"ends_at": "Choose a later end."},
        )
    if member.ended_on is not None:
        raise Conflict(
            mark("The membership of %(name)s has ended.", name=member.name),
            "Offices are held by members.",
            "Take the member up again first.",
            "member.ended",
        )
    if any(
        one.role == role
        and (one.ends_at is None or one.ends_at > starts_at)
        and (ends_at is None or one.starts_at < ends_at)
        for one in member.roles
    ):
        raise Conflict(
            mark("%(name)s holds this office already at that time.", name=member.name),
            "An office is held once.",
            "End it first, or choose other days.",
            "role.twice",
            {"role": "This office is held already at that time."},
        )
    made = Role(member=member, role=role, starts_at=starts_at, ends_at=ends_at, granted_by_id=act.actor.id)
    act.db.add(made)
    act.db.flush()
    act.record(
        "role.granted",
        f"member:{member.public_id}",
        member=member.commitment,
        role=role,
        since=starts_at.isoformat(),
        until=ends_at.isoformat() if ends_at else None,
    )
    return made


def revoke(act: Act, role: Role) -> Role:
    """End an office now. The last admin cannot go."""
    act.may("role.grant")
    if role.ends_at is not None and role.ends_at <= act.now:
        raise Conflict("This office has ended already.", "", "Load the page again.", "role.ended")
    if role.role == "admin" and not holders(act.db, act.assembly, "admin", act.now, but={role.member_id}):
        raise Conflict(
            "This is the last admin.",
            "Somebody must be able to grant offices.",
            "Grant the office to somebody else first.",
            "role.last",
        )
    role.ends_at = act.now
    role.starts_at = min(role.starts_at, act.now)
    act.record("role.ended", f"member:{role.member.public_id}", member=role.member.commitment, role=role.role)
    return role


def _held(assembly: Assembly, now: datetime) -> ColumnElement[bool]:
    """Offices held now; an ended membership holds none."""
    return and_(
        Role.starts_at <= now,
        or_(Role.ends_at.is_(None), Role.ends_at > now),
        or_(Member.ended_on.is_(None), Member.ended_on > day_of(assembly, now)),
    )


def holders(db: Session, assembly: Assembly, role: str, now: datetime, but: Collection[int] = ()) -> int:
    """How many members hold an office now, leaving out those with the ids in ``but``."""
    ids = set(
        db.scalars(
            select(Member.id)
            .join(Role, Role.member_id == Member.id)
            .where(Member.assembly_id == assembly.id, Role.role == role, _held(assembly, now))
        )
    )
    return len(ids - set(but))


def role(db: Session, member: Member, role_id: int) -> Role:
    """An office of this member by its number."""
    found = db.get(Role, role_id)
    if found is None or found.member_id != member.id:
        raise NotFound(
            "There is no such office.", "It may belong to another member.", "Load the page again.", "role.none"
        )
    return found


STATES = ("current", "waiting", "ended")


def listed(
    db: Session,
    assembly: Assembly,
    q: str = "",
    state: str = "",
    section: str = "",
    office: str = "",
    now: datetime | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Member], int]:
    """Members by name: (a page of them, how many in all). state: current, waiting (not yet joined in), ended, or "" for all."""
    query = select(Member).where(Member.assembly_id == assembly.id)
    if q:
        words = {q, q.lower(), q.title(), q.upper()}  # SQLite folds the case of ASCII only
        query = query.where(
            or_(
                *(
                    column.icontains(word, autoescape=True)
                    for word in sorted(words)
                    for column in (Member.name, Member.section, Member.number)
                )
            )
        )
    if section:
        query = query.where(Member.section == section)
    if office and now is not None:
        query = query.where(
            select(Role.id).where(Role.member_id == Member.id, Role.role == office, _held(assembly, now)).exists()
        )
    if state == "ended":
        query = query.where(Member.ended_on.is_not(None))
    elif state:
        query = query.where(Member.ended_on.is_(None))
    if state == "waiting":
        query = query.where(Member.person_id.is_(None))
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.scalars(
        query.options(selectinload(Member.roles))
        .order_by(func.lower(Member.name), Member.id)
        .limit(limit)
        .offset(offset)
    )
    return list(rows), total


def sums(db: Session, assembly: Assembly) -> dict[str, int]:
    """How many members there are in each state."""
    ended, joined = Member.ended_on.is_not(None), Member.person_id.is_not(None)
    rows = db.execute(
        select(ended, joined, func.count()).where(Member.assembly_id == assembly.id).group_by(ended, joined)
    )
    made = dict.fromkeys(STATES, 0)
    for gone, bound, many in rows:
        made["ended" if gone else "current"] += many
        if not gone and not bound:
            made["waiting"] += many
    return made


def sections(db: Session, assembly: Assembly) -> list[str]:
    """The sections that current members belong to, by name."""
    return list(
        db.scalars(
            select(Member.section)
            .where(Member.assembly_id == assembly.id, Member.ended_on.is_(None), Member.section != "")
            .distinct()
            .order_by(Member.section)
        )
    )


def officers(db: Session, assembly: Assembly, now: datetime) -> list[Role]:
    """Offices held now, by office and name."""
    rows = db.scalars(
        select(Role)
        .join(Member, Member.id == Role.member_id)
        .where(Member.assembly_id == assembly.id, _held(assembly, now))
        .options(selectinload(Role.member))
        .order_by(Role.role, Member.name)
    )
    return list(rows)
