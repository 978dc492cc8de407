"""Codes that a telephone can read."""

from __future__ import annotations

from itertools import groupby

import segno
from markupsafe import Markup

from deliberate.core.sentences import mark
from deliberate.web.words import said

BORDER = 3  # modules of quiet ground around the code


def qr(address: str) -> Markup:
    """A code for an address, as a picture that takes its colours from the sheet."""
    matrix = segno.make(address, error="m", micro=False).matrix
    size = len(matrix) + 2 * BORDER
    runs: list[str] = []
    for y, row in enumerate(matrix, BORDER):
        x = BORDER
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return Markup(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges"><path d="{2}" fill="currentColor"/></svg>'
    ).format(size, said(mark("QR code: %(address)s", address=address)), "".join(runs))
