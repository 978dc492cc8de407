"""What every template may use: addresses, files, moments, numbers, charts. ``install`` adds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from deliberate.core import orders, tally
from deliberate.core.sentences import Marked, mark
from deliberate.web import charts, dates
from deliberate.web.words import day, finalize, number, said, sentences

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
    return said(dates.words(at, form, now, zone, locale))


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


def ordinal(value: int) -> Marked:
    """1 -> "1st": places on a ballot. A language that needs no endings gives all four the same words."""
    ending = 0 if 10 <= value % 100 <= 20 else value % 10
    return mark({1: FIRST, 2: SECOND, 3: THIRD}.get(ending, OTHER), n=value)


FIRST, SECOND, THIRD, OTHER = mark("%(n)sst"), mark("%(n)snd"), mark("%(n)srd"), mark("%(n)sth")


def office(word: str) -> str:
    """An office, or another word of the standing orders for who may act, for people: "chair", "everybody"."""
    return said(orders.OFFICES.get(word, word))


def offices(words: Iterable[str]) -> str:
    """Several of them, with commas."""
    return ", ".join(map(office, words))


def share(part: Fraction | int, whole: Fraction | int) -> str:
    """A share in per cent with one decimal: 1, 3 -> "33.3"."""
    return number(f"{float(part * 100 / whole):.1f}")


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
    "daytext": day,
    "device": device,
    "clock_or_day": clock_or_day,
    "initials": initials,
    "hash_words": hash_words,
    "number": number,
    "ordinal": ordinal,
    "office": office,
    "offices": offices,
    "share": share,
    "sentences": sentences,
}


def alone() -> Environment:
    """The templates without an application, for a page that no request asks for. Sentences stay English."""
    made = Environment(
        loader=PackageLoader("deliberate.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    install(made)
    return made


def install(environment: Environment, folder: Path = STATIC) -> None:
    """Add the filters and globals to an environment that has autoescape, StrictUndefined and the i18n extension."""
    environment.filters.update(FILTERS)
    environment.finalize = finalize
    static = static_url(folder)
    environment.globals.update(
        static=static, modules=modules(static, folder), url=url, charts=charts, methods=tally.METHODS
    )
