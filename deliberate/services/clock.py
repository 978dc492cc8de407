"""The clock: what falls due without anybody's act. Deadlines hold by themselves; this only makes them prompt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.note import Signer
from deliberate.models import Motion, Poll
from deliberate.services import checkpoints, outbox, polls, rolls, supports
from deliberate.services.act import Act, now
from deliberate.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Context:
    """What the jobs work on."""

    engine: Engine
    settings: Settings
    key: Signer


def open_and_close(context: Context) -> None:
    """Open scheduled polls and close those whose time is over, each in a transaction of its own."""
    with Session(context.engine.execution_options(writing=False)) as db:
        opening, closing = ([poll.id for poll in found] for found in polls.due(db, now()))
    for poll_id, opens in [*((p, True) for p in opening), *((p, False) for p in closing)]:
        try:
            with Session(context.engine) as db, db.begin():
                poll = db.get_one(Poll, poll_id)
                act = Act(db, poll.assembly, now())
                if opens:
                    polls.open_(act, poll, context.key.verifier.vkey(), clock=True)
                else:
                    polls.close(act, poll, clock=True)
        except DeliberateError as refused:
            log.warning("clock", poll=poll_id, opens=opens, refused=refused.code)


def end_support(context: Context) -> None:
    """End motions that did not gather enough support in their time."""
    with Session(context.engine.execution_options(writing=False)) as db:
        waiting = [motion.id for motion in supports.lapsed(db, now())]
    for motion_id in waiting:
        try:
            with Session(context.engine) as db, db.begin():
                motion = db.get_one(Motion, motion_id)
                supports.lapse(Act(db, motion.assembly, now(), site=context.settings.url), motion)
        except DeliberateError as refused:
            log.warning("clock", motion=motion_id, refused=refused.code)


def sign_checkpoints(context: Context) -> None:
    checkpoints.sign_due(context.engine, context.key)


def send_mail(context: Context) -> None:
    outbox.send_due(context.engine, context.settings)


def sweep(context: Context) -> None:
    """What a crash left behind, and what nobody needs any more."""
    rolls.look_again(context.engine)
    outbox.sweep(context.engine)


JOBS: tuple[Callable[[Context], None], ...] = (open_and_close, end_support, sign_checkpoints, send_mail, sweep)


def run_due(context: Context) -> None:
    """Every job once. A job that fails is logged and never stops the others."""
    for job in JOBS:
        try:
            job(context)
        except Exception as error:
            log.error("job failed", job=job.__name__, kind=type(error).__name__, exc_info=error)
