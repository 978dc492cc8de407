"""Hunks: the smallest changes to one place of a base text, made canonical once, when an amendment is submitted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliberate.core.drafting import diff
from deliberate.core.drafting.clauses import Clause, Text, from_json
from deliberate.core.drafting.text import MOST_HUNKS, TOKENIZER, tokens
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import canonical


@dataclass(frozen=True)
class Hunk:
    """One change.

    text: tokens a to b of a clause become ``new`` (a = b inserts). insert: clauses at a gap between base clauses.
    delete: a whole clause. move: a clause to a gap. set: level or kind of a clause. all: the whole text.
    Gaps count base clauses: gap 0 is before the first.
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

    def as_json(self) -> dict[str, Any]:
        """What is stored: only the fields of the kind."""
        fields: dict[str, Sequence[str]] = {
            "text": ("clause", "a", "b", "old", "new", "tokenizer"),
            "insert": ("gap",),
            "delete": ("clause", "old"),
            "move": ("clause", "gap"),
            "set": ("clause", "attribute", "value"),
            "all": (),
        }
        made: dict[str, Any] = {"kind": self.kind, **{name: getattr(self, name) for name in fields[self.kind]}}
        if self.clauses:
            made["clauses"] = [clause.as_json() for clause in self.clauses]
        return made

    @property
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
        )


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Hunk, ...]:
    """Hunks as they are stored."""
    made: list[Hunk] = []
    for row in rows:
        fields: dict[str, Any] = {**row, "clauses": from_json(row.get("clauses", ()))}
        made.append(Hunk(**fields))
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
            f"The amendment makes {len(found)} changes.",
            f"The limit is {MOST_HUNKS}.",
            "Split it into several amendments.",
            "amendment.large",
        )
    return found


def differences(base: Text, edited: Text) -> tuple[Hunk, ...]:
    """All hunks between two texts, blanks included. Kept clauses carry their ids; new ones an id that base lacks.

    Raises DeliberateError ``amendment.id`` if a clause stands twice.
    """
    places = {clause.id: n for n, clause in enumerate(base)}
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
    if new is None or not new.text.strip():
        return [Hunk("delete", clause=old.id, old=old.text)]
    made: list[Hunk] = []
    before = tokens(old.text)
    made += [
        Hunk(
            "text",
            clause=old.id,
            a=change.a,
            b=change.b,
            old="".join(before[change.a : change.b]),
            new="".join(change.new),
        )
        for change in diff.changes(before, tokens(new.text))
    ]
    made += [
        Hunk("set", clause=old.id, attribute=attribute, value=str(getattr(new, attribute)))
        for attribute in ("level", "kind")
        if getattr(old, attribute) != getattr(new, attribute)
    ]
    return made


def _placed(edited: Text, places: Mapping[str, int], still: set[str]) -> list[Hunk]:
    """Insertions and moves: each at the gap after the last clause that kept its place."""
    made: list[Hunk] = []
    run: list[Clause] = []
    gap = 0

    def flush() -> None:
        if run:
            made.append(Hunk("insert", gap=gap, clauses=tuple(run)))
            run.clear()

    for clause in edited:
        if clause.id in still:
            flush()
            gap = places[clause.id] + 1
        elif clause.id in places:
            flush()
            made.append(Hunk("move", clause=clause.id, gap=gap))
        elif clause.text.strip():
            run.append(clause)
    flush()
    return made


def check(base: Text, found: Sequence[Hunk]) -> None:
    """Raise Conflict ``amendment.base_mismatch`` unless every hunk fits the base."""
    texts = {clause.id: clause for clause in base}
    for hunk in found:
        fits = 0 <= hunk.gap <= len(base)
        if hunk.kind in ("text", "delete", "move", "set"):
            fits = fits and hunk.clause in texts
        if fits and hunk.kind == "text":
            before = tokens(texts[hunk.clause].text)
            fits = (
                0 <= hunk.a <= hunk.b <= len(before)
                and "".join(before[hunk.a : hunk.b]) == hunk.old
                and hunk.old != hunk.new
            )
        if not fits:
            raise Conflict(
                "The amendment does not fit the text any more.",
                "The text has changed since it was written.",
                "Compare it with the new version and submit it again.",
                "amendment.base_mismatch",
            )
