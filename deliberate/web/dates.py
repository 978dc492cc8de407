"""Moments in words: the weekday, the time, and how long is left. Pure: the present moment comes in as an argument.

Dates come in the language that is asked for; the sentences of our own are marked, and translated where they are shown.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta

from deliberate.core.sentences import mark, mark_many
from deliberate.services.languages import babel_name

_SKELETONS = {
    "full": "MMMMEEEEd",
    "short": "MMMEd",
    "day": "MMMMEEEEd",
}
"""What a language puts in its own order; English keeps the patterns below."""
_PATTERNS = {
    "full": "EEEE d MMMM, HH:mm",
    "short": "EEE d MMM, HH:mm",
    "day": "EEEE d MMMM",
    "weekday": "EEE",
    "dayofmonth": "d",
    "clock": "HH:mm",
}


def aware(at: datetime) -> datetime:
    """A moment with its zone; one without is read as UTC, as the database keeps it."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def iso(at: datetime) -> str:
    """The moment for a machine, to the second, in UTC: ``2026-11-20T17:30:00Z``."""
    return aware(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def words(at: datetime, form: str, now: datetime, zone: tzinfo = UTC, locale: str = "en") -> str:
    """Say a moment: ``form`` is a key of the patterns above, or ``ago``, ``left``, ``remaining``, ``timer``.

    The year is added where it is not the present one. ``ago`` and ``left`` choose the coarsest honest unit,
    ``remaining`` gives two units below two days ("2 h 14 min left").
    """
    moment, present = aware(at), aware(now)
    if form == "remaining":
        return remaining(moment - present)
    if form == "timer":
        return timer(moment - present)
    if form == "left" and moment <= present:
        return mark("now")
    if form in ("ago", "left"):
        return _relative(moment - present, locale)
    local = moment.astimezone(zone)
    past = form in ("full", "short", "day") and local.year != present.astimezone(zone).year
    if form == "date":
        return day(local, locale)
    if locale != "en" and form in _SKELETONS:
        skeleton = _SKELETONS[form].replace("MMM", "yMMM", 1) if past else _SKELETONS[form]
        said = str(format_skeleton(skeleton, local, tzinfo=zone, locale=babel_name(locale)))
        return said if form == "day" else f"{said}, {words(at, 'clock', now, zone, locale)}"
    pattern = _PATTERNS[form]
    if past:
        pattern = pattern.replace("MMMM", "MMMM y").replace("MMM,", "MMM y,")
    return str(format_datetime(local, pattern, tzinfo=zone, locale=babel_name(locale)))


def day(of: date, locale: str = "en") -> str:
    """A day of the calendar, whatever the zone: "20 November 2026"."""
    return str(format_date(of, "long", locale=babel_name(locale)))


_UNITS: tuple[tuple[Literal["month", "day", "hour", "minute"], int, int], ...] = (
    ("month", 30 * 86400, 2),
    ("day", 86400, 2),
    ("hour", 3600, 1),
    ("minute", 60, 1),
)


def _relative(delta: timedelta, locale: str) -> str:
    """A length of time with its direction, rounded down, so that nobody is promised too much."""
    seconds = int(delta.total_seconds())
    if abs(seconds) < 60:
        return mark("just now") if seconds <= 0 else mark("in less than a minute")
    unit, length = next((unit, length) for unit, length, least in _UNITS if abs(seconds) >= length * least)
    whole = timedelta(seconds=abs(seconds) // length * length * (1 if seconds > 0 else -1))
    return str(format_timedelta(whole, granularity=unit, threshold=1e9, add_direction=True, locale=babel_name(locale)))


def remaining(left: timedelta) -> str:
    """Time left in one or two short units; nothing left is said as it is."""
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return mark("Closed")
    if seconds >= 2 * 86400:
        return mark_many("One day left", "%(num)s days left", seconds // 86400)
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return mark("%(hours)s h %(minutes)s min left", hours=hours, minutes=minutes)
    return mark("%(minutes)s min %(seconds)s s left", minutes=minutes, seconds=seconds % 60)


def timer(left: timedelta) -> str:
    """Time left for a hall: "38:07", "2:14:38", "5 d"; nothing left is "0:00"."""
    seconds = max(0, int(left.total_seconds()))
    if seconds >= 2 * 86400:
        return mark("%(days)s d", days=seconds // 86400)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
