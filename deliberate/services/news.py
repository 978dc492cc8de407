"""News: ledger entries in words, for people. The ledger says what and when; the tables say of what and by whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.core.ledger import entries as codec
from deliberate.core.sentences import Marked, mark
from deliberate.models import Amendment, Assembly, Comment, LedgerEntry, Member, Motion, Poll
from deliberate.services import ledger

SAID = {
    "assembly.founded": mark("The assembly was founded."),
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


def words(db: Session, assembly: Assembly, rows: Sequence[LedgerEntry]) -> list[Item]:
    """Entries in words, in the order given; four queries however many."""
    contents = [(row, ledger.content(row)) for row in rows]
    wanted: dict[str, set[str]] = defaultdict(set)
    for _, content in contents:
        kind, _, public_id = content.get("subject", "").partition(":")
        wanted[kind].add(public_id)
    comments = {c.public_id: c for c in _load(db, Comment, wanted["comment"])}
    for comment in comments.values():
        wanted[comment.subject_kind].add(comment.subject_id)
    things: dict[tuple[str, str], tuple[str, str, str]] = {}
    for kind, model in (("amendment", Amendment), ("motion", Motion), ("poll", Poll)):
        for found in _load(db, model, wanted[kind]):
            title = found.motion.title if isinstance(found, Amendment) else found.title
            things[kind, found.public_id] = (f"{found.number} {title}", kind, found.public_id)
    by = {content["by"] for _, content in contents if "by" in content}
    names = (
        dict(db.execute(select(Member.commitment, Member.name).where(Member.commitment.in_(by))).all()) if by else {}
    )
    return [_item(row, content, comments, things, names) for row, content in contents]


def _load(db: Session, model: Any, ids: Iterable[str]) -> list[Any]:
    listed = [one for one in ids if one]
    return list(db.scalars(select(model).where(model.public_id.in_(listed)))) if listed else []


def _item(
    row: LedgerEntry,
    content: dict[str, Any],
    comments: dict[str, Comment],
    things: dict[tuple[str, str], tuple[str, str, str]],
    names: dict[str, str],
) -> Item:
    kind, _, public_id = content.get("subject", "").partition(":")
    comment = comments.get(public_id)
    thing = things.get((comment.subject_kind, comment.subject_id) if comment is not None else (kind, public_id))
    who = names.get(content.get("by", ""), "")
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
    others = [row for row in rows if ledger.content(row).get("by") != member.commitment]
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
