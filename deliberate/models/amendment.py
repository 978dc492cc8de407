"""Amendments: proposed changes to a motion, as hunks against a base version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deliberate.models.member import Member
from deliberate.models.meta import Base, Hash, Id, Moment, PublicId, Rows, Utc
from deliberate.models.motion import Motion, Version


class Amendment(Base):
    """A proposed change to a motion. Friendly: accepted by the movers without a vote."""

    __tablename__ = "amendment"
    __table_args__ = (UniqueConstraint("motion_id", "number"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    motion_id: Mapped[int] = mapped_column(ForeignKey("motion.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    order: Mapped[int]  # order of submission, for the canonical order of insertions at one gap
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(
        String(20), index=True
    )  # submitted | put | carried | accepted | lost | fallen | withdrawn | met
    outcome_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Moment]
    decided_at: Mapped[datetime | None] = mapped_column(Utc())
    hidden_at: Mapped[datetime | None] = mapped_column(Utc())
    hidden_reason: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    motion: Mapped[Motion] = relationship()
    author: Mapped[Member] = relationship()
    texts: Mapped[list[AmendmentText]] = relationship(back_populates="amendment", order_by="AmendmentText.seq")


class AmendmentText(Base):
    """The hunks of an amendment against one base; a rebase adds a new one and keeps the old."""

    __tablename__ = "amendment_text"
    __table_args__ = (UniqueConstraint("amendment_id", "seq"),)

    id: Mapped[Id]
    amendment_id: Mapped[int] = mapped_column(ForeignKey("amendment.id"), index=True)
    seq: Mapped[int]
    base_id: Mapped[int] = mapped_column(ForeignKey("version.id"), index=True)
    hunks: Mapped[Rows]
    collides: Mapped[Rows] = mapped_column(
        default=list
    )  # numbers of the amendments whose change it ran into at a rebase
    hash: Mapped[Hash]
    made_by: Mapped[str] = mapped_column(String(10))  # submit | rebase | reword
    created_at: Mapped[Moment]

    amendment: Mapped[Amendment] = relationship(back_populates="texts")
    base: Mapped[Version] = relationship()
