"""Meek: the reference rule to the digit, its options, and the tree that it counts on."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import meek
from tests.core.tally import naive_stv
from tests.core.tally.stv import blocs, case, counted, elections, question, totals

ONE = 10**9


def test_the_steering_committee_to_the_digit(data):
    """Totals, quotas and keep factors of every round; round 0 of the source is round 1 here.

    The source enters an option as excluded with no votes once the seats are full; here it keeps its standing.
    """
    known, asked, ballots = case(data, "droop_SC_meek-prf")
    made = tally.count(asked, ballots, {"method": "meek-prf"})
    assert set(made.winners) == set(known["expected"]["winners"])
    wanted = known["expected"]["rounds"]
    for mine, stage in zip(made.rounds, wanted, strict=True):
        last = mine.n == len(wanted)
        open_ = {name for name in mine.votes if last and name not in made.winners and name not in made.result.excluded}
        assert mine.quota == stage["quota"]
        for name, votes in stage["totals"].items():
            assert mine.votes[name] == votes or (name in open_ and Decimal(votes) == 0), (mine.n, name)
            assert mine.facts["keep"][name] == (stage["keep"] or mine.facts["keep"])[name] or name in open_


@given(st.one_of(elections(), blocs()))
@settings(max_examples=30)
def test_the_reference_rule_is_a_configuration(election):
    names, seats, piles = election
    one = counted("meek-prf", piles, seats, names)
    other = counted("meek", piles, seats, names, ties=["declared-first"])
    assert [round_.as_json() for round_ in one.rounds] == [round_.as_json() for round_ in other.rounds]


@given(blocs(), st.integers(10**10, 10**11))
@settings(max_examples=15)
def test_numbers_that_do_not_fit_the_machine_are_counted_all_the_same(election, copies):
    """Ten thousand million papers of each kind: beyond 2^63 parts of a vote, where the tree counts with Python's numbers."""
    names, seats, piles = election
    ids = {name: f"o{n}" for n, name in enumerate(names, 1)}
    ballots = [(ranking(*(ids[n] for n in order)), times * copies) for order, times in piles]
    made = tally.count(question(names, seats), ballots, {"method": "meek-prf"})
    papers = [(order, times * copies) for order, times in piles]
    rounds, winners = naive_stv.meek_prf(names, [order for order, _ in papers], seats, [n for _, n in papers])
    assert (totals(made), list(made.winners)) == (rounds, winners)


@given(elections(most=5))
@settings(max_examples=25)
def test_exact_fractions_elect_the_same_unless_a_cut_decides(election):
    """Where the two differ, somebody stood within 0.001 of the quota or of another option."""
    names, seats, piles = election
    try:
        exact = counted("meek", piles, seats, names, arithmetic="rational", omega="1/10", ties=["declared"])
        fixed = counted("meek", piles, seats, names, omega="1/10", ties=["declared"])
    except DeliberateError as error:
        assert error.code == "tally.size"
        assume(False)
    for round_, votes in zip(exact.rounds, totals(exact), strict=True):
        assert sum(votes.values()) + Fraction(round_.exhausted) == Fraction(exact.result.weight)
    if set(exact.winners) != set(fixed.winners):
        near = Fraction(1, 1000)
        held = [*totals(fixed), *totals(exact)]
        marks = [Fraction(round_.quota) for round_ in (*fixed.rounds, *exact.rounds)]
        assert any(
            abs(votes[a] - other) < near
            for votes in held
            for a in names
            for other in (*marks, *(votes[b] for b in names if b != a))
        )


def test_the_fractions_of_exact_numbers_are_bounded():
    piles = [("ABC", 9), ("BAD", 8), ("ABE", 3), ("BAF", 2), ("C", 1), ("D", 1), ("E", 1), ("F", 1)]
    with pytest.raises(DeliberateError, match=r"tally\.size"):
        counted("meek", piles, 3, "ABCDEF", arithmetic="rational", omega="1/1" + "0" * 29)


def test_a_count_that_does_not_come_to_rest_says_so(monkeypatch):
    monkeypatch.setattr(meek, "MOST_ITERATIONS", 2)
    piles = [("ABC", 19), ("BAC", 17), ("CAB", 5), ("DBA", 4)]
    with pytest.raises(DeliberateError, match=r"tally\.iterations"):
        counted("meek", piles, 3)


def test_a_surplus_that_no_longer_falls_ends_the_iteration():
    """An omega below one part of a vote is never reached: the rule's "stable state" ends the round."""
    piles = [("ABC", 9), ("BAD", 8), ("ABE", 3), ("BAF", 2), ("C", 1), ("D", 1), ("E", 1), ("F", 1)]
    made = counted("meek", piles, 3, "ABCDEF", omega="1/10000000000", ties=["declared"])
    assert ", and no longer falls. " in made.rounds[2].says


EQUAL = [
    (ranking("o1"), 6),
    (ranking(["o1", "o2"], "o3"), 4),
    (ranking("o2"), 1),
    (ranking("o3"), 4),
    (ranking("o4"), 1),
]


def test_equal_ranks_part_the_ballot_or_stand_for_all_orders():
    """16 votes, 2 seats, quota 5 1/3. A has 6 + 2 = 8 and keeps less than all of it.

    Split: what A does not keep of its halves goes on to C. All orders: half of the ballots say A > B > C, so it goes to B.
    """
    split = tally.count(question("ABCD", 2), EQUAL, {"method": "meek"})
    orders = tally.count(question("ABCD", 2), EQUAL, {"method": "meek", "equal_ranks": "permutations"})
    assert dict(split.rounds[0].votes) == dict.fromkeys("ABCD", "") | {
        "A": "8.000000000",
        "B": "3.000000000",
        "C": "4.000000000",
        "D": "1.000000000",
    }
    assert list(map(Fraction, orders.rounds[0].votes.values())) == [8, 3, 4, 1]
    assert Fraction(split.rounds[2].votes["B"]) == 3
    assert Fraction(split.rounds[2].votes["C"]) > Fraction(9, 2)
    assert Fraction(orders.rounds[2].votes["C"]) == 4
    assert Fraction(orders.rounds[2].votes["B"]) > Fraction(7, 2)


def test_a_ballot_of_too_many_orders_is_refused():
    ballots = [(ranking([f"o{n}" for n in range(1, 9)]), 1)]
    with pytest.raises(DeliberateError, match=r"40,320 orders"):
        tally.count(question("ABCDEFGH", 2), ballots, {"method": "meek", "equal_ranks": "permutations"})


def test_what_cannot_be_parted_is_residual():
    """A third of a vote three times: one part in a thousand million is lost, and said."""
    for seats in (1, 3):  # and also where nothing is contested
        made = tally.count(
            question("ABC", seats), [(ranking(["o1", "o2", "o3"]), 1)], {"method": "meek", "ties": ["declared"]}
        )
        assert made.rounds[0].votes == dict.fromkeys("ABC", "0.333333333")
        assert made.rounds[0].residual == "0.000000001"


@st.composite
def with_equals(draw):
    names = "ABCDE"[: draw(st.integers(2, 5))]
    ranks = []
    for _ in range(draw(st.integers(1, 8))):
        order = draw(st.permutations(names))
        groups, at = [], 0
        while at < len(order) and (not groups or draw(st.booleans())):
            size = draw(st.integers(1, 3))
            groups.append(tuple(order[at : at + size]))
            at += size
        ranks.append((tuple(groups), draw(st.integers(1, 6))))
    return names, draw(st.integers(1, len(names) - 1)), ranks


def spread_by_hand(ballots, keep, live):
    """Votes by the definition of split, ballot by ballot."""
    votes = dict.fromkeys(live, 0)
    for groups, times in ballots:
        left = ONE
        for group in groups:
            some = [name for name in group if name in live]
            if some:
                part, left = left // len(some), 0
                for name in some:
                    kept = (part * keep[name] + ONE - 1) // ONE
                    votes[name] += kept * times
                    left += part - kept
    return votes


@given(with_equals())
@settings(max_examples=40)
def test_the_tree_spreads_equal_ranks_as_the_definition_does(election):
    """Each round's totals follow from its keep factors, with and without shared ranks."""
    names, seats, ranks = election
    ids = {name: f"o{n}" for n, name in enumerate(names, 1)}
    ballots = [(ranking(*([ids[n] for n in group] for group in groups)), times) for groups, times in ranks]
    made = tally.count(question(names, seats), ballots, {"method": "meek", "ties": ["declared"]})
    gone: set[str] = set()
    for round_ in made.rounds:
        keep = {name: int(Decimal(k) * ONE) for name, k in round_.facts["keep"].items()}
        live = [name for name in names if name not in gone]
        wanted = spread_by_hand(ranks, keep, live)
        assert {name: int(Decimal(round_.votes[name]) * ONE) for name in live} == wanted
        gone.update(round_.excluded)


@given(with_equals())
@settings(max_examples=15)
def test_all_orders_are_the_average_of_strict_ballots(election):
    names, seats, ranks = election
    assume(all(len(group) < 3 for groups, _ in ranks for group in groups))
    ids = {name: f"o{n}" for n, name in enumerate(names, 1)}
    rules = {"method": "meek", "ties": ["declared"]}
    shared = [(ranking(*([ids[n] for n in group] for group in groups)), times) for groups, times in ranks]
    strict = []
    for groups, times in ranks:
        orders = [()]
        for group in groups:
            orders = [(*before, *more) for before in orders for more in permutations(group)]
        strict += [(ranking(*(ids[n] for n in order)), Fraction(times, len(orders))) for order in orders]
    one = tally.count(question(names, seats), shared, {**rules, "equal_ranks": "permutations"})
    other = tally.count(question(names, seats), strict, rules)
    assert (totals(one), one.winners) == (totals(other), other.winners)


def test_sure_losers_leave_together():
    made = counted("meek", [("A", 7), ("B", 6), ("C", 1), ("DB", 1), ("EA", 2)], 1, "ABCDE", batch="sure-losers")
    assert made.rounds[1].says == (
        "Round 2. After 1 iteration the surplus is 0.000000000, below omega. C, D, E are excluded: 4.000000000 and the surplus "
        "cannot reach the next."
    )


def test_one_sure_loser_and_then_the_lowest():
    made = counted("meek", [("A", 5), ("B", 5), ("C", 1)], 1, "ABC", batch="sure-losers", ties=["declared"])
    assert [round_.excluded for round_ in made.rounds] == [(), ("C",), ("B",)]
    assert " C is excluded: 1.000000000 and the surplus" in made.rounds[1].says


def test_options_within_the_surplus_of_the_lowest_are_tied():
    """A's surplus, stopped early by a large omega, could still lift C over D: they are tied, and the declared order decides."""
    piles = [("ACD", 10), ("B", 8), ("C", 2), ("D", 3)]
    made = counted("meek", piles, 3, omega="7", ties=["declared"])
    assert (made.rounds[2].facts["surplus"], made.result.ties[0].tied) == ("6.499999998", ("C", "D"))
    assert made.rounds[2].says == (
        "Round 3. After 1 iteration the surplus is 6.499999998, below omega. D is excluded: fewest with 3.000000000, by the tie rule. "
        "As many are left as there are seats: C is elected."
    )
    waits = counted("meek", piles, 3, omega="7", ties=["lot"])
    assert (waits.outcome, waits.result.ties[0].tied) == ("awaiting lot", ("C", "D"))
    back = counted("meek", piles, 3, omega="7", ties=["backwards"])
    assert (back.result.ties[0].policy, back.result.ties[0].chosen) == ("backwards", "C")


@pytest.mark.parametrize("omega", ["0", "-1", "x", "", "1e-6", "1e999999999", "1/" + "9" * 99])
def test_omega_is_above_nothing(omega):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules("meek", omega=omega)
    assert tally.rules("meek", omega="0.001")["omega"] == "1/1000"


def test_fewer_votes_than_seats():
    """Two members vote for one option each; the third seat goes to whoever is left when the others are excluded."""
    made = counted("meek-prf", [("A", 1), ("B", 1)], 3)
    assert set(made.winners) == {"A", "B", "D"}
    assert made.outcome == "elected"


def test_the_end_of_ballots_is_shown():
    made = counted("meek-prf", [("A", 6), ("B", 3), ("C", 2)], 2, "ABC")
    last = made.rounds[-1]
    assert Fraction(last.exhausted) > 0
    assert sum(map(Fraction, last.votes.values())) + Fraction(last.exhausted) == 11
