"""Smith//IRV and Benham: against plain counts from the ballots, and how rounds and matrix read them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from tests.core.tally import pairs as plain
from tests.core.tally.pairs import DECLARED, asked, count, elections, question, read

THREE = question("A", "B", "C")
OVERVOTES = ("exhaust", "skip", "exhaust-if-several-continuing")


@given(
    elections(least=3, ballots=5),
    st.sampled_from(OVERVOTES),
    st.sampled_from([None, 0]),
    st.sampled_from(["skip", "exhaust"]),
)
@settings(max_examples=150)
def test_the_run_off_is_irv_without_those_outside_the_smith_set(election, overvote, skipped, duplicate):
    """The same rounds as when they had withdrawn, after the one in which they leave."""
    options, ballots = election
    ballots = [*ballots, *read("4 A>B>C,3 B>C>A,3 C>A>B")]
    found = plain.smith(plain.matrix((options, ballots)))
    assume(len(found) > 1)
    rules = {"overvote": overvote, "max_skipped": skipped, "duplicate": duplicate, **DECLARED}
    made = count("smith-irv", ballots, options, **rules)
    gone = tuple(f"o{n + 1}" for n in range(options) if n not in found)
    alone = tally.count(replace(asked(options), withdrawn=gone), plain.papers(ballots), {"method": "irv", **rules})
    assert made.winners == alone.winners
    first = bool(gone)
    assert len(made.rounds) == len(alone.rounds) + first
    for mine, other in zip(made.rounds[first:], alone.rounds, strict=True):
        assert {name: mine.votes[name] for name in other.votes} == other.votes
        assert (mine.elected, mine.excluded, mine.quota) == (other.elected, other.excluded, other.quota)
        assert mine.says.split(". ", 1)[1] == other.says.split(". ", 1)[1]
    if first:
        assert made.rounds[0].excluded == tuple(plain.names(set(range(options)) - found))
        assert made.rounds[0].votes == made.rounds[1].votes
        assert made.rounds[0].quota is None


def _benham(election):
    """From strict ballots: who is elected, and who left, in order. Of those tied for last the latest leaves."""
    options, ballots = election
    over = plain.matrix(election)
    live = list(range(options))
    gone = []
    while True:
        for a in live:
            if all((a, b) in plain.beats(over) for b in live if b != a):
                return a, gone
        votes = dict.fromkeys(live, 0)
        for ballot, times in ballots:
            at = plain.places(ballot)
            standing = [option for option in sorted(at, key=at.__getitem__) if option in live]
            if standing:
                votes[standing[0]] += times
        last = max(live, key=lambda option: (-votes[option], option))
        live.remove(last)
        gone.append(last)


@given(elections(least=2, strict=True, most=6))
@settings(max_examples=150)
def test_benham_looks_for_a_winner_before_each_exclusion(election):
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    made = count("benham", ballots, options, **DECLARED)
    winner, gone = _benham(election)
    assert made.winners == (f"N{winner + 1}",)
    assert list(made.result.excluded) == [f"N{n + 1}" for n in gone]
    assert {round_.quota for round_ in made.rounds} == {None}


def test_those_outside_the_smith_set_leave_first():
    """A, B and C go round; D has the most first preferences and loses to each of them."""
    ballots = read("4 D>A>B>C,1 A>B>C,4 B>C>A,3 C>A>B")
    made = count("smith-irv", ballots, question(*"ABCD"))
    assert made.result.facts["smith"] == ["A", "B", "C"]
    assert made.rounds[0].says == "Round 1. Exclude D: each of the Smith set, A, B and C, beats all outside it."
    assert made.rounds[0].votes == {"A": "5", "B": "4", "C": "3", "D": "0"}
    assert made.winners == ("A",)
    assert made.result.excluded == ("D", "C")
    assert count("irv", ballots, question(*"ABCD")).winners == ("B",)


def test_a_winner_of_all_pairs_needs_no_run_off():
    """IRV excludes B first; B beats both others."""
    ballots = read("4 A>B>C,2 B>A>C,3 C>B>A")
    assert count("irv", ballots, THREE).winners != ("B",)
    for method in ("smith-irv", "benham"):
        made = count(method, ballots, THREE)
        assert (made.winners, made.result.excluded) == (("B",), ())
        assert made.rounds[0].says == "Round 1. B beats every other option (closest: A, 5 to 4) and is elected."
        assert made.rounds[0].votes == {"A": "4", "B": "2", "C": "3"}
        assert made.rounds[0].quota is None


def test_the_least_number_of_votes_applies_to_the_first_round_of_the_run_off():
    ballots = read("4 D>A>B>C,1 A>B>C,4 B>C>A,3 C>A>B")
    made = count("smith-irv", ballots, question(*"ABCD"), minimum_votes=5)
    assert [round_.excluded for round_ in made.rounds[:2]] == [("D",), ("B", "C")]
    assert "fewer than 5 votes" in made.rounds[1].says


@pytest.mark.parametrize("method", ["smith-irv", "benham"])
def test_ranks_beyond_the_last_that_is_read_are_in_no_pair(method):
    made = count(method, read("2 A>B>C,1 C>B>A"), THREE, max_ranks=1)
    assert made.result.facts["matrix"]["A"] == {"B": "2", "C": "2"}
    assert made.result.facts["matrix"]["B"] == {"A": "0", "C": "0"}


@pytest.mark.parametrize("method", ["smith-irv", "benham"])
def test_ballots_without_a_first_preference_are_in_the_pairs(method):
    """A and B share the first rank on every ballot: no round gives them a vote, and both beat C."""
    ballots = read("2 A=B>C,1 A=B")
    made = count(method, ballots, THREE, **DECLARED)
    assert made.outcome == "elected"
    assert made.winners == ("A",)
    assert made.result.facts["matrix"]["A"]["C"] == "3"
    assert made.rounds[0].votes["A"] == "0"
    assert made.rounds[0].exhausted == "3"


def test_benham_tells_who_it_compared():
    made = count("benham", read("4 A>B>C,3 B>C>A,2 C>A>B"), THREE)
    assert [round_.says for round_ in made.rounds] == [
        "Round 1. Exclude C: 2 votes, fewest (next 3). 2 to A.",
        "Round 2. A beats every other continuing option (closest: B, 6 to 3) and is elected.",
    ]


def test_a_last_one_is_elected_though_level_with_those_who_left():
    made = count("benham", read("1 A>B,1 B>A"), question("A", "B"), **DECLARED)
    assert made.rounds[-1].says == "Round 2. A is the only continuing option left and is elected."


@pytest.mark.parametrize("method", ["smith-irv", "benham"])
def test_blank_ballots_decide_nothing(method):
    made = count(method, [(ranking(), 2)], THREE)
    assert (made.outcome, made.winners, made.rounds) == ("no valid ballots", (), ())
    assert made.result.facts["smith"] == ["A", "B", "C"]
