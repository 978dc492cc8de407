"""Ties: named policies tried in order, each with its evidence; lots are inputs, never drawn here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.sentences import mark, mark_many
from deliberate.core.tally.record import Question, Tie

Totals = Mapping[str, int | Fraction]


class AwaitLot(Exception):
    """The count needs a lot that was not given."""

    def __init__(self, tie: Tie) -> None:
        super().__init__(tie)
        self.tie = tie


class Ties:
    """Separates tied options by the policies of the rules, and keeps the record of each tie.

    totals of ended rounds are added by :meth:`remember`; names are option names.
    """

    def __init__(
        self, question: Question, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]], write: Any
    ) -> None:
        self.order = {option.name: n for n, option in enumerate(question.options)}
        self.ids = {option.name: option.id for option in question.options}
        self.policies: list[str] = rules["ties"]
        self.seed: str = rules.get("seed", "")
        self.waiting = list(lots)
        self.used: list[Mapping[str, Any]] = []
        self.found: list[Tie] = []
        self.history: list[Totals] = []
        self.labels: dict[int, str] = {}  # what a point of the history is; else the end of the round of its number
        self.write = write
        self.draws = 0

    def remember(self, totals: Totals, label: str = "") -> None:
        """Add the totals at the end of a round, or at the point that the label names."""
        self.history.append(dict(totals))
        if label:
            self.labels[len(self.history)] = label

    def pick(self, tied: Sequence[str], purpose: str, round_: int) -> tuple[str, int]:
        """The one that goes first (surplus, elect) or is excluded; and the index of the tie's record.

        Where no policy separates them, a lot does. Raises AwaitLot when it comes to a lot that was not given.
        """
        low = purpose == "exclude"
        left = sorted(tied, key=self.order.__getitem__)
        said: list[str] = []
        policies = iter([*self.policies, "lot"])
        while True:  # a lot separates them or stops the count
            policy = next(policies)
            left, evidence = self._apply(policy, left, low, purpose, round_, tied)
            if evidence:
                said.append(evidence)
            if len(left) == 1:
                self.found.append(
                    Tie(
                        round_,
                        purpose,
                        tuple(sorted(tied, key=self.order.__getitem__)),
                        policy,
                        " ".join(said),
                        left[0],
                    )
                )
                return left[0], len(self.found) - 1

    def _apply(
        self, policy: str, left: list[str], low: bool, purpose: str, round_: int, tied: Sequence[str]
    ) -> tuple[list[str], str]:
        if policy in ("backwards", "forwards", "previous"):
            return self.look(policy, left, low)
        if policy in ("declared", "declared-first"):
            chosen = left[-1] if low and policy == "declared" else left[0]
            return [chosen], f"By the declared order: {', '.join(left)}."
        if policy == "seed":
            return self._seeded(left, purpose, round_)
        return self._lot(left, purpose, round_)

    def look(self, policy: str, left: list[str], low: bool) -> tuple[list[str], str]:
        """Narrow by earlier rounds: keep the extreme ones, and look on only among them."""
        rounds = list(enumerate(self.history, 1))
        if policy != "forwards":
            rounds.reverse()
        if policy == "previous":
            rounds = rounds[1:2]
        said: list[str] = []
        for n, totals in rounds:
            values = {name: totals[name] for name in left}
            edge = (min if low else max)(values.values())
            kept = [name for name in left if values[name] == edge]
            if len(kept) < len(left):
                said.append(
                    f"{self.labels.get(n, f'Round {n}')}: "
                    + ", ".join(f"{name} {self.write(values[name])}" for name in left)
                    + "."
                )
                left = kept
            if len(left) == 1:
                break
        return left, " ".join(said)

    def _seeded(self, left: list[str], purpose: str, round_: int) -> tuple[list[str], str]:
        if not self.seed:
            return left, ""
        self.draws += 1
        keys = {
            name: hashlib.sha256(canonical.encode([self.seed, self.draws, round_, purpose, self.ids[name]])).hexdigest()
            for name in left
        }
        chosen = min(left, key=keys.__getitem__)
        return [chosen], f"Draw {self.draws} from the seed: " + ", ".join(
            f"{name} {keys[name][:12]}" for name in left
        ) + "."

    def _lot(self, left: list[str], purpose: str, round_: int) -> tuple[list[str], str]:
        if not self.waiting:
            tie = Tie(round_, purpose, tuple(left), "lot", "The lot has to be drawn.", None)
            self.found.append(tie)
            raise AwaitLot(tie)
        chosen = taken(self.waiting, round_, purpose, left)
        self.used.append(dict(self.waiting.pop(0)))
        return [chosen], f"By lot: {chosen}."

    def finish(self) -> None:
        """Raise DeliberateError if a lot was given that no tie asked for."""
        left_over(self.waiting)


def taken(lots: Sequence[Mapping[str, Any]], round_: int, purpose: str, tied: Sequence[str]) -> str:
    """Who was chosen by the first of the lots. Raises DeliberateError ``tally.lot`` if it is not of this tie."""
    lot = lots[0]
    if (
        lot.get("round") != round_
        or lot.get("purpose") != purpose
        or set(lot.get("tied", ())) != set(tied)
        or lot.get("chosen") not in tied
    ):
        raise DeliberateError(
            "A lot was given for a tie that does not occur.",
            mark("The count comes to a tie of %(tied)s in round %(round)s.", tied=", ".join(tied), round=round_),
            "Enter the lots in the order of the ties, with their names.",
            "tally.lot",
        )
    return str(lot["chosen"])


def left_over(lots: Sequence[Mapping[str, Any]]) -> None:
    """Raise DeliberateError ``tally.lot`` if a lot is left that no tie asked for."""
    if lots:
        raise DeliberateError(
            "A lot was given for a tie that does not occur.",
            mark_many("One lot is left over.", "%(num)s lots are left over.", len(lots)),
            "Take them away.",
            "tally.lot",
        )
