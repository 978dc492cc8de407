"""Gregory transfers: papers that move at values. :class:`Gregory` is what scottish-stv, wigm and ers97 have in common,
:class:`Inclusive` what the weighted inclusive ones do, where a surplus moves all papers of its option.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deliberate.core.tally.profile import Piles, Profile
from deliberate.core.tally.record import Question, Transfer
from deliberate.core.tally.seats import Moved, Seats, Value
from deliberate.core.tally.ties import AwaitLot


class Gregory(Seats):
    """A count in which papers move at values: a surplus at less than they had, those of an excluded option as they are.

    one: the value of a paper. pending: whose surplus waits.
    """

    loss = "lost to truncation"  # what the residual is

    def __init__(
        self,
        question: Question,
        profile: Profile,
        one: Value,
        rules: Mapping[str, Any],
        lots: Sequence[Mapping[str, Any]],
        write: Callable[[Value], str],
    ) -> None:
        super().__init__(question, profile.total, one, rules, lots, write)
        self.piles = Piles(profile, one)
        for n, name in enumerate(self.names[1:], 1):
            self.votes[name] = sum(int(profile.papers[rows].sum()) for rows in self.piles.held[n]) * one
        self.pending: list[str] = []

    def seat(self, name: str) -> None:
        super().seat(name)
        self.piles.live[self.place(name)] = False

    def leave(self, names: Sequence[str]) -> None:
        super().leave(names)
        for name in names:
            self.piles.live[self.place(name)] = False

    def largest(self, among: list[str]) -> tuple[str, int | None]:
        """Whose surplus moves: the one with most votes; and the tie if there is one."""
        most = max(self.votes[name] for name in among)
        best = [name for name in among if self.votes[name] == most]
        return (best[0], None) if len(best) == 1 else self.ties.pick(best, "surplus", len(self.rounds) + 1)

    def lose(self, name: str, surplus: Value, moved: Moved) -> None:
        """The option keeps the quota; what of its surplus did not move is residual."""
        self.votes[name] = self.quota
        lost = surplus - sum(total for _, total in moved)
        self.residual += lost
        if lost:
            moved.append((Transfer(name, None, "residual", 0, "", "", self.write(lost)), lost))

    def given(self, name: str, target: int, papers: int, before: Value, after: Value) -> tuple[Transfer, Value]:
        """Credit papers to an option by its number, or to the exhausted (0)."""
        total = after * papers
        if target:
            self.votes[self.names[target]] += total
        else:
            self.exhausted += total
        kind = "option" if target else "exhausted"
        to = self.names[target] or None
        return Transfer(name, to, kind, papers, self.write(before), self.write(after), self.write(total)), total

    def set_aside(self, names: list[str]) -> Moved:
        """Papers of excluded options that do not move, because the count ends with their exclusion: they count for nobody."""
        made: Moved = []
        for name in names:
            classes = self.piles.papers_by_class(self.piles.take(self.place(name)))
            for kind, papers in sorted(classes.items(), key=lambda item: (-self.piles.values[item[0]], item[0])):
                made.append(self.given(name, 0, papers, self.piles.values[kind], self.piles.values[kind]))
            self.votes[name] = 0
        return made

    def told(self, moved: Moved) -> str:
        """Where the votes went, in a sentence."""
        sums: dict[str, Value] = {}
        for transfer, total in moved:
            where = transfer.target or (self.loss if transfer.kind == "residual" else "exhausted")
            sums[where] = sums.get(where, 0) + total
        if not sums:
            return "No votes move."
        parts = [f"{self.write(v)} {'' if w in ('exhausted', self.loss) else 'to '}{w}" for w, v in sums.items()]
        return "; ".join(parts) + "."


class Inclusive(Gregory):
    """Weighted inclusive Gregory: a surplus moves all papers of its option, those of each value at one new value."""

    reached = "reaches the quota"
    zero = False  # whether a surplus of nothing is moved too
    test_first = False  # whether the count may end before the papers of an excluded option move

    @abstractmethod
    def worth(self, value: Value, surplus: Value, held: Value) -> Value:
        """The value at which a paper of this value leaves with a surplus out of what its option holds."""

    def has_quota(self, name: str) -> bool:
        return self.votes[name] >= self.quota

    def elect(self) -> tuple[tuple[str, ...], str]:
        """Whoever has the quota, most votes first; then, if as many are left as there are seats, all of them."""
        reached = self.in_order([name for name in self.live() if self.has_quota(name)])
        said = "".join(
            f" {name} has {self.write(self.votes[name])}, {self.reached} and is elected." for name in reached
        )
        for name in reached:
            self.seat(name)
            if self.zero or self.votes[name] > self.quota:
                self.pending.append(name)
        rest, more = self.rest()
        return (*reached, *rest), said + more

    def record(
        self, code: str, says: str, excluded: Sequence[str] = (), moved: Moved | None = None, tie: int | None = None
    ) -> None:
        """The round as it ends: who is elected by it, and its sentence. Raises AwaitLot, once the round is written."""
        waits = None
        try:
            elected, said = self.elect()
        except AwaitLot as wait:
            elected, said, waits = (), " Not all who reach the quota can be elected: a lot must decide.", wait
            tie = len(self.ties.found) - 1
        self.enter(code, says + said, elected, excluded, moved, tie)
        if waits:
            raise waits

    def transfer(self, name: str, tie: int | None) -> None:
        """A round that moves the surplus of an elected option."""
        self.pending.remove(name)
        held = self.votes[name]
        surplus = held - self.quota
        rows = self.piles.take(self.place(name))
        fresh = {old: self.worth(self.piles.values[old], surplus, held) for old in self.piles.papers_by_class(rows)}
        moved = self.move(name, rows, fresh)
        self.lose(name, surplus, moved)
        self.record("surplus", f"{name} has a surplus of {self.write(surplus)}. {self.told(moved)}", (), moved, tie)

    def exclude(self, names: list[str], why: str, tie: int | None = None) -> None:
        """A round that excludes options; their papers move at the values they have."""
        self.leave(names)
        if self.test_first and len(self.live()) <= self.room():
            moved = self.set_aside(names)
            told = f"The count is complete: {self.write(sum(total for _, total in moved))} does not move."
        else:
            moved = [one for name in names for one in self.move(name, self.piles.take(self.place(name)), {})]
            for name in names:
                self.votes[name] = 0
            told = self.told(moved)
        self.record("exclude", f"{', '.join(names)} {why} {told}", names, moved, tie)

    def move(self, name: str, rows: Any, fresh: Mapping[int, Value]) -> Moved:
        """Pass papers on; ``fresh`` gives the new value of a class, else it keeps its value."""
        before = self.revalue(rows, fresh)
        made: Moved = []
        for target, classes in sorted(self.piles.pass_on(rows).items(), key=lambda item: (item[0] == 0, item[0])):
            for kind, papers in sorted(classes.items(), key=lambda item: (-self.piles.values[item[0]], item[0])):
                made.append(self.given(name, target, papers, before[kind], self.piles.values[kind]))
        return made

    def revalue(self, rows: Any, fresh: Mapping[int, Value]) -> dict[int, Value]:
        """Give the rows of each class its new value, as a new class; the values that the classes had before."""
        before = dict(enumerate(self.piles.values))
        for old, value in fresh.items():
            self.piles.values.append(value)
            moving = rows[self.piles.kind[rows] == old]
            self.piles.kind[moving] = len(self.piles.values) - 1
            before[len(self.piles.values) - 1] = before[old]
        return before
