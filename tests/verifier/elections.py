"""Random small elections for every method that the verifier counts again, and the two counts of one beside each other.

A generator of random numbers is given: a seeded one makes the same elections each time, one of hypothesis can shrink them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from deliberate.core import ballot, tally
from deliberate.core.errors import DeliberateError
from deliberate.core.tally import Option, Question
from deliberate.verifier import compare
from deliberate.verifier.ballots import Ballots
from deliberate.verifier.counters import COUNTERS
from deliberate.verifier.counting import Poll
from deliberate.verifier.report import Report
from deliberate.verifier.schema import shaped
from tests.verifier.make_package import canonical

POLICIES = (["declared"], ["backwards", "declared"], ["forwards", "declared-first"], ["previous", "seed"], ["backwards", "lot"],
            ["lot", "declared"], ["backwards"], ["previous"])
ONE_SEAT = ("irv", "schulze", "ranked-pairs", "minimax", "copeland", "policy", "smith-irv", "benham", "star", "budget-greedy",
            "budget-equal-shares")
STRICT = ("wigm-prf", "wigm-prf-batch", "meek-prf")
WHOLE = (*STRICT, "scottish-stv", "ers97")
OLDER = ("motion", "plurality", "irv", "scottish-stv")
"""Methods with a differential test of their own."""
NEWER = sorted(COUNTERS.keys() - set(OLDER))
READING = {"max_ranks": [None, None, 2], "max_skipped": [None, 0, 1], "overvote": ["exhaust", "skip", "exhaust-if-several-continuing"],
           "duplicate": ["skip", "exhaust"], "minimum_votes": [0, 2], "tied_last": ["policy", "all-together"]}
RUN_OFF = READING | {"batch": [True, False], "continue_until_two": [True, False], "threshold_base": ["round", "first-round"]}
UNRANKED = {"unranked": ["bottom", "ignored"]}
STRENGTH = UNRANKED | {"strength": ["winning-votes", "margins", "ratio", "tuple"]}
COMMITTEE = {"all_committees": [0, 0, 1, 2, 5]}
CHOICES: dict[str, dict[str, list[Any]]] = {
    "schulze": STRENGTH, "ranked-pairs": STRENGTH | {"equal": ["neutral", "tie-ranking"]},
    "minimax": UNRANKED | {"score": ["winning-votes", "margins", "opposition"]},
    "copeland": UNRANKED | {"tie_worth": ["0", "1/3", "1/2", "1"]}, "borda": {"truncated": ["zero", "average"]},
    "smith-irv": RUN_OFF | UNRANKED, "benham": READING | UNRANKED,
    "policy": {"quorum": ["0", "2", "5/2"], "ratio": ["1", "2", "3/2"], "ratios": [{}, {"Name 1": "2"}], "strict": [True, False],
               "tie": ["policies", "casting"], "default": ["", "Name 1"]},
    "approval": {"min_support": [None, "1/3", "1/2", "1"], "strict": [True, False]}, "limited": {"min_marks": [0, 0, 1, 2], "max_marks": [None, 1]},
    "block": {"min_marks": [0, 0, 1, 2]}, "cumulative": {"min_marks": [0, 0, 1, 2], "points": [None, 2, 3], "max_marks": [None, 2]},
    "wigm": {"surplus": ["largest", "earliest"], "last": ["transfer-then-test", "test-then-transfer"], "batch": ["none", "sure-losers"],
             "zero_surplus": ["skip", "round"]},
    "meek": {"arithmetic": ["fixed-9", "fixed-9", "rational"], "omega": ["1/1000000", "1/100"], "batch": ["none", "sure-losers"],
             "equal_ranks": ["split", "permutations"]}}
COMMITTEES = ("seq-pav", "seq-phragmen", "pav", "equal-shares")
CHOICES |= dict.fromkeys(COMMITTEES, COMMITTEE) | {
    "equal-shares": COMMITTEE | {"completion": ["none", "phragmen", "approval"]},
    "budget-greedy": {"too_dear": ["skip", "stop"], "threshold": [0, 0, 2], "budget": [10, 12, 15]}}
QUOTAS = [("exact-droop", None), ("droop", None), ("droop", 0), ("droop", 5), ("droop-fractional", 2), ("droop-fractional", 5),
          ("hare", None), ("hare", 2)]


@dataclass
class Election:
    """One election, its rules as they are asked for."""

    method: str
    ids: list[str]
    seats: int
    rules: dict[str, Any]
    votes: list[tuple[dict[str, Any], str]]
    lots: list[dict[str, Any]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [f"Name {i[1:]}" for i in self.ids]


def rules_of(r: Random, method: str, ids: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"ties": r.choice([*POLICIES, ["seed"]])}
    if "seed" in made["ties"]:
        made["seed"] = f"{r.getrandbits(256):064x}"
    made |= {key: r.choice(values) for key, values in CHOICES.get(method, {}).items()}
    if method == "wigm":
        made["quota"], made["places"] = r.choice(QUOTAS)
    if method == "budget-greedy":
        made["costs"] = {i: r.choice([1, 2, 3, 5, 7, 10]) for i in ids}
        made["exclusive"] = [ids[:2]] if len(ids) > 2 and r.random() < 0.3 else []
    return made


def ballot_of(r: Random, method: str, ids: list[str]) -> dict[str, Any]:
    size = len(ids)
    if COUNTERS[method].ballot == "choice":
        many = r.choice([0, 1, 1, 2, 2, 3])
        marks = [r.choice(ids) for _ in range(many)] if method == "cumulative" else r.sample(ids, min(size, many))
        return {"kind": "choice", "marks": sorted(marks)}
    if method in STRICT or r.random() < 0.65:
        order = r.sample(ids, r.randint(0 if r.random() < 0.2 else 1, size))
        ranks = [[i] for i in order]
        if ranks and r.random() < 0.15:
            ranks.insert(r.randint(0, len(ranks) - 1), [])
    else:
        ranks = [sorted(r.sample(ids, min(size, r.choice([0, 1, 1, 1, 2, 3])))) for _ in range(r.randint(1, size))]
    while ranks and not ranks[-1]:
        ranks.pop()
    return {"kind": "ranking", "ranks": ranks}


def election(r: Random, method: str) -> Election:
    size = r.choice([1, 2, 3, 3, 4, 4, 5, 6, 7])
    ids = [f"o{i + 1}" for i in range(size)]
    seats = 1 if method in ONE_SEAT else r.randint(1, size + 1) if r.random() < 0.4 else r.randint(1, max(1, size - 1))
    rules = rules_of(r, method, ids)
    whole = method in WHOLE or rules.get("places") is not None
    weights = ["1"] if r.random() < 0.5 else ["1", "1", "2", *(["3"] if whole else ["3/2", "2/3"])]
    most = r.choice([1, 1, 20])
    votes = []
    for _ in range(r.choice([0, 1, 2, 3, 4, 5, 6, 8, 12, 20])):
        votes += [(ballot_of(r, method, ids), r.choice(weights))] * r.randint(1, most)
    return Election(method, ids, seats, rules, votes)


def published(one: Election, r: Random | None = None) -> dict[str, Any] | None:
    """The Count of the core; lots are drawn as long as it asks, mostly. Nothing where it refuses to count so."""
    question = Question("T", tuple(Option(i, n) for i, n in zip(one.ids, one.names, strict=True)), one.seats)
    try:
        rules = tally.rules(one.method, **one.rules)
        while True:
            found: dict[str, Any] = json.loads(tally.count(question, ballot.aggregate(one.votes, one.ids), rules, lots=one.lots).canonical())
            if found["outcome"] not in ("awaiting lot", "tie") or r is None or r.random() < 0.1:
                return found
            asked = found["ties"][-1]
            one.lots.append({key: asked[key] for key in ("round", "purpose", "tied")} | {"chosen": r.choice(asked["tied"])})
    except DeliberateError:
        return None


def compared(one: Election, found: dict[str, Any]) -> Report:
    """What the verifier says of a Count of this election."""
    counter, rules = COUNTERS[one.method], found["rules"]
    shaped({"method": lambda name: name == one.method, **counter.rules}, counter.later)(rules)
    options = [{"id": i, "name": n} for i, n in zip(one.ids, one.names, strict=True)]
    merged = Ballots({"ballot": counter.ballot, "method": one.method, "options": options})
    for vote, weight in one.votes:
        merged.check(vote)
        merged.add(merged.group(canonical(vote), weight.encode()))
    report = Report()
    compare.tally(report, merged, Poll(one.method, rules, one.ids, one.names, one.seats, one.lots), compare.check_form(found))
    return report
