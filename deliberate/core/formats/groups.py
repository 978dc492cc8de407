"""Rows of small numbers, equal ones counted: packed into 64-bit words as they come, sorted and merged, so that memory follows the
different ones. Arrays only hold and count integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[Any]
ROOM = 1 << 21
"""Rows that wait to be sorted."""
MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples spread over 64 bits: 2^64 divided by the golden ratio."""


@dataclass
class Run:
    """Different rows in the order of a key, with how often each came: the key is the word or, of several words, a mixed hash.

    Two different rows may have one key: then equal rows may stand apart, counted twice over, never together with another's.
    """

    key: Words
    words: list[Words]
    counts: Ints

    @classmethod
    def of(cls, words: list[Words], counts: Ints | None) -> Run:
        """Sort and count rows. words: (n,) of each word of a row; counts: (n,) how often each comes, None: once."""
        if len(words) == 1 and counts is None:
            return cls._counted(np.sort(words[0]), None, None)
        key = words[0] if len(words) == 1 else _mixed(words)
        order = np.argsort(key, kind="stable")
        return cls._counted(
            key[order],
            None if len(words) == 1 else [one[order] for one in words],
            counts if counts is None else counts[order],
        )

    @classmethod
    def _counted(cls, key: Words, words: list[Words] | None, counts: Ints | None) -> Run:
        """From sorted rows."""
        first = np.empty(len(key), dtype=bool)
        first[:1] = True
        held = [key] if words is None else words
        np.not_equal(held[0][1:], held[0][:-1], out=first[1:])
        for one in held[1:]:
            first[1:] |= one[1:] != one[:-1]
        starts = np.flatnonzero(first)
        sums = np.diff(starts, append=len(key)) if counts is None else np.add.reduceat(counts, starts)
        key = key[starts]
        return cls(key, [key] if words is None else [one[starts] for one in words], sums.astype(np.int64, copy=False))

    def merged(self, other: Run) -> Run:
        """Both together; two sorted keys are merged in one pass."""
        key = np.concatenate((self.key, other.key))
        order = np.argsort(key, kind="stable")
        counts = np.concatenate((self.counts, other.counts))[order]
        key = key[order]
        if len(self.words) == 1:
            return self._counted(key, None, counts)
        return self._counted(
            key, [np.concatenate(pair)[order] for pair in zip(self.words, other.words, strict=True)], counts
        )


def _mixed(words: list[Words]) -> Words:
    made = words[0] * MIX
    for one in words[1:]:
        made ^= made >> np.uint64(29)
        made = (made + one) * MIX
    return made


class Groups:
    """Rows as they are added. columns: numbers in a row; bits: room for each, more is made when a number needs it."""

    def __init__(self, columns: int, bits: int = 4) -> None:
        self.columns, self.bits = columns, bits
        self.runs: list[Run] = []
        self.waiting: list[tuple[list[Words], Ints | None]] = []
        self.rows = 0

    def add(self, codes: Codes, most: int, counts: Ints | None = None) -> None:
        """Some rows, all of them counted or none. codes: (n, columns) numbers up to ``most``; counts: (n,) how often each comes, None: once."""
        if not len(codes):
            return
        if most >> self.bits:
            self._widen(most.bit_length())
        if self.waiting and (counts is None) != (self.waiting[-1][1] is None):
            self._sort()
        self.waiting.append((self.packed(codes), counts))
        self.rows += len(codes)
        if self.rows >= ROOM:
            self._sort()

    def packed(self, codes: Codes) -> list[Words]:
        """Rows as words: the first column in the highest bits of the first word."""
        per = 64 // self.bits
        codes = codes.view(np.uint64) if codes.dtype == np.int64 else codes
        made: list[Words] = []
        for start in range(0, self.columns, per):
            word = codes[:, start].astype(np.uint64)
            for column in range(start + 1, min(start + per, self.columns)):
                word <<= np.uint64(self.bits)
                word |= codes[:, column]
            made.append(word)
        return made

    def unpacked(self, words: list[Words], type_: Any) -> Codes:
        """Words as rows of numbers again."""
        per = 64 // self.bits
        codes = np.empty((len(words[0]), self.columns), dtype=type_)
        mask = np.uint64((1 << self.bits) - 1)
        for column in range(self.columns):
            last = min((column // per + 1) * per, self.columns) - 1
            codes[:, column] = (words[column // per] >> np.uint64((last - column) * self.bits)) & mask
        return codes

    def _widen(self, bits: int) -> None:
        self._sort()
        held = [(self.unpacked(run.words, np.uint16), run.counts) for run in self.runs]
        self.bits = bits
        self.runs = [Run.of(self.packed(codes), counts) for codes, counts in held]

    def _sort(self) -> None:
        """Sort what waits into a run; merge runs so that each is more than twice as long as the next."""
        if not self.rows:
            return
        words = [np.concatenate([one[0][n] for one in self.waiting]) for n in range(len(self.waiting[0][0]))]
        given = [one[1] for one in self.waiting if one[1] is not None]
        counts = np.concatenate(given) if given else None
        self.waiting, self.rows = [], 0
        self.runs.append(Run.of(words, counts))
        while len(self.runs) > 1 and len(self.runs[-2].key) <= 2 * len(self.runs[-1].key):
            other = self.runs.pop()
            self.runs.append(self.runs.pop().merged(other))

    @property
    def distinct(self) -> int:
        """Different rows so far, at most."""
        return sum(len(run.key) for run in self.runs)

    def done(self, type_: Any) -> tuple[Codes, Ints]:
        """All rows, equal ones merged but for what Run says, and how often each came. Nothing can be added after it."""
        self._sort()
        while len(self.runs) > 1:
            other = self.runs.pop()
            self.runs.append(self.runs.pop().merged(other))
        if not self.runs:
            return np.zeros((0, self.columns), dtype=type_), np.zeros(0, dtype=np.int64)
        run = self.runs.pop()
        del run.key
        return self.unpacked(run.words, type_), run.counts
