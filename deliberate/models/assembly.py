"""Assembly: the body that decides; it owns its roll, standing orders and ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deliberate.models.meta import Base, Data, Id, Moment, PublicId

if TYPE_CHECKING:
    from deliberate.models.ledger import Ledger


class Assembly(Base):
    """The body that decides: a branch, a conference, a membership."""

    __tablename__ = "assembly"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(60), default="UTC")
    locale: Mapped[str] = mapped_column(String(12), default="en")
    orders: Mapped[Data]  # standing orders as data, read by core.orders.load
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"))
    created_at: Mapped[Moment]

    ledger: Mapped[Ledger] = relationship()
