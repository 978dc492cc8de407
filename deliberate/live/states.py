"""What live pages may know of a poll: state, times and turnout. Never a choice, never a person, never before the publication."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, joinedload

from deliberate.live.hub import Event
from deliberate.models import Poll
from deliberate.services import polls, results, turnout
from deliberate.services.act import now

FRESH = 0.5  # seconds for which one look at the database serves everybody
MOST = 1000  # topics that are remembered


def poll(engine: Engine, public_id: str) -> Event | None:
    """The public state of a poll as an event, or None if there is none of this id."""
    with Session(engine.execution_options(writing=False)) as db:
        found = db.scalar(select(Poll).options(joinedload(Poll.ledger)).where(Poll.public_id == public_id))
        if found is None:
            return None
        entries = (
            found.ledger.size if found.ledger else 0
        )  # read first: an event may say more than its number, never less
        figures = turnout.figures(db, [found])[found.id]
        said: dict[str, Any] = {
            "poll": found.public_id,
            "state": polls.stands(found, now()),
            "revision": found.revision,
            "voted": figures.voted,
            "roll": figures.roll,
            "closes_at": found.closes_at.isoformat() if found.closes_at else None,
        }
        if said["state"] == "published":
            made = results.read(found) or {}
            said |= {"outcome": made.get("outcome"), "winners": made.get("winners")}
        return event(entries, json.dumps(said, sort_keys=True, separators=(",", ":")))


def event(entries: int, line: str) -> Event:
    """The event of a state, named by the number of ledger entries and by what it says."""
    return Event(f"{entries}-{hashlib.sha256(line.encode()).hexdigest()[:12]}", "state", line)


class States:
    """States of polls, each looked up at most twice a second, however many ask."""

    def __init__(self, engine: Engine, fresh: float = FRESH) -> None:
        self.engine, self.fresh = engine, fresh
        self.known: dict[str, tuple[float, Event | None]] = {}
        self.looking: dict[str, asyncio.Task[Event | None]] = {}

    async def get(self, topic: str) -> Event | None:
        """The state, at most ``fresh`` seconds old."""
        at, found = self.known.get(topic, (0.0, None))
        return found if time.monotonic() - at < self.fresh else await self.look(topic)

    async def look(self, topic: str) -> Event | None:
        """The state from the database; who comes while somebody looks waits for the same answer."""
        if topic not in self.looking:
            self.looking[topic] = asyncio.create_task(self._look(topic))
        return await asyncio.shield(self.looking[topic])

    async def _look(self, topic: str) -> Event | None:
        at = time.monotonic()
        try:
            found = await asyncio.to_thread(poll, self.engine, topic)
            if len(self.known) >= MOST:
                self.known.clear()
            self.known[topic] = (at, found)
            return found
        finally:
            del self.looking[topic]
