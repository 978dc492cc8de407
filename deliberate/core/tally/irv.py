"""IRV: exclude the lowest option each round until one holds more than half of the continuing votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import reading
from deliberate.core.tally.constraints import CONSTRAINTS, Constraints, because
from deliberate.core.tally.profile import ENDS, Piles
from deliberate.core.tally.record import Question, Result, Round, Transfer, number
from deliberate.core.tally.registry import TIE_OPTIONS, Setting, flag, method, one_of, whole
from deliberate.core.tally.ties import AwaitLot, Ties

INACTIVE = ("exhausted", "overvotes", "skipped", "repeated")
"""Why a ballot counts for nobody: no choices left; several options at one rank; too many skipped ranks; an option repeated."""


READING: dict[str, Setting] = {
    "max_skipped": Setting(None, mark("Skipped ranks after which a ballot is exhausted."), whole(0, or_none=True)),
    "overvote": Setting(
        "exhaust",
        mark("What a rank with several options does."),
        one_of("exhaust", "skip", "exhaust-if-several-continuing"),
    ),
    "duplicate": Setting("skip", mark("What a repeated option does."), one_of("skip", "exhaust")),
    "max_ranks": Setting(None, mark("Ranks beyond it are not read."), whole(1, or_none=True)),
}
"""How ballots are read, for every method that goes by rounds of a run-off."""
LAST: dict[str, Setting] = {
    "minimum_votes": Setting(0, mark("Options below it leave in round 1."), whole(0)),
    "tied_last": Setting(
        "policy", mark("All tied for last leave together, or one by the tie policy."), one_of("policy", "all-together")
    ),
}
"""Who leaves, for the same methods."""
RUNOFF: dict[str, Setting] = {
    **TIE_OPTIONS,
    "threshold_base": Setting(
        "round", mark("Half of what: the votes of the round, or of the first round."), one_of("round", "first-round")
    ),
    "continue_until_two": Setting(False, mark("Go on past a majority until two remain."), flag),
    "batch": Setting(False, mark("Exclude together options that cannot catch up."), flag),
    **LAST,
    **READING,
}


@method(
    "irv",
    title="Instant run-off (IRV)",
    ballot="ranking",
    winners="one",
    source="The rules of instant run-off as RCTab names their options (Ranked Choice Voting Resource Center); Robert's Rules of Order, preferential voting",
    about=mark(
        "Members rank options. The option with the fewest votes is excluded, and its votes move to the next preference, until one "
        "holds more than half of the votes still in the count."
    ),
    family="run-off",
    good_for="One person or text out of several, with a winner whom more than half of the ballots still in the count stand behind.",
    options={**RUNOFF, **CONSTRAINTS},
)
def instant_runoff(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by rounds of standings."""
    read = reading.read(ballots, reading.by_options(rules), spoil_without_first=False)
    count = Rounds(question, read, rules, lots)
    return result(count, read, count.run())


def result(count: Rounds, read: reading.Reading, outcome: str) -> Result:
    """The result of rounds that have come to this outcome."""
    return Result(
        outcome,
        tuple(count.winners),
        tuple(count.gone),
        tuple(count.rounds),
        None,
        tuple(count.ties.found),
        tuple(count.ties.used),
        blank=read.blank,
        spoilt=read.spoilt,
        valid=read.valid,
        weight=exact(read.weight),
        explanation=tuple(count.said),
        facts=count.bounds.as_json(count.winners),
    )


class Rounds:
    """The count as it stands. Votes are whole numbers of 1/unit; before: rounds that came before the run-off."""

    before = 0

    def __init__(
        self, question: Question, read: reading.Reading, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.rules = rules
        self.unit = read.profile.unit
        self.whole = read.whole
        self.names = ["", *(option.name for option in question.options)]
        self.piles = Piles(read.profile, 1)
        self.votes = {
            name: sum(int(read.profile.papers[rows].sum()) for rows in self.piles.held[n])
            for n, name in enumerate(self.names)
            if n
        }
        options = len(self.votes)
        self.inactive = {
            n: sum(int(read.profile.papers[rows].sum()) for rows in self.piles.held[n])
            for n in (0, *range(options + 1, options + 1 + len(ENDS)))
        }
        self.total = read.profile.total
        self.half: Fraction | None = None  # of the votes of the round or of the first; frozen once somebody has more
        self.settled = False
        self.winners: list[str] = []
        self.gone: list[str] = []
        self.rounds: list[Round] = []
        self.said: list[str] = []
        unit = self.unit
        # No method of this object, which would hold itself so: a large profile goes as soon as the count is done.
        self.ties = Ties(question, rules, lots, lambda value: exact(Fraction(value) / unit))
        self.bounds = Constraints(question, rules)

    def write(self, value: int | Fraction) -> str:
        return str(value) if self.unit == 1 and isinstance(value, int) else exact(Fraction(value) / self.unit)

    def _votes(self, name: str) -> str:
        return number(self.write(self.votes[name]), "vote")

    def run(self) -> str:
        """All rounds; the outcome."""
        if self._nothing():
            self.ties.finish()
            self.said.append("There are no valid ballots; nobody is elected.")
            return "no valid ballots"
        try:
            while not self.winners:
                self._round()
        except AwaitLot as wait:
            self.said.append(f"{', '.join(wait.tie.tied)} are tied in round {wait.tie.round}: a lot must decide.")
            self._record(
                "exclude",
                f"{', '.join(wait.tie.tied)} are tied for last: a lot must decide who is excluded.",
                tie=len(self.ties.found) - 1,
            )
            return "awaiting lot"
        self.ties.finish()
        return "elected"

    def _nothing(self) -> bool:
        """Whether there is nothing to decide by."""
        return len(self.votes) > 1 and not any(self.votes.values())

    def _live(self) -> list[str]:
        return [name for name in self.names[1:] if name not in self.gone]

    def _threshold(self) -> Fraction:
        """The votes that must be exceeded, as half of the base."""
        if self.half is None or (self.rules["threshold_base"] == "round" and not self.settled):
            self.half = Fraction(sum(self.votes[name] for name in self._live()), 2)
        return self.half

    def _needed(self) -> str | None:
        """The threshold as the rules write it: floor(active/2) + 1; where weights have fractions, half, to be exceeded."""
        half = self._threshold()
        return str(half // 1 + 1) if self.whole else self.write(half)

    def _round(self) -> None:
        live = self._live()
        if doomed := self.bounds.doomed((), live):  # with one seat all are known at the start
            self.before += 1
            self._leave(list(doomed), None, because(doomed))
            return
        need = self._threshold()
        top = max(live, key=lambda name: self.votes[name])
        enough = self.votes[top] > need
        self.settled = self.settled or enough
        if len(live) == 1 or (enough and (not self.rules["continue_until_two"] or len(live) == 2)):
            why = "the only one left" if len(live) == 1 else f"more than half of {self.write(need * 2)}"
            self.winners.append(top)
            self._record("final", f"{top} has {self._votes(top)}, {why}, and is elected.", (top,))
            return
        leaving, tie, why = self._leaving(live)
        self._leave(leaving, tie, why)

    def _leaving(self, live: list[str]) -> tuple[list[str], int | None, str]:
        """Who leaves now: below the minimum, a batch, all tied for last, or the lowest."""
        if len(self.rounds) == self.before and self.rules["minimum_votes"]:
            below = [name for name in live if self.votes[name] < self.rules["minimum_votes"] * self.unit]
            if below and len(below) < len(live):
                return below, None, f"fewer than {number(self.rules['minimum_votes'], 'vote')}"
        batch = self._batch(live) if self.rules["batch"] else []
        if len(batch) > 1:
            return batch, None, "together they have fewer votes than the next"
        least = min(self.votes[name] for name in live)
        last = [name for name in live if self.votes[name] == least]
        if len(last) > 1 and self.rules["tied_last"] == "all-together" and len(last) < len(live):
            return last, None, f"all have the fewest, {self.write(least)}"
        if len(last) == 1:
            above = min(self.votes[name] for name in live if name != last[0])
            return last, None, f"{self._votes(last[0])}, fewest (next {self.write(above)})"
        self.ties.remember(self.votes)
        name, tie = self.ties.pick(last, "exclude", len(self.rounds) + 1)
        self.ties.history.pop()
        return [name], tie, f"{self._votes(name)}, fewest, by the tie rule"

    def _batch(self, live: list[str]) -> list[str]:
        """The longest run of lowest totals whose sum is less than the next total; options with one total leave together or stay."""
        ranked = sorted(live, key=lambda name: self.votes[name])
        most = len(ranked) - (2 if self.rules["continue_until_two"] else 1)
        best = 0
        running = 0
        for n, name in enumerate(ranked[:most], 1):
            running += self.votes[name]
            if running < self.votes[ranked[n]]:
                best = n
        return ranked[:best]

    def _leave(self, leaving: list[str], tie: int | None, why: str) -> None:
        standing = dict(self.votes)
        inactive = dict(self.inactive)
        for name in leaving:
            self.piles.live[self.names.index(name)] = False
        moved: list[Transfer] = []
        for name in leaving:
            rows = self.piles.take(self.names.index(name))
            parts = {n: sum(classes.values()) for n, classes in self.piles.pass_on(rows).items()}
            for target in sorted(parts.keys() - inactive.keys()):
                standing[self.names[target]] += parts[target]
                moved.append(self._transfer(name, self.names[target], parts[target]))
            if out := sum(parts.get(n, 0) for n in inactive):
                moved.append(self._transfer(name, None, out))
                inactive = {n: papers + parts.get(n, 0) for n, papers in inactive.items()}
            standing[name] = 0
        told = self._told(moved)
        says = f"Exclude {', '.join(leaving)}: {why}. {told[0].upper()}{told[1:]}."
        self._record("exclude", says, (), tuple(leaving), tuple(moved), tie)
        self.gone.extend(leaving)
        self.votes, self.inactive = standing, inactive

    def _transfer(self, source: str, target: str | None, papers: int) -> Transfer:
        """Papers that move, each at one vote; where weights have fractions, each part of a vote stands as a paper."""
        value = self.write(1)
        return Transfer(source, target, "option" if target else "exhausted", papers, value, value, self.write(papers))

    def _told(self, moved: Sequence[Transfer]) -> str:
        """Where the votes went, added up over all who left."""
        sums: dict[str, int] = {}
        for transfer in moved:
            where = f"to {transfer.target}" if transfer.target else "exhausted"
            sums[where] = sums.get(where, 0) + transfer.papers
        last = sums.pop("exhausted", 0)
        parts = [f"{self.write(papers)} {where}" for where, papers in sums.items()]
        return ", ".join([*parts, f"{self.write(last)} exhausted"] if last else parts) or "no votes move"

    def _record(
        self,
        code: str,
        says: str,
        elected: tuple[str, ...] = (),
        excluded: tuple[str, ...] = (),
        transfers: tuple[Transfer, ...] = (),
        tie: int | None = None,
    ) -> None:
        n = len(self.rounds) + 1
        says = f"Round {n}. {says}"
        inactive = dict(zip(INACTIVE, map(self.write, self.inactive.values()), strict=True))
        exhausted = sum(self.inactive.values())
        self.rounds.append(
            Round(
                n,
                {name: self.write(v) for name, v in self.votes.items()},
                self.write(exhausted),
                "0",
                self._needed(),
                code,
                says,
                elected,
                excluded,
                transfers,
                tie,
                {"inactive": inactive},
            )
        )
        self.said.append(says)
        self.ties.remember(self.votes)
        assert sum(self.votes.values()) + exhausted == self.total, "votes are conserved"
