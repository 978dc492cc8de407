"""Outbox: mails are written in the transaction that causes them and sent afterwards, with patience."""

from __future__ import annotations

import smtplib
import ssl
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from deliberate.models import OutboxMessage, Person
from deliberate.services.act import now
from deliberate.settings import Settings

log = structlog.get_logger()
TRIES = 8


def write(db: Session, kind: str, to: str, subject: str, text: str, person: Person | None = None) -> OutboxMessage:
    """Put a mail into the outbox; it is sent only if this transaction commits."""
    moment = now()
    made = OutboxMessage(
        kind=kind,
        to=to,
        subject=subject,
        text=text,
        person_id=person.id if person else None,
        created_at=moment,
        due_at=moment,
    )
    db.add(made)
    return made


def send_due(engine: Engine, settings: Settings, limit: int = 100) -> int:
    """Send what is due, one mail in each transaction; a failure is tried again later, ever more seldom."""
    sent = 0
    for _ in range(limit):
        with Session(engine.execution_options(writing=False)) as db:
            first = db.scalar(_due())
            due = first.id if first is not None else None
        if due is None:
            break
        with Session(engine) as db, db.begin():
            message = db.scalar(_due().where(OutboxMessage.id == due).with_for_update(skip_locked=True))
            if message is not None:
                sent += _send_one(message, settings)
    return sent


def _due() -> Select[OutboxMessage]:
    return (
        select(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.attempts < TRIES, OutboxMessage.due_at <= now())
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
    )


def _send_one(message: OutboxMessage, settings: Settings) -> int:
    message.attempts += 1
    try:
        deliver(message, settings)
    except (OSError, smtplib.SMTPException) as error:
        message.failure = f"{type(error).__name__}: {error}"[:500]
        message.due_at = now() + timedelta(seconds=30 * 2**message.attempts)
        return 0
    message.sent_at, message.failure = now(), ""
    return 1


def deliver(message: OutboxMessage, settings: Settings) -> None:
    """Hand one mail to the mail server, or show it on the console of a development server."""
    if settings.mail == "console":
        log.info("mail", to=message.to, subject=message.subject, text=message.text)
        return
    where = urlsplit(settings.mail)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, message.to, message.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    with smtplib.SMTP(where.hostname or "localhost", where.port or 587, timeout=20) as server:
        if where.scheme == "smtp" and where.port != 25:
            server.starttls(context=ssl.create_default_context())
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        server.send_message(mail)


def recent(db: Session, limit: int = 50) -> list[OutboxMessage]:
    """The newest mails, for the page of a development server."""
    return list(db.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)))
