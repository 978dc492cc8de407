"""Schulze: the published example, every path against all paths, and what is told of them."""

from __future__ import annotations

import json
from itertools import pairwise, permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from tests.core.tally import pairs as plain
from tests.core.tally.pairs import DECLARED, count, elections, question, read


def stored(data, case):
    """(question, ballots, what is expected) of a case with groups of equal options."""
    known = json.loads((data / f"elections/cases/{case}.json").read_text())
    held = json.loads((data / "elections" / known["file"]).read_text())
    asked = question(*held["candidates"])
    ids = {option.name: option.id for option in asked.options}
    if known["format"] == "debian-tally-aggregated":
        ballots = [(_marks(asked, marks), times) for times, marks in held["ballots"]]
    else:
        ballots = [(ranking(*([ids[n] for n in rank] for rank in ranks)), times) for times, ranks in held["ballots"]]
    return asked, ballots, known["expected"]


def _marks(asked, marks):
    """A line of a Debian tally sheet: the rank of each option, or - for none."""
    ranks = [[] for _ in range(10)]
    for option, mark in zip(asked.options, marks, strict=True):
        if mark != "-":
            ranks[int(mark) - 1].append(option.id)
    return ranking(*ranks)


@pytest.mark.parametrize("case", ["schulze_paper_ex3", "debian_leader2020"])
@pytest.mark.parametrize("strength", ["winning-votes", "margins"])
def test_published_elections(data, case, strength):
    asked, ballots, known = stored(data, case)
    made = count("schulze", ballots, asked, strength=strength)
    assert list(made.winners) == known["winners"]
    assert made.result.facts["order"] == known["ranking"]
    assert made.cast == known.get("ballots", made.cast)


def test_the_path_and_its_weakest_link_are_told(data):
    asked, ballots, _ = stored(data, "schulze_paper_ex3")
    made = count("schulze", ballots, asked)
    assert made.result.facts["paths"]["E"]["A"] == {
        "strength": "25",
        "path": ["E", "D", "C", "B", "A"],
        "link": ["B", "A"],
    }
    said = "E > D > C > B > A, weakest link B > A with 25; back: the path A > D > C > E, weakest link C > E with 24"
    assert made.result.explanation[1] == f"E beats A by the path {said}."
    assert made.rounds[0].says == (
        f"Round 1. E is elected: no path to it is stronger than its own path back (closest: A, by the path {said})."
    )


@given(elections(most=4), st.sampled_from(["winning-votes", "margins", "ratio", "tuple"]))
@settings(max_examples=150)
def test_paths_are_the_strongest_of_all(election, strength):
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    made = count("schulze", ballots, options, strength=strength, **DECLARED)
    over = plain.matrix(election)
    widest = {(a, b): _widest(over, strength, a, b) for a, b in permutations(range(options), 2)}
    paths = made.result.facts["paths"]
    for (a, b), link in widest.items():
        told = paths[f"N{a + 1}"].get(f"N{b + 1}")
        assert (told is None) == (link is None)
        if told:
            stops = [int(name[1:]) - 1 for name in told["path"]]
            assert stops[0] == a and stops[-1] == b and len(set(stops)) == len(stops)
            assert set(pairwise(stops)) <= plain.beats(over)
            weakest = tuple(int(name[1:]) - 1 for name in told["link"])
            assert not _less(over, strength, weakest, link) and not _less(over, strength, link, weakest)
            assert weakest in set(pairwise(stops))
    assert made.result.facts["order"][0] == [
        f"N{a + 1}"
        for a in range(options)
        if not any(_less(over, strength, widest[a, b], widest[b, a]) for b in range(options) if b != a)
    ]


def _less(over, strength, one, other):
    """Whether a link is weaker than another; none is the weakest."""
    if one is None or other is None:
        return one is None and other is not None
    (a, b), (c, d) = one, other
    return plain.stronger(strength, over[c][d], over[d][c], over[a][b], over[b][a])


def _widest(over, strength, a, b):
    """The weakest link of the strongest of all paths from a to b, each tried."""
    best = None
    others = [n for n in range(len(over)) if n not in (a, b)]
    for size in range(len(others) + 1):
        for between in permutations(others, size):
            links = list(pairwise((a, *between, b)))
            if set(links) <= plain.beats(over):
                weakest = links[0]
                for link in links:
                    if _less(over, strength, link, weakest):
                        weakest = link
                if _less(over, strength, best, weakest):
                    best = weakest
    return best


@pytest.mark.parametrize(
    ("strength", "told"),
    [("winning-votes", "6"), ("margins", "3"), ("ratio", "6:3"), ("tuple", "6:3")],
)
def test_a_strength_is_written_in_its_own_terms(strength, told):
    made = count("schulze", read("4 A>B>C,3 B>C>A,2 C>A>B"), question("A", "B", "C"), strength=strength)
    assert made.result.facts["paths"]["A"]["B"]["strength"] == told


def test_a_ratio_to_nothing_is_above_all_others():
    """A over B 2 to 0 stands above B over C 4 to 1 and C over A 3 to 2; between two such more votes are stronger."""
    over = [(2, 0), (4, 1), (3, 2), (3, 0)]
    keys = [tally.pairwise.STRENGTHS["ratio"](*sides) for sides in over]
    assert sorted(range(4), key=keys.__getitem__) == [2, 1, 0, 3]


def test_unranked_options_below_or_not_compared_elect_different_ones():
    """Two rank only A, three rank B above A: below, C loses to A; not compared, C has no majority against it."""
    ballots = read("5 A,3 B>A>C,4 C>B")
    below = count("schulze", ballots, question("A", "B", "C"))
    left_out = count("schulze", ballots, question("A", "B", "C"), unranked="ignored")
    assert below.winners != left_out.winners
    assert below.result.facts["matrix"]["A"]["C"] == "8"
    assert left_out.result.facts["matrix"]["A"]["C"] == "3"


def test_level_options_are_told_so():
    made = count("schulze", read("1 A>B>C,1 C>A>B"), question("A", "B", "C"), **DECLARED)
    assert made.result.facts["order"] == [["A", "C"], ["B"]]
    assert made.winners == ("A",)
    assert "no path" in made.rounds[0].says
