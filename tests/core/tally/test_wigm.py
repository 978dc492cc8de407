"""WIGM: exact by default, parametric, and the reference rules of the PR Foundation."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.errors import DeliberateError
from tests.core.tally.stv import blocs, case, counted, elections, question, shown, totals

AS_PRF = {
    "quota": "droop-fractional",
    "places": 4,
    "last": "test-then-transfer",
    "zero_surplus": "round",
    "ties": ["declared-first"],
}


def test_castor_and_helen_to_the_digit(data):
    """Round 0 of the source is round 1 here: first preferences."""
    known, asked, ballots = case(data, "droop_42_wigm-prf")
    made = tally.count(asked, ballots, {"method": "wigm-prf"})
    assert list(made.winners) == known["expected"]["elected_order"]
    for mine, stage in zip(made.rounds, known["expected"]["rounds"], strict=True):
        assert (dict(mine.votes), mine.quota) == (stage["totals"], stage["quota"])


@given(election=st.one_of(elections(), blocs()), batch=st.booleans())
@settings(max_examples=30)
def test_the_reference_rules_are_a_configuration(election, batch):
    names, seats, piles = election
    method = "wigm-prf-batch" if batch else "wigm-prf"
    one = counted(method, piles, seats, names)
    other = counted("wigm", piles, seats, names, **AS_PRF, batch="sure-losers" if batch else "none")
    assert [round_.as_json() for round_ in one.rounds] == [round_.as_json() for round_ in other.rounds]
    assert (one.winners, one.result.ties) == (other.winners, other.result.ties)


@given(elections())
@settings(max_examples=30)
def test_fractions_of_weights_change_nothing_but_the_unit(election):
    """Every weight divided by 3: every total is a third, and the same are elected."""
    names, seats, piles = election
    whole = counted("wigm", piles, seats, names, ties=["declared"])
    ids = {name: f"o{n}" for n, name in enumerate(names, 1)}
    thirds = [(ranking(*(ids[n] for n in order)), Fraction(times, 3)) for order, times in piles]
    made = tally.count(question(names, seats), thirds, {"method": "wigm", "ties": ["declared"]})
    assert made.winners == whole.winners
    assert totals(made) == [{name: votes / 3 for name, votes in round_.items()} for round_ in totals(whole)]


def test_the_exact_quota_has_to_be_exceeded():
    """9 votes, 2 seats: 9 / 3 = 3. A has 4 and exceeds it; B with 3 does not, and with more than it three could be elected."""
    made = counted("wigm", [("AB", 4), ("B", 3), ("C", 2)], 2, "ABC")
    assert made.rounds[0].says == (
        "Round 1. 9 valid votes for 2 seats; quota from 9 / 3: 3, to be exceeded. Every ballot stands with its first preference. "
        "A has 4, exceeds the quota and is elected."
    )
    assert made.rounds[1].says == "Round 2. A has a surplus of 1. 1 to B. B has 4, exceeds the quota and is elected."


@pytest.mark.parametrize(
    ("rules", "quota"),
    [
        ({"quota": "droop"}, "3"),
        ({"quota": "droop", "places": 3}, "3.000"),
        ({"quota": "hare"}, "10/3"),
        ({"quota": "hare", "places": 2}, "3.34"),
        ({"quota": "hare", "places": 0}, "4"),
        ({"quota": "droop-fractional", "places": 2}, "2.51"),
        ({"quota": "droop-fractional", "places": 0}, "3"),
        ({}, "5/2"),
    ],
)
def test_quotas(rules, quota):
    """10 votes for 3 seats: 10 / 4 or 10 / 3, by each rule."""
    made = counted("wigm", [("A", 5), ("B", 3), ("C", 1), ("D", 1)], 3, ties=["declared"], **rules)
    assert made.result.quota == quota


def test_places_cut_each_operation():
    """A has 3 of 5 votes, quota 1.6667 at 4 places: surplus 1.3333, each paper worth 1.3333 / 3 = 0.4444, lost 0.0001."""
    prf = counted("wigm-prf", [("AB", 3), ("B", 1), ("C", 1)], 2, "ABC")
    assert shown(prf, 2) == "1.6667 2.3332 1.0000 | 0.0000 0.0001"


def test_a_surplus_of_nothing_takes_a_round_where_the_rules_say_so():
    """Quota 2, and A has just that: by the reference rule its papers, worth nothing, are exhausted."""
    piles = [("AB", 2), ("B", 1), ("CB", 1), ("D", 1)]
    rules = {"quota": "droop", "places": 2, "ties": ["declared-first"]}
    skips = counted("wigm", piles, 2, **rules)
    takes = counted("wigm", piles, 2, zero_surplus="round", **rules)
    assert [round_.code for round_ in skips.rounds][:2] == ["first", "exclude"]
    assert [round_.code for round_ in takes.rounds][:2] == ["first", "surplus"]
    assert takes.rounds[1].says == "Round 2. A has a surplus of 0.00. 0.00 exhausted."
    assert [(t.kind, t.papers, t.before, t.after, t.total) for t in takes.rounds[1].transfers] == [
        ("exhausted", 2, "1.00", "0.00", "0.00")
    ]
    assert takes.winners == skips.winners


@pytest.mark.parametrize(("surplus", "first"), [("largest", "C"), ("earliest", "A")])
def test_which_surplus_moves_first(surplus, first):
    """39 votes, 3 seats, quota 10. A has 11; E and F leave as sure losers with 4, before A's surplus of 1 moves: C comes to 13.

    Now A's surplus of 1 and C's of 3 wait.
    """
    piles = [("AB", 11), ("B", 8), ("CD", 9), ("D", 7), ("EC", 2), ("FC", 2)]
    made = counted("wigm", piles, 3, "ABCDEF", quota="droop", batch="sure-losers", surplus=surplus)
    assert [round_.code for round_ in made.rounds][:3] == ["first", "exclude", "surplus"]
    assert made.rounds[2].transfers[0].source == first


def test_papers_may_move_before_the_count_ends_or_stay():
    """A 5, B 4, C 3 of 12, 2 seats, nobody above 4 but A; C leaves: its papers go to B, or stay out."""
    piles = [("A", 5), ("B", 4), ("CB", 3)]
    moved = counted("wigm", piles, 2, "ABC").rounds[-1]
    stays = counted("wigm", piles, 2, "ABC", last="test-then-transfer").rounds[-1]
    assert (moved.votes["B"], moved.exhausted) == ("7", "1")
    assert (stays.votes["B"], stays.exhausted) == ("4", "4")
    assert stays.says == (
        "Round 3. C is excluded: fewest with 3 (next 4). The count is complete: 3 does not move. "
        "As many are left as there are seats: B is elected."
    )


def test_sure_losers_leave_together():
    """C, D and E with 1, 1 and 2 votes and no surplus cannot reach B's 6."""
    made = counted("wigm-prf-batch", [("A", 7), ("B", 6), ("C", 1), ("DB", 1), ("EA", 2)], 1, "ABCDE")
    assert made.rounds[1].says == (
        "Round 2. C, D, E are excluded: 4.0000 cannot reach the next, 6.0000. 1.0000 exhausted; 1.0000 to B; 2.0000 to A. "
        "A has 9.0000, reaches the quota and is elected."
    )


def test_a_batch_counts_the_surpluses_that_wait():
    """D has 1 vote, C 2; with A's surplus of 1.3333 D might reach C, so it is no sure loser yet, and the surplus moves."""
    made = counted("wigm-prf-batch", [("AB", 5), ("B", 3), ("C", 2), ("D", 1)], 2)
    assert made.rounds[1].code == "surplus"


def test_the_papers_of_equal_surpluses_wait_for_a_lot():
    waits = counted("wigm", [("AC", 5), ("BC", 5), ("C", 1), ("D", 1)], 3)
    assert waits.outcome == "awaiting lot"
    assert waits.result.ties[0].tied == ("A", "B")
    assert waits.result.explanation[-1] == "A, B are tied in round 2: a lot must decide."


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ({"places": 4}, "exact quota takes no places"),
        ({"quota": "droop-fractional"}, "takes places"),
    ],
)
def test_options_that_do_not_fit_each_other_are_refused_before_any_ballot(rules, why):
    with pytest.raises(DeliberateError, match=why) as caught:
        tally.count(question("AB"), [], {"method": "wigm", **rules})
    assert caught.value.code == "tally.rules"


def test_places_take_whole_weights():
    rules = {"method": "wigm", "quota": "droop", "places": 4}
    with pytest.raises(DeliberateError, match="whole weights"):
        tally.count(question("AB"), [(ranking("o1"), "1/2")], rules)


@pytest.mark.parametrize("places", [21, -1, "many", True])
def test_places_go_to_twenty(places):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules("wigm", places=places)
    assert tally.rules("wigm", places="none")["places"] is None
    assert tally.rules("wigm", places="20")["places"] == 20
