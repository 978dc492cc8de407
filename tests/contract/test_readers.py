"""What each format says, read: its quirks, one by one, and files of the reference data."""

from __future__ import annotations

import copy
import json

import pytest

from deliberate.core import tally
from deliberate.core.errors import FormatError
from deliberate.core.formats import cvr, infer
from deliberate.core.formats.every import abif, blt, csv, debian, nist, own, pabulib
from deliberate.core.tally import Option


def lines(text):
    return text.splitlines(keepends=True)


def ranks(election):
    """Each ballot with names, and how many."""
    names = {option.id: option.name for option in election.question.options}
    return {
        (tuple(tuple(names[one] for one in rank) for rank in row.ranks), row.count) for row in election.ballots.rows
    }


@pytest.mark.parametrize(
    ("file", "head", "name"),
    [
        ("a.blt", "", "blt"),
        ("a.dat", "", "blt"),
        ("a.CSV", "", "csv"),
        ("a.pb", "", "pabulib"),
        ("a.soi", "", "soi"),
        ("a.json", '{"v":1,"ballots":[]}', "json"),
        ("a.json", '{"@type":"CVR.CastVoteRecordReport"', "nist"),
        ("a.json", "{}", None),
        ("-", "# remark\n3 2\n1 2 0\n", "blt"),
        ("a.txt", "3 2 # options\r\n1 2 0\r\n", "blt"),
        ("-", "count,rank1\n", "csv"),
        ("-", "\n# x\nchoice\n", "csv"),
        ("-", "# deliberate ballots 1; method=irv; options=o1\n", "csv"),
        ("-", "# DATA TYPE: toc\n1: 1,2\n", "toc"),
        ("-", "27:A>B\n", "abif"),
        ("-", "\ufeffMETA\nkey;value\n", "pabulib"),
        ("a.txt", "   Option 1---->: Ada\nV: 1-2\tabc\n", "debian"),
        ("-", "", None),
        ("-", "# x\n", None),
        ("a.odd", "hello\n", None),
    ],
)
def test_a_format_is_told_by_the_name_or_by_how_the_file_begins(file, head, name):
    found = infer(file, head)
    assert (found.name if found else None) == name


def test_remarks_ids_and_names_of_a_blt_stand_where_they_like():
    text = '/* made by hand */ 2 1\n(a-1) 2 1 2 0 # "first"\n3 0\n0 # end\n"Ada # the first" "Bea"\n"T" # title\n'
    found = blt.read(lines(text), "x")
    assert [option.name for option in found.question.options] == ["Ada # the first", "Bea"]
    assert found.question.title == "T"
    assert ranks(found) == {((("Ada # the first",), ("Bea",)), 2), ((), 3)}


def test_withdrawn_options_are_written_on_one_line():
    found = blt.read(lines('3 1\n-1 -3\n1 2 0\n0\n"A"\n"B"\n"C"\n"T"\n'), "x")
    assert found.withdrawn == ("o1", "o3")
    assert blt.write(found).splitlines()[1] == "-1 -3"


def test_ballot_ids_do_not_fill_memory(monkeypatch):
    from deliberate.core import formats

    monkeypatch.setattr(formats, "MOST_DISTINCT", 2)
    text = "1 1\n" + "".join(f"({n}) 1 1 0\n" for n in range(50)) + '0\n"A"\n"T"\n'
    assert blt.read(lines(text), "x").ballots.rows[0].count == 50


def test_a_score_table_of_star_vote():
    text = 'voterID,voteTime,pollID,"Amy","Bo"\nx1,"2023-05-14 12:52:42",_,1,\nx2,"2023-05-14 13:06:27",_,5,+0\n'
    found = csv.read(lines(text), "x")
    assert [option.name for option in found.question.options] == ["Amy", "Bo"]
    assert [row.scores for row in found.ballots.rows] == [{"o1": 1}, {"o1": 5, "o2": 0}]


def test_a_table_of_answers_and_a_table_of_marks():
    found = csv.read(["count,Park,Path\n", "2,yes,\n", "1,against,Abstention\n"], "x")
    assert {(tuple(row.answers.items()), row.count) for row in found.ballots.rows} == {
        ((("o1", "yes"),), 2),
        ((("o1", "no"), ("o2", "abstain")), 1),
    }
    marked = csv.read(["Park,Path\n", "x,\n", "1,1\n", "0,no\n"], "x", kind="choice")
    assert {row.marks for row in marked.ballots.rows} == {("o1",), ("o1", "o2"), ()}


def test_choices_in_several_columns_and_columns_that_tell_of_the_paper():
    found = csv.read(["choice1,choice2,branch\n", "Ada,Bea,North\n", "Bea,,South\n"], "x")
    assert {row.marks for row in found.ballots.rows} == {("o1", "o2"), ("o2",)}
    assert found.notes == ("Columns that were not read: branch.",)


def test_remarks_of_a_table_hold_what_the_table_cannot():
    text = '# title: A chair\n# seats: 2\n# options: Bea,"C, D"\n# withdrawn: Bea\n# other\nrank1\n"C, D"\n'
    found = csv.read(lines(text), "x")
    asked = found.question
    assert (asked.title, asked.seats, [option.name for option in asked.options]) == ("A chair", 2, ["Bea", "C, D"])
    assert found.withdrawn == ("o1",)


def test_abif_with_tokens_names_and_scores():
    text = '{"title": "Capital"}\n{version: "0.1"}\n=M:[Memphis, TN]\n=N:Nashville\n\n# x\n3:M/5>N/2\n2: [Memphis, TN]/1\n1:\n'
    found = abif.read(lines(text), "x")
    assert found.question.title == "Capital"
    assert [option.name for option in found.question.options] == ["Memphis, TN", "Nashville"]
    assert {(tuple(row.scores.items()), row.count) for row in found.ballots.rows} == {
        ((("o1", 5), ("o2", 2)), 3),
        ((("o1", 1),), 2),
        ((), 1),
    }
    assert ranks(abif.read(lines(text), "x", kind="ranking")) == {
        ((("Memphis, TN",), ("Nashville",)), 3),
        ((("Memphis, TN",),), 2),
        ((), 1),
    }
    undeclared = abif.read(["2*B>[A b]=C\n"], "x")
    assert ranks(undeclared) == {((("B",), ("A b", "C")), 2)}
    marks = abif.read(["2:B/1,A/0\n", "1:A\n"], "x", kind="choice")
    assert {row.marks for row in marks.ballots.rows} == {("o2",), ("o1",)}
    with pytest.raises(FormatError, match="each ballots"):
        abif.read(["1:A\n"], "x", kind="each")
    with pytest.raises(FormatError, match="line 2, column 1: the ballot is not a score"):
        abif.read(["1:A/1\n", "1:A\n"], "x", kind="score")


BUDGET = (
    "META\nkey;value\ndescription;Parks; and paths\nbudget;100,50\nvote_type;{}\n"
    'PROJECTS\nproject_id;cost;name\na;50;"Two\nlines"\nb;60.25;Path\nc;1;Path\n'
    "VOTES\nvoter_id;vote;points\n1;b,a;3,2\n2;;\n"
)


@pytest.mark.parametrize(
    ("type_", "ballots"),
    [
        ("approval", [("choice", ["o1", "o2"]), ("choice", [])]),
        ("ordinal", [("ranking", [["o2"], ["o1"]]), ("ranking", [])]),
        ("cumulative", [("score", {"o1": 2, "o2": 3}), ("score", {})]),
    ],
)
def test_a_budget(type_, ballots):
    found = pabulib.read(lines(BUDGET.format(type_)), "x")
    assert found.question.title == "Parks; and paths"
    assert [option.name for option in found.question.options] == ["Two\nlines", "Path", "Path (c)"]
    assert (found.costs, found.budget) == ({"o1": 5000, "o2": 6025, "o3": 100}, 10050)
    assert found.notes == ("Money is counted in hundredths.",)
    held = [(row.ballot["kind"], next(v for k, v in row.ballot.items() if k != "kind")) for row in found.ballots.rows]
    assert sorted(held, key=str) == sorted(ballots, key=str)


def test_a_budget_without_money_or_totals():
    text = "META\nkey;value\nvote_type;choose-1\nPROJECTS\nproject_id;cost\na;5\nVOTES\nvoter_id;vote\n1;a\n"
    found = pabulib.read(lines(text), "x")
    assert (found.budget, found.costs, [row.marks for row in found.ballots.rows]) == (None, {"o1": 5}, [("o1",)])


def test_a_tally_sheet():
    text = (
        "Tally\n\n    Option 1--------->: Ada\n  /  Option 2------->: Bea\n |/ \nV: 2-\tabc\n    V: 11  def\nV: -- x\n"
    )
    found = debian.read(lines(text), "x")
    assert ranks(found) == {(((), ("Ada",)), 1), ((("Ada", "Bea"),), 1), ((), 1)}


def test_names_that_were_trimmed_are_noted():
    found = blt.read(lines('1 1\n1 1 0\n0\n" Ada "\n"T"\n'), "x")
    assert found.notes == ('Line 4: the name "Ada" was trimmed or normalised.',)


def test_own_files_hold_sheets_and_members_that_are_not_known():
    text = '{"format":"debian-tally-aggregated","candidates":["A","B"],"rate":1.5,"ballots":[[2,"21"],[1,"-1"]]}'
    found = own.read([text], "x")
    assert {row.ranks: row.count for row in found.ballots.rows} == {(("o2",), ("o1",)): 2, (("o2",),): 1}


def test_own_files_in_their_short_forms():
    found = own.read(['{"format":"ranked-groups","candidates":["A","B"],"ballots":[[3,[["B"],["A"]]],[1,["A"]]]}'], "x")
    assert ranks(found) == {((("B",), ("A",)), 3), ((("A",),), 1)}
    package = '{"ballots":[],"options":["o1"],"v":1}'
    with pytest.raises(FormatError, match="options"):
        own.read(['{"ballots":[{"ballot":{"kind":"choice","marks":[]}}],"options":["o1"]}'], "x")
    assert own.read([package], "x").question.options == (Option("o1", "o1"),)
    assert own.read(["\ufeff{}".replace("{}", package)], "x").ballots.rows == ()


# Cast-vote records


def mark(selection, rank=None, **more):
    made = {"@type": "CVR.SelectionPosition", "HasIndication": "yes", "IsAllocable": "yes", "NumberVotes": 1, **more}
    position = made if rank is None else {**made, "Rank": rank}
    return {"@type": "CVR.CVRContestSelection", "ContestSelectionId": selection, "SelectionPosition": [position]}


def record(*marks, contest="c1", **more):
    held = {"@type": "CVR.CVRContest", "ContestId": contest, "CVRContestSelection": list(marks)}
    now = {"@type": "CVR.CVRSnapshot", "@id": "now", "Type": "interpreted", "CVRContest": [held]}
    then = {"@type": "CVR.CVRSnapshot", "@id": "then", "Type": "original", "CVRContest": []}
    made = {"@type": "CVR.CVR", "CurrentSnapshotId": "now", "ElectionId": "e", "CVRSnapshot": [now, then]}
    return {**made, **more}


def report(records, **contest):
    selections = [
        {"@type": "CVR.CandidateSelection", "@id": "s1", "CandidateIds": ["p1"]},
        {"@type": "CVR.CandidateSelection", "@id": "s2", "CandidateIds": ["p2"]},
        {"@type": "CVR.CandidateSelection", "@id": "s3", "IsWriteIn": True},
    ]
    one = {"@type": "CVR.CandidateContest", "@id": "c1", "Name": "Mayor", "ContestSelection": selections, **contest}
    two = {"@type": "CVR.BallotMeasureContest", "@id": "c2", "ContestSelection": [
        {"@type": "CVR.BallotMeasureSelection", "@id": "y", "Selection": "Yes"},
        {"@type": "CVR.PartySelection", "@id": "n", "PartyIds": ["pty"]},
    ]}  # fmt: skip
    people = [{"@type": "CVR.Candidate", "@id": f"p{n}", "Name": "Ada"} for n in (1, 2)]
    return {
        "@type": "CVR.CastVoteRecordReport",
        "Version": "1.0.0",
        "GeneratedDate": "2026-01-01T00:00:00Z",
        "GpUnit": [{"@type": "CVR.GpUnit", "@id": "g", "Type": "other"}],
        "ReportGeneratingDeviceIds": ["d"],
        "ReportingDevice": [{"@type": "CVR.ReportingDevice", "@id": "d"}],
        "CVR": records,
        "Party": [{"@type": "CVR.Party", "@id": "pty", "Name": "Greens"}],
        "Election": [
            {"@type": "CVR.Election", "@id": "e", "ElectionScopeId": "g", "Candidate": people, "Contest": [one, two]}
        ],
    }


def pieces(value, size=7):
    """JSON in pieces that end anywhere."""
    text = json.dumps(value, indent=1)
    return (text[at : at + size] for at in range(0, len(text), size))


def test_a_report_of_cast_votes_is_read_by_its_current_snapshots():
    then = record(mark("s1", 1), CurrentSnapshotId="then")
    records = [
        record(mark("s2", 1), mark("s1", 2)),
        record(mark("s1", 1), mark("s2", 1, IsAllocable="no"), mark("s3", 2, HasIndication="no")),
        record(mark("s1", 1), mark("s3", 3), mark("s2", 3), mark("s3", 3)),
        record(),
        then,
        record(mark("y"), contest="c2"),
    ]
    found = nist.read(pieces(report(records, NumberElected=2, VoteVariation="rcv")), "x", contest="c1", strict=True)
    assert found.question.title == "Mayor" and found.question.seats == 2
    assert [option.name for option in found.question.options] == ["Ada", "Ada (s2)", "Write-in"]
    assert ranks(found) == {
        ((("Ada (s2)",), ("Ada",)), 1),
        ((("Ada",),), 1),
        ((("Ada",), (), ("Ada (s2)", "Write-in")), 1),
        ((), 1),
    }
    assert found.notes == ("Marks that may not be counted, by IsAllocable or HasIndication: 1.",)
    assert whole_ranks(nist.read(pieces(report(records)), "x", contest="Mayor")) == whole_ranks(found)


def whole_ranks(election):
    return [row.ballot for row in election.ballots.rows]


def test_other_contests_are_choices_or_scores():
    measure = [record(mark("y"), contest="c2"), record(mark("n"), contest="c2")]
    found = nist.read(pieces(report(measure)), "x")  # the only contest with ballots
    assert [option.name for option in found.question.options] == ["Yes", "Greens"]
    assert {row.marks for row in found.ballots.rows} == {("o1",), ("o2",)}
    points = [record(mark("s1", NumberVotes=2), mark("s1", NumberVotes=1), mark("s2", NumberVotes=0))]
    scored = nist.read(pieces(report(points, VoteVariation="cumulative")), "x")
    assert [row.scores for row in scored.ballots.rows] == [{"o1": 3}]
    assert nist.read(pieces(report([])), "x", contest="c2").ballots.rows == ()


def test_what_is_not_known_is_not_counted_and_what_is_lost_is_said():
    unknown = mark("s1", 1, HasIndication="unknown", IsAllocable="unknown")
    pooled = mark("", 2, FractionalVotes=".5")
    del pooled["ContestSelectionId"]
    older = mark("s1")
    older["Rank"] = 1
    found = nist.read(pieces(report([record(unknown, pooled), record(older)])), "x")
    assert found.question.options[-1].name == nist.POOL
    assert ranks(found) == {(((), (nist.POOL,)), 1), ((("Ada",),), 1)}
    assert found.notes[1] == "FractionalVotes were not read: 1 marks."


def broken(change):
    made = report([record(mark("s1", 1))])
    change(made)
    return made


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda r: r["CVR"].append(3), "no object"),
        (lambda r: r["CVR"][0].pop("CurrentSnapshotId"), "CurrentSnapshotId is missing"),
        (lambda r: r["CVR"][0].update(CurrentSnapshotId="x"), '0 snapshots have the id "x"'),
        (lambda r: r["CVR"][0].update(CVRSnapshot="x"), "no list of objects"),
        (lambda r: r["CVR"][0]["CVRSnapshot"][0]["CVRContest"][0].pop("ContestId"), "ContestId is missing"),
        (lambda r: r["CVR"].append(record(mark(3, 1))), "ContestSelectionId is no text"),
        (lambda r: r["CVR"].append(record(mark("s9", 1))), '"s9" is no selection'),
        (lambda r: r["CVR"].append(record(mark("s1"))), "has no rank"),
        (lambda r: r["CVR"].append(record(mark("s1", 999))), "too high"),
        (lambda r: r["CVR"].append(record(mark("s1", -1))), "Rank"),
        (lambda r: r["CVR"].append(record(mark("s1", 1, HasIndication="maybe"))), "HasIndication"),
        (lambda r: r["CVR"].append(record(mark("s1", 1, IsAllocable="maybe"))), "IsAllocable"),
        (lambda r: r["CVR"].append(record(mark("y", 1), contest="c2")), "there are 2 contests"),
        (lambda r: r["Election"][0]["Contest"][0]["ContestSelection"][0].update(CandidateIds="p"), "CandidateIds"),
        (lambda r: r["Election"][0].update(Contest=[]), "there are 0 contests"),
        (lambda r: r["Election"].append(3), "the election is no object"),
    ],
)
def test_a_malformed_report_is_refused_with_its_place(change, word):
    with pytest.raises(FormatError) as refused:
        nist.read(pieces(broken(change)), "x")
    assert word in refused.value.what
    assert refused.value.line > 1 and refused.value.expected


def test_a_contest_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(FormatError, match=r'no one contest "Sheriff".*c1 \(Mayor\); c2'):
        nist.read(pieces(report([record()])), "x", contest="Sheriff")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda r: r.pop("GpUnit"), "has no GpUnit"),
        (lambda r: r.update(More=1), "no member More"),
        (lambda r: r.update(Version="2"), '"2" is none of 1.0.0'),
        (lambda r: r.update(GpUnit=[]), "has no GpUnit"),
        (lambda r: r.update(GpUnit=3), "no list"),
        (lambda r: r["CVR"][0].update(SequenceNumber="1"), "no member SequenceNumber"),
        (lambda r: r["CVR"][0].update(UniqueId=7), "UniqueId of CVR.CVR"),
        (lambda r: r["CVR"][0].update({"@type": "CVR"}), 'the @type "CVR"'),
        (lambda r: r["CVR"][0].pop("ElectionId"), "CVR.CVR has no ElectionId"),
        (lambda r: r["CVR"].append(record(mark("s1", 1, FractionalVotes="half"))), "no fraction"),
        (lambda r: r["CVR"].append(record(mark("s1", 1, Status=["odd"]))), "none of"),
        (lambda r: r["CVR"].append(record(mark("s1", 1, IsGenerated="yes"))), "no boolean"),
    ],
)
def test_a_strict_import_checks_the_specification(change, word):
    made = broken(change)
    with pytest.raises(FormatError, match=word):
        nist.read(pieces(made), "x", strict=True)
    assert nist.read(pieces(report([record(mark("s1", 1, FractionalVotes="1/2"))])), "x", strict=True)


def test_the_specification_is_that_of_its_schema(data):
    schema = json.loads((data / "audit/nist_1500-103_v1_schema.json").read_text())["definitions"]

    def type_of(member):
        if "$ref" in member:
            return member["$ref"].rpartition(".")[2]
        if "oneOf" in member:
            return "|".join(map(type_of, member["oneOf"]))
        return f"{type_of(member['items'])}*" if member["type"] == "array" else member["type"]

    classes = {name[4:]: one for name, one in schema.items() if "properties" in one}
    assert {
        name: {key: (key in one.get("required", []), type_of(member)) for key, member in one["properties"].items()}
        for name, one in classes.items()
    } == cvr.CLASSES
    words = {name[4:]: one["enum"] for name, one in schema.items() if "enum" in one}
    assert {name: sorted(text.split()) for name, text in cvr.WORDS.items()} == words


def test_sample_reports(data):
    deck = (data / "audit/cvr_rcv_deck.json").read_text()
    found = nist.read([deck], "deck", strict=True)
    assert sum(row.count for row in found.ballots.rows) == 30
    old = (data / "audit/cvr_example2_not_valid_v1.json").read_text()
    with pytest.raises(FormatError, match="SequenceNumber"):
        nist.read([old], "old", strict=True)


@pytest.mark.parametrize("case", ["rctab_test_set_1_exhaust_at_overvote", "rctab_test_set_3_skipped_choice_exhaust"])
def test_reports_of_rctab_are_counted_as_it_does(data, case):
    known = json.loads((data / f"elections/cases/{case}.json").read_text())
    rules = known["options"]["rctab_rules"]
    found = nist.read([(data / "elections" / known["file"]).read_text()], case, contest=known["options"]["contest_id"])
    overvote = {"exhaustImmediately": "exhaust", "alwaysSkipToNextRank": "skip"}[rules["overvoteRule"]]
    skipped = rules["maxSkippedRanksAllowed"]
    made = tally.count(
        found.question,
        found.ballots,
        {"method": "irv", "overvote": overvote, "max_skipped": skipped, "ties": "declared"},
    )
    assert list(made.winners) == known["expected"]["winners"]
    first = known["expected"]["rounds"][0]["totals"]
    assert {name: votes for name, votes in made.rounds[0].votes.items() if votes != "0"} == {
        name: str(votes) for name, votes in first.items() if str(votes) != "0"
    }


@pytest.mark.parametrize(
    "file", ["abc_instanceM0000.json", "star_akali_skins.csv", "pabulib_Netherlands_Assen_2024.pb"]
)
def test_files_of_the_reference_data(data, file):
    text = (data / "elections/ballots" / file).read_text()
    found = infer(file, text[:1000]).read(lines(text), file)
    assert sum(row.count for row in found.ballots.rows) == {"a": 8, "s": 669, "p": 84}[file[0]]
    assert found.budget == (100_000 if file.endswith(".pb") else None)


def test_a_report_is_not_changed_by_reading():
    made = report([record(mark("s1", 1))])
    before = copy.deepcopy(made)
    nist.read(pieces(made), "x")
    assert made == before
