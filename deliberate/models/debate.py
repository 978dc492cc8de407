"""Debate: comments in threads, their versions, mentions, reports, and who follows what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deliberate.models.member import Member
from deliberate.models.meta import Base, Id, Moment, PublicId, Utc


class Comment(Base):
    """One contribution to the debate on a motion, an amendment or a poll. Hidden ones leave a tombstone."""

    __tablename__ = "comment"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(20))  # motion | amendment | poll
    subject_id: Mapped[str] = mapped_column(String(26))
    clause: Mapped[str] = mapped_column(String(40), default="")  # clause id, when it is about one clause
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    side: Mapped[str] = mapped_column(String(10))  # for | against | question | neutral
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    edited_at: Mapped[datetime | None] = mapped_column(Utc())
    hidden_at: Mapped[datetime | None] = mapped_column(Utc())
    hidden_reason: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)

    author: Mapped[Member] = relationship()
    past: Mapped[list[CommentVersion]] = relationship(back_populates="comment", order_by="CommentVersion.seq")


class CommentVersion(Base):
    """What a comment said before it was edited."""

    __tablename__ = "comment_version"
    __table_args__ = (UniqueConstraint("comment_id", "seq"),)

    id: Mapped[Id]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    seq: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Moment]

    comment: Mapped[Comment] = relationship(back_populates="past")


class Mention(Base):
    """A member named in a comment."""

    __tablename__ = "mention"
    __table_args__ = (UniqueConstraint("comment_id", "member_id"),)

    id: Mapped[Id]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)

    comment: Mapped[Comment] = relationship()


class Report(Base):
    """A member's request that a moderator look at a comment."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("comment_id", "member_id"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    settled_at: Mapped[datetime | None] = mapped_column(Utc())
    outcome: Mapped[str] = mapped_column(String(20), default="")

    comment: Mapped[Comment] = relationship()


class Follow(Base):
    """What a member wants to hear about, and how much of it."""

    __tablename__ = "follow"
    __table_args__ = (UniqueConstraint("member_id", "subject_kind", "subject_id"),)

    id: Mapped[Id]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(26))
    level: Mapped[str] = mapped_column(String(10), default="all")  # all | decisions | none
    created_at: Mapped[Moment]


Index("ix_comment_subject", Comment.subject_kind, Comment.subject_id, Comment.created_at)
Index("ix_follow_subject", Follow.subject_kind, Follow.subject_id)
