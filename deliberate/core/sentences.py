"""Sentences that people read, marked where they are written. Nothing is translated here; whoever shows one does that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce


class Marked(str):
    """A sentence in English that knows its msgid and its values, so that it can be said in another language.

    It is a ``str`` like any other: the ledger, the command line and programs read the English. msgid, plural: the
    words of the catalogue, with ``%(name)s`` for each value. many: the number that chooses between the two, or None.
    values: what stands for each name; a value that is itself marked is translated too.
    """

    __slots__ = ("many", "msgid", "plural", "values")

    msgid: str
    plural: str
    many: int | None
    values: Mapping[str, object]


def mark(msgid: str, /, **values: object) -> Marked:
    """Mark a sentence for the catalogue. ``msgid`` is a literal, or a marked sentence of a table; never an f-string.

    >>> mark("%(name)s is on the roll.", name="Ada")
    'Ada is on the roll.'
    """
    if isinstance(msgid, Marked) and not values:
        return msgid
    return _made(msgid % values if values else msgid, str(msgid), "", None, values)


def mark_many(one: str, other: str, many: int, /, **values: object) -> Marked:
    """Mark a sentence with a number. ``one`` is said of exactly one; ``%(num)s`` is the number.

    >>> mark_many("One ballot is in the box.", "%(num)s ballots are in the box.", 3)
    '3 ballots are in the box.'
    """
    values = {"num": many, **values}
    return _made((one if many == 1 else other) % values, one, other, many, values)


def _made(said: str, msgid: str, plural: str, many: int | None, values: Mapping[str, object]) -> Marked:
    made = Marked(said)
    made.msgid, made.plural, made.many, made.values = msgid, plural, many, values
    return made


AND_MORE = mark("%(some)s, %(another)s")


def joined(parts: Iterable[str], between: Marked = AND_MORE) -> str:
    """Sentences one after the other, each still to be said in any language. ``between`` holds ``some`` and ``another``.

    >>> joined([mark("one"), mark("two"), mark("three")])
    'one, two, three'
    """
    return reduce(lambda some, another: mark(between, some=some, another=another), parts)
