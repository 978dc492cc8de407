"""Elections that any method can be asked to count: questions, ballots and rules made from what its registration says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import Ballot, choice, each, ranking, score
from deliberate.core.tally import Count, Option, Question

NAMES = ("Ada", "Bea", "Cy", "Dov", "Émile")
SEVERAL = ("seats", "committee")
"""What a method gives that can fill several seats."""
ORDERED = ("ranking", "score")
"""Kinds of ballots that say of each two options which one the member prefers."""


@dataclass(frozen=True)
class Election:
    """A question, and ballots with their weights, for one method."""

    method: str
    question: Question
    ballots: tuple[tuple[Ballot, int], ...]

    @property
    def papers(self) -> list[tuple[Ballot, int]]:
        """The same ballots, each weight as so many papers."""
        return [(ballot, 1) for ballot, weight in self.ballots for _ in range(weight)]

    @property
    def unopposed(self) -> bool:
        """Whether there is a seat for every option."""
        return len(self.question.options) <= self.question.seats

    def but(self, **changed: Any) -> Election:
        return replace(self, **changed)

    def shuffled(self, seed: int = 7) -> Election:
        """The ballots in another order."""
        return self.but(ballots=tuple(random.Random(seed).sample(self.ballots, len(self.ballots))))

    def renamed(self, names: dict[str, str]) -> Election:
        """The options under other names."""
        options = tuple(Option(option.id, names[option.name]) for option in self.question.options)
        return self.but(question=replace(self.question, options=options))

    def declared(self, order: Sequence[int]) -> Election:
        """The options in another declared order."""
        options = tuple(self.question.options[n] for n in order)
        return self.but(question=replace(self.question, options=options))

    def count(self, lots: Sequence[dict[str, Any]] = (), **rules: Any) -> Count:
        """The count by the method's own defaults, but for these rules, and for the money of a budget."""
        given = {"method": self.method, **money(self.method, self.question), **rules}
        return tally.count(self.question, self.ballots, given, lots)

    def drawn(self, place: int = 0, **rules: Any) -> Count:
        """The count with every tie decided by a lot; place: who of the tied is drawn, as in a list that goes round."""
        lots: list[dict[str, Any]] = []
        while (made := self.count(lots, **rules)).outcome == "awaiting lot":
            tie = made.result.ties[-1]
            assert tie.chosen is None
            lots.append(
                {
                    "round": tie.round,
                    "purpose": tie.purpose,
                    "tied": list(tie.tied),
                    "chosen": tie.tied[place % len(tie.tied)],
                }
            )
            assert len(lots) <= 20, "a lot is asked for without end"
        return made


def money(method: str, asked: Question) -> dict[str, Any]:
    """Rules of a budget that is enough for one project, whoever leaves an empty ballot; nothing for other methods."""
    if tally.METHODS[method].winners != "budget":
        return {}
    wanted = {"completion": "greedy", "count_empty": False}
    costs = {option.id: 1 for option in asked.options}
    return {"costs": costs, "budget": 1} | {k: v for k, v in wanted.items() if k in tally.METHODS[method].options}


def question(method: str, options: int = 3, seats: int = 1) -> Question:
    """A question that the method can answer: a motion has options of its own, one winner has one seat."""
    if method == "motion":
        return Question("A motion", (Option("yes", "Yes"), Option("no", "No"), Option("abstain", "Abstain")))
    made = tuple(Option(f"o{n}", name) for n, name in enumerate(NAMES[:options], 1))
    return Question("A question", made, seats if tally.METHODS[method].winners in SEVERAL else 1)


def ballot(method: str, ids: Sequence[str]) -> Ballot:
    """A ballot for these options, the first of them best; none: blank."""
    kind = tally.METHODS[method].ballot
    if kind == "choice":
        return choice(*ids)
    if kind == "each":
        return each(**dict.fromkeys(ids, "yes"))
    return ranking(*ids) if kind == "ranking" else score(**{one: max(0, 5 - n) for n, one in enumerate(ids)})


def election(method: str, rows: Sequence[tuple[Sequence[int], int]], options: int = 3, seats: int = 1) -> Election:
    """An election of (places of options in declared order from 0, the first best; weight)."""
    asked = question(method, options, seats)
    ids = [option.id for option in asked.options]
    return Election(method, asked, tuple((ballot(method, [ids[n] for n in places]), weight) for places, weight in rows))


@st.composite
def elections(draw: st.DrawFn, method: str, most: int = 10, one_mark: bool = False) -> Election:
    """Random elections; one_mark: every choice marks at most one option."""
    options = len(question(method).options) if method == "motion" else draw(st.integers(1, len(NAMES)))
    few = tally.METHODS[method].ballot == "choice" and (one_mark or method == "motion")
    ranked = st.permutations(range(options)).flatmap(
        lambda order: st.integers(0, 1 if few else options).map(lambda length: tuple(order[:length]))
    )
    rows = draw(st.lists(st.tuples(ranked, st.integers(1, 4)), max_size=most))
    return election(method, rows, options, draw(st.integers(1, 3)))
