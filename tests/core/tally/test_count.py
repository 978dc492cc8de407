"""The way into a count: what is refused before anything is counted, and options that withdrew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deliberate.core import tally
from deliberate.core.ballot import choice, ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question

ASKED = Question("A chair", (Option("o1", "Ada"), Option("o2", "Bea"), Option("o3", "Cy")))
BALLOTS = [(ranking("o1", "o3"), 4), (ranking("o3", "o2"), 3), (ranking("o2", "o3"), 2)]


@pytest.mark.parametrize(
    ("asked", "ballots", "code", "said"),
    [
        (replace(ASKED, options=()), [], "tally.options", "there are none"),
        (replace(ASKED, seats=0), [], "tally.seats", "no seats to fill"),
        (replace(ASKED, withdrawn=("o1", "o2", "o3")), BALLOTS, "tally.options", "All options have withdrawn."),
        (ASKED, [(choice("o1"), 1)], "tally.ballots", "counts ranking ballots; these are choice ballots"),
    ],
)
def test_what_cannot_be_counted_is_refused(asked, ballots, code, said):
    with pytest.raises(DeliberateError) as refused:
        tally.count(asked, ballots, {"method": "irv"})
    assert refused.value.code == code
    assert said in refused.value.what


def test_the_size_that_a_rule_needs_is_asked_for():
    motion = Question("Q", (Option("yes", "Yes"), Option("no", "No"), Option("abstain", "Abstain")))
    for rules, said in (
        ({"quorum": "1/2"}, "A quorum that is a share needs the size of the roll."),
        ({"basis": "roll"}, "The base roll needs its size."),
        ({"basis": "present"}, "The base present needs its size."),
    ):
        with pytest.raises(DeliberateError) as refused:
            tally.count(motion, [(choice("yes"), 1)], {"method": "motion", **rules})
        assert (refused.value.code, refused.value.why) == ("tally.rules", said)


def test_an_option_that_withdrew_holds_nothing_and_is_named():
    made = tally.count(replace(ASKED, withdrawn=("o1",)), BALLOTS, {"method": "irv"})
    assert made.winners == ("Cy",)
    assert made.rounds[0].votes == {"Bea": "2", "Cy": "7"}
    said = made.as_json()
    assert said["withdrawn"] == ["Ada"]
    assert [option["name"] for option in said["options"]] == ["Ada", "Bea", "Cy"]
    assert made.digest == tally.count(ASKED, BALLOTS, {"method": "irv"}).digest, "the ballots are those that were cast"
    assert "withdrawn" not in tally.count(ASKED, BALLOTS, {"method": "irv"}).as_json()


def test_a_ballot_box_too_large_for_exact_sums_is_refused():
    with pytest.raises(DeliberateError, match=r"tally\.size"):
        tally.count(ASKED, [(ranking("o1"), 2**53)], {"method": "irv"})
    assert tally.count(ASKED, [(ranking("o1"), 2**53 - 1)], {"method": "irv"}).winners == ("Ada",)
