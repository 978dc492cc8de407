"""Motions: draft, propose, support, edit, debate, fix, refer back, withdraw. Every version is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from deliberate.core.drafting import clauses, merge, numbering
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.drafting.text import normal
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.orders import MOTION_ENDS, MOTION_STATES, step
from deliberate.core.sentences import mark
from deliberate.models import Assembly, Member, Motion, Mover, Support, Version
from deliberate.services import follows, rebases, search, standing, supports
from deliberate.services.act import Act
from deliberate.services.versions import REASON, TITLE, Parts, add_version, divide, latest, parts, version

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


def whole(written: Writing, before: Parts | None = None, ever: Iterable[str] = ()) -> Text:
    """All clauses of what was written; where there is a version before, clauses that continue keep their ids.

    ever: ids of all versions, so that a new clause never gets the id of one that was deleted.
    """
    title = normal(written.title).strip()
    text, reason = clauses.parse(written.text), clauses.parse(written.reason)
    faults = {}
    if not title:
        faults["title"] = mark("Give the motion a title.")
    elif len(title) > LONGEST_TITLE:
        faults["title"] = mark(
            "The title has %(have)s characters; %(most)s at most.", have=len(title), most=LONGEST_TITLE
        )
    if not text:
        faults["text"] = mark("Write what is to be decided.")
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
    return (Clause(TITLE, 1, "heading", title), *clauses.number(text, ever=ever), *clauses.number(reason, REASON, ever))


def propose(act: Act, written: Writing, key: str = "") -> Motion:
    """Put a motion: it gets its number, version 1, and the rules under which it gathers support are copied in.

    key: a random word of the form; what is sent twice with it is one motion.
    """
    act.may("motion.draft")
    public_id = act.id_for("motion", key)
    same = act.db.scalar(select(Motion).where(Motion.public_id == public_id))
    if same is not None:
        return same
    act.may("motion.propose", "draft", {"mover"})
    text = whole(written)
    invited = _named(act, written.movers)
    orders = act.orders
    roll = roll_size(act)
    motion = Motion(
        public_id=public_id,
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
    _ask(act, motion, invited)
    follows.take_part(act, motion)
    act.record("motion.proposed", f"motion:{motion.public_id}", number=motion.number, version=version.hash)
    reached = supports.backing(act, motion)
    if reached.reached:  # the mover is support enough
        supports.second(act, motion, reached)
    return motion


def roll_size(act: Act) -> int:
    """How many members are on the roll today."""
    today = act.today
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
                mark("Nobody on the roll has this number or name.")
                if not rows
                else mark("Several members have this name; give the number.")
            )
            raise DeliberateError(
                mark('"%(word)s" is not found as a co-mover.', word=word),
                why,
                "Correct the name.",
                "motion.mover",
                {"movers": mark('"%(word)s": %(why)s', word=word, why=why)},
            )
        if rows[0].id != act.actor.id and rows[0] not in found:
            found.append(rows[0])
    return found


def edit(act: Act, motion: Motion, written: Writing, seen: int) -> Version:
    """Change a motion before it is supported. seen: number of the version that the form showed; a newer one is a Conflict."""
    act.may("motion.edit", motion.state, standing.words(act, motion))
    now = latest(act.db, motion)
    text = whole(written, parts(version(motion, seen)), _ever(motion))
    if now.seq == seen + 1 and now.author_id == act.actor.id and _words(text) == _words(clauses.from_json(now.clauses)):
        return now  # the form was sent twice
    if now.seq != seen:
        raise Conflict(
            "Somebody else has changed the text.",
            mark("You edited version %(seen)s; version %(seq)s is there now.", seen=seen, seq=now.seq),
            "Both changes are put together below. Look at them, then send the form again.",
            "version.conflict",
        )
    if clauses.digest(text) == now.hash:
        raise DeliberateError(
            "Nothing is changed.",
            "The text is the same as before.",
            "Change it, or go back.",
            "version.same",
            {"text": "The text is the same as before."},
        )
    made = add_version(act, motion, text, "edit")
    by_hand = rebases.by_hand(clauses.from_json(now.clauses), text)
    moved = rebases.carry_over(act, motion, now, by_hand, made)
    act.record("motion.edited", f"motion:{motion.public_id}", version=made.hash, seq=made.seq, moved=moved)
    return made


def _words(text: Text) -> list[tuple[int, str, str]]:
    return [(clause.level, clause.kind, clause.text) for clause in text]


def _ever(motion: Motion) -> list[str]:
    return [row["id"] for made in motion.versions for row in made.clauses]


def merged(motion: Motion, written: Writing, seen: int) -> tuple[Writing, list[merge.Clash]]:
    """Two edits of one version put together: what a mover wrote, and what another stored meanwhile.

    Where both changed the same words those that are stored stand, and the clause is listed with the words of both.
    """
    base, now = version(motion, seen), motion.versions[-1]
    mine = whole(written, parts(base), _ever(motion))
    stored = clauses.from_json(now.clauses)
    text, clashes = merge.merge(clauses.from_json(base.clauses), mine, stored)
    hit = {clash.clause for clash in clashes}
    there = {clause.id: clause for clause in stored}
    kept = [there.get(c.id, c) if c.id in hit else c for c in text if c.id not in hit or c.id in there]
    said = divide(kept)
    return Writing(said.title, clauses.write(said.text), clauses.write(said.reason), written.movers), list(clashes)


def invite_mover(act: Act, motion: Motion, named: str) -> list[Member]:
    """Ask members to be co-movers."""
    act.may("motion.comove", motion.state, standing.words(act, motion))
    known = {motion.mover_id, *(mover.member_id for mover in motion.movers)}
    fresh = [member for member in _named(act, named) if member.id not in known]
    _ask(act, motion, fresh)
    if fresh:
        act.record("motion.mover_invited", f"motion:{motion.public_id}", members=[m.commitment for m in fresh])
    return fresh


def _ask(act: Act, motion: Motion, members: Sequence[Member]) -> None:
    for member in members:
        act.db.add(Mover(motion=motion, member=member, state="invited", created_at=act.now))
        says = mark(
            "%(name)s asks you to be a co-mover of this motion. Accept or decline on its page.", name=act.actor.name
        )
        follows.tell(act, "mover", member, mark("Will you co-move %(number)s?", number=motion.number), says, motion)


def answer_mover(act: Act, motion: Motion, accept: bool) -> Mover:
    """Accept or decline to be a co-mover."""
    act.may("motion.answer", motion.state)
    for found in motion.movers:
        if found.member_id == act.actor.id and found.state == "invited":
            found.state = "accepted" if accept else "declined"
            if accept:
                follows.take_part(act, motion)
            act.record("motion.mover_answered", f"motion:{motion.public_id}", accepted=accept)
            reached = supports.backing(act, motion)
            if accept and motion.state == "submitted" and act.now <= supports.deadline(motion) and reached.reached:
                supports.second(act, motion, reached)
            return found
    raise Conflict(
        "You were not asked to be a co-mover.", "Only an invited member may answer.", "Ask the mover.", "mover.none"
    )


def move_on(act: Act, motion: Motion, act_name: str, reason: str = "") -> Motion:
    """Admit, fix, unfix, refer or withdraw: each leads to the next state by the standing orders."""
    act.may(act_name, motion.state, standing.words(act, motion))
    reason = normal(reason).strip()
    if act_name in ("motion.refer",) and len(reason) < 10:
        raise DeliberateError(
            "The reason is too short.",
            "The movers read it.",
            "Write a sentence.",
            "motion.reason",
            {"reason": "Write a sentence."},
        )
    motion.state, motion.changed_at = step(motion.state, act_name), act.now
    if motion.state in MOTION_ENDS:
        motion.outcome_reason = reason[:300] or {"withdrawn": mark("Withdrawn by its mover.")}.get(motion.state, "")
    done = {
        "motion.admit": "motion.admitted",
        "motion.fix": "motion.fixed",
        "motion.unfix": "motion.unfixed",
        "motion.refer": "motion.referred",
        "motion.withdraw": "motion.withdrawn",
    }[act_name]
    act.record(done, f"motion:{motion.public_id}", version=latest(act.db, motion).hash)
    says = motion.outcome_reason or mark("It is now: %(state)s.", state=MOTION_STATES[motion.state])
    follows.decided(act, motion, says)
    if motion.state in MOTION_ENDS:
        rebases.fall(act, motion, mark("Its motion was %(state)s.", state=MOTION_STATES[motion.state]))
    return motion


GROUPS = {
    "now": ("submitted", "seconded", "debate", "fixed", "put"),
    "support": ("submitted",),
    "debate": ("seconded", "debate", "fixed"),
    "vote": ("put",),
    "decided": ("carried", "lost", "referred", "withdrawn"),
}


ORDERS = ("changed", "newest", "oldest", "backed")


@dataclass(frozen=True)
class Wanted:
    """Which motions of a list, and in which order. group: of ``GROUPS``, ``all``, or ``mine`` (moved alone or with others)."""

    group: str = "now"
    q: str = ""
    order: str = "changed"


def first(act: Act, group: str, limit: int) -> list[Motion]:
    """The motions of a group that changed last."""
    query = select(Motion).where(Motion.assembly_id == act.assembly.id, Motion.state.in_(GROUPS[group]))
    return list(act.db.scalars(query.options(joinedload(Motion.mover)).order_by(*by_order("changed")).limit(limit)))


def listed(act: Act, wanted: Wanted, limit: int = 20, offset: int = 0) -> tuple[list[Motion], int]:
    """Motions of a group of states, found by words if given: (a page of them, how many in all)."""
    query = select(Motion).where(Motion.assembly_id == act.assembly.id)
    if wanted.group in GROUPS:
        query = query.where(Motion.state.in_(GROUPS[wanted.group]))
    if wanted.group == "mine":
        mine = act.actor.id
        with_others = select(Mover.motion_id).where(Mover.member_id == mine, Mover.state == "accepted")
        query = query.where(or_(Motion.mover_id == mine, Motion.id.in_(with_others)))
    if wanted.q:
        query = query.where(Motion.public_id.in_(search.ids(act.db, act.assembly, wanted.q, "motion")))
    total = act.db.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = act.db.scalars(
        query.options(joinedload(Motion.mover)).order_by(*by_order(wanted.order)).limit(limit).offset(offset)
    )
    return list(rows), total


def by_order(order: str) -> list[Any]:
    """The columns that put motions into one of ``ORDERS``."""
    backers = (
        select(func.count())
        .select_from(Support)
        .where(Support.motion_id == Motion.id, Support.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    ways: dict[str, list[Any]] = {
        "newest": [Motion.id.desc()],
        "oldest": [Motion.id],
        "backed": [backers.desc(), Motion.id.desc()],
    }
    return ways.get(order, [Motion.changed_at.desc(), Motion.id.desc()])


def counts(db: Session, assembly: Assembly) -> dict[str, int]:
    """How many motions each group has."""
    rows = db.execute(
        select(Motion.state, func.count()).where(Motion.assembly_id == assembly.id).group_by(Motion.state)
    ).all()
    states = dict(rows)
    return {group: sum(states.get(state, 0) for state in of) for group, of in GROUPS.items()} | {
        "all": sum(states.values())
    }
