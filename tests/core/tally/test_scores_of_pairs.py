"""Minimax, Copeland and Borda: their scores from the ballots by the definition, and counts worked by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.errors import DeliberateError
from tests.core.tally import pairs as plain
from tests.core.tally.pairs import DECLARED, count, elections, question, read

THREE = question("A", "B", "C")
CIRCLE = read("4 A>B>C,3 B>C>A,2 C>A>B")


def scores(made):
    return [Fraction(made.result.facts["scores"][option.name]) for option in made.question.options]


def in_order(made, values, highest):
    """Whether winner and classes follow these values."""
    edges = sorted(set(values), reverse=highest)
    names = [option.name for option in made.question.options]
    return made.result.facts["order"] == [
        [n for n, v in zip(names, values, strict=True) if v == edge] for edge in edges
    ]


@given(elections(), st.sampled_from(["winning-votes", "margins", "opposition"]))
@settings(max_examples=100)
def test_minimax_finds_the_worst_defeat(election, score):
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    made = count("minimax", ballots, options, score=score, **DECLARED)
    over = plain.matrix(election)

    def defeat(a, b):
        if score == "opposition":
            return over[b][a]
        return (over[b][a] - (over[a][b] if score == "margins" else 0)) if over[b][a] > over[a][b] else 0

    worst = [max((defeat(a, b) for b in range(options) if b != a), default=0) for a in range(options)]
    assert scores(made) == worst
    assert in_order(made, worst, highest=False)


@given(elections(), st.sampled_from(["0", "1/2", "1"]))
@settings(max_examples=100)
def test_copeland_counts_victories_and_draws(election, worth):
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    made = count("copeland", ballots, options, tie_worth=worth, **DECLARED)
    over = plain.matrix(election)
    points = [
        sum(
            1 if over[a][b] > over[b][a] else Fraction(worth) if over[a][b] == over[b][a] else 0
            for b in range(options)
            if b != a
        )
        for a in range(options)
    ]
    assert scores(made) == points
    assert in_order(made, points, highest=True)


@given(elections(), st.sampled_from(["zero", "average"]))
@settings(max_examples=150)
def test_borda_gives_the_points_of_each_ballot(election, truncated):
    """Ballot by ballot: a rank shares the average of the places that its options take up."""
    options, ballots = election
    made = count("borda", ballots, options, truncated=truncated, **DECLARED)
    points = [Fraction(0)] * options
    for ballot, times in ballots:
        at = plain.places(ballot)
        groups = [[o for o in at if at[o] == place] for place in sorted(set(at.values()))]
        groups += [[o for o in range(options) if o not in at]]
        highest = options - 1
        for n, group in enumerate(groups):
            worth = [highest - k for k in range(len(group))]
            highest -= len(group)
            last = n == len(groups) - 1
            if group and at and not (last and truncated == "zero"):
                for option in group:
                    points[option] += times * Fraction(sum(worth), len(worth))
    assert scores(made) == points
    assert Fraction(made.rounds[0].facts["given"]) == sum(points)


def test_minimax_tells_each_worst_defeat():
    made = count("minimax", CIRCLE, THREE)
    assert made.result.explanation[1:] == (
        "A: worst against C, votes of the majority 5.",
        "B: worst against A, votes of the majority 6.",
        "C: worst against B, votes of the majority 7.",
        "Round 1. A is elected: its worst defeat is the least, 5.",
    )
    assert "B: worst against A, margin 3." in count("minimax", CIRCLE, THREE, score="margins").result.explanation
    undefeated = count("minimax", read("2 A>B"), THREE)
    assert "A: not defeated." in undefeated.result.explanation
    assert (
        "A: nobody has a vote against it."
        in count("minimax", read("2 A>B"), THREE, score="opposition").result.explanation
    )


def test_opposition_can_pass_over_whoever_beats_every_other():
    """A beats B 9 to 5 and C 3 to 2; B's 5 against A are more than anybody has against C."""
    ballots = read("6 A=C>B,2 B=C>A,3 B>A=C,3 A>B=C")
    assert count("minimax", ballots, THREE).winners == ("A",)
    made = count("minimax", ballots, THREE, score="opposition")
    assert made.winners == ("C",)
    assert made.result.facts["scores"] == {"A": "5", "B": "9", "C": "3"}


def test_copeland_tells_how_it_counts():
    made = count("copeland", read("2 A>B>C,1 B>A>C"), THREE)
    assert made.result.explanation[1:] == (
        "A: 2 victories, 0 draws, 0 defeats: 2 points.",
        "B: 1 victory, 0 draws, 1 defeat: 1 point.",
        "C: 0 victories, 0 draws, 2 defeats: 0 points.",
        "Round 1. A is elected with 2 points, the most.",
    )


def test_truncated_borda_ballots_elect_different_options():
    """Zero: A 5 x 2 = 10, B 4 x 2 = 8, C 4. Average: C 4 + 5 / 2 = 13/2, B 8 + 5 / 2 = 21/2, above A's 10."""
    ballots = read("5 A,4 B>C>A")
    zero = count("borda", ballots, THREE)
    average = count("borda", ballots, THREE, truncated="average")
    assert (zero.winners, average.winners) == (("A",), ("B",))
    assert average.result.facts["scores"] == {"A": "10", "B": "21/2", "C": "13/2"}
    assert zero.rounds[0].says == "Round 1. A has 10 points, the most."


def test_borda_can_pass_over_whoever_beats_every_other():
    made = count("borda", read("3 A>B>C,2 B>C>A"), THREE)
    assert made.result.facts["scores"] == {"A": "6", "B": "7", "C": "2"}
    assert plain.smith(plain.matrix((3, read("3 A>B>C,2 B>C>A")))) == {0}


def test_borda_fills_seats_and_ties_only_at_the_last():
    ballots = read("2 A>B=C>D,1 D>A")
    asked = question("A", "B", "C", "D", seats=2)
    waits = count("borda", ballots, asked)
    assert (waits.outcome, waits.winners) == ("awaiting lot", ("A",))
    assert (
        waits.rounds[0].says == "Round 1. A has 8 points, the most. B, C and D have 3 points each: a lot must decide."
    )
    lot = {"round": 1, "purpose": "elect", "tied": ["B", "C", "D"], "chosen": "C"}
    made = count("borda", ballots, asked, [lot])
    assert made.winners == ("A", "C")
    assert made.rounds[0].says.endswith("C has 3 points, as many as B and D, and wins the tie.")
    three = count("borda", read("3 A>B>C,1 B>A>C"), question("A", "B", "C", seats=2))
    assert three.rounds[0].says == "Round 1. A has 7 points, the most. B has 5 points, the next most."


def test_borda_without_a_contest_and_without_ballots():
    made = count("borda", read("1 B"), question("A", "B", seats=3))
    assert (made.outcome, made.winners) == ("elected", ("A", "B"))
    none = count("borda", [(ranking(), 2)], question("A", "B", seats=1))
    assert (none.outcome, none.winners, none.result.blank) == ("no valid ballots", (), 2)


def test_borda_says_which_ballots_repeat_an_option():
    made = count("borda", [(ranking("o1", "o2", "o1"), 2)], question("A", "B"))
    assert made.result.explanation[0] == "2 ballots rank an option more than once: the best rank counts."
    assert made.result.facts["scores"] == {"A": "2", "B": "0"}


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("minimax", {"score": "worst"}),
        ("copeland", {"tie_worth": "2"}),
        ("borda", {"truncated": "half"}),
        ("schulze", {"strength": "muscle"}),
        ("schulze", {"unranked": "top"}),
        ("ranked-pairs", {"equal": "first"}),
        ("benham", {"batch": "yes"}),
    ],
)
def test_bad_rules_are_refused(method, given):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules(method, **given)
