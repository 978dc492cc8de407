"""The matrix and its sets, and what every pairwise method promises."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import aggregate, ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import csv
from deliberate.core.tally import ranks as ranks_
from deliberate.core.tally.pairwise import Pairs
from deliberate.core.tally.profile import Profile
from deliberate.core.tally.ranks import Ranks
from tests.core.tally import pairs as plain
from tests.core.tally.pairs import DECLARED, PAIRWISE, asked, count, elections, question, read

EVERY = (*PAIRWISE, "borda", "policy")
IN_SMITH = ("schulze", "ranked-pairs", "copeland", "smith-irv", "benham")
MONOTONE = ("schulze", "ranked-pairs", "minimax", "copeland")
CIRCLE = "4 A>B>C,3 B>C>A,2 C>A>B"


def matrix_of(made):
    over = made.result.facts["matrix"]
    names = [option.name for option in made.question.options]
    return [[Fraction(over[a].get(b, "0")) for b in names] for a in names]


@given(elections(), st.sampled_from(["bottom", "ignored"]))
@settings(max_examples=150)
def test_the_matrix_and_its_sets_are_what_their_definitions_say(election, unranked):
    options, ballots = election
    made = count("schulze", ballots, options, unranked=unranked, **DECLARED)
    over = plain.matrix(election, unranked == "ignored")
    assert matrix_of(made) == over
    assert made.result.facts["smith"] == plain.names(plain.smith(over))
    assert made.result.facts["schwartz"] == plain.names(plain.schwartz(over))
    assert (len(plain.smith(over)) == 1) != any(said.startswith("Nobody beats") for said in made.result.explanation)


@given(elections(strict=True, most=6), st.integers(1, 5))
@settings(max_examples=60)
def test_a_profile_and_its_ballots_give_one_matrix(election, width):
    options, ballots = election
    rows = [[int(rank[0][1:]) for rank in ballot["ranks"]] for ballot, _ in ballots]
    raw = np.array([row + [0] * (options - len(row)) for row in rows], dtype=np.uint16).reshape(len(rows), options)
    profile = Profile.group(raw, options, np.array([times for _, times in ballots], dtype=np.int64))
    one = Ranks.of(profile)
    merged = Ranks.read(aggregate(plain.papers(ballots), [f"o{n}" for n in range(1, options + 1)]))
    for ignored in (False, True):
        assert (one.compare(ignored)[0] == merged.compare(ignored)[0]).all()


def test_a_profile_gives_the_matrix_of_its_rankings():
    pairs = Ranks.of(Profile.build([([1, 2], 3), ([3], 2), ([], 1)], 3)).compare(False)[0]
    assert pairs.tolist() == [[0, 3, 3], [0, 0, 3], [2, 2, 0]]


def test_a_profile_with_shared_ranks_is_refused():
    with pytest.raises(AssertionError, match="equal ranks are read from the ballots"):
        Ranks.of(Profile.build([([6], 1)], 2, shared=((1, 2),)))


def test_many_ballots_are_compared_in_parts(monkeypatch):
    """Parts of one fold, each filled up: the sum is that of one part."""
    rng = random.Random(3)
    ids = ["o1", "o2", "o3", "o4"]
    ballots = [(ranking(*rng.sample(ids, rng.randint(1, 4))), Fraction(n, 7)) for n in range(1, 900)]
    found = Ranks.read(aggregate(ballots, ids))
    whole = found.compare()
    monkeypatch.setattr(ranks_, "WIDTH", ranks_.FOLD)
    assert all((a == b).all() for a, b in zip(whole, found.compare(), strict=True))
    assert found.unit == 7
    first = sum(weight for ballot, weight in ballots for at in [plain.places(ballot)] if at.get(0, 9) < at.get(1, 9))
    assert Fraction(int(whole[0][0, 1]), 7) == first


def test_long_ballots_and_many_options():
    """300 options, and one ballot that ranks them all, some twice: places do not fit in a byte."""
    ids = [f"o{n}" for n in range(1, 301)]
    merged = aggregate([(ranking(*ids, *ids[:5]), 2), (ranking(*ids[::-1]), 1)], ids)
    made = tally.count(asked(300), merged, {"method": "copeland"})
    assert made.winners == ("N1",)
    assert made.result.facts["scores"]["N300"] == "0"
    assert "1 ballot ranks an option more than once: the best rank counts." in made.result.explanation


def test_weights_beyond_exact_counting_are_refused():
    with pytest.raises(DeliberateError, match=r"tally\.size"):
        tally.count(asked(2), [(ranking("o1"), 2**53)], {"method": "schulze"})


def test_weights_with_fractions_are_exact():
    made = tally.count(
        asked(2), [(ranking("o1"), "1/3"), (ranking("o1"), "1/6"), (ranking("o2"), "1/2")], {"method": "copeland"}
    )
    assert made.result.facts["matrix"] == {"N1": {"N2": "1/2"}, "N2": {"N1": "1/2"}}
    assert (made.outcome, made.result.weight, made.result.valid) == ("awaiting lot", "1", 3)


@pytest.mark.parametrize("method", EVERY)
@given(election=elections())
@settings(max_examples=40)
def test_laws_of_every_method(method, election):
    options, ballots = election
    made = count(method, ballots, options, **DECLARED)
    total = sum(times for ballot, times in ballots if plain.places(ballot))
    assert (made.result.valid, made.result.weight) == (total, str(total))
    assert made.outcome == ("elected" if total or options == 1 else "no valid ballots")
    assert len(made.winners) == (made.outcome == "elected")
    assert not set(made.winners) & set(made.result.excluded)
    for round_ in made.rounds:
        held = sum(map(Fraction, round_.votes.values()), Fraction(0)) + Fraction(round_.exhausted)
        assert not round_.votes or held == Fraction(round_.facts.get("given", total))
        assert round_.says.startswith(f"Round {round_.n}. ")
    shuffled = random.Random(5).sample(ballots, len(ballots))
    assert count(method, shuffled, options, **DECLARED).canonical() == made.canonical(), (
        "the order of ballots does not matter"
    )
    assert json.loads(made.canonical())["winners"] == list(made.winners)
    heavy = tally.count(asked(options), ballots, {"method": method, **DECLARED})
    assert [r.as_json() for r in heavy.rounds] == [r.as_json() for r in made.rounds], "a weight is as many papers"
    blank = count(method, [*ballots, (ranking(), 3)], options, **DECLARED)
    assert (blank.winners, blank.result.blank) == (made.winners, made.result.blank + 3)


@pytest.mark.parametrize("method", EVERY)
@given(election=elections(least=2), drawn=st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_options_have_no_names_to_a_count(method, election, drawn):
    """Declared in another order, the same option wins, unless a tie was settled by that order."""
    options, ballots = election
    rules = {**DECLARED, "default": "N1"} if method == "policy" else DECLARED
    one = asked(options)
    made = count(method, ballots, one, **rules)
    assume(not made.result.ties)
    other = tally.Question(one.title, tuple(drawn.sample(one.options, options)))
    again = count(method, ballots, other, **rules)
    assert again.winners == made.winners
    assert not again.result.ties
    for key, known in made.result.facts.items():
        if key in ("smith", "schwartz"):
            assert sorted(again.result.facts[key]) == sorted(known)
        elif key == "order":
            assert [sorted(group) for group in again.result.facts[key]] == [sorted(group) for group in known]
        elif key in ("matrix", "scores"):
            assert again.result.facts[key] == known


@pytest.mark.parametrize("method", PAIRWISE)
@given(election=elections(least=2, papers=6))
@settings(max_examples=60)
def test_whoever_beats_every_other_is_elected(method, election):
    options, ballots = election
    found = plain.smith(plain.matrix(election))
    assume(len(found) == 1 and any(plain.places(ballot) for ballot, _ in ballots))
    made = count(method, ballots, options, ties=["lot"])
    assert list(made.winners) == plain.names(found)
    assert made.rounds[-1].elected == made.winners


@pytest.mark.parametrize("method", IN_SMITH)
@given(election=elections(least=2))
@settings(max_examples=60)
def test_winners_are_in_the_smith_set(method, election):
    options, ballots = election
    made = count(method, ballots, options, **DECLARED)
    assert set(made.winners) <= set(plain.names(plain.smith(plain.matrix(election))))


@pytest.mark.parametrize("method", MONOTONE)
@given(election=elections(least=2, strict=True), at=st.integers(0, 20), up=st.integers(1, 4))
@settings(max_examples=80)
def test_more_support_never_hurts(method, election, at, up):
    """The only winner is raised on one ballot: it still wins, or is one of those who are level."""
    options, ballots = election
    assume(ballots)
    made = count(method, ballots, options, ties=["lot"])
    assume(made.outcome == "elected" and "other_orders" not in made.result.facts)
    winner = f"o{made.winners[0][1:]}"
    ballot, times = ballots[at % len(ballots)]
    order = [rank[0] for rank in ballot["ranks"]]
    place = order.index(winner) if winner in order else len(order)
    order = [option for option in order if option != winner]
    order.insert(max(0, place - up), winner)
    raised = [
        *(pair for n, pair in enumerate(ballots) if n != at % len(ballots)),
        (ballot, times - 1),
        (ranking(*order), 1),
    ]
    again = count(method, raised, options, ties=["lot"])
    assert made.winners[0] in again.result.facts["order"][0] or "other_orders" in again.result.facts


@pytest.mark.parametrize("method", PAIRWISE)
def test_all_tied_is_one_tie_and_then_a_lot(method):
    """A and B over each other alike: nobody is first by the order of the list."""
    made = count(method, read("1 A>B,1 B>A"), question("A", "B"))
    assert (made.outcome, made.winners) == ("awaiting lot", ())
    tie = made.result.ties[0]
    assert tie.tied == ("A", "B")
    assert made.rounds[-1].tie == 0
    wanted = {"round": 1, "purpose": tie.purpose, "tied": ["A", "B"], "chosen": "B"}
    drawn = count(method, read("1 A>B,1 B>A"), question("A", "B"), [wanted])
    assert drawn.outcome == "elected"
    assert drawn.winners == (("A",) if tie.purpose == "exclude" else ("B",))
    assert drawn.result.lots == (wanted,)
    with pytest.raises(DeliberateError, match=r"tally\.lot"):
        count(method, read("1 A>B"), question("A", "B"), [wanted])
    with pytest.raises(DeliberateError, match=r"tally\.lot"):
        count(method, [], question("A", "B"), [wanted])


@pytest.mark.parametrize("method", EVERY)
def test_one_option_wins_by_itself(method):
    for ballots in ([], read("2 A")):
        made = count(method, ballots, question("A"))
        assert (made.outcome, made.winners) == ("elected", ("A",))
        assert made.rounds[-1].says.startswith("Round 1. ")


@pytest.mark.parametrize("method", PAIRWISE)
def test_options_that_nobody_ranks_stay_in_the_tables(method):
    made = count(method, read("2 A"), question("A", "B", "C"))
    assert made.winners == ("A",)
    assert made.result.facts["matrix"]["B"] == {"A": "0", "C": "0"}


@pytest.mark.parametrize("method", EVERY)
def test_a_withdrawn_option_is_passed_over(method):
    """A beats both, then withdraws: the rest is counted as if A had never stood."""
    asked_ = tally.Question("A question", question("A", "B", "C").options, withdrawn=("o1",))
    made = tally.count(asked_, plain.papers(read("3 A>B>C,1 A>C>B")), {"method": method, **DECLARED})
    assert made.winners == ("B",)


def test_several_seats_are_refused():
    with pytest.raises(DeliberateError, match=r"tally\.seats"):
        count("schulze", read("1 A>B"), question("A", "B", seats=2))


def test_a_tie_names_who_is_level_and_the_rule():
    made = count("copeland", read(CIRCLE), question("A", "B", "C"), **DECLARED)
    assert made.rounds[0].says == (
        "Round 1. A is elected with 1 point, the most. A, B and C are tied; the tie rule chooses."
    )


def test_burlington_2009_has_a_winner_that_beats_every_other(data):
    known = json.loads((data / "elections/cases/burlington_2009_mayor.json").read_text())
    labels = known["options"]["labels"]
    with (data / "elections" / known["file"]).open(encoding="utf-8", newline="") as lines:
        election = csv.read(lines, known["file"], labels)
    for method in PAIRWISE:
        made = tally.count(election.question, election.ballots, {"method": method})
        assert made.winners == (known["expected"]["condorcet_winner"],)
        assert made.result.facts["smith"] == [known["expected"]["condorcet_winner"]]


def test_closest_and_winner_among_a_few():
    """A beats B, B beats C, C beats A: nobody among three, A among A and B, everybody alone."""
    over = np.array([[0, 6, 4], [3, 0, 7], [5, 2, 0]], dtype=np.int64)
    found = Pairs(("A", "B", "C"), over)
    assert [found.winner(among) for among in ([0, 1, 2], [0, 1], [1, 2], [2])] == [None, 0, 1, 2]
    assert found.closest(0, [0, 1]) == " (closest: B, 6 to 3)"
    assert found.closest(0, [0]) == ""
