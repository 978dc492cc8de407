"""Drafts: what a member has typed and not yet sent. Two tabs never write over each other."""

from __future__ import annotations

from sqlalchemy import func, select

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import Draft
from deliberate.services import standing
from deliberate.services.act import Act
from deliberate.services.motions import Writing

MOST = 100
"""Drafts that one member may keep."""


def find(act: Act, public_id: str) -> Draft | None:
    """The member's own draft of this name, if it is still there."""
    if act.member is None or not public_id:
        return None
    return act.db.scalar(select(Draft).where(Draft.public_id == public_id, Draft.member_id == act.member.id))


def save(act: Act, written: Writing, draft: Draft | None = None, seen: int | None = None) -> Draft:
    """Keep what was typed so far; no entry is made for it.

    seen: the revision that the page started from. If another page has saved a later one meanwhile, these words become a
    draft of their own: both are kept. Raises DeliberateError ``draft.many``.
    """
    act.may("motion.draft")
    content = {name: value.replace("\0", "") for name, value in written.as_json().items()}
    if draft is not None and draft.content == content:
        return draft
    if draft is None or (seen is not None and draft.revision != seen):
        _room(act)
        draft = Draft(member_id=act.actor.id, kind="motion", content={}, created_at=act.now, revision=0)
        act.db.add(draft)
    draft.content, draft.changed_at, draft.revision = content, act.now, draft.revision + 1
    act.db.flush()
    return draft


def _room(act: Act) -> None:
    have = act.db.scalar(select(func.count()).select_from(Draft).where(Draft.member_id == act.actor.id)) or 0
    if have >= MOST:
        raise DeliberateError(
            mark("You have %(have)s drafts.", have=have),
            mark("The limit is %(most)s.", most=MOST),
            "Propose or discard one of them first.",
            "draft.many",
            {
                "text": mark(
                    "You have %(have)s drafts; %(most)s at most. Discard one of them first.", have=have, most=MOST
                )
            },
        )


def mine(act: Act, limit: int) -> list[Draft]:
    """The member's own drafts that changed last, the newest first."""
    if act.member is None:
        return []
    query = select(Draft).where(Draft.member_id == act.member.id)
    return list(act.db.scalars(query.order_by(Draft.changed_at.desc()).limit(limit)))


def discard(act: Act, draft: Draft) -> None:
    """Throw a draft away."""
    act.may("motion.propose", "draft", standing.words(act, draft))
    act.db.delete(draft)


def sent(act: Act, draft: Draft | None, seen: int | None) -> None:
    """The words were proposed: their draft goes, unless another page has put newer words into it."""
    if draft is not None and (seen is None or draft.revision == seen):
        act.db.delete(draft)
