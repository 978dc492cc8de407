"""Policy vote: each step with its numbers, a plain count from the definition, and the official election."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.errors import DeliberateError
from tests.core.tally import pairs as plain
from tests.core.tally.pairs import DECLARED, count, elections, question, read
from tests.core.tally.test_schulze import stored

FOUR = question("A", "B", "C", "Leave it")


def says(made):
    return [round_.says for round_ in made.rounds]


def test_the_leader_of_debian_2020(data):
    asked, ballots, known = stored(data, "debian_leader2020")
    made = count("policy", ballots, asked, default="None Of The Above", quorum="47.7", ties=["lot"])
    assert list(made.winners) == known["winners"]
    assert made.result.tests[0].says == "Jonathan Carter: 301 above None Of The Above, 34 below; 301 >= 477/10 is true."


@given(
    elections(least=2, most=5),
    st.sampled_from(["0", "2", "5/2"]),
    st.sampled_from(["1", "3/2", "2"]),
    st.booleans(),
    st.integers(0, 4),
)
@settings(max_examples=200)
def test_the_vote_is_what_its_steps_say(election, quorum, ratio, strict, at):
    options, ballots = election
    assume(any(plain.places(ballot) for ballot, _ in ballots))
    default = at % options
    rules = {"quorum": quorum, "ratio": ratio, "strict": strict, "default": f"N{default + 1}"}
    made = count("policy", ballots, options, **rules, **DECLARED)
    over = plain.matrix(election)

    def stands(a):
        above, below, needed = over[a][default], over[default][a], Fraction(ratio) * over[default][a]
        enough = above > needed if strict else above >= needed
        return above >= Fraction(quorum) and above > below and enough

    left = [a for a in range(options) if a == default or stands(a)]
    assert made.result.excluded == tuple(f"N{a + 1}" for a in range(options) if a not in left)
    defeats = {(a, b) for a, b in plain.beats(over) if a in left and b in left}
    while True:
        reach = {(a, b) for a in left for b in left if _reaches(defeats, a, b)}
        inside = [a for a in left if all((b, a) not in reach or (a, b) in reach for b in left)]
        within = {(a, b) for a, b in defeats if a in inside and b in inside}
        if not within:
            break
        least = min((over[a][b], -over[b][a]) for a, b in within)
        defeats -= {(a, b) for a, b in within if (over[a][b], -over[b][a]) == least}
    assert made.rounds[-1].facts["schwartz"] == [f"N{a + 1}" for a in inside]
    assert made.winners == (f"N{inside[0] + 1}",)
    assert bool(made.result.ties) == (len(inside) > 1)


def _reaches(defeats, a, b):
    seen, waiting = set(), [y for x, y in defeats if x == a]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting += [y for x, y in defeats if x == at]
    return b in seen


def test_a_text_is_dropped_with_its_numbers():
    """31 above and 29 below: enough for a majority, not for two thirds."""
    made = count("policy", read("31 A>B,29 B>A"), question("A", "B"), ratios="A=2")
    assert made.result.tests[-1].says == "A: 31 above B, 29 below; needs 2:1, 31 >= 2 x 29 = 58 is false: dropped."
    assert made.result.tests[-1].as_json()["holds"] is False
    assert says(made) == [
        "Round 1. Drop A: not enough votes above B.",
        "Round 2. B wins: no defeat of it is left. The default option wins: nothing is decided.",
    ]
    assert (made.winners, made.result.excluded) == (("B",), ("A",))


@pytest.mark.parametrize(("strict", "winner"), [(False, "A"), (True, "B")])
def test_a_ratio_is_reached_or_exceeded(strict, winner):
    made = count("policy", read("4 A>B,2 B>A"), question("A", "B"), ratio="2", strict=strict)
    assert made.winners == (winner,)
    assert made.result.tests[-1].op == (">" if strict else ">=")


def test_a_quorum_is_votes_above_the_default_option():
    made = count("policy", read("2 A>B,5 B>A,9 A=B"), question("A", "B"), default="B", quorum=3)
    assert made.result.tests[0].says == "A: 2 above B, 5 below; 2 >= 3 is false: dropped."
    assert count("policy", read("3 A>B,9 A=B"), question("A", "B"), quorum="3").winners == ("A",)


def test_the_weakest_defeats_in_the_schwartz_set_are_dropped():
    """A over B 6 to 3, B over C 7 to 2, C over A 5 to 4: the last goes, and A is undefeated."""
    made = count("policy", read("4 A>B>C>D,3 B>C>A>D,2 C>A>B>D"), FOUR)
    assert says(made) == [
        "Round 1. Schwartz set A, B and C; drop the weakest defeats in it: C over A (5 to 4).",
        "Round 2. A wins: no defeat of it is left, as told above.",
    ]
    assert made.rounds[0].facts == {
        "schwartz": ["A", "B", "C"],
        "dropped": [{"over": "C", "under": "A", "strength": "5:4"}],
    }


def test_whoever_beats_all_others_needs_no_drop():
    made = count("policy", read("4 A>B>D>C,3 B>A>D>C"), FOUR)
    assert says(made) == [
        "Round 1. Drop C: not enough votes above Leave it.",
        "Round 2. A wins: no defeat of it is left (closest: B, 4 to 3).",
    ]


def test_level_texts_are_settled_by_the_tie_policies():
    ballots = read("2 A>B>D,2 B>A>D")
    waits = count("policy", ballots, FOUR)
    assert waits.outcome == "awaiting lot"
    assert says(waits)[-1] == "Round 2. A and B are level: a lot must decide."
    lot = {"round": 2, "purpose": "elect", "tied": ["A", "B"], "chosen": "B"}
    made = count("policy", ballots, FOUR, [lot])
    assert (made.winners, made.result.lots, made.rounds[-1].tie) == (("B",), (lot,), 0)
    assert says(made)[-1] == "Round 2. B wins: A and B are level; the tie rule chooses."


def test_level_texts_are_settled_by_the_chair():
    ballots = read("2 A>B>D,2 B>A>D")
    waits = count("policy", ballots, FOUR, tie="casting")
    assert waits.outcome == "tie"
    assert waits.result.ties[0].as_json() == {
        "round": 2,
        "purpose": "casting",
        "tied": ["A", "B"],
        "policy": "casting",
        "evidence": "The chair has the casting vote.",
        "chosen": None,
    }
    assert says(waits)[-1] == "Round 2. A and B are level: the chair has the casting vote."
    vote = {"round": 2, "purpose": "casting", "tied": ["A", "B"], "chosen": "A"}
    made = count("policy", ballots, FOUR, [vote], tie="casting")
    assert (made.winners, made.outcome, made.result.lots) == (("A",), "elected", (vote,))
    assert says(made)[-1] == "Round 2. A wins: A and B are level; the chair chooses."
    with pytest.raises(DeliberateError, match=r"tally\.lot"):
        count("policy", ballots, FOUR, [{**vote, "chosen": "C"}], tie="casting")


def test_nobody_votes_and_one_option():
    made = count("policy", [], FOUR)
    assert (made.outcome, says(made)) == (
        "no valid ballots",
        ["Round 1. There are no valid ballots; nothing is decided."],
    )
    alone = count("policy", [], question("Leave it"))
    assert says(alone) == [
        "Round 1. Leave it wins: no defeat of it is left. The default option wins: nothing is decided."
    ]


@pytest.mark.parametrize("given", [{"default": "E"}, {"ratios": {"E": "2"}}])
def test_rules_name_options_of_the_poll(given):
    with pytest.raises(DeliberateError, match='"E", which is not an option') as refused:
        count("policy", read("1 A"), FOUR, **given)
    assert refused.value.code == "tally.rules"


@pytest.mark.parametrize(
    "given", [{"quorum": "-1"}, {"ratio": "two"}, {"ratios": "A=x"}, {"ratios": "A"}, {"ratios": 7}, {"tie": "coin"}]
)
def test_bad_rules_are_refused(given):
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules("policy", **given)


def test_ratios_are_written_in_full():
    assert tally.rules("policy", ratios="B = 3/2; A=2;")["ratios"] == {"A": "2", "B": "3/2"}
    assert tally.rules("policy", ratios={"A": 2}, quorum="47.5")["quorum"] == "95/2"
