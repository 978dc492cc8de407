"""What an address is about: the motion, amendment, comment or poll that its public id names, or NotFound."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pyramid.request import Request
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from deliberate.core.errors import NotFound
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Assembly, Comment, Draft, Member, Motion, Mover, Poll

Thing = TypeVar("Thing")
NONE = {
    "motion": mark("There is no such motion."),
    "amendment": mark("There is no such amendment."),
    "comment": mark("There is no such comment."),
    "poll": mark("There is no such poll."),
    "member": mark("There is no such member."),
    "draft": mark("There is no such draft."),
}
# what is named brings along what nearly every page about it shows; a page asks the database few questions
OF_POLL = (
    joinedload(Poll.assembly).joinedload(Assembly.ledger),
    joinedload(Poll.motion),
    joinedload(Poll.amendment),
    joinedload(Poll.ledger),
    joinedload(Poll.box),
)
OF_MOTION = (
    joinedload(Motion.assembly).joinedload(Assembly.ledger),
    joinedload(Motion.mover),
    joinedload(Motion.movers).joinedload(Mover.member),
)
OF_AMENDMENT = (
    joinedload(Amendment.author),
    joinedload(Amendment.texts),
    joinedload(Amendment.motion).options(*OF_MOTION),
)
OF_COMMENT = (joinedload(Comment.author).joinedload(Member.assembly).joinedload(Assembly.ledger),)
OF_MEMBER = (joinedload(Member.roles), joinedload(Member.assembly).joinedload(Assembly.ledger))


@cache  # of options that are constants: each makes one statement, built once
def _by_public_id(model: Any, *with_: Any) -> Any:
    return select(model).options(*with_).where(model.public_id == bindparam("public_id"))


def named(request: Request, model: type[Thing], key: str, public_id: str, *with_: Any) -> Thing:
    """The thing of this public id. key: its noun. Raises NotFound."""
    found = request.db.scalars(_by_public_id(model, *with_), {"public_id": public_id}).unique().one_or_none()
    if found is None:
        raise NotFound(
            NONE[key],
            "The address may be mistyped, or it was never published.",
            "Look for it in the list.",
            f"{key}.none",
        )
    result: Thing = found
    return result


def _find(request: Request, model: type[Thing], key: str, *with_: Any) -> Thing:
    return named(request, model, key, request.matchdict[key], *with_)


def motion(request: Request) -> Motion:
    return _find(request, Motion, "motion", *OF_MOTION)


def amendment(request: Request) -> Amendment:
    return _find(request, Amendment, "amendment", *OF_AMENDMENT)


def comment(request: Request) -> Comment:
    return _find(request, Comment, "comment", *OF_COMMENT)


def poll(request: Request) -> Poll:
    return _find(request, Poll, "poll", *OF_POLL)


def member(request: Request) -> Member:
    return _find(request, Member, "member", *OF_MEMBER)


def draft(request: Request) -> Draft:
    """A draft, for its author only: for everybody else there is none."""
    found = _find(request, Draft, "draft")
    if request.member is None or found.member_id != request.member.id:
        raise NotFound("There is no such draft.", "Drafts can be seen only by their authors.", "", "draft.none")
    return found
