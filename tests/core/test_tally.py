"""Counting: official counts to the digit, and counts worked by hand. What holds for every method is in tests/contract."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from deliberate.core import tally
from deliberate.core.ballot import aggregate, choice, ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import blt, csv
from deliberate.core.tally import Option, Question

FORTY = [(ranking("o1", "o2", "o3"), 18), (ranking("o2", "o4"), 12), (ranking("o3"), 4), (ranking("o4"), 6)]


def question(*names, seats=1):
    return Question("A question", tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1)), seats)


def papers(pairs):
    return [(ballot, 1) for ballot, count in pairs for _ in range(count)]


MOTION = Question("A motion", (Option("yes", "Yes"), Option("no", "No"), Option("abstain", "Abstain")))


@pytest.mark.parametrize(
    "case",
    [
        "droop_scotland_weak-defeat_scotland",
        "scot_edinburgh_2017_ward1",
        "scot_gov_worked_example",
        "scot_shetland_2017_ward3",
    ],
)
def test_scottish_counts_to_the_printed_digit(data, case):
    known = json.loads((data / f"elections/cases/{case}.json").read_text())
    with (data / "elections" / known["file"]).open(encoding="utf-8") as lines:
        election = blt.read(lines, known["file"])
    asked = Question(election.question.title, election.question.options, known["seats"])
    made = tally.count(asked, election.ballots, {"method": "scottish-stv"})
    wanted = known["expected"]
    assert set(made.winners) == set(wanted["winners"])
    if case != "droop_scotland_weak-defeat_scotland":  # there the source lists those elected together in its own order
        assert list(made.winners) == wanted["elected_order"]
    assert wanted.get("quota") in (None, made.result.quota)
    for mine, stage in zip(made.rounds, wanted["rounds"], strict=True):
        assert {name: Decimal(mine.votes[name]) for name in stage["totals"]} == {
            name: Decimal(total) for name, total in stage["totals"].items()
        }, stage["n"]
        assert set(mine.elected) == set(stage.get("elected", mine.elected))
        assert list(mine.excluded) == stage.get("excluded", list(mine.excluded))


def test_burlington_2009(data):
    known = json.loads((data / "elections/cases/burlington_2009_mayor.json").read_text())
    labels = {key: value for key, value in known["options"].items() if isinstance(value, str)}
    names = {
        "overvote": next((v for k, v in labels.items() if "overvote" in k.lower()), "overvote"),
        "undervote": next((v for k, v in labels.items() if "undervote" in k.lower() or "skip" in k.lower()), ""),
    }
    with (data / "elections" / known["file"]).open(encoding="utf-8", newline="") as lines:
        election = csv.read(lines, known["file"], names)
    made = tally.count(election.question, election.ballots, {"method": "irv"})
    assert any("Kiss" in winner for winner in made.winners)
    final = {name: int(votes) for name, votes in made.rounds[-1].votes.items()}
    top = sorted(final.values(), reverse=True)[:2]
    assert abs(top[0] - 4313) <= 2
    assert abs(top[1] - 4060) <= 2


def test_the_forty_ballots():
    made = tally.count(question("A", "B", "C", "D", seats=3), FORTY and papers(FORTY), {"method": "scottish-stv"})
    assert made.result.quota == "11"
    assert set(made.winners) == {"A", "B", "C"}
    assert made.rounds[1].votes["C"] == "10.99984"
    assert made.rounds[2].votes["D"] == "6.99996"


@pytest.mark.parametrize(
    ("yes", "no", "rules", "outcome", "says"),
    [
        (412, 198, {"threshold": "2/3", "strict": False}, "carried", "412 x 3 = 1236 >= 2 x 610 = 1220: carried"),
        (197, 100, {"threshold": "2/3", "strict": False}, "lost", "197 x 3 = 591 < 2 x 297 = 594: lost"),
        (2, 1, {"threshold": "2/3", "strict": False}, "carried", "2 x 3 = 6 >= 2 x 3 = 6: carried"),
        (2, 1, {"threshold": "2/3", "strict": True}, "lost", "2 x 3 = 6 <= 2 x 3 = 6: lost"),
        (3, 3, {}, "lost", "3 x 2 = 6 <= 1 x 6 = 6: lost"),
        (0, 0, {}, "lost", "0 x 2 = 0 <= 1 x 0 = 0: lost"),
        (5, 1, {"basis": "roll", "roll": {"heads": 10, "weight": "10"}}, "lost", "5 x 2 = 10 <= 1 x 10 = 10: lost"),
        (
            6,
            1,
            {"basis": "roll", "roll": {"heads": 10, "weight": "10"}},
            "carried",
            "6 x 2 = 12 > 1 x 10 = 10: carried",
        ),
        (1, 0, {"threshold": "0", "strict": False}, "carried", "1 x 1 = 1 >= 0 x 1 = 0: carried"),
    ],
)
def test_a_motion_states_its_inequality(yes, no, rules, outcome, says):
    made = tally.count(MOTION, papers([(choice("yes"), yes), (choice("no"), no)]), {"method": "motion", **rules})
    assert made.outcome == outcome
    assert made.result.tests[-1].says == says


def test_below_the_quorum_nothing_is_decided():
    made = tally.count(
        MOTION,
        papers([(choice("yes"), 3)]),
        {"method": "motion", "quorum": {"fraction": "1/2"}, "roll": {"heads": 10, "weight": "10"}},
    )
    assert made.outcome == "no quorum"
    assert made.result.tests[0].says == "3 x 2 = 6 < 1 x 10 = 10: no quorum"


@pytest.mark.parametrize(
    ("quorum", "outcome", "says"),
    [
        ({"number": 3}, "carried", "3 >= 3: quorum reached"),
        ({"number": "4"}, "no quorum", "3 < 4: no quorum"),
        ({"number": 4, "by": "weight"}, "carried", "9/2 >= 4: quorum reached"),
        ({"number": 5, "by": "weight"}, "no quorum", "9/2 < 5: no quorum"),
    ],
)
def test_a_quorum_may_be_a_plain_number_of_members_or_votes(quorum, outcome, says):
    """It needs no size of the roll; blank ballots take part."""
    cast = [(choice("yes"), "5/2"), (choice("no"), "1"), (choice(), "1")]
    made = tally.count(MOTION, cast, {"method": "motion", "quorum": quorum})
    assert (made.outcome, made.result.tests[0].says) == (outcome, says)


@pytest.mark.parametrize(
    "quorum", [{"number": 0}, {"number": "1/2"}, {"number": 3, "fraction": "1/2"}, {"by": "heads"}, {"most": 1}]
)
def test_a_quorum_is_one_number_or_one_share(quorum):
    with pytest.raises(DeliberateError) as refused:
        tally.rules("motion", quorum=quorum)
    assert set(refused.value.fields) == {"quorum"}


def test_a_share_of_an_unknown_roll_cannot_be_tested():
    with pytest.raises(DeliberateError, match="size of the roll"):
        tally.count(MOTION, papers([(choice("yes"), 3)]), {"method": "motion", "quorum": "1/2"})


def test_weights_are_exact():
    made = tally.count(
        MOTION,
        [(choice("yes"), "1/3"), (choice("yes"), "1/3"), (choice("yes"), "1/3"), (choice("no"), "1")],
        {"method": "motion", "strict": False},
    )
    assert made.outcome == "carried"
    assert made.rounds[0].votes == {"Yes": "1", "No": "1", "Abstain": "0"}
    assert made.rounds[0].as_json()["heads"] == {"Yes": 3, "No": 1, "Abstain": 0}


def test_where_a_vote_is_a_head_heads_are_not_told_apart():
    made = tally.count(MOTION, papers([(choice("yes"), 3)]), {"method": "motion"})
    assert "heads" not in made.rounds[0].as_json()


def test_the_chair_casts_only_where_the_orders_say():
    equal = papers([(choice("yes"), 2), (choice("no"), 2)])
    assert tally.count(MOTION, equal, {"method": "motion", "tie": "casting"}).outcome == "tie"
    assert tally.count(MOTION, equal, {"method": "motion"}).outcome == "lost"


def test_irv_moves_the_votes_of_the_last():
    made = tally.count(
        question("Ada", "Bea", "Cy"),
        papers([(ranking("o1"), 4), (ranking("o2"), 3), (ranking("o3", "o2"), 2)]),
        {"method": "irv"},
    )
    assert made.winners == ("Bea",)
    assert [round_.excluded for round_ in made.rounds] == [*[("Cy",), ("Ada",)][:1], ()]
    assert made.rounds[1].votes == {"Ada": "4", "Bea": "5", "Cy": "0"}


@pytest.mark.parametrize(("policy", "out"), [("backwards", "o2"), ("forwards", "o3"), ("declared", "o3")])
def test_tie_policies_choose_as_they_say(policy, out):
    """Round 1: A 9, B 5, C 4, D 3, E 2. E goes to C: B 5, C 6. D parts: A 11, B 6, C 6, a tie. Worked by hand."""
    ballots = [
        (ranking("o1"), 9),
        (ranking("o2"), 5),
        (ranking("o3"), 4),
        (ranking("o4", "o2"), 1),
        (ranking("o4", "o1"), 2),
        (ranking("o5", "o3"), 2),
    ]
    made = tally.count(question("A", "B", "C", "D", "E"), papers(ballots), {"method": "irv", "ties": [policy, "lot"]})
    names = {"o2": "B", "o3": "C"}
    third = made.rounds[2]
    assert third.votes["B"] == third.votes["C"] == "6"
    assert third.excluded == (names[out],)
    assert made.result.ties[0].policy == policy


def test_a_lot_is_asked_for_and_then_used():
    ballots = papers([(ranking("o1"), 2), (ranking("o2"), 2), (ranking("o3"), 5)])
    asked = question("A", "B", "C")
    waits = tally.count(
        asked, ballots, {"method": "irv", "threshold_base": "round", "continue_until_two": True, "ties": ["lot"]}
    )
    assert waits.outcome == "awaiting lot"
    tie = waits.result.ties[-1]
    lot = {"round": tie.round, "purpose": tie.purpose, "tied": list(tie.tied), "chosen": "A"}
    made = tally.count(asked, ballots, waits.rules, [lot])
    assert made.outcome == "elected"
    assert made.rounds[0].excluded == ("A",)
    with pytest.raises(DeliberateError, match=r"tally\.lot"):
        tally.count(asked, papers([(ranking("o1"), 5)]), waits.rules, [lot])


def test_a_seed_gives_the_same_draw_every_time():
    ballots = papers([(ranking("o1"), 2), (ranking("o2"), 2), (ranking("o3"), 3)])
    rules = {"method": "irv", "ties": ["seed"], "seed": "ab" * 32}
    one = tally.count(question("A", "B", "C"), ballots, rules)
    assert one.canonical() == tally.count(question("A", "B", "C"), ballots[::-1], rules).canonical()
    assert one.result.ties[0].policy == "seed"


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("irv", {"no": 1}),
        ("irv", {"overvote": "maybe"}),
        ("motion", {"threshold": "0.6667x"}),
        ("motion", {"threshold": "4/3"}),
        ("motion", {"threshold": "9" * 5000}),
        ("motion", {"threshold": "\u0661/\u0662"}),
        ("motion", {"min_yes": "1e999999999"}),
        ("motion", {"min_yes": "-1"}),
        ("motion", {"min_yes": "1/0"}),
        ("irv", {"max_ranks": "9" * 5000}),
        ("irv", {"ties": "coin"}),
        ("irv", {"max_ranks": "0"}),
        ("plurality", {"ties": []}),
        ("motion", {"basis": "air"}),
    ],
)
def test_bad_rules_are_refused(method, given):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules(method, **given)


def test_unknown_methods_are_refused():
    with pytest.raises(DeliberateError, match=r"tally\.method"):
        tally.rules("dice")


def test_statutory_rules_take_whole_weights_only():
    with pytest.raises(DeliberateError, match=r"tally\.weights"):
        tally.count(question("A", "B"), [(ranking("o1"), Fraction(1, 2))], {"method": "scottish-stv"})


@pytest.mark.parametrize(("rules", "winner"), [({"overvote": "exhaust"}, "B"), ({"overvote": "skip"}, "A")])
def test_an_overvote_is_read_by_the_rule(rules, winner):
    ballots = papers([(ranking(["o1", "o2"], "o1"), 3), (ranking("o2"), 2)])
    assert tally.count(question("A", "B"), ballots, {"method": "irv", **rules}).winners == (winner,)


def test_equal_ballots_are_merged():
    merged = aggregate([(ranking("o1"), 1), (ranking("o1"), "1"), (ranking("o1"), "1/2")], ["o1"])
    assert [(row.count, row.weight) for row in merged.rows] == [(2, 1), (1, Fraction(1, 2))]


def test_two_options_of_one_name_are_refused():
    with pytest.raises(DeliberateError, match=r"tally\.options"):
        tally.count(question("A", "A"), [], {"method": "irv"})


@pytest.mark.parametrize("method", ["scottish-stv", "plurality"])
@pytest.mark.parametrize("ballots", [[], ["o2"]])
def test_seats_for_all_are_filled_without_a_contest(method, ballots):
    make = ranking if method == "scottish-stv" else choice
    asked = question("A", "B", seats=3)
    made = tally.count(asked, papers([(make(*ballots), 1)] if ballots else []), {"method": method})
    assert (made.outcome, made.winners) == ("elected", ("A", "B"))
    assert made.rounds[0].says.endswith("2 options for 3 seats: all options are elected unopposed. 1 seat stays empty.")


def test_one_option_without_ballots_is_elected_by_irv():
    assert tally.count(question("A"), [], {"method": "irv"}).winners == ("A",)


def test_plurality_fills_several_seats_and_ties_only_at_the_last():
    ballots = papers([(choice("o1"), 2), (choice("o2"), 5), (choice("o3"), 2), (choice("o4"), 2)])
    asked = question("A", "B", "C", "D", seats=2)
    waits = tally.count(asked, ballots, {"method": "plurality"})
    assert (waits.outcome, waits.winners) == ("awaiting lot", ("B",))
    assert waits.result.ties[0].tied == ("A", "C", "D")
    lot = {"round": 1, "purpose": "elect", "tied": ["A", "C", "D"], "chosen": "C"}
    made = tally.count(asked, ballots, {"method": "plurality"}, [lot])
    assert made.winners == ("B", "C")
    assert made.rounds[0].says.endswith("C has 2 of 11 votes, as many as A and D, and wins the tie.")


@pytest.mark.parametrize(
    ("method", "ballots", "seats"),
    [
        ("irv", [], 1),
        ("plurality", [], 1),
        ("scottish-stv", [], 1),
        ("scottish-stv", [], 3),
        ("scottish-stv", [(ranking("o1"), 3)], 1),
        ("motion", [(choice("yes"), 1)], 1),
    ],
)
def test_a_lot_for_a_tie_that_does_not_occur_is_an_error(method, ballots, seats):
    asked = MOTION if method == "motion" else question("A", "B", "C", seats=seats)
    lot = {"round": 1, "purpose": "elect", "tied": ["A", "B"], "chosen": "A"}
    with pytest.raises(DeliberateError, match=r"tally\.lot"):
        tally.count(asked, papers(ballots), {"method": method}, [lot])


def test_a_tie_that_no_policy_separates_asks_for_a_lot():
    ballots = papers([(ranking("o1"), 1), (ranking("o2"), 1)])
    rules = {"method": "irv", "ties": ["backwards"]}
    waits = tally.count(question("A", "B"), ballots, rules)
    assert (waits.outcome, waits.result.ties[0].policy) == ("awaiting lot", "lot")
    lot = {"round": 1, "purpose": "exclude", "tied": ["A", "B"], "chosen": "B"}
    assert tally.count(question("A", "B"), ballots, rules, [lot]).winners == ("A",)


@pytest.mark.parametrize(("chosen", "outcome"), [("Yes", "carried"), ("No", "lost")])
def test_the_casting_vote_decides_equal_votes(chosen, outcome):
    equal = papers([(choice("yes"), 1), (choice("no"), 1), (choice("abstain"), 2)])
    rules = {"method": "motion", "tie": "casting"}
    waits = tally.count(MOTION, equal, rules)
    assert waits.result.ties[0].as_json() == {
        "round": 1,
        "purpose": "casting",
        "tied": ["Yes", "No"],
        "policy": "casting",
        "evidence": "1 vote each. The chair has the casting vote.",
        "chosen": None,
    }
    vote = {"round": 1, "purpose": "casting", "tied": ["Yes", "No"], "chosen": chosen}
    made = tally.count(MOTION, equal, rules, [vote])
    assert (made.outcome, made.result.lots) == (outcome, (vote,))
    assert made.result.explanation[-1] == f"1 vote each. The chair's casting vote: {chosen}."


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        ({"strict": False}, "carried"),  # half of the votes are enough: nothing is left to cast for
        ({"threshold": "2/3"}, "lost"),
        ({"basis": "votes+abstentions"}, "lost"),
        ({"min_yes": "3"}, "lost"),
    ],
)
def test_there_is_no_casting_vote_where_one_more_would_not_decide(rules, outcome):
    equal = papers([(choice("yes"), 2), (choice("no"), 2)])
    assert tally.count(MOTION, equal, {"method": "motion", "tie": "casting", **rules}).outcome == outcome


def test_nothing_to_nothing_is_a_tie():
    assert tally.count(MOTION, [], {"method": "motion", "tie": "casting", "strict": False}).outcome == "tie"


def test_a_batch_never_parts_options_with_one_total():
    """A 9, B C D 1 each: they leave together, but where two must remain no part of them does."""
    ballots = papers([(ranking("o1"), 9), (ranking("o2"), 1), (ranking("o3"), 1), (ranking("o4"), 1)])
    rules = {"method": "irv", "batch": True, "continue_until_two": True, "ties": ["declared"]}
    made = tally.count(question("A", "B", "C", "D"), ballots, rules)
    assert [round_.excluded for round_ in made.rounds] == [("D",), ("C",), ()]
    assert [tie.tied for tie in made.result.ties] == [("B", "C", "D"), ("B", "C")]


def test_the_threshold_of_a_round_and_its_freezing():
    ballots = papers([(ranking("o1"), 6), (ranking("o2"), 3), (ranking("o3"), 2)])
    made = tally.count(question("A", "B", "C"), ballots, {"method": "irv", "continue_until_two": True})
    assert [round_.quota for round_ in made.rounds] == ["6", "6"]
    assert made.rounds[-1].says == "Round 2. A has 6 votes, more than half of 11, and is elected."
    halves = [(ranking("o1"), "3/2"), (ranking("o2"), "1")]
    assert tally.count(question("A", "B"), halves, {"method": "irv"}).rounds[0].quota == "5/4"


def test_transfers_of_weights_with_fractions_add_up():
    ballots = [(ranking("o1"), 4), (ranking("o2"), 3), (ranking("o3", "o2"), "3/2"), (ranking("o3"), "1/2")]
    moved = tally.count(question("A", "B", "C"), ballots, {"method": "irv"}).rounds[0].transfers
    assert [(t.target, t.papers, t.after, t.total) for t in moved] == [("B", 3, "1/2", "3/2"), (None, 1, "1/2", "1/2")]


@pytest.mark.parametrize(
    ("rules", "inactive"),
    [
        ({"overvote": "skip"}, {"exhausted": "3", "overvotes": "0", "skipped": "0", "repeated": "0"}),
        ({"max_skipped": 0}, {"exhausted": "1", "overvotes": "1", "skipped": "1", "repeated": "0"}),
        ({"duplicate": "exhaust"}, {"exhausted": "1", "overvotes": "0", "skipped": "0", "repeated": "2"}),
    ],
)
def test_a_ballot_that_counts_for_nobody_says_why(rules, inactive):
    """C leaves with three ballots: C alone; C, nothing, C; C, then C and A at one rank."""
    ballots = papers(
        [
            (ranking("o1"), 5),
            (ranking("o2"), 4),
            (ranking("o3"), 1),
            (ranking("o3", [], "o3"), 1),
            (ranking("o3", ["o1", "o3"]), 1),
        ]
    )
    made = tally.count(question("A", "B", "C"), ballots, {"method": "irv", **rules})
    assert made.rounds[-1].as_json()["inactive"] == inactive
    assert made.rounds[-1].exhausted == "3"


def test_a_shared_rank_counts_for_the_last_of_its_options():
    """C leaves first, so B is the only one left at the shared rank of C and B; A and B at one rank end the ballot."""
    ballots = papers([(ranking("o1"), 4), (ranking("o2"), 3), (ranking("o4", ["o2", "o3"]), 2), (ranking("o3"), 1)])
    rules = {"method": "irv", "overvote": "exhaust-if-several-continuing"}
    made = tally.count(question("A", "B", "C", "D"), ballots, rules)
    assert made.winners == ("B",)
    early = papers([(ranking(["o1", "o2"], "o3"), 2), (ranking("o1"), 2), (ranking("o2"), 1)])
    made = tally.count(question("A", "B", "C"), early, rules)
    assert made.rounds[0].as_json()["inactive"]["overvotes"] == "2"
    gone = papers([(ranking("o1"), 3), (ranking("o2"), 5), (ranking("o5", ["o3", "o4"], "o1"), 3), (ranking("o4"), 1)])
    made = tally.count(question("A", "B", "C", "D", "E"), gone, {**rules, "ties": ["declared"]})
    assert made.winners == ("A",)


def test_sentences_count_their_nouns():
    made = tally.count(question("A", "B"), [(ranking("o1"), 1)], {"method": "scottish-stv"})
    assert made.rounds[0].says.startswith("Round 1. 1 valid ballot; quota 1 / 2 = 0 without the rest, plus 1 = 1.")
    made = tally.count(question("A", "B"), papers([(choice("o1"), 1), (choice("o2"), 1)]), {"method": "plurality"})
    assert made.rounds[0].says == "A and B have 1 vote each: a lot must decide."
