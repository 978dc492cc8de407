"""A Count as one self-contained page, with tables, pictures and styles inside: ``deliberate tally --html``.

It stands above the floors, as the server does: it shows with the templates of the web what the command line has counted.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from deliberate import __version__
from deliberate.core import tally
from deliberate.core.tally.record import Count
from deliberate.web import globals as page_globals

STYLES = ("tokens", "base", "parts", "parts-forms", "parts-drafting", "parts-voting")


def html(count: Count, notes: tuple[str, ...] = (), now: datetime | None = None) -> str:
    """The page. notes: remarks on the file that was counted; now: when, in UTC."""
    return page_globals.alone().get_template("results/report.jinja2").render(
        count=count.as_json(),
        method=tally.METHODS[count.ruleset],
        notes=notes,
        styles=_styles(page_globals.STATIC),
        made=f"{now or datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        version=__version__,
    )


def _styles(static: Path) -> str:
    """The styles of the pages without what they load from elsewhere: fonts are those of the reader."""
    text = "\n".join((static / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    return re.sub(r"@font-face\s*\{[^}]*\}", "", text)
