"""Policy vote: rival texts against a default option, each with its quorum and majority, by paths of defeats.

Source: Constitution for the Debian Project, appendix A, standard resolution procedure: vote counting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from deliberate.core.ballot import Aggregate
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally.pairwise import Marks, Pairs, closure, facts, repeated_said
from deliberate.core.tally.ranks import Ranks
from deliberate.core.tally.record import Question, Result, Round, Test, Tie, and_
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, amount, flag, method, one_of
from deliberate.core.tally.ties import AwaitLot, Ties, taken


def _ratios(value: Any) -> dict[str, str]:
    """A reader for a ratio for each of some options; as text, ``Name=2; Other name=3``."""
    if isinstance(value, str):
        parts = [part.rpartition("=") for part in value.split(";") if part.strip()]
        value = {name.strip(): ratio.strip() for name, _, ratio in parts}
    return {str(name): amount(ratio) for name, ratio in sorted(dict(value).items())}


@method(
    "policy",
    title="Policy vote with a default option",
    ballot="ranking",
    winners="one",
    source="Constitution for the Debian Project, appendix A, standard resolution procedure: vote counting",
    about=mark(
        "Members rank rival texts and the default option, such as leaving all as it is. A text must be ranked above the default by "
        "enough ballots and by its majority; among those that are, the texts are compared two by two."
    ),
    family="pairwise",
    good_for="Several texts on one subject, of which at most one is to be carried, with a way to say no to all of them.",
    options={
        **LOT_OPTIONS,
        "default": Setting("", mark("The default option, by its name; left empty: the last option."), str),
        "quorum": Setting("0", mark("Votes that must rank a text above the default option."), amount),
        "ratio": Setting(
            "1", mark("Votes above the default option for each vote below it, for every text."), amount
        ),
        "ratios": Setting({}, mark("The same for single texts, by name: Name=2; Other=3."), _ratios),
        "strict": Setting(False, mark("Whether the ratio must be exceeded rather than reached."), flag),
        "tie": Setting(
            "policies",
            mark("Who decides between texts that are level: the tie policies, or the chair."),
            one_of("policies", "casting"),
        ),
    },
    equal_ranks=True,
    departures=(
        "Not compared with the constitution word for word: whether a ratio is to be reached or exceeded is an option, and which "
        "defeats are weakest (fewer votes for, then more against) follows its common description.",
        "Votes are weights; the constitution knows one vote for each elector.",
        "Who decides between options that are level is a rule of the poll; the constitution has the elector with the casting vote decide.",
    ),
)
def policy(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Drop texts by quorum and majority, then defeats from the weakest up. Raises DeliberateError ``tally.rules`` for a name of no option."""
    ranks = Ranks.read(ballots)
    pairs = Pairs.read(question, ranks, "bottom")
    default = rules["default"] or pairs.names[-1]
    for name in (default, *rules["ratios"]):
        if name not in pairs.names:
            raise DeliberateError(
                mark('The rules name "%(name)s", which is not an option of the poll.', name=name),
                "The default option and single ratios go by the names of options.",
                "Correct the name.",
                "tally.rules",
            )
    count = _Vote(pairs, pairs.names.index(default), rules, Ties(question, rules, lots, pairs.write))
    outcome = count.run(ranks.valid)
    return Result(
        outcome,
        tuple(count.winners),
        tuple(pairs.named(count.gone)),
        tuple(count.rounds),
        None,
        tuple(count.ties.found),
        tuple(count.ties.used),
        tuple(count.tests),
        blank=ranks.blank,
        valid=ranks.valid,
        weight=exact(ranks.weight),
        explanation=(*repeated_said(ranks), *(test.says for test in count.tests), *count.said),
        facts=facts(pairs),
    )


@dataclass
class _Vote:
    """The vote as it stands: texts that were dropped, and defeats that still stand."""

    pairs: Pairs
    default: int
    rules: Mapping[str, Any]
    ties: Ties
    gone: list[int] = field(default_factory=list)
    winners: list[str] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def run(self, valid: int) -> str:
        """All rounds; the outcome."""
        names = self.pairs.names
        if len(names) > 1 and not valid:
            self._record("final", "There are no valid ballots; nothing is decided.")
            self.ties.finish()
            return "no valid ballots"
        for n in range(len(names)):
            if n != self.default and not self._stands(n):
                self.gone.append(n)
        if self.gone:
            fate = f"Drop {and_(self.pairs.named(self.gone))}: not enough votes above {names[self.default]}."
            self._record("exclude", fate, excluded=tuple(self.pairs.named(self.gone)))
        return self._choose(self._schwartz())

    def _stands(self, n: int) -> bool:
        """Steps 2 and 3: whether a text has its quorum and its majority over the default option."""
        above, below = (
            Fraction(int(v), self.pairs.unit)
            for v in (self.pairs.over[n, self.default], self.pairs.over[self.default, n])
        )
        name = self.pairs.names[n]
        quorum = Fraction(self.rules["quorum"])
        ratio = Fraction(self.rules["ratios"].get(name, self.rules["ratio"]))
        said = f"{name}: {exact(above)} above {self.pairs.names[self.default]}, {exact(below)} below"
        tests = []
        if quorum:
            tests.append(_test("quorum", said, "", above, ">=", quorum, exact(quorum)))
        tests.append(_test("majority", said, "", above, ">", below, exact(below)))
        if ratio > 1:
            needs = f"{ratio.numerator}:{ratio.denominator}"
            sign = ">" if self.rules["strict"] else ">="
            left, right = above * ratio.denominator, below * ratio.numerator
            product = f"{ratio.numerator} x {exact(below)} = {exact(right)}"
            tests.append(_test("ratio", said, f"needs {needs}, ", left, sign, right, product))
        self.tests += tests
        return all(test.holds for test in tests)

    def _schwartz(self) -> list[int]:
        """Step 4: drop the weakest defeats within the Schwartz set until there are none; who is left in it."""
        left = [n for n in range(len(self.pairs.names)) if n not in self.gone]
        defeats = self.pairs.beats.copy()
        defeats[self.gone] = defeats[:, self.gone] = False
        levels = self.pairs.levels("tuple")
        while True:
            inside = _set(defeats, left)
            within = [(a, b) for a in inside for b in inside if defeats[a, b]]
            if not within:
                return inside
            weakest = min(int(levels[pair]) for pair in within)
            dropped = [pair for pair in within if levels[pair] == weakest]
            told = [f"{self.pairs.names[a]} over {self.pairs.names[b]} ({self.pairs.told(a, b)})" for a, b in dropped]
            says = f"Schwartz set {and_(self.pairs.named(inside))}; drop the weakest defeats in it: {and_(told)}."
            listed = [
                {
                    "over": self.pairs.names[a],
                    "under": self.pairs.names[b],
                    "strength": self.pairs.strength(a, b, "tuple"),
                }
                for a, b in dropped
            ]
            self._record("defeats", says, facts={"schwartz": self.pairs.named(inside), "dropped": listed})
            for pair in dropped:
                defeats[pair] = False

    def _choose(self, inside: list[int]) -> str:
        """Step 5: one left wins; of several the policies or the chair choose one."""
        names = self.pairs.named(inside)
        round_ = len(self.rounds) + 1
        tie: int | None = None
        winner = names[0]
        left = [n for n in range(len(self.pairs.names)) if n not in self.gone]
        ahead = self.pairs.winner(left) == inside[0]
        why = "no defeat of it is left" + (self.pairs.closest(inside[0], left) if ahead else ", as told above")
        try:
            if len(names) > 1:
                winner, tie = (
                    self._cast(names, round_)
                    if self.rules["tie"] == "casting"
                    else self.ties.pick(names, "elect", round_)
                )
                why = f"{and_(names)} are level; {'the chair' if self.rules['tie'] == 'casting' else 'the tie rule'} chooses"
        except AwaitLot as wait:
            casting = wait.tie.purpose == "casting"
            says = f"{and_(names)} are level: {'the chair has the casting vote' if casting else 'a lot must decide'}."
            self._record("final", says, tie=len(self.ties.found) - 1, facts={"schwartz": names})
            return "tie" if casting else "awaiting lot"
        self.winners.append(winner)
        nothing = " The default option wins: nothing is decided." if winner == self.pairs.names[self.default] else ""
        self._record("final", f"{winner} wins: {why}.{nothing}", (winner,), tie=tie, facts={"schwartz": names})
        self.ties.finish()
        return "elected"

    def _cast(self, names: Sequence[str], round_: int) -> tuple[str, int]:
        """The chair's casting vote, which comes as a lot of that purpose. Raises AwaitLot as long as it was not given."""
        chosen = taken(self.ties.waiting, round_, "casting", names) if self.ties.waiting else None
        says = f"The chair's casting vote: {chosen}." if chosen else "The chair has the casting vote."
        self.ties.found.append(Tie(round_, "casting", tuple(names), "casting", says, chosen))
        if chosen is None:
            raise AwaitLot(self.ties.found[-1])
        self.ties.used.append(dict(self.ties.waiting.pop(0)))
        return chosen, len(self.ties.found) - 1

    def _record(
        self,
        code: str,
        says: str,
        elected: tuple[str, ...] = (),
        excluded: tuple[str, ...] = (),
        tie: int | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        n = len(self.rounds) + 1
        self.rounds.append(
            Round(n, {}, "0", "0", None, code, f"Round {n}. {says}", elected, excluded, tie=tie, facts=facts or {})
        )
        self.said.append(self.rounds[-1].says)


def _set(defeats: Marks, left: Sequence[int]) -> list[int]:
    """The Schwartz set of these options by these defeats."""
    reach = closure(defeats[np.ix_(left, left)])
    return [left[n] for n in np.flatnonzero(~(reach.T & ~reach).any(axis=1)).tolist()]


def _test(name: str, said: str, needs: str, left: Fraction, op: str, right: Fraction, product: str) -> Test:
    """One inequality of a text, as "A: 31 above D, 29 below; needs 2:1, 31 >= 2 x 29 = 58 is false: dropped"."""
    holds = left >= right if op == ">=" else left > right
    verdict = "true" if holds else "false: dropped"
    return Test(
        name, exact(left), op, exact(right), holds, f"{said}; {needs}{exact(left)} {op} {product} is {verdict}."
    )
