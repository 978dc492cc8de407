"""Other lots: every outcome is counted, with its exact probability; what was not counted is said."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings

from deliberate.core import tally
from deliberate.core.ballot import aggregate, choice, ranking
from deliberate.core.tally.lots import outlook
from tests.core.tally.stv import elections, question


def asked(method, piles, names="ABCD", seats=1, limit=1000, **rules):
    ids = {name: f"o{n}" for n, name in enumerate(names, 1)}
    ballots = [(ranking(*(ids[name] for name in order)), times) for order, times in piles]
    return outlook(question(names, seats), ballots, {"method": method, **rules}, limit)


def test_a_count_without_lots_is_one_way():
    found = asked("irv", [("A", 3), ("B", 2)], "AB")
    assert (found.counts, found.complete, found.hangs) == (1, True, False)
    assert found.says("A") == "A is elected under all lots."
    assert found.says("B") == "B is elected under no lot."
    assert found.ways[0].lots == ()


def test_a_lot_between_two():
    """B and C are tied for last, and whoever stays beats A with the votes of the other."""
    found = asked("irv", [("A", 5), ("BC", 3), ("CB", 3)], "ABC")
    assert (found.counts, found.hangs) == (3, True)
    assert found.says("B") == "B is elected under 1 of 2 lots, probability 1/2; otherwise C."
    assert [(way.lots[0]["chosen"], way.winners, way.chance) for way in found.ways] == [
        ("B", ("C",), Fraction(1, 2)),
        ("C", ("B",), Fraction(1, 2)),
    ]


def test_a_lot_that_changes_nothing():
    """Whether B or C leaves first, A has 4 of the 6 that are left."""
    found = asked("irv", [("A", 4), ("B", 2), ("C", 2)], "ABC")
    assert (len(found.ways), found.hangs, found.says("A")) == (2, False, "A is elected under all lots.")


def test_ways_of_unequal_length_have_their_own_probability():
    """A, B and C have 2 each; C's voters go on to B. If A or B leaves, B or A has to meet C, and so on; the sum is 1."""
    found = asked("irv", [("A", 2), ("B", 2), ("CB", 2)], "ABC")
    assert sum(way.chance for way in found.ways) == 1
    assert found.chance("A") + found.chance("B") + found.chance("C") == 1
    # A leaves (1/3): B 2, C 2, a lot: each 1/6. B leaves: A 2, C 2: each 1/6. C leaves: B 4, wins: 1/3.
    assert (found.chance("A"), found.chance("B"), found.chance("C")) == (Fraction(1, 6), Fraction(1, 2), Fraction(1, 3))
    assert found.says("B") == "B is elected under 2 of 5 lots, probability 1/2; otherwise A or C."


def test_a_draw_from_a_seed_could_have_gone_otherwise():
    rules = {"ties": ["backwards", "seed", "declared"], "seed": "ab" * 32}
    found = asked("irv", [("A", 5), ("BC", 3), ("CB", 3)], "ABC", **rules)
    assert {frozenset(way.winners) for way in found.ways} == {frozenset("B"), frozenset("C")}
    drawn = tally.count(
        question("ABC"),
        [(ranking("o1"), 5), (ranking("o2", "o3"), 3), (ranking("o3", "o2"), 3)],
        {"method": "irv", **rules},
    )
    assert drawn.winners in [way.winners for way in found.ways]


def test_a_policy_before_the_lot_still_decides():
    assert asked("irv", [("A", 5), ("B", 3), ("C", 3)], "ABC", ties=["declared", "lot"]).counts == 1


def test_two_seats_of_which_one_hangs():
    found = asked("scottish-stv", [("A", 10), ("B", 3), ("C", 3)], "ABC", 2, ties=["lot"])
    assert found.says("A") == "A is elected under all lots."
    assert found.says("B") == "B is elected under 1 of 2 lots, probability 1/2; otherwise C."


def test_the_limit_is_said():
    """Eight options without a vote between them: more ways than ten counts see."""
    names = "ABCDEFGH"
    found = asked("irv", [("A", 1), ("B", 1), ("C", 1), ("D", 1)], names, limit=10)
    assert (found.counts, found.complete) == (10, False)
    assert found.says("A").endswith("so far as counted; 1 of the probability is open.")
    some = asked("irv", [("A", 2), ("B", 2), ("CB", 2)], "ABC", limit=5)
    assert not some.complete and 0 < sum(way.chance for way in some.ways) < 1
    assert asked("irv", [("A", 2), ("B", 2)], "AB", limit=0).as_json()["ways"] == []


def test_any_method_that_draws_lots():
    ballots = aggregate([(choice("o1"), 2), (choice("o2"), 2), (choice("o3"), 2)], ["o1", "o2", "o3"])
    found = outlook(question("ABC", 2), ballots, {"method": "plurality"})
    assert found.chance("A") == found.chance("B") == found.chance("C") == Fraction(2, 3)
    motion = tally.Question("M", tuple(tally.Option(o, o.title()) for o in ("yes", "no", "abstain")))
    assert outlook(motion, [(choice("yes"), 1)], {"method": "motion"}).complete


def test_the_record():
    assert asked("irv", [("A", 1), ("B", 1)], "AB").as_json() == {
        "counts": 3,
        "complete": True,
        "hangs": True,
        "ways": [
            {
                "lots": [{"round": 1, "purpose": "exclude", "tied": ["A", "B"], "chosen": "A"}],
                "winners": ["B"],
                "probability": "1/2",
            },
            {
                "lots": [{"round": 1, "purpose": "exclude", "tied": ["A", "B"], "chosen": "B"}],
                "winners": ["A"],
                "probability": "1/2",
            },
        ],
        "probability": {"A": "1/2", "B": "1/2"},
        "says": [
            "A is elected under 1 of 2 lots, probability 1/2; otherwise B.",
            "B is elected under 1 of 2 lots, probability 1/2; otherwise A.",
        ],
    }


@given(elections(most=4))
@settings(max_examples=20)
def test_probabilities_add_up_to_the_seats(election):
    names, seats, piles = election
    found = asked("scottish-stv", piles, names, seats, limit=60)
    if found.complete:
        assert sum(way.chance for way in found.ways) == 1
        assert sum(found.chance(name) for name in names) == seats
    for way in found.ways:
        assert 0 < way.chance <= 1
