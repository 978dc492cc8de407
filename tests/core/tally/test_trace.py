"""The path of a ballot through the rounds; all paths together give the rounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core.ballot import aggregate, ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question, count
from deliberate.core.tally.trace import READERS, RUN_OFFS, adds_up, trace

OPTIONS = tuple(Option(letter.lower(), letter) for letter in "ABCDEF")
WHOLE = ("scottish-stv", "ers97", "wigm-prf", "wigm-prf-batch", "meek-prf")
EQUAL = ("irv", "smith-irv", "benham", "meek")
FORTY = [("abc", 18), ("bd", 12), ("c", 4), ("d", 6)]
"""18 A>B>C, 12 B>D, 4 C, 6 D: two surpluses, one passed over the other's option."""


def counted(rows, name, seats=1, options=4, **rules):
    """The Count and its ballots. rows: (letters or a ballot, weight)."""
    question = Question("Traced", OPTIONS[:options], seats)
    papers = [(one if isinstance(one, dict) else ranking(*one), weight) for one, weight in rows]
    merged = aggregate(papers, [option.id for option in question.options])
    return count(question, merged, {"method": name, **rules}), merged


def said(made, merged):
    """The sentence of each path, by the letters of its ballot."""
    paths = trace(made, merged)
    assert adds_up(made, paths)
    return {"".join("".join(rank) or "-" for rank in path.row.ranks): path.says() for path in paths}


def test_a_surplus_leaves_a_part_and_passes_over_the_elected():
    assert said(*counted(FORTY, "scottish-stv", 3)) == {
        "abc": "A, from round 2 A at 0.61112 and C at 0.38888",
        "bd": "B, from round 3 B at 0.91667 and D at 0.08333, from round 4 B at 0.91667 and 0.08333 exhausted",
        "c": "C",
        "d": "D, from round 4 exhausted",
    }


def test_exact_parts_are_fractions():
    assert said(*counted([("abc", 3), ("b", 2), ("c", 1)], "wigm", 2))["abc"] == "A, from round 2 A at 2/3 and B at 1/3"


def test_keep_factors_part_a_ballot():
    paths = said(*counted(FORTY, "meek", 3))
    assert paths["abc"].endswith("A at 0.555555556 and B at 0.222222222 and C at 0.222222222")


def test_a_run_off_shows_where_a_ballot_stood_before_the_last_one_left():
    rows = [("ac", 4), ("ba", 3), ("cb", 2), ("d", 1)]
    assert said(*counted(rows, "irv")) == {
        "ac": "A",
        "ba": "B",
        "cb": "C, from round 3 B",
        "d": "D, from round 2 exhausted",
    }


def test_blank_and_spoilt_ballots_have_no_path():
    rows = [("ab", 2), (ranking(), 1), (ranking([], "a"), 1)]
    found = said(*counted(rows, "scottish-stv"))
    assert found[""] == found["-a"] == "not valid: it counts in no round"
    overvoted = [("ab", 2), ("b", 1), (ranking(("a", "b")), 1)]
    assert said(*counted(overvoted, "irv"))["ab"] in ("A", "exhausted")


def test_a_rank_of_two_counts_once_one_of_them_is_left():
    rows = [("a", 5), ("b", 4), ("c", 2), (ranking("c", ("a", "b"), "d"), 1), (ranking("d", ("a", "d")), 1)]
    found = said(*counted(rows, "irv", overvote="exhaust-if-several-continuing"))
    assert found["cabd"] == "C, from round 3 exhausted"
    assert found["dad"] == "D, from round 2 A"


def test_the_run_off_within_the_smith_set_begins_without_the_others():
    cycle = [("dabc", 4), ("bca", 3), ("cab", 2)]
    made, merged = counted(cycle, "smith-irv")
    assert made.result.facts["smith"] == ["A", "B", "C"]
    assert said(made, merged)["dabc"].startswith("A")
    condorcet = [("ab", 3), ("bc", 1)]
    assert said(*counted(condorcet, "smith-irv"))["ab"] == "A"


def test_a_late_surplus_of_ers97_takes_the_last_parcel_alone():
    rows = [("a", 30), ("bad", 15), ("bac", 8), ("cd", 27), ("dc", 22), ("ebad", 4)]
    made, merged = counted(rows, "ers97", 3, 5)
    paths = trace(made, merged)
    assert adds_up(made, paths)
    assert said(made, merged)["a"] == "A", "papers of the first parcel stay"


def test_withdrawn_options_are_passed_over():
    question = Question("Traced", OPTIONS[:3], 1, ("a",))
    merged = aggregate([(ranking("a", "b"), 2), (ranking("c"), 1)], ["a", "b", "c"])
    made = count(question, merged, {"method": "irv"})
    paths = trace(made, merged)
    assert adds_up(made, paths) and [path.says() for path in paths] == ["B", "C"]


def test_other_ballots_and_methods_without_rounds_are_refused():
    made, merged = counted(FORTY, "irv")
    other = aggregate([(ranking("a"), 1)], merged.options)
    with pytest.raises(DeliberateError, match="not the ballots"):
        trace(made, other)
    with pytest.raises(DeliberateError, match="in one step"):
        trace(*counted(FORTY, "schulze"))


def test_a_record_that_does_not_fit_its_ballots_does_not_add_up():
    made, merged = counted(FORTY, "scottish-stv", 3)
    assert adds_up(made, trace(made, merged))
    first = made.rounds[0]
    wrong = replace(first, votes={**first.votes, "A": "17.00000"})
    assert not adds_up(
        replace(made, result=replace(made.result, rounds=(wrong, *made.rounds[1:]))), trace(made, merged)
    )


RULES = [
    *({"method": name} for name in READERS),
    {"method": "irv", "overvote": "skip"},
    {"method": "irv", "overvote": "exhaust-if-several-continuing"},
    {"method": "meek", "equal_ranks": "permutations"},
    {"method": "meek", "arithmetic": "rational", "omega": "1/50"},
    {"method": "wigm", "batch": "sure-losers", "quota": "droop", "last": "test-then-transfer"},
]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "-".join(map(str, rules.values())))
def test_paths_of_a_mixed_election_add_up(rules):
    name = rules["method"]
    parts = [("abcd", 9), ("badc", 8), ("cdab", 7), ("dab", 4), ("ecb", 3), ("fad", 2), ("f", 1), ("bce", 5), ((), 1)]
    if name in EQUAL:
        parts += [(("a", ("b", "c"), "d"), 2), ((("e", "f"), "a"), 3)]
    if name not in WHOLE:
        parts += [("edcba", Fraction(5, 2)), ("acf", Fraction(1, 3))]
    rows = [(ranking(*ranks), weight) for ranks, weight in parts]
    for seats in (1,) if name in RUN_OFFS else (1, 2, 3, 6):
        made, merged = counted(
            rows,
            seats=seats,
            options=6,
            name=name,
            **{k: v for k, v in rules.items() if k != "method"},
            ties="seed",
            seed="ab" * 32,
        )
        assert adds_up(made, trace(made, merged)), seats


ballots = st.lists(
    st.tuples(st.lists(st.sampled_from("abcde"), max_size=5, unique=True), st.integers(1, 9)), min_size=1, max_size=12
)


@pytest.mark.parametrize("name", READERS)
@given(rows=ballots, seats=st.integers(1, 3))
def test_paths_of_any_election_add_up(name, rows, seats):
    rows = [(ranking(*letters), weight) for letters, weight in rows]
    made, merged = counted(rows, name, 1 if name in RUN_OFFS else seats, 5, ties="seed", seed="cd" * 32)
    assert adds_up(made, trace(made, merged))
