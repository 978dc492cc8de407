"""``deliberate init``: migrate the database, make the ledger key, and, if named, found an assembly."""

from __future__ import annotations

import click

from deliberate.cli import options
from deliberate.models import engine
from deliberate.services import keys, migrations


@click.command()
@options.data
def init(config: str | None, database: str | None) -> None:
    """Bring the database to this version and make the ledger's key. Safe to run again."""
    chosen = options.load(config, database)
    made = engine(chosen.database)
    done = migrations.migrate(made)
    click.echo(f"Database: {'migrated to' if done else 'already at'} version {migrations.head()}.")
    fresh = keys.make(chosen)
    click.echo(f"Ledger key: {'made' if fresh else 'found'} at {keys.path(chosen)}.")
    click.echo(f"Public key: {keys.load(chosen).verifier.vkey()}")
