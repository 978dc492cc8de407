"""Profile: distinct strict rankings as rows of small integers, with whole numbers of papers; arrays only count.

A row holds 1-based option numbers and ends with zeros. Numbers above the options stand for what else a ballot can come to:
first the three ENDS, then the shared ranks of the profile, which depend on who is still continuing. Papers are integers: weights with fractions are brought to a
common denominator, ``unit``. Sums stay below 2^53, so that whole numbers in float64 are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core.errors import DeliberateError

Rows = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int64]
LIMIT = 2**53
ENDS = ("overvote", "skipped", "repeated")
"""Why a ballot stops before its last mark; reason n has the number options + 1 + n."""


def check_size(papers: int) -> None:
    """Raise DeliberateError ``tally.size`` unless so many papers, in units of 1/unit, can be counted exactly."""
    if papers >= LIMIT:
        raise DeliberateError(
            "The weights are too large or too finely divided to count.",
            "Their sum must stay below 2^53 parts.",
            "Use simpler weights.",
            "tally.size",
        )


@dataclass(frozen=True)
class Profile:
    """rows: (n, longest) option numbers; papers: (n,) papers of each row in units of 1/unit; options: how many.

    shared: ranks of several options, as option numbers; the k-th has the number options + len(ENDS) + 1 + k in the rows.
    """

    rows: Rows
    papers: Ints
    options: int
    unit: int = 1
    shared: tuple[tuple[int, ...], ...] = ()

    @property
    def total(self) -> int:
        """All papers, in units of 1/unit."""
        return int(self.papers.sum())

    @classmethod
    def build(
        cls,
        rankings: Iterable[tuple[Sequence[int], Fraction | int]],
        options: int,
        shared: tuple[tuple[int, ...], ...] = (),
    ) -> Profile:
        """From (option numbers from 1, weight); equal rankings are merged."""
        listed = list(rankings)
        unit = lcm(1, *{weight.denominator for _, weight in listed})
        merged: dict[tuple[int, ...], int] = {}
        for ranking, weight in listed:
            key = tuple(ranking)
            merged[key] = merged.get(key, 0) + int(weight * unit)
        check_size(sum(merged.values()))
        longest = max((len(key) for key in merged), default=0)
        rows = np.zeros((len(merged), longest + 1), dtype=np.uint16)
        for n, key in enumerate(sorted(merged)):
            rows[n, : len(key)] = key
        papers = np.fromiter((merged[key] for key in sorted(merged)), dtype=np.int64, count=len(merged))
        return cls(rows, papers, options, unit, shared)

    @classmethod
    def group(cls, raw: npt.NDArray[Any], options: int, papers: Ints | None = None) -> Profile:
        """From an array with one ballot a row (option numbers from 1, zeros at the end); equal rows are merged."""
        bits = max(1, int(options).bit_length())
        per = 64 // bits
        words = -(-raw.shape[1] // per)
        packed = np.zeros((raw.shape[0], words), dtype=np.uint64)
        for column in range(raw.shape[1]):
            packed[:, column // per] |= raw[:, column].astype(np.uint64) << np.uint64((per - 1 - column % per) * bits)
        order = np.argsort(packed[:, 0], kind="stable") if words == 1 else np.lexsort(packed.T[::-1])
        packed = packed[order]
        first = np.ones(len(packed), dtype=bool)
        first[1:] = (packed[1:] != packed[:-1]).any(axis=1)
        starts = np.flatnonzero(first)
        held = np.ones(len(order), dtype=np.int64) if papers is None else papers[order]
        sums = np.add.reduceat(held, starts) if len(starts) else np.zeros(0, dtype=np.int64)
        rows = np.zeros((len(starts), raw.shape[1] + 1), dtype=np.uint16)
        rows[:, :-1] = raw[order[starts]]
        return cls(rows, sums.astype(np.int64), options)


class Piles:
    """Who holds which rows at which value. A value class is a small number; its exact value stands in ``values``."""

    def __init__(self, profile: Profile, one: Any) -> None:
        self.profile = profile
        self.values: list[Any] = [one]
        self.at = np.zeros(len(profile.rows), dtype=np.intp)  # place of the option that holds the row
        self.kind = np.zeros(len(profile.rows), dtype=np.intp)  # value class
        self.first_shared = profile.options + 1 + len(ENDS)
        numbers = self.first_shared + len(profile.shared)
        self.live = np.ones(numbers, dtype=bool)  # continuing; 0 and the ends hold for ever
        # Who holds a row that stands at a number: itself, but for shared ranks. Small numbers are sorted in one pass.
        self.holds = np.arange(numbers, dtype=np.uint16)
        self._share()
        holder = self.holds[profile.rows[:, 0]]
        order = np.argsort(holder, kind="stable")
        ends = np.concatenate(([0], np.cumsum(np.bincount(holder, minlength=self.first_shared))))
        self.held: list[list[npt.NDArray[np.intp]]] = [
            [order[ends[n] : ends[n + 1]]] if ends[n] < ends[n + 1] else [] for n in range(self.first_shared)
        ]

    def _share(self) -> None:
        """A shared rank is an overvote while several of its options continue, a vote for the last of them, then nothing."""
        for n, options in enumerate(self.profile.shared, self.first_shared):
            left = [option for option in options if self.live[option]]
            self.live[n] = bool(left)
            self.holds[n] = left[0] if len(left) == 1 else self.profile.options + 1

    def take(self, option: int) -> npt.NDArray[np.intp]:
        """All rows that an option holds; it holds none afterwards."""
        parts, self.held[option] = self.held[option], []
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)

    def papers_by_class(self, rows: npt.NDArray[np.intp]) -> dict[int, int]:
        """Papers of these rows in each value class."""
        sums = np.bincount(self.kind[rows], weights=self.profile.papers[rows], minlength=1)
        return {n: int(s) for n, s in enumerate(sums) if s}

    def pass_on(self, rows: npt.NDArray[np.intp]) -> dict[int, dict[int, int]]:
        """Give each row to its next continuing option: {option, 0 or number of an end: {class: papers}}."""
        self._share()
        cells = self.profile.rows.reshape(-1)
        first = rows * self.profile.rows.shape[1]
        place = first + self.at[rows] + 1
        numbers = cells[place]
        stuck = np.flatnonzero(~self.live[numbers])
        while len(stuck):
            place[stuck] += 1
            fresh = cells[place[stuck]]
            numbers[stuck] = fresh
            stuck = stuck[~self.live[fresh]]
        self.at[rows] = place - first
        holder = self.holds[numbers]
        order = np.argsort(holder, kind="stable")
        rows, holder = rows[order], holder[order]
        ends = np.flatnonzero(holder[1:] != holder[:-1]) + 1
        parts: dict[int, dict[int, int]] = {}
        starts = [0, *ends.tolist()]
        for start, part in zip(starts, np.split(rows, ends), strict=True) if len(rows) else ():
            option = int(holder[start])
            parts[option] = self.papers_by_class(part)
            self.held[option].append(part)
        return parts
