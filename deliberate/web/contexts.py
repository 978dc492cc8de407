"""What an address is about: the motion, amendment, comment or poll that its public id names, or NotFound."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pyramid.request import Request
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload, selectinload

from deliberate.core.errors import NotFound
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Comment, Draft, Member, Motion, Mover, Poll

Thing = TypeVar("Thing")
NONE = {
    "motion": mark("There is no such motion."),
    "amendment": mark("There is no such amendment."),
    "comment": mark("There is no such comment."),
    "poll": mark("There is no such poll."),
    "member": mark("There is no such member."),
    "draft": mark("There is no such draft."),
}
WITH_ASSEMBLY, WITH_ROLES = joinedload(Poll.assembly), selectinload(Member.roles)


@cache
def _by_public_id(model: Any, *with_: Any) -> Any:
    return select(model).options(*with_).where(model.public_id == bindparam("public_id"))


def _find(request: Request, model: type[Thing], key: str, *with_: Any) -> Thing:
    found = request.db.scalar(_by_public_id(model, *with_), {"public_id": request.matchdict[key]})
    if found is None:
        raise NotFound(
            NONE[key],
            "The address may be mistyped, or it was never published.",
            "Look for it in the list.",
            f"{key}.none",
        )
    result: Thing = found
    return result


def motion(request: Request) -> Motion:
    movers = selectinload(Motion.movers).joinedload(Mover.member)
    return _find(request, Motion, "motion", movers, joinedload(Motion.mover))


def amendment(request: Request) -> Amendment:
    return _find(request, Amendment, "amendment")


def comment(request: Request) -> Comment:
    return _find(request, Comment, "comment")


def poll(request: Request) -> Poll:
    return _find(request, Poll, "poll", WITH_ASSEMBLY)


def member(request: Request) -> Member:
    return _find(request, Member, "member", WITH_ROLES)


def draft(request: Request) -> Draft:
    """A draft, for its author only: for everybody else there is none."""
    found = _find(request, Draft, "draft")
    if request.member is None or found.member_id != request.member.id:
        raise NotFound("There is no such draft.", "Drafts can be seen only by their authors.", "", "draft.none")
    return found
