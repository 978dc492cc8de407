"""Options that every command which touches data takes: which INI file, which database."""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import Engine

from deliberate import settings
from deliberate.core.errors import DeliberateError
from deliberate.models import engine
from deliberate.services import migrations

Command = TypeVar("Command", bound=Callable[..., Any])


def data(command: Command) -> Command:
    """Add ``--config INI`` and ``--database URL``."""
    command = click.option("--database", metavar="URL", help="Database, instead of the one in the settings.")(command)
    return click.option(
        "--config", metavar="INI", type=click.Path(dir_okay=False), help="Settings, such as production.ini."
    )(command)


def load(config: str | None, database: str | None, **over: Any) -> settings.Settings:
    """Settings from the INI file, the environment and the command line, in rising order of weight."""
    environ = {
        **os.environ,
        **({"DELIBERATE_DATABASE_URL": database} if database else {}),
        **{f"DELIBERATE_{name.upper()}": str(value) for name, value in over.items() if value is not None},
    }
    return settings.load(section(config), environ)


def section(config: str | None) -> dict[str, str]:
    """The [app:main] section of an INI file."""
    if config is None:
        return {}
    parser = configparser.ConfigParser(interpolation=None)
    if not Path(config).is_file():
        raise DeliberateError(f"There is no file {config}.", "", "Give the path of an INI file.", "cli.config")
    try:
        parser.read(config, encoding="utf-8")
        return dict(parser["app:main"])
    except (configparser.Error, KeyError, UnicodeDecodeError) as error:
        raise DeliberateError(
            f"{config} cannot be read.", str(error).replace("\n", " "), "It needs a section [app:main].", "cli.config"
        ) from error


def migrated(chosen: settings.Settings) -> Engine:
    """The database, in this program's version. A development server migrates it; production is told what to run."""
    made = engine(chosen.database)
    if chosen.development:
        migrations.migrate(made)
    else:
        migrations.require(made)
    return made
