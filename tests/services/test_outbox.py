"""The outbox: mails leave only when their transaction commits, with patience, and hold up nobody."""

from __future__ import annotations

import smtplib
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from deliberate.models import OutboxMessage
from deliberate.services import clock, outbox
from deliberate.settings import Settings
from tests.makers import KEY

CONSOLE = Settings()


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server of our own on a free port: it keeps what it is given, or refuses everything."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: list[str] = []
        self.refuse = False


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Mailbox)
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA" and not self.server.refuse:
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                self.server.mails.append(text.decode())
                self.wfile.write(b"250 kept\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"451 later\r\n" if self.server.refuse and word == b"MAIL" else b"250 yes\r\n")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def production(server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Settings:
    host, port = server.server_address[:2]
    monkeypatch.setattr(smtplib.SMTP, "starttls", lambda *_a, **_k: None)  # our own server speaks no TLS
    return Settings(environment="production", mail=f"smtp://{host!s}:{port}", mail_from="Northside <no-reply@b.org>")


def write(db: Session, **over: str) -> None:
    outbox.write(db, **{"kind": "test", "to": "ada@b.org", "subject": "Héllo", "text": "A token: 123\n", **over})


def test_a_mail_is_sent_once_and_its_text_is_forgotten(
    engine: Engine, db: Session, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = production(mailbox, monkeypatch)
    write(db)
    db.commit()
    assert [outbox.send_due(engine, settings) for _ in range(2)] == [1, 0]
    assert len(mailbox.mails) == 1 and "To: ada@b.org" in mailbox.mails[0] and "A token: 123" in mailbox.mails[0]
    assert "Auto-Submitted: auto-generated" in mailbox.mails[0]
    message = outbox.recent(db)[0]
    assert message.sent_at is not None and message.text == ""


def test_what_is_rolled_back_is_never_sent(engine: Engine, db: Session) -> None:
    write(db)
    db.rollback()
    assert outbox.send_due(engine, CONSOLE) == 0


def test_a_refused_mail_waits_longer_each_time_and_is_given_up(
    engine: Engine, db: Session, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = production(mailbox, monkeypatch)
    mailbox.refuse = True
    write(db)
    db.commit()
    waits, start = [], outbox.now()
    for _ in range(outbox.TRIES + 2):
        monkeypatch.setattr(outbox, "now", lambda start=start: start)
        assert outbox.send_due(engine, settings) == 0
        message = db.scalars(select(OutboxMessage)).one()
        waits.append(message.due_at - start)
        start = message.due_at
        db.rollback()
    assert waits[: outbox.TRIES] == [timedelta(seconds=30 * 2**n) for n in range(1, outbox.TRIES + 1)]
    assert message.attempts == outbox.TRIES and "451" in message.failure and message.text


def test_a_mail_that_cannot_be_written_does_not_stop_the_next(
    engine: Engine, db: Session, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = production(mailbox, monkeypatch)
    write(db, subject="two\nlines")
    write(db, to="bo@b.org")
    db.commit()
    assert outbox.send_due(engine, settings) == 1 and "bo@b.org" in mailbox.mails[0]


def test_no_lock_is_held_while_a_server_dawdles(engine: Engine, db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    write(db)
    db.commit()

    def slow(_message: OutboxMessage, _settings: Settings) -> None:
        with Session(engine) as other, other.begin():
            write(other, to="bo@b.org", kind="meanwhile")
        assert outbox._take(engine).kind == "meanwhile"  # type: ignore[union-attr]  the first is on lease, others leave it alone

    monkeypatch.setattr(outbox, "deliver", slow)
    assert outbox.send_due(engine, CONSOLE, limit=1) == 1


def test_production_never_writes_mails_to_a_log(
    engine: Engine, db: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    write(db)
    db.commit()
    assert outbox.send_due(engine, Settings(environment="production")) == 0
    assert "123" not in "".join(capsys.readouterr())
    assert outbox.recent(db)[0].failure.startswith("ValueError: no mail server")


def test_old_mails_and_rows_for_nobody_are_swept_away(
    engine: Engine, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.nothing(db)
    write(db)
    db.commit()
    assert outbox.send_due(engine, CONSOLE) == 1 and outbox.sweep(engine) == 0
    assert [mail.kind for mail in outbox.recent(db)] == ["test"]
    db.rollback()
    for days, left in ((1, 1), (40, 0)):
        later = outbox.now() + timedelta(days=days)
        monkeypatch.setattr(outbox, "now", lambda later=later: later)
        assert outbox.sweep(engine) == 1
        assert len(db.scalars(select(OutboxMessage)).all()) == left
        db.rollback()
        monkeypatch.undo()


def test_mails_are_not_among_the_jobs_that_polls_wait_for(engine: Engine, db: Session) -> None:
    """A mail server that dawdles has a thread of its own; polls open and close beside it."""
    outbox.write(db, "test", "a@b.org", "Hello", "Text")
    db.commit()
    seen: list[str] = []
    context = clock.Context(engine, CONSOLE, KEY)
    clock.run_due(context, [*clock.JOBS, lambda _context: seen.append("done")])
    assert seen == ["done"] and attempts(engine) == 0
    clock.run_due(context, clock.MAIL)
    assert attempts(engine) == 1


def attempts(engine: Engine) -> int:
    """How often the one mail was tried."""
    with Session(engine) as db:
        return db.scalars(select(OutboxMessage.attempts)).one()
