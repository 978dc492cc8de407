"""Ties: the policies of the rules, tried in order; each tie is written down with who was tied and what settled it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any

from .canonical import encode


class AwaitingLot(Exception):
    """The count stops here until a lot is drawn."""


class WrongLot(Exception):
    """A recorded lot does not fit the tie that occurs."""


@dataclass
class Ties:
    """The tie rules of one count. ``history``: votes of every option in each round
    before the one whose votes are tied."""

    policies: Sequence[str]
    ids: Sequence[str]
    names: Sequence[str]
    seed: str = ""
    lots: Sequence[dict[str, Any]] = ()
    history: list[list[Fraction]] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    used: list[dict[str, Any]] = field(default_factory=list)
    draws: int = 0
    now: list[list[Fraction]] = field(default_factory=list)
    """The votes of this round, where they may differ among the tied."""

    def choose(self, n: int, purpose: str, tied: Sequence[int]) -> int:
        """The one of the tied whom round ``n`` elects, transfers or excludes. Raises AwaitingLot or WrongLot."""
        left = sorted(tied)
        policies = iter([*self.policies, "lot"])
        while True:  # a lot settles every tie, or stops the count
            policy = next(policies)
            left = self._narrow(policy, n, purpose, left)
            if len(left) == 1:
                self.write(n, purpose, tied, policy, left[0])
                return left[0]

    def write(self, n: int, purpose: str, tied: Sequence[int], policy: str, chosen: int | None) -> None:
        """Write a tie down."""
        self.made.append({"round": n, "purpose": purpose, "tied": [self.names[i] for i in sorted(tied)],
                          "policy": policy, "chosen": None if chosen is None else self.names[chosen]})

    def _narrow(self, policy: str, n: int, purpose: str, left: list[int]) -> list[int]:
        earlier = self.history
        if policy in ("backwards", "forwards", "previous"):
            rounds = {"backwards": self.now + earlier[::-1], "forwards": earlier + self.now, "previous": earlier[-1:]}[policy]
            for votes in rounds:
                best = (min if purpose == "exclude" else max)(votes[i] for i in left)
                left = [i for i in left if votes[i] == best]
            return left
        if policy == "declared-first":
            return [min(left)]
        if policy == "declared":
            return [max(left) if purpose == "exclude" else min(left)]
        if policy == "seed" and self.seed:
            self.draws += 1
            return [min(left, key=lambda i: sha256(encode([self.seed, self.draws, n, purpose, self.ids[i]])).digest())]
        if policy == "lot":
            return [self._lot(n, purpose, left)]
        return left

    def _lot(self, n: int, purpose: str, left: list[int]) -> int:
        if len(self.used) == len(self.lots):
            self.write(n, purpose, left, "lot", None)
            raise AwaitingLot
        lot = self.lots[len(self.used)]
        names = [self.names[i] for i in left]
        asked = (n, purpose, sorted(names))
        if (lot["round"], lot["purpose"], sorted(lot["tied"])) != asked or lot["chosen"] not in names:
            raise WrongLot(f"the lot of round {lot['round']} does not fit the tie of {', '.join(names)} in round {n}")
        self.used.append(dict(lot))
        return self.names.index(lot["chosen"])
