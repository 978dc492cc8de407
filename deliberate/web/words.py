"""Marked sentences in the language of the page. Templates show them as they are: ``finalize`` translates on the way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel.lists import format_list
from babel.numbers import format_decimal, get_decimal_symbol
from pyramid.threadlocal import get_current_request

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import Marked
from deliberate.web import dates

DOMAIN = "deliberate"


def said(text: str) -> str:
    """A marked sentence in the language of the request, with its values; any other text as it is.

    Whole numbers among the values are written as the language writes them. Without a request it stays English.
    """
    if not isinstance(text, Marked):
        return text
    localizer = getattr(get_current_request(), "localizer", None)
    if localizer is None:
        return str(text)
    if text.many is None:
        words = localizer.translate(text.msgid, domain=DOMAIN)
    else:
        words = localizer.pluralize(text.msgid, text.plural, text.many, domain=DOMAIN)
    return str(words % {name: _value(value) for name, value in text.values.items()}) if text.values else str(words)


def sentences(error: DeliberateError) -> str:
    """What happened, why, and what to do, in one line."""
    return " ".join(said(text) for text in (error.what, error.why, error.remedy) if text)


def finalize(value: object) -> object:
    """What Jinja puts in place of ``{{ value }}``, before it is escaped."""
    return said(value) if isinstance(value, Marked) else value


def language() -> str:
    """The language of the request, as Babel names it."""
    return dates.babel_name(getattr(get_current_request(), "locale_name", None) or "en")


def number(value: int | str) -> str:
    """A whole number with thousands marked: 1236 -> "1,236"; a decimal string keeps its digits."""
    text, locale = str(value), language()
    whole, point, rest = text.partition(".")
    if not whole.lstrip("-").isdigit() or whole.startswith("-0"):
        return text
    return f"{format_decimal(int(whole), locale=locale)}{point and get_decimal_symbol(locale)}{rest}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "A, B and C"."""
    return str(format_list([said(name) for name in names], locale=language()))


def day(of: date) -> str:
    """A day of the calendar, whatever the zone: "20 November 2026"."""
    return dates.day(of, language())


def _value(value: object) -> object:
    if isinstance(value, str):
        return said(value)
    return number(value) if isinstance(value, int) else value
