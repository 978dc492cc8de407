"""What other methods would have said of a published poll. It decides nothing, is made once and kept beside the records."""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from deliberate.core.sentences import mark
from deliberate.core.tally import METHODS, Option, Question
from deliberate.core.tally.comparison import able, compare
from deliberate.models import Poll
from deliberate.services import definitions, results

MOST_BALLOTS = 100_000
"""Ballots that are read for it."""
MOST_DISTINCT = 20_000
"""Different ballots that are counted for it."""
MOST_OPTIONS = 60
LARGE = mark("This poll is too large to be counted by all methods while a page waits. Compare on your own machine.")
BUSY = mark("It is being worked out. Load this page again in a moment.")
_ONE = Lock()


def of(db: Session, poll: Poll, count: dict[str, Any], folder: Path) -> dict[str, Any] | str | None:
    """The comparison of a published poll as JSON, or a sentence why there is none now; None where there cannot be one.

    count: the Count that decided. folder: where comparisons are kept, each for the methods of its day.
    """
    found = definitions.read(poll)
    if poll.ballot != "ranking" or found["publication"] != "full":
        return None
    if count["input"]["cast"] > MOST_BALLOTS or len(found["options"]) > MOST_OPTIONS:
        return LARGE
    kept = folder / f"{poll.public_id}-{methods()}.compare.json"
    if kept.exists():
        return _read(kept)
    if not _ONE.acquire(blocking=False):
        return BUSY
    try:
        made = _made(db, poll, found)
    finally:
        _ONE.release()
    folder.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{secrets.token_hex(4)}.part")
    part.write_text(json.dumps(made), encoding="utf-8")
    part.replace(kept)
    return _read(kept)


def methods() -> str:
    """A short name for all methods in their present versions: a comparison is made anew where one was added or changed."""
    known = sorted(f"{method.name} {method.version}" for method in METHODS.values())
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:12]


def _read(kept: Path) -> dict[str, Any] | str | None:
    """What was kept: a comparison, "large", or nothing."""
    made: dict[str, Any] | str | None = json.loads(kept.read_text(encoding="utf-8"))
    return LARGE if made == "large" else made


def _made(db: Session, poll: Poll, found: dict[str, Any]) -> dict[str, Any] | str | None:
    """Count by the poll's own rules and by every other method that can."""
    ballots = results.aggregated(db, poll)
    if len(ballots.rows) > MOST_DISTINCT:
        return "large"
    question = Question(found["title"], tuple(Option(o["id"], o["name"]) for o in found["options"]), found["seats"])
    others = [name for name in able(ballots, found["seats"]) if name != poll.method]
    if not others:
        return None
    return compare(question, ballots, [found["rules"], *({"method": name} for name in others)]).as_json()
