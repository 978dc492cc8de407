"""Scores and STAR."""

from __future__ import annotations

import csv
import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import score
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question


def asked(names="ABC", seats=1):
    return Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1)), seats)


def scored(*rows):
    """("5 3 -", 2): two ballots that give 5, 3 and nothing."""
    made = []
    for cells, times in rows:
        given_ = {f"o{n}": int(cell) for n, cell in enumerate(cells.split(), 1) if cell != "-"}
        made += [(score(**given_), 1)] * times
    return made


def count(method, votes, seats=1, names="ABC", lots=(), **rules):
    return tally.count(asked(names, seats), votes, {"method": method, **rules}, lots)


VOTES = scored(("5 3 -", 2), ("- 4 5", 2), ("- - -", 1), ("6 1 1", 1), ("1 -1 1", 1))


@pytest.mark.parametrize(
    ("rules", "winners", "says"),
    [
        ({}, ("B",), "B has 14 points, the most."),
        ({"measure": "mean"}, ("B",), "By the mean of the scores: B has 7/2 points, the most."),
        ({"measure": "mean", "unscored": "ignore", "ties": ["declared"]}, ("A",), "By the mean of the scores: A has 5 points, as many as C, and wins the tie."),
        ({"measure": "mean", "unscored": "ignore", "minimum": 3}, ("B",), "Fewer than 3 scores: A, C. 1 option for 1 seat: the option is elected unopposed."),
        ({"measure": "mean", "unscored": "ignore", "minimum": 5}, (), "Fewer than 5 scores: A, B, C. No option has enough scores."),
        ({"minimum": 4}, ("B",), "Fewer than 4 scores: A, C. 1 option for 1 seat: the option is elected unopposed."),
        ({"range": [-1, 6]}, ("A",), "A has 17 points, the most."),
        ({"range": "0..6"}, ("A",), "A has 16 points, the most."),
    ],
)  # fmt: skip
def test_sum_and_mean(rules, winners, says):
    made = count("score", VOTES, **rules)
    assert (made.winners, made.rounds[0].says) == (winners, says)
    assert made.outcome == ("elected" if winners else "lost")


def test_what_a_count_of_scores_tells():
    made = count("score", VOTES)
    assert made.result.facts["scores"] == {
        "A": {"sum": "10", "given": "2", "mean": "5/2"},
        "B": {"sum": "14", "given": "4", "mean": "7/2"},
        "C": {"sum": "10", "given": "2", "mean": "5/2"},
    }
    assert made.rounds[0].facts["given"] == "34"
    assert (made.result.valid, made.result.blank, made.result.spoilt) == (4, 1, 2)


def test_an_option_that_nobody_scored_has_no_mean_and_cannot_win():
    made = count("score", scored(("0 0 -", 2)), 2, measure="mean", unscored="ignore")
    assert made.winners == ("A", "B")
    assert made.result.facts["scores"]["C"]["mean"] is None
    assert made.rounds[0].says.startswith("Fewer than 1 score: C. ")


def test_nobody_scores():
    assert count("score", []).outcome == "no valid ballots"
    assert count("score", scored(("- - -", 2)), seats=3).winners == ("A", "B", "C")
    assert count("score", [], seats=3, measure="mean", unscored="ignore").winners == ("A", "B", "C")
    assert count("score", [], seats=3, minimum=1).outcome == "no valid ballots"
    assert count("star", []).outcome == "no valid ballots"
    assert count("star", [], names="A").winners == ("A",)


def test_a_tie_of_scores_waits_for_its_lot():
    made = count("score", scored(("3 3 1", 2)))
    assert (made.outcome, made.result.ties[0].tied) == ("awaiting lot", ("A", "B"))


@pytest.mark.parametrize("value", ["0-5", "5..0", [0, 5, 6], [0], ["0", "5"], [True, 5], 7, None])
def test_ranges_that_are_none(value):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules("score", range=value)


def test_a_sum_cannot_ignore():
    with pytest.raises(DeliberateError, match="Compare the mean"):
        count("score", [], unscored="ignore")


def test_star_akali_skins(data):
    known = json.loads((data / "elections/cases/star_akali_skins.json").read_text())
    with (data / "elections" / known["file"]).open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    question = Question("Skins", tuple(Option(f"o{n}", name) for n, name in enumerate(head[1:])))
    votes = [
        (score(**{f"o{n}": int(cell) for n, cell in enumerate(cells) if cell}), 1)
        for times, *cells in rows
        for _ in range(int(times))
    ]
    made = tally.count(question, votes, {"method": "star"})
    wanted = known["expected"]
    assert list(made.winners) == wanted["winners"]
    assert {name: int(row["sum"]) for name, row in made.result.facts["scores"].items()} == wanted["scores"]
    runoff = made.result.facts["runoff"]
    assert {**{k: int(v) for k, v in runoff["votes"].items()}, "No Preference": int(runoff["no_preference"])} == (
        wanted["runoff"]
    )


def test_star_by_hand():
    made = count("star", scored(("5 4 -", 3), ("- 4 5", 2)))
    assert [round_.says for round_ in made.rounds] == [
        "Round 1. B (20 points) and A (15 points) have the highest sums and meet in the run-off (next 10).",
        "Round 2. A 3, B 2, 0 without preference: A is elected.",
    ]
    assert made.rounds[1].votes == {"A": "3", "B": "2", "C": "0"}
    two = count("star", scored(("5 5", 1), ("5 4", 1)), names="AB")
    assert two.rounds[0].says.endswith("meet in the run-off.")
    assert two.rounds[1].exhausted == "1"


def test_a_tie_for_a_place_in_the_run_off_goes_head_to_head_then_to_top_scores_then_to_a_lot():
    made = count("star", scored(("5 4 0", 1), ("5 1 3", 2)))
    assert set(made.result.facts["runoff"]["votes"]) == {"A", "C"}
    (tie,) = made.result.ties
    assert (tie.tied, tie.policy, tie.chosen, tie.evidence) == (
        ("B", "C"),
        "head-to-head",
        "C",
        "By head-to-head: B 0, C 1.",
    )
    assert (made.rounds[0].tie, made.rounds[1].tie) == (0, None)
    made = count("star", scored(("5 1 5", 1), ("5 4 0", 1)))
    (tie,) = made.result.ties
    assert (tie.policy, tie.chosen, tie.evidence) == ("top scores", "C", "By top scores: B 0, C 1.")
    votes = scored(("5 1 4", 1), ("5 4 1", 1))
    made = count("star", votes)
    assert (made.outcome, made.rounds[0].tie) == ("awaiting lot", 0)
    assert made.rounds[0].says == "Round 1. B, C have 5 points each: a lot must decide who is in the run-off."
    made = count("star", votes, lots=[{"round": 1, "purpose": "elect", "tied": ["B", "C"], "chosen": "C"}])
    assert made.winners == ("A",)
    assert "C" in made.result.facts["runoff"]["votes"]


def test_three_tied_may_skip_the_head_to_head():
    """All have 5 points. A wins two matches, B one; C alone has a top score."""
    votes = scored(("0 2 5", 1), ("2 1 0", 1), ("3 2 0", 1))
    first, second = count("star", votes).result.ties
    assert (first.tied, first.policy, first.evidence) == (
        tuple("ABC"),
        "head-to-head",
        "By head-to-head: A 2, B 1, C 0.",
    )
    assert (second.tied, second.policy, second.chosen) == (("B", "C"), "head-to-head", "B")
    made = count("star", votes, head_to_head_ties=False)
    first, second = made.result.ties
    assert (first.tied, first.policy, first.evidence) == (tuple("ABC"), "top scores", "By top scores: A 0, B 0, C 1.")
    assert (second.tied, second.policy, second.chosen) == (("A", "B"), "head-to-head", "A")
    assert made.rounds[0].tie == 0


def test_what_the_steps_narrow_stands_before_the_lot():
    """B, C and D are tied behind A; D wins no match, nothing parts B from C."""
    votes = scored(("5 0 0 2", 1), ("5 1 1 0", 2))
    made = count("star", votes, names="ABCD")
    (tie,) = made.result.ties
    assert (tie.tied, tie.evidence) == (("B", "C"), "By head-to-head: B 1, C 1, D 0. The lot has to be drawn.")


def test_a_tie_in_the_run_off_goes_to_the_sum_then_to_top_scores_then_to_a_lot():
    made = count("star", scored(("5 4", 1), ("0 3", 1)), names="AB")
    (tie,) = made.result.ties
    assert (made.winners, tie.round, tie.policy, tie.evidence) == (("B",), 2, "sums", "By sums: A 5, B 7.")
    made = count("star", scored(("1 5", 1), ("4 0", 1)), names="AB")
    assert (made.winners, made.result.ties[0].policy, made.rounds[1].tie) == (("B",), "top scores", 0)
    assert (
        made.rounds[1].says == "Round 2. A and B have 1 vote each, 0 without preference: B is elected by the tie rule."
    )
    made = count("star", scored(("1 4", 1), ("4 1", 1)), names="AB")
    assert (made.outcome, made.winners, made.rounds[1].tie) == ("awaiting lot", (), 0)
    assert made.rounds[1].says.endswith("a lot must decide.")


@st.composite
def elections(draw):
    options = draw(st.integers(2, 5))
    row = st.lists(st.integers(0, 5), min_size=options, max_size=options)
    return options, draw(st.lists(row, min_size=1, max_size=8))


@given(elections())
def test_star_and_score_against_their_definitions(election):
    options, rows = election
    names = "ABCDE"[:options]
    votes = [(score(**{f"o{n}": cell for n, cell in enumerate(row, 1)}), 1) for row in rows]
    sums = {name: sum(row[n] for row in rows) for n, name in enumerate(names)}
    most = max(sums.values())
    assert sums[count("score", votes, names=names, ties=["declared"]).winners[0]] == most
    means = count("score", votes, names=names, ties=["declared"], measure="mean")
    assert means.winners == count("score", votes, names=names, ties=["declared"]).winners
    assert Fraction(means.result.facts["scores"]["A"]["mean"]) == Fraction(sums["A"], len(rows))
    made = count("star", votes, names=names, ties=["declared"])
    pair = list(made.result.facts["runoff"]["votes"])
    others = [sums[name] for name in names if name not in pair]
    assert all(sums[name] >= total for name in pair for total in others)
    one, two = (names.index(name) for name in pair)
    ahead = sum(row[one] > row[two] for row in rows) - sum(row[two] > row[one] for row in rows)
    if ahead:
        assert made.winners == (pair[0] if ahead > 0 else pair[1],)
