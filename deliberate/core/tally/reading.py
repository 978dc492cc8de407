"""Reading ballots: from what was marked to a strict ranking, by the ruleset's own rules; the ballot itself never changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate, Row
from deliberate.core.tally.profile import Profile


@dataclass(frozen=True)
class Reading:
    """A profile of valid ballots, and how many papers were blank, spoilt and valid."""

    profile: Profile
    blank: int
    spoilt: int
    valid: int
    weight: Fraction
    ends: Mapping[str, int]  # reason of an early end to papers


def until_fault(row: Row) -> tuple[list[str], str]:
    """Statutory reading: the ranking ends at the first missing, shared or repeated rank. (ids, why it ended)."""
    ids: list[str] = []
    for rank in row.ranks:
        if not rank:
            return ids, "skipped"
        if len(rank) > 1:
            return ids, "overvote"
        if rank[0] in ids:
            return ids, "repeated"
        ids.append(rank[0])
    return ids, ""


def by_options(rules: Mapping[str, Any]) -> Any:
    """A reading with the IRV options ``max_ranks``, ``max_skipped``, ``duplicate`` and ``overvote``."""
    most_ranks, most_skipped = rules["max_ranks"], rules["max_skipped"]

    def read(row: Row) -> tuple[list[str], str]:
        ids: list[str] = []
        marked = 0
        for place, rank in enumerate(row.ranks[:most_ranks], 1):
            if not rank:
                continue
            if most_skipped is not None and place - marked > most_skipped + 1:
                return ids, "skipped"
            marked = place
            if any(option in ids for option in rank):
                if rules["duplicate"] == "exhaust":
                    return ids, "repeated"
                rank = tuple(option for option in rank if option not in ids)
                if not rank:
                    continue
            if len(rank) > 1:
                if rules["overvote"] == "exhaust":
                    return ids, "overvote"
                continue
            ids.append(rank[0])
        return ids, ""

    return read


def read(aggregate: Aggregate, reader: Any, spoil_without_first: bool) -> Reading:
    """Read all ballots. spoil_without_first: a ballot that has marks but no usable first preference is spoilt, not blank."""
    number = {option: n for n, option in enumerate(aggregate.options, 1)}
    rankings: list[tuple[list[int], Fraction]] = []
    blank = spoilt = valid = 0
    weight = Fraction(0)
    ends: Counter[str] = Counter()
    for row in aggregate.rows:
        ids, why = reader(row)
        if not any(row.ranks):
            blank += row.count
        elif not ids and spoil_without_first:
            spoilt += row.count
        else:
            if why:
                ends[why] += row.count
            valid += row.count
            weight += row.weight * row.count
            rankings.append(([number[option] for option in ids], row.weight * row.count))
    return Reading(Profile.build(rankings, len(aggregate.options)), blank, spoilt, valid, weight, ends)
