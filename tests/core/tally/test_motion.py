"""Motions: quorum of those present, double majority, further least numbers, what counts as blank and spoilt."""

from __future__ import annotations

import pytest

from deliberate.core import tally
from deliberate.core.ballot import choice
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question

MOTION = Question("A motion", (Option("yes", "Yes"), Option("no", "No"), Option("abstain", "Abstain")))
ROLL = {"heads": 10, "weight": "20"}


def put(*votes, lots=(), **rules):
    """("yes", weight, times) ..."""
    cast = [(choice(*answer.split()), weight) for answer, weight, times in votes for _ in range(times)]
    return tally.count(MOTION, cast, {"method": "motion", **rules}, lots)


def said(made):
    return {test.name: test.says for test in made.result.tests}


def test_weights_and_heads_are_both_shown():
    made = put(("yes", "5", 1), ("no", "1", 3), ("abstain", "1/2", 1), ("", "1", 2), ("yes no", "1", 1))
    assert made.rounds[0].votes == {"Yes": "5", "No": "3", "Abstain": "1/2"}
    assert made.rounds[0].facts == {"heads": {"Yes": 1, "No": 3, "Abstain": 1}}
    assert (made.result.blank, made.result.spoilt, made.result.valid, made.result.weight) == (2, 1, 5, "17/2")


def test_without_a_quorum_no_sentence_says_carried():
    sizes = {"roll": ROLL, "quorum": {"number": 9, "by": "heads", "on": "turnout"}}
    made = put(("yes", "1", 3), ("no", "1", 1), **sizes)
    assert made.outcome == "no quorum"
    assert said(made)["majority"] == "3 x 2 = 6 > 1 x 4 = 4: enough yes votes, had there been a quorum"
    made = put(("yes", "1", 1), ("no", "1", 3), double=True, **sizes)
    assert said(made)["majority"].endswith(": too few yes votes by weight")
    assert said(made)["majority_heads"].endswith(": too few yes votes by heads")


def test_a_double_majority_needs_the_share_by_heads_too():
    votes = (("yes", "5", 1), ("no", "1", 3))
    assert put(*votes).outcome == "carried"
    made = put(*votes, double=True)
    assert made.outcome == "lost"
    assert said(made) == {
        "majority": "5 x 2 = 10 > 1 x 8 = 8: carried by weight",
        "majority_heads": "1 x 2 = 2 <= 1 x 4 = 4: lost by heads",
    }
    assert put(("yes", "1", 3), ("no", "5", 1), double=True).outcome == "lost"
    assert put(("yes", "1", 3), ("no", "1", 1), double=True).outcome == "carried"
    sizes = {"roll": ROLL, "basis": "roll", "double": True, "strict": False}
    assert put(("yes", "3", 4), **sizes).outcome == "lost"  # 12 of 20 by weight, 4 of 10 by heads
    assert put(("yes", "2", 5), **sizes).outcome == "carried"
    with pytest.raises(DeliberateError, match="casting vote cannot settle a double majority"):
        put(double=True, tie="casting")


@pytest.mark.parametrize(
    ("quorum", "outcome", "tests"),
    [
        ({"on": "present", "fraction": "1/2"}, "carried", {"quorum_present": "6 x 2 = 12 >= 1 x 10 = 10: quorum reached"}),
        ({"on": "present", "fraction": "2/3"}, "no quorum", {"quorum_present": "6 x 3 = 18 < 2 x 10 = 20: no quorum"}),
        ({"on": "present", "number": 7}, "no quorum", {"quorum_present": "6 < 7: no quorum"}),
        ({"on": "present", "by": "weight", "fraction": "1/2"}, "carried", {"quorum_present": "11 x 2 = 22 >= 1 x 20 = 20: quorum reached"}),
        ({"on": "both", "number": 4}, "no quorum", {"quorum_present": "6 >= 4: quorum reached", "quorum": "3 < 4: no quorum"}),
        ({"on": "both", "number": 3}, "carried", {"quorum_present": "6 >= 3: quorum reached", "quorum": "3 >= 3: quorum reached"}),
        ({"on": "turnout", "by": "weight", "fraction": "1/4"}, "no quorum", {"quorum": "4 x 4 = 16 < 1 x 20 = 20: no quorum"}),
    ],
)  # fmt: skip
def test_a_quorum_on_those_present_on_the_turnout_or_on_both(quorum, outcome, tests):
    present = {"heads": 6, "weight": "11"}
    made = put(("yes", "2", 1), ("", "1", 1), ("yes no", "1", 1), quorum=quorum, roll=ROLL, present=present)
    assert made.outcome == outcome
    assert {name: says for name, says in said(made).items() if name.startswith("quorum")} == tests


@pytest.mark.parametrize(
    ("rules", "outcome", "says"),
    [
        ({"min_roll": "1/4"}, "carried", "5 x 4 = 20 >= 1 x 20 = 20: enough of the roll"),
        ({"min_roll": "1/3"}, "lost", "5 x 3 = 15 < 1 x 20 = 20: too little of the roll"),
        ({"non_negative": "2/3"}, "carried", "6 x 3 = 18 >= 2 x 9 = 18: enough not against"),
        ({"non_negative": "3/4"}, "lost", "6 x 4 = 24 < 3 x 9 = 27: too many against"),
        ({"min_yes": "5"}, "carried", "5 >= 5: enough yes votes"),
        ({"min_yes": "11/2"}, "lost", "5 < 11/2: too few yes votes"),
    ],
)
def test_further_gates_each_have_a_line_of_their_own(rules, outcome, says):
    made = put(("yes", "1", 5), ("no", "1", 3), ("abstain", "1", 1), roll=ROLL, **rules)
    assert (made.outcome, made.result.tests[-1].says) == (outcome, says)


def test_the_size_of_the_roll_may_come_as_text():
    assert put(("yes", "1", 5), min_roll="1/4", roll="20").result.tests[-1].holds
    made = put(("yes", "1", 5), min_roll="1/4", roll="12 = 21.5")
    assert made.rules["roll"] == {"heads": 12, "weight": "43/2"} and made.outcome == "lost"
    assert put(("yes", "1", 5), roll="").rules["roll"] is None
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        put(roll="many")


def test_a_blank_may_abstain():
    votes = (("yes", "1", 3), ("no", "1", 2), ("", "1", 2))
    assert put(*votes, basis="votes+abstentions").outcome == "carried"
    made = put(*votes, basis="votes+abstentions", blank="abstain")
    assert (made.outcome, made.rounds[0].votes["Abstain"], made.result.blank, made.result.valid) == ("lost", "2", 0, 7)


def test_a_count_of_hands_says_that_it_cannot_be_repeated():
    assert put(("yes", "1", 3), counted="hand").result.explanation[-1] == (
        "Tellers entered these totals; nobody can count them again."
    )
    assert "again" not in " ".join(put(("yes", "1", 3)).result.explanation)


def test_no_votes_are_a_tie_that_the_chair_may_cast():
    assert put(tie="casting").outcome == "tie"
    lot = {"round": 1, "purpose": "casting", "tied": ["Yes", "No"], "chosen": "Yes"}
    made = put(("yes", "1", 2), ("no", "2", 1), tie="casting", lots=[lot])
    assert (made.outcome, made.result.ties[0].evidence) == ("carried", "2 votes each. The chair's casting vote: Yes.")


@pytest.mark.parametrize(
    ("rules", "match"),
    [
        ({"quorum": "1/2"}, "A quorum that is a share needs the size of the roll"),
        ({"quorum": {"on": "present", "number": 3}}, "A quorum of those present needs their number"),
        ({"min_roll": "1/2"}, "A least share of the roll needs its size"),
        ({"basis": "roll"}, "The base roll needs its size"),
        ({"basis": "present"}, "The base present needs its size"),
    ],
)
def test_rules_without_the_sizes_they_need_are_refused_before_a_ballot_is_cast(rules, match):
    with pytest.raises(DeliberateError, match=match):
        put(**rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"quorum": {"fraction": "1/2", "number": 3}},
        {"quorum": {"by": "heads"}},
        {"quorum": {"number": 3, "of": "all"}},
        {"quorum": {"number": 3, "on": "roof"}},
        {"min_yes": "-1"},
        {"min_roll": "3/2"},
        {"counted": "twice"},
    ],
)
def test_values_that_are_no_rules_are_refused(rules):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules("motion", **rules)
    assert tally.rules("motion", quorum="0")["quorum"] is None


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("", None),
        ("120", {"heads": 120, "weight": "120"}),
        ("120=310.5", {"heads": 120, "weight": "621/2"}),
        (" 3 = 7/2 ", {"heads": 3, "weight": "7/2"}),
    ],
)
def test_the_size_of_a_roll_can_be_written_in_one_word(said, means):
    assert tally.rules("motion", roll=said)["roll"] == means


@pytest.mark.parametrize("said", ["many", "=3", "-1", "3=x"])
def test_a_size_that_is_no_number_is_refused(said):
    with pytest.raises(DeliberateError, match='The option "roll"'):
        tally.rules("motion", roll=said)
