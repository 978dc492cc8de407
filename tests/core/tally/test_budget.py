"""Budgets: an official outcome, the rules once more from their definitions, and what a budget may never do."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import choice
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question


def asked(costs):
    return Question("Q", tuple(Option(f"o{n}", f"P{n}") for n in range(len(costs))))


def count(method, costs, budget, voters, lots=(), **rules):
    votes = [(choice(*(f"o{n}" for n in sorted(one))), 1) for one in voters]
    given_ = {"method": method, "costs": {f"o{n}": cost for n, cost in enumerate(costs)}, "budget": budget, **rules}
    return tally.count(asked(costs), votes, given_, lots)


def shares(*election, **rules):
    return count("budget-equal-shares", *election, **rules)


def greedy(*election, **rules):
    return count("budget-greedy", *election, **rules)


def numbers(made):
    return [int(name[1:]) for name in made.winners]


@pytest.fixture(scope="session")
def assen(data):
    """The question, ballots and rules of Assen 2024, and what the town chose."""
    known = json.loads((data / "elections/cases/pb_Netherlands_Assen_2024.json").read_text())
    lines = (data / "elections" / known["file"]).read_text(encoding="utf-8").splitlines()
    begin, middle = lines.index("PROJECTS"), lines.index("VOTES")
    costs = {f"o{row.split(';')[0]}": int(row.split(";")[1]) for row in lines[begin + 2 : middle]}
    votes = [
        (choice(*(f"o{n}" for n in row.split(";")[1].split(",") if n)), 1) for row in lines[middle + 2 :] if row.strip()
    ]
    question = Question("Assen", tuple(Option(key, key[1:]) for key in costs))
    return question, votes, {"method": "budget-equal-shares", "costs": costs, "budget": 100_000}, known["expected"]


def test_assen_2024_as_the_town_chose(assen):
    question, votes, rules, wanted = assen
    made = tally.count(question, votes, rules)
    assert sorted(made.winners) == sorted(wanted["selected"])
    assert made.result.facts["budget"] == {"total": 100_000, "spent": 76_700, "left": 23_300}
    assert made.result.facts["add1"] == {"unit": 1, "times": 843, "next": 104_200}
    plain = tally.count(question, votes, {**rules, "completion": "none"})
    assert len(plain.winners) == len(made.winners) - 2
    cheap = tally.count(question, votes, {**rules, "utility": "cardinality"})
    assert set(cheap.winners) != set(made.winners)
    assert len(cheap.winners) > len(made.winners)


# --- the rules once more, from their definitions, voter by voter


def price(money, voters, option, cost):
    """The x for which min(x, money) of the supporters is the cost: tried for every number of those who pay less."""
    held = sorted(money[n] for n, one in enumerate(voters) if option in one)
    for poor in range(len(held)):
        x = (cost - sum(held[:poor])) / Fraction(len(held) - poor)
        if all(one <= x for one in held[:poor]) and all(one >= x for one in held[poor:]):
            return x
    return None


def spend(costs, voters, share, worth, order):
    """The projects of one run in order, and the money that is left to each voter."""
    money = [share] * len(voters)
    chosen = []
    while True:
        rho = {
            one: x / worth[one]
            for one in range(len(costs))
            if one not in chosen and (x := price(money, voters, one, costs[one])) is not None
        }
        if not rho:
            return chosen, money
        first = min(rho, key=lambda one: (rho[one], *(key(one) for key in order), one))
        x = rho[first] * worth[first]
        money = [held - min(held, x) if first in voters[n] else held for n, held in enumerate(money)]
        chosen.append(first)


def by_hand(costs, budget, voters, completion, utility, order):
    """The winners, and how often shares were raised; every share one unit after the other, as the rule says."""
    held = {one: sum(one in voter for voter in voters) for one in range(len(costs))}
    keys = {"cheaper": lambda one: costs[one], "votes": lambda one: -held[one]}
    worth = costs if utility == "cost" else [1] * len(costs)
    order = [keys[name] for name in order]
    share = Fraction(budget, len(voters))
    chosen, money = spend(costs, voters, share, worth, order)
    times = 0
    while completion == "add1" and len(chosen) < sum(map(bool, held.values())):
        following, _ = spend(costs, voters, share + times + 1, worth, order)
        if sum(costs[one] for one in following) > budget:
            break
        times, chosen = times + 1, following
    room = budget - sum(costs[one] for one in chosen)
    if completion == "greedy":
        for one in sorted((one for one in held if held[one] and one not in chosen), key=lambda one: (-held[one], one)):
            if costs[one] <= room:
                chosen.append(one)
                room -= costs[one]
    while completion == "phragmen":
        waits = {}
        for one in range(len(costs)):
            if one not in chosen and held[one] and costs[one] <= room:
                waits[one] = Fraction(costs[one] - sum(money[n] for n, v in enumerate(voters) if one in v)) / held[one]
        if not waits:
            break
        first = min(waits, key=lambda one: (waits[one], *(key(one) for key in order), one))
        money = [Fraction(0) if first in voters[n] else have + waits[first] for n, have in enumerate(money)]
        chosen.append(first)
        room -= costs[first]
    return chosen, times


@st.composite
def elections(draw):
    projects = draw(st.integers(1, 5))
    budget = draw(st.integers(10, 60))
    costs = draw(st.lists(st.integers(1, budget), min_size=projects, max_size=projects))
    marks = st.sets(st.integers(0, projects - 1))
    voters = draw(st.lists(marks, min_size=1, max_size=6).filter(any))
    return costs, budget, voters


@pytest.mark.parametrize("completion", ["add1", "none", "greedy", "phragmen"])
@given(
    election=elections(),
    utility=st.sampled_from(["cost", "cardinality"]),
    order=st.sampled_from([["cheaper", "votes"], ["votes"], ["votes", "cheaper"], []]),
)
@settings(max_examples=60)
def test_equal_shares_against_the_definition(completion, election, utility, order):
    made = shares(*election, completion=completion, utility=utility, tie_order=order, ties=["declared"])
    chosen, times = by_hand(*election, completion, utility, order)
    assert numbers(made) == chosen
    if completion == "add1":
        assert made.result.facts["add1"]["times"] == times
    kept(made, *election)


def test_projects_that_are_equally_good_for_one_share_only():
    """The price of P2 falls as shares rise, that of the others does not: what is equal once is not equal the next time."""
    election = [5, 10, 15], 16, [{0, 2}, {1, 2}]
    made = shares(*election, utility="cardinality", ties=["declared"])
    assert (numbers(made), made.result.facts["add1"]["times"]) == by_hand(
        *election, "add1", "cardinality", ["cheaper", "votes"]
    )


def kept(made, costs, budget, voters):
    """What no budget may do."""
    spent = sum(costs[one] for one in numbers(made))
    assert spent <= budget
    assert made.result.facts["budget"] == {"total": budget, "spent": spent, "left": budget - spent}
    assert all(any(one in voter for voter in voters) for one in numbers(made))
    assert [round_.facts["left"] for round_ in made.rounds if round_.elected] == [
        budget - sum(costs[one] for one in numbers(made)[: n + 1]) for n in range(len(made.winners))
    ]


@given(elections())
def test_a_group_that_can_pay_for_what_it_wants_has_something(election):
    """No project is left out whose supporters could pay for it from their parts alone and have nothing of what they want."""
    costs, budget, voters = election
    chosen = set(numbers(shares(*election, ties=["declared"])))
    for one, cost in enumerate(costs):
        without = [voter for voter in voters if one in voter and not voter & chosen]
        assert Fraction(budget * len(without), len(voters)) < cost or not without


def test_shares_that_change_nothing_are_passed_over():
    """The single supporter of P1 would have it after 99,999 raises of one unit."""
    made = shares([100_000_000, 1], 100_000_000, [{0}, {1}, {1}, {1}] * 250, add1_unit=1)
    assert numbers(made) == [1]
    made = shares([99_999_999, 1], 100_000_000, [{0}] + [{1}] * 999)
    assert (numbers(made), made.result.facts["add1"]) == ([1, 0], {"unit": 1, "times": 99_899_999, "next": None})
    assert made.result.explanation[-2] == "Every share was raised 99899999 times by 1, to 99999999."


def test_the_unit_matters():
    costs, budget, voters = [70, 60, 35], 100, [{0}, {0, 1}, {1, 2}, {2}]
    assert shares(costs, budget, voters, add1_unit=1).result.facts["add1"]["times"] > 0
    assert shares(costs, budget, voters, add1_unit=100).result.facts["add1"]["times"] == 0


def test_empty_ballots_have_a_share_or_not():
    costs, budget, voters = [50], 100, [{0}, set(), set()]
    assert numbers(shares(costs, budget, voters, completion="none")) == []
    assert shares(costs, budget, voters, completion="none").outcome == "lost"
    assert shares(costs, budget, voters, completion="none").rounds[-1].says == "Round 1. No project is funded."
    assert numbers(shares(costs, budget, voters, completion="none", count_empty=False)) == [0]


def test_equally_good_projects_go_by_the_tie_order():
    """Two votes each for both, so that rho is 1/2 for all; the cheaper is first."""
    costs, budget, voters = [50, 40], 100, [{0, 1}, {0, 1}]
    made = shares(costs, budget, voters)
    assert numbers(made) == [1, 0]
    assert (made.result.ties[0].policy, made.result.ties[0].evidence, made.rounds[0].tie) == (
        "cheaper",
        "By cheaper: P0 50, P1 40.",
        0,
    )
    made = shares(costs, budget, voters, tie_order="", ties=["declared"])
    assert (numbers(made), made.result.ties[0].policy) == ([0, 1], "declared")


TWINS = ([60, 60, 10], 100, [{0, 1}, {0, 1}, {2}])


@pytest.mark.parametrize("completion", ["add1", "none", "greedy"])
def test_a_lot_that_decided_stands_in_every_run(completion):
    made = shares(*TWINS, completion=completion)
    assert (made.outcome, made.rounds[-1].says) == (
        "awaiting lot",
        "Round 1. P0, P1 are equally good for their supporters: a lot must decide.",
    )
    lot = {"round": 1, "purpose": "elect", "tied": ["P0", "P1"], "chosen": "P1"}
    made = shares(*TWINS, [lot], completion=completion)
    assert made.outcome == "elected"
    assert numbers(made)[:2] == [1, 2]
    assert made.rounds[0].tie == 0
    assert len(made.result.lots) == 1
    assert made.result.ties[0].policy == "lot"


def test_a_lot_that_only_a_later_run_needs():
    """P0 is affordable at once; its twins P1 and P2 only after shares were raised."""
    costs, budget, voters = [20, 45, 45], 100, [{0}, {0}, {1, 2}, set(), set()]
    made = shares(costs, budget, voters)
    assert (made.outcome, numbers(made)) == ("awaiting lot", [0])
    assert made.result.facts["share"] == "45", "the share of the run that waits"
    lot = {"round": 2, "purpose": "elect", "tied": ["P1", "P2"], "chosen": "P2"}
    made = shares(costs, budget, voters, [lot])
    assert numbers(made) == [0, 2]
    assert made.result.facts["add1"]["times"] == 69  # 20 + 70 would buy both twins


def test_the_tie_that_waits_is_the_last_of_the_record():
    """P0 and P1 are settled by their cost in round 1; P2 and P3 wait in round 3."""
    costs, voters = [2, 3, 4, 4], [{0}, {0, 1}, {1}, {2}, {3}, {2, 3}]
    made = shares(costs, 30, voters, completion="none", utility="cost", tie_order=["cheaper"], ties="lot")
    assert made.outcome == "awaiting lot" and made.result.ties[-1].chosen is None
    assert all(tie.chosen for tie in made.result.ties[:-1])
    assert all(list(tie.tied) == sorted(tie.tied) for tie in made.result.ties)


def test_policies_that_look_back_look_at_the_approvals():
    """The example of the second counter: A has 1 approval, D 2, and both are equally good."""
    names = "ABCDEFG"
    voters = [{names.index(letter) for letter in marks} for marks in ("BFG", "A", "CD", "DE", "", "")]
    rules = {"completion": "none", "utility": "cardinality", "tie_order": [], "count_empty": False}
    made = shares([3, 1, 5, 5, 1, 3, 5], 12, voters, ties="backwards,declared", **rules)
    tie = next(one for one in made.result.ties if set(one.tied) == {"P0", "P3"})
    assert (tie.policy, tie.chosen) == ("backwards", "P3")


def test_a_lot_drawn_at_another_place_of_another_run():
    """At first only the twins can be paid for; after three raises P2 comes before them."""
    lot = {"round": 1, "purpose": "elect", "tied": ["P0", "P1"], "chosen": "P1"}
    made = shares([1, 1, 12], 13, [{2}, {0, 1, 2}, set()], [lot])
    assert numbers(made) == [2, 1]
    assert [(tie.round, tie.policy, tie.chosen) for tie in made.result.ties] == [(1, "lot", "P1"), (2, "lot", "P1")]
    assert [round_.tie for round_ in made.rounds] == [None, 1]


def test_growing_shares_settle_their_ties():
    costs, budget, voters = [60, 60, 30], 100, [{0}, {1}, {2}, set()]
    made = shares(costs, budget, voters, completion="phragmen")
    assert made.outcome == "awaiting lot"
    assert made.rounds[-1].says == "Round 2. P0, P1 are paid for at once: a lot must decide."
    lot = {"round": 2, "purpose": "elect", "tied": ["P0", "P1"], "chosen": "P1"}
    made = shares(costs, budget, voters, [lot], completion="phragmen")
    assert (numbers(made), made.rounds[1].tie, made.rounds[1].facts["waits"]) == ([2, 1], 0, {"P0": "30", "P1": "30"})
    assert made.rounds[1].says == (
        "Round 2. Fund P1 for 60: its supporters are the first who can pay, with 30 more for each vote."
    )


def test_what_a_round_tells_of_the_payment():
    """Each holds 30. The first pays 20 for P0, so that of the 62 for P1 she pays 10, all she holds, and the others 26 each."""
    made = shares([20, 62], 90, [{0, 1}, {1}, {1}], completion="none", utility="cardinality")
    assert [round_.says for round_ in made.rounds] == [
        "Round 1. Fund P0 for 20: 1 vote pays 20 each; rho 20, the least.",
        "Round 2. Fund P1 for 62: 2 votes pay 26 each, and 1 all they hold; rho 26, the least.",
    ]
    assert made.rounds[1].facts == {
        "given": "4",
        "left": 8,
        "payments": {"each": "26", "rho": "26", "full": "2", "less": "1"},
    }


# --- greedy


def by_votes(costs, budget, voters, stop, least, exclusive):
    held = {one: sum(one in voter for voter in voters) for one in range(len(costs))}
    chosen, room = [], budget
    for one in sorted((one for one in held if held[one] >= max(1, least)), key=lambda one: (-held[one], one)):
        if any(one in group and set(chosen) & group for group in exclusive):
            continue
        if costs[one] <= room:
            chosen.append(one)
            room -= costs[one]
        elif stop:
            break
    return chosen


@given(elections(), st.booleans(), st.integers(0, 3), st.sampled_from([[], [{0, 1}], [{0, 1}, {1, 2, 3}]]))
def test_greedy_against_the_definition(election, stop, least, exclusive):
    made = greedy(
        *election,
        ties=["declared"],
        too_dear="stop" if stop else "skip",
        threshold=least,
        exclusive=[[f"o{n}" for n in sorted(group)] for group in exclusive],
    )
    assert set(numbers(made)) == set(by_votes(*election, stop, least, exclusive))
    kept(made, *election)
    assert not set(made.winners) & set(made.result.excluded)


VOTERS = [{0, 1}] * 6 + [{0}] + [{2}] * 4


@pytest.mark.parametrize(
    ("rules", "winners", "last"),
    [
        ({}, [0, 2], "Round 3. Fund P2 for 300: 4 votes, the most of those left (0 is left)."),
        ({"too_dear": "stop"}, [0], "Round 2. Stop at P1: it costs 400, and 300 is left."),
        (
            {"threshold": 5},
            [0],
            "Round 2. Pass over what has 6 votes and cannot be funded: P1: it costs 400, 300 is left.",
        ),
        ({"threshold": 8}, [], "Round 1. No project is funded."),
        (
            {"exclusive": "o0+o2"},
            [0],
            "Round 3. Pass over what has 4 votes and cannot be funded: P2: P0 is funded in its place.",
        ),
    ],
)
def test_greedy_by_hand(rules, winners, last):
    made = greedy([700, 400, 300], 1000, VOTERS, **rules)
    assert (numbers(made), made.rounds[-1].says) == (winners, last)
    assert made.outcome == ("elected" if winners else "lost")


def test_equal_votes_are_a_tie_only_where_not_all_can_be_funded():
    voters = [{0, 1}] * 3
    made = greedy([500, 500], 1000, voters)
    assert (numbers(made), [tie.policy for tie in made.result.ties]) == ([0, 1], ["same"])
    made = greedy([500, 501], 1000, voters)
    assert (made.outcome, made.rounds[-1].says) == ("awaiting lot", "Round 1. P0, P1 are tied: a lot must decide.")
    lot = {"round": 1, "purpose": "elect", "tied": ["P0", "P1"], "chosen": "P1"}
    made = greedy([500, 501], 1000, voters, [lot])
    assert (numbers(made), made.rounds[0].tie, made.result.excluded) == ([1], 0, ("P0",))
    made = greedy([500, 500], 1000, voters, exclusive=[["o0", "o1"]], ties=["declared"])
    assert (numbers(made), made.result.ties[0].policy) == ([0], "declared")


@pytest.mark.parametrize("method", ["budget-greedy", "budget-equal-shares"])
@pytest.mark.parametrize(
    ("costs", "budget", "match"),
    [
        ({"o0": 5}, 10, r"The project P1 \(o1\) has no cost"),
        ({"o0": 5, "o1": 11}, 10, r"The project P1 costs 11, more than the budget of 10"),
        ({"o0": 5, "o1": 6}, None, "The budget is a whole number from 1 to"),
        ({"o0": 5, "o1": 6}, 10**16, "The budget is a whole number from 1 to"),
    ],
)
def test_money_that_cannot_be_right_is_refused_before_a_ballot_is_cast(method, costs, budget, match):
    rules = {"method": method, "costs": costs, **({"budget": budget} if budget else {})}
    with pytest.raises(DeliberateError, match=match):
        tally.count(asked([0, 0]), [], rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"costs": {"o0": 0}},
        {"costs": {"o0": "1.5"}},
        {"costs": "o0"},
        {"costs": 3},
        {"budget": 0},
        {"tie_order": "dearer"},
        {"tie_order": ["votes", "votes"]},
        {"add1_unit": 0},
        {"utility": "joy"},
    ],
)
def test_values_that_are_no_rules_are_refused(rules):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules("budget-equal-shares", **rules)


def test_rules_as_the_command_line_writes_them():
    made = tally.rules("budget-greedy", costs="o2=300, o1=500", budget="1000", exclusive="o1+o2, o3+o4")
    assert (made["costs"], made["budget"], made["exclusive"]) == (
        {"o1": 500, "o2": 300},
        1000,
        [["o1", "o2"], ["o3", "o4"]],
    )
    assert tally.rules("budget-equal-shares", tie_order="votes, cheaper")["tie_order"] == ["votes", "cheaper"]


def test_costs_of_projects_that_withdrew_are_ignored():
    question = Question("Q", tuple(Option(f"o{n}", f"P{n}") for n in range(3)), withdrawn=("o1",))
    votes = [(choice("o0", "o1"), 1), (choice("o1"), 1), (choice("o2"), 1)]
    rules = {"costs": {"o0": 5, "o1": 99, "o2": 5}, "budget": 10}
    assert tally.count(question, votes, {"method": "budget-greedy", **rules}).winners == ("P0", "P2")


@pytest.mark.parametrize("method", ["budget-greedy", "budget-equal-shares"])
def test_nobody_votes_for_a_project(method):
    for voters in ([], [set(), set()]):
        made = count(method, [5, 5], 10, voters)
        assert (made.outcome, made.winners) == ("no valid ballots", ())
