"""Short texts of a table, numbered: those of a whole block are looked up at once by their bytes, eight at a time."""

from __future__ import annotations

import numpy as np

from deliberate.core.formats.groups import MIX, Ints, Words

LONGEST = 64
"""Bytes of a text that is looked up so."""
STEP = 0xD1342543DE82EF95
MOST = 1024
"""Different texts."""
_MASKS = [
    np.array([(1 << 8 * min(max(length - 8 * n, 0), 8)) - 1 for length in range(LONGEST + 1)], dtype=np.uint64)
    for n in range(LONGEST // 8)
]
"""Of each word of a text, the bytes that are its own, by the length of the text."""


def windows(block: bytes) -> Words:
    """(len(block) and more,) the eight bytes from each place, the first in the lowest bits; zeros after the end."""
    held = block + bytes(LONGEST + 8)
    return np.ndarray((len(block) + LONGEST,), dtype="<u8", buffer=held, strides=(1,))


class Texts:
    """Texts in the order in which they were first met; the empty one is number 0. None holds a zero byte."""

    def __init__(self) -> None:
        self.known: dict[bytes, int] = {b"": 0}
        self.words = 1
        self._build()

    def code(self, text: bytes) -> int:
        """The number of a text; a new one gets the next."""
        if text not in self.known:
            self.known[text] = len(self.known)
            self.words = max(self.words, -(-min(len(text), LONGEST) // 8))
            self.stale = True
        return self.known[text]

    def find(self, block: bytes, starts: Ints, lengths: Ints) -> tuple[Ints, list[bytes]]:
        """Numbers of the texts at these places, and texts that are not known (then some numbers are wrong). lengths: up to LONGEST."""
        if self.stale:
            self._build()
        if int(lengths.max(initial=0)) > 8 * self.words:
            self.words = -(-int(lengths.max()) // 8)
            self._build()
        seen = windows(block)
        if len(starts) * 4 > len(block):  # many cells: sooner found in a copy whose words are aligned
            seen = np.ascontiguousarray(seen)
        parts: list[Words] = []
        for n in range(self.words):
            part = seen[8 * n :].take(starts, mode="clip") if seen.flags.aligned else seen[8 * n :][starts]
            part &= _MASKS[n].take(lengths, mode="clip")
            parts.append(part)
        codes = self.slots.take(self._slot(parts), mode="clip")
        wrong = parts[0] != self.table[0].take(codes, mode="clip")
        for n in range(1, self.words):
            wrong |= parts[n] != self.table[n].take(codes, mode="clip")
        if not wrong.any():
            return codes, []
        places = np.flatnonzero(wrong)[:20_000]
        pairs = zip(starts[places].tolist(), lengths[places].tolist(), strict=True)
        return codes, sorted({block[start : start + length] for start, length in pairs})

    def _slot(self, parts: list[Words]) -> Ints:
        made = parts[0] * self.by
        for part in parts[1:]:
            made ^= made >> np.uint64(31)
            made ^= part
            made *= self.by
        made >>= self.shift
        return made.view(np.int64)

    def _build(self) -> None:
        """A table of slots in which each text has its own: the first odd factor that does it; after some that do not, a larger table."""
        short = [text for text in self.known if len(text) <= 8 * self.words]
        numbers = np.array([self.known[text] for text in short], dtype=np.int64)
        padded = b"".join(text.ljust(8 * self.words, b"\0") for text in short)
        parts = np.frombuffer(padded, dtype="<u8").reshape(-1, self.words)
        self.table = [np.zeros(len(self.known), dtype=np.uint64) for _ in range(self.words)]
        for n in range(self.words):
            self.table[n][numbers] = parts[:, n]
        self.by, tries = MIX, 8 * 9
        while True:
            bits = tries // 8
            self.shift = np.uint64(64 - bits)
            slots = self._slot([np.ascontiguousarray(parts[:, n]) for n in range(self.words)])
            if len(np.unique(slots)) == len(slots):
                break
            tries += 1
            self.by = np.uint64((int(self.by) * STEP % 2**64) | 1)
        self.slots = np.zeros(1 << bits, dtype=np.int64)
        self.slots[slots] = numbers
        self.stale = False
