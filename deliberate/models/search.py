"""Search documents: what can be found, one row per thing; the full-text index on it is made per database."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from deliberate.models.meta import Base, Id, Moment


class SearchDocument(Base):
    """The searchable words of one motion, amendment, comment or poll.

    SQLite: virtual table ``search_fts`` (FTS5) over title and body, kept by triggers. PostgreSQL: GIN index on tsvector.
    """

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id"),)

    id: Mapped[Id]
    assembly_id: Mapped[int] = mapped_column(ForeignKey("assembly.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(26))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[Moment]
