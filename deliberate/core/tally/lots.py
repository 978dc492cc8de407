"""Other lots: would another draw have elected somebody else? Every outcome of every lot and draw, counted again.

A draw from a seed stands for a lot here: its other outcomes are as possible. Outcomes of a lot are equally likely, so each way
through the lots has an exact probability. The number of counts is bounded; what was not counted is said, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate, Ballot, aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.tally import Count, Question, count, rules
from deliberate.core.tally.record import number

LIMIT = 1_000


@dataclass(frozen=True)
class Way:
    """One way through the lots: who was chosen at each, the winners it leads to, and its probability."""

    lots: tuple[Mapping[str, Any], ...]
    winners: tuple[str, ...]
    chance: Fraction


@dataclass(frozen=True)
class Outlook:
    """What hangs on lots. ways: all that were counted; counts: how many counts it took; complete: none was left out."""

    ways: tuple[Way, ...]
    counts: int
    complete: bool

    @property
    def hangs(self) -> bool:
        """Whether the winners differ between ways, so far as they were counted."""
        return len({frozenset(way.winners) for way in self.ways}) > 1

    def chance(self, name: str) -> Fraction:
        """The probability that this option is elected; where the outlook is not complete, the part of it that was counted."""
        return sum((way.chance for way in self.ways if name in way.winners), Fraction(0))

    def says(self, name: str) -> str:
        """What becomes of an option, in a sentence."""
        won = [way for way in self.ways if name in way.winners]
        if len(won) == len(self.ways):
            found = f"{name} is elected under all lots"
        elif not won:
            found = f"{name} is elected under no lot"
        else:
            others = self._instead(name)
            found = f"{name} is elected under {len(won)} of {number(len(self.ways), 'lot')}, probability {exact(self.chance(name))}"
            found += f"; otherwise {' or '.join(others)}" if others else ""
        left = 1 - sum((way.chance for way in self.ways), Fraction(0))
        return (
            f"{found}." if self.complete else f"{found}, so far as counted; {exact(left)} of the probability is open."
        )

    def _instead(self, name: str) -> list[str]:
        """Who is elected only where this option is not."""
        without = [frozenset(way.winners) for way in self.ways if name not in way.winners]
        always = frozenset.intersection(*(frozenset(way.winners) for way in self.ways if name in way.winners))
        return sorted(frozenset.union(*without) - always)

    def as_json(self) -> dict[str, Any]:
        """The record: ways with their lots, probabilities as exact strings, and a sentence for each option that wins anywhere."""
        names = sorted({name for way in self.ways for name in way.winners})
        return {
            "counts": self.counts,
            "complete": self.complete,
            "hangs": self.hangs,
            "ways": [
                {
                    "lots": [dict(lot) for lot in way.lots],
                    "winners": list(way.winners),
                    "probability": exact(way.chance),
                }
                for way in self.ways
            ],
            "probability": {name: exact(self.chance(name)) for name in names},
            "says": [self.says(name) for name in names],
        }


def outlook(
    question: Question,
    ballots: Aggregate | Iterable[tuple[Ballot, str | int | Fraction]],
    given: Mapping[str, Any],
    limit: int = LIMIT,
) -> Outlook:
    """Count with every outcome of every lot and draw, breadth first, up to ``limit`` counts. given: rules, as for ``count``.

    Raises what ``count`` raises.
    """
    merged = (
        ballots if isinstance(ballots, Aggregate) else aggregate(ballots, [option.id for option in question.options])
    )
    by_lot = drawn_by_lot(rules(given["method"], **{key: value for key, value in given.items() if key != "method"}))
    waiting: list[tuple[tuple[Mapping[str, Any], ...], Fraction]] = [((), Fraction(1))]
    ways: list[Way] = []
    counts = 0
    while waiting and counts < limit:
        lots, chance = waiting.pop(0)
        made = count(question, merged, by_lot, lots)
        counts += 1
        if made.outcome == "awaiting lot":
            waiting += [((*lots, lot), chance / len(made.result.ties[-1].tied)) for lot in _outcomes(made)]
        else:
            ways.append(Way(lots, made.winners, chance))
    return Outlook(tuple(ways), counts, not waiting)


def drawn_by_lot(written: Mapping[str, Any]) -> dict[str, Any]:
    """These rules with a lot in place of a draw from the seed, so that its outcomes can be given.

    >>> drawn_by_lot({"ties": ["backwards", "seed", "declared"], "seed": "ab" * 32})
    {'ties': ['backwards', 'lot'], 'seed': ''}
    """
    made = dict(written)
    if made.get("seed") and "seed" in made["ties"]:
        made["ties"] = [*made["ties"][: made["ties"].index("seed")], "lot"]
        made["seed"] = ""
    return made


def _outcomes(made: Count) -> Sequence[Mapping[str, Any]]:
    tie = made.result.ties[-1]
    return [
        {"round": tie.round, "purpose": tie.purpose, "tied": list(tie.tied), "chosen": chosen} for chosen in tie.tied
    ]
