"""Moments in words: in the assembly's time zone, with the weekday and the time left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from jinja2 import pass_context
from markupsafe import Markup

from deliberate.services.act import now


def zone(request: Any) -> ZoneInfo:
    """The person's time zone, else the assembly's, else UTC."""
    person, assembly = getattr(request, "person", None), getattr(request, "assembly", None)
    name = (person and person.timezone) or (assembly and assembly.timezone) or "UTC"
    return ZoneInfo(name)


def locale(request: Any) -> str:
    return str(getattr(request, "locale_name", None) or "en").replace("-", "_")


def local(moment: datetime, request: Any) -> datetime:
    return moment.astimezone(zone(request))


@pass_context
def long(context: Any, moment: datetime) -> Markup:
    """``Friday 20 November 2026, 17:30`` in a time element."""
    request = context["request"]
    there = local(moment, request)
    return _element(moment, format_datetime(there, "EEEE d MMMM y, HH:mm", locale=locale(request)))


@pass_context
def short(context: Any, moment: datetime) -> Markup:
    """``16:20 today``, ``yesterday``, ``Fri 20 Nov`` or, of another year, ``20 Nov 2025``."""
    request = context["request"]
    there, here = local(moment, request), local(now(), request)
    days = (here.date() - there.date()).days
    clock = format_time(there, "HH:mm", locale=locale(request))
    if days == 0:
        said = f"{clock} today"
    elif days == 1:
        said = f"{clock} yesterday"
    else:
        said = format_date(there, "EEE d MMM" if there.year == here.year else "d MMM y", locale=locale(request))
    return _element(moment, said)


@pass_context
def clock(context: Any, moment: datetime) -> str:
    return format_time(local(moment, context["request"]), "HH:mm", locale=locale(context["request"]))


@pass_context
def pattern(context: Any, moment: datetime, form: str) -> str:
    """A moment by a CLDR pattern, such as ``EEE`` or ``d MMM``."""
    return format_datetime(local(moment, context["request"]), form, locale=locale(context["request"]))


@pass_context
def left(context: Any, moment: datetime) -> str:
    """``in 15 hours`` or ``2 days ago``."""
    distance: timedelta = moment - now()
    return format_timedelta(distance, granularity="minute", add_direction=True, threshold=1.5,
                            locale=locale(context["request"]))


@pass_context
def field(context: Any, moment: datetime | None) -> str:
    """A moment as the value of ``<input type=datetime-local>``."""
    return "" if moment is None else local(moment, context["request"]).strftime("%Y-%m-%dT%H:%M")


def _element(moment: datetime, said: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="minutes"), said)


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": long, "ago": short, "clock": clock, "cldr": pattern, "left": left, "datetime_local": field,
}
