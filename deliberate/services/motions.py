"""Motions: draft, propose, support, edit, debate, fix, refer back, withdraw. Every version is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from deliberate.core.drafting import clauses, numbering
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.drafting.text import normal
from deliberate.core.errors import Conflict, DeliberateError, NotFound
from deliberate.core.orders import MOTION_ENDS, step
from deliberate.models import Assembly, Draft, Follow, Member, Motion, Mover, Support, Version
from deliberate.services import search, standing
from deliberate.services.act import Act

TITLE, REASON = "title", "reason."
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Writing:
    """What a mover writes: title, text and reasons in the Markdown subset, members invited as co-movers (by number or name)."""

    title: str
    text: str
    reason: str = ""
    movers: str = ""

    def as_json(self) -> dict[str, str]:
        return {"title": self.title, "text": self.text, "reason": self.reason, "movers": self.movers}


@dataclass(frozen=True)
class Parts:
    """A version by its fields."""

    title: str
    text: Text
    reason: Text


def parts(version: Version) -> Parts:
    """Title, text and reasons of a version."""
    every = clauses.from_json(version.clauses)
    return Parts(
        next((c.text for c in every if c.id == TITLE), ""),
        tuple(c for c in every if c.id != TITLE and not c.id.startswith(REASON)),
        tuple(c for c in every if c.id.startswith(REASON)),
    )


def whole(written: Writing, before: Parts | None = None) -> Text:
    """All clauses of what was written; where there is a version before, clauses that continue keep their ids."""
    title = normal(written.title).strip()
    text, reason = clauses.parse(written.text), clauses.parse(written.reason)
    faults = {}
    if not title:
        faults["title"] = "Give the motion a title."
    elif len(title) > LONGEST_TITLE:
        faults["title"] = f"The title has {len(title)} characters; {LONGEST_TITLE} at most."
    if not text:
        faults["text"] = "Write what is to be decided."
    if faults:
        raise DeliberateError(
            "The motion is not complete.",
            " ".join(faults.values()),
            "Complete it and send it again.",
            "motion.incomplete",
            faults,
        )
    if before is not None:
        text, reason = clauses.align(before.text, text), clauses.align(before.reason, reason)
    return (Clause(TITLE, 1, "heading", title), *clauses.number(text), *clauses.number(reason, REASON))


def save_draft(
    act: Act,
    written: Writing,
    draft: Draft | None = None,
    kind: str = "motion",
    subject: str = "",
    content: dict[str, Any] | None = None,
) -> Draft:
    """Keep what was typed so far; no entry is made for it. Raises Conflict when the draft was sent off meanwhile."""
    act.may("motion.draft")
    found = draft or Draft(
        member_id=act.actor.id, kind=kind, subject=subject, content={}, created_at=act.now, changed_at=act.now
    )
    found.content = content if content is not None else written.as_json()
    found.changed_at = act.now
    act.db.add(found)
    act.db.flush()
    return found


def drafts(act: Act) -> list[Draft]:
    """The member's own drafts, the newest first."""
    if act.member is None:
        return []
    return list(act.db.scalars(select(Draft).where(Draft.member_id == act.member.id).order_by(Draft.changed_at.desc())))


def discard(act: Act, draft: Draft) -> None:
    """Throw a draft away."""
    act.may("motion.propose", "draft", standing.words(act, draft))
    act.db.delete(draft)


def propose(act: Act, written: Writing, draft: Draft | None = None) -> Motion:
    """Put a motion: it gets its number, version 1, and the rules under which it gathers support are copied in."""
    act.may("motion.propose", "draft", {"mover"} if draft is None or draft.member_id == act.actor.id else set())
    act.may("motion.draft")
    text = whole(written)
    invited = _named(act, written.movers)
    orders = act.orders
    roll = roll_size(act)
    motion = Motion(
        assembly_id=act.assembly.id,
        assembly=act.assembly,
        title=text[0].text,
        state="submitted",
        mover_id=act.actor.id,
        mover=act.actor,
        created_at=act.now,
        submitted_at=act.now,
        changed_at=act.now,
        rules={
            "need": orders.threshold(roll),
            "sections": orders.support_sections,
            "roll": roll,
            "until": (act.now + timedelta(days=orders.support_days)).isoformat(),
        },
        number=_number(act),
    )
    act.db.add(motion)
    act.db.flush()
    version = add_version(act, motion, text, "edit")
    for member in invited:
        act.db.add(Mover(motion=motion, member=member, state="invited", created_at=act.now))
    follow(act.db, act.actor, "motion", motion.public_id, act)
    if draft is not None:
        act.db.delete(draft)
    act.record("motion.proposed", f"motion:{motion.public_id}", number=motion.number, version=version.hash)
    return motion


def roll_size(act: Act) -> int:
    """How many members are on the roll today."""
    today = act.now.date()
    return (
        act.db.scalar(
            select(func.count())
            .select_from(Member)
            .where(
                Member.assembly_id == act.assembly.id,
                Member.entitled,
                Member.joined_on <= today,
                or_(Member.ended_on.is_(None), Member.ended_on > today),
            )
        )
        or 0
    )


def _number(act: Act) -> str:
    used = act.db.scalar(select(func.count()).select_from(Motion).where(Motion.assembly_id == act.assembly.id)) or 0
    return numbering.motion(act.orders.motion_prefix, used + 1, act.orders.number_digits)


def _named(act: Act, text: str) -> list[Member]:
    """The members that a line names, by number or full name. Raises DeliberateError naming who is not found."""
    found: list[Member] = []
    for word in [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]:
        rows = act.db.scalars(
            select(Member)
            .where(Member.assembly_id == act.assembly.id, or_(Member.number == word, Member.name == word))
            .limit(2)
        ).all()
        if len(rows) != 1:
            why = (
                "Nobody on the roll has this number or name."
                if not rows
                else "Several members have this name; give the number."
            )
            raise DeliberateError(
                f'"{word}" is not found as a co-mover.',
                why,
                "Correct the name.",
                "motion.mover",
                {"movers": f'"{word}": {why}'},
            )
        if rows[0].id != act.actor.id and rows[0] not in found:
            found.append(rows[0])
    return found


def add_version(act: Act, motion: Motion, text: Sequence[Clause], made_by: str, units: Sequence[str] = ()) -> Version:
    """The next version of a motion. Earlier ones stay as they are."""
    last = latest(act.db, motion) if motion.versions else None
    made = Version(
        motion=motion,
        seq=last.seq + 1 if last else 1,
        parent_id=last.id if last else None,
        clauses=[clause.as_json() for clause in text],
        hash=clauses.digest(text),
        made_by=made_by,
        units=list(units),
        author_id=act.member.id if act.member else motion.mover_id,
        created_at=act.now,
    )
    act.db.add(made)
    motion.title = next((c.text for c in text if c.id == TITLE), motion.title)
    motion.changed_at = act.now
    act.db.flush()
    words = " ".join(c.text for c in text)
    search.index(
        act.db, motion.assembly_id, "motion", motion.public_id, f"{motion.number or ''} {motion.title}", words, act.now
    )
    return made


def latest(db: Session, motion: Motion) -> Version:
    """The current version."""
    return db.scalars(select(Version).where(Version.motion_id == motion.id).order_by(Version.seq.desc()).limit(1)).one()


def version(motion: Motion, seq: int) -> Version:
    """A version by its number. Raises NotFound."""
    for found in motion.versions:
        if found.seq == seq:
            return found
    raise NotFound(
        f"{motion.number} has no version {seq}.",
        f"It has {len(motion.versions)}.",
        "Choose one from the list.",
        "version.none",
    )


def edit(act: Act, motion: Motion, written: Writing, seen: int) -> Version:
    """Change a motion before it is supported. seen: number of the version that the form showed; a newer one is a Conflict."""
    act.may("motion.edit", motion.state, standing.words(act, motion))
    now = latest(act.db, motion)
    if now.seq != seen:
        raise Conflict(
            "Somebody else has changed the text.",
            f"You edited version {seen}; version {now.seq} is there now.",
            "Compare the versions, then make your change in the newer one.",
            "version.conflict",
        )
    text = whole(written, parts(now))
    if clauses.digest(text) == now.hash:
        raise DeliberateError(
            "Nothing is changed.",
            "The text is the same as before.",
            "Change it, or go back.",
            "version.same",
            {"text": "The text is the same as before."},
        )
    made = add_version(act, motion, text, "edit")
    act.record("motion.edited", f"motion:{motion.public_id}", version=made.hash, seq=made.seq)
    return made


@dataclass(frozen=True)
class Backing:
    """How far a motion has come: supporters, how many are needed, sections they come from and how many of those are needed."""

    have: int
    need: int
    sections: int
    sections_needed: int
    mine: bool

    @property
    def reached(self) -> bool:
        return self.have >= self.need and self.sections >= self.sections_needed


def backing(act: Act, motion: Motion) -> Backing:
    """The supports of a motion, movers included, against the rules it started under."""
    return backings(act, [motion])[motion.id]


def backings(act: Act, motions: Sequence[Motion]) -> dict[int, Backing]:
    """The backing of several motions in two queries."""
    ids = [motion.id for motion in motions]
    who: dict[int, dict[int, str]] = {motion_id: {} for motion_id in ids}
    rows = act.db.execute(
        select(Support.motion_id, Member.id, Member.section)
        .join(Member, Member.id == Support.member_id)
        .where(Support.motion_id.in_(ids), Support.withdrawn_at.is_(None))
    )
    movers = act.db.execute(
        select(Mover.motion_id, Member.id, Member.section)
        .join(Member, Member.id == Mover.member_id)
        .where(Mover.motion_id.in_(ids), Mover.state == "accepted")
    )
    for motion_id, member_id, section in [*rows, *movers]:
        who[motion_id][member_id] = section
    made = {}
    for motion in motions:
        found = {**who[motion.id], motion.mover_id: motion.mover.section}
        mine = act.member is not None and act.member.id in found
        made[motion.id] = Backing(
            len(found),
            int(motion.rules["need"]),
            len({s for s in found.values() if s}),
            int(motion.rules.get("sections", 0)),
            mine,
        )
    return made


def support(act: Act, motion: Motion) -> Backing:
    """Back a motion. When the threshold is reached it is seconded, in the same act."""
    act.may("motion.support", motion.state)
    if standing.is_mover(act, motion):
        raise Conflict("You are a mover of this motion.", "Movers count as supporters already.", "", "support.mover")
    if act.now.isoformat() > str(motion.rules["until"]):
        raise Conflict(
            "The time for support is over.",
            f"It ended on {motion.rules['until'][:10]}.",
            "It may be put again.",
            "support.late",
        )
    now = latest(act.db, motion)
    found = act.db.scalar(select(Support).where(Support.motion_id == motion.id, Support.member_id == act.actor.id))
    if found is None:
        act.db.add(Support(motion_id=motion.id, member_id=act.actor.id, version_id=now.id, created_at=act.now))
    elif found.withdrawn_at is None:
        return backing(act, motion)
    else:
        found.withdrawn_at, found.version_id, found.created_at = None, now.id, act.now
    act.db.flush()
    reached = backing(act, motion)
    act.record("motion.supported", f"motion:{motion.public_id}", version=now.hash)
    if reached.reached:
        motion.state, motion.changed_at = step(motion.state, "motion.second"), act.now
        act.record("motion.seconded", f"motion:{motion.public_id}", have=reached.have, need=reached.need)
    return reached


def unsupport(act: Act, motion: Motion) -> Backing:
    """Take one's support back, until the threshold is reached."""
    act.may("motion.support", motion.state)
    found = act.db.scalar(
        select(Support).where(
            Support.motion_id == motion.id, Support.member_id == act.actor.id, Support.withdrawn_at.is_(None)
        )
    )
    if found is not None:
        found.withdrawn_at = act.now
        act.db.flush()
        act.record("motion.unsupported", f"motion:{motion.public_id}")
    return backing(act, motion)


def supporters(db: Session, motion: Motion, limit: int = 200) -> list[Member]:
    """Who backs a motion, by name."""
    return list(
        db.scalars(
            select(Member)
            .join(Support, Support.member_id == Member.id)
            .where(Support.motion_id == motion.id, Support.withdrawn_at.is_(None))
            .order_by(Member.name)
            .limit(limit)
        )
    )


def invite_mover(act: Act, motion: Motion, named: str) -> list[Member]:
    """Ask members to be co-movers."""
    act.may("motion.comove", motion.state, standing.words(act, motion))
    fresh = [
        m for m in _named(act, named) if m.id != motion.mover_id and all(x.member_id != m.id for x in motion.movers)
    ]
    for member in fresh:
        act.db.add(Mover(motion=motion, member=member, state="invited", created_at=act.now))
    if fresh:
        act.record("motion.mover_invited", f"motion:{motion.public_id}", members=[m.commitment for m in fresh])
    return fresh


def answer_mover(act: Act, motion: Motion, accept: bool) -> Mover:
    """Accept or decline to be a co-mover."""
    act.may("motion.answer", motion.state)
    for found in motion.movers:
        if found.member_id == act.actor.id and found.state == "invited":
            found.state = "accepted" if accept else "declined"
            act.record("motion.mover_answered", f"motion:{motion.public_id}", accepted=accept)
            if accept and motion.state == "submitted" and backing(act, motion).reached:
                motion.state = step(motion.state, "motion.second")
                act.record("motion.seconded", f"motion:{motion.public_id}")
            return found
    raise Conflict(
        "You were not asked to be a co-mover.", "Only an invited member may answer.", "Ask the mover.", "mover.none"
    )


def move_on(act: Act, motion: Motion, act_name: str, reason: str = "") -> Motion:
    """Admit, fix, unfix, refer or withdraw: each leads to the next state by the standing orders."""
    act.may(act_name, motion.state, standing.words(act, motion))
    if act_name in ("motion.refer",) and len(reason.strip()) < 10:
        raise DeliberateError(
            "The reason is too short.",
            "The movers read it.",
            "Write a sentence.",
            "motion.reason",
            {"reason": "Write a sentence."},
        )
    motion.state, motion.changed_at = step(motion.state, act_name), act.now
    if motion.state in MOTION_ENDS:
        motion.outcome_reason = reason.strip()[:300] or {"withdrawn": "Withdrawn by its mover."}.get(motion.state, "")
    done = {
        "motion.admit": "motion.admitted",
        "motion.fix": "motion.fixed",
        "motion.unfix": "motion.unfixed",
        "motion.refer": "motion.referred",
        "motion.withdraw": "motion.withdrawn",
    }[act_name]
    act.record(done, f"motion:{motion.public_id}", version=latest(act.db, motion).hash)
    return motion


def follow(db: Session, member: Member, kind: str, subject: str, act: Act, level: str = "all") -> Follow:
    """Hear about a thing. Following twice changes only the level."""
    found = db.scalar(
        select(Follow).where(Follow.member_id == member.id, Follow.subject_kind == kind, Follow.subject_id == subject)
    )
    if found is None:
        found = Follow(member_id=member.id, subject_kind=kind, subject_id=subject, created_at=act.now)
        db.add(found)
    found.level = level
    db.flush()
    return found


def follows(act: Act, kind: str, subject: str) -> bool:
    """Whether the member follows a thing."""
    if act.member is None:
        return False
    return act.db.scalar(
        select(Follow.level).where(
            Follow.member_id == act.member.id, Follow.subject_kind == kind, Follow.subject_id == subject
        )
    ) not in (None, "none")


GROUPS = {
    "now": ("submitted", "seconded", "debate", "fixed", "put"),
    "support": ("submitted",),
    "debate": ("seconded", "debate", "fixed"),
    "vote": ("put",),
    "decided": ("carried", "lost", "referred", "withdrawn"),
}


def listed(
    db: Session,
    assembly: Assembly,
    group: str = "now",
    q: str = "",
    mine: Member | None = None,
    limit: int = 20,
    offset: int = 0,
    order: str = "changed",
) -> tuple[list[Motion], int]:
    """Motions of a group of states, found by words if given: (a page of them, how many in all)."""
    query = select(Motion).where(Motion.assembly_id == assembly.id)
    if group in GROUPS:
        query = query.where(Motion.state.in_(GROUPS[group]))
    if mine is not None:
        query = query.where(Motion.mover_id == mine.id)
    if q:
        query = query.where(Motion.public_id.in_([hit.id for hit in search.find(db, assembly, q, "motion", 200)]))
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    by = Motion.changed_at.desc() if order == "changed" else Motion.id.desc()
    rows = db.scalars(
        query.options(selectinload(Motion.mover)).order_by(by, Motion.id.desc()).limit(limit).offset(offset)
    )
    return list(rows), total


def counts(db: Session, assembly: Assembly) -> dict[str, int]:
    """How many motions each group has."""
    rows = db.execute(
        select(Motion.state, func.count()).where(Motion.assembly_id == assembly.id).group_by(Motion.state)
    ).all()
    states = dict(rows)
    return {group: sum(states.get(state, 0) for state in of) for group, of in GROUPS.items()} | {
        "all": sum(states.values())
    }
