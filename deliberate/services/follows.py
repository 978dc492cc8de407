"""Follows: what a member wants to hear about, how much of it, and the mails that say how it was decided."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Follow, Member, Motion, Person
from deliberate.services import outbox
from deliberate.services.act import Act

LEVELS = ("all", "decisions", "none")
"""all: on the first page, and a mail when it is decided. decisions: the mail alone. none: nothing, whatever one writes there."""

Thing = Motion | Amendment


def noun(thing: Thing) -> str:
    return "amendment" if isinstance(thing, Amendment) else "motion"


def _row(db: Session, member: Member, thing: Thing) -> Follow | None:
    return db.scalar(
        select(Follow).where(
            Follow.member_id == member.id, Follow.subject_kind == noun(thing), Follow.subject_id == thing.public_id
        )
    )


def follow(act: Act, thing: Thing, level: str = "all") -> Follow:
    """Choose how much to hear about a thing. Raises DeliberateError ``follow.level`` for what is no level."""
    act.may("debate.follow")
    if level not in LEVELS:
        raise DeliberateError(
            "Say how much you want to hear.",
            mark("Levels are %(levels)s.", levels=", ".join(LEVELS)),
            "Choose one.",
            "follow.level",
        )
    found = _row(act.db, act.actor, thing) or _new(act, thing)
    found.level = level
    act.db.flush()
    return found


def take_part(act: Act, thing: Thing) -> None:
    """Who writes follows; but what a member has chosen before stands."""
    if _row(act.db, act.actor, thing) is None:
        _new(act, thing)
        act.db.flush()


def _new(act: Act, thing: Thing) -> Follow:
    made = Follow(
        member_id=act.actor.id, subject_kind=noun(thing), subject_id=thing.public_id, created_at=act.now, level="all"
    )
    act.db.add(made)
    return made


def level(act: Act, thing: Thing) -> str:
    """How much the member hears about a thing."""
    found = _row(act.db, act.member, thing) if act.member is not None else None
    return found.level if found is not None else "none"


def followed(db: Session, member: Member) -> set[tuple[str, str]]:
    """What a member wants to see on the first page, as (kind, public id)."""
    rows = db.execute(
        select(Follow.subject_kind, Follow.subject_id).where(Follow.member_id == member.id, Follow.level == "all")
    )
    return {(kind, subject) for kind, subject in rows}


def decided(act: Act, thing: Thing, says: str) -> None:
    """Mail to all who follow a thing what became of it; whoever did it knows already."""
    rows = act.db.execute(
        select(Member, Person)
        .join(Follow, Follow.member_id == Member.id)
        .join(Person, Person.id == Member.person_id)
        .where(
            Follow.subject_kind == noun(thing),
            Follow.subject_id == thing.public_id,
            Follow.level != "none",
            Member.ended_on.is_(None),
        )
    )
    for member, person in rows:
        if act.member is None or member.id != act.member.id:
            write(act, "decision", person, mark("%(number)s: %(says)s", number=thing.number, says=says), says, thing)


def tell(act: Act, kind: str, member: Member, subject: str, says: str, thing: Thing) -> None:
    """Mail one member about a thing that concerns them; nobody is told of their own act."""
    person = act.db.get(Person, member.person_id) if member.person_id else None
    if person is not None and (act.member is None or act.member.id != member.id):
        write(act, kind, person, subject, says, thing)


def write(act: Act, kind: str, person: Person, subject: str, says: str, thing: Thing, anchor: str = "") -> None:
    """One mail with the address of the thing at its end."""
    motion = thing.motion if isinstance(thing, Amendment) else thing
    where = f"{act.site}/{noun(thing)}s/{thing.public_id}{anchor}"
    text = mark(
        "Hello %(name)s,\n\n%(says)s\n\n%(number)s, %(title)s\n%(where)s\n",
        name=person.name,
        says=says,
        number=thing.number,
        title=motion.title,
        where=where,
    )
    outbox.write(act.db, kind, person.email, subject, text, person, act.assembly)
