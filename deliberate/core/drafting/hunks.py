"""Hunks: the smallest changes to one place of a base text, made canonical once, when an amendment is submitted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from deliberate.core.drafting import diff
from deliberate.core.drafting.clauses import KINDS, Clause, Text, check_size, from_json
from deliberate.core.drafting.text import MOST_HUNKS, TOKENIZER, tokens
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.sentences import mark

FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("clause", "a", "b", "old", "new", "tokenizer"),
    "insert": ("gap", "clauses"),
    "delete": ("clause", "old"),
    "move": ("clause", "gap"),
    "set": ("clause", "attribute", "value"),
    "all": ("clauses",),
}
"""What each kind of hunk says."""

CARRIED = ("trail", "rank")
"""What a hunk may say besides; nearly always once it was carried over to a new version."""


@dataclass(frozen=True)
class Hunk:
    """One change.

    text: tokens a to b of a clause become ``new`` (a = b inserts). insert: clauses at a gap between base clauses.
    delete: a whole clause. move: a clause to a gap. set: level or kind of a clause. all: the whole text.
    Gaps count base clauses: gap 0 is before the first. trail: where the hunk stood among gaps that an earlier change of the
    text made one. rank: the place in the canonical order that it had before it was carried over. Both keep that order when
    amendments are taken over one by one, and are empty for nearly all hunks.
    """

    kind: str
    clause: str = ""
    a: int = 0
    b: int = 0
    old: str = ""
    new: str = ""
    gap: int = 0
    clauses: Text = ()
    attribute: str = ""
    value: str = ""
    tokenizer: int = TOKENIZER
    trail: tuple[int, ...] = ()
    rank: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What is stored: only the fields of the kind."""
        made: dict[str, Any] = {"kind": self.kind, **{name: getattr(self, name) for name in FIELDS[self.kind]}}
        if "clauses" in made:
            made["clauses"] = [clause.as_json() for clause in self.clauses]
        for name in CARRIED:
            if getattr(self, name):
                made[name] = list(getattr(self, name))
        return made

    @property
    def inserts(self) -> bool:
        """Whether it only adds words between two tokens."""
        return self.kind == "text" and self.a == self.b

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Equal for hunks that make the same change, whatever ids their new clauses carry."""
        inside = tuple((c.level, c.kind, c.text) for c in self.clauses)
        return (
            self.kind,
            self.clause,
            self.a,
            self.b,
            self.new,
            self.gap if self.kind in ("insert", "move") else 0,
            inside,
            self.attribute,
            self.value,
            self.trail,
        )


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Hunk, ...]:
    """Hunks as they are stored. Raises DeliberateError ``amendment.hunk`` for what is none."""
    made: list[Hunk] = []
    types = {field.name: int if field.type == "int" else str for field in fields(Hunk) if field.type in ("int", "str")}
    for row in rows:
        kind = row.get("kind")
        said = {name: value for name, value in row.items() if name not in ("kind", "clauses", *CARRIED)}
        try:
            if not isinstance(kind, str) or not set(row) - {"kind", *CARRIED} <= set(FIELDS[kind]):
                raise KeyError(kind)
            if any(type(value) is not types[name] for name, value in said.items()):
                raise KeyError(kind)
            carried: dict[str, Any] = {name: tuple(int(n) for n in row.get(name, ())) for name in CARRIED}
            made.append(Hunk(kind, clauses=from_json(row.get("clauses", ())), **carried, **said))
        except (KeyError, TypeError, ValueError) as error:
            raise DeliberateError(
                "A change of the amendment cannot be read.",
                mark("Kinds are %(kinds)s, each with fields of its own.", kinds=", ".join(FIELDS)),
                "Submit the amendment again.",
                "amendment.hunk",
            ) from error
    return tuple(made)


def digest(found: Sequence[Hunk]) -> str:
    """SHA-256 of the canonical form of hunks."""
    return hashlib.sha256(canonical.encode([hunk.as_json() for hunk in found])).hexdigest()


@dataclass(frozen=True)
class Unit:
    """Hunks that are put to the vote together: an amendment. order: of submission, for insertions at one gap."""

    name: str
    order: int
    hunks: tuple[Hunk, ...]


def hunks(base: Text, edited: Text) -> tuple[Hunk, ...]:
    """The canonical hunks of an amendment that makes ``edited`` of ``base``.

    Raises DeliberateError ``amendment.none`` if nothing but blanks changed, ``amendment.large`` for too many hunks.
    """
    check_size(edited)
    found = differences(base, edited)
    if all(hunk.kind == "text" and not hunk.old.strip() and not hunk.new.strip() for hunk in found):
        raise DeliberateError(
            "Nothing is changed.",
            "An amendment changes at least one word.",
            "Edit a clause, then submit.",
            "amendment.none",
        )
    if len(found) > MOST_HUNKS:
        raise DeliberateError(
            mark("The amendment makes %(changes)s changes.", changes=len(found)),
            mark("The limit is %(most)s.", most=MOST_HUNKS),
            "Split it into several amendments.",
            "amendment.large",
        )
    return found


def differences(base: Text, edited: Text) -> tuple[Hunk, ...]:
    """All hunks between two texts, blanks included. Kept clauses carry their ids; new ones an id that base lacks.

    Raises DeliberateError ``amendment.id`` if a clause stands twice.
    """
    places = {clause.id: n for n, clause in enumerate(base)}
    edited = tuple(
        clause
        for clause in edited
        if clause.text.strip() or (clause.id in places and clause == base[places[clause.id]])
    )
    left = {clause.id: clause for clause in edited if clause.id in places}
    if len({clause.id for clause in edited}) < len(edited):
        raise DeliberateError(
            "A clause stands twice in the text.",
            "Each clause has an id of its own.",
            "Load the page again.",
            "amendment.id",
        )
    still = diff.steady([c.id for c in base if c.id in left], [c.id for c in edited if c.id in left])
    found: list[Hunk] = []
    for clause in base:
        found += _of_clause(clause, left.get(clause.id))
    return (*found, *_placed(edited, places, still))


def _of_clause(old: Clause, new: Clause | None) -> list[Hunk]:
    if new is None:
        return [Hunk("delete", clause=old.id, old=old.text)]
    made: list[Hunk] = []
    if old.text != new.text:
        before = tokens(old.text)
        made += [_words(old.id, before, change) for change in diff.changes(before, tokens(new.text))]
    made += [
        Hunk("set", clause=old.id, attribute=attribute, value=str(getattr(new, attribute)))
        for attribute in ("level", "kind")
        if getattr(old, attribute) != getattr(new, attribute)
    ]
    return made


def _words(clause: str, before: Sequence[str], change: diff.Change) -> Hunk:
    old = "".join(before[change.a : change.b])
    return Hunk("text", clause=clause, a=change.a, b=change.b, old=old, new="".join(change.new))


def _placed(edited: Text, places: Mapping[str, int], still: set[str]) -> list[Hunk]:
    """Insertions and moves: each at the gap after the last clause that kept its place.

    Where a moved clause parts two runs of equal new words at one gap, a trail tells the second from the first.
    """
    made: list[Hunk] = []
    run: list[Clause] = []
    gap = 0
    trail: tuple[int, ...] = ()

    def flush() -> None:
        nonlocal trail
        if run:
            fresh = Hunk("insert", gap=gap, clauses=tuple(run), trail=trail)
            if any(hunk.key == fresh.key for hunk in made):
                trail = (trail[0] + 1 if trail else 1,)
                fresh = replace(fresh, trail=trail)
            made.append(fresh)
            run.clear()

    for clause in edited:
        if clause.id in still:
            flush()
            gap, trail = places[clause.id] + 1, ()
        elif clause.id in places:
            flush()
            made.append(Hunk("move", clause=clause.id, gap=gap, trail=trail))
        else:
            run.append(clause)
    flush()
    return made


def check(base: Text, found: Sequence[Hunk]) -> None:
    """Raise Conflict ``amendment.base_mismatch`` unless every hunk fits the base."""
    texts = {clause.id: clause for clause in base}
    if not all(_fits(hunk, base, texts) for hunk in found):
        raise Conflict(
            "The amendment does not fit the text any more.",
            "The text has changed since it was written.",
            "Compare it with the new version and submit it again.",
            "amendment.base_mismatch",
        )


def _fits(hunk: Hunk, base: Text, texts: Mapping[str, Clause]) -> bool:
    if hunk.kind in ("insert", "all"):
        fresh = {clause.id for clause in hunk.clauses}
        free = hunk.kind == "all" or not fresh & set(texts)
        return free and 0 <= hunk.gap <= len(base) and 0 < len(fresh) == len(hunk.clauses)
    if hunk.kind not in FIELDS or hunk.clause not in texts:
        return False
    if hunk.kind == "text":
        before = tokens(texts[hunk.clause].text)
        return (
            hunk.tokenizer == TOKENIZER
            and 0 <= hunk.a <= hunk.b <= len(before)
            and "".join(before[hunk.a : hunk.b]) == hunk.old != hunk.new
        )
    if hunk.kind == "set":
        return hunk.value in {"level": tuple("123456"), "kind": KINDS}.get(hunk.attribute, ())
    return hunk.kind == "delete" or 0 <= hunk.gap <= len(base)
