"""The server as a whole, with live updates: ``deliberate serve``, and ``pserve`` with an INI file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

import click

from deliberate import live, main
from deliberate.cli import options
from deliberate.core.errors import DeliberateError
from deliberate.live.ports import check_port
from deliberate.settings import Settings, load


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
    run(main({}, **raw), chosen)


def run(app: Any, settings: Settings) -> None:
    """Say where it is, and serve until a signal ends it."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    click.echo(f"Deliberate is at http://{host}:{settings.port} (stop it with Ctrl+C).", err=True)
    with suppress(KeyboardInterrupt):
        live.run(app, settings)


def application(global_config: Any, **raw: Any) -> Any:
    """``use = egg:deliberate``: the application for ``pserve``, on a database of the right version."""
    try:
        chosen = load(raw)
        options.migrated(chosen).dispose()
        return main(global_config, **raw)
    except DeliberateError as refused:
        stop(refused)


def server(_global_config: Any, **local: str) -> Callable[[Any], None]:
    """``use = egg:deliberate#live``: the server for ``pserve``; host and port may stand in its section of the INI file."""

    def serve_app(app: Any) -> None:
        settings: Settings = app.registry["settings"]
        try:
            port = int(local.get("port", settings.port))
            settings = replace(settings, host=local.get("host", settings.host), port=port)
            check_port(settings.host, settings.port)
        except ValueError:
            stop(
                DeliberateError(
                    f'The port is "{local["port"]}".', "Ports are 1 to 65535.", "Mend [server:main].", "settings.port"
                )
            )
        except DeliberateError as refused:
            stop(refused)
        run(app, settings)

    return serve_app


def stop(refused: DeliberateError) -> NoReturn:
    """End with one line and exit status 2: ``pserve`` itself would print a stack trace."""
    click.echo(str(refused), err=True)
    raise SystemExit(2)
