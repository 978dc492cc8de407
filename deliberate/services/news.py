"""News: ledger entries in words, for people. The ledger says what and when; the tables say of what and by whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from deliberate.core.ledger import entries as codec
from deliberate.core.sentences import Marked, mark
from deliberate.models import Amendment, Assembly, Comment, LedgerEntry, Member, Motion, Poll
from deliberate.services import ledger

SAID = {
    "assembly.founded": mark("The assembly was founded."),
    "assembly.begun": mark("The guide for the new assembly was put away."),
    "roll.imported": mark("The roll was imported."),
    "roll.invited": mark("Members were invited."),
    "member.added": mark("A member was put on the roll."),
    "member.changed": mark("A row of the roll was changed."),
    "member.ended": mark("A membership ended."),
    "member.invited": mark("A member was invited."),
    "member.joined": mark("A member joined in."),
    "role.granted": mark("An office was given."),
    "role.ended": mark("An office ended."),
    "orders.changed": mark("The standing orders were changed."),
    "motion.proposed": mark("%(thing)s was proposed."),
    "motion.edited": mark("%(thing)s was changed by its movers."),
    "motion.supported": mark("%(thing)s gained a supporter."),
    "motion.unsupported": mark("%(thing)s lost a supporter."),
    "motion.seconded": mark("%(thing)s has the support it needs."),
    "motion.mover_invited": mark("Co-movers were invited to %(thing)s."),
    "motion.mover_answered": mark("A member answered on moving %(thing)s."),
    "motion.admitted": mark("The debate on %(thing)s is open."),
    "motion.fixed": mark("The text of %(thing)s is fixed."),
    "motion.unfixed": mark("The debate on %(thing)s is open again."),
    "motion.referred": mark("%(thing)s was referred back."),
    "motion.withdrawn": mark("%(thing)s was withdrawn."),
    "motion.lapsed": mark("%(thing)s did not gather enough support in time."),
    "motion.carried": mark("%(thing)s was carried."),
    "motion.lost": mark("%(thing)s was lost."),
    "amendment.submitted": mark("%(thing)s was submitted."),
    "amendment.reworded": mark("%(thing)s was reworded."),
    "amendment.accepted": mark("%(thing)s was accepted by the movers."),
    "amendment.carried": mark("%(thing)s was carried."),
    "amendment.lost": mark("%(thing)s was lost."),
    "amendment.met": mark("%(thing)s says what the text says already."),
    "amendment.fallen": mark("%(thing)s fell without a vote."),
    "amendment.withdrawn": mark("%(thing)s was withdrawn."),
    "debate.said": mark("%(who)s spoke in the debate on %(thing)s."),
    "debate.edited": mark("%(who)s edited a contribution on %(thing)s."),
    "debate.hidden": mark("A moderator hid a contribution on %(thing)s."),
    "debate.restored": mark("A moderator restored a contribution on %(thing)s."),
    "debate.kept": mark("A moderator kept a reported contribution on %(thing)s."),
    "debate.reported": mark("A contribution on %(thing)s was reported."),
    "poll.prepared": mark("%(thing)s was prepared."),
    "poll.edited": mark("%(thing)s was changed before its opening."),
    "poll.opened": mark("Voting in %(thing)s is open."),
    "poll.closed": mark("Voting in %(thing)s is closed."),
    "poll.tallied": mark("%(thing)s was counted."),
    "poll.drawn": mark("A lot was entered in %(thing)s."),
    "poll.published": mark("The result of %(thing)s is published."),
    "poll.voided": mark("%(thing)s was declared void."),
}
UNKNOWN = mark("%(kind)s.")
MOST = 500
"""Entries that are looked through for what is new; whoever was away longer reads the record."""

QUIET = {
    "assembly.begun",
    "motion.supported",
    "motion.unsupported",
    "poll.prepared",
    "poll.edited",
    "poll.tallied",
    "member.added",
    "member.changed",
    "member.invited",
    "member.joined",
    "debate.edited",
    "debate.kept",
    "debate.reported",
    "motion.mover_invited",
    "motion.mover_answered",
}


@dataclass(frozen=True)
class Item:
    """One entry in words. says: a marked sentence with places for ``thing`` and ``who``, which the page fills.

    thing: (number and title, kind, public id) or None.
    """

    idx: int
    kind: str
    at: datetime | None
    says: Marked
    thing: tuple[str, str, str] | None
    who: str
    hash: str


def _named(kind: str, key: Any, title: Any, noun: str, public_id: Any, *joined: tuple[Any, Any]) -> Select[Any]:
    """Of what a subject of this kind is, or who a commitment: (kind, key, words, noun and public id of the thing)."""
    query = select(literal(kind), key, title, literal(noun), public_id).where(key.in_(bindparam(kind, expanding=True)))
    for table, on in joined:
        query = query.join(table, on)
    return query


MOTION, AMENDMENT = Motion.number + " " + Motion.title, Amendment.number + " " + Motion.title
SPOKEN_ON = {
    kind: (Comment.subject_kind == kind) & (Comment.subject_id == of.public_id)
    for kind, of in (("motion", Motion), ("amendment", Amendment))
}
OF_MOTION = (Motion, Motion.id == Amendment.motion_id)
KINDS = ("motion", "amendment", "poll", "comment", "by")
NAMED = union_all(
    _named("motion", Motion.public_id, MOTION, "motion", Motion.public_id),
    _named("amendment", Amendment.public_id, AMENDMENT, "amendment", Amendment.public_id, OF_MOTION),
    _named("poll", Poll.public_id, Poll.number + " " + Poll.title, "poll", Poll.public_id),
    _named("comment", Comment.public_id, MOTION, "motion", Motion.public_id, (Motion, SPOKEN_ON["motion"])),
    _named(
        "comment",
        Comment.public_id,
        AMENDMENT,
        "amendment",
        Amendment.public_id,
        (Amendment, SPOKEN_ON["amendment"]),
        OF_MOTION,
    ),
    _named("by", Member.commitment, Member.name, "", Member.public_id),
)
"""Everything that entries speak of, in one query: each kind with its ids (``by``: commitments)."""


def words(db: Session, assembly: Assembly, rows: Sequence[LedgerEntry]) -> list[Item]:
    """Entries in words, in the order given; one query however many."""
    contents = [(row, ledger.content(row)) for row in rows]
    wanted: dict[str, set[str]] = defaultdict(set)
    for _, content in contents:
        kind, _, public_id = content.get("subject", "").partition(":")
        wanted[kind].add(public_id)
        wanted["by"].add(content.get("by", ""))
    things: dict[tuple[str, str], tuple[str, str, str]] = {}
    for kind, key, title, noun, public_id in db.execute(NAMED, {kind: sorted(wanted[kind] - {""}) for kind in KINDS}):
        things[kind, key] = (title, noun, public_id)
    return [_item(row, content, things) for row, content in contents]


def _item(row: LedgerEntry, content: dict[str, Any], things: dict[tuple[str, str], tuple[str, str, str]]) -> Item:
    kind, _, public_id = content.get("subject", "").partition(":")
    thing = things.get((kind, public_id))
    who = things.get(("by", content.get("by", "")), ("", "", ""))[0]
    says = SAID.get(row.kind, UNKNOWN)
    at = codec.parse_moment(content["at"]) if "at" in content else None
    return Item(row.idx, row.kind, at, says, thing if "%(thing)s" in says else None, who, row.hash)


def since(db: Session, assembly: Assembly, member: Member, limit: int = 12) -> tuple[list[Item], int]:
    """What others did since the member last looked, the newest first, without the small acts; and how much more there is."""
    rows = db.scalars(
        select(LedgerEntry)
        .where(
            LedgerEntry.ledger_id == assembly.ledger_id,
            LedgerEntry.idx > member.looked_from,
            LedgerEntry.kind.not_in(QUIET),
            LedgerEntry.kind.like("%.%"),
        )
        .order_by(LedgerEntry.idx.desc())
        .limit(MOST)
    ).all()
    mine = f'"by":"{member.commitment}"'.encode()  # found in the bytes: hundreds of entries need not be read for it
    others = [row for row in rows if mine not in row.body]
    return words(db, assembly, others[:limit]), max(0, len(others) - limit)


def latest(db: Session, assembly: Assembly, limit: int = 8) -> list[Item]:
    """The newest acts, for visitors."""
    rows = db.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.ledger_id == assembly.ledger_id, LedgerEntry.kind.not_in(QUIET))
        .order_by(LedgerEntry.idx.desc())
        .limit(limit)
    ).all()
    return words(db, assembly, rows)


def page(db: Session, assembly: Assembly, kind: str = "", limit: int = 50, offset: int = 0) -> tuple[list[Item], int]:
    """Entries of the assembly ledger, the newest first, by the noun of their kind; and how many there are."""
    query = select(LedgerEntry).where(LedgerEntry.ledger_id == assembly.ledger_id)
    if kind:
        query = query.where(LedgerEntry.kind.like(f"{kind}.%"))
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    return words(
        db, assembly, db.scalars(query.order_by(LedgerEntry.idx.desc()).limit(limit).offset(offset)).all()
    ), total
