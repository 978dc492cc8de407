"""The end of a poll of the demonstration: closed, counted, published, each an act of its own."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from deliberate.models import Poll
from deliberate.services import decisions, polls, results
from deliberate.services.act import Act


def end(engine: Engine, poll_id: int, by: Callable[[Session], Act]) -> None:
    """Close, count and publish. by: the act of whoever does it, made anew for each transaction."""
    with Session(engine) as db, db.begin():
        polls.close(by(db), db.get_one(Poll, poll_id))
    with Session(engine) as db, db.begin():
        poll = db.get_one(Poll, poll_id)
        results.store(by(db), poll, results.count(db, poll))
    with Session(engine) as db, db.begin():
        results.publish(by(db), db.get_one(Poll, poll_id), decisions.decide, unique_accepted=True)
