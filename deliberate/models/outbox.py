"""Outbox: mails written in the transaction that causes them, sent afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from deliberate.models.meta import Base, Id, Moment, PublicId, Utc


class OutboxMessage(Base):
    """One mail to one person, waiting, sent or given up."""

    __tablename__ = "outbox"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    to: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    sent_at: Mapped[datetime | None] = mapped_column(Utc())
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(Text, default="")
