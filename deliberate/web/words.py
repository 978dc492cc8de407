"""Marked sentences in the language of the page. Templates show them as they are: ``finalize`` translates on the way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel.lists import format_list
from pyramid.threadlocal import get_current_request

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import Marked
from deliberate.services import languages
from deliberate.web import dates


def language() -> str:
    """The language of the request; English without one."""
    return getattr(get_current_request(), "locale_name", None) or languages.SOURCE


def said(text: str) -> str:
    """A marked sentence in the language of the page; any other text as it is. Without a page it stays English."""
    if not isinstance(text, Marked):
        return text
    return languages.said(text, language()) if get_current_request() is not None else str(text)


def sentences(error: DeliberateError) -> str:
    """What happened, why, and what to do, in one line."""
    return " ".join(said(text) for text in (error.what, error.why, error.remedy) if text)


def finalize(value: object) -> object:
    """What Jinja puts in place of ``{{ value }}``, before it is escaped."""
    return said(value) if isinstance(value, Marked) else value


def number(value: int | str) -> str:
    """A whole number with thousands marked: 1236 -> "1,236"; a decimal string keeps its digits."""
    return languages.number(value, language())


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "A, B and C"."""
    return str(format_list([said(name) for name in names], locale=languages.babel_name(language())))


def day(of: date) -> str:
    """A day of the calendar, whatever the zone: "20 November 2026"."""
    return dates.day(of, language())
