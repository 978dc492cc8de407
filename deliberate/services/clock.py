"""The clock: what falls due without anybody's act. Deadlines hold by themselves; this only makes them prompt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

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
    """What the jobs work on. told: why a poll could not be opened or closed, so that the log says it once."""

    engine: Engine
    settings: Settings
    key: Signer
    told: dict[tuple[int, bool], str] = field(default_factory=dict)


def open_and_close(context: Context) -> None:
    """Open scheduled polls and close those whose time is over, each in a transaction of its own.

    A refusal is logged when it is new, not at every tick: it stands until somebody mends the poll.
    """
    with Session(context.engine.execution_options(writing=False)) as db:
        opening, closing = ([poll.id for poll in found] for found in polls.due(db, now()))
    due = [*((p, True) for p in opening), *((p, False) for p in closing)]
    for gone in context.told.keys() - set(due):
        del context.told[gone]
    for poll_id, opens in due:
        try:
            with Session(context.engine) as db, db.begin():
                poll = db.get_one(Poll, poll_id)
                act = Act(db, poll.assembly, now())
                if opens:
                    polls.open_(act, poll, context.key.verifier.vkey(), clock=True)
                else:
                    polls.close(act, poll, clock=True)
        except DeliberateError as refused:
            if context.told.get((poll_id, opens)) != refused.code:
                context.told[poll_id, opens] = refused.code
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


JOBS: dict[Callable[[Context], None], float] = {
    open_and_close: 1,
    end_support: 1,
    sign_checkpoints: 1,
    send_mail: 1,
    sweep: 60,
}
"""Each job, and how many seconds it rests between two runs."""


def run_due(context: Context) -> None:
    """Every job once."""
    for job in JOBS:
        run(job, context)


def run(job: Callable[[Context], None], context: Context) -> None:
    """One job once. A job that fails is logged and never stops the others."""
    try:
        job(context)
    except Exception as error:
        log.error("job failed", job=job.__name__, kind=type(error).__name__, exc_info=error)


class Clock:
    """Runs every job again and again, each in a thread of its own: a mail server that hangs must not hold up a close.

    The threads are daemons: what they do survives a crash, so it survives an exit.
    """

    def __init__(self, context: Context, jobs: dict[Callable[[Context], None], float] | None = None) -> None:
        self.context, self.jobs = context, JOBS if jobs is None else jobs
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for job, rest in self.jobs.items():
            made = threading.Thread(target=self._run, args=(job, rest), name=job.__name__, daemon=True)
            self.threads.append(made)
            made.start()

    def stop(self, patience: float = 2) -> None:
        """Begin nothing new, and wait a moment for what is under way."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(patience)

    def _run(self, job: Callable[[Context], None], rest: float) -> None:
        while not self.stopping.is_set():
            run(job, self.context)
            self.stopping.wait(rest)
