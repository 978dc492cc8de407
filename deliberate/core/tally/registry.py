"""Methods by name: each a function from ballots to a Result, with its options, their defaults and its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import Marked, mark
from deliberate.core.tally.record import Question, Result

TIES = ("backwards", "forwards", "previous", "declared", "declared-first", "lot", "seed")


@dataclass(frozen=True)
class Setting:
    """One option of a method: its default, what it means, and how a value is read."""

    default: Any
    means: str
    read: Callable[[Any], Any]


Run = Callable[[Question, Aggregate, Mapping[str, Any], Sequence[Mapping[str, Any]]], Result]


@dataclass(frozen=True)
class Method:
    """A named rule from ballots to winners.

    ballot: ``choice``, ``ranking``, ``score`` or ``each``. winners: what it gives (``one``, ``seats``, ``order``,
    ``committee``, ``budget``, ``carried or lost``). family: where it stands in the chooser, one of FAMILIES. good_for: one
    sentence for whoever prepares a poll. equal_ranks: whether a ranking may give one rank to several options.
    whole_weights: the law knows whole papers only.
    """

    name: str
    title: str
    ballot: str
    winners: str
    version: str
    source: str
    about: str
    family: str
    good_for: str
    options: Mapping[str, Setting]
    equal_ranks: bool
    whole_weights: bool
    departures: tuple[str, ...]
    run: Run


FAMILIES = ("motion", "choice", "run-off", "proportional", "pairwise", "points", "committee", "budget")
METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    title: str,
    ballot: str,
    winners: str,
    source: str,
    about: str,
    family: str,
    good_for: str,
    options: Mapping[str, Setting],
    version: str = "1",
    equal_ranks: bool = False,
    whole_weights: bool = False,
    departures: tuple[str, ...] = (),
) -> Callable[[Run], Run]:
    """Register a method under its name. Its title and what it is good for are sentences of the catalogue."""

    def add(run: Run) -> Run:
        METHODS[name] = Method(
            name,
            mark(title),
            ballot,
            winners,
            version,
            source,
            about,
            family,
            mark(good_for),
            options,
            equal_ranks,
            whole_weights,
            departures,
            run,
        )
        return run

    return add


def find(name: str) -> Method:
    """The method of this name. Raises DeliberateError ``tally.method``."""
    if name not in METHODS:
        near = get_close_matches(name, METHODS, 1)
        raise DeliberateError(
            mark('There is no method "%(name)s".', name=name),
            mark("Did you mean %(near)s?", near=near[0]) if near else mark("Methods are registered by name."),
            mark("Choose one of: %(methods)s.", methods=", ".join(sorted(METHODS))),
            "tally.method",
        )
    return METHODS[name]


def _told(error: Exception) -> str:
    """What a reader said of a value, marked if it was; a number that could not be read says nothing."""
    told = next(iter(error.args), "")
    return told if isinstance(told, Marked) else ""


def rules(name: str, /, **given: Any) -> dict[str, Any]:
    """The rules of a method with every option written out. Raises DeliberateError ``tally.rules`` naming a bad option."""
    found = find(name)
    for key in given:
        if key not in found.options:
            known = ", ".join(sorted(found.options)) or "none"
            raise DeliberateError(
                mark('The method %(name)s has no option "%(key)s".', name=name, key=key),
                mark("Its options are: %(known)s.", known=known),
                "Correct the name.",
                "tally.rules",
                {key: "There is no such option."},
            )
    made: dict[str, Any] = {"method": name}
    for key, setting in found.options.items():
        try:
            made[key] = setting.read(given[key]) if key in given else setting.default
        except (ValueError, TypeError, ZeroDivisionError, KeyError) as error:
            raise DeliberateError(
                mark('The option "%(key)s" of %(name)s is "%(given)s".', key=key, name=name, given=given[key]),
                mark("%(means)s %(error)s", means=setting.means, error=_told(error)),
                "Correct the value.",
                "tally.rules",
                {key: _told(error) or setting.means},
            ) from error
    return made


class one_of:  # noqa: N801  a reader, named like the others
    """A reader for one of these values; forms offer them as a list."""

    def __init__(self, *allowed: Any) -> None:
        self.allowed = allowed

    def __call__(self, value: Any) -> Any:
        if value not in self.allowed:
            raise ValueError(mark("Allowed: %(words)s.", words=", ".join(map(str, self.allowed))))
        return value


def flag(value: Any) -> bool:
    """A reader for yes or no."""
    if value in (True, "yes", "true", "1"):
        return True
    if value in (False, "no", "false", "0"):
        return False
    raise ValueError(mark("Allowed: yes, no."))


_EXACT = re.compile(r"[0-9]{1,30}([/.][0-9]{1,30})?")  # no exponent: 1e999999999 would take an hour to write


def amount(value: Any) -> str:
    """A reader for an exact number of at least 0, as ``3``, ``3/2`` or ``47.5``."""
    if not _EXACT.fullmatch(str(value)):
        raise ValueError(mark("Write a number of at least 0, such as 100 or 3/2."))
    return exact(Fraction(str(value)))


def share(value: Any) -> str:
    """A reader for an exact fraction from 0 to 1, as ``2/3``; an exact decimal is accepted."""
    text = str(value)
    if not _EXACT.fullmatch(text) or not 0 <= Fraction(text) <= 1:
        raise ValueError(mark("Write a fraction from 0 to 1, such as 2/3."))
    return str(Fraction(text))


def whole(least: int, or_none: bool = False) -> Callable[[Any], Any]:
    """A reader for a whole number of at least this size; with ``or_none`` also none."""

    def read(value: Any) -> Any:
        if or_none and value in (None, "none", "unlimited", "all"):
            return None
        if isinstance(value, bool) or not re.fullmatch("[0-9]{1,30}", str(value)) or int(value) < least:
            raise ValueError(mark("Write a whole number of at least %(least)s.", least=least))
        return int(value)

    return read


def policies(value: Any) -> list[str]:
    """A reader for a list of tie policies, tried in order; as text, separated by commas."""
    listed = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value)
    if not listed or any(part not in TIES for part in listed) or len(set(listed)) < len(listed):
        raise ValueError(mark("Name some of: %(policies)s, each once.", policies=", ".join(TIES)))
    return listed


def seed(value: Any) -> Any:
    """A reader for a seed, or nothing."""
    if value == "" or re.fullmatch("[0-9a-f]{64}", str(value)):
        return value
    raise ValueError(mark("Allowed: %(words)s.", words=mark("64 hexadecimal digits")))


def tie_options(*default: str) -> dict[str, Setting]:
    """How ties are settled, with these policies unless a poll names others."""
    return {
        "ties": Setting([*default], mark("Tie policies, tried in order."), policies),
        "seed": Setting("", mark("Public seed for the policy seed: 64 hexadecimal digits."), seed),
    }


TIE_OPTIONS = tie_options("backwards", "lot")
LOT_OPTIONS = tie_options("lot")
"""Tie options of methods without earlier rounds to look back at."""
