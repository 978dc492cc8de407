"""Apply, rebase, merge: how texts and changes come together, whatever the order (deliberation.md section 7)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from deliberate.core.drafting import overlap
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.drafting.hunks import Hunk, Unit, check, differences
from deliberate.core.drafting.text import tokens
from deliberate.core.errors import Conflict

Order = tuple[Any, ...]


class Standing:
    """Distinct hunks of units that stand together, each with its canonical order: the lowest among all its owners."""

    def __init__(self, base: Text, units: Sequence[Unit], among: Sequence[Unit] = ()) -> None:
        for one, other in combinations(units, 2):
            if overlap.clash(one, other):
                raise Conflict(
                    f"{one.name} and {other.name} cannot both stand.",
                    "They change the same words.",
                    "Decide between them first.",
                    "amendment.clash",
                )
        self.base = base
        orders: dict[tuple[Any, ...], Order] = {}
        for unit in [*among, *units]:
            for n, hunk in enumerate(unit.hunks):
                key = hunk.key
                orders[key] = min(orders.get(key, (unit.order, n)), (unit.order, n))
        self.hunks: dict[tuple[Any, ...], Hunk] = {}
        self.order: dict[tuple[Any, ...], Order] = orders
        for unit in sorted(units, key=lambda u: u.order):
            check(base, unit.hunks)
            for hunk in unit.hunks:
                self.hunks.setdefault(hunk.key, hunk)

    def sorted(self, kind: str) -> list[Hunk]:
        """Hunks of one kind, in canonical order."""
        return sorted((h for h in self.hunks.values() if h.kind == kind), key=lambda h: self.order[h.key])

    def emit(self) -> list[tuple[tuple[Any, ...], Clause]]:
        """The clauses of the new text with the place that each comes from: (gap, 0, order) or (base index, 1)."""
        gone = {h.clause for h in self.sorted("delete")}
        moves = {h.clause: h for h in self.sorted("move")}
        texts: dict[str, list[Hunk]] = defaultdict(list)
        for hunk in self.sorted("text"):
            texts[hunk.clause].append(hunk)
        sets: dict[str, list[Hunk]] = defaultdict(list)
        for hunk in self.sorted("set"):
            sets[hunk.clause].append(hunk)
        made: list[tuple[tuple[Any, ...], Clause]] = []
        for n, clause in enumerate(self.base):
            if clause.id in gone:
                continue
            fresh = _set(splice(clause, texts[clause.id], self.order), sets[clause.id])
            move = moves.get(clause.id)
            made.append(((move.gap, 0, self.order[move.key], 0) if move else (n, 1), fresh))
        for hunk in self.sorted("insert"):
            made += [((hunk.gap, 0, self.order[hunk.key], m), clause) for m, clause in enumerate(hunk.clauses)]
        return sorted(made, key=lambda item: item[0])


def splice(clause: Clause, found: Sequence[Hunk], order: Mapping[tuple[Any, ...], Order]) -> Clause:
    """The clause with its tokens changed. Insertions at one gap stand in canonical order, before a range that begins there."""
    if not found:
        return clause
    before = tokens(clause.text)
    inserts: dict[int, list[Hunk]] = defaultdict(list)
    ranges: dict[int, Hunk] = {}
    for hunk in sorted(found, key=lambda h: order[h.key]):
        if hunk.a == hunk.b:
            inserts[hunk.a].append(hunk)
        else:
            ranges[hunk.a] = hunk
    made: list[str] = []
    at = 0
    while at <= len(before):
        made += [hunk.new for hunk in inserts.get(at, ())]
        if at in ranges:
            made.append(ranges[at].new)
            at = ranges[at].b
            continue
        if at < len(before):
            made.append(before[at])
        at += 1
    return replace(clause, text="".join(made))


def _set(clause: Clause, found: Sequence[Hunk]) -> Clause:
    for hunk in found:
        clause = (
            replace(clause, level=int(hunk.value)) if hunk.attribute == "level" else replace(clause, kind=hunk.value)
        )
    return clause


def apply(base: Text, units: Sequence[Unit], among: Sequence[Unit] = ()) -> Text:
    """The text in which all units stand. A function of the set: any order gives the same text.

    among: all submitted units, so that equal hunks of several owners keep one place. Raises Conflict ``amendment.clash``.
    """
    whole = [hunk for unit in units for hunk in unit.hunks if hunk.kind == "all"]
    standing = Standing(base, units, among)
    if whole:
        return whole[0].clauses
    return tuple(clause for _, clause in standing.emit())


@dataclass(frozen=True)
class Rebased:
    """A unit carried over to a new version: the hunks that still say something, those already met, those that collide."""

    unit: Unit
    absorbed: tuple[Hunk, ...]
    collides: tuple[tuple[Hunk, str], ...]  # the hunk, and the unit it runs into

    @property
    def met(self) -> bool:
        """Whether the new text says it all already."""
        return not self.unit.hunks and not self.collides


def rebase(unit: Unit, base: Text, applied: Sequence[Unit], among: Sequence[Unit] = ()) -> Rebased:
    """Carry a unit from a base over to the text that the applied units made of it.

    Law: applying the result there gives the same text as applying all at once, whenever they are compatible.
    """
    standing = Standing(base, applied, [*among, unit])
    kept: list[Hunk] = []
    absorbed: list[Hunk] = []
    collides: list[tuple[Hunk, str]] = []
    keys = [place for place, _ in standing.emit()]
    for n, hunk in enumerate(unit.hunks):
        if hunk.key in standing.hunks:
            absorbed.append(hunk)
            continue
        rival = next((one.name for one in applied if any(overlap.overlap(hunk, h) for h in one.hunks)), None)
        if rival is not None:
            collides.append((hunk, rival))
        else:
            kept.append(
                _shift(hunk, standing, keys, min(standing.order.get(hunk.key, (unit.order, n)), (unit.order, n)))
            )
    return Rebased(replace(unit, hunks=tuple(kept)), tuple(absorbed), tuple(collides))


def _shift(hunk: Hunk, standing: Standing, keys: Sequence[tuple[Any, ...]], mine: Order) -> Hunk:
    if hunk.kind in ("insert", "move"):
        return replace(hunk, gap=sum(1 for key in keys if key < (hunk.gap, 0, mine)))
    if hunk.kind != "text":
        return hunk
    clause = next(clause for clause in standing.base if clause.id == hunk.clause)
    others = [h for h in standing.hunks.values() if h.kind == "text" and h.clause == hunk.clause]
    text = splice(clause, others, standing.order).text
    start = _offset(hunk, tokens(clause.text), others, standing, mine)
    return _at(hunk, text, start, start + len(hunk.old))


def _offset(hunk: Hunk, before: Sequence[str], others: Sequence[Hunk], standing: Standing, mine: Order) -> int:
    """Where the hunk begins in the changed clause, in characters."""
    at = len("".join(before[: hunk.a]))
    for other in others:
        if other.a < other.b:
            earlier = other.b <= hunk.a
        elif hunk.a == hunk.b and other.a == hunk.a:
            earlier = standing.order[other.key] < mine
        else:
            earlier = other.a <= hunk.a
        at += len(other.new) - len(other.old) if earlier else 0
    return at


def _at(hunk: Hunk, text: str, start: int, end: int) -> Hunk:
    """The hunk for characters start to end; where words have grown together it takes in the whole word."""
    edges = [0]
    for token in tokens(text):
        edges.append(edges[-1] + len(token))
    a = max(n for n, edge in enumerate(edges) if edge <= start)
    b = min(n for n, edge in enumerate(edges) if edge >= end)
    return replace(
        hunk, a=a, b=b, old=text[edges[a] : edges[b]], new=text[edges[a] : start] + hunk.new + text[end : edges[b]]
    )


@dataclass(frozen=True)
class Clash:
    """One clause that both sides changed differently."""

    clause: str
    base: str
    left: str
    right: str


def merge(base: Text, left: Text, right: Text) -> tuple[Text, tuple[Clash, ...]]:
    """Both sides' changes to a base; what cannot be joined stands as in the base and is listed, never chosen silently."""
    one, other = Unit("left", 0, differences(base, left)), Unit("right", 1, differences(base, right))
    bad = {id(h) for a in one.hunks for h in other.hunks if overlap.overlap(a, h) for h in (a, h)}
    hit = sorted({h.clause for u in (one, other) for h in u.hunks if id(h) in bad})
    clean = [replace(u, hunks=tuple(h for h in u.hunks if h.clause not in hit or not h.clause)) for u in (one, other)]
    clean.sort(key=lambda u: hashlib.sha256(repr([h.key for h in u.hunks]).encode()).hexdigest())
    made = apply(base, [replace(u, order=n) for n, u in enumerate(clean)])
    texts = [{c.id: c.text for c in text} for text in (base, left, right)]
    return made, tuple(Clash(c, *(t.get(c, "") for t in texts)) for c in hit)
