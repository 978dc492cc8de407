"""Clauses: the smallest numbered pieces of a text. An id is given once and kept through every change."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from deliberate.core.drafting.text import MOST_CLAUSES, normal, tokens
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical

KINDS = ("heading", "paragraph", "item", "row")
ALIKE = 0.6
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_BULLET = re.compile(r"( *)[-*+]\s+(.*)")
_NUMBERED = re.compile(r"( *)(\d+[.)]\s+.*)")


@dataclass(frozen=True)
class Clause:
    """One clause: id, level (of a heading or list, from 1), kind, text in normal form."""

    id: str
    level: int
    kind: str
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "level": self.level, "kind": self.kind, "text": self.text}


Text = tuple[Clause, ...]


def from_json(rows: Iterable[Mapping[str, Any]]) -> Text:
    """Clauses as they are stored."""
    return tuple(Clause(row["id"], row["level"], row["kind"], row["text"]) for row in rows)


def parse(source: str) -> Text:
    """Clauses of a Markdown source: headings, paragraphs, list items. Ids are empty; see :func:`number` and :func:`align`.

    >>> [(c.kind, c.level, c.text) for c in parse("# Aim\\n\\nWe act\\nnow.\\n\\n- first\\n  - second\\n1. third")]
    [('heading', 1, 'Aim'), ('paragraph', 1, 'We act now.'), ('item', 1, 'first'), ('item', 2, 'second'), ('item', 1, '1. third')]
    """
    found: list[Clause] = []
    fresh = True
    for line in normal(source).split("\n"):
        if not line.strip():
            fresh = True
            continue
        clause = _block(line)
        if clause is None and not fresh and found[-1].kind != "heading":
            found[-1] = replace(found[-1], text=f"{found[-1].text} {line.strip()}")
        else:
            found.append(clause or Clause("", 1, "paragraph", line.strip()))
        fresh = False
    if len(found) > MOST_CLAUSES:
        raise DeliberateError(
            f"The text has {len(found):,} clauses.", f"The limit is {MOST_CLAUSES:,}.", "Shorten it.", "text.clauses"
        )
    return tuple(found)


def _block(line: str) -> Clause | None:
    if heading := _HEADING.fullmatch(line):
        return Clause("", len(heading[1]), "heading", heading[2].strip())
    for pattern in (_BULLET, _NUMBERED):
        if item := pattern.fullmatch(line):
            return Clause("", 1 + len(item[1]) // 2, "item", item[2].strip())
    if line.startswith("|") and line.endswith("|"):
        return Clause("", 1, "row", line.strip())
    return None


def write(text: Sequence[Clause]) -> str:
    """The Markdown source of clauses; parsing it gives them back."""
    lines: list[str] = []
    before = ""
    for clause in text:
        if lines and not clause.kind == before == "item":
            lines.append("")
        lines.append(_line(clause))
        before = clause.kind
    return "\n".join(lines)


def _line(clause: Clause) -> str:
    if clause.kind == "heading":
        return f"{'#' * clause.level} {clause.text}"
    if clause.kind == "item":
        mark = "" if _NUMBERED.fullmatch(clause.text) else "- "
        return f"{'  ' * (clause.level - 1)}{mark}{clause.text}"
    return clause.text


def number(text: Sequence[Clause], prefix: str = "c") -> Text:
    """Give ids to clauses that have none: c1, c2 ... or, for an amendment, A3.1, A3.2 ...; used ones are passed over."""
    used = {clause.id for clause in text if clause.id}
    made: list[Clause] = []
    n = 0
    for clause in text:
        if not clause.id:
            n += 1
            while f"{prefix}{n}" in used:
                n += 1
            clause = replace(clause, id=f"{prefix}{n}")
        made.append(clause)
    return tuple(made)


def align(old: Sequence[Clause], new: Sequence[Clause]) -> Text:
    """Give new clauses without ids the ids of the old ones that they continue; the rest stay without.

    Equal clauses first (longest common subsequence), then, between them and in order, the most similar ones of at least 0.6.
    """
    made = list(new)
    matcher = SequenceMatcher(None, [c.text for c in old], [c.text for c in made], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            for n in range(b - a):
                made[c + n] = replace(made[c + n], id=old[a + n].id)
        elif tag == "replace":
            _pair(old[a:b], made, c, d)
    return tuple(made)


def _pair(old: Sequence[Clause], made: list[Clause], start: int, end: int) -> None:
    """Pair similar clauses without crossing: the best total similarity, by dynamic programming."""
    width = end - start
    like = [[_alike(o.text, made[start + n].text) for n in range(width)] for o in old]
    best = [[0.0] * (width + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            joined = like[i][j] + best[i + 1][j + 1] if like[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], joined)
    i = j = 0
    while i < len(old) and j < width:
        if like[i][j] >= ALIKE and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            made[start + j] = replace(made[start + j], id=old[i].id)
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _alike(one: str, other: str) -> float:
    """Share of tokens that two clauses have in common, in order."""
    matcher = SequenceMatcher(None, tokens(one), tokens(other), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE else 0.0


def digest(text: Sequence[Clause]) -> str:
    """SHA-256 of the canonical form of a text."""
    return hashlib.sha256(canonical.encode([clause.as_json() for clause in text])).hexdigest()
