"""Word diffs: what was taken away and what came, for people and for hunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.sequence import increasing, matches
from deliberate.core.drafting.text import tokens

MUCH = 0.6
LONG = 100


@dataclass(frozen=True)
class Change:
    """Tokens a to b (without b) of the old text become ``new``."""

    a: int
    b: int
    new: tuple[str, ...]


def changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """The changes from old to new tokens, in order, trimmed at both ends and slid to the left.

    Only words and signs are matched, so changes parted by nothing but blanks are one. No change touches the one before it.
    """
    before = [n for n, token in enumerate(old) if not token.isspace()]
    after = [n for n, token in enumerate(new) if not token.isspace()]
    pairs = [(before[i], after[j]) for i, j in matches([old[n] for n in before], [new[n] for n in after])]
    made: list[Change] = []
    a = c = 0
    for i, j in [*pairs, (len(old), len(new))]:
        if old[a:i] != new[c:j]:
            made.append(slide(old, trim(old, Change(a, i, tuple(new[c:j]))), made[-1].b + 1 if made else 0))
        a, c = i + 1, j + 1
    return made


def trim(old: Sequence[str], change: Change) -> Change:
    """Without the tokens that both sides begin or end with."""
    a, b, new = change.a, change.b, change.new
    c, d = 0, len(new)
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    return Change(a, b, new[c:d])


def slide(old: Sequence[str], change: Change, floor: int) -> Change:
    """A pure insertion or deletion as far left as the resulting text allows, but not before token ``floor``."""
    a, b, new = change.a, change.b, change.new
    if a == b:
        steps = 0
        while a - steps > floor and old[a - steps - 1] == new[-1 - steps % len(new)]:
            steps += 1
        turn = steps % len(new)
        return Change(a - steps, a - steps, new[len(new) - turn :] + new[: len(new) - turn])
    if not new:
        while a > floor and old[a - 1] == old[b - 1]:
            a, b = a - 1, b - 1
    return Change(a, b, new)


Piece = tuple[str, str]
"""("same" | "ins" | "del", words)."""


def plain(found: Sequence[Piece]) -> str:
    """Pieces for a page without colours: what came stands in {+ +}, what went in [- -].

    >>> plain([("same", "Rent "), ("del", "rises"), ("ins", "falls")])
    'Rent [-rises-]{+falls+}'
    """
    marks = {"same": ("", ""), "ins": ("{+", "+}"), "del": ("[-", "-]")}
    return "".join(f"{marks[kind][0]}{words}{marks[kind][1]}" for kind, words in found)


def pieces(old: str, new: str) -> list[Piece]:
    """One clause as pieces. If more than 60 % of one longer than 100 characters changed, the whole old and new, not crumbs.

    >>> pieces("Rent rises yearly.", "Rent never rises yearly.")
    [('same', 'Rent'), ('ins', ' never'), ('same', ' rises yearly.')]
    """
    if old == new:
        return [("same", old)] if old else []
    before, after = tokens(old), tokens(new)
    found = changes(before, after)
    touched = sum(len("".join(before[c.a : c.b])) for c in found)
    if len(old) > LONG and touched > MUCH * len(old):
        return [("del", old), ("ins", new)] if new else [("del", old)]
    made: list[Piece] = []
    at = 0
    for change in found:
        for kind, words in (
            ("same", before[at : change.a]),
            ("del", before[change.a : change.b]),
            ("ins", list(change.new)),
        ):
            if words:
                made.append((kind, "".join(words)))
        at = change.b
    if at < len(before):
        made.append(("same", "".join(before[at:])))
    return made


@dataclass(frozen=True)
class Line:
    """One clause in a comparison. how: same, changed, added, removed or moved."""

    how: str
    clause: Clause
    pieces: tuple[Piece, ...]


def compare(old: Sequence[Clause], new: Sequence[Clause]) -> list[Line]:
    """Two texts clause by clause, matched by id; removed clauses stand where they were."""
    before = {clause.id: clause for clause in old}
    after = {clause.id for clause in new}
    kept = steady([c.id for c in old], [c.id for c in new])
    made: list[Line] = []
    waiting = list(old)
    for clause in new:
        if clause.id in kept:
            while waiting and waiting[0].id != clause.id:
                gone = waiting.pop(0)
                if gone.id not in after:
                    made.append(Line("removed", gone, (("del", gone.text),)))
            waiting.pop(0)
        made.append(_line(before.get(clause.id), clause, clause.id in kept))
    made += [Line("removed", gone, (("del", gone.text),)) for gone in waiting if gone.id not in after]
    return made


def _line(old: Clause | None, clause: Clause, still: bool) -> Line:
    if old is None:
        return Line("added", clause, (("ins", clause.text),))
    how = "moved" if not still else "same" if old == clause else "changed"
    return Line(how, clause, tuple(pieces(old.text, clause.text)))


def steady(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Ids that stand in both orders and were not moved: as many as possible."""
    place = {name: n for n, name in enumerate(old)}
    found = [name for name in new if name in place]
    return {found[n] for n in increasing([place[name] for name in found])}
