"""Overlap: which changes cannot both stand. Symmetric, and a matter of the two alone (deliberation.md section 3)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from deliberate.core.drafting.clauses import Text
from deliberate.core.drafting.hunks import Hunk, Unit
from deliberate.core.drafting.text import tokens

_END = re.compile(r"[.!?;:]")


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
        return kinds <= {"delete", "text", "set", "move"}
    if kinds == {"move"}:
        return one.gap != other.gap
    return kinds == {"set"} and one.attribute == other.attribute and one.value != other.value


def _ranges(one: Hunk, other: Hunk) -> bool:
    """Token ranges that meet; an insertion conflicts only strictly inside a changed range."""
    if one.a == one.b and other.a == other.b:
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


def meetings(units: Sequence[Unit], base: Text) -> list[Meeting]:
    """How units meet, the gravest kind for each pair; in order of the units."""
    order = {unit.name: n for n, unit in enumerate(units)}
    places: dict[tuple[str, str], list[tuple[str, Hunk]]] = defaultdict(list)
    for unit in units:
        for hunk in unit.hunks:
            for place in _places(hunk, base):
                places[place].append((unit.name, hunk))
    found: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    sentences = _Sentences(base)
    for (_, where), held in places.items():
        for (name, hunk), (rival, rivals) in combinations(held, 2):
            if name != rival:
                pair = (name, rival) if order[name] < order[rival] else (rival, name)
                kind = _how(hunk, rivals, sentences)
                if kind:
                    found[pair][kind].add(where)
    made = []
    for one, other in sorted(found, key=lambda pair: (order[pair[0]], order[pair[1]])):
        kinds = found[one, other]
        kind = next(k for k in ("clash", "equal", "same_gap", "sentence") if k in kinds)
        made.append(Meeting(one, other, kind, tuple(sorted(kinds[kind]))))
    return made


def _places(hunk: Hunk, base: Text) -> Iterable[tuple[str, str]]:
    if hunk.kind == "all":
        yield from (("clause", clause.id) for clause in base)
    elif hunk.kind == "insert":
        yield ("gap", f"gap {hunk.gap}")
    else:
        yield ("clause", hunk.clause)


def _how(one: Hunk, other: Hunk, sentences: _Sentences) -> str:
    if one.key == other.key:
        return "equal"
    if overlap(one, other):
        return "clash"
    if one.kind == other.kind == "insert" and one.gap == other.gap:
        return "same_gap"
    if one.kind == other.kind == "text":
        if one.a == one.b == other.a == other.b:
            return "same_gap"
        if sentences.of(one) & sentences.of(other):
            return "sentence"
    return ""


class _Sentences:
    """Numbers of the sentences of each clause that a hunk touches."""

    def __init__(self, base: Text) -> None:
        self.texts: Mapping[str, str] = {clause.id: clause.text for clause in base}
        self.numbers: dict[str, list[int]] = {}

    def of(self, hunk: Hunk) -> set[int]:
        if hunk.clause not in self.numbers:
            found, n = [], 0
            for token in tokens(self.texts.get(hunk.clause, "")):
                found.append(n)
                n += bool(_END.fullmatch(token))
            self.numbers[hunk.clause] = [*found, n]
        known = self.numbers[hunk.clause]
        return {known[min(at, len(known) - 1)] for at in range(hunk.a, max(hunk.a + 1, hunk.b))}


def clash(one: Unit, other: Unit) -> bool:
    """Whether two units cannot both stand."""
    return any(overlap(a, b) for a in one.hunks for b in other.hunks)


def check_unit(unit: Unit) -> bool:
    """Whether a unit's own hunks fit each other."""
    return not any(overlap(a, b) for a, b in combinations(unit.hunks, 2))
