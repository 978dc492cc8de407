"""Ties, settled as the rules of the poll name it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from deliberate.verifier.canon import Fail, dump


class LotNeeded(Exception):
    """The count cannot go on without a lot."""


class Breaker:
    """Separates tied options. names: in declared order; ids: option ids by name."""

    def __init__(
        self, names: Sequence[str], ids: dict[str, str], rules: dict[str, Any], lots: Sequence[dict[str, Any]]
    ) -> None:
        self.names, self.ids, self.rules, self.lots = list(names), ids, rules, list(lots)
        self.past: list[dict[str, Fraction]] = []
        self.made: list[tuple[int, str, frozenset[str], str | None]] = []
        self.draws = 0

    def choose(self, tied: Sequence[str], purpose: str, number: int) -> str:
        """Who goes first, or is excluded."""
        left = [name for name in self.names if name in tied]
        for policy in self.rules["ties"]:
            if policy in ("backwards", "forwards", "previous"):
                left = self._history(policy, left, purpose == "exclude")
            elif policy == "declared":
                left = [left[-1] if purpose == "exclude" else left[0]]
            elif policy == "seed" and self.rules.get("seed"):
                self.draws += 1
                left = [
                    min(
                        left,
                        key=lambda name: hashlib.sha256(
                            dump([self.rules["seed"], self.draws, number, purpose, self.ids[name]])
                        ).digest(),
                    )
                ]
            elif policy == "lot":
                left = [self._lot(left, purpose, number, tied)]
            if len(left) == 1:
                self.made.append((number, purpose, frozenset(tied), left[0]))
                return left[0]
        self.made.append((number, purpose, frozenset(left), None))
        raise LotNeeded

    def _history(self, policy: str, left: list[str], lowest: bool) -> list[str]:
        rounds = self.past if policy == "forwards" else self.past[::-1]
        if policy == "previous":
            rounds = rounds[1:2]
        for totals in rounds:
            edge = min(totals[n] for n in left) if lowest else max(totals[n] for n in left)
            left = [n for n in left if totals[n] == edge]
            if len(left) == 1:
                break
        return left

    def _lot(self, left: list[str], purpose: str, number: int, tied: Sequence[str]) -> str:
        if not self.lots:
            self.made.append((number, purpose, frozenset(left), None))
            raise LotNeeded
        lot = self.lots.pop(0)
        if (
            lot.get("round") != number
            or lot.get("purpose") != purpose
            or set(lot.get("tied", [])) != set(left)
            or lot.get("chosen") not in left
        ):
            raise Fail("A lot was entered for a tie that does not occur.", "lots", sorted(left), lot)
        return str(lot["chosen"])
