"""What the counters refuse, what they cannot count again, and the writings of a Count that may differ."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from deliberate.core import tally
from deliberate.verifier.compare import own_count
from deliberate.verifier.counters import COUNTERS, budget, committee, meek, ranked_pairs
from deliberate.verifier.counting import Counted, Poll
from tests.verifier.elections import Election, compared, published
from tests.verifier.make_package import choice, ranking
from tests.verifier.test_recounts import merged_of

A, B, C, D = (f"Name {n}" for n in range(1, 5))
CIRCLE = [(ranking("o1", "o2", "o3"), "4"), (ranking("o2", "o3", "o1"), "3"), (ranking("o3", "o1", "o2"), "2")]
EQUAL = [(ranking("o1", "o2", "o3", "o4"), "1"), (ranking("o2", "o3", "o1", "o4"), "1"), (ranking("o3", "o1", "o2", "o4"), "1")]


def own(method: str, votes: list[tuple[dict[str, Any], str]], seats: int = 1, **rules: Any) -> Counted:
    one = Election(method, ["o1", "o2", "o3", "o4"], seats, {"ties": ["declared"]}, votes)
    written = tally.rules(method, ties=["declared"], **rules)
    return own_count(merged_of(method, one.ids, votes), Poll(method, written, one.ids, one.names, seats, []))


@pytest.mark.parametrize("method", ["wigm-prf", "meek-prf", "ers97"])
def test_weights_with_fractions(method: str) -> None:
    with pytest.raises(ValueError, match="whole weights"):
        own(method, [(ranking("o1"), "1/2")])


@pytest.mark.parametrize("method", ["wigm-prf", "wigm-prf-batch", "meek-prf"])
@pytest.mark.parametrize("vote", [ranking("o1", "o2=o3"), ranking("o1", "o2", "o1")])
def test_shared_ranks_and_repeated_options(method: str, vote: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no shared ranks"):
        own(method, [(vote, "1")])


@pytest.mark.parametrize("method", ["schulze", "ranked-pairs", "minimax", "copeland", "policy", "smith-irv", "benham"])
def test_two_seats_where_there_is_one(method: str) -> None:
    with pytest.raises(ValueError, match="one seat"):
        own(method, [(ranking("o1"), "1")], 2)


def test_meek_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = [(ranking("o1", "o2"), "6"), (ranking("o3"), "2"), (ranking("o4"), "1")]
    monkeypatch.setattr(meek, "MOST_ITERATIONS", 1)
    with pytest.raises(ValueError, match="more than 1 iterations"):
        own("meek", votes, 2)
    monkeypatch.setattr(meek, "MOST_ORDERS", 5)
    with pytest.raises(ValueError, match="too many orders"):
        own("meek", [(ranking("o1=o2=o3"), "1")], 2, equal_ranks="permutations")


def altered(method: str, votes: list[tuple[dict[str, Any], str]], key: str, change: Any, **rules: Any) -> set[str]:
    """What the comparison says where one fact is written otherwise."""
    one = Election(method, ["o1", "o2", "o3", "o4"], 1, {"ties": ["declared"], **rules}, votes)
    found = deepcopy(published(one))
    assert found is not None
    place: Any = found
    for step in key.split("."):
        place = place[int(step) if step.isdigit() else step]
    change(place)
    made = compared(one, found)
    return {finding.says for finding in made.fails.get("tally", [])} | {line for line in made.unchecked if "orders" in line}


PATHS = {"The published paths does not follow from the ballots."}


@pytest.mark.parametrize("change, says", [
    (lambda path: None, set()), (lambda path: path.update(strength="5"), PATHS), (lambda path: path.update(link=[B, C]), PATHS),
    (lambda path: path.update(path=[A, C]), PATHS), (lambda path: path.update(path=[B, C]), PATHS),
    (lambda path: path.update(path=[]), PATHS), (lambda path: path.update(more=1), PATHS), (lambda path: path.update(link=[A, C]), PATHS)])
def test_paths(change: Any, says: set[str]) -> None:
    assert altered("schulze", CIRCLE, f"paths.{A}.{C}", change) == says


def test_paths_that_are_missing_or_too_many() -> None:
    assert altered("schulze", CIRCLE, "paths", lambda paths: paths[A].pop(C)) == PATHS
    assert altered("schulze", CIRCLE, "paths", lambda paths: paths.pop(D)) == PATHS
    assert altered("schulze", CIRCLE, "paths", lambda paths: paths.update({"E": {}})) == PATHS


PAIRS = {"The published pairs does not follow from the ballots."}


@pytest.mark.parametrize("change, says", [
    (lambda pairs: None, set()), (lambda pairs: pairs.pop(), PAIRS), (lambda pairs: pairs.reverse(), PAIRS),
    (lambda pairs: pairs.append(pairs[0]), PAIRS), (lambda pairs: pairs[-1].update(locked=True), PAIRS),
    (lambda pairs: pairs[-1].update(against=[]), PAIRS), (lambda pairs: pairs[-1].update(against=[A, C]), PAIRS),
    (lambda pairs: pairs[-1].update(against=[A, B]), PAIRS), (lambda pairs: pairs[-1].update(strength="7"), PAIRS)])
def test_pairs(change: Any, says: set[str]) -> None:
    assert altered("ranked-pairs", CIRCLE, "pairs", change) == says


ORDERS = {"The published other_orders does not follow from the ballots."}


@pytest.mark.parametrize("change, says", [
    (lambda orders: None, set()), (lambda orders: orders.update(winners=[A]), ORDERS),
    (lambda orders: orders.update(winners=[A], complete=False), set()), (lambda orders: orders.update(winners=[D], complete=False), ORDERS),
    (lambda orders: orders.clear(), ORDERS)])
def test_other_orders(change: Any, says: set[str]) -> None:
    assert altered("ranked-pairs", EQUAL, "other_orders", change) == says


def test_too_many_orders_are_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranked_pairs, "MOST", 2)
    line = "other_orders of the Count: there are too many orders of equal majorities to try."
    assert altered("ranked-pairs", EQUAL, "other_orders", lambda orders: orders.update(winners=[D])) == {line}
    assert altered("ranked-pairs", EQUAL, "matrix", lambda matrix: None, equal="tie-ranking") == {line}


def test_a_ranking_that_is_drawn_once_serves_for_every_group() -> None:
    votes = [*EQUAL, *((ranking(*(f"o{n + 4}" if n < 4 else f"o{n - 3}" for n in (one, two, three))), "3")
                       for one, two, three in ((1, 2, 3), (2, 3, 1), (3, 1, 2)))]
    one = Election("ranked-pairs", [f"o{n}" for n in range(1, 8)], 1, {"ties": ["declared"], "equal": "tie-ranking"}, votes)
    found = published(one)
    assert found is not None and not compared(one, found).failed
    assert len(found["ties"]) == 6 and {tie["purpose"] for tie in found["ties"]} == {"order"}


MARKED = [(choice("o1", "o2"), "2"), (choice("o2"), "1"), (choice("o3"), "1")]
LEVEL = [(choice(i), "1") for i in ("o1", "o2", "o3", "o4")]


def committees(change: Any) -> set[str]:
    """What the comparison says where the list of committees is written otherwise."""
    one = Election("seq-pav", ["o1", "o2", "o3", "o4"], 2, {"ties": ["declared"], "all_committees": 3}, LEVEL)
    found = published(one)
    assert found is not None and found["committees_more"]
    change(found["committees"])
    made = compared(one, found)
    return {finding.says for finding in made.fails.get("tally", [])} | {line for line in made.unchecked if "ways" in line}


def test_any_so_many_committees_may_be_listed() -> None:
    assert committees(lambda found: None) == set()
    assert committees(lambda found: found.__setitem__(2, [C, D])) == set()
    wrong = {"The published committees does not follow from the ballots."}
    assert committees(lambda found: found.pop()) == committees(lambda found: found.reverse()) == wrong
    assert committees(lambda found: found.__setitem__(2, [D, C])) == wrong


def test_too_many_ways_are_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committee, "MOST_STATES", 5)
    assert {line.partition(" ")[0] for line in committees(lambda found: found.pop())} == {"committees", "committees_more"}
    monkeypatch.setattr(committee, "MOST_COMMITTEES", 5)
    with pytest.raises(ValueError, match="too many committees"):
        own("pav", MARKED, 2)


@pytest.mark.parametrize("method", ["seq-pav"])
def test_previous_looks_at_the_round_before(method: str) -> None:
    """Gains of A and C are level in round 2; in round 1, C has 2 approvals and A has 1."""
    votes = [(choice("o2", "o3"), "2"), (choice("o2"), "1"), (choice("o1"), "1")]
    one = Election(method, ["o1", "o2", "o3"], 2, {"ties": ["previous", "declared"]}, votes)
    found = published(one)
    assert found is not None and not compared(one, found).failed


def test_costs() -> None:
    assert budget.costs({"o1": 3}) and not any(map(budget.costs, ([], {"o1": 0}, {"1": 2}, {"o1": "3"})))


def test_every_method_has_a_form_of_its_rules() -> None:
    assert all({"seed", "ties"} <= counter.rules.keys() for method, counter in COUNTERS.items() if method != "motion")
