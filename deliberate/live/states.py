"""What live pages may know of a poll: state, times and turnout. Never a choice, never a person, never before the publication."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from deliberate.models import Poll
from deliberate.services import polls, results
from deliberate.services.act import now


def poll(engine: Engine, public_id: str) -> dict[str, Any] | None:
    """The public state of a poll, or None if there is none of this id."""
    with Session(engine.execution_options(writing=False)) as db:
        found = db.scalar(select(Poll).where(Poll.public_id == public_id))
        if found is None:
            return None
        state = polls.stands(found, now())
        said: dict[str, Any] = {
            "poll": found.public_id,
            "state": state,
            "voted": polls.turnout(db, found),
            "roll": polls.roll_size(db, found),
            "closes_at": found.closes_at.isoformat() if found.closes_at else None,
        }
        if state == "published":
            made = results.read(found) or {}
            said |= {"outcome": made.get("outcome"), "winners": made.get("winners")}
        return said


def line(state: dict[str, Any]) -> str:
    """One line of JSON."""
    return json.dumps(state, sort_keys=True, separators=(",", ":"))
