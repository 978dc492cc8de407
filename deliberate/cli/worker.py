"""``deliberate worker``: what a server does beside answering pages, in a process of its own."""

from __future__ import annotations

import threading
import time

import click

from deliberate.cli import options
from deliberate.models import engine
from deliberate.services import clock, keys


@click.command()
@options.data
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def worker(config: str | None, database: str | None, once: bool) -> None:
    """Open and close polls at their times, sign checkpoints, send mails."""
    chosen = options.load(config, database)
    made = options.migrated(chosen) if chosen.development else engine(chosen.database)
    context = clock.Context(made, chosen, keys.load(chosen))
    if once:
        clock.run_due(context)
        return
    threading.Thread(target=_again, args=(context, clock.MAIL), name="mail", daemon=True).start()
    _again(context, clock.JOBS)


def _again(context: clock.Context, jobs: tuple[clock.Job, ...]) -> None:
    """Every second: what falls due of these jobs."""
    while True:
        clock.run_due(context, jobs)
        time.sleep(1)
