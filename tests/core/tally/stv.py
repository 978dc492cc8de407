"""Elections for tests of STV: short ways to ask and to read, and electorates that make surpluses meet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.formats import blt
from deliberate.core.tally import Count, Option, Question

RULESETS = ("ers97", "meek", "meek-prf", "scottish-stv", "wigm", "wigm-prf", "wigm-prf-batch")
Pile = tuple[str, int]
"""Equal papers: names of one letter in order, as ``ABC``, and how many."""


def question(names: Sequence[str], seats: int = 1) -> Question:
    return Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1)), seats)


def counted(method: str, piles: Sequence[Pile], seats: int = 1, names: Sequence[str] = "ABCD", **rules: Any) -> Count:
    """Count piles of papers."""
    lots = rules.pop("lots", ())
    ids = {name: f"o{n}" for n, name in enumerate(names, 1)}
    ballots = [(ranking(*(ids[name] for name in order)), times) for order, times in piles]
    return tally.count(question(names, seats), ballots, {"method": method, **rules}, lots)


def totals(made: Count) -> list[dict[str, Fraction]]:
    """Votes after each round."""
    return [{name: Fraction(votes) for name, votes in round_.votes.items()} for round_ in made.rounds]


def shown(made: Count, n: int) -> str:
    """The votes of a round in one line, in declared order, with what is exhausted and lost."""
    round_ = made.rounds[n - 1]
    return f"{' '.join(round_.votes.values())} | {round_.exhausted} {round_.residual}"


def singles(piles: Sequence[Pile]) -> list[str]:
    """One entry for each paper."""
    return [order for order, times in piles for _ in range(times)]


def case(data: Path, name: str) -> tuple[dict[str, Any], tally.Question, Any]:
    """A public election: what is known of it, its question and its ballots."""
    known = json.loads((data / f"elections/cases/{name}.json").read_text())
    with (data / "elections" / known["file"]).open(encoding="utf-8") as lines:
        election = blt.read(lines, known["file"])
    return known, Question(election.question.title, election.question.options, known["seats"]), election.ballots


@st.composite
def elections(draw: st.DrawFn, most: int = 12) -> tuple[str, int, list[Pile]]:
    """Names, seats and piles: any orders, truncated, some equal in number."""
    names = "ABCDEF"[: draw(st.integers(2, 6))]
    orders = st.permutations(names).flatmap(
        lambda order: st.integers(1, len(names)).map(lambda length: "".join(order[:length]))
    )
    piles = draw(st.lists(st.tuples(orders, st.integers(1, 5)), min_size=1, max_size=most))
    return names, draw(st.integers(1, len(names) - 1)), piles


@st.composite
def blocs(draw: st.DrawFn) -> tuple[str, int, list[Pile]]:
    """Three blocs that vote for their own options first, so that several pass the quota at once and surpluses meet."""
    names = "ABCDEFGH"
    parts = [names[:3], names[3:6], names[6:]]
    piles: list[Pile] = []
    for n, own in enumerate(parts):
        others = "".join(part for k, part in enumerate(parts) if k != n)
        for _ in range(draw(st.integers(1, 3))):
            first = own[0] + "".join(draw(st.permutations(own[1:])))
            order = first + "".join(draw(st.permutations(others)))
            piles.append(
                (order[: draw(st.integers(1, len(order)))], draw(st.integers(3, 40) if n < 2 else st.integers(1, 9)))
            )
        piles.append(("".join(draw(st.permutations(own))), draw(st.integers(1, 4))))
    return names, draw(st.integers(3, 5)), piles
