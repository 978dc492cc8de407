"""Debate: contributions in threads, edited with their history, moderated with reasons in the public log."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from deliberate.core.drafting.text import normal
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import (
    Amendment,
    Assembly,
    Comment,
    CommentVersion,
    Member,
    Mention,
    Motion,
    Person,
    Report,
)
from deliberate.services import follows, search, standing
from deliberate.services.act import Act

SIDES = ("for", "against", "question", "neutral")
LONGEST = 5_000
SIZE = 50
_MENTION = re.compile(r"@((?:[^\W\d_][\w'’-]*)(?: [^\W\d_][\w'’-]*){0,3})")


def motion_of(thing: Motion | Amendment) -> Motion:
    return thing.motion if isinstance(thing, Amendment) else thing


def _kind(thing: Motion | Amendment) -> str:
    return "amendment" if isinstance(thing, Amendment) else "motion"


def _text(text: str) -> str:
    made = normal(text).strip()
    if not made or len(made) > LONGEST:
        why = (
            mark("Write something.")
            if not made
            else mark("It has %(have)s characters; %(most)s at most.", have=len(made), most=LONGEST)
        )
        raise DeliberateError(
            "The contribution cannot be taken.", why, "Change it and send it again.", "debate.text", {"text": why}
        )
    return made


def say(
    act: Act, thing: Motion | Amendment, text: str, side: str = "neutral", parent: Comment | None = None
) -> Comment:
    """Contribute to the debate on a motion or amendment. Who is mentioned gets a mail."""
    act.may("debate.say", motion_of(thing).state)
    made_text = _text(text)
    if side not in SIDES:
        raise DeliberateError(
            "Say which side you speak for.",
            mark("Sides are %(sides)s.", sides=", ".join(SIDES)),
            "Choose one.",
            "debate.side",
            {"side": "Choose one."},
        )
    if parent is not None and (parent.subject_kind, parent.subject_id) != (_kind(thing), thing.public_id):
        raise Conflict(
            "The contribution that you answer stands elsewhere.", "", "Load the page again.", "debate.parent"
        )
    same = act.db.scalar(
        select(Comment)
        .where(
            Comment.author_id == act.actor.id,
            Comment.subject_id == thing.public_id,
            Comment.text == made_text,
            Comment.parent_id == (parent.id if parent else None),
        )
        .order_by(Comment.id.desc())
        .limit(1)
    )
    if same is not None and (act.now - same.created_at).total_seconds() < 60:
        return same
    made = Comment(
        assembly_id=act.assembly.id,
        subject_kind=_kind(thing),
        subject_id=thing.public_id,
        parent_id=parent.id if parent else None,
        author=act.actor,
        side=side if parent is None else "neutral",
        text=made_text,
        created_at=act.now,
    )
    act.db.add(made)
    act.db.flush()
    _mention(act, made, thing)
    follows.take_part(act, thing)
    search.index(act.db, act.assembly.id, "comment", made.public_id, thing.number or "", made_text, act.now)
    act.record(
        "debate.said",
        f"comment:{made.public_id}",
        about=f"{_kind(thing)}:{thing.public_id}",
        side=made.side,
        text=_digest(made),
    )
    return made


def _digest(comment: Comment) -> str:
    """SHA-256 of the text with the author's salt in front, so that it cannot be guessed from the ledger."""
    return hashlib.sha256(comment.author.salt + comment.text.encode()).hexdigest()


def mentioned(db: Session, assembly: Assembly, text: str) -> list[Member]:
    """Members named with @ in a text: the longest full name that fits."""
    names: set[str] = set()
    for found in _MENTION.finditer(text):
        words = found[1].split(" ")
        names |= {" ".join(words[:n]) for n in range(1, len(words) + 1)}
    if not names:
        return []
    return list(
        db.scalars(
            select(Member).where(
                Member.assembly_id == assembly.id, Member.name.in_(sorted(names)[:60]), Member.ended_on.is_(None)
            )
        )
    )


def _mention(act: Act, comment: Comment, thing: Motion | Amendment) -> None:
    known = set(act.db.scalars(select(Mention.member_id).where(Mention.comment_id == comment.id)))
    for member in mentioned(act.db, act.assembly, comment.text):
        if member.id in known or member.id == act.actor.id:
            continue
        act.db.add(Mention(comment_id=comment.id, member_id=member.id))
        person = act.db.get(Person, member.person_id) if member.person_id else None
        if person is not None:
            subject = mark(
                "%(name)s mentioned you in the debate on %(number)s", name=act.actor.name, number=thing.number
            )
            says = mark(
                "%(name)s wrote in the debate on %(number)s:\n\n%(text)s",
                name=act.actor.name,
                number=thing.number,
                text=comment.text,
            )
            follows.write(act, "mention", person, subject, says, thing, f"#c-{comment.public_id}")


def edit(act: Act, comment: Comment, text: str) -> Comment:
    """Change one's own contribution; what it said before can be read by everybody."""
    act.may("debate.edit", also=standing.words(act, comment))
    if comment.hidden_at is not None:
        raise Conflict(
            "This contribution is hidden.",
            "A moderator hid it.",
            "Ask for the reason in the moderation log.",
            "debate.hidden",
        )
    made = _text(text)
    if made == comment.text:
        return comment
    act.db.add(
        CommentVersion(
            comment_id=comment.id,
            seq=len(comment.past) + 1,
            text=comment.text,
            side=comment.side,
            created_at=comment.edited_at or comment.created_at,
        )
    )
    comment.text, comment.edited_at = made, act.now
    comment.revision += 1
    thing = about(act.db, comment)
    search.index(act.db, act.assembly.id, "comment", comment.public_id, thing.number or "", made, act.now)
    _mention(act, comment, thing)
    act.record("debate.edited", f"comment:{comment.public_id}", text=_digest(comment))
    return comment


def hide(act: Act, comment: Comment, reason: str) -> Comment:
    """Hide a contribution. A tombstone with the reason stays, and the act stands in the public log."""
    act.may("debate.hide")
    reason = normal(reason).strip()
    if len(reason) < 10:
        raise DeliberateError(
            "The reason is too short.",
            "Everybody reads it in the public log.",
            "Write a sentence.",
            "debate.reason",
            {"reason": "Write a sentence that everybody may read."},
        )
    comment.hidden_at, comment.hidden_reason = act.now, reason
    search.forget(act.db, "comment", comment.public_id)
    _settle(act, comment, "hidden")
    thing = about(act.db, comment)
    says = mark(
        "A moderator has hidden your contribution to this debate. The reason, which everybody can read:\n\n"
        "%(reason)s\n\nYour words were:\n\n%(text)s\n\n"
        "If you think that this is wrong, ask the chair or another moderator to look at it again.",
        reason=comment.hidden_reason,
        text=comment.text,
    )
    follows.tell(
        act,
        "moderation",
        comment.author,
        mark("Your contribution to %(number)s was hidden", number=thing.number),
        says,
        thing,
    )
    act.record(
        "debate.hidden",
        f"comment:{comment.public_id}",
        reason=hashlib.sha256(reason.encode()).hexdigest(),
        role="moderator",
    )
    return comment


def restore(act: Act, comment: Comment) -> Comment:
    """Show a hidden contribution again."""
    act.may("debate.hide")
    comment.hidden_at = None
    thing = about(act.db, comment)
    search.index(act.db, act.assembly.id, "comment", comment.public_id, thing.number or "", comment.text, act.now)
    says = mark("A moderator has shown your contribution to this debate again.")
    follows.tell(
        act,
        "moderation",
        comment.author,
        mark("Your contribution to %(number)s is back", number=thing.number),
        says,
        thing,
    )
    act.record("debate.restored", f"comment:{comment.public_id}", role="moderator")
    return comment


def report(act: Act, comment: Comment, reason: str) -> Report:
    """Ask a moderator to look at a contribution. Who reported is not shown."""
    act.may("debate.report")
    found = act.db.scalar(select(Report).where(Report.comment_id == comment.id, Report.member_id == act.actor.id))
    if found is None:
        found = Report(comment_id=comment.id, member_id=act.actor.id, reason=normal(reason).strip()[:1000], created_at=act.now)
        act.db.add(found)
        act.db.flush()
        act.record("debate.reported", f"comment:{comment.public_id}")
    return found


def _settle(act: Act, comment: Comment, outcome: str) -> None:
    for found in act.db.scalars(select(Report).where(Report.comment_id == comment.id, Report.settled_at.is_(None))):
        found.settled_at, found.outcome = act.now, outcome


def waiting(db: Session, assembly: Assembly) -> list[Report]:
    """Reports that no moderator has settled."""
    return list(
        db.scalars(
            select(Report)
            .join(Comment, Comment.id == Report.comment_id)
            .where(Comment.assembly_id == assembly.id, Report.settled_at.is_(None))
            .options(selectinload(Report.comment))
            .order_by(Report.created_at)
        )
    )


def keep(act: Act, comment: Comment) -> None:
    """Settle the reports of a contribution: it stays."""
    act.may("debate.hide")
    _settle(act, comment, "kept")
    act.record("debate.kept", f"comment:{comment.public_id}", role="moderator")


@dataclass
class Said:
    """A contribution with its answers. depth: 0 for one that answers nothing. to: what it answers, if that is on another page."""

    comment: Comment
    depth: int = 0
    to: Comment | None = None
    answers: list[Said] = field(default_factory=list)


@dataclass(frozen=True)
class Thread:
    """A page of the debate on a thing. total: how many contributions there are; said: those that are not hidden;
    sides: how many of these speak for, against, to ask or neither, answers left out."""

    top: list[Said]
    total: int
    said: int
    sides: dict[str, int]


def thread(db: Session, kind: str, subject: str, limit: int = SIZE, offset: int = 0) -> Thread:
    """The debate on a thing: a page of it in order of time, every answer below what it answers.

    Three queries, however long or deep the debate is.
    """
    lines = _lines(db, kind, subject)
    order = _order(lines)
    depth = dict(order[offset : offset + limit])
    found = _load(db, list(depth))
    beyond = {c.parent_id for c in found.values() if c.parent_id is not None and c.parent_id not in found}
    elsewhere = _load(db, list(beyond))
    made: dict[int, Said] = {}
    top: list[Said] = []
    for key, deep in depth.items():
        parent = found[key].parent_id
        made[key] = said = Said(found[key], deep, None if parent is None else elsewhere.get(parent))
        (made[parent].answers if parent in made else top).append(said)
    shown = [line for line in lines if not line.hidden]
    sides = Counter(line.side for line in shown if line.parent is None)
    return Thread(top, len(order), len(shown), {side: sides[side] for side in SIDES})


def page_of(db: Session, comment: Comment) -> int:
    """The page of its debate on which a contribution stands, from 1."""
    order = [key for key, _ in _order(_lines(db, comment.subject_kind, comment.subject_id))]
    return order.index(comment.id) // SIZE + 1


class Line(NamedTuple):
    """What of a contribution bears on the order and the numbers of its debate."""

    id: int
    parent: int | None
    side: str
    hidden: bool


def _lines(db: Session, kind: str, subject: str) -> list[Line]:
    """Every contribution, the newest first."""
    rows = db.execute(
        select(Comment.id, Comment.parent_id, Comment.side, Comment.hidden_at.is_not(None))
        .where(Comment.subject_kind == kind, Comment.subject_id == subject)
        .order_by(Comment.id.desc())
    )
    return [Line(*row) for row in rows]


def _order(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Every contribution with its depth, in reading order: by time, each followed by its answers."""
    below: dict[int | None, list[int]] = defaultdict(list)
    for line in lines:
        below[line.parent].append(line.id)
    made: list[tuple[int, int]] = []
    waiting = [(key, 0) for key in below[None]]
    while waiting:
        key, depth = waiting.pop()
        made.append((key, depth))
        waiting += [(answer, depth + 1) for answer in below[key]]
    return made


def by_id(db: Session, ids: list[str]) -> dict[str, Comment]:
    """Contributions by their public ids, those that are not hidden."""
    rows = select(Comment).where(Comment.public_id.in_(ids), Comment.hidden_at.is_(None))
    return {c.public_id: c for c in db.scalars(rows.options(joinedload(Comment.author)))} if ids else {}


def _load(db: Session, ids: list[int]) -> dict[int, Comment]:
    rows = select(Comment).where(Comment.id.in_(ids)).options(joinedload(Comment.author))
    return {comment.id: comment for comment in db.scalars(rows)} if ids else {}


def counts(db: Session, kind: str, subjects: Sequence[str]) -> dict[str, int]:
    """How many contributions, answers among them, stand under each of these; hidden ones and empty debates are left out."""
    rows = db.execute(
        select(Comment.subject_id, func.count())
        .where(Comment.subject_kind == kind, Comment.subject_id.in_(subjects), Comment.hidden_at.is_(None))
        .group_by(Comment.subject_id)
    )
    return dict(rows.all())


def hidden(db: Session, assembly: Assembly, limit: int = 100) -> list[tuple[Comment, str]]:
    """What moderators ever hid, the newest first, each with the number of the motion or amendment that it is about."""
    number = func.coalesce(Motion.number, Amendment.number, "")
    on = {kind: (Comment.subject_kind == kind) & (Comment.subject_id == of.public_id) for kind, of in THINGS.items()}
    rows = db.execute(
        select(Comment, number)
        .outerjoin(Motion, on["motion"])
        .outerjoin(Amendment, on["amendment"])
        .where(Comment.assembly_id == assembly.id, Comment.hidden_reason != "")
        .options(joinedload(Comment.author))
        .order_by(Comment.id.desc())
        .limit(limit)
    )
    return [(comment, said) for comment, said in rows]


THINGS: dict[str, Any] = {"motion": Motion, "amendment": Amendment}


def about(db: Session, comment: Comment) -> Any:
    """The motion or amendment that a contribution is about."""
    model = THINGS[comment.subject_kind]
    return db.scalar(select(model).where(model.public_id == comment.subject_id))
