"""Migrations: bring a database to the version of this code, or say what to run."""

from __future__ import annotations

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from alembic import command
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.settings import top


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(top("alembic")))
    return config


def head() -> str:
    """The version that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(engine: Engine) -> str:
    """The version of the database; empty for an empty one."""
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    except DBAPIError as error:
        raise DeliberateError(
            f"The database {engine.url.render_as_string(hide_password=True)} cannot be read.",
            f"{' '.join(str(error.orig).split())}.",
            "Check that it runs and that DELIBERATE_DATABASE_URL or --database names it.",
            "database.unreachable",
        ) from error


def migrate(engine: Engine) -> bool:
    """Bring the database to the newest version. Returns whether anything was done."""
    if current(engine) == head():
        return False
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    return True


def require(engine: Engine) -> None:
    """Raise Conflict ``database.version`` unless the database has this code's version."""
    found = current(engine)
    if found != head():
        raise Conflict(
            "The database does not have the version that this program needs.",
            f'It has "{found or "nothing"}", the program needs "{head()}".',
            "Run, with the settings that the server has: deliberate init (--config INI)",
            "database.version",
        )
