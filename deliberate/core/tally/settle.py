"""Ties by the steps of a method's own rules, before the policies of the poll: each narrows, and says what it looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from deliberate.core.ledger.canonical import exact
from deliberate.core.tally.record import Tie
from deliberate.core.tally.ties import AwaitLot, Ties


@dataclass(frozen=True)
class Step:
    """look: from the tied options to a number for each; those with the highest stay, or with the lowest."""

    look: Callable[[Sequence[str]], Mapping[str, int | Fraction]]
    lowest: bool = False

    @classmethod
    def of(cls, values: Mapping[str, int | Fraction], lowest: bool = False) -> Step:
        """A step that looks at numbers known beforehand."""
        return cls(lambda left: {name: values[name] for name in left}, lowest)


def narrow(tied: Sequence[str], steps: Mapping[str, Step]) -> tuple[list[str], str, list[str]]:
    """Whom the steps leave, the step that decided or "", and what each step that narrowed looked at."""
    left = list(tied)
    said: list[str] = []
    for name, step in steps.items():
        values = step.look(left)
        edge = (min if step.lowest else max)(values.values())
        kept = [option for option in left if values[option] == edge]
        if len(kept) < len(left):
            said.append(f"By {name}: " + ", ".join(f"{option} {exact(values[option])}" for option in left) + ".")
        left = kept
        if len(left) == 1:
            return left, name, said
    return left, "", said


def settle(ties: Ties, tied: Sequence[str], purpose: str, round_: int, steps: Mapping[str, Step]) -> tuple[str, int]:
    """Who goes first, and the index of the tie's record. steps: by the name that stands as the policy of the tie.

    Each step narrows among those whom the one before left. Where they leave several, the policies of the poll decide among
    these. Raises AwaitLot when it comes to a lot that was not given.
    """
    whole = sorted(tied, key=ties.order.__getitem__)
    left, by, said = narrow(whole, steps)
    if by:
        ties.found.append(Tie(round_, purpose, tuple(whole), by, " ".join(said), left[0]))
        return left[0], len(ties.found) - 1
    try:
        winner, at = ties.pick(left, purpose, round_)
    except AwaitLot:
        _prefix(ties, said)
        raise
    _prefix(ties, said)
    return winner, at


def same(ties: Ties, tied: Sequence[str], round_: int) -> int:
    """Record a tie that changes nothing but the order, which is the declared one; the index of the record."""
    whole = tuple(sorted(tied, key=ties.order.__getitem__))
    ties.found.append(
        Tie(round_, "order", whole, "same", "Whoever is first, the same are elected in the end.", whole[0])
    )
    return len(ties.found) - 1


def _prefix(ties: Ties, said: Sequence[str]) -> None:
    """What the steps looked at, before the evidence of the policy."""
    ties.found[-1] = replace(ties.found[-1], evidence=" ".join([*said, ties.found[-1].evidence]))
