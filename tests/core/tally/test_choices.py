"""Marks: plurality and its kin, approval, yes or no to each option."""

from __future__ import annotations

from fractions import Fraction

import pytest

from deliberate.core import tally
from deliberate.core.ballot import choice, each
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question


def asked(names="ABCD", seats=1):
    return Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1)), seats)


def marked(*pairs):
    """("o1 o2", 3): three ballots that mark both."""
    return [(choice(*marks.split()), 1) for marks, times in pairs for _ in range(times)]


def count(method, votes, seats=1, names="ABCD", lots=(), **rules):
    return tally.count(asked(names, seats), votes, {"method": method, **rules}, lots)


def test_a_plurality_ballot_with_two_marks_is_spoilt():
    made = count("plurality", marked(("o1", 2), ("o2", 1), ("o2 o3", 4), ("o3 o3", 1), ("", 2)))
    assert made.winners == ("A",)
    assert (made.result.valid, made.result.spoilt, made.result.blank, made.result.weight) == (3, 5, 2, "3")
    assert made.rounds[0].says == "A has 2 of 3 votes, the most."
    assert "given" not in made.rounds[0].facts


@pytest.mark.parametrize(
    ("method", "rules", "held", "spoilt"),
    [
        ("limited", {}, {"A": "5", "B": "6", "C": "1", "D": "2"}, 4),  # two marks, for three seats
        ("limited", {"max_marks": 1}, {"A": "0", "B": "0", "C": "0", "D": "2"}, 10),
        ("limited", {"min_marks": 2}, {"A": "5", "B": "6", "C": "1", "D": "0"}, 6),
        ("block", {}, {"A": "9", "B": "10", "C": "5", "D": "2"}, 0),
        ("block", {"min_marks": 3}, {"A": "4", "B": "4", "C": "4", "D": "0"}, 8),
        ("cumulative", {}, {"A": "9", "B": "10", "C": "5", "D": "2"}, 0),
        ("cumulative", {"points": 2}, {"A": "5", "B": "6", "C": "1", "D": "2"}, 4),
        ("cumulative", {"max_marks": 2}, {"A": "5", "B": "6", "C": "1", "D": "2"}, 4),
        ("cumulative", {"min_marks": 2, "max_marks": 2}, {"A": "5", "B": "6", "C": "1", "D": "0"}, 6),
    ],
)
def test_marks_that_a_ballot_may_have(method, rules, held, spoilt):
    votes = marked(("o1 o2", 5), ("o2 o3", 1), ("o4", 2), ("o1 o2 o3", 4))
    made = count(method, votes, seats=3, **rules)
    assert made.rounds[0].votes == held
    assert made.result.spoilt == spoilt
    assert made.result.valid == 12 - spoilt
    assert made.rounds[0].facts["given"] == str(sum(map(int, held.values())))


def test_a_mark_that_stands_twice_counts_once_but_as_a_point_twice():
    votes = marked(("o1 o1", 3), ("o2", 2))
    assert count("block", votes, seats=2).rounds[0].votes["A"] == "3"
    made = count("cumulative", votes, seats=2)
    assert made.rounds[0].votes["A"] == "6"
    assert made.rounds[0].says == "A has 6 points, the most. B has 2 points, the next most."


def test_a_group_that_puts_its_points_together_wins_a_place():
    votes = marked(("o1 o2", 5), ("o3 o3", 3))
    assert count("block", votes, seats=2).winners == ("A", "B")
    assert count("cumulative", votes, seats=2, ties=["declared"]).winners == ("C", "A")


@pytest.mark.parametrize(
    ("method", "seats", "rules", "match"),
    [
        ("limited", 3, {"max_marks": 3}, "fewer options than there are seats: not 3 for 3"),
        ("limited", 1, {"max_marks": 2}, "fewer options than there are seats: not 2 for 1"),
        ("limited", 3, {"min_marks": 3}, "at least 3 options and at most 2"),
        ("block", 2, {"min_marks": 3}, "at least 3 options and at most 2"),
        ("cumulative", 2, {"points": 3, "min_marks": 4}, "at least 4 options and at most 3"),
        ("cumulative", 2, {"points": 3, "max_marks": 1, "min_marks": 2}, "at least 2 options and at most 1"),
    ],
)
def test_marks_that_no_ballot_could_have_are_refused_before_a_ballot_is_cast(method, seats, rules, match):
    with pytest.raises(DeliberateError, match=match):
        count(method, [], seats=seats, **rules)


def test_a_limited_vote_for_one_seat_is_a_plurality():
    assert count("limited", marked(("o1", 2), ("o2", 1), ("o1 o2", 5))).rounds[0].votes["A"] == "2"


@pytest.mark.parametrize("method", ["plurality", "limited", "block", "cumulative", "approval"])
def test_a_tie_at_the_last_seat_waits_for_its_lot(method):
    votes = marked(("o1", 3), ("o2", 2), ("o3", 2))
    made = count(method, votes, seats=2)
    assert (made.outcome, made.winners) == ("awaiting lot", ("A",))
    assert "B and C have 2 " in made.rounds[0].says
    lot = {"round": 1, "purpose": "elect", "tied": ["B", "C"], "chosen": "C"}
    made = count(method, votes, seats=2, lots=[lot])
    assert (made.outcome, made.winners, made.rounds[0].tie) == ("elected", ("A", "C"), 0)
    assert "as many as B, and wins the tie." in made.rounds[0].says
    with pytest.raises(DeliberateError, match=r"tally\.lot"):
        count(method, votes, seats=3, lots=[lot])


@pytest.mark.parametrize("method", ["plurality", "limited", "block", "cumulative", "approval"])
def test_everybody_is_elected_where_there_are_seats_for_all(method):
    made = count(method, [], seats=5)
    assert (made.outcome, made.winners) == ("elected", tuple("ABCD"))
    assert made.rounds[0].says.startswith("4 options for 5 seats: all options are elected unopposed.")


def test_approval_adds_every_mark():
    made = count("approval", marked(("o1 o2", 4), ("o2", 2), ("o3", 3)))
    assert made.winners == ("B",)
    assert made.rounds[0].says == "B has 6 approvals, the most."
    assert made.rounds[0].facts["given"] == "13"


@pytest.mark.parametrize(
    ("rules", "winners", "outcome"),
    [
        ({"min_support": "1/2"}, ("B",), "elected"),
        ({"min_support": "4/9"}, ("A", "B"), "elected"),
        ({"min_support": "4/9", "strict": True}, ("B",), "elected"),
        ({"min_support": "1"}, (), "lost"),
        ({"min_support": "none"}, ("B", "A"), "elected"),
    ],
)
def test_approval_with_a_least_support(rules, winners, outcome):
    made = count("approval", [*marked(("o1 o2", 4), ("o2", 2), ("o3", 3)), (choice(), 5)], seats=2, **rules)
    assert (made.winners, made.outcome) == (winners, outcome)
    if rules["min_support"] == "4/9" and "strict" not in rules:
        assert made.result.tests[0].says == "A: 4 x 9 = 36 >= 4 x 9 = 36: enough support"
        assert made.result.tests[0].name == "min_support: A"
        assert made.rounds[0].says.startswith("Without what the rules ask for: C, D. 2 options for 2 seats")


def test_a_least_support_is_asked_of_a_single_option_too():
    votes = marked(("o1", 1), ("o2", 9))
    assert tally.count(
        Question("Q", (Option("o1", "A"), Option("o2", "B")), 2, withdrawn=("o2",)),
        votes,
        {"method": "approval", "min_support": "1/2"},
    ).winners == ("A",)  # who marked B only is blank once B has withdrawn
    assert count("approval", [], names="A", min_support="1/2").outcome == "no valid ballots"


EACH = [
    (each(o1="yes", o2="yes", o3="no"), 4),
    (each(o1="yes", o2="no"), 3),
    (each(o1="no", o2="abstain", o3="yes"), 1),
    (each(), 2),
]


def answered(votes, seats=1, names="ABC", **rules):
    papers = [(ballot, 1) for ballot, times in votes for _ in range(times)]
    return tally.count(asked(names, seats), papers, {"method": "approval-each", **rules})


def test_each_option_is_a_motion_and_the_most_yes_votes_win():
    made = answered(EACH, seats=2)
    assert made.winners == ("A", "B")
    assert made.result.facts["answers"]["B"] == {
        "weight": {"yes": "4", "no": "3", "abstain": "1"},
        "heads": {"yes": "4", "no": "3", "abstain": "1"},
    }
    assert [test.says for test in made.result.tests] == [
        "A: 7 x 2 = 14 > 1 x 8 = 8: carried",
        "B: 4 x 2 = 8 > 1 x 7 = 7: carried",
        "C: 1 x 2 = 2 <= 1 x 5 = 5: lost",
    ]
    assert (made.result.blank, made.result.valid) == (2, 8)


@pytest.mark.parametrize(
    ("rules", "winners", "outcome"),
    [
        ({"basis": "votes+abstentions"}, ("A",), "elected"),
        ({"threshold": "2/3", "strict": False}, ("A",), "elected"),
        ({"threshold": "1", "strict": False}, (), "lost"),
        ({"blank": "abstain", "basis": "votes+abstentions"}, ("A",), "elected"),
        ({"blank": "abstain", "basis": "votes+abstentions", "threshold": "3/4", "strict": False}, (), "lost"),
        ({"quorum": {"number": 11}}, (), "no quorum"),
        ({"quorum": {"number": 10}}, ("A", "B"), "elected"),
        ({"min_yes": "5"}, ("A",), "elected"),
    ],
)
def test_the_share_and_its_base_are_those_of_motions(rules, winners, outcome):
    made = answered(EACH, seats=2, **rules)
    assert (made.winners, made.outcome) == (winners, outcome)


def test_nobody_carried_by_weight_but_not_by_heads():
    votes = [(each(o1="yes"), Fraction(5)), (each(o1="no"), 1), (each(o1="no"), 2)]
    question = asked("A")
    assert tally.count(question, votes, {"method": "approval-each"}).winners == ("A",)
    made = tally.count(question, votes, {"method": "approval-each", "double": True})
    assert made.outcome == "lost"
    assert made.rounds[0].says == "None of A has what the rules ask for."
    assert [test.name for test in made.result.tests] == ["majority: A", "majority_heads: A"]


def test_answers_that_are_no_words_of_the_ballot_spoil_it():
    made = answered([(each(o1="maybe", o2="yes"), 3), (each(o2="yes"), 1)])
    assert (made.result.spoilt, made.winners) == (3, ("B",))


def test_nobody_answers():
    assert answered([(each(), 3)], seats=5).outcome == "no valid ballots"
    assert answered([], seats=1).outcome == "no valid ballots"
    made = answered([(each(), 3)], blank="abstain")
    assert (made.outcome, made.result.valid) == ("lost", 3)
