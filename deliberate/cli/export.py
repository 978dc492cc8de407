"""``deliberate export``: write the record packages of published polls."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.cli import options
from deliberate.core.errors import DeliberateError
from deliberate.models import Poll
from deliberate.services import keys, packages


@click.command()
@options.data
@click.option("--all", "every", is_flag=True, help="Every published poll.")
@click.option("--poll", "number", help="One poll, by its number or id.")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="Folder to write into.")
def export(config: str | None, database: str | None, every: bool, number: str | None, out: str) -> None:
    """Write the record package of every published poll, or of one."""
    if every == bool(number):
        raise DeliberateError("Say which polls.", "", "Give --all, or --poll NUMBER.", "cli.export")
    chosen = options.load(config, database)
    made = options.migrated(chosen)
    with Session(made.execution_options(writing=False)) as db:
        query = select(Poll).where(Poll.state == "published").order_by(Poll.id)
        if number:
            query = query.where((Poll.number == number) | (Poll.public_id == number))
        polls = [(poll.id, poll.public_id, poll.number, poll.title) for poll in db.scalars(query)]
    if number and not polls:
        raise DeliberateError(
            f"There is no published poll {number}.",
            "A record is made when a result is published.",
            "Check the number.",
            "cli.export",
        )
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    key = keys.load(chosen)
    with click.progressbar(polls, label="Writing records", item_show_func=lambda one: one[2] if one else "") as bar:
        for poll_id, public_id, label, _ in bar:
            _, data = packages.build(made, poll_id, key)
            (folder / f"{label}-{public_id}.zip").write_bytes(data)
    for _, public_id, label, title in polls:
        click.echo(f"{folder / f'{label}-{public_id}.zip'}  {title}")
