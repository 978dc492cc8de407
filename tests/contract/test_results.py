"""What is written of a Count: a NIST report that its schema accepts, and the rounds as a table."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from deliberate.core import tally
from deliberate.core.ballot import choice, ranking
from deliberate.core.formats import results
from deliberate.core.formats.every import blt
from deliberate.core.tally import Option, Question

AT = "2026-11-24T20:00:00Z"
THREE = (Option("o1", "Ada"), Option("o2", "Bea"), Option("o3", "Cy"))


def papers(*pairs):
    return [(ballot, 1) for ballot, count in pairs for _ in range(count)]


def wrong(value, schema, definitions, at="report"):
    """What a draft-04 schema has against a value: the words that NIST's schemas use."""
    if "$ref" in schema:
        return wrong(value, definitions[schema["$ref"].rpartition("/")[2]], definitions, at)
    if "oneOf" in schema:
        found = [wrong(value, one, definitions, at) for one in schema["oneOf"]]
        return [] if found.count([]) == 1 else [(at, "oneOf", min(found, key=len))]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
    if "type" in schema and (
        not isinstance(value, kinds[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean")
    ):
        return [(at, "type", value)]
    said = [] if value in schema.get("enum", [value]) else [(at, "enum", value)]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        said.append((at, "pattern", value))
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        said.append((at, "maxLength", value))
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            said.append((at, "minItems", value))
        said += [
            one
            for n, inner in enumerate(value)
            for one in wrong(inner, schema.get("items", {}), definitions, f"{at}[{n}]")
        ]
    if isinstance(value, dict):
        said += [(at, "required", key) for key in schema.get("required", []) if key not in value]
        said += [(at, "additional", key) for key in value if key not in schema.get("properties", value)]
        for key, inner in value.items():
            said += wrong(inner, schema.get("properties", {}).get(key, {}), definitions, f"{at}.{key}")
    return said


def counted(method, ballots, options=THREE, seats=1, **rules):
    return tally.count(Question("A chair", options, seats), papers(*ballots), {"method": method, **rules})


MOTION = (Option("yes", "Yes"), Option("no", "No"), Option("abstain", "Abstain"))
COUNTS = {
    "irv": lambda: counted("irv", [(ranking("o1"), 4), (ranking("o2"), 3), (ranking("o3", "o2"), 2), (ranking(["o1", "o2"]), 1)]),
    "scottish-stv": lambda: counted("scottish-stv", [(ranking("o1", "o2"), 7), (ranking("o2"), 3), (ranking("o3"), 3)], seats=2, ties="declared"),
    "plurality": lambda: counted("plurality", [(choice("o1"), 4), (choice(), 3)]),
    "limited": lambda: counted("irv", [(ranking("o1"), 2)], max_ranks=2),
    "motion": lambda: counted("motion", [(choice("yes"), 4), (choice("no"), 3)], MOTION),
    "nothing": lambda: counted("irv", []),
    "tie": lambda: counted("irv", [(ranking("o1"), 2), (ranking("o2"), 2), (ranking("o3"), 3)], ties="lot"),
    "withdrawn": lambda: tally.count(Question("", THREE, 1, ("o2",)), papers((ranking("o2", "o1"), 2)), {"method": "irv"}),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_a_report_is_valid_and_carries_every_round(data, name):
    schema = json.loads((data / "audit/nist_1500-100_v2_schema.json").read_text())
    count = COUNTS[name]()
    report = json.loads(results.nist(count, AT, "1.0", "Branch 7"))
    assert wrong(report, schema, schema["definitions"] | {"": None}) == []
    (contest,) = report["Election"][0]["Contest"]
    named = contest["ContestSelection"][: len(count.question.options)]
    for option, selection in zip(count.question.options, named, strict=True):
        votes = {one["Round"]: one["Count"] for one in selection["VoteCounts"]}
        assert votes == {one.n: float(one.votes.get(option.name, "0")) for one in count.rounds}
    assert report["Election"][0]["BallotCounts"][0]["BallotsCast"] == count.cast


def test_a_schema_finds_fault():
    """The checker above is one: a report with anything amiss is refused."""
    part = {"properties": {"a": {"type": "integer"}}, "required": ["a"], "type": "object"}
    assert (
        wrong({}, part, {})
        and wrong({"a": "1"}, part, {})
        and wrong({"a": 1, "b": 2}, part, {})
        and wrong({"a": True}, part, {})
    )
    assert wrong({"a": 1}, part, {}) == []


def test_winners_losses_and_what_was_lost_stand_in_the_report():
    report = json.loads(results.nist(COUNTS["scottish-stv"](), AT, "1.0"))
    election = report["Election"][0]
    assert [one.get("PostElectionStatus") for one in election["Candidate"]] == ["winner", "winner", "defeated"]
    assert election["Contest"][0]["VoteVariation"] == "proportional"
    tie = json.loads(results.nist(COUNTS["tie"](), AT, "1.0"))
    assert "Tie in round 1 (exclude): Ada, Bea" in tie["Notes"]
    assert "PostElectionStatus" not in tie["Election"][0]["Candidate"][0]
    gone = json.loads(results.nist(COUNTS["withdrawn"](), AT, "1.0"))
    assert gone["Election"][0]["Candidate"][1]["PostElectionStatus"] == "withdrawn"
    over = json.loads(results.nist(COUNTS["irv"](), AT, "1.0"))["Election"][0]["Contest"][0]
    assert over["OtherCounts"][0]["Overvotes"] == 1
    assert over["ContestSelection"][-1]["VoteCounts"][0]["OtherType"] == "exhausted"


def test_a_report_says_how_many_options_a_ballot_may_rank():
    for most, said in ((None, 3), (2, 2)):
        count = counted("irv", [(ranking("o1", "o2"), 2), (ranking("o2"), 1)], max_ranks=most)
        contest = json.loads(results.nist(count, AT, "1.0"))["Election"][0]["Contest"][0]
        assert contest["VotesAllowed"] == said


def test_digits_are_kept(data):
    with (data / "elections/ballots/scot_gov_worked_example.blt").open() as lines:
        election = blt.read(lines, "x")
    made = tally.count(election.question, election.ballots, {"method": "scottish-stv"})
    text = results.nist(made, AT, "1.0")
    for one in made.rounds:
        for votes in one.votes.values():
            assert f'"Count":{results.decimal(votes)}' in text
    assert not re.search(r'"Count":[^,}]*[eE]', text)


def test_rounds_and_ties_as_a_table():
    rows = list(csv.DictReader(io.StringIO(results.rounds_csv(COUNTS["tie"]()))))
    assert [row["action"] for row in rows] == ["exclude", "tie", "outcome"]
    assert (rows[0]["Ada"], rows[1]["Ada"], rows[1]["Cy"], rows[2]["says"]) == ("2", "tied", "", "awaiting lot")
    rows = list(csv.DictReader(io.StringIO(results.rounds_csv(COUNTS["irv"]()))))
    assert rows[-1]["elected"] == "Bea" and rows[0]["excluded"] == "Cy" and rows[0]["exhausted"] == "1"
