"""The ground of all tables: names of constraints, column types, engines."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, LargeBinary, MetaData, String, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[datetime]):
    """A moment, stored in UTC, always aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[Fraction]):
    """An exact number, stored as text in lowest terms: ``3/2``."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Fraction | int | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value if isinstance(value, Fraction) else Fraction(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:
        return None if value is None else Fraction(value)


Json = JSON().with_variant(JSONB(), "postgresql")


def public_id() -> str:
    """A random name for URLs and ledgers: 128 bits as 26 characters of lower-case base32."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


Id = Annotated[int, mapped_column(primary_key=True)]
PublicId = Annotated[str, mapped_column(String(26), unique=True, default=public_id)]
Moment = Annotated[datetime, mapped_column(Utc())]
Number = Annotated[Fraction, mapped_column(Exact())]
Data = Annotated[dict[str, Any], mapped_column(Json)]
Rows = Annotated[list[Any], mapped_column(Json)]
Hash = Annotated[str, mapped_column(String(64))]
Bytes = Annotated[bytes, mapped_column(LargeBinary)]


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Utc(), Fraction: Exact(), dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


def engine(url: str, **options: Any) -> Engine:
    """An engine with the house's habits: on SQLite WAL, foreign keys, full durability and BEGIN IMMEDIATE for writers.

    A connection with the execution option ``writing=False`` begins deferred, so that readers never wait.
    """
    made = make_url(url)
    if made.get_backend_name() != "sqlite":
        return create_engine(
            made, pool_pre_ping=True, pool_size=options.pop("pool_size", 20), max_overflow=20, **options
        )
    if made.database and made.database != ":memory:":
        Path(made.database).parent.mkdir(parents=True, exist_ok=True)
    options.setdefault("connect_args", {"timeout": 15, "check_same_thread": False})
    result = create_engine(made, pool_size=options.pop("pool_size", 40), max_overflow=20, **options)
    event.listen(result, "connect", _pragmas)
    event.listen(result, "begin", _begin)
    return result


def _pragmas(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=wal", "foreign_keys=on", "busy_timeout=15000", "synchronous=full", "secure_delete=on"):
        dbapi.execute(f"pragma {pragma}").close()


def _begin(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def reader(of: Engine) -> Engine:
    """The same database for requests that do not write."""
    return of.execution_options(writing=False)


SessionMaker = Callable[..., Session]
