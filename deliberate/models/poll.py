"""Polls: one asking of one question to one roll; options, the frozen roll, and who has taken part."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deliberate.models.amendment import Amendment
from deliberate.models.assembly import Assembly
from deliberate.models.ledger import Ledger
from deliberate.models.member import Member
from deliberate.models.meta import Base, Data, Exact, Id, Json, Moment, PublicId, Utc
from deliberate.models.motion import Motion


class Poll(Base):
    """One asking of one question to one roll, from preparation to publication.

    Everything that bears on the result is frozen in ``definition`` (canonical bytes) when the poll opens.
    """

    __tablename__ = "poll"
    __table_args__ = (
        UniqueConstraint("assembly_id", "number"),
        CheckConstraint("(state = 'prepared') = (opened_at IS NULL) OR state = 'void'", name="opened"),
        CheckConstraint("mode IN ('open', 'confidential')", name="mode"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    question: Mapped[str] = mapped_column(Text, default="")
    motion_id: Mapped[int | None] = mapped_column(ForeignKey("motion.id"), index=True)
    amendment_id: Mapped[int | None] = mapped_column(ForeignKey("amendment.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)  # prepared | open | closed | tallied | published | void
    ballot: Mapped[str] = mapped_column(String(10))  # choice | ranking
    method: Mapped[str] = mapped_column(String(40))
    rules: Mapped[Data]
    seats: Mapped[int] = mapped_column(default=1)
    mode: Mapped[str] = mapped_column(String(20))
    revote: Mapped[str] = mapped_column(String(20), default="never")  # never | until_close
    publication: Mapped[str] = mapped_column(String(10), default="full")
    opens_at: Mapped[datetime | None] = mapped_column(Utc())
    closes_at: Mapped[datetime | None] = mapped_column(Utc())
    opened_at: Mapped[datetime | None] = mapped_column(Utc())
    closed_at: Mapped[datetime | None] = mapped_column(Utc())
    published_at: Mapped[datetime | None] = mapped_column(Utc())
    void_reason: Mapped[str] = mapped_column(Text, default="")
    definition: Mapped[bytes | None] = mapped_column(LargeBinary)  # canonical bytes, frozen at opening
    count: Mapped[bytes | None] = mapped_column(LargeBinary)  # canonical bytes of the Count
    seal: Mapped[str] = mapped_column(String(32), default="")  # opens the commitment to the count, at the publication
    lots: Mapped[list[Any]] = mapped_column(Json, default=list)
    lots_told: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")  # how each was drawn
    package_id: Mapped[str | None] = mapped_column(String(64))
    ledger_id: Mapped[int | None] = mapped_column(ForeignKey("ledger.id"))
    box_id: Mapped[int | None] = mapped_column(ForeignKey("ledger.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[Moment]
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    assembly: Mapped[Assembly] = relationship()
    motion: Mapped[Motion | None] = relationship()
    amendment: Mapped[Amendment | None] = relationship()
    ledger: Mapped[Ledger | None] = relationship(foreign_keys=[ledger_id])
    box: Mapped[Ledger | None] = relationship(foreign_keys=[box_id])
    options: Mapped[list[Option]] = relationship(
        back_populates="poll", order_by="Option.position", cascade="all, delete-orphan"
    )


class Option(Base):
    """Something that can be chosen."""

    __tablename__ = "option"
    __table_args__ = (UniqueConstraint("poll_id", "key"), UniqueConstraint("poll_id", "position"))

    id: Mapped[Id]
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(20))  # o1, o2 ...; yes, no, abstain
    name: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")

    poll: Mapped[Poll] = relationship(back_populates="options")


class RollEntry(Base):
    """One line of the roll of one poll, frozen at opening. ``roll`` is the member's value in this poll only."""

    __tablename__ = "roll_entry"
    __table_args__ = (UniqueConstraint("poll_id", "member_id"), {"sqlite_with_rowid": False})

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    roll: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    weight: Mapped[Fraction] = mapped_column(Exact())
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")  # open polls: the name at the opening

    member: Mapped[Member] = relationship()


class Participation(Base):
    """The fact that a member has voted. In an open poll ``leaf`` names the ballot; in a secret one it is empty."""

    __tablename__ = "participation"
    __table_args__ = ({"sqlite_with_rowid": False},)

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    roll: Mapped[str] = mapped_column(String(64), primary_key=True)
    leaf: Mapped[str] = mapped_column(String(64), default="")
    key: Mapped[str] = mapped_column(
        String(64), default=""
    )  # open polls: hash of the form's key, so a repeat is recognised
