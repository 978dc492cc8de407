"""Migrations: bring a database to the version of this code, or say what to run."""

from __future__ import annotations

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from alembic import command
from deliberate.core.errors import Conflict
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
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


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
            "Run: deliberate init",
            "database.version",
        )
