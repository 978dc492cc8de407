"""Assemblies: found one, with its ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from deliberate.core import orders
from deliberate.models import Assembly
from deliberate.services import ledger


def found(
    db: Session,
    name: str,
    slug: str,
    origin: str,
    now: datetime,
    timezone: str = "UTC",
    standing: dict[str, Any] | None = None,
) -> Assembly:
    """A new assembly with its standing orders and the first entry of its ledger. origin: the site's name in ledgers."""
    loaded = orders.load(standing or {})
    made = Assembly(
        name=name,
        slug=slug,
        timezone=timezone,
        orders=loaded.as_json(),
        created_at=now,
        ledger=ledger.create(db, "assembly", f"{origin}/{slug}"),
    )
    db.add(made)
    db.flush()
    ledger.append(
        db, made.ledger, "assembly.founded", at=now, subject=f"assembly:{made.public_id}", data={"slug": slug}
    )
    return made
