"""``deliberate demo``: fill an empty database with the demonstration."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.cli import options
from deliberate.demo import archive, build, people
from deliberate.models import Assembly
from deliberate.services import keys


@click.command()
@options.data
@click.option("--if-empty", is_flag=True, help="Do nothing, and say so, if the database holds an assembly.")
def demo(config: str | None, database: str | None, if_empty: bool) -> None:
    """Fill an empty database with an invented federation in the middle of its business."""
    chosen = options.load(config, database)
    made = options.migrated(chosen)
    with Session(made.execution_options(writing=False)) as db:
        full = bool(build.held(db))
        if not if_empty:
            build.refuse_full(db)
        foreign = full and db.scalar(select(Assembly.id).where(Assembly.slug == build.SLUG)) is None
    if foreign:
        click.echo("The database holds something else already: no demonstration.")
        return
    if not full:
        with click.progressbar(length=1, label="Building the demonstration", show_eta=False) as bar:
            build.Demo(made, keys.load(chosen), chosen.url, chosen.origin).build()
            bar.update(1)
        file = archive.found_file()
        if file is not None:
            click.echo("Importing a council election of 2017 into the archive ...")
            archive.build(made, keys.load(chosen), chosen.origin, file)
    logins()


def logins() -> None:
    """Print who can log in."""
    by_name = {name: email for _, name, email, _ in people.members()}
    click.echo(f"\nLog in with the password {people.PASSWORD} as:")
    for name in people.LOGINS:
        click.echo(f"  {people.OFFICES.get(name, 'member'):<10} {by_name[name]:<28} {name}")
    click.echo()
