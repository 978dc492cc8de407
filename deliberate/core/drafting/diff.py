"""Word diffs: what was taken away and what came, for people and for hunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from deliberate.core.drafting.clauses import Clause
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
    """The changes from old to new tokens, in order, joined where only blanks part them, trimmed, slid to the left."""
    found: list[Change] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        last = found[-1] if found else None
        if last is not None and all(token.isspace() for token in old[last.b : a]):
            found[-1] = Change(last.a, b, (*last.new, *old[last.b : a], *new[c:d]))
        else:
            found.append(Change(a, b, tuple(new[c:d])))
    made: list[Change] = []
    for change in found:
        floor = made[-1].b if made else 0
        trimmed = slide(old, trim(old, change), floor)
        if trimmed.a < trimmed.b or trimmed.new:
            made.append(trimmed)
    return made


def trim(old: Sequence[str], change: Change) -> Change:
    """Without the tokens that both sides begin or end with."""
    a, b, new = change.a, change.b, list(change.new)
    while a < b and new and old[a] == new[0]:
        a, new = a + 1, new[1:]
    while a < b and new and old[b - 1] == new[-1]:
        b, new = b - 1, new[:-1]
    return Change(a, b, tuple(new))


def slide(old: Sequence[str], change: Change, floor: int) -> Change:
    """A pure insertion or deletion as far left as the resulting text allows, not into the change before it (ends at floor)."""
    a, b, new = change.a, change.b, list(change.new)
    if new and a == b:
        while a > floor and old[a - 1] == new[-1]:
            new = [new[-1], *new[:-1]]
            a = b = a - 1
    elif not new and a < b:
        while a > floor and old[a - 1] == old[b - 1]:
            a, b = a - 1, b - 1
    return Change(a, b, tuple(new))


Piece = tuple[str, str]
"""("same" | "ins" | "del", words)."""


def pieces(old: str, new: str) -> list[Piece]:
    """One clause as pieces. If most of a long clause changed, the whole old and the whole new text, not crumbs."""
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
    kept = _steady([c.id for c in old if c.id in after], [c.id for c in new if c.id in before])
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


def _line(old: Clause | None, clause: Clause, steady: bool) -> Line:
    if old is None:
        return Line("added", clause, (("ins", clause.text),))
    if not steady:
        return Line("moved", clause, tuple(pieces(old.text, clause.text)))
    return Line("same" if old.text == clause.text else "changed", clause, tuple(pieces(old.text, clause.text)))


def _steady(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Ids that keep their order: a longest common subsequence."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return {old[block.a + n] for block in matcher.get_matching_blocks() for n in range(block.size)}


def steady(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Ids of clauses that were not moved between two orders."""
    return _steady(old, new)
