"""Every setting once: its name, type, default and meaning. Unknown names and impossible values stop the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deliberate.core.errors import DeliberateError

PREFIX = "deliberate."
SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg", "postgres")
NOT_SECRET = "development only, not a secret"  # noqa: S105  the default that production refuses


def _yes(text: str) -> bool:
    if text.lower() in {"true", "yes", "on", "1"}:
        return True
    if text.lower() in {"false", "no", "off", "0"}:
        return False
    raise ValueError("expected yes or no")


@dataclass(frozen=True)
class Settings:
    """Settings of one process. In an INI file each is written as ``deliberate.NAME = value``."""

    database: str = field(
        default="sqlite:///var/deliberate.sqlite", metadata={"means": "SQLAlchemy URL of the database"}
    )
    environment: str = field(default="development", metadata={"means": "development or production"})
    secret: str = field(
        default=NOT_SECRET, metadata={"means": "signs flash messages and CSRF tokens; 32 characters or more"}
    )
    keys: str = field(default="var/keys", metadata={"means": "folder of the ledger key; never inside the database"})
    records: str = field(
        default="var/records", metadata={"means": "folder in which published record packages are kept"}
    )
    url: str = field(default="http://127.0.0.1:8000", metadata={"means": "address at which people reach the site"})
    host: str = field(default="127.0.0.1", metadata={"means": "address on which the server listens"})
    port: int = field(default=8000, metadata={"means": "port on which the server listens"})
    threads: int = field(default=16, metadata={"means": "threads that answer pages"})
    mail: str = field(default="console", metadata={"means": "console, or smtp://user:password@host:port"})
    mail_from: str = field(default="Deliberate <no-reply@localhost>", metadata={"means": "sender of mails"})
    rate_limits: str = field(default="memory://", metadata={"means": "storage of the limits library"})
    metrics_token: str = field(default="", metadata={"means": "bearer token for /metrics; empty: loopback only"})
    batch_ms: int = field(default=4, metadata={"means": "how long the casting writer gathers ballots, in milliseconds"})
    batch_size: int = field(default=256, metadata={"means": "most ballots in one durable commit"})

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def origin(self) -> str:
        """The site's name in ledgers: its URL without scheme and final slash."""
        return self.url.split("://", 1)[-1].rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether people reach the site by https, so that cookies carry Secure and the __Host- prefix."""
        return self.url.startswith("https://")


NAMES = {f.name: f for f in fields(Settings)}
PARSERS: dict[str, Any] = {"int": int, "bool": _yes, "str": str}


def load(raw: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from an INI section and the environment (``DELIBERATE_DATABASE_URL``, ``PORT``, ``DELIBERATE_NAME``).

    Raises DeliberateError with code ``settings.*`` for an unknown name, an impossible value, or a production start
    with the default secret.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for key, value in (raw or {}).items():
        if key.startswith(PREFIX):
            name = key[len(PREFIX) :]
            if name not in NAMES:
                raise DeliberateError(
                    f'There is no setting "{key}".',
                    "Unknown settings are refused.",
                    f"Known are: {', '.join(sorted(NAMES))}.",
                    "settings.unknown",
                )
            values[name] = _parse(name, str(value))
    shorthands = {"DELIBERATE_DATABASE_URL": "database", "PORT": "port"}
    for variable, name in {**{f"DELIBERATE_{n.upper()}": n for n in NAMES}, **shorthands}.items():
        if environ.get(variable):
            values[name] = _parse(name, environ[variable])
    if "url" not in values and "port" in values:
        values["url"] = f"http://127.0.0.1:{values['port']}"
    if "database" in values:
        values["database"] = _database(values["database"])
    return _checked(Settings(**values))


def _parse(name: str, text: str) -> Any:
    kind = str(NAMES[name].type)
    try:
        return PARSERS[kind](text.strip())
    except ValueError as error:
        raise DeliberateError(
            f'The setting "{name}" is "{text}".',
            f"It must be of type {kind}.",
            f"It means: {NAMES[name].metadata['means']}.",
            "settings.value",
        ) from error


def _checked(settings: Settings) -> Settings:
    if settings.environment not in {"development", "production"}:
        raise DeliberateError(
            f'The environment is "{settings.environment}".',
            "It is development or production.",
            "Set deliberate.environment.",
            "settings.environment",
        )
    if not 0 < settings.port < 65536:
        raise DeliberateError(f"The port is {settings.port}.", "Ports are 1 to 65535.", "Set PORT.", "settings.port")
    if not urlsplit(settings.url).scheme or not urlsplit(settings.url).netloc:
        raise DeliberateError(
            f'The address "{settings.url}" is not a URL.',
            "Links and ledgers are named by it.",
            "Set deliberate.url, as in https://vote.example.org.",
            "settings.url",
        )
    _check_database(settings.database)
    if settings.environment == "production" and (settings.secret == NOT_SECRET or len(settings.secret) < 32):
        raise DeliberateError(
            "Production does not start with the default secret.",
            "Anyone could forge form tokens with it.",
            "Set DELIBERATE_SECRET to 32 or more random characters.",
            "settings.secret",
        )
    return settings


def _check_database(url: str) -> None:
    """Refuse a URL that no driver of ours reads; its password is never repeated."""
    scheme, sign, rest = url.partition("://")
    if not sign or not rest or scheme not in SCHEMES:
        raise DeliberateError(
            f'The database "{scheme if sign else url}{sign and "://..."}" is not known.',
            f"It is a URL that begins with one of: {', '.join(f'{one}://' for one in SCHEMES)}.",
            "Set DELIBERATE_DATABASE_URL, such as sqlite:///var/deliberate.sqlite or postgresql://user:password@host/name.",
            "settings.database",
        )


def _database(url: str) -> str:
    """The URL as SQLAlchemy needs it: hosts of PostgreSQL often write ``postgres://``, which it does not know."""
    scheme, sign, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if sign and scheme in ("postgres", "postgresql") else url


def top(name: str) -> Path:
    """The folder ``static`` or ``alembic``: beside the package in a checkout, inside it when installed."""
    here = Path(__file__).resolve().parent
    beside = here.parent / name
    return beside if beside.is_dir() and (here.parent / "setup.cfg").exists() else here / f"_{name}"
