"""STAR: score, then automatic run-off. The two options with the highest sums meet; the one more ballots score higher wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.record import Question, Result, Round, number
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, flag, method
from deliberate.core.tally.score import RANGE, Scores, read
from deliberate.core.tally.seats import unopposed
from deliberate.core.tally.settle import Step, settle
from deliberate.core.tally.ties import AwaitLot, Ties


@method(
    "star",
    title="Score, then a run-off of the best two (STAR)",
    ballot="score",
    winners="one",
    source="STAR Voting, Equal Vote Coalition: the scoring round and the automatic run-off; ties by head-to-head, then top scores",
    about=mark(
        "Each member gives every option a number from 0 to 5. The two options with the highest sums meet in a run-off: each ballot "
        "counts for the one of the two that it scores higher. The one with more ballots wins."
    ),
    family="points",
    good_for="One winner out of several, where members should say how much they like each, and a majority should have the last word.",
    options={
        **LOT_OPTIONS,
        "range": RANGE,
        "head_to_head_ties": Setting(
            True, mark("Whether three or more tied for a place in the run-off are first compared head-to-head."), flag
        ),
    },
    departures=(
        "Where more than two are tied for a place in the run-off, those who win the most head-to-head matches among them stay; "
        "the published advice takes away the one that loses the most, which can differ.",
        "What the steps leave tied is settled by the policy that the poll names; the published advice ends in a random choice.",
    ),
)
def star(question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]) -> Result:
    """Two rounds: sums, then the run-off. A ballot that scores both alike has no preference, and shows as exhausted."""
    scores = read(question, ballots, rules["range"])
    count = Run(question, scores, rules, lots)
    outcome = count.run()
    return Result(
        outcome,
        tuple(count.winners),
        (),
        tuple(count.rounds),
        ties=tuple(count.ties.found),
        lots=tuple(count.ties.used),
        explanation=tuple(round_.says for round_ in count.rounds),
        facts=count.facts,
        **scores.sizes,
    )


class Run:
    """The count as it stands."""

    def __init__(
        self, question: Question, scores: Scores, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
    ) -> None:
        self.scores = scores
        self.rules = rules
        self.ties = Ties(question, rules, lots, exact)
        self.top = scores.at(rules["range"][1])
        self.winners: list[str] = []
        self.rounds: list[Round] = []
        table = {name: {"sum": exact(total), "top": exact(self.top[name])} for name, total in scores.sums.items()}
        self.facts: dict[str, Any] = {"scores": table}

    def run(self) -> str:
        """Both rounds; the outcome."""
        names = list(self.scores.sums)
        if len(names) == 1:
            self.winners = names
            self._scoring(unopposed(1, 1), (names[0],))
        elif not self.scores.valid:
            self._scoring("Nobody scored any option.")
        else:
            try:
                self._runoff(self._finalists())
            except AwaitLot:
                return "awaiting lot"
        self.ties.finish()
        return "elected" if self.winners else "no valid ballots"

    def _scoring(self, says: str, elected: tuple[str, ...] = (), tie: int | None = None) -> None:
        facts = {"given": self.scores.given}
        self.rounds.append(
            Round(1, self.scores.votes, "0", "0", None, "count", f"Round 1. {says}", elected, tie=tie, facts=facts)
        )

    def _finalists(self) -> list[str]:
        """The two with the highest sums."""
        sums = self.scores.sums
        places: list[str] = []
        tie: int | None = None
        while len(places) < 2:
            most = max(total for name, total in sums.items() if name not in places)
            best = [name for name in sums if name not in places and sums[name] == most]
            if len(best) <= 2 - len(places):
                places += best
                continue
            try:
                name, at = settle(self.ties, best, "elect", 1, self._steps(best))
            except AwaitLot as wait:
                points = number(exact(most), "point")
                self._scoring(
                    f"{', '.join(wait.tie.tied)} have {points} each: a lot must decide who is in the run-off.",
                    tie=len(self.ties.found) - 1,
                )
                raise
            places.append(name)
            tie = at if tie is None else tie
        after = max((total for name, total in sums.items() if name not in places), default=None)
        said = " and ".join(f"{name} ({number(exact(sums[name]), 'point')})" for name in places)
        says = f"{said} have the highest sums and meet in the run-off."
        self._scoring(says if after is None else f"{says[:-1]} (next {exact(after)}).", tie=tie)
        return places

    def _steps(self, tied: Sequence[str]) -> dict[str, Step]:
        """Head-to-head among the tied, then the most top scores."""
        top = {"top scores": Step.of(self.top)}
        both = len(tied) == 2 or self.rules["head_to_head_ties"]
        return {"head-to-head": Step(self._wins), **top} if both else top

    def _wins(self, left: Sequence[str]) -> dict[str, int]:
        """How many of the others each option beats: more ballots score it higher."""
        return {
            name: sum(self._prefer(name, other) > self._prefer(other, name) for other in left if other != name)
            for name in left
        }

    def _prefer(self, one: str, other: str) -> Fraction:
        """The weight of the ballots that score one higher than the other; no score is 0."""
        return sum(
            (weight for scores, weight in self.scores.rows if scores.get(one, 0) > scores.get(other, 0)), Fraction(0)
        )

    def _runoff(self, pair: list[str]) -> None:
        held = {pair[0]: self._prefer(*pair), pair[1]: self._prefer(pair[1], pair[0])}
        neither = self.scores.weight - sum(held.values())
        assert neither >= 0, "votes are conserved"
        votes = {name: exact(held[name]) for name in pair}
        self.facts |= {"runoff": {"votes": votes, "no_preference": exact(neither)}}
        said = f"{exact(neither)} without preference"
        if held[pair[0]] != held[pair[1]]:
            winner, loser = sorted(pair, key=lambda name: held[name], reverse=True)
            says = f"{winner} {exact(held[winner])}, {loser} {exact(held[loser])}, {said}: {winner} is elected."
            self._record(held, neither, says, winner, None)
            return
        draw = f"{pair[0]} and {pair[1]} have {number(exact(held[pair[0]]), 'vote')} each, {said}"
        steps = {"sums": Step.of(self.scores.sums), "top scores": Step.of(self.top)}
        try:
            winner, tie = settle(self.ties, pair, "elect", 2, steps)
        except AwaitLot:
            self._record(held, neither, f"{draw}: a lot must decide.", None, len(self.ties.found) - 1)
            raise
        self._record(held, neither, f"{draw}: {winner} is elected by the tie rule.", winner, tie)

    def _record(
        self, held: Mapping[str, Fraction], neither: Fraction, says: str, winner: str | None, tie: int | None
    ) -> None:
        self.winners = [winner] if winner else []
        votes = {name: exact(held.get(name, Fraction(0))) for name in self.scores.sums}
        self.rounds.append(
            Round(2, votes, exact(neither), "0", None, "final", f"Round 2. {says}", tuple(self.winners), tie=tie)
        )
