"""Merge: two edits of one base come together; what cannot is listed, never chosen silently.

Source: diff3 (Khanna, Kunal and Pierce, A Formal Investigation of Diff3, FSTTCS 2007), on hunks of words and clauses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deliberate.core.drafting import apply, overlap
from deliberate.core.drafting.clauses import Clause, Text
from deliberate.core.drafting.hunks import Hunk, Unit, differences


@dataclass(frozen=True)
class Clash:
    """One clause that both sides changed differently; empty where a side has no such clause."""

    clause: str
    base: str
    left: str
    right: str


def merge(base: Text, left: Text, right: Text) -> tuple[Text, tuple[Clash, ...]]:
    """Both sides' changes to a base. A clause on which they collide stands as in the base and is listed.

    merge(B, L, R) = merge(B, R, L), merge(B, B, R) = R, merge(B, L, L) = L. Insertions of both sides at one place are ordered
    by the hash of what each side changed; new clauses whose ids both sides gave away are told apart.
    """
    sides = [Unit("left", 0, differences(base, left)), Unit("right", 0, differences(base, right))]
    hit = sorted({pair[0].clause for pair in overlap.pairs(sides) if overlap.overlap(*pair)})
    clean = [tuple(h for h in side.hunks if h.clause not in hit or not h.clause) for side in sides]
    clean.sort(key=_hash)
    units = [Unit(str(n), n, found) for n, found in enumerate(_told_apart(clean))]
    made = apply.apply(base, units)
    texts = [{c.id: c.text for c in text} for text in (base, left, right)]
    return made, tuple(Clash(c, *(t.get(c, "") for t in texts)) for c in hit)


def _hash(found: Sequence[Hunk]) -> tuple[str, str]:
    """Of the words alone; of words and ids only where the words are the same."""
    return (hashlib.sha256(repr([h.key for h in found]).encode()).hexdigest(), repr(found))


def _told_apart(sides: Sequence[Sequence[Hunk]]) -> list[tuple[Hunk, ...]]:
    """Insertions of the second side with other ids, where the first side gave the same ones to other clauses."""
    first = {clause.id for hunk in sides[0] for clause in hunk.clauses}
    equal = {hunk.key for hunk in sides[0]}
    used = first | {clause.id for hunk in sides[1] for clause in hunk.clauses}
    made: list[Hunk] = []
    for hunk in sides[1]:
        if hunk.key not in equal and any(clause.id in first for clause in hunk.clauses):
            hunk = replace(hunk, clauses=tuple(_renamed(clause, first, used) for clause in hunk.clauses))
        made.append(hunk)
    return [tuple(sides[0]), tuple(made)]


def _renamed(clause: Clause, taken: set[str], used: set[str]) -> Clause:
    if clause.id not in taken:
        return clause
    n = 2
    while f"{clause.id}-{n}" in used:
        n += 1
    used.add(f"{clause.id}-{n}")
    return replace(clause, id=f"{clause.id}-{n}")
