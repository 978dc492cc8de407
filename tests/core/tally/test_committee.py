"""Committees from approval ballots: against their definitions by brute force, and what the rules promise to groups."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations
from math import ceil

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import choice
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question

RULES = {
    "pav": {},
    "seq-pav": {},
    "seq-phragmen": {},
    "equal-shares": {},
    "equal-shares none": {"completion": "none"},
    "equal-shares approval": {"completion": "approval"},
}


def asked(options, seats):
    return Question("Q", tuple(Option(f"o{n}", f"N{n}") for n in range(options)), seats)


def count(rule, options, seats, voters, lots=(), **rules):
    """voters: for each ballot the numbers of the options approved."""
    votes = [(choice(*(f"o{n}" for n in sorted(one))), 1) for one in voters]
    given_ = {"method": rule.split()[0], **RULES[rule], **rules}
    return tally.count(asked(options, seats), votes, given_, lots)


def committees(made):
    return {frozenset(int(name[1:]) for name in one) for one in made.result.facts["committees"]}


@pytest.mark.parametrize("case", ["abc_instanceM0000", "abc_instanceL0003"])
def test_every_tied_committee_of_the_reference(data, case):
    known = json.loads((data / f"elections/cases/{case}.json").read_text())
    held = json.loads((data / "elections" / known["file"]).read_text())
    voters = [marks for times, marks in held["ballots"] for _ in range(times)]
    wanted = {
        rule: {frozenset(one) for one in several} for rule, several in known["expected"]["committees_by_rule"].items()
    }
    for rule, key in (
        ("pav", "pav"),
        ("seq-pav", "seqpav"),
        ("seq-phragmen", "seqphragmen"),
        ("equal-shares", "equal-shares"),
        ("equal-shares approval", "equal-shares-with-av-completion"),
    ):
        made = count(rule, held["num_candidates"], known["seats"], voters, all_committees=100)
        assert committees(made) == wanted[key], rule
        assert made.result.facts["committees_more"] is False
    votes = [(choice(*(f"o{n}" for n in one)), 1) for one in voters]
    approved = tally.count(asked(held["num_candidates"], known["seats"]), votes, {"method": "approval"})
    assert {frozenset(int(name[1:]) for name in approved.winners)} == wanted["av"]


# --- the rules once more, from their definitions, voter by voter


def pav_score(voters, chosen):
    return sum((Fraction(1, n) for one in voters for n in range(1, len(one & chosen) + 1)), Fraction(0))


def best_pav(options, seats, voters):
    scores = {frozenset(one): pav_score(voters, set(one)) for one in combinations(range(options), seats)}
    return {one for one, score in scores.items() if score == max(scores.values())}


def all_paths(options, seats, start, step):
    """Every committee that some way out of the ties leads to. step: (chosen, state) to {option: next state}, or nothing."""
    found, waiting = set(), [(frozenset(), start)]
    while waiting:
        chosen, state = waiting.pop()
        nexts = step(chosen, state) if len(chosen) < seats else {}
        if not nexts:
            found.add(chosen)
        waiting += [(chosen | {option}, after) for option, after in nexts.items()]
    return found


def best(values, low=False):
    edge = (min if low else max)(values.values())
    return [option for option, value in values.items() if value == edge]


def by_seq_pav(options, seats, voters):
    def step(chosen, _state):
        now = pav_score(voters, chosen)
        left = set(range(options)) - chosen
        return dict.fromkeys(best({one: pav_score(voters, chosen | {one}) - now for one in left}))

    return all_paths(options, seats, None, step)


def wait(money, voters, option):
    """Until the supporters can pay: everybody earns at one pace."""
    supporters = [n for n, one in enumerate(voters) if option in one]
    return (1 - sum(money[n] for n in supporters)) / Fraction(len(supporters)) if supporters else None


def earn(options, voters, chosen, money):
    """Phragmén as a process in time: a supporter's money is spent when the option is bought."""
    waits = {one: wait(money, voters, one) for one in range(options) if one not in chosen}
    able = {one: t for one, t in waits.items() if t is not None}
    if not able:
        return dict.fromkeys(waits, money)
    return {
        one: tuple(Fraction(0) if one in voters[n] else held + able[one] for n, held in enumerate(money))
        for one in best(able, low=True)
    }


def by_phragmen(options, seats, voters):
    start = (Fraction(0),) * len(voters)
    return all_paths(options, seats, start, lambda chosen, money: earn(options, voters, chosen, money))


def price(money, voters, option, cost=1):
    """The x for which min(x, money) of the supporters is the cost: tried for every number of those who pay less."""
    held = sorted(money[n] for n, one in enumerate(voters) if option in one)
    for poor in range(len(held)):
        x = (cost - sum(held[:poor])) / Fraction(len(held) - poor)
        if all(one <= x for one in held[:poor]) and all(one >= x for one in held[poor:]):
            return x
    return None


def by_equal_shares(options, seats, voters, completion):
    def step(chosen, state):
        money, over = state
        left = [one for one in range(options) if one not in chosen]
        prices = {} if over else {one: x for one in left if (x := price(money, voters, one)) is not None}
        if prices:
            return {
                one: (tuple(h - min(h, prices[one]) if one in voters[n] else h for n, h in enumerate(money)), False)
                for one in best(prices, low=True)
            }
        if completion == "none":
            return {}
        if completion == "approval":
            held = {one: sum(one in voter for voter in voters) for one in left}
            return dict.fromkeys(best(held), (money, True))
        return {one: (after, True) for one, after in earn(options, voters, chosen, money).items()}

    start = ((Fraction(seats, len(voters)),) * len(voters), False)
    return all_paths(options, seats, start, step)


DEFINITIONS = {
    "pav": best_pav,
    "seq-pav": by_seq_pav,
    "seq-phragmen": by_phragmen,
    "equal-shares": lambda *election: by_equal_shares(*election, "phragmen"),
    "equal-shares none": lambda *election: by_equal_shares(*election, "none"),
    "equal-shares approval": lambda *election: by_equal_shares(*election, "approval"),
}


@st.composite
def elections(draw):
    options = draw(st.integers(2, 5))
    seats = draw(st.integers(1, options - 1))
    marks = st.sets(st.integers(0, options - 1), min_size=1)
    return options, seats, draw(st.lists(marks, min_size=1, max_size=7))


@pytest.mark.parametrize("rule", sorted(RULES))
@given(election=elections())
def test_against_the_definition(rule, election):
    made = count(rule, *election, all_committees=1000, ties=["declared"])
    wanted = DEFINITIONS[rule](*election)
    assert committees(made) == wanted
    assert frozenset(int(name[1:]) for name in made.winners) in wanted
    assert made.outcome == ("elected" if made.winners else "lost")


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"equal-shares none"}))
@given(election=elections())
def test_a_large_enough_group_that_agrees_on_an_option_is_never_left_with_nothing(rule, election):
    """Justified representation; under pav and equal-shares extended: a group of l/s of the voters that agrees on l options."""
    options, seats, voters = election
    if rule == "seq-pav":
        assume(seats < 6)  # from six seats on it can fail (Sánchez-Fernández and others, 2017)
    chosen = {int(name[1:]) for name in count(rule, *election, ties=["declared"]).winners}
    most = seats if rule == "pav" or rule.startswith("equal-shares") else 1
    for much in range(1, most + 1):
        for agreed in combinations(range(options), much):
            group = [one for one in voters if set(agreed) <= one]
            if group and len(group) >= ceil(Fraction(much * len(voters), seats)):
                poorest = sorted(group, key=lambda one: len(one & chosen))[: ceil(Fraction(much * len(voters), seats))]
                assert max(len(one & chosen) for one in poorest) >= much


@pytest.mark.parametrize("rule", ["seq-pav", "seq-phragmen"])
@given(election=elections())
def test_one_place_more_only_adds(rule, election):
    options, seats, voters = election
    made = count(rule, options, seats, voters, ties=["declared"])
    more = count(rule, options, seats + 1, voters, ties=["declared"])
    if seats + 1 < options:
        assume(not made.result.ties and not more.result.ties)
        assert made.winners == more.winners[:seats]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_tie_that_matters_waits_for_its_lot(rule):
    voters = [{0}, {0}, {1}, {2}]
    made = count(rule, 3, 2, voters, ties=["lot"])
    if rule == "equal-shares none":
        assert made.winners == ("N0",)
        assert made.result.explanation[-1] == "The rule elects 1 of 2; the other seats stay empty."
        return
    assert made.outcome == "awaiting lot"
    assert "A lot must decide" in made.rounds[-1].says
    tie = made.result.ties[-1]
    lot = {"round": tie.round, "purpose": tie.purpose, "tied": list(tie.tied), "chosen": "N2"}
    made = count(rule, 3, 2, voters, [lot], ties=["lot"])
    assert (made.outcome, set(made.winners), made.rounds[-1].tie) == ("elected", {"N0", "N2"}, 0)
    with pytest.raises(DeliberateError, match=r"tally\.lot"):
        count(rule, 3, 3, voters, [lot])


@pytest.mark.parametrize("rule", ["seq-pav", "seq-phragmen", "equal-shares"])
def test_a_tie_that_changes_nothing_asks_for_no_lot(rule):
    made = count(rule, 4, 2, [{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}, {2}], ties=["lot"])
    assert (made.outcome, made.winners) == ("elected", ("N0", "N1"))
    assert (made.result.ties[0].policy, made.result.ties[0].purpose) == ("same", "order")


def test_options_that_nobody_approves_come_last_and_may_need_a_lot():
    for rule in ("seq-pav", "seq-phragmen", "equal-shares"):
        made = count(rule, 3, 2, [{0}], ties=["lot"])
        assert (made.outcome, made.winners) == ("awaiting lot", ("N0",))
        made = count(rule, 4, 3, [{3}, {3}], ties=["declared"])
        assert made.winners == ("N3", "N0", "N1")
    made = count("seq-phragmen", 3, 3, [{0}])
    assert made.winners == ("N0", "N1", "N2")
    assert made.rounds[0].says.endswith("all options are elected unopposed.")


def test_more_approvals_go_first_by_default():
    """seq-pav, second place: N1 gains 3 and N2 gains 3, yet N1 has more approvals."""
    voters = [{0}] * 3 + [{0, 1}] * 4 + [{1}] + [{2}] * 3
    made = count("seq-pav", 3, 2, voters)
    assert made.winners == ("N0", "N1")
    assert made.result.ties[0].policy == "backwards"
    assert made.result.ties[0].evidence == "Round 1: N1 5, N2 3."


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_list_of_committees_says_when_there_are_more(rule):
    made = count(rule, 5, 2, [{n} for n in range(5)], all_committees=3, ties=["declared"])
    if rule == "equal-shares none":
        assert made.result.facts == {"committees": [[]], "committees_more": False}
        assert made.outcome == "lost"
        return
    assert (len(made.result.facts["committees"]), made.result.facts["committees_more"]) == (3, True)
    assert made.result.explanation[-1] == "Other ways out of the ties: more than 3 committees in all."
    made = count(rule, 5, 2, [{n} for n in range(5)], all_committees=10, ties=["declared"])
    assert (len(made.result.facts["committees"]), made.result.facts["committees_more"]) == (10, False)
    assert "committees" not in count(rule, 5, 2, [{0}], ties=["declared"]).result.facts
    assert "committees" not in count(rule, 2, 2, [{0}], all_committees=3).result.facts


def test_pav_is_refused_where_it_would_have_to_compare_too_many():
    with pytest.raises(
        DeliberateError, match=r"10 of 20 options make 184,756 committees, and at most 100,000 are compared"
    ):
        count("pav", 20, 10, [])
    assert count("pav", 20, 3, [{0}, {1}, {2}]).winners == ("N0", "N1", "N2")
    votes = [(choice("o0"), Fraction(1, 2**60)), (choice("o1"), 1)]
    with pytest.raises(DeliberateError, match="too finely divided to compare"):
        tally.count(asked(3, 2), votes, {"method": "pav"})


def test_pav_finds_what_one_step_after_another_misses():
    """N0 has most approvals, yet N1 and N2 together have 10 points, and N0 with either 9 1/2."""
    voters = [{0, 1}] * 3 + [{0, 2}] * 3 + [{1}] * 2 + [{2}] * 2
    assert set(count("pav", 3, 2, voters).winners) == {"N1", "N2"}
    assert "N0" in count("seq-pav", 3, 2, voters, ties=["declared"]).winners


def test_nobody_approves():
    for rule in RULES:
        for voters in ([], [set(), set()]):
            made = count(rule, 3, 2, voters)
            assert (made.outcome, made.winners) == ("no valid ballots", ())


def test_short_numbers_are_exact_and_long_ones_are_marked():
    from deliberate.core.tally.committee import near

    assert near(Fraction(999, 1000)) == "about 0.9990"
    assert near(Fraction(1, 3)) == "1/3"
    assert near(Fraction(100_001, 10_000), 2) == "about 10.00"


BALLOTS = [{0, 1}] * 6 + [{0, 1, 2}] * 2 + [{2}] * 3 + [{3}] * 2 + [{4}]
"""Options 0 and 1 have the most approvals, then 2, 3, 4."""
AT_MOST_ONE = "north ..1: o0 o1"
ONE_OF_THE_LAST = "young 1..: o3 o4"


@pytest.mark.parametrize("rule", RULES)
def test_a_committee_keeps_to_its_constraints(rule):
    free = count(rule, 5, 2, BALLOTS, ties="declared")
    assert {"N0", "N1"} & set(free.winners) and "constraints" not in free.as_json()
    made = count(rule, 5, 2, BALLOTS, ties="declared", constraints=AT_MOST_ONE)
    assert made.outcome == "elected" and len({"N0", "N1"} & set(made.winners)) == 1
    assert made.as_json()["constraints"] == [
        {"name": "north", "options": ["N0", "N1"], "least": 0, "most": 1, "elected": 1}
    ]
    young = count(rule, 5, 2, BALLOTS, ties="declared", constraints=ONE_OF_THE_LAST)
    if rule != "equal-shares none":  # which elects nobody whom nobody can pay for
        assert len({"N3", "N4"} & set(young.winners)) == 1


@pytest.mark.parametrize("rule", ["seq-pav", "seq-phragmen", "equal-shares"])
def test_who_is_passed_over_is_said_once(rule):
    made = count(rule, 5, 3, BALLOTS, ties="declared", constraints=AT_MOST_ONE)
    said = " ".join(one.says for one in made.rounds)
    assert said.count("Passed over: of north at most 1 may be elected, and 1 is, which dooms N1.") == 1


def test_the_best_committee_is_the_best_of_those_that_keep_to_the_constraints():
    made = count("pav", 5, 2, BALLOTS, ties="declared", constraints=ONE_OF_THE_LAST)
    assert set(made.winners) == {"N0", "N3"} and "as far as they keep to the constraints" in made.rounds[0].says


def test_a_tie_of_free_places_is_drawn_where_a_constraint_parts_them():
    """Nobody approves 1 to 3; two places are left, but 1 and 2 may not have both."""
    made = count("seq-pav", 4, 3, [{0}] * 3, ties="lot", constraints="pair ..1: o1 o2")
    assert made.outcome == "awaiting lot"
    made = count("seq-pav", 4, 3, [{0}] * 3, ties="declared", constraints="pair ..1: o1 o2")
    assert set(made.winners) in ({"N0", "N1", "N3"}, {"N0", "N2", "N3"})


@pytest.mark.parametrize("rule", RULES)
def test_constraints_that_nobody_can_keep_are_refused(rule):
    with pytest.raises(DeliberateError, match="cannot all be kept"):
        count(rule, 5, 2, BALLOTS, constraints="all 3..: o0 o1 o2")


@pytest.mark.parametrize("rule", RULES)
@given(election=elections(), least=st.integers(0, 2), most=st.integers(0, 3), data=st.data())
def test_constraints_hold_in_every_committee(rule, election, least, most, data):
    options, seats, voters = election
    group = data.draw(st.sets(st.integers(0, options - 1), min_size=1))
    places = min(seats, options)
    assume(least <= most and least <= min(len(group), places) and places - (options - len(group)) <= most)
    ids = " ".join(f"o{n}" for n in sorted(group))
    made = count(rule, options, seats, voters, ties="seed", seed="ab" * 32, constraints=f"g {least}..{most}: {ids}")
    if made.outcome == "elected" and (len(made.winners) == places):
        assert least <= len({f"N{n}" for n in group} & set(made.winners)) <= most
