"""The counters against the core, on the same random elections each time and on others each time; and what they refuse."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.verifier.counters import COUNTERS
from tests.verifier.elections import NEWER, Election, compared, election, published
from tests.verifier.make_package import Spec, build, choice, ranking
from tests.verifier.shared import failing, report

SHARES, FEW = 8, 60


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("method", NEWER)
def test_the_same_elections_each_time(method: str, share: int) -> None:
    counted = 0
    for n in range(share * FEW, share * FEW + FEW):
        r = Random(f"{method} {n}")
        one = election(r, method)
        found = published(one, r)
        if found is not None:
            made = compared(one, found)
            assert not made.failed, (n, one, made.fails["tally"])
            counted += 1
    assert counted > FEW // 2


@pytest.mark.parametrize("method", NEWER)
@settings(max_examples=100, deadline=None)
@given(r=st.randoms(use_true_random=False))
def test_other_elections_each_time(method: str, r: Random) -> None:
    one = election(r, method)
    found = published(one, r)
    if found is not None:
        made = compared(one, found)
        assert not made.failed, made.fails["tally"]


def money(method: str, ids: list[str]) -> dict[str, Any]:
    """What a budget needs to be counted."""
    return {"costs": dict.fromkeys(ids, 3), "budget": 9} if method == "budget-greedy" else {}


EMPTY: list[list[Any]] = [[], [()], [("o1",)], [("o1",), ("o2",)], [("o1",), ()]]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("method", NEWER)
def test_the_edges_of_the_rules(method: str, size: int) -> None:
    """No ballot, blank ones, one, two: as tally.md 3.1 has them, with seats for one and for all."""
    ids = [f"o{n + 1}" for n in range(size)]
    for marks in EMPTY:
        votes = [tuple(i for i in mark if i in ids) for mark in marks]
        cast = [(choice(*v) if COUNTERS[method].ballot == "choice" else ranking(*v), "1") for v in votes]
        for seats in {1, size}:
            one = Election(method, ids, seats, money(method, ids), cast)
            found = published(one)
            if found is None:
                assert seats > 1
                continue
            assert not compared(one, found).failed
            if not any(votes) and (size > seats or method == "budget-greedy"):
                assert found["outcome"] == "no valid ballots" and not found["winners"] and not found["ties"]


def paths_to(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a value where a text, number or truth stands."""
    if isinstance(value, dict):
        return [p for key, one in value.items() for p in paths_to(one, (*path, key))]
    if isinstance(value, list):
        return [p for n, one in enumerate(value) for p in paths_to(one, (*path, n))]
    return [path]


FREE = {"says", "evidence", "explanation", "source", "departures", "schema", "ruleset", "ruleset_version", "question", "options", "rules",
        "seats"}
"""What no count is compared in: sentences, and what other checks look at."""


@pytest.mark.parametrize("method", NEWER)
def test_whatever_is_altered_is_found(method: str) -> None:
    """Each number, name and truth of a Count in its turn."""
    altered, n = 0, 0
    while altered < 150:
        n += 1
        r = Random(f"altered {method} {n}")
        one = election(r, method)
        found = published(one, r)
        if found is None or len(one.ids) < 3 or len(one.votes) < 3:
            continue
        for path in paths_to(found):
            if FREE.intersection(path) or (path[2:3] == ("transfers",) and path[-1] in ("before", "after", "papers")):
                continue  # transfers are merged before they are compared
            changed = deepcopy(found)
            place = changed
            for key in path[:-1]:
                place = place[key]
            old = place[path[-1]]
            place[path[-1]] = not old if isinstance(old, bool) else old + 1 if isinstance(old, int) else "7919" if old is None else "1" + old
            if path[-2:] == ("tie",):
                place["tie"] = 99
            try:
                assert compared(one, changed).failed, (n, path, old)
            except ValueError:
                continue  # not in the form of a Count
            altered += 1


@pytest.mark.parametrize("mode", ["open", "confidential"])
@pytest.mark.parametrize("method", NEWER)
def test_a_package_of_each_method(tmp_path: Path, method: str, mode: str) -> None:
    """Its Count is the core's, not the verifier's own."""
    strict = [ranking("o1", "o2", "o3"), ranking("o2", "o3", "o1"), ranking("o3", "o1", "o2"), ranking("o1", "o3"), ranking()]
    marks = [choice("o1"), choice("o2"), choice("o1"), choice("o3"), choice()]
    votes = marks if COUNTERS[method].ballot == "choice" else strict
    names = ["Name 1", "Name 2", "Name 3"]
    rules = {"ties": ["declared"], **money(method, ["o1", "o2", "o3"])}
    one = Election(method, ["o1", "o2", "o3"], 1, rules, [(vote, "1") for vote in votes])
    found = published(one)
    assert found is not None and found["outcome"] == "elected"
    spec = Spec(method=method, mode=mode, votes=[[vote] for vote in votes], names=names, rules=found["rules"])

    def of_the_core(count: dict[str, Any]) -> dict[str, Any]:
        return found | {"question": count["question"]}
    made = report(tmp_path, build(spec, count=of_the_core))
    assert not failing(made) and made.exit_code == 0 and made.result("tally") == "PASS"
    wrong = json.loads(json.dumps(found))
    wrong["winners"] = ["Name 2"]
    made = report(tmp_path, build(spec, count=lambda count: wrong | {"question": count["question"]}))
    assert failing(made) == {"tally"}


def test_equals_for_one_place_by_ers97() -> None:
    """7 votes, quota 3.50; B, C and E leave together. Their papers make A and D level at 3.00, the quota of 6 votes: A was ahead at first."""
    votes = [(ranking("o1"), "3"), (ranking("o4", "o2"), "1"), (ranking("o4", "o5"), "1"), (ranking("o5"), "1"), (ranking("o2", "o5", "o4"), "1")]
    one = Election("ers97", [f"o{n}" for n in range(1, 6)], 1, {}, votes)
    found = published(one)
    assert found is not None and not compared(one, found).failed
    assert [(tie["purpose"], tie["policy"], tie["chosen"]) for tie in found["ties"]] == [("elect", "forwards", "Name 1")]
    assert found["winners"] == ["Name 1"]


def test_equals_who_never_differed_by_ers97() -> None:
    """Four seats: C and E are elected, A by the surplus of E, and the surplus of A makes B and D level, as they always were."""
    votes = [(ranking("o3"), "2"), (ranking("o5", "o1", "o4"), "1"), (ranking("o5", "o1", "o2", "o4"), "1")]
    one = Election("ers97", [f"o{n}" for n in range(1, 6)], 4, {"ties": ["declared"]}, votes)
    found = published(one)
    assert found is not None and not compared(one, found).failed
    assert {"round": 4, "purpose": "elect", "policy": "forwards", "chosen": None}.items() <= found["ties"][1].items()
