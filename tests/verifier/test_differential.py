"""Two counts that share no code, on random small elections: every number of every round must be the same.

Shared, skipped and repeated ranks, blank ballots, weights with fractions, seats for all, and every option of the methods.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core import ballot, tally
from deliberate.core.tally import Option, Question
from deliberate.verifier import compare
from deliberate.verifier.ballots import Ballots
from deliberate.verifier.counting import Poll
from deliberate.verifier.report import Report
from tests.verifier.make_package import RULES, canonical, choice, ranking

POLICIES = (["declared"], ["backwards", "declared"], ["forwards", "declared-first"], ["previous", "seed"], ["backwards", "lot"],
            ["lot", "declared"], ["backwards"])


def rules_of(draw: Any, method: str) -> dict[str, Any]:
    if method == "motion":
        least = st.sampled_from([{"fraction": "1/2"}, {"fraction": "1"}, {"number": 4}])
        quorum = st.none() | st.builds(lambda on, by, much: {"on": on, "by": by, **much},
                                       st.sampled_from(["turnout", "present", "both"]), st.sampled_from(["heads", "weight"]), least)
        tie = draw(st.sampled_from(["falls", "casting"]))
        return RULES[method] | {
            "basis": draw(st.sampled_from(["votes", "votes+abstentions", "roll", "present"])), "strict": draw(st.booleans()),
            "threshold": draw(st.sampled_from(["1/2", "2/3", "3/4", "1/1"])), "min_yes": draw(st.sampled_from(["0", "2", "5/2"])),
            "roll": {"heads": 9, "weight": "10"}, "present": {"heads": 8, "weight": "17/2"}, "quorum": draw(quorum),
            "tie": tie, "double": tie == "falls" and draw(st.booleans()), "blank": draw(st.sampled_from(["spoilt", "abstain"])),
            "min_roll": draw(st.sampled_from(["0", "1/3"])), "non_negative": draw(st.sampled_from(["0", "1/2"]))}
    made = RULES[method] | {"ties": draw(st.sampled_from(POLICIES))}
    if "seed" in made["ties"]:
        made["seed"] = draw(st.integers(0, 2**256 - 1)).to_bytes(32, "big").hex()
    if method == "irv":
        made |= {"batch": draw(st.booleans()), "max_ranks": draw(st.sampled_from([None, 2])),
                 "max_skipped": draw(st.sampled_from([None, 0, 1])), "continue_until_two": draw(st.booleans()),
                 "overvote": draw(st.sampled_from(["exhaust", "skip", "exhaust-if-several-continuing"])),
                 "duplicate": draw(st.sampled_from(["skip", "exhaust"])),
                 "minimum_votes": draw(st.sampled_from([0, 2])), "tied_last": draw(st.sampled_from(["policy", "all-together"])),
                 "threshold_base": draw(st.sampled_from(["round", "first-round"]))}
    return made


@st.composite
def elections(draw: Any, method: str) -> tuple[list[str], int, dict[str, Any], list[tuple[dict[str, Any], str]]]:
    size = 3 if method == "motion" else draw(st.integers(1, 6))
    ids = ["yes", "no", "abstain"] if method == "motion" else [f"o{i + 1}" for i in range(size)]
    seats = draw(st.integers(1, size + 1)) if method in ("scottish-stv", "plurality") else 1
    if method in ("irv", "scottish-stv"):
        order = st.permutations(ids).flatmap(lambda p: st.integers(1, size).map(lambda n: ranking(*p[:n])))
        rank = st.sets(st.sampled_from(ids), max_size=2).map(lambda some: "=".join(sorted(some)))
        odd = st.lists(rank, max_size=size).map(lambda ranks: ranking(*ranks))
        votes = st.one_of(order, order, odd)
        weights = st.sampled_from(["1", "1", "2"] + ["3/2"] * (method == "irv"))
    else:
        several = st.lists(st.sampled_from(ids), min_size=2, max_size=2).map(lambda marks: choice(*marks))
        votes = st.one_of(st.sampled_from(ids).map(choice), st.just(choice()), several)
        weights = st.sampled_from(["1", "1", "2", "1/2", "2/3"])
    return ids, seats, rules_of(draw, method), draw(st.lists(st.tuples(votes, weights), max_size=14))


@pytest.mark.parametrize("method", sorted(RULES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_both_counts_agree(method: str, data: st.DataObject) -> None:
    ids, seats, rules, votes = data.draw(elections(method))
    names = [f"Name {i}" for i in ids]
    question = Question("T", tuple(Option(i, n) for i, n in zip(ids, names, strict=True)), seats)
    lots: list[dict[str, Any]] = []
    while True:
        found = json.loads(tally.count(question, ballot.aggregate(votes, ids), rules, lots=lots).canonical())
        if found["outcome"] not in ("awaiting lot", "tie"):
            break
        asked = found["ties"][-1]
        lots.append({k: asked[k] for k in ("round", "purpose", "tied")} | {"chosen": asked["tied"][0]})
    options = [{"id": i, "name": n} for i, n in zip(ids, names, strict=True)]
    merged = Ballots({"ballot": "ranking" if method in ("irv", "scottish-stv") else "choice", "options": options})
    for one, weight in votes:
        merged.add(merged.group(canonical(one), weight.encode()))
    report = Report()
    compare.tally(report, merged, Poll(method, rules, ids, names, seats, lots), compare.check_form(found))
    assert not report.failed, report.fails["tally"]
