"""Clauses: the smallest numbered pieces of a text. An id is given once and kept through every change."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deliberate.core.drafting.sequence import matches
from deliberate.core.drafting.text import MOST_CLAUSES, normal, tokens
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.sentences import mark

KINDS = ("heading", "paragraph", "item", "row")
ALIKE = 0.6
DEEPEST = 6
CELLS = 40_000
"""Pairs of clauses that one alignment compares; longer stretches are halved first."""

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
        words = (line[1:] if _escaped(line) else line).strip()
        if clause is None and not fresh and found[-1].kind in ("paragraph", "item"):
            found[-1] = replace(found[-1], text=f"{found[-1].text} {words}")
        else:
            found.append(clause or Clause("", 1, "paragraph", words))
        fresh = False
    check_size(found)
    return tuple(found)


def check_size(text: Sequence[Clause]) -> None:
    """Raise DeliberateError ``text.clauses`` above 2,000 clauses."""
    if len(text) > MOST_CLAUSES:
        raise DeliberateError(
            mark("The text has %(clauses)s clauses.", clauses=len(text)),
            mark("The limit is %(most)s.", most=MOST_CLAUSES),
            "Shorten it.",
            "text.clauses",
        )


def _block(line: str) -> Clause | None:
    """The heading, item or row that a line begins; None for the words of a paragraph."""
    heading = _HEADING.fullmatch(line)
    if heading and heading[2].strip():
        return Clause("", len(heading[1]), "heading", heading[2].strip())
    for pattern in (_BULLET, _NUMBERED):
        item = pattern.fullmatch(line)
        if item and item[2].strip():
            return Clause("", min(DEEPEST, 1 + len(item[1]) // 2), "item", item[2].strip())
    if len(line) > 1 and line.startswith("|") and line.endswith("|"):
        return Clause("", 1, "row", line)
    return None


def _escaped(line: str) -> bool:
    """Whether a backslash says that the line is a paragraph, though it looks like something else."""
    return line.startswith("\\") and _block(line.lstrip("\\")) is not None


def write(text: Sequence[Clause]) -> str:
    """The Markdown source of clauses; parsing it gives them back.

    >>> write([Clause("c1", 1, "heading", "Aim"), Clause("c2", 1, "paragraph", "# is no heading")])
    '# Aim\\n\\n\\\\# is no heading'
    """
    lines: list[str] = []
    before = ""
    for clause in text:
        if lines and not (clause.kind == before and before in ("item", "row")):
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
    if clause.kind == "paragraph" and (_block(clause.text) is not None or _escaped(clause.text)):
        return "\\" + clause.text
    return clause.text


def number(text: Sequence[Clause], prefix: str = "c", ever: Iterable[str] = ()) -> Text:
    """Give ids to clauses that have none: c1, c2 ... or, for an amendment, A3.1, A3.2 ...; used ones are passed over.

    ever: ids of earlier versions, so that none is used again.
    """
    used = {clause.id for clause in text if clause.id} | set(ever)
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
    a = c = 0
    for i, j in [*matches([o.text for o in old], [n.text for n in made]), (len(old), len(made))]:
        for one, other in _similar(old[a:i], made[c:j]):
            made[c + other] = replace(made[c + other], id=old[a + one].id)
        if i < len(old):
            made[j] = replace(made[j], id=old[i].id)
        a, c = i + 1, j + 1
    return tuple(made)


def _similar(old: Sequence[Clause], new: Sequence[Clause]) -> list[tuple[int, int]]:
    """Pairs of similar clauses that do not cross: the best total similarity, by dynamic programming."""
    if len(old) * len(new) > CELLS:
        i, j = len(old) // 2, len(new) // 2
        return [*_similar(old[:i], new[:j]), *((i + one, j + other) for one, other in _similar(old[i:], new[j:]))]
    words = [[_words(clause) for clause in side] for side in (old, new)]
    like = [[_alike(one, other) for other in words[1]] for one in words[0]]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            joined = like[i][j] + best[i + 1][j + 1] if like[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], joined)
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


Words = tuple[list[str], "Counter[str]"]


def _words(clause: Clause) -> Words:
    found = [token for token in tokens(clause.text) if not token.isspace()]
    return found, Counter(found)


def _alike(one: Words, other: Words) -> float:
    """Share of words that two clauses have in common, in order; 0 below 0.6."""
    least = ALIKE * (len(one[0]) + len(other[0])) / 2
    if min(len(one[0]), len(other[0])) < least or (one[1] & other[1]).total() < least:
        return 0.0
    share = 2 * len(matches(one[0], other[0])) / max(1, len(one[0]) + len(other[0]))
    return share if share >= ALIKE else 0.0


def digest(text: Sequence[Clause]) -> str:
    """SHA-256 of the canonical form of a text."""
    return hashlib.sha256(canonical.encode([clause.as_json() for clause in text])).hexdigest()
