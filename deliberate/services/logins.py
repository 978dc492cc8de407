"""Log-ins: by password or by a link sent to one's address; each can be seen and ended by its owner. Same answer for all addresses."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Engine, and_, func, select, update
from sqlalchemy.orm import Session

from deliberate.core.electorate import canonical_email
from deliberate.core.errors import DeliberateError, NotFound
from deliberate.core.sentences import mark
from deliberate.models import Assembly, LedgerEntry, Login, MailLink, Member, Person
from deliberate.services import outbox, passwords
from deliberate.services.act import now

LIFE = timedelta(days=90)
LINK_LIFE = timedelta(minutes=30)
IDLE = timedelta(days=14)
TOUCH = timedelta(minutes=10)
LEAST, MOST = 12, 200
_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
_busy = threading.BoundedSemaphore(2)  # 64 MiB each: log-ins cannot exhaust the memory


NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$sqs4y0Bq1sGQJlJYQ9wTBYBGhXy8l4jVbaIc9Hc9nBA"
"""A hash that no password fits: it is checked when an address is unknown, so that the answer takes as long."""


def digest(token: str) -> str:
    """How a token is stored: by its hash only."""
    return hashlib.sha256(token.encode()).hexdigest()


def verify(stored: str | None, password: str) -> bool:
    """Whether the password fits; as slow for an unknown person as for a known one."""
    with _busy:
        try:
            return _hasher.verify(stored or NOBODY, password[: MOST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def hashed(password: str, about: Iterable[str] = ()) -> str:
    """The argon2id hash of a password that is good enough. Raises DeliberateError ``password.*``.

    about: the person's name and address and the assembly's name, which are no password.
    """
    if not LEAST <= len(password) <= MOST:
        raise DeliberateError(
            mark("The password is too short.") if len(password) < LEAST else mark("The password is too long."),
            mark("It has %(least)s to %(most)s characters; any of them may be used.", least=LEAST, most=MOST),
            "Four words in a row make a good one.",
            "password.length",
            {"password": mark("Use %(least)s to %(most)s characters.", least=LEAST, most=MOST)},
        )
    if passwords.too_common(password, about):
        raise DeliberateError(
            "This password is too common.",
            "It is made of common words, rows of keys or what is known of you: such are tried first.",
            "Choose another.",
            "password.common",
            {"password": "Choose four words that have nothing to do with each other or with you."},
        )
    with _busy:
        return _hasher.hash(password)


def about(person: Person) -> tuple[str, ...]:
    """What is known of a person, and so is no password."""
    return (person.name, person.email, *(member.assembly.name for member in person.members))


def start(db: Session, person: Person, method: str, agent: str) -> str:
    """A new log-in; returns the token for the cookie. What is new since the last visit is counted from here."""
    token = secrets.token_urlsafe(32)
    moment = now()
    db.add(
        Login(
            person_id=person.id,
            token_hash=digest(token),
            method=method,
            agent=agent[:200],
            created_at=moment,
            seen_at=moment,
            expires_at=moment + LIFE,
        )
    )
    return token


def proved(db: Session, email: str, password: str) -> Person:
    """The person whose password this is. Raises DeliberateError ``login.refused``, the same for every reason.

    It only reads: the slow hash must not be reckoned while a writer's lock is held.
    """
    person = db.scalar(select(Person).where(Person.email == canonical_email(email)))
    if not verify(person.password if person else None, password) or person is None:
        raise DeliberateError(
            "Address and password do not fit.",
            "One of them is mistyped, or no password was set.",
            "Try again, or have a link sent to you instead.",
            "login.refused",
            {"password": "Address and password do not fit."},
            status=403,
        )
    return person


FIRST = select(Assembly).order_by(Assembly.id).limit(1)
"""The assembly of the installation, whose language a mail to somebody without one of their own has."""
LINK_MAILS = {
    "login": (
        mark("Your link to log in"),
        mark(
            "Hello %(name)s,\n\nopen this page to log in. The link works once, within 30 minutes:\n\n%(url)s\n\n"
            "If you did not ask for it, you need not do anything.\n"
        ),
    ),
    "password": (
        mark("Your link to set a new password"),
        mark(
            "Hello %(name)s,\n\nopen this page to set a new password. The link works once, within 30 minutes:\n\n"
            "%(url)s\n\nIf you did not ask for it, you need not do anything.\n"
        ),
    ),
}


def send_link(db: Session, email: str, url: str, purpose: str = "login") -> None:
    """Send a link to an address, if somebody has it; the caller says the same in either case. url has ``{token}`` in it.

    For an unknown address a row is written as well, addressed to nobody, so that the answer takes as long.
    """
    person = db.scalar(select(Person).where(Person.email == canonical_email(email)))
    assembly, token = db.scalar(FIRST), secrets.token_urlsafe(32)
    if person is None:
        outbox.nothing(db)
        return
    moment = now()
    db.add(
        MailLink(
            person_id=person.id,
            purpose=purpose,
            token_hash=digest(token),
            created_at=moment,
            expires_at=moment + LINK_LIFE,
        )
    )
    subject, text = LINK_MAILS[purpose]
    text = mark(text, name=person.name, url=url.format(token=token))
    outbox.write(db, f"login.{purpose}", person.email, subject, text, person, assembly)


def link(db: Session, token: str, purpose: str = "login") -> MailLink:
    """The link that a token stands for. Raises NotFound when it was used, is too old or never existed."""
    found = db.scalar(select(MailLink).where(MailLink.token_hash == digest(token), MailLink.purpose == purpose))
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise _spent()
    return found


def _spent() -> NotFound:
    return NotFound(
        "This link does not work any more.",
        "It works once, and within 30 minutes.",
        "Have a new one sent to you.",
        "login.link",
    )


def use(db: Session, token: str, purpose: str = "login") -> Person:
    """Use a link up; returns its person. Of two uses at the same moment one is refused."""
    found = link(db, token, purpose)
    used = db.execute(update(MailLink).where(MailLink.id == found.id, MailLink.used_at.is_(None)).values(used_at=now()))
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise _spent()
    return found.person


def running(moment: datetime) -> ColumnElement[bool]:
    """Log-ins that have not ended, are not too old and were used within the idle limit."""
    return and_(Login.ended_at.is_(None), Login.expires_at > moment, Login.seen_at > moment - IDLE)


def runs(login: Login, moment: datetime) -> bool:
    """Whether this log-in is one of those that :func:`running` selects."""
    return login.ended_at is None and login.expires_at > moment and login.seen_at > moment - IDLE


def mine(db: Session, person: Person) -> list[Login]:
    """The person's running log-ins, the newest first."""
    return list(
        db.scalars(
            select(Login)
            .where(Login.person_id == person.id, running(now()))
            .order_by(Login.seen_at.desc(), Login.id.desc())
        )
    )


def end(db: Session, person: Person, public_id: str) -> Login:
    """End one of the person's own log-ins."""
    found = db.scalar(select(Login).where(Login.person_id == person.id, Login.public_id == public_id))
    if found is None:
        raise NotFound("There is no such log-in.", "It may have ended already.", "Load the page again.", "login.none")
    if found.ended_at is None:
        found.ended_at = now()
    return found


def end_all(db: Session, person: Person, but: Login | None = None) -> int:
    """End all of the person's log-ins, or all but one."""
    ended = db.execute(
        update(Login)
        .where(Login.person_id == person.id, Login.ended_at.is_(None), Login.id != (but.id if but else 0))
        .values(ended_at=now())
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def check_old(person: Person, old: str) -> None:
    """The present password, where there is one, must be known to change it."""
    if person.password is not None and not verify(person.password, old):
        raise DeliberateError(
            "The present password is wrong.",
            "It guards your account when a device is left open.",
            "Try again, or have a link sent to you.",
            "password.old",
            {"old": "This is not your present password."},
        )


def set_password(db: Session, person: Person, made: str, keep: Login | None) -> None:
    """Store the hash of a new password. Every other log-in and every open link ends, and a mail tells the person."""
    person.password = made
    end_all(db, person, keep)
    moment = now()
    db.execute(
        update(MailLink).where(MailLink.person_id == person.id, MailLink.used_at.is_(None)).values(expires_at=moment)
    )
    outbox.write(
        db,
        "password.changed",
        person.email,
        mark("Your password was changed"),
        mark(
            "Hello %(name)s,\n\nyour password was set or changed a moment ago, and every other log-in has ended.\n\n"
            "If it was not you, have a log-in link sent to you, set a new password, and tell the secretary of your assembly.\n",
            name=person.name,
        ),
        person,
        db.scalar(FIRST),
    )


def touch(engine: Engine, login_id: int) -> None:
    """Note that a log-in is in use, in a transaction of its own."""
    with Session(engine) as db, db.begin():
        db.execute(update(Login).where(Login.id == login_id).values(seen_at=now()))


def idle(login: Login) -> bool:
    """Whether the last note of use is old enough for a new one."""
    return now() - login.seen_at > TOUCH


def looked(db: Session, member: Member, upto: int) -> None:
    """Everything up to this entry has been seen; what came after the page was made has not."""
    newest = select(func.max(LedgerEntry.idx)).where(LedgerEntry.ledger_id == member.assembly.ledger_id)
    member.looked_from = max(member.looked_from, min(upto, db.scalar(newest) or 0))
