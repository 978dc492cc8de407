"""Which errors of the database may pass if the same work is tried again."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

BUSY = re.compile(r"database is locked|could not serialize|deadlock detected", re.IGNORECASE)
LOCKED = re.compile(r"database is locked", re.IGNORECASE)
STATES = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock not available


def is_busy(error: BaseException) -> bool:
    """Whether trying again may help: a lock, a serialisation failure, a unique row that another request just made."""
    if isinstance(error, (IntegrityError, StaleDataError)):
        return True
    if isinstance(error, DBAPIError):
        return bool(BUSY.search(str(error.orig))) or getattr(error.orig, "sqlstate", "") in STATES
    return False


def is_locked(error: BaseException) -> bool:
    """Whether somebody else held the database for longer than was waited; nothing is known to have changed."""
    if not isinstance(error, DBAPIError):
        return False
    return bool(LOCKED.search(str(error.orig))) or getattr(error.orig, "sqlstate", "") == "55P03"


def is_lost(error: BaseException) -> bool:
    """Whether the connection to the database broke, so that nobody knows what became of the last commit."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") is None
