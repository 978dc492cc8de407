"""Where one ballot's vote went: its path through the rounds of a Count, and the proof that all paths add up to the rounds.

A path is worked out from the record alone, not by counting again: a ballot leaves an option with the transfers of a round, at
the value that they name, for the first option on it that receives any. So the sums are a second check of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate, Row, without
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import meek, reading, smith_irv
from deliberate.core.tally.meek import ONE
from deliberate.core.tally.prefixes import Prefixes
from deliberate.core.tally.record import Count, Round, Transfer

Names = tuple[str, ...]
"""The options of a rank."""
READERS: dict[str, Callable[[Mapping[str, Any]], reading.Reader]] = {
    "irv": reading.by_options,
    "smith-irv": reading.by_options,
    "benham": reading.by_options,
    "scottish-stv": lambda _rules: reading.until_fault,
    "ers97": lambda _rules: reading.until_fault,
    "wigm": lambda _rules: reading.closing_ranks("end"),
    "wigm-prf": lambda _rules: reading.closing_ranks("refuse"),
    "wigm-prf-batch": lambda _rules: reading.closing_ranks("refuse"),
    "meek": lambda _rules: reading.closing_ranks("keep"),
    "meek-prf": lambda _rules: reading.closing_ranks("refuse"),
}
"""Methods whose ballots move from round to round, and how each reads a ballot."""
RUN_OFFS = ("irv", "smith-irv", "benham")
"""A round shows the votes before its own transfers; elsewhere a round shows them after."""


@dataclass(frozen=True)
class Step:
    """One round of one ballot: by option, the part of a vote that the ballot counts there; what is left counts for nobody."""

    round: int
    shares: Mapping[str, Fraction]

    @property
    def lost(self) -> Fraction:
        """The part that counts for nobody."""
        return 1 - sum(self.shares.values(), Fraction(0))


@dataclass(frozen=True)
class Path:
    """Equal ballots: the ballot, its papers and the weight of each, and its steps; none for a ballot that is not valid."""

    row: Row
    steps: tuple[Step, ...]

    def says(self) -> str:
        """The path in a sentence.

        >>> from deliberate.core.ballot import ranking
        >>> row = Row(ranking("a"), 1, Fraction(1))
        >>> Path(row, (Step(1, {"Park": Fraction(1)}), Step(2, {"Library": Fraction(1)}), Step(3, {}))).says()
        'Park, from round 2 Library, from round 3 exhausted'
        """
        if not self.steps:
            return "not valid: it counts in no round"
        said: list[str] = []
        before: Mapping[str, Fraction] | None = None
        for step in self.steps:
            if step.shares != before:
                said.append(f"{f'from round {step.round} ' if said else ''}{_shares(step)}")
            before = step.shares
        return ", ".join(said)


def _shares(step: Step) -> str:
    parts = [name if share == 1 else f"{name} at {_part(share)}" for name, share in step.shares.items() if share]
    if step.lost:
        parts.append("exhausted" if step.lost == 1 else f"{_part(step.lost)} exhausted")
    return " and ".join(parts)


def _part(share: Fraction) -> str:
    """A part of a vote: a decimal where it is one of nine places or fewer, else a fraction."""
    return f"{Decimal(share.numerator) / share.denominator:f}" if ONE % share.denominator == 0 else exact(share)


def trace(count: Count, ballots: Aggregate) -> tuple[Path, ...]:
    """The path of every ballot, in the order of the record; equal ballots share one.

    Raises DeliberateError ``tally.trace`` for a method without rounds through which ballots move, and for ballots that are not
    those of the Count.
    """
    if count.ruleset not in READERS:
        raise DeliberateError(
            mark("%(method)s counts every ballot in one step.", method=count.ruleset),
            "There is no path to follow.",
            mark("Trace a count by one of: %(methods)s.", methods=", ".join(READERS)),
            "tally.trace",
        )
    if ballots.digest != count.digest:
        raise DeliberateError(
            "These are not the ballots that were counted.",
            "Their digests differ.",
            "Give the same ballots.",
            "tally.trace",
        )
    gone = count.question.withdrawn
    standing = without(ballots, gone) if gone else ballots
    walk = _Walk(count, standing)
    return tuple(Path(row, walk.steps(row)) for row in standing.rows)


def adds_up(count: Count, paths: tuple[Path, ...]) -> bool:
    """Whether the paths of all ballots give, in every round, the votes that the Count names for every option.

    What an elected option keeps beyond its quota is the residual of its surplus.
    """
    kept = dict.fromkeys((option.name for option in count.question.options), Fraction(0))
    held: dict[tuple[int, str], Fraction] = {}
    for path in paths:
        for step in path.steps:
            for name, share in step.shares.items():
                at = (step.round, name)
                held[at] = held.get(at, Fraction(0)) + share * path.row.weight * path.row.count
    for one in count.rounds:
        for moved in one.transfers:
            if moved.kind == "residual":
                kept[moved.source] += Fraction(moved.total)
        for name, votes in one.votes.items():
            if held.get((one.n, name), Fraction(0)) != Fraction(votes) + kept[name]:
                return False
    return True


class _Walk:
    """What all paths of a Count share: who left or was elected when, and how a ballot is read."""

    def __init__(self, count: Count, ballots: Aggregate) -> None:
        self.count = count
        self.names = {
            option: name
            for option, name in {o.id: o.name for o in count.question.options}.items()
            if option in ballots.options
        }
        self.every = frozenset(self.names.values())
        read = READERS[count.ruleset](count.rules)
        self.read = self._within(read) if count.ruleset == "smith-irv" else read
        profile = reading.read(ballots, self.read, spoil_without_first=count.ruleset not in RUN_OFFS).profile
        self.unit = profile.unit
        self.left: list[frozenset[str]] = [frozenset()]  # who was excluded by the end of each round
        self.elected: list[frozenset[str]] = [frozenset()]  # who was elected by the end of each round
        for one in count.rounds:
            self.left.append(self.left[-1].union(one.excluded))
            self.elected.append(self.elected[-1].union(one.elected))

    def _within(self, read: reading.Reader) -> reading.Reader:
        """A reading that passes over the options outside the Smith set, which leave before the run-off."""
        smith = self.count.result.facts["smith"]
        outside = [key for key, name in self.names.items() if name not in smith]
        return smith_irv.within(read, outside) if len(smith) > 1 else read

    def steps(self, row: Row) -> tuple[Step, ...]:
        """The path of one ballot."""
        ranks = [(step,) if isinstance(step, str) else step for step in self.read(row)[0]]
        names = [tuple(self.names[option] for option in rank) for rank in ranks]
        if not any(row.ranks) or not (names or self.count.ruleset in RUN_OFFS):
            return ()
        if self.count.ruleset.startswith("meek"):
            return tuple(self._kept(one, row) for one in self.count.rounds)
        return tuple(self._run_off(names) if self.count.ruleset in RUN_OFFS else self._gregory(names))

    def _run_off(self, names: Sequence[Names]) -> Iterator[Step]:
        """Every round shows where the ballot stands before the options that leave have left."""
        place, holder = _next(names, 0, self.every)
        for one in self.count.rounds:
            yield Step(one.n, {holder: Fraction(1)} if holder else {})
            if holder in one.excluded:
                place, holder = _next(names, place + 1, self.every - self.left[one.n])

    def _gregory(self, names: Sequence[Names]) -> Iterator[Step]:
        """Every round shows where the ballot stands after its transfers. A surplus leaves a part of the vote with its option."""
        place, holder = _next(names, 0, self.every)
        value, since = Fraction(1), 1
        shares = {holder: value} if holder else {}
        for one in self.count.rounds:
            moved = self._moved(one, holder, value, since)
            to, target = _next(names, place + 1, moved)
            if holder and target in moved:
                value = Fraction(moved[target].after) * self.unit
                shares[holder] -= value
                place, holder, since = to, target, one.n
                if target:
                    shares[target] = value
            yield Step(one.n, {name: share for name, share in shares.items() if share or name == holder})

    def _moved(self, one: Round, holder: str | None, value: Fraction, since: int) -> dict[str | None, Transfer]:
        """The transfers of a round that take this paper, by target."""
        if self.count.ruleset == "ers97" and holder not in one.excluded and since < self._last(holder, one.n):
            return {}  # a surplus takes the last parcel alone
        return {
            moved.target: moved
            for moved in one.transfers
            if moved.source == holder and moved.kind != "residual" and Fraction(moved.before) * self.unit == value
        }

    def _last(self, name: str | None, n: int) -> int:
        """The last round before round n in which an option received papers."""
        into = [one.n for one in self.count.rounds[: n - 1] for moved in one.transfers if moved.target == name]
        return max(into, default=1)

    def _kept(self, one: Round, row: Row) -> Step:
        """What each option keeps of the ballot by the keep factors of the round."""
        rules = self.count.rules
        arithmetic = meek.arithmetic(rules, 1, self.count.question.seats)
        profile = meek.profile(
            reading.read(Aggregate(tuple(self.names), (replace(row, count=1, weight=Fraction(1)),)), self.read, True),
            rules,
        )
        tree = Prefixes(profile, arithmetic.keeps, arithmetic.one)
        numbers = {name: n for n, name in enumerate(self.names.values(), 1)}
        tree.elect([numbers[name] for name in self.elected[one.n - 1]])
        tree.exclude([numbers[name] for name in self.left[one.n - 1]])
        keep = [0, *(arithmetic.parse(one.facts["keep"][name]) for name in self.names.values())]
        votes = tree.spread(keep)[0]
        whole = Fraction(arithmetic.one) * profile.unit
        return Step(one.n, {name: Fraction(votes[n]) / whole for name, n in numbers.items() if votes[n]})


def _next(names: Sequence[Names], start: int, live: Container[str | None]) -> tuple[int, str | None]:
    """Where a ballot stands from here, and who holds it there: nobody at its end, or at a rank that several continuing options share."""
    for place in range(start, len(names)):
        found = [name for name in names[place] if name in live]
        if found:
            return (place, found[0]) if len(found) == 1 else (len(names), None)
    return len(names), None
