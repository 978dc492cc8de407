"""The same ballots under several methods."""

from __future__ import annotations

import pytest

from deliberate.core.ballot import aggregate, choice, ranking, score
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question
from deliberate.core.tally.comparison import able, compare, first_preferences

OPTIONS = (Option("k", "Knoxville"), Option("n", "Nashville"), Option("m", "Memphis"), Option("c", "Chattanooga"))
TENNESSEE = [
    (ranking("m", "n", "c", "k"), 42),
    (ranking("n", "c", "k", "m"), 26),
    (ranking("c", "k", "n", "m"), 15),
    (ranking("k", "c", "n", "m"), 17),
]
"""Ballots, each with its number of papers: the capital of Tennessee, where run-off, pairwise and first marks differ."""


def election(rows, seats=1, options=OPTIONS):
    papers = ((ballot, 1) for ballot, times in rows for _ in range(times))
    return Question("A capital", options, seats), aggregate(papers, [option.id for option in options])


def rules(*names):
    return [{"method": name} for name in names]


def test_methods_that_differ_are_told_apart_by_the_ballots_and_by_their_rounds():
    made = compare(*election(TENNESSEE), rules("irv", "schulze", "plurality", "copeland"))
    assert {winners: [a.method.name for a in found] for winners, found in made.groups.items()} == {
        ("Nashville",): ["schulze", "copeland"],
        ("Knoxville",): ["irv"],
        ("Memphis",): ["plurality"],
    }
    assert made.says[0] == "Nashville: Schulze; Copeland."
    told = next(said for said in made.says if said.startswith("Nashville or Knoxville?"))
    assert "Head to head: Nashville above Knoxville 68, below 32." in told
    assert "Instant run-off (IRV): Round 2. Exclude Nashville: 26 votes" in told
    assert "Schulze: Round 1. Nashville is elected" in told
    assert len([said for said in made.says if "?" in said]) == 3


def test_methods_that_agree_say_so_once():
    made = compare(*election([(ranking("k", "n"), 3), (ranking("n"), 1)]), rules("irv", "schulze"))
    assert made.says == ("Every method that names a winner names Knoxville.",)
    assert made.as_json()["methods"][0]["winners"] == ["Knoxville"]
    assert made.as_json()["methods"][1]["rules"]["strength"] == "winning-votes"


def test_a_method_that_refuses_is_an_answer_and_stops_nobody():
    made = compare(*election(TENNESSEE, seats=2), rules("scottish-stv", "schulze"))
    refused = made.answers[1]
    assert refused.count is None and refused.winners == () and "cannot fill 2 seats" in refused.refused
    assert made.as_json()["methods"][1] == {
        "method": "schulze",
        "rules": None,
        "outcome": "not counted",
        "winners": [],
        "refused": refused.refused,
    }
    assert made.says == ("Every method that names a winner names Nashville and Memphis.",)


def test_a_tie_names_no_winner():
    made = compare(*election([(ranking("k"), 1), (ranking("n"), 1)]), rules("schulze", "copeland"))
    assert not any(answer.decided for answer in made.answers)
    assert made.groups == {} and made.says == ("No method names a winner.",)


def test_nobody_is_a_winner_of_its_own():
    made = compare(*election([(choice("k", "n"), 2), (choice("k", "m"), 1)]), rules("approval", "plurality"))
    assert made.groups[()][0].method.name == "plurality" and "nobody: One choice, most votes." in made.says


def test_several_seats_are_told_apart_seat_by_seat_and_every_pair_once():
    rows = [(choice("k", "n"), 6), (choice("m"), 5), (choice("k"), 1)]
    made = compare(*election(rows, seats=2), rules("block", "seq-phragmen", "seq-pav", "cumulative"))
    assert set(made.groups) == {("Knoxville", "Nashville"), ("Knoxville", "Memphis")}
    assert sum("Nashville or Memphis?" in said or "Memphis or Nashville?" in said for said in made.says) == 1
    assert not any("Head to head" in said for said in made.says)


@pytest.mark.parametrize("asked", [(), ("irv",)])
def test_one_method_is_no_comparison(asked):
    with pytest.raises(DeliberateError, match="two methods"):
        compare(*election(TENNESSEE), rules(*asked))


def test_who_is_able_to_count():
    ranked = election(TENNESSEE)[1]
    one, two = able(ranked, 1), able(ranked, 2)
    assert {"irv", "schulze", "scottish-stv", "plurality"} <= set(one) and "policy" not in one
    assert "scottish-stv" in two and "irv" not in two and "plurality" not in two
    assert set(able(election([(score(k=3, n=0), 1)])[1], 1)) == {"score", "star"}
    assert {"approval", "plurality"} <= set(able(election([(choice("k"), 1)])[1], 1))
    assert able(election([])[1], 1) == []


def test_first_preferences_of_rankings():
    ballots = [(ranking("k", "n"), 2), (ranking("k"), 1), (ranking(("k", "n"), "c"), 1), (ranking(), 1)]
    found = first_preferences(election(ballots)[1])
    assert {row.marks: row.count for row in found.rows} == {(): 1, ("k",): 3, ("k", "n"): 1}


def test_every_pair_of_winners_is_named_by_a_real_election(data):
    from deliberate.cli.elections import read

    found = read(str(data / "elections" / "ballots" / "burlington_2009_mayor.csv"), None, kind="ranking")
    made = compare(found.question, found.ballots, rules(*able(found.ballots, 1)))
    assert set(made.groups) == {("Andy Montroll",), ("Bob Kiss",), ("Kurt Wright",)}
