"""Scottish STV: how a paper is read, and what a stage says, worked by hand."""

from __future__ import annotations

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.tally import Option, Question


def counted(votes, seats=1, names="ABC", **rules):
    asked = Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1)), seats)
    return tally.count(asked, votes, {"method": "scottish-stv", **rules})


def test_a_paper_ends_at_its_first_fault_and_without_a_first_preference_it_is_spoilt():
    """A skip, a shared rank and a repetition end the ranking; rank 1 empty or shared spoils the paper; empty is blank."""
    good = [(ranking("o1", [], "o2"), 1), (ranking("o1", ["o2", "o3"]), 1), (ranking("o1", "o1", "o2"), 1)]
    bad = [(ranking([], "o2"), 1), (ranking(["o1", "o2"], "o3"), 1)]
    made = counted([*good, *bad, (ranking(), 1), (ranking("o2"), 4), (ranking("o3"), 4)], ties=["declared"])
    assert (made.result.valid, made.result.spoilt, made.result.blank, made.result.weight) == (5, 2, 1, "11")
    assert made.rounds[0].votes == {"A": "3.00000", "B": "4.00000", "C": "4.00000"}
    assert made.rounds[1].exhausted == "3.00000", "none of the papers goes on to what stands behind its fault"


def test_a_surplus_that_divides_evenly_leaves_no_residual():
    """A has 8, twice the quota, so each of the 8 papers moves at 0.50000; with 6, each moves at 0.33333, cut short."""
    even = counted([(ranking("o1", "o2"), 8), (ranking("o2"), 1), (ranking("o3"), 2)], seats=2).rounds[1]
    assert (even.code, even.residual, even.votes["B"]) == ("surplus", "0.00000", "5.00000")
    assert [(t.kind, t.papers, t.after, t.total) for t in even.transfers] == [("option", 8, "0.50000", "4.00000")]
    odd = counted([(ranking("o1", "o2"), 6), (ranking("o2"), 1), (ranking("o3"), 3)], seats=2).rounds[1]
    assert (odd.residual, odd.votes["B"]) == ("0.00002", "2.99998")
    assert [t.kind for t in odd.transfers] == ["option", "residual"]


def test_an_option_that_nobody_holds_takes_nothing_along():
    made = counted([(ranking("o1"), 3), (ranking("o2"), 3)], ties=["declared"])
    assert made.rounds[1].excluded == ("C",)
    assert made.rounds[1].says == "Round 2. C is excluded: fewest with 0.00000 (next 3.00000). No votes move."


def test_the_count_waits_for_a_lot():
    made = counted([(ranking("o1"), 2), (ranking("o2"), 2), (ranking("o3"), 3)], ties=["lot"])
    assert (made.outcome, made.winners) == ("awaiting lot", ())
    assert made.result.explanation[-1] == "A, B are tied in round 2: a lot must decide."
    assert made.result.ties[-1].chosen is None
