"""``deliberate init``: migrate the database, make the ledger key, and, if named, found the assembly."""

from __future__ import annotations

from email.utils import parseaddr

import click
from sqlalchemy.orm import Session

from deliberate.cli import options
from deliberate.models import engine
from deliberate.services import assemblies, keys, migrations
from deliberate.services.act import now


@click.command()
@options.data
@click.option("--assembly", metavar="NAME", help="Found the assembly of this name in an empty database.")
@click.option("--admin", metavar="'NAME <ADDRESS>'", help="Who sets it up: first admin, secretary and chair.")
@click.option("--timezone", default="UTC", show_default=True, help="Time zone of the assembly.")
def init(config: str | None, database: str | None, assembly: str | None, admin: str | None, timezone: str) -> None:
    """Bring the database to this version and make the ledger's key. Safe to run again.

    With --assembly and --admin it founds the assembly too, and prints the first invitation.
    """
    if (assembly is None) != (admin is None):
        raise click.UsageError("--assembly and --admin belong together: an assembly needs somebody who sets it up.")
    officer = parseaddr(admin or "")
    if admin is not None and not all(officer):
        raise click.UsageError(f"--admin is \"{admin}\". Write a name and an address, such as 'Ada Ek <ada@example.org>'.")
    chosen = options.load(config, database)
    made = engine(chosen.database)
    done = migrations.migrate(made)
    click.echo(f"Database: {'migrated to' if done else 'already at'} version {migrations.head()}.")
    fresh = keys.make(chosen)
    click.echo(f"Ledger key: {'made' if fresh else 'found'} at {keys.path(chosen)}.")
    click.echo(f"Public key: {keys.load(chosen).verifier.vkey()}")
    if assembly is not None and admin is not None:
        url = chosen.url.rstrip("/") + "/invitation/{token}"
        with Session(made) as db, db.begin():
            founded, token = assemblies.begin(db, assembly, timezone, officer, chosen.origin, url, now())
            told = f"Assembly: {founded.name}. {admin} is admin, secretary and chair."
        click.echo(f"{told}\nInvitation, works once within 14 days (also sent by mail): {url.format(token=token)}")
