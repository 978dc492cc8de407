"""Motions: texts put before the assembly, their versions, movers and supports; drafts of any text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deliberate.models.assembly import Assembly
from deliberate.models.member import Member
from deliberate.models.meta import Base, Data, Hash, Id, Json, Moment, PublicId, Rows, Utc


class Motion(Base):
    """A text put before the assembly for decision. Its rules are copied in when it is submitted."""

    __tablename__ = "motion"
    __table_args__ = (UniqueConstraint("assembly_id", "number"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    number: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))  # of the current version, for lists
    state: Mapped[str] = mapped_column(String(20), index=True)
    outcome_reason: Mapped[str] = mapped_column(String(300), default="")  # why it ended as it did
    mover_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    rules: Mapped[Data]  # threshold {count, share, sections}, roll size at the gate, deadline; frozen at submission
    created_at: Mapped[Moment]
    submitted_at: Mapped[datetime | None] = mapped_column(Utc())
    changed_at: Mapped[Moment]
    hidden_at: Mapped[datetime | None] = mapped_column(Utc())
    hidden_reason: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)  # optimistic lock

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    assembly: Mapped[Assembly] = relationship()
    mover: Mapped[Member] = relationship()
    versions: Mapped[list[Version]] = relationship(back_populates="motion", order_by="Version.seq")
    movers: Mapped[list[Mover]] = relationship(back_populates="motion", order_by="Mover.id")


class Version(Base):
    """A text at one moment; never changed."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("motion_id", "seq"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    motion_id: Mapped[int] = mapped_column(ForeignKey("motion.id"), index=True)
    seq: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("version.id"))
    clauses: Mapped[Rows]  # [{"id","level","kind","text"}...] of core.drafting
    hash: Mapped[Hash]
    made_by: Mapped[str] = mapped_column(String(10))  # edit | apply | merge
    units: Mapped[Rows] = mapped_column(Json, default=list)  # numbers of the amendments applied
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[Moment]

    motion: Mapped[Motion] = relationship(back_populates="versions")
    author: Mapped[Member] = relationship()


class Mover(Base):
    """A co-mover of a motion, invited, then accepted or declined."""

    __tablename__ = "mover"
    __table_args__ = (UniqueConstraint("motion_id", "member_id"),)

    id: Mapped[Id]
    motion_id: Mapped[int] = mapped_column(ForeignKey("motion.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))  # invited | accepted | declined
    created_at: Mapped[Moment]

    motion: Mapped[Motion] = relationship(back_populates="movers")
    member: Mapped[Member] = relationship()


class Support(Base):
    """A member's backing of a motion, with the version that the member saw."""

    __tablename__ = "support"
    __table_args__ = (UniqueConstraint("motion_id", "member_id"),)

    id: Mapped[Id]
    motion_id: Mapped[int] = mapped_column(ForeignKey("motion.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    created_at: Mapped[Moment]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Utc())

    member: Mapped[Member] = relationship()
    version: Mapped[Version] = relationship()


class Draft(Base):
    """What a member has typed and not yet submitted."""

    __tablename__ = "draft"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # motion | amendment | comment
    subject: Mapped[str] = mapped_column(String(60), default="")  # public id of the motion an amendment is about
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    revision: Mapped[int] = mapped_column(default=1)
