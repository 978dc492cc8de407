"""Overlap: which changes cannot both stand. Symmetric, and a matter of the two alone.

Source: changes of one base conflict where their ranges meet, as in diff3 (Khanna, Kunal and Pierce, A Formal Investigation
of Diff3, FSTTCS 2007), here by words rather than lines. That two insertions at one gap both stand is our own rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from deliberate.core.drafting.clauses import Text
from deliberate.core.drafting.hunks import Hunk, Unit
from deliberate.core.drafting.text import tokens

WIDTHS = ("token", "sentence", "clause")
"""How much of a clause a change of its words claims; a setting of the motion type."""

KINDS = ("clash", "equal", "same_gap", "sentence")
_END = re.compile(r"[.!?…。！？]")
_FAR = 1 << 60


def overlap(one: Hunk, other: Hunk) -> bool:
    """Whether two hunks conflict. Equal ones never do."""
    if one.key == other.key:
        return False
    if "all" in (one.kind, other.kind):
        return True
    if one.clause != other.clause or not one.clause:
        return False
    kinds = {one.kind, other.kind}
    if kinds == {"text"}:
        return _ranges(one, other)
    if "delete" in kinds:
        return True
    if kinds == {"move"}:
        return (one.gap, one.trail) != (other.gap, other.trail)
    return kinds == {"set"} and one.attribute == other.attribute


def _ranges(one: Hunk, other: Hunk) -> bool:
    """Token ranges that meet; an insertion conflicts only strictly inside a changed range."""
    if one.inserts and other.inserts:
        return False
    return one.a < other.b and other.a < one.b


@dataclass(frozen=True)
class Meeting:
    """Two units that meet. kind: clash (they cannot both stand), equal (some change is the same), same_gap (both insert at one
    place), sentence (they change one sentence without touching each other). clauses: where."""

    one: str
    other: str
    kind: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class _Claim:
    """What a hunk claims on one line: from low to high, both included."""

    low: int
    high: int
    unit: int
    hunk: Hunk


def meetings(units: Sequence[Unit], base: Text, width: str = "token", same_gap: str = "both") -> list[Meeting]:
    """How units meet, the gravest kind for each pair; in order of the units.

    width: ``token``, ``sentence`` or ``clause``: changes of words within one of those clash. same_gap: ``both`` insertions at
    one place stand, or they are a ``rival`` of each other.
    """
    sentences = _Sentences(base)
    found: dict[tuple[int, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for where, one, other in _meet(units, sentences, width):
        kind = _how(one.hunk, other.hunk, width, same_gap)
        if kind:
            found[min(one.unit, other.unit), max(one.unit, other.unit)][kind].add(where)
    made = []
    for (one_, other_), kinds in sorted(found.items(), key=lambda item: item[0]):
        kind = next(k for k in KINDS if k in kinds)
        made.append(Meeting(units[one_].name, units[other_].name, kind, tuple(sorted(kinds[kind]))))
    return made


def _meet(
    units: Sequence[Unit], sentences: _Sentences | None, width: str = "token"
) -> Iterator[tuple[str, _Claim, _Claim]]:
    """Claims of different units that lie on one place, found by a sweep over each clause and gap."""
    places: dict[str, list[_Claim]] = defaultdict(list)
    whole: list[_Claim] = []
    every: list[_Claim] = []
    for n, unit in enumerate(units):
        for hunk in unit.hunks:
            claim = _claim(n, hunk, sentences, width)
            every.append(claim)
            if hunk.kind == "all":
                whole.append(claim)
            if hunk.clause:
                places[hunk.clause].append(claim)
            if hunk.kind in ("insert", "move"):
                places[f"gap {hunk.gap}"].append(claim)
    for where, claims in places.items():
        yield from ((where, one, other) for one, other in _sweep(claims) if one.unit != other.unit)
    for one in whole:
        yield from (
            (other.hunk.clause or f"gap {other.hunk.gap}", one, other)
            for other in every
            if one.unit != other.unit and (other.hunk.kind != "all" or one.unit < other.unit)
        )


def _claim(unit: int, hunk: Hunk, sentences: _Sentences | None, width: str) -> _Claim:
    if hunk.kind != "text" or width == "clause":
        return _Claim(0, _FAR, unit, hunk)
    if sentences is None:
        return _Claim(hunk.a, hunk.b, unit, hunk)
    low, high = sentences.of(hunk)
    return _Claim(low, high, unit, hunk)


def _sweep(claims: Sequence[_Claim]) -> Iterator[tuple[_Claim, _Claim]]:
    """Pairs of claims that have a point in common."""
    live: list[_Claim] = []
    for claim in sorted(claims, key=lambda c: c.low):
        live = [other for other in live if other.high >= claim.low]
        yield from ((other, claim) for other in live)
        live.append(claim)


def _how(one: Hunk, other: Hunk, width: str, same_gap: str) -> str:
    if one.key == other.key:
        return "equal"
    if overlap(one, other):
        return "clash"
    placed = {one.kind, other.kind} <= {"insert", "move"}
    if (placed and one.gap == other.gap) or (one.inserts and other.inserts and one.a == other.a):
        return "clash" if same_gap == "rival" else "same_gap"
    if one.kind == other.kind == "text":
        return (
            "sentence" if width == "token" else "clash"
        )  # the sweep brings together only what has a sentence in common
    return ""


class _Sentences:
    """Numbers of the sentences of each clause: a sentence ends with a sign that a blank or nothing follows."""

    def __init__(self, base: Text) -> None:
        self.texts = {clause.id: clause.text for clause in base}
        self.ends: dict[str, list[int]] = {}

    def of(self, hunk: Hunk) -> tuple[int, int]:
        """First and last sentence that a text hunk touches."""
        if hunk.clause not in self.ends:
            parts = tokens(self.texts.get(hunk.clause, ""))
            self.ends[hunk.clause] = [
                n
                for n, sign in enumerate(parts[:-1])
                if _END.fullmatch(sign) and (parts[n + 1].isspace() or sign in "。！？")
            ]
        ends = self.ends[hunk.clause]
        return bisect_right(ends, hunk.a - 1), bisect_right(ends, max(hunk.a, hunk.b - 1) - 1)


def pairs(units: Sequence[Unit]) -> Iterator[tuple[Hunk, Hunk]]:
    """Hunks of different units that lie on one place."""
    yield from ((one.hunk, other.hunk) for _, one, other in _meet(units, None))


def clashes(units: Sequence[Unit]) -> list[tuple[str, str]]:
    """Names of units that cannot both stand, in order of the units."""
    found = {(min(a.unit, b.unit), max(a.unit, b.unit)) for _, a, b in _meet(units, None) if overlap(a.hunk, b.hunk)}
    return [(units[one].name, units[other].name) for one, other in sorted(found)]


def clash(one: Unit, other: Unit) -> bool:
    """Whether two units cannot both stand."""
    return any(overlap(a, b) for a in one.hunks for b in other.hunks)


def check_unit(unit: Unit) -> bool:
    """Whether a unit's own hunks fit each other: none conflict, no new clause has the id of another."""
    fresh = [clause.id for hunk in unit.hunks for clause in hunk.clauses]
    return len(set(fresh)) == len(fresh) and not any(overlap(a, b) for a, b in combinations(unit.hunks, 2))
