"""Apply and rebase: how changes come together and move on to a new text, whatever the order.

Source: the law of :func:`rebase` is the transformation property TP1 of Ressel, Nitsche-Ruhland and Gunzenhäuser (An
Integrating, Transformation-Oriented Approach to Concurrency Control and Undo in Group Editors, CSCW 1996), after Ellis and
Gibbs (Concurrency Control in Groupware Systems, SIGMOD 1989). The canonical order of insertions at one gap is our own rule.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Generic, TypeVar

from deliberate.core.drafting import overlap
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.drafting.hunks import Hunk, Unit, check
from deliberate.core.drafting.text import tokens
from deliberate.core.errors import Conflict
from deliberate.core.sentences import mark

Order = tuple[tuple[int, ...], tuple[int, ...]]
Key = tuple[Any, ...]
T = TypeVar("T")
Carried = tuple[Hunk, list[Hunk]]
"""A hunk on a new text, and the hunks of the older text that became it."""


@dataclass(frozen=True)
class Row(Generic[T]):
    """A token or clause of the new text. key: its place on the line of base gaps and tokens; after: the base gap behind it.

    Keys: ``(gap, 0, order, n)`` for what was put in at a gap, ``(token, 1, n)`` for what stands in place of a base token.
    """

    key: Key
    after: int
    what: T


class Standing:
    """Distinct hunks of units that stand together, each with its canonical order: the lowest among all its owners."""

    def __init__(self, base: Text, units: Sequence[Unit], among: Sequence[Unit] = ()) -> None:
        for one, other in overlap.clashes(units):
            raise Conflict(
                mark("%(one)s and %(other)s cannot both stand.", one=one, other=other),
                "They change the same words.",
                "Decide between them first.",
                "amendment.clash",
            )
        self.base = base
        self.order: dict[Key, Order] = {}
        self.owner: dict[Key, Hunk] = {}
        for unit in [*among, *units]:
            for n, hunk in enumerate(unit.hunks):
                order = (hunk.trail, hunk.rank or (unit.order, n))
                if hunk.key not in self.order or order < self.order[hunk.key]:
                    self.order[hunk.key], self.owner[hunk.key] = order, hunk
        self.hunks: dict[Key, Hunk] = {}
        for unit in units:
            check(base, unit.hunks)
            for hunk in unit.hunks:
                self.hunks[hunk.key] = self.owner[hunk.key]
        self.of: dict[str, list[Hunk]] = defaultdict(list)
        for hunk in sorted(self.hunks.values(), key=lambda h: self.order[h.key]):
            self.of[hunk.clause].append(hunk)

    def rows(self) -> list[Row[Clause]]:
        """The clauses of the new text."""
        made: list[Row[Clause]] = []
        for n, clause in enumerate(self.base):
            found = self.of[clause.id]
            kinds = {hunk.kind: hunk for hunk in found}
            if "delete" in kinds:
                continue
            fresh = _set(splice(clause, found, self.order), found)
            move = kinds.get("move")
            made.append(
                Row((move.gap, 0, self.order[move.key], 0), move.gap, fresh) if move else Row((n, 1), n + 1, fresh)
            )
        for hunk in self.of[""]:
            if hunk.kind == "insert":
                made += [
                    Row((hunk.gap, 0, self.order[hunk.key], m), hunk.gap, clause)
                    for m, clause in enumerate(hunk.clauses)
                ]
        return sorted(made, key=lambda row: row.key)


def spread(clause: Clause, found: Sequence[Hunk], order: Mapping[Key, Order]) -> list[Row[str]]:
    """The tokens of a clause with its changes. Insertions at one gap stand in canonical order, before a range that begins there."""
    before = tokens(clause.text)
    made: list[Row[str]] = []
    gone: set[int] = set()
    for hunk in found:
        if hunk.inserts:
            made += [Row((hunk.a, 0, order[hunk.key], m), hunk.a, token) for m, token in enumerate(tokens(hunk.new))]
        elif hunk.kind == "text":
            gone.update(range(hunk.a, hunk.b))
            made += [Row((hunk.a, 1, m), hunk.b, token) for m, token in enumerate(tokens(hunk.new))]
    made += [Row((n, 1), n + 1, token) for n, token in enumerate(before) if n not in gone]
    return sorted(made, key=lambda row: row.key)


def splice(clause: Clause, found: Sequence[Hunk], order: Mapping[Key, Order]) -> Clause:
    """The clause with its words changed."""
    if not any(hunk.kind == "text" for hunk in found):
        return clause
    return replace(clause, text=unicodedata.normalize("NFC", "".join(row.what for row in spread(clause, found, order))))


def _set(clause: Clause, found: Sequence[Hunk]) -> Clause:
    for hunk in found:
        if hunk.kind == "set":
            clause = (
                replace(clause, level=int(hunk.value))
                if hunk.attribute == "level"
                else replace(clause, kind=hunk.value)
            )
    return clause


def apply(base: Text, units: Sequence[Unit], among: Sequence[Unit] = ()) -> Text:
    """The text in which all units stand. A function of the set: any order gives the same text.

    among: all submitted units, so that equal hunks of several owners keep one place and the ids of the first. A clause that
    several units leave without words stays, empty. Raises Conflict ``amendment.clash``, ``amendment.base_mismatch``.
    """
    standing = Standing(base, units, among)
    whole = [hunk for hunk in standing.hunks.values() if hunk.kind == "all"]
    return whole[0].clauses if whole else tuple(row.what for row in standing.rows())


@dataclass(frozen=True)
class Rebased:
    """A unit carried over to a new version: the hunks that still say something, those already met, those that collide."""

    unit: Unit
    absorbed: tuple[Hunk, ...]
    collides: tuple[tuple[Hunk, str], ...]  # the hunk, and the unit it runs into

    @property
    def met(self) -> bool:
        """Whether the new text says it all already."""
        return bool(self.absorbed) and not self.unit.hunks and not self.collides


def rebase(unit: Unit, base: Text, applied: Sequence[Unit], among: Sequence[Unit] = ()) -> Rebased:
    """Carry a unit from a base over to the text that the applied units made of it.

    Law: applying the result there gives the same text as applying all at once, whenever they are compatible; and so one by
    one. Raises Conflict ``amendment.base_mismatch`` for a unit that was not written against this base.
    """
    check(base, unit.hunks)
    standing = Standing(base, applied, [*among, unit])
    left: list[Hunk] = []
    absorbed: list[Hunk] = []
    collides: list[tuple[Hunk, str]] = []
    for hunk in unit.hunks:
        if hunk.key in standing.hunks:
            absorbed.append(hunk)
            continue
        rival = next((one.name for one in applied if any(overlap.overlap(hunk, h) for h in one.hunks)), None)
        if rival is not None:
            collides.append((hunk, rival))
            continue
        left.append(hunk)
    kept: list[Hunk] = []
    for moved, sources in _carry(left, standing):
        if moved.kind == "text" and moved.old == moved.new:  # what it took from the word it also gave to it
            absorbed += sources
            continue
        rank = standing.order[sources[0].key][1]
        kept.append(replace(moved, rank=() if rank == (unit.order, len(kept)) else rank))
    return Rebased(replace(unit, hunks=tuple(kept)), tuple(absorbed), tuple(collides))


def _carry(left: Sequence[Hunk], standing: Standing) -> list[Carried]:
    """Hunks on the new text, in the order that they had, each with the hunks that became it."""
    rows = standing.rows()
    made: list[Carried] = []
    words: dict[str, list[Hunk]] = defaultdict(list)
    for hunk in left:
        owner = standing.owner[hunk.key]
        if hunk.kind in ("insert", "move"):
            gap, trail = _land(rows, len(standing.base), hunk.gap, standing.order[hunk.key])
            made.append((replace(owner, gap=gap, trail=(*trail, *owner.trail)), [hunk]))
        elif hunk.kind == "text" and any(h.kind == "text" for h in standing.of[hunk.clause]):
            words[hunk.clause].append(hunk)
        else:
            made.append((owner, [hunk]))
    for clause in standing.base:
        made += _words(clause, words[clause.id], standing) if clause.id in words else []
    return sorted(made, key=lambda carried: left.index(carried[1][0]))


def _words(clause: Clause, found: Sequence[Hunk], standing: Standing) -> list[Carried]:
    """Changes of words of one clause, whose words others have changed."""
    rows = spread(clause, standing.of[clause.id], standing.order)
    end = len(tokens(clause.text))
    moved: list[tuple[Hunk, Hunk]] = []
    for hunk in sorted(found, key=lambda h: (h.a, not h.inserts, standing.order[h.key])):
        owner = standing.owner[hunk.key]
        if hunk.inserts:
            at, trail = _land(rows, end, hunk.a, standing.order[hunk.key])
            moved.append((replace(owner, a=at, b=at, trail=(*trail, *owner.trail)), hunk))
        else:
            at = bisect_left([row.key for row in rows], (hunk.a, 1))
            moved.append((replace(owner, a=at, b=at + hunk.b - hunk.a), hunk))
    return _fused(moved, [row.what for row in rows])


def _land(rows: Sequence[Row[Any]], end: int, gap: int, order: Order) -> tuple[int, tuple[int, ...]]:
    """Where a base gap lies in the new text; and, where gaps from low to high have become one, which of them it was."""
    at = bisect_left([row.key for row in rows], (gap, 0, order))
    low = rows[at - 1].after if at else 0
    high = rows[at].key[0] if at < len(rows) else end
    return at, (gap - low,) if low < high else ()


def _fused(moved: Sequence[tuple[Hunk, Hunk]], parts: Sequence[str]) -> list[Carried]:
    """Hunks by the tokens of the new text. moved: from left to right, by parts, each with the hunk that it was.

    Where parts have grown together into one word, a hunk takes in the whole word, and two within one word are one.
    """
    text = "".join(parts)
    ends = [0, *accumulate(map(len, parts))]  # of the parts, in characters
    edges = [0, *accumulate(map(len, tokens(text)))]
    made: list[Carried] = []
    done = 0  # how far the last hunk has changed the text, in characters
    for hunk, source in moved:
        start, end = ends[hunk.a], ends[hunk.b]
        a, b = bisect_right(edges, start) - 1, bisect_left(edges, end)
        last = made[-1][0] if made else None
        if last and a < last.b and last.a < b:
            new = (
                last.new[: len(last.new) - (edges[last.b] - done)] + text[done:start] + hunk.new + text[end : edges[b]]
            )
            made[-1] = (
                replace(last, b=b, old=text[edges[last.a] : edges[b]], new=new, trail=()),
                [*made[-1][1], source],
            )
        else:
            grown = (edges[a], edges[b]) != (start, end)
            new = text[edges[a] : start] + hunk.new + text[end : edges[b]]
            made.append(
                (
                    replace(hunk, a=a, b=b, old=text[edges[a] : edges[b]], new=new, trail=() if grown else hunk.trail),
                    [source],
                )
            )
        done = end
    return made
