"""The clock: what falls due without anybody's act. Deadlines hold by themselves; this only makes them prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.note import Signer
from deliberate.models import Poll
from deliberate.services import checkpoints, outbox, polls, rolls
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


def sign_checkpoints(context: Context) -> None:
    checkpoints.sign_due(context.engine, context.key)


def send_mail(context: Context) -> None:
    outbox.send_due(context.engine, context.settings)


def sweep(context: Context) -> None:
    """What a crash left behind, and what nobody needs any more."""
    rolls.look_again(context.engine)
    outbox.sweep(context.engine)


Job = Callable[[Context], None]
JOBS: tuple[Job, ...] = (open_and_close, sign_checkpoints, sweep)
MAIL: tuple[Job, ...] = (send_mail,)
"""Apart, for a thread of its own: a mail server that dawdles must not hold up polls and checkpoints."""


def run_due(context: Context, jobs: Iterable[Job] = (*JOBS, *MAIL)) -> None:
    """Every job once. A job that fails is logged and never stops the others."""
    for job in jobs:
        try:
            job(context)
        except Exception as error:
            log.error("job failed", job=job.__name__, kind=type(error).__name__, exc_info=error)
