"""The whole application for tests, with people who are logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from webtest import TestApp

from deliberate import main
from deliberate.models import Assembly, Member
from tests.makers import make_assembly, make_login, make_member
from tests.web.town import town

__all__ = ["town"]


@dataclass
class House:
    """The application, its database, an assembly and its officers."""

    application: Any
    engine: Engine
    assembly: Assembly
    members: dict[str, Member]
    tokens: dict[str, str]

    def browser(self, name: str = "") -> TestApp:
        """A browser of its own, logged in as this member, or of a visitor."""
        made = TestApp(self.application, extra_environ={"HTTP_HOST": "localhost:80"})
        if name:
            made.set_cookie("login", self.tokens[name])
        return made


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, for every application of the tests: to compile them anew takes nine tenths of a test's time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def house(engine: Engine, templates: FileSystemBytecodeCache, tmp_path: Path) -> Iterator[House]:
    """Carla chairs, Sam keeps the roll, Tove is teller, Ada, Bo and Cy are members."""
    url = engine.url.render_as_string(hide_password=False)
    application = main(
        {},
        **{
            "deliberate.database": url,
            "deliberate.keys": str(tmp_path / "keys"),
            "deliberate.records": str(tmp_path / "records"),
            "jinja2.bytecode_caching": templates,
        },
    )
    people = {"Carla": ("chair",), "Sam": ("secretary",), "Tove": ("teller",), "Ada": (), "Bo": (), "Cy": ()}
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        members = {name: make_member(db, assembly, name, roles) for name, roles in people.items()}
        tokens = {name: make_login(db, member) for name, member in members.items()}
    yield House(application, application.registry["engine"], assembly, members, tokens)
    application.registry["writer"].stop()
    application.registry["engine"].dispose()


@pytest.fixture
def queries(house: House) -> Callable[[Callable[[], Any]], list[str]]:
    """The statements that a request sends to the database."""

    def counted(ask: Callable[[], Any]) -> list[str]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        event.listen(house.engine, "before_cursor_execute", note)
        try:
            ask()
        finally:
            event.remove(house.engine, "before_cursor_execute", note)
        return seen

    return counted
