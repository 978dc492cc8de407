"""Whole rows of a table that were met before, known by their bytes: a row that comes again is only counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core.formats.groups import MIX, Codes, Ints

BITS = 18
"""The table has 2^BITS places; a row whose place is taken is not kept."""
LONGEST = 31
"""Bytes of a row that is kept."""
HALF = 16
TRIED = 200_000
"""Rows that are looked for before it is judged whether they come again."""
Halves = npt.NDArray[Any]
"""Sixteen bytes in one piece (V16), only moved and compared."""
_MASKS = [
    np.frombuffer(
        b"".join(
            b"\xff" * min(max(n - start, 0), HALF) + bytes(min(max(HALF + start - n, 0), HALF))
            for n in range(LONGEST + 1)
        ),
        dtype="V16",
    )
    for start in (0, HALF)
]
"""Of each half of a row, the bytes that are its own, by the length of the row."""


class Repeats:
    """Rows by their bytes. Each place holds the bytes of one row, its cells, its papers, and how often it came again.

    counted: whether a row may be several papers.
    """

    def __init__(self, columns: int, counted: bool) -> None:
        size = 1 << BITS
        self.halves: list[Halves] = [np.zeros(size, dtype="V16") for _ in _MASKS]
        self.codes = np.zeros((size, columns), dtype=np.uint16)
        self.papers = np.zeros(size, dtype=np.int64)
        self.again = np.zeros(size, dtype=np.int64)
        self.waiting: list[Ints] = []
        self.counted = counted
        self.met = self.looked = 0

    @property
    def useful(self) -> bool:
        """Whether enough rows come again to look for them."""
        return self.looked < TRIED or self.met * 4 > self.looked

    def find(
        self, block: bytes, starts: Ints, lengths: Ints
    ) -> tuple[Ints, npt.NDArray[np.bool_], list[Halves]] | None:
        """Of each row its place, whether it stands there, and its bytes; None if one is long."""
        self.looked += len(starts)
        longest = int(lengths.max())
        if longest > LONGEST:
            return None
        held = block + bytes(2 * HALF)
        parts: list[Halves] = []
        mixed = np.zeros(len(starts), dtype=np.uint64)
        for n in range(longest // HALF + 1):  # the last half has room to spare, so that the bytes tell the length
            part = np.ndarray((len(block),), dtype="V16", buffer=held, offset=HALF * n, strides=(1,))[starts]
            words = part.view(np.uint64)
            words &= _MASKS[n].take(lengths, mode="clip").view(np.uint64)
            parts.append(part)
            for word in (words[::2], words[1::2]):
                mixed += word
                mixed *= MIX
                mixed ^= mixed >> np.uint64(32)
        mixed *= MIX
        mixed >>= np.uint64(64 - BITS)
        places = mixed.view(np.int64)
        known = np.ones(len(starts), dtype=bool)
        for n, part in enumerate(parts):
            same = self.halves[n].take(places, mode="clip").view(np.uint64) == part.view(np.uint64)
            known &= same[::2]
            known &= same[1::2]
        return places, known, parts

    def papers_of(self, places: Ints) -> int:
        """How many papers these rows are."""
        return int(self.papers[places].sum()) if self.counted else len(places)

    def count(self, places: Ints) -> None:
        """These rows came again."""
        self.waiting.append(places)
        self.met += len(places)
        if sum(map(len, self.waiting)) > len(self.again):
            self._count()

    def _count(self) -> None:
        if self.waiting:
            self.again += np.bincount(np.concatenate(self.waiting), minlength=len(self.again))
            self.waiting = []

    def keep(self, places: Ints, parts: list[Halves], codes: Codes, papers: Ints | None) -> None:
        """Keep new rows whose places are free, of several with one place the last."""
        free = self.papers[places] == 0
        places = places[free]
        for n, part in enumerate(parts):
            self.halves[n][places] = part[free]
        self.codes[places] = codes[free]
        self.papers[places] = 1 if papers is None else papers[free]

    def done(self) -> tuple[Codes, Ints]:
        """Cells of the rows that came again, and how many papers each was in all."""
        self._count()
        held = np.flatnonzero(self.again)
        return self.codes[held], self.papers[held] * self.again[held]
