"""What every template may use: addresses, files, moments, numbers, charts. ``install`` adds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from deliberate.web import charts, dates

STATIC = Path(__file__).resolve().parents[2] / "static"


def static_url(folder: Path = STATIC) -> Callable[[str], str]:
    """Give ``static('css/base.css')`` -> ``/static/css/base.css?v=<hash>``, so that a file may be cached for ever.

    A file that is missing raises, in the template that asks for it.
    """

    @cache
    def digest(path: str, _stamp: int) -> str:
        return hashlib.sha256((folder / path).read_bytes()).hexdigest()[:10]

    def static(path: str) -> str:
        return f"/static/{path}?v={digest(path, (folder / path).stat().st_mtime_ns)}"

    return static


def modules(static: Callable[[str], str], folder: Path = STATIC) -> Callable[[], str]:
    """Give ``modules()``: the import map that gives every module its address with the hash, so that no two releases mix."""

    def addresses() -> str:
        names = sorted(path.name for path in (folder / "js").glob("*.js"))
        return json.dumps({"imports": {f"/static/js/{name}": static(f"js/{name}") for name in names}})

    return addresses


def _request(context: Context) -> Any:
    return context.get("request")


def _clock(context: Context) -> tuple[datetime, tzinfo, str]:
    """The present moment, the reader's zone and locale: from the request where it has them."""
    request = _request(context)
    now = getattr(request, "now", None) or datetime.now(UTC)
    zone = getattr(request, "timezone", None) or UTC
    return now, zone, getattr(request, "locale_name", None) or "en"


@pass_context
def url(context: Context, route: str, **parts: Any) -> str:
    """The path of a route: ``url('motion', id=7)``, ``url('motions', _query={'q': 'van'})``."""
    return str(_request(context).route_path(route, **parts))


@pass_context
def time_as(context: Context, at: datetime, form: str = "full") -> str:
    """A moment in words; forms in :func:`deliberate.web.dates.words`."""
    now, zone, locale = _clock(context)
    return dates.words(at, form, now, zone, locale)


@pass_context
def full(context: Context, at: datetime) -> str:
    """A moment with weekday, date and time."""
    return str(time_as(context, at, "full"))


@pass_context
def clock_or_day(context: Context, at: datetime) -> str:
    """The time alone if it is today, else the short date with the time."""
    now, zone, _ = _clock(context)
    same = dates.aware(at).astimezone(zone).date() == dates.aware(now).astimezone(zone).date()
    return str(time_as(context, at, "clock" if same else "short"))


def initials(name: str) -> str:
    """First letters of the first and the last part of a name: "Amara Osei" -> "AO"."""
    parts = [part for part in name.replace("-", " ").split() if part[0].isalnum()]
    if not parts:
        return "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def hash_words(value: str, length: int = 12) -> str:
    """The first ``length`` characters of a hash in groups of four, as it is read aloud."""
    value = value[:length]
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def number(value: int | str) -> str:
    """A whole number with thousands marked: 1236 -> "1,236"; a decimal string keeps its digits."""
    text = str(value)
    whole, point, rest = text.partition(".")
    if not whole.lstrip("-").isdigit():
        return text
    return f"{int(whole):,}{point}{rest}" if not (whole.startswith("-0")) else text


def ordinal(value: int) -> str:
    """1 -> "1st": places on a ballot, in English; other languages get the number with a point by their catalogue."""
    if 10 <= value % 100 <= 20:
        return f"{value}th"
    return f"{value}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th') }"


@pass_context
def daytext(context: Context, day: date) -> str:
    """A day of the calendar, whatever the zone: "20 November 2026"."""
    return dates.day(day, _clock(context)[2])


PROGRAMS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """What a browser says of itself, in two words: "Firefox, Linux"; else its first 60 characters."""
    found = [next((word for mark, word in table if mark in agent), "") for table in (PROGRAMS, SYSTEMS)]
    return ", ".join(filter(None, found)) or agent[:60]


FILTERS: dict[str, Callable[..., Any]] = {
    "iso": dates.iso,
    "time_as": time_as,
    "full": full,
    "moment": datetime.fromisoformat,
    "daytext": daytext,
    "device": device,
    "clock_or_day": clock_or_day,
    "initials": initials,
    "hash_words": hash_words,
    "number": number,
    "ordinal": ordinal,
}


def install(environment: Environment, folder: Path = STATIC) -> None:
    """Add the filters and globals to an environment that has autoescape, StrictUndefined and the i18n extension."""
    environment.filters.update(FILTERS)
    static = static_url(folder)
    environment.globals.update(static=static, modules=modules(static, folder), url=url, charts=charts)
