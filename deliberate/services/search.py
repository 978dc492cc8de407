"""Search: full text behind one interface; FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.orm import Session

from deliberate.models import Assembly, SearchDocument

_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is, its public id, its title."""

    kind: str
    id: str
    title: str


def index(db: Session, assembly_id: int, kind: str, public_id: str, title: str, body: str, now: datetime) -> None:
    """Make a thing findable, or change what it is found by."""
    found = db.scalar(
        select(SearchDocument).where(SearchDocument.subject_kind == kind, SearchDocument.subject_id == public_id)
    )
    if found is None:
        db.add(
            SearchDocument(
                assembly_id=assembly_id, subject_kind=kind, subject_id=public_id, title=title, body=body, changed_at=now
            )
        )
    else:
        found.title, found.body, found.changed_at = title, body, now


def forget(db: Session, kind: str, public_id: str) -> None:
    """Make a thing unfindable."""
    found = db.scalar(
        select(SearchDocument).where(SearchDocument.subject_kind == kind, SearchDocument.subject_id == public_id)
    )
    if found is not None:
        db.delete(found)


def find(db: Session, assembly: Assembly, q: str, kind: str = "", limit: int = 50) -> list[Hit]:
    """The best hits first: every word must occur, the last one may be a beginning."""
    words = _WORD.findall(q.lower())[:12]
    if not words:
        return []
    sqlite = db.get_bind().dialect.name == "sqlite"
    rows = db.execute(
        _sqlite() if sqlite else _postgresql(),
        {
            "q": " ".join([f'"{w}"' for w in words[:-1]] + [f'"{words[-1]}"*'])
            if sqlite
            else " & ".join([*words[:-1], f"{words[-1]}:*"]),
            "assembly": assembly.id,
            "kind": kind,
            "most": limit,
        },
    )
    return [Hit(*row) for row in rows]


def _sqlite() -> TextClause:
    return text(
        "SELECT d.subject_kind, d.subject_id, d.title FROM search_fts f JOIN search_document d ON d.id = f.rowid "
        "WHERE search_fts MATCH :q AND d.assembly_id = :assembly AND (:kind = '' OR d.subject_kind = :kind) "
        "ORDER BY bm25(search_fts, 5.0, 1.0), d.id LIMIT :most"
    )


def _postgresql() -> TextClause:
    words = "(setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B'))"
    return text(
        f"SELECT subject_kind, subject_id, title FROM search_document WHERE {words} @@ to_tsquery('simple', :q) "  # noqa: S608  no input in it
        f"AND assembly_id = :assembly AND (CAST(:kind AS text) = '' OR subject_kind = :kind) "
        f"ORDER BY ts_rank({words}, to_tsquery('simple', :q)) DESC, id LIMIT :most"
    )


def count(db: Session, assembly: Assembly) -> int:
    """How many things can be found."""
    return (
        db.scalar(select(func.count()).select_from(SearchDocument).where(SearchDocument.assembly_id == assembly.id))
        or 0
    )
