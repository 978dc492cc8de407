"""The page of parts: what it needs to show every component with real content. For development and for the tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from deliberate.core import tally
from deliberate.core.ballot import Ballot, aggregate, choice, each, ranking, score
from deliberate.core.tally import METHODS, Option, Question
from deliberate.core.tally.comparison import compare

COUNTS = Path(__file__).with_name("templates") / "parts" / "examples.json"
NAMES = {"roof": "Roof repairs", "lift": "Lift renewal", "solar": "Solar on flat roofs", "yard": "Courtyard gardens"}
WORKS = tuple(Option(key, name) for key, name in NAMES.items())
BALLOTS: dict[str, list[tuple[Ballot, int]]] = {
    "ranking": [
        (ranking("roof", "lift", "solar"), 61),
        (ranking("lift", "solar", "roof"), 55),
        (ranking("solar", "roof", "lift"), 47),
        (ranking("yard", "lift"), 14),
        (ranking("yard", "solar"), 9),
    ],
    "choice": [
        (choice("roof", "lift"), 61),
        (choice("lift", "solar"), 55),
        (choice("solar"), 47),
        (choice("yard"), 23),
    ],
    "score": [
        (score(roof=5, lift=3, solar=1), 61),
        (score(lift=5, solar=4, roof=0), 55),
        (score(solar=5, roof=2), 47),
        (score(yard=5, lift=1), 23),
    ],
    "each": [
        (each(roof="yes", lift="yes", solar="no", yard="abstain"), 99),
        (each(roof="no", lift="yes", solar="yes", yard="no"), 87),
    ],
}
"""The same members about what the common reserve pays for, on each kind of ballot."""
ASKED: dict[str, Any] = {"costs": {"roof": 480, "lift": 300, "solar": 260, "yard": 40}, "budget": 800}


def compared() -> dict[str, Any]:
    """The comparison of two methods on the rankings, as JSON."""
    papers = aggregate([(ballot, times) for ballot, times in BALLOTS["ranking"]], list(NAMES))
    question = Question("What shall the common reserve pay for first?", WORKS)
    return compare(question, papers, [{"method": "plurality"}, {"method": "schulze"}]).as_json()


def counted(name: str, **over: Any) -> dict[str, Any]:
    """The Count of these ballots by a method, as JSON. over: options of the method."""
    method = METHODS[name]
    known = {key: value for key, value in ASKED.items() if key in method.options}
    seats = 2 if method.winners in ("seats", "committee") else 1
    question = Question("What shall the common reserve pay for first?", WORKS, seats)
    papers = [(ballot, 1) for ballot, times in BALLOTS[method.ballot] for _ in range(times)]
    made = tally.count(question, papers, {"method": name, **known, **over})
    return made.as_json()


def context(now: datetime) -> Mapping[str, Any]:
    """Moments around ``now``, and Counts for ``parts/examples.jinja2``: ``stv``, ``irv``, ``motion``, and others by method."""
    counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    soon, later, past = now + timedelta(hours=15, minutes=4), now + timedelta(days=5), now - timedelta(days=2)
    return {"soon": soon, "later": later, "past": past, "counted": counted, "comparison": compared(), **counts}
