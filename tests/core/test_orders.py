"""Standing orders: who may act and what a refusal says, the flow of a motion, thresholds, and orders that cannot be."""

from __future__ import annotations

import pytest

from deliberate.core import orders
from deliberate.core.errors import Conflict, DeliberateError, Forbidden


def test_an_act_without_a_rule_is_closed():
    refused = orders.refusal("motion.burn", {"admin", "chair", "person"})
    assert isinstance(refused, Forbidden) and refused.code == "orders.unknown"


@pytest.mark.parametrize(
    ("act", "roles", "remedy"),
    [
        ("poll.tally", {"person", "anyone"}, "Ask the chair, the secretary or the teller."),
        ("poll.open", {"person", "member"}, "Ask the chair."),
        ("motion.propose", {"person", "member"}, "Ask the secretary, if you think that you should be able to."),
        ("motion.draft", {"anyone"}, "Log in first, if you are a member."),
    ],
)
def test_a_refusal_quotes_its_rule_and_names_who_can_help(act, roles, remedy):
    refused = orders.refusal(act, roles)
    assert isinstance(refused, Forbidden)
    assert refused.why.startswith(f"Rule {orders.BY_ACT[act].number}: ")
    assert refused.remedy == remedy and refused.code == f"orders.{act}"


def test_the_wrong_state_is_a_conflict_that_says_the_state_in_words():
    with pytest.raises(Conflict, match="not possible now") as refused:
        orders.check("poll.close", {"chair"}, "prepared")
    assert refused.value.remedy == 'Now its state is "prepared".'
    with pytest.raises(Conflict) as refused:
        orders.check("amendment.accept", {"mover"}, "fallen")
    assert refused.value.remedy == 'Now its state is "fell without a vote".'
    with pytest.raises(Conflict) as refused:
        orders.check("motion.support", {"member"}, "elsewhere")
    assert refused.value.remedy == 'Now its state is "elsewhere".'
    orders.check("poll.close", {"chair"}, "open")


def test_the_flow_reaches_an_end_from_every_state():
    ends = set(orders.MOTION_ENDS)
    while more := {a for (a, _), b in orders.MOTION_FLOW.items() if b in ends} - ends:
        ends |= more
    assert ends == set(orders.MOTION_STATES)
    assert set(orders.MOTION_FLOW.values()) | {"draft"} == set(orders.MOTION_STATES)
    assert not {a for a, _ in orders.MOTION_FLOW} & set(orders.MOTION_ENDS)
    assert orders.step("submitted", "motion.second") == "seconded"
    with pytest.raises(Conflict) as refused:
        orders.step("carried", "motion.withdraw")
    assert refused.value.code == "motion.state"


def test_every_act_has_words_for_people():
    assert set(orders.DEEDS) == set(orders.BY_ACT)
    assert not [words for words in orders.DEEDS.values() if "." in words or "_" in words]


def test_every_rule_speaks_of_known_words_and_states():
    states = set(orders.MOTION_STATES) | set(orders.AMENDMENT_STATES) | set(orders.POLL_STATES)
    for rule in orders.ACTS:
        assert set(rule.roles) <= set(orders.WORDS) and set(rule.when) <= states and rule.otherwise.endswith(".")
    assert len({rule.number for rule in orders.ACTS}) == len({rule.act for rule in orders.ACTS}) == len(orders.ACTS)


@pytest.mark.parametrize(
    ("given", "roll", "need"),
    [
        ({}, 60, 5),
        ({"support_count": 0}, 60, 0),
        ({"support_share": "1/20"}, 60, 5),
        ({"support_share": "1/10"}, 60, 6),
        ({"support_share": "1/10"}, 61, 7),
        ({"support_share": "0.1", "support_count": 0}, 10, 1),
        ({"support_share": "1", "support_count": 1}, 7, 7),
    ],
)
def test_a_motion_needs_the_count_or_the_share_whichever_is_more(given, roll, need):
    assert orders.load(given).threshold(roll) == need


def test_a_small_roll_lowers_the_threshold_to_all_of_it():
    five = orders.load({"support_count": 5})
    assert [five.threshold(roll) for roll in (0, 1, 3, 5, 60)] == [1, 1, 3, 5, 5]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("support_count", -1),
        ("support_count", True),
        ("support_count", "5"),
        ("support_days", 1_000_001),
        ("majority", "0"),
        ("majority", "3/2"),
        ("majority", "2/3 "),
        ("majority", "-1/2"),
        ("majority", "1/0"),
        ("majority", "nan"),
        ("majority", "5e-1"),
        ("majority", "½"),
        ("quorum", "1.01"),
        ("quorum", ""),
        ("quorum_count", -1),
        ("support_share", "half"),
        ("majority_basis", "everyone"),
        ("tie", "coin"),
        ("claim_width", "page"),
        ("no_such_order", 1),
        ("motion_prefix", "M1"),
        ("amendment_infix", " "),
    ],
)
def test_orders_that_cannot_be_are_refused_and_the_field_is_named(field, value):
    with pytest.raises(DeliberateError) as refused:
        orders.load({field: value})
    assert set(refused.value.fields) == {field}


def test_what_is_loaded_can_be_stored_and_loaded_again():
    made = orders.load({"majority": "2/3", "majority_strict": False, "extra": {"sittings": "monthly"}})
    assert orders.load(made.as_json()) == made


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        ({}, None),
        ({"quorum": "1/4"}, {"on": "turnout", "by": "heads", "fraction": "1/4"}),
        ({"quorum_count": 20}, {"on": "turnout", "by": "heads", "number": 20}),
    ],
)
def test_the_usual_quorum_is_a_share_or_a_number(given, usual):
    assert orders.load(given).usual_quorum() == usual
    with pytest.raises(DeliberateError) as refused:
        orders.load({"quorum_count": 20, "quorum": "1/4"})
    assert set(refused.value.fields) == {"quorum_count"}


def test_nobody_could_reach_such_a_quorum():
    made = orders.load({"quorum_count": 9, "support_count": 1})
    orders.fit(made, 9, 1)
    with pytest.raises(DeliberateError) as refused:
        orders.fit(made, 8, 1)
    assert set(refused.value.fields) == {"quorum_count"}


def test_nobody_could_gather_such_support():
    made = orders.load({"support_count": 9, "support_sections": 3})
    orders.fit(made, 0, 0)
    orders.fit(made, 9, 3)
    with pytest.raises(DeliberateError) as refused:
        orders.fit(made, 8, 3)
    assert refused.value.fields == {"support_count": "The roll has 8 members; so many cannot support a motion."}
    with pytest.raises(DeliberateError) as refused:
        orders.fit(made, 9, 2)
    assert set(refused.value.fields) == {"support_sections"}
