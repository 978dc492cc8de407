"""``deliberate worker``: what a server does beside answering pages, in a process of its own."""

from __future__ import annotations

import signal
import threading

import click

from deliberate import logs
from deliberate.cli import options
from deliberate.services import clock, keys


@click.command()
@options.data
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def worker(config: str | None, database: str | None, once: bool) -> None:
    """Open and close polls at their times, sign checkpoints, send mails."""
    chosen = options.load(config, database)
    logs.configure(chosen.development)
    made = options.migrated(chosen)
    context = clock.Context(made, chosen, keys.load(chosen))
    if once:
        clock.run_due(context)
        return
    jobs = clock.Clock(context)
    jobs.start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    jobs.stop()
