"""People: persons who log in, members on the roll, their roles, invitations and log-ins."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deliberate.models.assembly import Assembly
from deliberate.models.meta import Base, Exact, Id, Json, Moment, PublicId, Utc, public_id


class Person(Base):
    """Somebody known to this installation, who may log in."""

    __tablename__ = "person"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)  # canonical form
    password: Mapped[str | None] = mapped_column(String(200))  # argon2id
    timezone: Mapped[str | None] = mapped_column(String(60))
    locale: Mapped[str | None] = mapped_column(String(12))
    created_at: Mapped[Moment]

    members: Mapped[list[Member]] = relationship(back_populates="person")


class Member(Base):
    """A person on the roll of an assembly. ``commitment`` stands for the member in the ledger; without the salt it means nothing."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("assembly_id", "number"),
        UniqueConstraint("assembly_id", "email"),
        UniqueConstraint("assembly_id", "person_id"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    section: Mapped[str] = mapped_column(String(120), default="")
    weight: Mapped[Fraction] = mapped_column(Exact(), default=Fraction(1))
    entitled: Mapped[bool] = mapped_column(default=True)  # False: holds an office but no vote
    joined_on: Mapped[date]
    ended_on: Mapped[date | None]
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    commitment: Mapped[str] = mapped_column(String(64), unique=True)
    looked_from: Mapped[int] = mapped_column(
        default=0
    )  # ledger index up to which the member had looked at the visit before
    created_at: Mapped[Moment]

    assembly: Mapped[Assembly] = relationship()
    person: Mapped[Person | None] = relationship(back_populates="members")
    roles: Mapped[list[Role]] = relationship(back_populates="member", foreign_keys="Role.member_id", order_by="Role.id")

    def __init__(self, **values: Any) -> None:
        super().__init__(**self.fresh(**values))

    @staticmethod
    def fresh(**values: Any) -> dict[str, Any]:
        """The values of a new row, with a salt and the commitment that it makes."""
        salt, name = values.get("salt") or secrets.token_bytes(32), values.get("public_id") or public_id()
        return {
            "salt": salt,
            "public_id": name,
            "commitment": hashlib.sha256(salt + name.encode()).hexdigest(),
            **values,
        }

    @property
    def initials(self) -> str:
        words = self.name.split() or ["?"]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class Role(Base):
    """An office held by a member, with a start and an end."""

    __tablename__ = "role"

    id: Mapped[Id]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[Moment]
    ends_at: Mapped[datetime | None] = mapped_column(Utc())
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    member: Mapped[Member] = relationship(back_populates="roles", foreign_keys=[member_id])


class Invitation(Base):
    """A link that binds a person to one roll row; single use, expires, stored as a hash."""

    __tablename__ = "invitation"

    id: Mapped[Id]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(Utc())

    member: Mapped[Member] = relationship()


class MailLink(Base):
    """A log-in or password link sent by mail; single use, expires, stored as a hash."""

    __tablename__ = "mail_link"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))  # login | password
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(Utc())

    person: Mapped[Person] = relationship()


class Login(Base):
    """One log-in of one person on one device; the cookie holds a random id, this row its hash."""

    __tablename__ = "login"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    method: Mapped[str] = mapped_column(String(20))
    agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(Utc())

    person: Mapped[Person] = relationship()


class RollImport(Base):
    """A roll file that was read and compared with today's roll, waiting to be applied as a whole or dropped."""

    __tablename__ = "roll_import"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[Moment]
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # megabytes, which the page of progress does not need
    state: Mapped[str] = mapped_column(String(20))  # reading | ready | refused | applying | applied | dropped
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(Json)  # summary, sample of the diff, errors with line numbers


Index("ix_role_running", Role.member_id, Role.role, Role.ends_at)
