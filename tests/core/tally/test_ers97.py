"""ERS97: counts worked by hand with pencil and paper, one for each rule; see docs/reference/methods/ers97.md."""

from __future__ import annotations

import pytest

from tests.core.tally.stv import counted, shown


def ers(piles, seats=1, names="ABCD", **rules):
    return counted("ers97", piles, seats, names, **rules)


def test_a_surplus_is_deferred_and_a_group_leaves_together():
    """30 papers, 2 seats, quota 10.00. A has 11, surplus 1.00.

    Two fewest: E 1, D 4, gap 3: the surplus is deferred (5.2.2a). Together: E and D 5, with the surplus 6, not more than C's 6:
    both leave; with C it would be 12, more than B's 8. E's paper and 3 of D's go to C, who reaches 10.00; one is exhausted.
    """
    made = ers([("AB", 11), ("B", 8), ("C", 6), ("DC", 3), ("D", 1), ("EC", 1)], 2, "ABCDE")
    assert made.winners == ("A", "C")
    assert shown(made, 1) == "11.00 8.00 6.00 4.00 1.00 | 0.00 0.00"
    assert shown(made, 2) == "11.00 8.00 10.00 0.00 0.00 | 1.00 0.00"
    assert made.rounds[1].says == (
        "Round 2. E, D are excluded together: 5.00, and with the surpluses 1.00, which are deferred, not more than the next, 6.00. "
        "At 1.00: 4.00 to C; 1.00 exhausted. C has 10.00, reaches the quota and is elected."
    )


def test_a_surplus_moves_the_last_parcel_alone():
    """24 papers, 2 seats, quota 8.00. D leaves with 5: 3 to A and then C, 1 to A and then B, 1 to B. A has 11, surplus 3.00.

    The last parcel is the 4 papers from D, 3.00 / 4 = 0.75 each: C 6 + 2.25 = 8.25, elected. All 11 papers would have made it
    B: 8 x 0.27 = 2.16, so 9.16.
    """
    made = ers([("AB", 7), ("B", 6), ("C", 6), ("DAC", 3), ("DAB", 1), ("DB", 1)], 2)
    assert shown(made, 2) == "11.00 7.00 6.00 0.00 | 0.00 0.00"
    assert shown(made, 3) == "8.00 7.75 8.25 0.00 | 0.00 0.00"
    assert made.winners == ("A", "C")
    assert made.rounds[2].says.startswith(
        "Round 3. A has a surplus of 3.00. Of the last parcel 4 papers can move: 3.00 / 4 = 0.75 each. 0.75 to B; 2.25 to C."
    )


def test_papers_are_never_worth_more_than_they_were_and_equals_go_by_the_earliest_point():
    """As before, but only one of the 4 papers can move: it keeps 1.00, and 2.00 of the surplus is not transferable (5.3.7).

    Then B and C have 7.00 each, the active votes are 24 - 8 - 2 = 14, and 14 / 2 = 7.00 elects: both have it, one place is left
    (5.6.2). At the first preferences they were equal, 6 and 6; after D's papers B was ahead, 7 to 6: B.
    """
    made = ers([("AB", 7), ("B", 6), ("C", 6), ("DA", 3), ("DAC", 1), ("DB", 1)], 2)
    assert shown(made, 3) == "8.00 7.00 7.00 0.00 | 0.00 2.00"
    assert made.winners == ("A", "B")
    assert made.rounds[2].says == (
        "Round 3. A has a surplus of 3.00. Of the last parcel 1 paper can move: 1.00 each, as before. 1.00 to C; 2.00 not transferable. "
        "B and C have 7.00 each. Round 2: B 7.00, C 6.00. B has 7.00, at least the active votes 14.00 / 2, and is elected."
    )
    assert made.result.ties[0].as_json() == {
        "round": 3,
        "purpose": "elect",
        "tied": ["B", "C"],
        "policy": "forwards",
        "evidence": "Round 2: B 7.00, C 6.00.",
        "chosen": "B",
    }


PARCELS = [("AEC", 5), ("AD", 9), ("B", 8), ("C", 8), ("D", 6), ("ECB", 3), ("ED", 1)]


def test_parcels_move_one_by_one_and_who_is_elected_between_receives_no_more():
    """40 papers, 3 seats, quota 10.00. A 14, surplus 4.00, not deferred: E 4, D 6, gap 2. 4.00 / 14 = 0.28: E 5.40, D 8.52, lost 0.08.

    E leaves: first the 4 papers at 1.00: C 8 + 3 = 11, elected; D 9.52. Then the 5 at 0.28, which name C next: they pass over C to
    nobody here: 1.40 exhausted. Then C's surplus 1.00: its last parcel, 3 papers, 0.33 each, to B: 8.99, lost 0.01. The active
    votes: 40 - 20 - 1.40 - 0.09 = 18.51, a half of it 9.255: D with 9.52 is elected.
    """
    made = ers(PARCELS, 3, "ABCDE")
    assert shown(made, 2) == "10.00 8.00 8.00 8.52 5.40 | 0.00 0.08"
    third = made.rounds[2]
    assert [(one["value"], one["papers"], one["elected"]) for one in third.facts["parcels"]] == [
        ("1.00", 4, ["C"]),
        ("0.28", 5, ["D"]),
    ]
    assert third.facts["parcels"][0]["votes"] == {"A": "10.00", "B": "8.00", "C": "11.00", "D": "9.52", "E": "1.40"}
    assert made.winners == ("A", "C", "D")


def test_papers_pass_over_an_option_that_was_elected_between_parcels():
    """The same, but A's papers for E go on to C and then B: after C is elected with E's first parcel they go to B: 9.40.

    The active votes are then 40 - 0.08 - 20 = 19.92, and 9.96 elects: nobody. C's surplus 1.00 is more than the gap of B 9.40 and
    D 9.52: it moves, 3 papers at 0.33: B 10.39, elected; 0.01 lost.
    """
    made = ers([("AECB", 5), *PARCELS[1:]], 3, "ABCDE")
    assert shown(made, 3) == "10.00 9.40 11.00 9.52 0.00 | 0.00 0.08"
    assert shown(made, 4) == "10.00 10.39 10.00 9.52 0.00 | 0.00 0.09"
    assert made.winners == ("A", "C", "B")


def test_when_the_seats_are_full_nothing_more_moves():
    """As above, but E's 4 papers go 2 to C, 2 to D: C 10.00, D 10.52, both elected between the parcels; the 5 at 0.28 stay."""
    made = ers([*PARCELS[:5], ("EC", 2), ("ED", 2)], 3, "ABCDE")
    assert made.winners == ("A", "D", "C")
    assert shown(made, 3) == "10.00 8.00 10.00 10.52 0.00 | 1.40 0.08"
    assert made.rounds[2].says.endswith("The seats are full: 1.40 at 0.28 does not move.")


def test_before_anybody_is_elected_the_quota_falls_with_papers_that_cannot_move():
    """10 papers, 1 seat, quota 5.00. D 1 and C 2, together 3, not more than B's 3: both leave, 3 exhausted: 7 / 2 = 3.50: A with 4."""
    made = ers([("A", 4), ("B", 3), ("C", 2), ("D", 1)])
    assert (made.rounds[0].quota, made.rounds[1].quota, made.winners) == ("5.00", "3.50", ("A",))
    assert made.rounds[1].says == (
        "Round 2. D, C are excluded together: 3.00, not more than the next, 3.00. At 1.00: 3.00 exhausted. Nobody is elected yet, so "
        "papers that cannot move leave the quota: 3.50. A has 4.00, reaches the quota and is elected."
    )


def test_equals_who_never_differed_are_not_elected_together_beyond_the_places():
    """9 papers, 1 seat. C's paper is exhausted, the quota falls from 4.50 to 4.00, and A and B both have it: neither is elected.

    Whom to exclude of the two is for the lot; the other is elected without moving papers (5.5.1).
    """
    piles = [("A", 4), ("B", 4), ("C", 1)]
    waits = ers(piles, 1, "ABC")
    assert (waits.outcome, waits.winners) == ("awaiting lot", ())
    assert [(tie.purpose, tie.policy, tie.chosen) for tie in waits.result.ties] == [
        ("elect", "forwards", None),
        ("exclude", "lot", None),
    ]
    assert waits.rounds[-1].says.endswith(
        "A and B have 4.00 each. A and B have the same votes at every point: none of them is elected now."
    )
    lot = {"round": 3, "purpose": "exclude", "tied": ["A", "B"], "chosen": "B"}
    made = ers(piles, 1, "ABC", lots=[lot])
    assert made.winners == ("A",)
    assert shown(made, 3) == "4.00 0.00 0.00 | 5.00 0.00"
    assert made.rounds[2].says == (
        "Round 3. B is excluded: fewest with 4.00, by the tie rule. No papers move: 4.00 stays out. As many are left as there are seats: A is elected."
    )


def test_three_equals_for_two_places_of_whom_one_was_behind():
    """17 papers, 2 seats, quota 5.67. D's 2 papers make C 5; E's 2 are exhausted: 15 / 3 = 5.00, which A, B and C all have.

    At the first preferences C was behind with 3: A and B are elected.
    """
    made = ers([("A", 5), ("B", 5), ("C", 3), ("DC", 2), ("E", 2)], 2, "ABCDE", ties=["forwards", "declared-first"])
    assert made.winners == ("A", "B")
    assert [(tie.purpose, tie.tied, tie.chosen) for tie in made.result.ties] == [
        ("exclude", ("D", "E"), "D"),
        ("elect", ("A", "B", "C"), "A"),
        ("elect", ("B", "C"), "B"),
    ]


def test_equals_at_the_edge_of_a_group_are_told_apart():
    """Nobody for A; B 5 and C 5; D 7: A and one of B and C may leave together, with 5, but not both, with 10: the lot chooses."""
    piles = [("B", 5), ("CD", 5), ("D", 7), ("E", 9)]
    waits = ers(piles, 1, "ABCDE")
    assert (waits.outcome, waits.result.ties[0].tied) == ("awaiting lot", ("B", "C"))
    lot = {"round": 2, "purpose": "exclude", "tied": ["B", "C"], "chosen": "C"}
    made = ers(piles, 1, "ABCDE", lots=[lot])
    assert made.rounds[1].excluded == ("A", "C")
    assert made.rounds[1].tie == 0


def test_of_three_without_votes_two_may_leave_and_the_tie_is_asked_twice():
    """A's surplus cannot move, so no active votes are left and three options without any have "as many": none is elected by that."""
    made = ers([("A", 3), ("B", 1), ("C", 1)], 4, "ABCDEF", ties=["declared-first"])
    assert made.rounds[-1].excluded == ("D", "E")
    assert [(tie.purpose, tie.tied, tie.chosen) for tie in made.result.ties] == [
        ("elect", ("D", "E", "F"), None),
        ("exclude", ("D", "E", "F"), "D"),
        ("exclude", ("E", "F"), "E"),
    ]
    assert set(made.winners) == set("ABCF")


def test_the_larger_surplus_goes_first_and_equal_ones_by_the_earliest_point():
    """A and B have 9 each of 24, quota 6.00, surplus 3.00 each, and never differed: the lot."""
    piles = [("AC", 9), ("BD", 9), ("C", 2), ("D", 2), ("E", 2)]
    waits = ers(piles, 3, "ABCDE")
    assert waits.result.ties[0].as_json() == {
        "round": 2,
        "purpose": "surplus",
        "tied": ["A", "B"],
        "policy": "lot",
        "evidence": "The lot has to be drawn.",
        "chosen": None,
    }
    lot = {"round": 2, "purpose": "surplus", "tied": ["A", "B"], "chosen": "B"}
    made = ers(piles, 3, "ABCDE", lots=[lot])
    assert made.rounds[1].transfers[0].source == "B"
    assert made.rounds[1].tie == 0


def test_an_option_without_papers_takes_nothing_along():
    """Only a constraint makes such an option leave while others have to leave later."""
    made = ers([("A", 5), ("B", 3), ("C", 3)], ties=["declared"], constraints="none ..0: o4")
    assert made.rounds[1].says == (
        "Round 2. D is excluded: of none at most 0 may be elected, and 0 are, which dooms D. No votes move."
    )


@pytest.mark.parametrize("seats", [1, 2, 3])
def test_nobody_is_left_over(seats):
    made = ers([("AB", 9), ("BA", 5), ("CD", 3), ("DC", 2)], seats, ties=["declared"])
    assert len(made.winners) == seats
