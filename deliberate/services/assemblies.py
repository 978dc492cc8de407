"""Assemblies: found one, with its ledger; change its standing orders."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from deliberate.core import orders
from deliberate.core.ledger import canonical
from deliberate.models import Assembly
from deliberate.services import ledger, members, motions
from deliberate.services.act import Act


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


def change_orders(act: Act, given: Mapping[str, Any]) -> list[str]:
    """Change standing orders; returns the names of those that are different now.

    Motions and polls that have begun keep the rules that were copied into them. The entry holds the names and the hash
    of the whole, no text. Raises DeliberateError ``orders.*`` naming a field that cannot be.
    """
    act.may("orders.change")
    before = act.orders
    after = orders.load({**before.as_json(), **given})
    orders.fit(after, motions.roll_size(act), len(members.sections(act.db, act.assembly)))
    old, new = before.as_json(), after.as_json()
    changed = sorted(name for name, value in new.items() if value != old[name])
    if changed:
        act.assembly.orders = new
        digest = hashlib.sha256(canonical.encode(new)).hexdigest()
        act.record("orders.changed", f"assembly:{act.assembly.public_id}", changed=changed, orders=digest)
    return changed
