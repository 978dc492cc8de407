"""Laws of counting for every registered method: whoever registers one has them tested by that alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.tally import METHODS
from deliberate.core.tally.registry import FAMILIES
from tests.contract.elections import NAMES, ORDERED, SEVERAL, Election, ballot, election, elections

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = {"elected", "carried", "lost", "no quorum", "tie", "no valid ballots", "awaiting lot"}
ONE_VOTE = ("motion", "choice", "run-off", "proportional")
"""Families in which a ballot is one vote, which in every round somebody holds or nobody."""
SOME = settings(max_examples=30)
CONTESTED = sorted(
    name for name, found in METHODS.items() if found.winners != "carried or lost" and "default" not in found.options
)
"""Methods whose options stand against each other as equals; a motion is carried or lost, and a default wins unless beaten."""

methods = pytest.mark.parametrize("method", sorted(METHODS))
contests = pytest.mark.parametrize("method", CONTESTED)


def without(said, *keys):
    """A record without these keys, wherever they stand in it."""
    if isinstance(said, dict):
        return {key: without(inner, *keys) for key, inner in said.items() if key not in keys}
    return [without(inner, *keys) for inner in said] if isinstance(said, list | tuple) else said


def ties(method, *policies):
    """These tie policies, if the method has any."""
    return {"ties": list(policies)} if "ties" in METHODS[method].options else {}


@methods
def test_it_says_what_it_is(method):
    found = METHODS[method]
    assert found.name == method and found.family in FAMILIES
    assert found.ballot in ("choice", "ranking", "score", "each")
    assert found.winners in ("one", "seats", "order", "committee", "budget", "carried or lost")
    assert all(text.strip() for text in (found.title, found.version, found.source, *found.departures))
    assert found.about.endswith(".") and found.good_for.endswith(".")
    assert all(setting.means.endswith(".") for setting in found.options.values())


@methods
def test_every_default_is_a_value_that_can_be_given(method):
    """Rules are frozen with every option written out, and a recount reads them again."""
    written = tally.rules(method)
    assert set(written) == {"method", *METHODS[method].options}
    given = {key: value for key, value in written.items() if key != "method"}
    assert tally.rules(method, **given) == written
    assert tally.rules(method, **canonical.decode(canonical.encode(given))) == written
    with pytest.raises(DeliberateError, match=r"tally\.rules"):
        tally.rules(method, nothing=1)


@methods
@given(data=st.data())
@SOME
def test_a_count_is_a_function_of_the_ballots_whatever_their_order(method, data):
    case = data.draw(elections(method))
    made = case.count()
    bytes_ = made.canonical()
    assert case.count().canonical() == bytes_
    assert case.shuffled().count().canonical() == bytes_
    assert (
        case.but(ballots=tuple((dict(reversed(one.items())), w) for one, w in case.ballots)).count().canonical()
        == bytes_
    )


@methods
@given(data=st.data())
@SOME
def test_a_count_is_written_and_read_back(method, data):
    made = data.draw(elections(method)).count()
    again = json.loads(made.canonical())
    assert canonical.encode(again, names=True) == made.canonical()
    assert again == json.loads(json.dumps(made.as_json()))
    assert not any(isinstance(value, float) for value in leaves(again))


def leaves(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


@methods
@given(data=st.data())
@SOME
def test_the_record_is_whole(method, data):
    case = data.draw(elections(method))
    made = case.drawn(data.draw(st.integers(0, 3)))
    names = [option.name for option in case.question.options]
    assert made.outcome in OUTCOMES - {"awaiting lot"}
    assert len(set(made.winners)) == len(made.winners) and set(made.winners) <= set(names)
    assert not set(made.winners) & set(made.result.excluded)
    if METHODS[method].winners in ("one", *SEVERAL):
        most = min(case.question.seats, len(names))
        assert len(made.winners) in range(1, most + 1) if made.outcome == "elected" else not made.winners
        assert len(made.winners) in (0, most) or METHODS[method].ballot not in ORDERED
    assert [round_.n for round_ in made.rounds] == list(range(1, len(made.rounds) + 1))
    for round_ in made.rounds:
        assert round_.says.strip() and set(round_.votes) <= set(names)
        assert round_.tie is None or made.result.ties[round_.tie].round == round_.n
    for tie in made.result.ties:
        assert tie.evidence.strip() and tie.policy and len(set(tie.tied)) == len(tie.tied) > 1
        assert tie.chosen is None or tie.chosen in tie.tied
    assert made.result.explanation and all(says.strip() for says in made.result.explanation)
    result = made.result
    assert result.blank + result.spoilt + result.valid == made.cast == len(case.ballots)


@pytest.mark.parametrize(
    "method", [name for name, found in sorted(METHODS.items()) if found.family in ONE_VOTE and found.ballot != "each"]
)
@given(data=st.data())
@SOME
def test_every_vote_is_in_every_round(method, data):
    """Somebody holds it, or it is exhausted, or lost to a stated truncation; a transfer's parts are what left."""
    made = data.draw(elections(method, one_mark=True)).drawn()
    for round_ in made.rounds:
        held = [Fraction(votes) for votes in round_.votes.values()]
        out = [Fraction(round_.exhausted), Fraction(round_.residual)]
        assert min([*held, *out]) >= 0
        if held:  # what compares pairs gives no votes to options
            assert sum(held) + sum(out) == Fraction(made.result.weight)
        for moved in round_.transfers:
            if moved.kind != "residual":
                assert Fraction(moved.total) == moved.papers * Fraction(moved.after)


@methods
@given(data=st.data())
@SOME
def test_a_weight_is_as_many_papers(method, data):
    case = data.draw(elections(method, most=6))
    single = case.but(ballots=tuple(case.papers))
    one, other = single.count(), case.count()
    assert without(one.as_json(), "input", "heads") == without(other.as_json(), "input", "heads")
    assert one.result.weight == other.result.weight


@methods
@given(data=st.data())
@SOME
def test_names_do_not_matter(method, data):
    """Other names, in another alphabetical order, and the same record under them."""
    case = data.draw(elections(method))
    names = [option.name for option in case.question.options]
    other = {name: f"Nr{9 - n}" for n, name in enumerate(names)}
    rules = ties(method, "backwards", "declared")
    made, again = (
        without(
            one.count(**rules).as_json(), "says", "evidence", "explanation"
        )  # sentences; their numbers stand beside
        for one in (case, case.renamed(other))
    )
    text = json.dumps(made, ensure_ascii=False)
    for name, new in other.items():
        text = re.sub(rf"\b{name}\b", new, text)
    assert json.loads(text) == again


@contests
@given(data=st.data())
@SOME
def test_the_declared_order_decides_nothing_but_ties(method, data):
    case = data.draw(elections(method))
    made = case.count()
    assume(not made.result.ties)
    other = case.declared(data.draw(st.permutations(range(len(case.question.options))))).count()
    assert not other.result.ties
    assert (other.outcome, set(other.winners)) == (made.outcome, set(made.winners))
    assert len(other.rounds) == len(made.rounds)
    for one, two in zip(made.rounds, other.rounds, strict=True):
        assert (one.votes, one.exhausted, one.residual, one.quota) == (
            two.votes,
            two.exhausted,
            two.residual,
            two.quota,
        )
        assert (one.code, set(one.elected), set(one.excluded)) == (two.code, set(two.elected), set(two.excluded))


@methods
@given(data=st.data())
@SOME
def test_a_blank_ballot_elects_nobody(method, data):
    case = data.draw(elections(method))
    more = case.but(ballots=(*case.ballots, (ballot(method, []), 2)))
    rules = ties(method, "backwards", "declared")
    assert (more.count(**rules).outcome, more.count(**rules).winners) == (
        case.count(**rules).outcome,
        case.count(**rules).winners,
    )
    assert more.count(**rules).result.blank == case.count(**rules).result.blank + 1


@methods
@pytest.mark.parametrize("rows", [[], [((), 1)], [((), 1)] * 3])
def test_nobody_votes(method, rows):
    """No winner, no lot drawn, no exception, whether nobody comes or all are blank."""
    made = election(method, rows, seats=2).count()
    assert made.outcome == ("lost" if method == "motion" else "no valid ballots")
    assert (made.winners, made.result.ties, made.result.lots) == ((), (), ())
    assert (made.result.valid, made.result.blank, made.result.weight) == (0, len(rows), "0")
    assert made.result.explanation


@methods
def test_one_ballot_decides(method):
    made = election(method, [((0, 1, 2) if METHODS[method].ballot in ORDERED else (0,), 1)]).count()
    assert made.winners[:1] == (made.question.options[0].name,)
    assert made.outcome == ("carried" if method == "motion" else "elected")


@contests
def test_two_ballots_against_each_other(method):
    """A tie that names the two, until a lot decides for either."""
    case = election(method, [((0,), 1), ((1,), 1)], options=2)
    waits = case.count(**ties(method, "lot"))
    assert waits.outcome == "awaiting lot" and waits.winners == ()
    assert set(waits.result.ties[-1].tied) == {"Ada", "Bea"}
    assert {case.drawn(place, **ties(method, "lot")).winners for place in (0, 1)} == {("Ada",), ("Bea",)}


@contests
@pytest.mark.parametrize("seats", [1, 2])
def test_all_are_tied(method, seats):
    """A tie names all who are tied; the first in the list never wins by accident: a lot can make anybody win."""
    full = METHODS[method].ballot in ORDERED
    rows = [(tuple((n + k) % 4 for k in range(4 if full else 1)), 1) for n in range(4)]
    case = election(method, rows, options=4, seats=seats)
    waits = case.count(**ties(method, "lot"))
    assert waits.outcome == "awaiting lot"
    assert set(waits.result.ties[0].tied) == set(NAMES[:4])
    winners = {winner for place in range(4) for winner in case.drawn(place, **ties(method, "lot")).winners}
    assert len(winners) > case.question.seats, "who is drawn makes the difference"
    seeded = case.count(**ties(method, "seed"), seed="5" * 64)
    policies = {tie.policy for tie in seeded.result.ties}  # a method may have steps of its own before
    assert seeded.outcome == "elected" and "seed" in policies and "lot" not in policies


def test_a_motion_that_is_even_falls_without_a_tie():
    made = election("motion", [((0,), 1), ((1,), 1)]).count()
    assert (made.outcome, made.winners, made.result.ties) == ("lost", (), ())


@contests
def test_a_lot_is_used_where_it_was_drawn_for(method):
    case = election(method, [((0,), 1), ((1,), 1)], options=2)
    made = case.drawn(1, **ties(method, "lot"))
    lot = dict(made.result.lots[0])
    for wrong in (
        [{**lot, "chosen": "Nobody"}],
        [{**lot, "round": 9}],
        [{**lot, "purpose": "else"}],
        [*made.result.lots, lot],
    ):
        with pytest.raises(DeliberateError, match=r"tally\.lot"):
            case.count(wrong, **ties(method, "lot"))


@contests
def test_one_option_alone(method):
    made = election(method, [((0,), 1)], options=1).count()
    assert (made.outcome, made.winners, made.result.ties) == ("elected", ("Ada",), ())
    nobody = election(method, [], options=1).count()
    assert (nobody.outcome, nobody.winners) in (("elected", ("Ada",)), ("no valid ballots", ()))


@pytest.mark.parametrize(
    "method", [name for name in CONTESTED if METHODS[name].winners in SEVERAL and METHODS[name].ballot != "each"]
)
@pytest.mark.parametrize("seats", [3, 4])
@pytest.mark.parametrize("rows", [[], [((), 1)], [((2,), 2), ((1,), 1)]])
def test_seats_for_all_are_filled_without_a_contest(method, seats, rows):
    made = election(method, rows, seats=seats).count()
    assert (made.outcome, set(made.winners), made.result.excluded) == ("elected", set(NAMES[:3]), ())
    assert (made.result.ties, made.cast) == ((), len(rows))


@pytest.mark.parametrize("method", [name for name in CONTESTED if METHODS[name].winners not in SEVERAL])
def test_a_method_with_one_winner_fills_one_seat(method):
    case = election(method, [((0,), 1)])
    with pytest.raises(DeliberateError, match=r"tally\.seats"):
        Election(method, tally.Question("Q", case.question.options, 2), case.ballots).count()


@contests
def test_an_option_that_withdrew_cannot_win(method):
    case = election(method, [((0, 1), 3), ((1,), 1)] if METHODS[method].ballot in ORDERED else [((0,), 3), ((1,), 1)])
    gone = case.but(question=tally.Question("Q", case.question.options, 1, ("o1",)))
    made = gone.count()
    assert made.winners == ("Bea",) and made.as_json()["withdrawn"] == ["Ada"]
    assert all("Ada" not in round_.votes for round_ in made.rounds)
    assert made.digest == case.count().digest, "the ballots are those that were cast"


def digests():
    """A hash over a count by every method, of ties and of transfers."""
    cases = [
        election(m, [((0,), 3), ((1, 2), 2), ((2, 0), 2), ((), 1)], 4, 2).count(**ties(m, "lot"))
        for m in sorted(METHODS)
    ]
    return hashlib.sha256(b"".join(made.canonical() for made in cases)).hexdigest()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_counts_to_the_same_bytes(seed, tmp_path):
    """Wherever it runs, whatever its order of sets."""
    program = "from tests.contract.test_methods import digests; print(digests())"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == digests()
