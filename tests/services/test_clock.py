"""The clock: jobs keep out of each other's way, and stop when told."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from deliberate.models import Member, Poll
from deliberate.services.act import now
from deliberate.services.clock import Clock, Context, open_and_close
from tests.makers import KEY, make_act, make_assembly, make_member, make_poll


def test_a_job_that_hangs_or_fails_holds_up_no_other():
    """A mail server that does not answer must not delay the close of a poll; nor the end of the server."""
    hang, ran = threading.Event(), []

    def mail(_):
        hang.wait(20)

    def broken(_):
        raise ValueError("no")

    clock = Clock(None, {mail: 0.01, broken: 0.01, lambda _: ran.append(True): 0.01})
    clock.start()
    for _ in range(200):
        if len(ran) >= 3:
            break
        time.sleep(0.02)
    began = time.monotonic()
    clock.stop(patience=0.1)
    took = time.monotonic() - began
    hang.set()
    assert len(ran) >= 3
    assert took < 5


def test_a_poll_that_cannot_open_at_its_time_is_logged_once(engine):
    """Not at each tick; but again when the reason is another, or when it was mended and breaks anew."""
    with Session(engine) as db, db.begin():
        chair = make_member(db, make_assembly(db), "Carla", ("chair",), entitled=False)
        long_ago = now() - timedelta(days=1)
        act = make_act(db, chair.assembly, chair, long_ago)
        at = long_ago + timedelta(minutes=1)
        poll = make_poll(act, opened=False, opens_at=at, closes_at=now() + timedelta(days=1)).id
    context = Context(engine, None, KEY)

    def ticks(many=3):
        with capture_logs() as said:
            for _ in range(many):
                open_and_close(context)
        return [line["refused"] for line in said]

    def change(**values):
        with Session(engine) as db, db.begin():
            for name, value in values.items():
                setattr(db.get_one(Poll, poll), name, value)

    assert ticks() == ["poll.roll"] and ticks() == []
    change(closes_at=now() - timedelta(hours=1))
    assert ticks() == ["poll.closes_at"]
    change(opens_at=now() + timedelta(days=1))
    assert ticks() == []
    change(opens_at=at)
    assert ticks() == ["poll.closes_at"]
    change(closes_at=now() + timedelta(days=1))
    with Session(engine) as db, db.begin():
        db.execute(update(Member).values(entitled=True))
    assert ticks() == []
    with Session(engine) as db:
        assert db.get_one(Poll, poll).state == "open"
