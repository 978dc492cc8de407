"""IRV: exclude the lowest option each round until one holds more than half of the continuing votes (tally.md 3.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.tally import reading
from deliberate.core.tally.profile import Piles
from deliberate.core.tally.record import Question, Result, Round, Transfer
from deliberate.core.tally.registry import TIE_OPTIONS, Setting, flag, method, one_of, whole
from deliberate.core.tally.ties import AwaitLot, Ties


@method(
    "irv",
    title="Instant run-off (IRV)",
    ballot="ranking",
    winners="one",
    source="tally.md 3.7, the option family of RCTab; Robert's Rules, preferential voting",
    about="Members rank options. The option with the fewest votes is excluded, and its votes move to the next preference, until one "
    "holds more than half of the votes still in the count.",
    family="run-off",
    good_for="One person or text out of several, with a winner whom more than half of the ballots still in the count stand behind.",
    options={
        **TIE_OPTIONS,
        "threshold_base": Setting(
            "round", "Half of what: the votes of the round, or of the first round.", one_of("round", "first-round")
        ),
        "continue_until_two": Setting(False, "Go on past a majority until two remain.", flag),
        "batch": Setting(False, "Exclude together options that cannot catch up.", flag),
        "minimum_votes": Setting(0, "Options below it leave in round 1.", whole(0)),
        "tied_last": Setting(
            "policy", "All tied for last leave together, or one by the tie policy.", one_of("policy", "all-together")
        ),
        "max_skipped": Setting(None, "Skipped ranks after which a ballot is exhausted.", whole(0, or_none=True)),
        "overvote": Setting("exhaust", "What a rank with several options does.", one_of("exhaust", "skip")),
        "duplicate": Setting("skip", "What a repeated option does.", one_of("skip", "exhaust")),
        "max_ranks": Setting(None, "Ranks beyond it are not read.", whole(1, or_none=True)),
    },
    departures=("The overvote rule exhaust-if-several-continuing is not offered.",),
)
def instant_runoff(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Count by rounds of standings."""
    read = reading.read(ballots, reading.by_options(rules), spoil_without_first=False)
    count = Rounds(question, read, rules, lots)
    outcome = count.run()
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
    )


class Rounds:
    """The count as it stands. Votes are whole numbers of 1/unit."""

    def __init__(
        self, question: Question, read: reading.Reading, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.rules = rules
        self.unit = read.profile.unit
        self.names = ["", *(option.name for option in question.options)]
        self.piles = Piles(read.profile, 1)
        self.votes = {
            name: sum(int(read.profile.papers[rows].sum()) for rows in self.piles.held[n])
            for n, name in enumerate(self.names)
            if n
        }
        self.exhausted = sum(int(read.profile.papers[rows].sum()) for rows in self.piles.held[0])
        self.total = read.profile.total
        self.first = Fraction(0)
        self.winners: list[str] = []
        self.gone: list[str] = []
        self.rounds: list[Round] = []
        self.said: list[str] = []
        self.ties = Ties(question, rules, lots, self.write)

    def write(self, value: int | Fraction) -> str:
        return exact(Fraction(value) / self.unit)

    def run(self) -> str:
        """All rounds; the outcome."""
        if not self.total or not any(self.votes.values()):
            self.said.append("There are no valid ballots; nobody is elected.")
            return "no valid ballots"
        try:
            while not self.winners:
                self._round()
        except AwaitLot as wait:
            self.said.append(f"{', '.join(wait.tie.tied)} are tied in round {wait.tie.round}: a lot must decide.")
            self._record(
                "exclude", "The lowest are tied; a lot must decide who is excluded.", tie=len(self.ties.found) - 1
            )
            return "awaiting lot"
        self.ties.finish()
        return "elected"

    def _live(self) -> list[str]:
        return [name for name in self.names[1:] if name not in self.gone]

    def _threshold(self) -> Fraction:
        """The votes that must be exceeded, as half of the base."""
        active = sum(self.votes[name] for name in self._live())
        if self.rules["threshold_base"] == "first-round" and self.rounds:
            return self.first
        self.first = Fraction(active, 2)
        return self.first

    def _round(self) -> None:
        live = self._live()
        need = self._threshold()
        top = max(live, key=lambda name: self.votes[name])
        enough = self.votes[top] > need
        if len(live) == 1 or (enough and (not self.rules["continue_until_two"] or len(live) == 2)):
            why = "the only one left" if len(live) == 1 else f"more than half of {self.write(need * 2)}"
            self.winners.append(top)
            self._record("final", f"{top} has {self.write(self.votes[top])} votes, {why}, and is elected.", (top,))
            return
        leaving, tie, why = self._leaving(live)
        self._leave(leaving, tie, why)

    def _leaving(self, live: list[str]) -> tuple[list[str], int | None, str]:
        """Who leaves now: below the minimum, a batch, all tied for last, or the lowest."""
        if not self.rounds and self.rules["minimum_votes"]:
            below = [name for name in live if self.votes[name] < self.rules["minimum_votes"] * self.unit]
            if below and len(below) < len(live):
                return below, None, f"fewer than {self.rules['minimum_votes']} votes"
        batch = self._batch(live) if self.rules["batch"] else []
        if len(batch) > 1:
            return batch, None, "together they have fewer votes than the next"
        least = min(self.votes[name] for name in live)
        last = [name for name in live if self.votes[name] == least]
        if len(last) > 1 and self.rules["tied_last"] == "all-together" and len(last) < len(live):
            return last, None, f"all have the fewest, {self.write(least)}"
        if len(last) == 1:
            above = min(self.votes[name] for name in live if name != last[0])
            return last, None, f"{self.write(least)} votes, fewest (next {self.write(above)})"
        self.ties.remember(self.votes)
        name, tie = self.ties.pick(last, "exclude", len(self.rounds) + 1)
        self.ties.history.pop()
        return [name], tie, f"{self.write(least)} votes, fewest, by the tie rule"

    def _batch(self, live: list[str]) -> list[str]:
        """The longest run of lowest totals whose sum is less than the next total."""
        ranked = sorted(live, key=lambda name: self.votes[name])
        best = 0
        running = 0
        for n, name in enumerate(ranked[:-1], 1):
            running += self.votes[name]
            if running < self.votes[ranked[n]]:
                best = n
        if self.rules["continue_until_two"]:
            best = min(best, len(ranked) - 2)
        return ranked[:best]

    def _leave(self, leaving: list[str], tie: int | None, why: str) -> None:
        standing = dict(self.votes)
        out = self.exhausted
        for name in leaving:
            self.piles.live[self.names.index(name)] = False
        moved: list[Transfer] = []
        for name in leaving:
            rows = self.piles.take(self.names.index(name))
            parts = self.piles.pass_on(rows)
            for target, classes in sorted(parts.items(), key=lambda item: (item[0] == 0, item[0])):
                papers = sum(classes.values())
                moved.append(
                    Transfer(
                        name,
                        self.names[target] or None,
                        "option" if target else "exhausted",
                        papers // self.unit if papers % self.unit == 0 else papers,
                        "1",
                        "1",
                        self.write(papers),
                    )
                )
                if target:
                    standing[self.names[target]] += papers
                else:
                    out += papers
            standing[name] = 0
        told = (
            ", ".join(f"{t.total} to {t.target}" if t.target else f"{t.total} exhausted" for t in moved)
            or "no votes move"
        )
        says = f"Exclude {', '.join(leaving)}: {why}. {told[0].upper()}{told[1:]}."
        self._record("exclude", says, (), tuple(leaving), tuple(moved), tie)
        self.gone.extend(leaving)
        self.votes, self.exhausted = standing, out

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
        half = self._threshold()
        self.rounds.append(
            Round(
                n,
                {name: self.write(v) for name, v in self.votes.items()},
                self.write(self.exhausted),
                "0",
                self.write(half),
                code,
                says,
                elected,
                excluded,
                transfers,
                tie,
            )
        )
        self.said.append(says)
        self.ties.remember(self.votes)
        assert sum(self.votes.values()) + self.exhausted == self.total, "votes are conserved"
