"""Languages: which there are, which one somebody reads, and marked sentences and numbers said in one of them."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.numbers import format_decimal, get_decimal_symbol

import deliberate
from deliberate.core.sentences import Marked
from deliberate.models import Assembly, Person

FOLDER = Path(deliberate.__file__).with_name("locale")
DOMAIN = "deliberate"
SOURCE = "en"


def known() -> tuple[str, ...]:
    """The languages there are: English, in which everything is written, and those with a compiled catalogue."""
    return _known(FOLDER)


@cache
def _known(folder: Path) -> tuple[str, ...]:
    found = {file.parent.parent.name for file in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")}
    return (SOURCE, *sorted(found - {SOURCE}))


def of(person: Person | None, assembly: Assembly | None) -> str:
    """The language that a person has chosen, else that of the assembly, else English."""
    for one in (person, assembly):
        if one is not None and one.locale in known():
            return one.locale
    return SOURCE


def babel_name(language: str) -> str:
    """The name by which Babel knows a language; English dates follow the order day, month."""
    return "en_GB" if language in (SOURCE, "") else language.replace("-", "_")


@cache
def _catalogue(folder: Path, language: str) -> NullTranslations:
    file = folder / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as opened:
        return GNUTranslations(opened)


def said(text: str, language: str) -> str:
    """A marked sentence in a language, with its values, which may be marked themselves; any other text as it is.

    Whole numbers among the values are written as the language writes them.
    """
    if not isinstance(text, Marked):
        return text
    words = _catalogue(FOLDER, language)
    found = words.gettext(text.msgid) if text.many is None else words.ngettext(text.msgid, text.plural, text.many)
    return found % {name: _value(value, language) for name, value in text.values.items()} if text.values else found


def number(value: int | str, language: str) -> str:
    """A whole number with thousands marked: 1236 -> "1,236"; a decimal string keeps its digits."""
    text, locale = str(value), babel_name(language)
    whole, point, rest = text.partition(".")
    sign, digits = whole[: whole.startswith("-")], whole.removeprefix("-")
    if not digits.isdecimal():
        return text
    return f"{sign}{format_decimal(int(digits), locale=locale)}{point and get_decimal_symbol(locale)}{rest}"


def _value(value: object, language: str) -> object:
    if isinstance(value, str):
        return said(value, language)
    return number(value, language) if isinstance(value, int) else value
