"""The page of parts: what it needs to show every component with real content. For development and for the tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

COUNTS = Path(__file__).with_name("templates") / "parts" / "examples.json"


def context(now: datetime) -> dict[str, Any]:
    """Moments around ``now`` and three Counts (``stv``, ``irv``, ``motion``) for ``parts/examples.jinja2``."""
    counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    soon, later, past = now + timedelta(hours=15, minutes=4), now + timedelta(days=5), now - timedelta(days=2)
    return {"soon": soon, "later": later, "past": past, **counts}
