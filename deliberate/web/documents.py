"""Texts on a page: clauses with line numbers, amendment marks beside them, changed words in ins and del."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape
from pyramid.request import Request

from deliberate.core.drafting import clauses, diff, lines, numbering
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.diff import Piece
from deliberate.core.drafting.overlap import Meeting
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Version
from deliberate.services import amendments as services
from deliberate.services import rebases, versions
from deliberate.web import text

DOES = {
    "text": mark("%(number)s changes"),
    "insert": mark("%(number)s adds"),
    "delete": mark("%(number)s strikes"),
    "move": mark("%(number)s moves"),
    "set": mark("%(number)s changes"),
    "all": mark("%(number)s replaces all"),
}
CLASHES = mark("%(number)s clashes")
WHY = {"how": "same", "kind": "heading", "text": mark("Why")}
TITLES = {"added": mark("New clause"), "removed": mark("Struck"), "moved": mark("Moved"), "changed": mark("Changed")}


def pieces(found: Iterable[Piece]) -> Markup:
    """Pieces of a diff as safe HTML, each with its marks read; marks that begin and end in two pieces stay as written."""
    around = {"same": Markup("{}"), "ins": Markup("<ins>{}</ins>"), "del": Markup("<del>{}</del>")}
    return Markup().join(around[kind].format(text.render(words, inline=True)) for kind, words in found)


def numbers(of: Version | Sequence[Clause]) -> dict[str, int]:
    """The number of each clause's first line: the title has none, the reasons go on where the text ends."""
    found = clauses.from_json(of.clauses) if isinstance(of, Version) else of
    return lines.first([clause for clause in found if clause.id != versions.TITLE])


def plain(found: Sequence[Clause], first: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
    """Clauses for the document part, with line numbers. first: the number of each clause's first line in the whole."""
    first = numbers(found) if first is None else first
    return [
        {"kind": c.kind, "id": c.id or None, "line": first.get(c.id) if c.id else None, "html": _clause(c)}
        for c in found
    ]


def _clause(clause: Clause) -> Markup:
    return _bullet(clause) + (escape(clause.text) if clause.kind == "heading" else text.render(clause.text, inline=True))


def _bullet(clause: Clause) -> Markup:
    return Markup("• ") if clause.kind == "item" and not clause.text[:1].isdigit() else Markup()


def compared(old: Sequence[Clause], new: Sequence[Clause]) -> list[dict[str, Any]]:
    """Two versions as one text for the document part: words that went and came, reasons under a heading of their own."""
    made: list[dict[str, Any]] = []
    for line in diff.compare(old, new):
        if line.clause.id.startswith(versions.REASON) and WHY not in made:
            made.append(WHY)
        made.append(
            {
                "how": line.how,
                "kind": line.clause.kind,
                "html": _bullet(line.clause) + pieces(line.pieces),
                "note": TITLES["moved"] if line.how == "moved" else None,
            }
        )
    return made


def marked(
    request: Request, version: Version, every: Sequence[Amendment], clashes: Sequence[Meeting]
) -> list[dict[str, Any]]:
    """The text of a motion with the marks of the amendments that touch each clause; those that clash share one mark."""
    said = versions.parts(version).text
    order = [clause.id for clause in versions.parts(version).text]
    whole = [row["id"] for row in version.clauses]
    marks: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    clashing: dict[str, set[str]] = defaultdict(set)
    for meeting in clashes:
        for clause in meeting.clauses:
            clashing[clause] |= {meeting.one, meeting.other}
    for amendment in every:
        if (
            amendment.texts[-1].base_id != version.id
            or amendment.state not in rebases.LIVE
            or amendment.hidden_at is not None
        ):
            continue
        link = request.route_path("amendment", amendment=amendment.public_id)
        for clause, does in _touched(amendment, whole, order).items():
            kind = "clash" if amendment.number in clashing[clause] else ""
            short = numbering.short(amendment.number)
            marks[clause].append((mark(CLASHES if kind else does, number=short), link, kind))
    made = plain(said, numbers(version))
    for clause in made:
        clause["marks"] = marks.get(clause["id"], [])
    return made


def _touched(amendment: Amendment, whole: Sequence[str], shown: Sequence[str]) -> dict[str, str]:
    """The clauses that an amendment touches, and what it does there; an insertion is marked at the clause before it."""
    found: dict[str, str] = {}
    for hunk in rebases.unit(amendment).hunks:
        clause = hunk.clause
        if hunk.kind == "insert":
            before = [c for c in whole[: hunk.gap] if c in shown]
            clause = before[-1] if before else (shown[0] if shown else "")
        found.setdefault(clause, DOES[hunk.kind])
    return found


def change(amendment: Amendment) -> list[dict[str, Any]]:
    """An amendment as the clauses that it changes, each with the words that go and come."""
    before, after = services.changed_text(amendment)
    first = numbers(before)
    made = []
    for line in diff.compare(before, after):
        if line.how != "same":
            title = TITLES.get(line.how, TITLES["changed"])
            number = first.get(line.clause.id)
            made.append(
                {
                    "title": mark("%(title)s, line %(n)s", title=title, n=number) if number else title,
                    "html": pieces(line.pieces),
                    "clause": line.clause.id,
                }
            )
    return made
