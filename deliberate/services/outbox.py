"""Outbox: mails are written in the transaction that causes them and sent afterwards, with patience."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy import ColumnElement, Engine, Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from deliberate.models import Assembly, OutboxMessage, Person
from deliberate.services import languages
from deliberate.services.act import now
from deliberate.settings import Settings

log = structlog.get_logger()
TRIES = 8
LEASE = timedelta(minutes=5)
NOBODY = "nobody"


def write(
    db: Session,
    kind: str,
    to: str,
    subject: str,
    text: str,
    person: Person | None = None,
    assembly: Assembly | None = None,
) -> OutboxMessage:
    """Put a mail into the outbox, in the language of its reader; it is sent only if this transaction commits."""
    moment, language = now(), languages.of(person, assembly)
    made = OutboxMessage(
        kind=kind,
        to=to,
        subject=languages.said(subject, language),
        text=languages.said(text, language),
        person_id=person.id if person else None,
        created_at=moment,
        due_at=moment,
    )
    db.add(made)
    return made


def nothing(db: Session) -> None:
    """Write a row that is sent to nobody: the work of a mail where there is nobody to write to. It is swept away later."""
    moment = now()
    db.add(OutboxMessage(kind=NOBODY, to="", subject="", text="", created_at=moment, due_at=moment, sent_at=moment))


def send_due(engine: Engine, settings: Settings, limit: int = 100) -> int:
    """Send what is due; a failure is tried again later, ever more seldom. Returns how many mails were sent.

    Each mail is taken in one short transaction, sent outside any, and settled in another, so that a slow mail
    server holds no lock. A mail whose sender dies in between is sent again when its lease is over.
    """
    sent = 0
    for _ in range(limit):
        taken = _take(engine)
        if taken is None:
            break
        failure = ""
        try:
            deliver(taken, settings)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            failure = f"{type(error).__name__}: {error}"[:500]
            log.warning("mail not sent", mail=taken.public_id, attempt=taken.attempts, failure=type(error).__name__)
        _settle(engine, taken, failure, keep=settings.development)
        sent += not failure
    return sent


def _due(moment: datetime) -> Select[OutboxMessage]:
    return (
        select(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.attempts < TRIES, OutboxMessage.due_at <= moment)
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
    )


def _take(engine: Engine) -> OutboxMessage | None:
    """The next mail that is due, on lease to this sender; others leave it alone until the lease ends."""
    with Session(engine.execution_options(writing=False)) as db:
        if db.scalar(_due(now())) is None:
            return None
    with Session(engine, expire_on_commit=False) as db, db.begin():
        taken = db.scalar(_due(now()).with_for_update(skip_locked=True))
        if taken is not None:
            taken.attempts += 1
            taken.due_at = now() + LEASE
        return taken


def _settle(engine: Engine, taken: OutboxMessage, failure: str, keep: bool) -> None:
    """Note what became of a mail. Its text, which may hold a token, is kept only by a development server."""
    with Session(engine) as db, db.begin():
        message = db.get_one(OutboxMessage, taken.id)
        if failure:
            message.failure, message.due_at = failure, now() + timedelta(seconds=30 * 2**taken.attempts)
        else:
            message.sent_at, message.failure = now(), ""
            message.text = message.text if keep else ""


def sweep(engine: Engine) -> int:
    """Take away rows that were written to nobody, and, after a month, mails that were sent."""
    moment = now()
    with Session(engine.execution_options(writing=False)) as db:
        if db.scalar(select(OutboxMessage.id).where(_old(moment)).limit(1)) is None:
            return 0
    with Session(engine) as db, db.begin():
        return int(db.execute(delete(OutboxMessage).where(_old(moment))).rowcount)  # type: ignore[attr-defined]


def _old(moment: datetime) -> ColumnElement[bool]:
    return or_(
        and_(OutboxMessage.kind == NOBODY, OutboxMessage.created_at < moment - timedelta(hours=1)),
        OutboxMessage.sent_at < moment - timedelta(days=31),
    )


def deliver(message: OutboxMessage, settings: Settings) -> None:
    """Hand one mail to the mail server, or show it on the console of a development server."""
    if settings.mail == "console":
        if not settings.development:
            raise ValueError("no mail server is set: DELIBERATE_MAIL=smtp://user:password@host:port")
        log.info("mail", to=message.to, subject=message.subject, text=message.text)
        return
    where = urlsplit(settings.mail)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, message.to, message.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    host, context = where.hostname or "localhost", ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, where.port or 465, timeout=20, context=context)
        if where.scheme == "smtps"
        else smtplib.SMTP(host, where.port or 587, timeout=20) as server
    ):
        if where.scheme == "smtp" and where.port != 25:
            server.starttls(context=context)
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        server.send_message(mail)


def recent(db: Session, limit: int = 50) -> list[OutboxMessage]:
    """The newest mails, for the page of a development server."""
    return list(
        db.scalars(
            select(OutboxMessage).where(OutboxMessage.kind != NOBODY).order_by(OutboxMessage.id.desc()).limit(limit)
        )
    )
