"""The counts against official and published figures, small elections worked by hand, and the edges of tally.md 3.1."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from typing import Any

import pytest

from deliberate.core import ballot as core_ballot
from deliberate.core import tally
from deliberate.verifier.ballots import Ballots
from deliberate.verifier.canonical import Malformed
from deliberate.verifier.compare import own_count
from deliberate.verifier.counters import COUNTERS
from deliberate.verifier.counting import Counted, Poll
from deliberate.verifier.ties import WrongLot
from tests.verifier.make_package import RULES, canonical, choice, ranking
from tests.verifier.shared import load, reference


def count(method: str, votes: list[tuple[int, dict[str, Any]]], names: list[str], seats: int = 1, weight: str = "1",
          lots: list[dict[str, Any]] | None = None, **rules: Any) -> Counted:
    """Count ``(copies, ballot)`` under the default rules with changes."""
    ids = ["yes", "no", "abstain"] if method == "motion" else [f"o{i + 1}" for i in range(len(names))]
    options = [{"id": i, "name": n} for i, n in zip(ids, names, strict=True)]
    merged = Ballots({"ballot": "ranking" if method in ("irv", "scottish-stv") else "choice", "options": options})
    for copies, ballot in votes:
        merged.check(ballot)
        merged.add(merged.group(canonical(ballot), weight.encode()), copies)
    return own_count(merged, Poll(method, RULES[method] | rules, ids, names, seats, lots or []))


def merged_of(method: str, ids: list[str], votes: list[tuple[dict[str, Any], str]]) -> Ballots:
    """Ballots with their weights."""
    options = [{"id": i, "name": i} for i in ids]
    merged = Ballots({"ballot": COUNTERS[method].ballot, "method": method, "options": options})
    for ballot, weight in votes:
        merged.check(ballot)
        merged.add(merged.group(canonical(ballot), weight.encode()))
    return merged


def blt(path: str) -> tuple[list[str], int, list[tuple[int, dict[str, Any]]]]:
    lines = reference("elections", *path.split("/")).read_text(encoding="utf-8").splitlines()
    options, seats = map(int, lines[0].split())
    end = lines.index("0")
    votes = []
    for line in lines[1:end]:
        copies, *prefs, last = map(int, line.split())
        assert last == 0
        votes.append((copies, ranking(*(f"o{p}" for p in prefs))))
    return [line.strip('"') for line in lines[end + 1:end + 1 + options]], seats, votes


def named(found: Counted) -> list[str]:
    return found.winners


SCOTTISH = ["scot_edinburgh_2017_ward1", "scot_shetland_2017_ward3", "scot_gov_worked_example",
            "droop_scotland_weak-defeat_scotland"]


@pytest.mark.parametrize("case", SCOTTISH)
def test_scottish_cases_to_the_printed_digit(case: str) -> None:
    expected = load("elections", "cases", f"{case}.json")
    names, seats, votes = blt(expected["file"])
    made = count("scottish-stv", votes, names, expected["seats"])
    assert seats == expected["seats"]
    wanted = expected["expected"]
    assert set(made.winners) == set(wanted["winners"])
    assert made.quota == wanted["quota"].removesuffix(".00000") if "quota" in wanted else True
    assert len(made.rounds) == len(wanted["rounds"])
    for own, official in zip(made.rounds, wanted["rounds"], strict=True):
        totals = {name: Fraction(total) for name, total in official["totals"].items()}
        assert {name: Fraction(votes) for name, votes in own["votes"].items()} == totals
        for key in ("elected", "excluded"):
            if official.get(key) and "droop" not in case:
                assert own[key] == official[key]
    if "droop" not in case:
        assert made.winners == wanted["elected_order"]


def test_burlington_2009() -> None:
    expected = load("elections", "cases", "burlington_2009_mayor.json")
    with reference("elections", "ballots", "burlington_2009_mayor.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    names = sorted({cell for row in rows for cell in row[1:] if cell and not cell.startswith("$")})
    votes = []
    for row in rows:
        ranks = [] if all(not c for c in row[1:]) else [
            "o1=o2" if c == "$OVERVOTE" else "" if c in ("", "$UNDERVOTE") else f"o{names.index(c) + 1}"
                                                        for c in row[1:]]
        while ranks and not ranks[-1]:
            ranks.pop()
        votes.append((int(row[0]), ranking(*ranks)))
    made = count("irv", votes, names)
    assert made.winners == expected["expected"]["winners"]
    last, wanted = made.rounds[-1], expected["expected"]["final_round"]
    for name, total in wanted["totals"].items():
        assert abs(int(last["votes"][name]) - int(total)) <= 1
    assert abs(int(last["exhausted"]) - int(wanted["exhausted"])) <= 1


RCTAB = {"overvoteRule": {"exhaustImmediately": "exhaust", "alwaysSkipToNextRank": "skip"}}


def rctab_rules(found: dict[str, Any]) -> dict[str, Any]:
    return {"overvote": RCTAB["overvoteRule"][found["overvoteRule"]], "batch": found["batchElimination"],
            "max_skipped": int(found["maxSkippedRanksAllowed"]), "max_ranks": int(found["maxRankingsAllowed"]),
            "continue_until_two": found["continueUntilTwoCandidatesRemain"],
            "duplicate": "exhaust" if found["exhaustOnDuplicateCandidate"] else "skip", "ties": ["declared"]}


def cvr(path: str) -> list[tuple[int, dict[str, Any]]]:
    votes = []
    for one in json.loads(reference("elections", *path.split("/")).read_text(encoding="utf-8"))["CVR"]:
        shot = next(s for s in one["CVRSnapshot"] if s["@id"] == one["CurrentSnapshotId"])
        ranks: dict[int, list[str]] = {}
        for selection in shot["CVRContest"][0]["CVRContestSelection"]:
            for mark in selection["SelectionPosition"]:
                if mark["HasIndication"] == "yes":
                    ranks.setdefault(mark["Rank"],
                                     []).append(f"o{'abcd'.index(selection['ContestSelectionId'][-1]) + 1}")
        votes.append((1, ranking(*("=".join(sorted(ranks.get(n, []))) for n in range(1, max(ranks, default=0) + 1)))))
    return votes


def check_rctab(made: Counted, expected: dict[str, Any]) -> None:
    assert made.winners == expected["winners"]
    for own, other in zip(made.rounds, expected["rounds"], strict=True):
        assert {k: v for k, v in own["votes"].items() if k in other["totals"]} == {k: v for k,
                                                                                   v in other["totals"].items()
                                                                                   if k in own["votes"]}
        assert int(own["exhausted"]) == sum(map(int, other["inactive"].values()))
        inactive = other["inactive"]
        assert own["inactive"] == {"exhausted": inactive["exhaustedChoices"], "overvotes": inactive["overvotes"],
                                   "skipped": inactive["skippedRankings"], "repeated": inactive["repeatedRankings"]}
        assert own["quota"] == other["threshold"]
        assert sorted(own["excluded"]) == sorted(other["eliminated"])


@pytest.mark.parametrize("case", ["rctab_test_set_1_exhaust_at_overvote", "rctab_test_set_3_skipped_choice_exhaust"])
def test_rctab_cases(case: str) -> None:
    expected = load("elections", "cases", f"{case}.json")
    names = [c["name"] for c in expected["options"]["candidates"]]
    check_rctab(count("irv", cvr(expected["file"]), names, **rctab_rules(expected["options"]["rctab_rules"])),
                expected["expected"])


def test_rctab_portland_with_batches() -> None:
    expected = load("elections", "cases", "rctab_2015_portland_mayor.json")
    names = [c["name"] for c in expected["options"]["candidates"]] + ["Undeclared Write-ins"]
    with reference("elections", *expected["file"].split("/")).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    votes = []
    for row in rows:
        cells = [c.strip() for c in row[1:]]
        ranks = ["" if c in ("", "undervote") else "o1=o2" if c == "overvote"
                 else f"o{names.index('Undeclared Write-ins' if c == 'UWI' else c) + 1}"
                 for c in cells]
        while ranks and not ranks[-1]:
            ranks.pop()
        votes.append((int(row[0]), ranking(*ranks)))
    made = count("irv", votes, names, **rctab_rules(expected["options"]["rctab_rules"]))
    assert made.winners == expected["expected"]["winners"]
    final = expected["expected"]["rounds"][-1]
    assert {k: made.rounds[-1]["votes"][k] for k in final["totals"]} == final["totals"]


def test_the_40_ballot_counterexample() -> None:
    votes = [(18, ranking("o1", "o2", "o3")), (12, ranking("o2", "o4")), (4, ranking("o3")), (6, ranking("o4"))]
    made = count("scottish-stv", votes, ["A", "B", "C", "D"], 3)
    assert made.winners == ["A", "B", "C"] and made.quota == "11"
    assert made.rounds[1]["votes"]["C"] == "10.99984" and made.rounds[1]["residual"] == "0.00016"
    assert made.rounds[2]["votes"]["D"] == "6.99996"
    moved = made.rounds[1]["transfers"][0]
    assert (moved["papers"], moved["after"], moved["to"]) == (18, "0.38888", "C")


def test_every_vote_is_in_every_round() -> None:
    votes = [(7, ranking("o1", "o2")), (5, ranking("o2", "o3")), (4, ranking("o3")), (3, ranking("o4", "o1"))]
    for method, seats in (("irv", 1), ("scottish-stv", 2)):
        made = count(method, votes, list("ABCD"), seats)
        for one in made.rounds:
            assert sum(map(Fraction, [*one["votes"].values(), one["exhausted"], one["residual"]])) == 19


NAMES = ["Park", "Ali", "Noor"]
LEVEL = [(2, ranking("o1")), (2, ranking("o2")), (3, ranking("o3"))]


@pytest.mark.parametrize("method", ["irv", "scottish-stv"])
def test_no_ballots_and_only_blank_ones(method: str) -> None:
    for votes in ([], [(3, ranking())]):
        made = count(method, votes, NAMES)
        assert made.outcome == "no valid ballots" and not made.winners and not made.ties
    assert count("plurality", [(2, choice())], NAMES).outcome == "no valid ballots"


def test_seats_for_all() -> None:
    assert count("scottish-stv", [(1, ranking("o2"))], NAMES, 3).winners == NAMES
    assert count("scottish-stv", [], NAMES, 4).winners == NAMES
    assert count("plurality", [(1, choice("o2"))], NAMES, 3).winners == NAMES
    assert count("irv", [(1, ranking())], ["Park"]).winners == ["Park"]


def test_declared_first_excludes_the_earliest() -> None:
    made = count("irv", LEVEL, NAMES, ties=["declared-first"])
    assert (made.excluded[0], made.ties[0]["policy"]) == ("Park", "declared-first")


def test_declared_order_excludes_the_latest() -> None:
    made = count("irv", LEVEL, NAMES, ties=["declared"])
    assert made.excluded[0] == "Ali"
    assert made.ties[0] == {"round": 1, "purpose": "exclude", "tied": ["Park", "Ali"], "policy": "declared",
                            "chosen": "Ali"}
    assert count("plurality", [(1, choice("o2")), (1, choice("o3"))], NAMES, ties=["declared"]).winners == ["Ali"]


BACK = [(9, ranking("o1")), (4, ranking("o2")), (3, ranking("o3")), (2, ranking("o4")), (1, ranking("o5", "o4"))]


@pytest.mark.parametrize("policy, out", [("backwards", "D"), ("forwards", "D"), ("previous", "D"), ("declared", "D")])
def test_looking_back(policy: str, out: str) -> None:
    """E leaves and lifts D to 3, level with C; in round 1 D had fewer, so D goes; by declared order it goes too."""
    for method, seats in (("irv", 1), ("scottish-stv", 2)):
        more = {"continue_until_two": True} if method == "irv" else {}
        made = count(method, BACK, list("ABCDE"), seats, ties=[policy, "lot"], **more)
        tie = next(t for t in made.ties if t["tied"] == ["C", "D"])
        assert tie["chosen"] == out and tie["policy"] == policy


def test_looking_back_against_the_declared_order() -> None:
    swapped = [(9, ranking("o1")), (4, ranking("o2")), (2, ranking("o3")), (3, ranking("o4")), (1, ranking("o5", "o3"))]
    made = count("scottish-stv", swapped, list("ABCDE"), 2, ties=["previous", "declared"])
    assert made.ties[0]["chosen"] == "C"


def test_a_tie_of_three_narrows_before_the_lot() -> None:
    """B, C and D are level in round 3; in round 1 D had more, so only B and C are left for the next policy."""
    votes = [(9, ranking("o1")), (2, ranking("o2")), (2, ranking("o3")), (3, ranking("o4")), (1, ranking("o5", "o2")),
             (1, ranking("o6", "o3"))]
    made = count("irv", votes, list("ABCDEF"), ties=["backwards", "declared"], continue_until_two=True)
    tie = next(t for t in made.ties if t["tied"] == ["B", "C", "D"])
    assert tie["chosen"] in ("B", "C") and tie["chosen"] != "D"


def test_lots_are_asked_for_used_and_refused() -> None:
    assert count("irv", LEVEL, NAMES, ties=["lot"]).outcome == "awaiting lot"
    lot = {"round": 1, "purpose": "exclude", "tied": ["Ali", "Park"], "chosen": "Park"}
    made = count("irv", LEVEL, NAMES, ties=["lot"], lots=[lot])
    assert made.excluded[0] == "Park" and made.lots == [lot]
    for wrong in (lot | {"round": 2}, lot | {"purpose": "elect"}, lot | {"tied": ["Park", "Noor"]},
                  lot | {"chosen": "Noor"}):
        with pytest.raises(WrongLot):
            count("irv", LEVEL, NAMES, ties=["lot"], lots=[wrong])
    with pytest.raises(WrongLot, match="does not occur"):
        count("irv", [(2, ranking("o1"))], NAMES, ties=["lot"], lots=[lot])


def test_a_seed_decides_by_the_smallest_key() -> None:
    from hashlib import sha256
    seed = "ab" * 32
    keys = {name: sha256(canonical([seed, 1, 1, "exclude", ident])).hexdigest() for name,
            ident in (("Park", "o1"), ("Ali", "o2"))}
    assert count("irv", LEVEL, NAMES, ties=["seed"], seed=seed).excluded[0] == min(keys, key=keys.__getitem__)


def test_weights_are_repetitions() -> None:
    heavy = count("irv", LEVEL, NAMES, weight="3/2", ties=["declared"])
    assert heavy.rounds[0]["votes"] == {"Park": "3", "Ali": "3", "Noor": "9/2"} and heavy.input["weight"] == "21/2"
    assert count("scottish-stv", LEVEL, NAMES, weight="2").rounds[0]["votes"]["Noor"] == "6.00000"
    with pytest.raises(ValueError, match="whole weights"):
        count("scottish-stv", LEVEL, NAMES, weight="1/2")


@pytest.mark.parametrize("ballot, rules, stands", [
    (ranking("", "o1"), {"max_skipped": 0}, None), (ranking("", "o1"), {"max_skipped": 1}, "Park"),
                                                   (ranking("", "", "o1"), {}, "Park"),
    (ranking("o1=o2", "o3"), {"overvote": "exhaust"}, None), (ranking("o1=o2", "o3"), {"overvote": "skip"}, "Noor"),
    (ranking("o1=o2", "o3"), {"overvote": "exhaust-if-several-continuing"}, None),
                                                   (ranking("", "o1"), {"max_ranks": 1}, None)])
def test_reading_a_ballot(ballot: dict[str, Any], rules: dict[str, Any], stands: str | None) -> None:
    first = count("irv", [(1, ballot), (5, ranking("o2")), (5, ranking("o3"))], NAMES, **rules).rounds[0]
    base = {"Park": 0, "Ali": 5, "Noor": 5} | ({stands: {"Park": 1, "Noor": 6}[stands]} if stands else {})
    assert first["votes"] == {k: str(v) for k, v in base.items()}
    assert first["exhausted"] == ("0" if stands else "1")


def test_a_repeated_option_ends_or_is_passed_over() -> None:
    votes = [(1, ranking("o1", "o1", "o2")), (3, ranking("o2")), (3, ranking("o3"))]
    assert count("irv", votes, NAMES, duplicate="exhaust", ties=["declared"]).rounds[1]["exhausted"] == "1"
    assert count("irv", votes, NAMES, duplicate="skip").rounds[1]["votes"]["Ali"] == "4"


def test_batches_minimum_and_all_together() -> None:
    votes = [(10, ranking("o1")), (9, ranking("o2")), (2, ranking("o3", "o2")), (1, ranking("o4", "o2"))]
    assert count("irv", votes, list("ABCD"), batch=True).rounds[0]["excluded"] == ["D", "C"]
    assert count("irv", votes, list("ABCD"), minimum_votes=3).rounds[0]["excluded"] == ["C", "D"]
    assert count("irv", votes, list("ABCD"), minimum_votes=99).rounds[0]["excluded"] == ["D"]  # else nobody is left
    level = [(10, ranking("o1")), (9, ranking("o2")), (1, ranking("o3", "o2")), (1, ranking("o4", "o2"))]
    assert count("irv", level, list("ABCD"), tied_last="all-together").rounds[0]["excluded"] == ["C", "D"]


@pytest.mark.parametrize("rules, yes, no, abstain, outcome", [
    ({}, 2, 1, 0, "carried"), ({}, 1, 1, 5, "lost"), ({}, 0, 0, 3, "lost"), ({"tie": "casting"}, 1, 1, 0, "tie"),
    ({"tie": "casting"}, 0, 0, 1, "tie"), ({"threshold": "2/3", "strict": False}, 2, 1, 0, "carried"),
                                                              ({"threshold": "2/3"}, 2, 1, 0, "lost"),
    ({"basis": "votes+abstentions"}, 2, 1, 1, "lost"),
    ({"basis": "roll", "roll": {"heads": 4, "weight": "4"}}, 2, 0, 0, "lost"),
    ({"basis": "roll", "roll": {"heads": 4, "weight": "4"}}, 3, 0, 0, "carried"),
    ({"basis": "present", "present": {"heads": 4, "weight": "4"}}, 2, 0, 0, "lost"),
                                                              ({"min_yes": "3"}, 2, 0, 0, "lost"),
    ({"quorum": {"on": "turnout", "by": "heads", "fraction": "1/2"}, "roll": {"heads": 6, "weight": "6"}}, 2, 0, 0,
     "no quorum"),
    ({"quorum": {"on": "turnout", "by": "heads", "fraction": "1/2"}, "roll": {"heads": 6, "weight": "6"}}, 2, 0, 1,
     "carried")])
def test_motions(rules: dict[str, Any], yes: int, no: int, abstain: int, outcome: str) -> None:
    votes = [(n, choice(o)) for n, o in ((yes, "yes"), (no, "no"), (abstain, "abstain")) if n]
    made = count("motion", votes, ["Yes", "No", "Abstain"], **rules)
    assert made.outcome == outcome
    assert made.winners == (["Yes"] if outcome == "carried" else [])


ROLL = {"roll": {"heads": 6, "weight": "9"}, "present": {"heads": 4, "weight": "5"}}


@pytest.mark.parametrize("rules, outcome, name, left, right", [
    ({"quorum": {"on": "present", "by": "heads", "number": 5}}, "no quorum", "quorum_present", "4", "5"),
    ({"quorum": {"on": "present", "by": "weight", "fraction": "1/2"}}, "carried", "quorum_present", "10", "9"),
    ({"quorum": {"on": "both", "by": "heads", "number": 4}}, "carried", "quorum", "6", "4"),
    ({"double": True, "basis": "roll", "threshold": "1/3", "strict": False}, "carried", "majority_heads", "9", "6"),
    ({"double": True, "threshold": "3/4"}, "lost", "majority_heads", "12", "12"),
    ({"min_roll": "1/3"}, "carried", "min_roll", "9", "9"), ({"min_roll": "1/2"}, "lost", "min_roll", "6", "9"),
    ({"non_negative": "3/4"}, "carried", "non_negative", "16", "15"),
    ({"blank": "abstain", "non_negative": "5/6"}, "carried", "non_negative", "30", "30")])
def test_motions_with_more_than_a_majority(rules: dict[str, Any], outcome: str, name: str, left: str, right: str) -> None:
    """3 for, 1 against, 1 abstains, 1 blank."""
    votes = [(3, choice("yes")), (1, choice("no")), (1, choice("abstain")), (1, choice())]
    made = count("motion", votes, ["Yes", "No", "Abstain"], **ROLL, **rules)
    assert made.outcome == outcome
    assert [(test["left"], test["right"]) for test in made.tests if test["name"] == name] == [(left, right)]
    assert made.input["blank"] == (0 if "blank" in rules else 1)


YES_OR_NO = ["Yes", "No", "Abstain"]
EQUAL = [(2, choice("yes")), (2, choice("no"))]


@pytest.mark.parametrize("chosen, outcome", [("Yes", "carried"), ("No", "lost")])
def test_a_casting_vote_decides(chosen: str, outcome: str) -> None:
    lot = {"round": 1, "purpose": "casting", "tied": ["No", "Yes"], "chosen": chosen}
    made = count("motion", EQUAL, YES_OR_NO, tie="casting", lots=[lot])
    assert (made.outcome, made.lots, made.ties[0]["chosen"]) == (outcome, [lot], chosen)
    assert made.winners == (["Yes"] if outcome == "carried" else [])
    for wrong in (lot | {"round": 2}, lot | {"purpose": "elect"}, lot | {"tied": ["Yes"]}, lot | {"chosen": "Abstain"}):
        with pytest.raises(WrongLot, match="casting vote"):
            count("motion", EQUAL, YES_OR_NO, tie="casting", lots=[wrong])
    with pytest.raises(WrongLot, match="does not occur"):
        count("motion", EQUAL, YES_OR_NO, lots=[lot])


def test_stages_wait_for_a_lot() -> None:
    made = count("scottish-stv", LEVEL, NAMES, ties=["lot"])
    assert made.outcome == "awaiting lot" and not made.winners
    assert made.ties == [{"round": 2, "purpose": "exclude", "tied": ["Park", "Ali"], "policy": "lot", "chosen": None}]


def test_without_a_seed_the_next_policy_decides() -> None:
    made = count("irv", LEVEL, NAMES, ties=["seed", "declared"])
    assert made.ties[0]["policy"] == "declared"


def test_weights_that_have_no_sane_common_denominator() -> None:
    merged = Ballots({"ballot": "ranking", "options": [{"id": "o1", "name": "Park"}]})
    for prime in (999999999989, 999999999961, 999999999937, 999999999899, 999999999863, 999999999857):
        merged.add(merged.group(canonical(ranking("o1")), f"1/{prime}".encode()))
    with pytest.raises(Malformed, match="common denominator"):
        own_count(merged, Poll("irv", RULES["irv"], ["o1"], ["Park"], 1, []))


def test_a_paper_ends_at_its_first_fault() -> None:
    votes = [(1, ranking("o1", "", "o2")), (1, ranking("o1", "o2=o3")), (1, ranking("o1", "o1", "o2")), (4, ranking("o2")),
             (4, ranking("o3")), (1, ranking("", "o1"))]
    made = count("scottish-stv", votes, NAMES, ties=["declared"])
    assert made.rounds[1]["exhausted"] == "3.00000" and made.input["spoilt"] == 1


def test_two_marks_are_spoilt() -> None:
    made = count("motion", [(1, choice("yes", "no")), (1, choice("yes")), (1, choice())], ["Yes", "No", "Abstain"])
    assert made.input == {"cast": 3, "blank": 1, "spoilt": 1, "valid": 1, "weight": "1"}


def test_plurality_with_several_seats() -> None:
    votes = [(3, choice("o1")), (3, choice("o2")), (1, choice("o3"))]
    assert count("plurality", votes, NAMES, 2, ties=["lot"]).winners == ["Park", "Ali"]
    assert count("plurality", votes, NAMES, 1, ties=["lot"]).outcome == "awaiting lot"


@pytest.mark.parametrize("yes, no, abstain, over, outcome", [
    (3, 3, 0, {}, "tie"), (0, 0, 0, {}, "tie"), (0, 0, 4, {}, "tie"), (3, 3, 1, {}, "tie"),
    (3, 3, 0, {"strict": False}, "carried"), (0, 0, 0, {"strict": False}, "tie"), (3, 3, 0, {"threshold": "2/3"}, "lost"),
    (3, 3, 1, {"basis": "votes+abstentions"}, "lost"), (2, 3, 0, {}, "lost"), (3, 3, 0, {"tie": "falls"}, "lost")])
def test_a_casting_vote_waits_only_where_it_can_decide(yes: int, no: int, abstain: int, over: dict[str, Any],
                                                       outcome: str) -> None:
    votes = [(yes, choice("yes")), (no, choice("no")), (abstain, choice("abstain"))]
    rules = {"tie": "casting", **over}
    assert count("motion", [one for one in votes if one[0]], ["Yes", "No", "Abstain"], **rules).outcome == outcome
    question = tally.Question("T", tuple(tally.Option(i, i) for i in ("yes", "no", "abstain")))
    cast = [(ballot, "1") for many, ballot in votes for _ in range(many)]
    merged = core_ballot.aggregate(cast, ["yes", "no", "abstain"])
    assert tally.count(question, merged, tally.rules("motion", **rules)).outcome == outcome
