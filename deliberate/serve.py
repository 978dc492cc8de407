"""``deliberate serve``: one server on one port, with live updates."""

from __future__ import annotations

import click

from deliberate import live, main
from deliberate.cli import options
from deliberate.live.ports import check_port


@click.command()
@options.data
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default 8000, or PORT).")
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
def serve(config: str | None, database: str | None, port: int | None, host: str | None) -> None:
    """Start the server. Stop it with Ctrl+C."""
    chosen = options.load(config, database, port=port, host=host)
    check_port(chosen.host, chosen.port)
    options.migrated(chosen).dispose()
    raw = {f"deliberate.{name}": str(getattr(chosen, name)) for name in chosen.__dataclass_fields__}
    app = main({}, **raw)
    click.echo(
        f"Deliberate is at http://{'127.0.0.1' if chosen.host == '::' else chosen.host}:{chosen.port}",
        err=True,
    )
    live.run(app, chosen)
