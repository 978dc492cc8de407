"""Constraints: guarded and doomed options against every set of winners, and counts that keep to them."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import constraints
from deliberate.core.tally.constraints import Constraints
from tests.core.tally.stv import RULESETS, counted, elections, question, totals

NAMES = "ABCDEF"


def group(name, options, least=0, most=None):
    """A group of options that are named by their letters."""
    return {"name": name, "options": [f"o{NAMES.index(o) + 1}" for o in options], "least": least, "most": most}


def bound(groups, seats, names=NAMES):
    return Constraints(question(names, seats), {"constraints": constraints.read(groups)})


groups = st.lists(
    st.tuples(st.sets(st.sampled_from(NAMES), min_size=1), st.integers(0, 2), st.one_of(st.none(), st.integers(0, 3))),
    min_size=1,
    max_size=3,
).map(
    lambda drawn: [
        group(f"G{n}", sorted(options), least, None if most is None else max(least, most))
        for n, (options, least, most) in enumerate(drawn)
    ]
)


def kept(given_, winners):
    return all(
        one["least"] <= sum(f"o{NAMES.index(w) + 1}" in one["options"] for w in winners)
        and (one["most"] is None or sum(f"o{NAMES.index(w) + 1}" in one["options"] for w in winners) <= one["most"])
        for one in given_
    )


@given(groups, st.integers(1, 5), st.data())
@settings(max_examples=150)
def test_guarded_and_doomed_are_what_every_set_of_winners_says(given_, seats, data):
    """Brute force: all sets of winners that keep to the constraints, hold who is elected and come from who is left."""
    standing = data.draw(st.lists(st.sampled_from("elected left gone".split()), min_size=6, max_size=6))
    elected = [name for name, state in zip(NAMES, standing, strict=True) if state == "elected"]
    left = [name for name, state in zip(NAMES, standing, strict=True) if state == "left"]
    assume(len(elected) <= seats)
    fills = [{*elected, *more} for more in combinations(left, seats - len(elected)) if kept(given_, [*elected, *more])]
    try:
        made = bound(given_, seats)
    except DeliberateError as error:
        assert error.code == "tally.constraints"
        assert not any(kept(given_, some) for some in combinations(NAMES, seats))
        return
    assert made.possible(elected, left) == bool(fills)
    if fills and len(elected) < seats:
        assert set(made.doomed(elected, left)) == {name for name in left if not any(name in fill for fill in fills)}
        assert set(made.guarded(elected, left)) == {name for name in left if all(name in fill for fill in fills)}


@pytest.mark.parametrize("method", [*RULESETS, "irv"])
@given(election=elections(), given_=groups)
@settings(max_examples=25)
def test_every_count_keeps_to_them(method, election, given_):
    names, seats, piles = election
    seats = 1 if method == "irv" else seats
    inside = [{**one, "options": [o for o in one["options"] if int(o[1:]) <= len(names)]} for one in given_]
    inside = [one for one in inside if one["options"]]
    try:
        made = counted(method, piles, seats, names, ties=["declared"], constraints=inside)
    except DeliberateError as error:
        assert error.code == "tally.constraints"
        return
    assert len(made.winners) == seats
    assert kept(inside, made.winners)
    assert [one["name"] for one in made.as_json().get("constraints", ())] == [one["name"] for one in inside]
    assert made.rules.get("constraints", []) == inside
    for one in made.as_json().get("constraints", ()):
        assert one["elected"] == len(set(one["options"]).intersection(made.winners))
    for round_, votes in zip(made.rounds, totals(made), strict=True):
        out = Fraction(round_.exhausted) + Fraction(round_.residual)
        assert sum(votes.values()) + out == int(made.result.weight)


@pytest.mark.parametrize("method", [*RULESETS, "irv"])
@given(elections())
@settings(max_examples=10)
def test_a_constraint_that_binds_nobody_changes_nothing(method, election):
    names, seats, piles = election
    seats = 1 if method == "irv" else seats
    plain = counted(method, piles, seats, names, ties=["declared"])
    free = counted(method, piles, seats, names, ties=["declared"], constraints=[group("all", names)])
    assert [round_.as_json() for round_ in plain.rounds] == [round_.as_json() for round_ in free.rounds]
    assert plain.winners == free.winners


def test_at_least_one_of_a_group_is_elected():
    """C and D are the group. With A elected one place is left, and it is for one of them: B is doomed, with more votes than both."""
    made = counted("wigm", [("A", 9), ("BA", 5), ("C", 4), ("DC", 1)], 2, constraints="young 1..: o3 o4")
    assert made.winners == ("A", "C")
    assert [round_.says for round_ in made.rounds][1:] == [
        "Round 2. B is excluded: of young at least 1 must be elected, and 1 place is left for 1 more, which dooms B. 5 exhausted.",
        "Round 3. A has a surplus of 8/3. 8/3 exhausted.",
        "Round 4. D is excluded: fewest with 1 (next 4). 1 to C. As many are left as there are seats: C is elected.",
    ]


def test_a_group_that_needs_all_places_left_dooms_the_others():
    """Three places, of which the group needs two, C and D: once A is elected B is doomed. With one seat all are known at the start."""
    made = counted(
        "scottish-stv", [("A", 6), ("BA", 5), ("C", 2), ("DC", 1)], 3, "ABCD", constraints="young 2..: o3 o4"
    )
    assert set(made.winners) == {"A", "C", "D"}
    assert "B is excluded: of young at least 2 must be elected, and 2 places are left for 2 more" in made.rounds[1].says
    irv = counted("irv", [("A", 6), ("C", 2), ("DC", 1)], 1, constraints="young 1..: o3 o4")
    assert irv.winners == ("C",)
    assert irv.rounds[0].says == (
        "Round 1. Exclude A, B: of young at least 1 must be elected, and 1 place is left for 1 more, which dooms A, B. 6 exhausted."
    )


@pytest.mark.parametrize("method", RULESETS)
def test_an_exclusion_passes_over_the_guarded(method):
    """D has the fewest votes, but the constraint needs it: of C, E and F one leaves first. Nobody has the quota of 23 / 4."""
    piles = [("A", 5), ("B", 5), ("C", 4), ("D", 1), ("E", 4), ("F", 4)]
    made = counted(method, piles, 3, "ABCDEF", ties=["declared"], constraints="one 1..: o4")
    first = next(round_ for round_ in made.rounds if round_.excluded)
    assert first.excluded == ("F",)
    assert "D is guarded: of one at least 1 must be elected, and no more are left." in first.says
    assert "D" in made.winners


def test_who_reaches_the_quota_is_not_elected_if_doomed():
    """A and B both pass the quota, but at most one of them may be elected: A has more; B is doomed, and its papers move on."""
    made = counted("wigm", [("A", 9), ("BC", 8), ("C", 4), ("D", 3)], 2, constraints="twins ..1: o1 o2")
    assert made.rounds[0].elected == ("A",)
    assert made.rounds[1].says == (
        "Round 2. B is excluded: of twins at most 1 may be elected, and 1 is, which dooms B. 8 to C. C has 12, exceeds the quota and is elected."
    )


def test_equals_of_whom_not_all_can_be_elected_wait_for_a_lot():
    piles = [("A", 9), ("B", 9), ("C", 4), ("D", 3)]
    for method in ("scottish-stv", "wigm", "wigm-prf", "meek"):
        waits = counted(method, piles, 2, ties=["lot"], constraints="twins ..1: o1 o2")
        assert waits.outcome == "awaiting lot"
        tie = waits.result.ties[-1]
        assert (tie.purpose, tie.tied) == ("elect", ("A", "B"))
        lot = {"round": tie.round, "purpose": "elect", "tied": ["A", "B"], "chosen": "B"}
        made = counted(method, piles, 2, ties=["lot"], constraints="twins ..1: o1 o2", lots=[lot])
        assert made.winners[0] == "B" and "A" not in made.winners
    first = counted("wigm", piles, 2, ties=["lot"], constraints="twins ..1: o1 o2").rounds[-1]
    assert first.says.endswith("Not all who reach the quota can be elected: a lot must decide.")
    assert first.tie == 0
    nobody = counted("ers97", piles, 2, constraints="twins ..1: o1 o2")
    assert nobody.result.ties[0].chosen is None, "ERS97 elects none of equals of whom not all can be"


def test_the_least_votes_of_a_run_off_are_asked_for_once_the_doomed_have_left():
    """A is doomed; its voters lift C above the least of 3 votes, so D with 1 leaves alone."""
    piles = [("AB", 2), ("AC", 2), ("B", 3), ("CB", 2), ("D", 1)]
    made = counted("irv", piles, 1, constraints="young 1..: o2 o3 o4", minimum_votes=3)
    assert [round_.excluded for round_ in made.rounds] == [("A",), ("D",), ()]
    assert "fewer than 3 votes" in made.rounds[1].says


def test_only_the_lowest_who_may_leave_leaves():
    """A batch keeps enough of the group: C, D and E are sure losers, but the group needs one of them."""
    piles = [("A", 20), ("B", 15), ("C", 1), ("DC", 1), ("E", 1)]
    for method in ("wigm-prf-batch", "ers97"):
        free = counted(method, piles, 2, "ABCDE", ties=["declared"])
        assert set(free.winners) == set("AB")
        bound_ = counted(method, piles, 2, "ABCDE", ties=["declared"], constraints="low 1..: o3 o4 o5")
        assert bound_.winners[0] == "A" and bound_.winners[1] in "CDE"


@pytest.mark.parametrize(("method", "out"), [("wigm-prf-batch", "CD"), ("ers97", "CD")])
def test_a_batch_leaves_enough_of_the_group(method, out):
    """30 votes, 2 seats. C, D and E together, 7, stay below F's 8; but the group needs one of them, so C and D leave alone."""
    piles = [("A", 8), ("B", 8), ("F", 8), ("C", 1), ("D", 2), ("E", 4)]
    free = counted(method, piles, 2, "ABCDEF", ties=["declared"])
    assert free.rounds[1].excluded == tuple("CDE")
    made = counted(method, piles, 2, "ABCDEF", ties=["declared"], constraints="low 1..: o3 o4 o5")
    assert made.rounds[1].excluded == tuple(out)
    assert "E" in made.winners


def test_reasons_are_told():
    made = bound([group("women", "ABC", 2), group("north", "AD", 0, 1)], 3)
    assert made.doomed(["A"], "BCDEF") == {"D": "of north at most 1 may be elected, and 1 is"}
    assert made.guarded(["E"], "ABCF") == {}
    assert bound([group("women", "ABC", 2)], 3).guarded(["D"], "BCE") == dict.fromkeys(
        "BC", "of women at least 2 must be elected, and no more are left"
    )
    assert bound([group("men", "DEF", 0, 1)], 3).guarded([], "ABDE") == dict.fromkeys(
        "AB", "of men at most 1 may be elected, and the other places need all others"
    )
    both = bound([group("x", "AB", 1, 1), group("y", "BC", 1, 1), group("z", "AC", 0, 1)], 2)
    assert both.doomed([], "ABCD") == dict.fromkeys("AC", "no other way to fill the places left keeps to x and y and z")
    assert both.guarded([], "ABCD") == dict.fromkeys(
        "BD", "no other way to fill the places left keeps to x and y and z"
    )


def test_options_that_withdrew_are_no_longer_of_their_group():
    asked = tally.Question("Q", question("ABC").options, 1, ("o3",))
    rules = {"method": "irv", "constraints": "young 1..: o2 o3"}
    made = tally.count(asked, [(ranking("o1"), 3), (ranking("o3", "o2"), 1)], rules)
    assert made.winners == ("B",)
    with pytest.raises(DeliberateError, match=r"tally\.constraints"):
        tally.count(asked, [(ranking("o1"), 3)], {"method": "irv", "constraints": "young 1..: o3"})


def test_a_group_names_options_of_the_question():
    with pytest.raises(DeliberateError, match=r'"o9"') as caught:
        counted("irv", [("A", 1)], constraints="young 1..: o2 o9")
    assert caught.value.code == "tally.constraints"


def test_as_many_seats_as_options_still_keeps_to_them():
    assert counted("wigm", [("A", 1)], 4, constraints="young 1..: o2").outcome == "elected"
    with pytest.raises(DeliberateError, match=r"tally\.constraints"):
        counted("wigm", [("A", 1)], 4, constraints="young ..0: o2")


def test_the_search_is_bounded(monkeypatch):
    monkeypatch.setattr(constraints, "STATES", 3)
    with pytest.raises(DeliberateError, match=r"too many to search"):
        bound([group("x", "ABC", 1), group("y", "BCD", 1)], 3)


@pytest.mark.parametrize(
    "given_",
    [
        "women",
        "women 2: o1",
        "women 1..",
        "1..: o1",
        "women 1..99999: o1",
        "women 3..2: o1 o2",
        "women 1..: o1 o1",
        "women 1..: o1; women 1..: o2",
        [{"name": "", "options": ["o1"]}],
        [{"name": "x", "options": []}],
        [{"name": "x", "options": [1]}],
        [{"name": "x", "options": ["o1"], "least": True}],
        [{"name": "x", "options": ["o1"], "most": -1}],
        [{"name": "x", "options": ["o1"], "more": 1}],
        [{"name": "x"}],
        7,
    ],
)
def test_what_is_no_constraint_is_refused(given_):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules("wigm", constraints=given_)


def test_they_are_written_in_one_form():
    one = tally.rules("wigm", constraints=" north ..1 : o4 o2 ;young 2..3: o1 o3 o5;")["constraints"]
    assert one == [
        {"name": "north", "options": ["o2", "o4"], "least": 0, "most": 1},
        {"name": "young", "options": ["o1", "o3", "o5"], "least": 2, "most": 3},
    ]
    assert tally.rules("wigm", constraints=one)["constraints"] == one
    assert tally.rules("wigm")["constraints"] == tally.rules("wigm", constraints=" ; ")["constraints"] == []


@pytest.mark.parametrize("method", ["irv", *RULESETS])
def test_rules_write_them_out_and_a_count_tells_of_them_where_there_are_any(method):
    assert tally.rules(method)["constraints"] == []
    piles = [("AB", 3), ("BA", 2), ("CA", 1)]
    assert "constraints" not in counted(method, piles).as_json()
    assert "constraints" in counted(method, piles, constraints="x ..1: o1").as_json()
