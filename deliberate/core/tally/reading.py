"""Reading ballots: from what was marked to a strict ranking, by the ruleset's own rules; the ballot itself never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from deliberate.core.ballot import Aggregate, Row, ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.tally.packed import Packed
from deliberate.core.tally.profile import ENDS, Profile

Steps = list[str | tuple[str, ...]]
"""What a ballot says in order: ids, and shared ranks whose meaning depends on who is still continuing."""
Reader = Callable[[Row], tuple[Steps, str]]
"""From a row to its steps and why it ended early: one of ENDS, or "" for a ballot that was read to its last mark."""


@dataclass(frozen=True)
class Reading:
    """A profile of valid ballots, and how many papers were blank, spoilt and valid; whole: no valid weight has a fraction."""

    profile: Profile
    blank: int
    spoilt: int
    valid: int
    weight: Fraction
    whole: bool


def until_fault(row: Row) -> tuple[Steps, str]:
    """Statutory reading: the ranking ends at the first missing, shared or repeated rank; what ended it is all one."""
    ids: Steps = []
    for rank in row.ranks:
        if len(rank) != 1 or rank[0] in ids:
            break
        ids.append(rank[0])
    return ids, ""


def closing_ranks(shared: str) -> Reader:
    """A reading that closes gaps after the first rank; without a first rank a ballot has no steps.

    shared: what a rank of several options does: ``end`` the ballot, ``keep`` its place; or ``refuse``, which goes for a repeated
    option too: such a ballot raises DeliberateError ``tally.ballots``. Else a repeated option is passed over.
    """

    def read(row: Row) -> tuple[Steps, str]:
        steps: Steps = []
        seen: set[str] = set()
        for rank in row.ranks if any(row.ranks[:1]) else ():
            if shared == "refuse" and (len(rank) > 1 or not seen.isdisjoint(rank)):
                raise DeliberateError(
                    "A ballot gives one rank to two options, or two ranks to one.",
                    "These rules know strict rankings only.",
                    "Correct the ballot, or count by rules that say how to read it.",
                    "tally.ballots",
                )
            if len(rank) > 1 and shared == "end":
                break
            fresh = sorted(set(rank) - seen)
            seen.update(rank)
            steps += [fresh[0]] if len(fresh) == 1 else [tuple(fresh)] if fresh else []
        return steps, ""

    return read


def by_options(rules: Mapping[str, Any]) -> Reader:
    """A reading with the IRV options ``max_ranks``, ``max_skipped``, ``duplicate`` and ``overvote``.

    Any mark ends a gap, and counts as seen, whatever comes of it; a repeated mark is looked for before an overvote.
    """
    most_ranks, most_skipped = rules["max_ranks"], rules["max_skipped"]

    def read(row: Row) -> tuple[Steps, str]:
        steps: Steps = []
        marked = 0
        seen: set[str] = set()
        for place, rank in enumerate(row.ranks[:most_ranks], 1):
            if not rank:
                continue
            if most_skipped is not None and place - marked > most_skipped + 1:
                return steps, "skipped"
            marked = place
            if rules["duplicate"] == "exhaust" and not seen.isdisjoint(rank):
                return steps, "repeated"
            seen.update(rank)
            if len(rank) == 1:
                steps += [] if rank[0] in steps else [rank[0]]
            elif rules["overvote"] == "exhaust":
                return steps, "overvote"
            elif rules["overvote"] == "exhaust-if-several-continuing":
                steps.append(rank)
        return steps, ""

    return read


def read(aggregate: Aggregate, reader: Reader, spoil_without_first: bool) -> Reading:
    """Read all ballots. spoil_without_first: a ballot that has marks but no usable first preference is spoilt, not blank."""
    if isinstance(aggregate, Packed):
        return _read_packed(aggregate, reader, spoil_without_first)
    return _read(aggregate.rows, aggregate.options, reader, spoil_without_first)


def _read_packed(packed: Packed, reader: Reader, spoil_without_first: bool) -> Reading:
    """Plain ballots, with one option at each rank and none twice, are read all at once: a ruleset takes them to some rank.

    How far is learned from the ballot that ranks all; the others are read one by one.
    """
    every = Row(ranking(*packed.options), 1, Fraction(1))
    steps, why = reader(every)
    most = len(steps)
    plain = (
        packed.plain if steps == list(packed.options[:most]) and not why else np.zeros(len(packed.papers), dtype=bool)
    )
    rest = _read(packed.some(packed.ranks[~plain], packed.papers[~plain]), packed.options, reader, spoil_without_first)
    blank = plain & (packed.ranks[:, 0] == 0)
    places = np.flatnonzero(plain & ~blank)
    others = rest.profile.rows
    width = max(min(packed.ranks.shape[1], most) + 1, others.shape[1])
    rows = np.zeros((len(places) + len(others), width), dtype=np.uint16)
    here: Any = slice(None) if len(places) == len(packed.papers) else places
    for column in range(min(packed.ranks.shape[1], most)):
        rows[: len(places), column] = packed.numbers.take(packed.ranks[here, column])
    rows[len(places) :, : others.shape[1]] = others
    papers = np.concatenate((packed.papers[here], rest.profile.papers))
    valid = int(papers.sum()) - rest.profile.total
    profile = Profile(rows, papers, len(packed.options), 1, rest.profile.shared)
    return Reading(
        profile,
        rest.blank + int(packed.papers[blank].sum()),
        rest.spoilt,
        rest.valid + valid,
        rest.weight + valid,
        True,
    )


def _read(rows: Iterable[Row], options: Sequence[str], reader: Reader, spoil_without_first: bool) -> Reading:
    """Read ballots one by one."""
    number: dict[str | tuple[str, ...], int] = {option: n for n, option in enumerate(options, 1)}
    most = len(number)
    end = {why: [most + 1 + n] for n, why in enumerate(ENDS)} | {"": []}
    shared: list[tuple[int, ...]] = []
    rankings: list[tuple[list[int], Fraction | int]] = []
    blank = spoilt = valid = 0
    weight: Fraction | int = 0
    whole = True
    for row in rows:
        steps, why = reader(row)
        if not any(row.ballot["ranks"]):
            blank += row.count
        elif not steps and spoil_without_first:
            spoilt += row.count
        else:
            papers = row.weight * row.count if row.weight.denominator > 1 else row.weight.numerator * row.count
            valid += row.count
            weight += papers
            whole = whole and row.weight.denominator == 1
            for step in steps:
                if isinstance(step, tuple) and step not in number:
                    number[step] = most + len(ENDS) + 1 + len(shared)
                    shared.append(tuple(number[option] for option in step))
            rankings.append(([number[step] for step in steps] + end[why], papers))
    return Reading(Profile.build(rankings, most, tuple(shared)), blank, spoilt, valid, Fraction(weight), whole)
