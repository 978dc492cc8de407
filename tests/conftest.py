"""Fixtures for everything: a migrated database of one's own for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from deliberate.models import engine as make_engine
from deliberate.services.migrations import migrate


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    file = tmp_path_factory.mktemp("database") / "migrated.sqlite"
    made = make_engine(f"sqlite:///{file}")
    migrate(made)
    with made.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    return file


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty, migrated database."""
    file = tmp_path / "test.sqlite"
    shutil.copy(migrated, file)
    made = make_engine(f"sqlite:///{file}")
    yield made
    made.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session that writes."""
    with Session(engine) as made:
        yield made
