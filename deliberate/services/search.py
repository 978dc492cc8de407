"""Search: full text behind one interface; FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from deliberate.core.drafting.text import tokens
from deliberate.models import Assembly, SearchDocument

_WORD = re.compile(r"[^\W_]+")
LONGEST = 100
"""Characters of a word that are compared."""

MOST = 12
"""Words of a question that are looked for."""

EVERY = 5_000


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is, its public id, its title."""

    kind: str
    id: str
    title: str


def index(db: Session, assembly_id: int, kind: str, public_id: str, title: str, body: str, now: datetime) -> None:
    """Make a thing findable, or change what it is found by. The title is kept as it is, for lists of what was found."""
    body = " ".join(folded(f"{title} {body}"))
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


def folded(text: str) -> list[str]:
    """The words of a text as they are compared: small letters, no accents; each character alone where a script has no blanks.

    >>> folded("Café «Straße», 屋根 5.5 %")
    ['cafe', 'strasse', '屋', '根', '5', '5']
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c)[0] != "M")
    words = _WORD.findall(unicodedata.normalize("NFC", plain))
    return [word[:LONGEST] for found in words for word in tokens(found) if _WORD.fullmatch(word)]


def _query(db: Session, q: str) -> str:
    """What the database is asked: every word must occur, characters that stand together in their order, the last as a beginning."""
    groups = [words for part in q.split()[:MOST] if (words := folded(part)[:MOST])]
    if db.get_bind().dialect.name == "sqlite":
        return " ".join(f'"{" ".join(words)}"' for words in groups) + ("*" if groups else "")
    return " & ".join(f"({' <-> '.join(words)})" for words in groups).removesuffix(")") + (":*)" if groups else "")


def find(db: Session, assembly: Assembly, q: str, kind: str = "", limit: int = 50, offset: int = 0) -> list[Hit]:
    """The best hits first: every word must occur, the last one may be a beginning."""
    return [
        Hit(row[0], row[1], row[2])
        for row in _rows(db, assembly, q, kind, "d.subject_kind, d.subject_id, d.title", limit, offset)
    ]


def ids(db: Session, assembly: Assembly, q: str, kind: str) -> list[str]:
    """Public ids of all that is found, for lists that filter and order by themselves."""
    return [row[0] for row in _rows(db, assembly, q, kind, "d.subject_id", EVERY, 0)]


def total(db: Session, assembly: Assembly, q: str, kind: str = "") -> int:
    """How many things are found."""
    return next((int(row[0]) for row in _rows(db, assembly, q, kind, "count(*)", 1, 0)), 0)


def _rows(db: Session, assembly: Assembly, q: str, kind: str, what: str, limit: int, offset: int) -> Sequence[Any]:
    asked = _query(db, q[:1000])
    if not asked:
        return []
    lite = db.get_bind().dialect.name == "sqlite"
    order = "" if what == "count(*)" else f" ORDER BY {_BEST if lite else _RANK}, d.id LIMIT :most OFFSET :first"
    query = text(f"SELECT {what} {_FROM_SQLITE if lite else _FROM_POSTGRESQL} {_WHERE}{order}")
    values = {"q": asked, "assembly": assembly.id, "kind": kind, "most": limit, "first": offset}
    return db.execute(query, values).all()


_WORDS = "(setweight(to_tsvector('simple', d.title), 'A') || setweight(to_tsvector('simple', d.body), 'B'))"
_FROM_SQLITE = "FROM search_fts f JOIN search_document d ON d.id = f.rowid WHERE search_fts MATCH :q"
_FROM_POSTGRESQL = f"FROM search_document d WHERE {_WORDS} @@ to_tsquery('simple', :q)"
_WHERE = "AND d.assembly_id = :assembly AND (CAST(:kind AS text) = '' OR d.subject_kind = :kind)"
_BEST = "bm25(search_fts, 5.0, 1.0)"
_RANK = f"ts_rank({_WORDS}, to_tsquery('simple', :q)) DESC"


def count(db: Session, assembly: Assembly) -> int:
    """How many things can be found."""
    return (
        db.scalar(select(func.count()).select_from(SearchDocument).where(SearchDocument.assembly_id == assembly.id))
        or 0
    )
