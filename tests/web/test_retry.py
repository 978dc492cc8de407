"""A request that finds the file locked is tried again as a whole, and acts once; one that never gets through says so."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from webtest import TestApp

from deliberate import main
from deliberate.models import LedgerEntry, Motion, is_busy, is_locked, is_lost
from deliberate.models import engine as make_engine
from tests.makers import make_assembly, make_login, make_member

WAIT = 150  # milliseconds that one attempt waits for the file


@pytest.fixture
def impatient(migrated, tmp_path):
    """The application on a file for which it waits only a moment; a browser of a member; begun transactions."""
    file = tmp_path / "locked.sqlite"
    shutil.copy(migrated, file)
    app = main({}, **{"deliberate.database": f"sqlite:///{file}", "deliberate.keys": str(tmp_path / "keys")})
    engine = app.registry["engine"]
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute(f"pragma busy_timeout={WAIT}").close())
    with Session(engine) as db, db.begin():
        token = make_login(db, make_member(db, make_assembly(db), "Ada"))
    begun = []
    event.listen(
        engine, "before_cursor_execute", lambda *given: begun.append(True) if given[2] == "BEGIN IMMEDIATE" else None
    )
    browser = TestApp(app, extra_environ={"HTTP_HOST": "localhost:80"})
    browser.set_cookie("login", token)
    yield browser, engine, begun
    app.registry["writer"].stop()
    engine.dispose()


@contextmanager
def locked(engine, seconds):
    """Another process holds the file for so long."""
    other = make_engine(engine.url)
    connection = other.connect()
    connection.begin()
    release = threading.Timer(seconds, connection.rollback)
    release.start()
    yield
    release.join()
    connection.close()
    other.dispose()


def fill(browser):
    form = browser.get("/motions/new").forms[0]
    form["title"], form["text"], form["reason"] = "New boilers", "The board buys two boilers.", "The old ones leak."
    return form


def test_a_locked_file_is_tried_again_and_the_act_happens_once(impatient):
    browser, engine, begun = impatient
    form = fill(browser)
    begun.clear()
    with locked(engine, 1.5 * WAIT / 1000):
        answer = form.submit("act", value="propose")
    assert answer.status_int == 303, answer.text
    assert len(begun) >= 2
    with Session(engine) as db:
        assert db.scalar(select(func.count()).select_from(Motion)) == 1
        proposed = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == "motion.proposed")
        assert db.scalar(proposed) == 1


def test_a_file_that_stays_locked_is_said_and_nothing_is_stored(impatient):
    browser, engine, begun = impatient
    form = fill(browser)
    begun.clear()
    with locked(engine, 8 * WAIT / 1000):
        answer = form.submit("act", value="propose", status=503)
    assert answer.headers["Retry-After"] == "5"
    assert "The database is busy." in answer.text and "Somebody else changed" not in answer.text
    assert "The board buys two boilers." in answer.text  # what was typed is not lost
    assert len(begun) == 3
    with Session(engine) as db:
        assert db.scalar(select(func.count()).select_from(Motion)) == 0


class Told(Exception):
    def __init__(self, words="", sqlstate=None):
        super().__init__(words)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "busy", "locked", "lost"),
    [
        (OperationalError("", None, Exception("database is locked")), True, True, False),
        (OperationalError("", None, Told("could not serialize access", "40001")), True, False, False),
        (OperationalError("", None, Told("canceling statement due to lock timeout", "55P03")), True, True, False),
        (OperationalError("", None, Told("deadlock", "40P01")), True, False, False),
        (IntegrityError("", None, Exception("UNIQUE constraint failed")), True, False, False),
        (StaleDataError("changed"), True, False, False),
        (OperationalError("", None, Exception("database or disk is full")), False, False, False),
        (OperationalError("", None, Exception("attempt to write a readonly database")), False, False, False),
        (OperationalError("", None, Told("connection refused")), False, False, True),
        (OperationalError("", None, Exception("gone"), connection_invalidated=True), False, False, True),
        (ValueError("x"), False, False, False),
    ],
)
def test_what_may_pass_what_waits_and_what_is_lost(error, busy, locked, lost):
    assert (is_busy(error), is_locked(error), is_lost(error)) == (busy, locked, lost)
