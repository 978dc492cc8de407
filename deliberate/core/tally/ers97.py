"""ERS97: R. A. Newland and F. S. Britton, How to conduct an election by the Single Transferable Vote, 3rd edition, Electoral
Reform Society 1997, sections 5 and 6.

All values are whole numbers of 1/100 vote. A surplus moves the transferable papers of the last parcel alone; papers of excluded
options move parcel by parcel, highest value first, and options are elected between parcels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deliberate.core.ballot import Aggregate
from deliberate.core.sentences import mark
from deliberate.core.tally import quota, reading
from deliberate.core.tally.constraints import CONSTRAINTS
from deliberate.core.tally.profile import Profile
from deliberate.core.tally.record import Question, Result, Tie, number
from deliberate.core.tally.registry import method, tie_options
from deliberate.core.tally.seats import Moved, Value, places
from deliberate.core.tally.transfer import Gregory

ONE = 100
write = places(ONE)


@method(
    "ers97",
    title="STV by the rules of the Electoral Reform Society (1997)",
    ballot="ranking",
    winners="seats",
    whole_weights=True,
    source="R. A. Newland and F. S. Britton, How to conduct an election by the Single Transferable Vote, 3rd edition, Electoral Reform Society 1997, sections 5 and 6",
    about=mark(
        "Members rank options. Whoever reaches the quota is elected, and what they have above it moves on from the ballots that came last; "
        "when nobody does, the last are excluded and their votes move on. It can be counted by hand with paper and pencil."
    ),
    family="proportional",
    good_for="A committee in which each group has seats by its size, where the rules of the body name ERS97 or ballots are counted by hand.",
    options={**tie_options("forwards", "lot"), **CONSTRAINTS},
    departures=(
        "No official test data were available; the counts that the tests hold were worked by hand from the rules.",
        "A tie that the points of the count cannot settle is settled by the policy that the poll names; the rules have the returning officer draw a lot.",
        "Options that continue when the last seat is filled are not entered as excluded (5.5.2).",
        "A weight of n counts as n equal papers; the rules know no weights.",
    ),
)
def ers97(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by stages: a surplus, unless it is deferred; else the exclusion of as many as may leave together."""
    read = reading.read(ballots, reading.until_fault, spoil_without_first=True)
    count = Parcels(question, read.profile, rules, lots)
    return count.result(count.run(), read)


class Parcels(Gregory):
    """The count as it stands. The parcels of an option are the parts of ``piles.held``, in the order in which they came."""

    loss = "not transferable"

    def __init__(
        self, question: Question, profile: Profile, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(question, profile, ONE, rules, lots, write)
        self.quota = quota.raised(self.valid, self.seats)
        self.parcels: list[dict[str, Any]] = []  # of this stage
        self.origin = np.zeros(len(profile.rows), dtype=np.intp)  # who of several excluded options held a row

    def facts(self) -> dict[str, Any]:
        made, self.parcels = self.parcels, []
        return {"parcels": made} if made else {}

    def begin(self) -> None:
        """5.1: first preferences and the quota."""
        elected, said = self.deem()
        self.enter(
            "first",
            f"{number(self.papers, 'valid ballot')}; quota {self.papers} / {self.seats + 1} to two places, raised unless exact: "
            f"{self.needed()}. Every ballot stands with its first preference.{said}",
            elected,
        )

    def active(self) -> Value:
        """5.6.1: valid votes less the quotas, or votes if they are fewer, of those elected, and less what is not transferable."""
        return self.valid - sum(min(self.quota, self.votes[n]) for n in self.winners) - self.exhausted - self.residual

    def deem(self) -> tuple[list[str], str]:
        """5.1.7, 5.3.13, 5.4.9: whoever has the quota, or the active votes / (places left + 1), most votes first."""
        elected: list[str] = []
        said = ""
        while self.room():
            able = [name for name in self.live() if self._possible([name])] if self.bounds else self.live()
            top = max(self.votes[name] for name in able)
            active, parts = self.active(), self.room() + 1
            if top < self.quota and top * parts < active:
                break
            name, why = self._ahead([name for name in able if self.votes[name] == top])
            said += why
            if not name:
                break
            reason = (
                "reaches the quota" if top >= self.quota else f"at least the active votes {write(active)} / {parts},"
            )
            said += f" {name} has {write(top)}, {reason} and is elected."
            self.seat(name)
            elected.append(name)
            if top > self.quota:
                self.pending.append(name)
        return elected, said

    def _ahead(self, level: list[str]) -> tuple[str, str]:
        """5.6.2: of equals the first to be elected; where they are too many, ahead at the earliest point, or nobody."""
        if self._fit(level):
            return level[0], ""
        kept, evidence = self.ties.look("forwards", level, low=False)
        chosen = kept[0] if self._fit(kept) else None
        if not chosen:
            evidence = f"{evidence} {' and '.join(kept)} have the same votes at every point: none of them is elected now.".strip()
        self.ties.found.append(Tie(len(self.rounds) + 1, "elect", tuple(level), "forwards", evidence, chosen))
        return chosen or "", f" {' and '.join(level)} have {write(self.votes[level[0]])} each. {evidence}"

    def _fit(self, names: list[str]) -> bool:
        return len(names) <= self.room() and self._possible(names)

    def step(self) -> None:
        """5.2: a surplus moves unless it is deferred; where none moves, as many as possible leave together."""
        surplus = sum(self.votes[name] - self.quota for name in self.pending)
        free, kept = self.free()
        size, above = self._together(free, surplus)
        if surplus and not size:
            most = max(self.votes[name] for name in self.pending)
            self.surplus([name for name in self.pending if self.votes[name] == most])
            return
        names, tie = self._lowest(free, size)
        held = self.write(sum(self.votes[name] for name in names))
        why = f"is excluded: fewest with {held}" if len(names) == 1 else f"are excluded together: {held}"
        if surplus:
            why += f", and with the surpluses {write(surplus)}, which are deferred, not more than the next, {above}"
        elif len(names) > 1:
            why += f", not more than the next, {above}"
        else:
            why += f" (next {above})" if tie is None else ", by the tie rule"
        self.exclude(names, why + "." + kept, tie)

    def _together(self, free: list[str], surplus: Value) -> tuple[int, str]:
        """5.2.2 and 5.2.5: how many of the lowest may leave together, with every surplus deferred; and the votes of the next."""
        for size in range(min(len(self.live()) - self.room(), len(free) - 1), 0, -1):
            above = self.votes[free[size]]
            if sum(self.votes[name] for name in free[:size]) + surplus <= above and (
                size == 1 or self.bounds.possible(self.winners, [n for n in self.live() if n not in free[:size]])
            ):
                return size, write(above)
        return 0, ""

    def _lowest(self, free: list[str], size: int) -> tuple[list[str], int | None]:
        """The lowest by number; equals of whom only some leave are told apart by the tie policy."""
        edge = self.votes[free[size - 1]]
        names = [name for name in free if self.votes[name] < edge]
        equals = [name for name in free if self.votes[name] == edge]
        if len(names) + len(equals) == size:
            return [*names, *equals], None
        tie = None
        while len(names) < size:
            name, tie = self.ties.pick(equals, "exclude", len(self.rounds) + 1) if len(equals) > 1 else (equals[0], tie)
            equals.remove(name)
            names.append(name)
        return names, tie

    def surplus(self, largest: list[str]) -> None:
        """5.3: the transferable papers of the last parcel move; at less than they had if they are worth more than the surplus."""
        name, tie = self.largest(largest)
        self.pending.remove(name)
        surplus = self.votes[name] - self.quota
        rows = self.piles.held[self.place(name)].pop()
        before = self.piles.values[self.piles.kind[rows[0]]]
        parts = self.piles.pass_on(rows)
        papers = {target: sum(classes.values()) for target, classes in parts.items()}
        papers.pop(0, 0)  # papers that cannot move stay, as part of the quota
        moving = sum(papers.values())
        cut = before * moving > surplus
        after = surplus // moving if cut else before
        moved = [self.given(name, target, papers[target], before, after) for target in sorted(papers)]
        self._value(sorted(papers), after)
        self.lose(name, surplus, moved)
        elected, said = self.deem()
        how = f"{write(surplus)} / {moving} = {write(after)} each" if cut else f"{write(after)} each, as before"
        says = (
            f"{name} has a surplus of {write(surplus)}. Of the last parcel {number(moving, 'paper')} can move: {how}."
        )
        self.enter("surplus", f"{says} {self.told(moved)}{said}", elected, (), moved, tie)

    def _value(self, targets: list[int], value: Value) -> None:
        """The parcel that each option has just received is worth so much a paper."""
        self.piles.values.append(value)
        for target in targets:
            self.piles.kind[self.piles.held[target][-1]] = len(self.piles.values) - 1

    def exclude(self, names: list[str], why: str, tie: int | None = None) -> None:
        """5.4: parcels in descending value, options elected between them; 5.5.1: or all others are elected at once."""
        self.leave(names)
        says = f"{', '.join(names)} {why}"
        if len(self.live()) == self.room():
            moved = self.set_aside(names)
            rest, said = self.rest()
            held = write(sum(total for _, total in moved))
            self.enter("exclude", f"{says} No papers move: {held} stays out.{said}", rest, names, moved, tie)
            return
        waiting = self._gather(names)
        elected: list[str] = []
        moved = []
        for n, (value, rows) in enumerate(waiting, 1):
            if not self.room():
                left = self._parcel(names, value, {0: rows})
                says += (
                    f" The seats are full: {write(sum(total for _, total in left))} at {write(value)} does not move."
                )
                moved += left
                continue
            self.piles.pass_on(rows)
            batch = self._parcel(names, value, self._received(rows))
            moved += batch
            quota_says = self._requota()
            more, told = self.deem()
            says += f" At {write(value)}: {self.told(batch)}{quota_says}{told}"
            elected += more
            self._note(value, rows, more)
            if n < len(waiting):
                self.ties.remember(self.votes, f"Round {len(self.rounds) + 1}, after the papers of {write(value)}")
        self.enter("exclude", says if waiting else f"{says} No votes move.", elected, names, moved, tie)

    def _gather(self, names: list[str]) -> list[tuple[Value, Any]]:
        """5.4.1: all rows of the excluded options by the value of a paper, highest first."""
        parts = [self.piles.take(self.place(name)) for name in names]
        for name, part in zip(names, parts, strict=True):
            self.origin[part] = self.place(name)
        rows = np.concatenate(parts)
        kinds = self.piles.kind[rows]
        by: dict[Value, list[int]] = {}
        for kind in np.unique(kinds).tolist():
            by.setdefault(self.piles.values[kind], []).append(kind)
        return [(value, rows[np.isin(kinds, by[value])]) for value in sorted(by, reverse=True)]

    def _received(self, rows: Any) -> dict[int, Any]:
        """Rows that have just been passed on, by the number of the option that has them now; those without one last."""
        now = self.piles.profile.rows[rows, self.piles.at[rows]]
        return {target: rows[now == target] for target in sorted(np.unique(now).tolist(), key=lambda n: (n == 0, n))}

    def _parcel(self, names: list[str], value: Value, parts: Mapping[int, Any]) -> Moved:
        """Credit a parcel: what each excluded option gives to each target."""
        made: Moved = []
        for target, rows in parts.items():
            for name in names:
                papers = int(self.piles.profile.papers[rows[self.origin[rows] == self.place(name)]].sum())
                if papers:
                    made.append(self.given(name, target, papers, value, value))
                    self.votes[name] -= made[-1][1]
        return made

    def _requota(self) -> str:
        """5.4.8: before anybody is elected, papers that cannot move leave the quota."""
        fresh = quota.raised(self.valid - self.exhausted - self.residual, self.seats)
        if self.winners or fresh == self.quota:
            return ""
        self.quota = fresh
        return f" Nobody is elected yet, so papers that cannot move leave the quota: {self.needed()}."

    def _note(self, value: Value, rows: Any, elected: list[str]) -> None:
        """A point between parcels, for the record."""
        self.parcels.append(
            {
                "value": write(value),
                "papers": int(self.piles.profile.papers[rows].sum()),
                "votes": {name: write(votes) for name, votes in self.votes.items()},
                "exhausted": write(self.exhausted),
                "quota": self.needed(),
                "elected": list(elected),
            }
        )
