"""Ranks: at which place each ballot ranks each option, as an array; from it, how many ballots rank one above another.

Places are relative: only their order on one ballot matters, so gaps are no fault, and options at one rank are equal. An
option that a ballot ranks twice has the better place. Arrays only count, and papers are whole numbers of 1/unit below 2^53.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core.ballot import Aggregate
from deliberate.core.tally.packed import Packed
from deliberate.core.tally.profile import Ints, Profile, check_size

Places = npt.NDArray[np.unsignedinteger[Any]]
FOLD = 255
"""So many marks are added in one byte."""
WIDTH = FOLD * 128
"""Ballots that are compared at a time, so that they stay near the processor."""


@dataclass(frozen=True)
class Ranks:
    """places: (options, n) place of each option on each of n different ballots, from 1; the type's largest number: unranked.

    papers: (n,) papers of each in units of 1/unit. blank, valid: numbers of papers; weight: of the valid ones. repeated:
    valid papers that rank an option more than once.
    """

    places: Places
    papers: Ints
    unit: int
    blank: int
    valid: int
    weight: Fraction
    repeated: int

    @property
    def unranked(self) -> int:
        """The number that stands for no place."""
        return int(np.iinfo(self.places.dtype).max)

    @classmethod
    def read(cls, ballots: Aggregate, most_ranks: int | None = None) -> Ranks:
        """From ballots; a ballot without a mark is blank. most_ranks: ranks beyond it are not read.

        Raises DeliberateError ``tally.size`` for weights too large or too finely divided.
        """
        if isinstance(ballots, Packed) and ballots.plain.all():
            return cls._of_packed(ballots, most_ranks)
        number = {option: n for n, option in enumerate(ballots.options)}
        rows = [row for row in ballots.rows if any(row.ballot["ranks"])]
        marked = [row.ballot["ranks"][:most_ranks] for row in rows]
        unit = lcm(1, *{row.weight.denominator for row in rows})
        papers = [row.count * row.weight.numerator * (unit // row.weight.denominator) for row in rows]
        check_size(sum(papers))
        sizes = [len(rank) for ranks in marked for rank in ranks]
        place = np.repeat(
            np.fromiter(chain.from_iterable(range(1, len(ranks) + 1) for ranks in marked), np.int64), sizes
        )
        marks = np.array([sum(map(len, ranks)) for ranks in marked], dtype=np.int64)
        ballot = np.repeat(np.arange(len(rows)), marks)
        option = np.fromiter(map(number.__getitem__, chain.from_iterable(chain.from_iterable(marked))), np.int64)
        places = _empty(len(number), len(rows), int(place.max(initial=0)))
        # Of several values for one cell the last is kept: from the last rank to the first, that is the best place.
        places.reshape(-1)[(option * len(rows) + ballot)[::-1]] = place[::-1]
        twice = marks > (places < np.iinfo(places.dtype).max).sum(axis=0)
        valid = sum(row.count for row in rows)
        return cls(
            places,
            np.array(papers, dtype=np.int64),
            unit,
            sum(row.count for row in ballots.rows) - valid,
            valid,
            Fraction(sum(papers), unit),
            sum(row.count for row, more in zip(rows, twice.tolist(), strict=True) if more),
        )

    @classmethod
    def _of_packed(cls, ballots: Packed, most_ranks: int | None) -> Ranks:
        """From many plain ballots, read all at once."""
        rows = ballots.numbers[ballots.ranks[:, :most_ranks]]
        marked = rows[:, :1].any(axis=1)
        check_size(int(ballots.papers.sum()))
        made = cls.of(Profile(rows[marked], ballots.papers[marked], len(ballots.options)))
        return replace(made, blank=int(ballots.papers[~marked].sum()))

    @classmethod
    def of(cls, profile: Profile) -> Ranks:
        """From a profile of strict rankings, whose whole papers are all valid; why a ranking ends early does not matter."""
        assert not profile.shared, "equal ranks are read from the ballots"
        count, longest = profile.rows.shape
        places = _empty(int(profile.rows.max(initial=0)) + profile.options + 1, count, longest)
        for column in reversed(range(longest)):
            places[profile.rows[:, column], np.arange(count)] = column + 1
        papers = profile.total
        return cls(
            np.ascontiguousarray(places[1 : profile.options + 1]),
            profile.papers,
            profile.unit,
            0,
            papers,
            Fraction(papers, profile.unit),
            0,
        )

    def compare(self, ignored: bool = False) -> tuple[Ints, Ints]:
        """(options, options) papers that rank the first above the second, and papers that rank both equal; units of 1/unit.

        An unranked option stands below all that are ranked, equal to the others; or, if ignored, its pairs are not compared.
        Each pair adds up: above + below + equal + ignored = all papers.
        """
        options = len(self.places)
        over, equal, left_out = (np.zeros((options, options), dtype=np.int64) for _ in range(3))
        for plane in range(int(self.papers.max(initial=0)).bit_length()):
            rows = np.flatnonzero(self.papers >> plane & 1)
            for start in range(0, len(rows), WIDTH):
                self._add(rows[start : start + WIDTH], plane, ignored, (over, equal, left_out))
        equal += equal.T
        left_out += left_out.T
        assert ((over + over.T + equal + left_out)[~np.eye(options, dtype=bool)] == self.papers.sum()).all(), (
            "every ballot is in every pair"
        )
        return over, equal

    def _add(self, rows: npt.NDArray[np.intp], plane: int, ignored: bool, sums: tuple[Ints, Ints, Ints]) -> None:
        """Compare these ballots; each counts for 2^plane papers. Columns that fill up the last fold give no marks."""
        over, equal, left_out = sums
        last = self.unranked
        left = np.full((len(self.places), -(-len(rows) // FOLD) * FOLD), last - 1, dtype=self.places.dtype)
        left[:, : len(rows)] = self.places[:, rows]
        right = np.where(left == last, 0, left) if ignored else left.copy()
        right[:, len(rows) :] = 0
        for n, places in enumerate(left):
            over[n] += _marks(places < right) << plane
            equal[n, n + 1 :] += _marks(places == right[n + 1 :]) << plane
            if ignored:
                left_out[n, n + 1 :] += _marks((places == last) | (left[n + 1 :] == last)) << plane


def _empty(options: int, ballots: int, longest: int) -> Places:
    kind = np.uint8 if longest < np.iinfo(np.uint8).max - 1 else np.uint16
    return np.full((options, ballots), np.iinfo(kind).max, dtype=kind)


def _marks(mask: npt.NDArray[np.bool_]) -> Ints:
    """How many are true in each line; lines are whole folds, so a byte holds the sum over one."""
    folds = mask.view(np.uint8).reshape(len(mask), FOLD, mask.shape[1] // FOLD)
    found: Ints = folds.sum(axis=1, dtype=np.uint8).sum(axis=1, dtype=np.int64)
    return found
