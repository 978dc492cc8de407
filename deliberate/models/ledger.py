"""Ledgers: append-only entries with their tree, signed checkpoints, and ballots that wait for the next batch."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from deliberate.models.meta import Base, Bytes, Id


class Ledger(Base):
    """One append-only record. ``frontier`` holds the O(log n) hashes from which the next root is computed."""

    __tablename__ = "ledger"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))  # assembly | poll | box
    origin: Mapped[str] = mapped_column(String(300), unique=True)
    size: Mapped[int] = mapped_column(default=0)
    frontier: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    last: Mapped[str] = mapped_column(String(64), default="")  # leaf hash of the last entry, for prev


class LedgerEntry(Base):
    """One line of a ledger. ``kind`` and ``subject`` repeat what the body says, so that readers can select."""

    __tablename__ = "entry"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"), primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60), default="")
    body: Mapped[Bytes]  # canonical bytes


class Checkpoint(Base):
    """A signed head of a ledger."""

    __tablename__ = "checkpoint"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[Bytes]


class Pending(Base):
    """A ballot of a secret poll that waits for the flush into its box: no identity, no time, no counter.

    ``key`` is random (from the voter's browser, hashed); ``replaced`` marks a ballot superseded by its voter.
    """

    __tablename__ = "pending"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64))
    replaced: Mapped[bool] = mapped_column(default=False)
    body: Mapped[Bytes]


class Cursor(Base):
    """How far a reader of a ledger has come."""

    __tablename__ = "cursor"

    reader: Mapped[str] = mapped_column(String(60), primary_key=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"), primary_key=True)
    idx: Mapped[int] = mapped_column(default=0)


Index("ix_entry_subject", LedgerEntry.ledger_id, LedgerEntry.subject, LedgerEntry.idx)
Index("ix_entry_hash", LedgerEntry.ledger_id, LedgerEntry.hash)
