"""Packages of every method and mode, made once."""

from __future__ import annotations

import pytest

from deliberate.models import engine as make_engine
from deliberate.services.migrations import migrate
from tests.verifier.product import ALL, build


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Packages of every method and mode, made once on SQLite."""
    found = {}
    for method, mode in ALL:
        engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('package') / 'db.sqlite'}")
        migrate(engine)
        seats = {"seats": 2} if method == "scottish-stv" else {}
        found[method, mode] = build(engine, method, mode, **seats)[0]
        engine.dispose()
    return found
