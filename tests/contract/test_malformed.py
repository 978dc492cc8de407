"""Every format: a malformed file names line, column, what is wrong and what was expected; a file of many ballots never fills memory."""

from __future__ import annotations

import json

import pytest

from deliberate.core import formats
from deliberate.core.errors import FormatError
from deliberate.core.formats import jsons
from deliberate.core.formats.every import FORMATS, csv

SOC = "# DATA TYPE: {}\n# NUMBER ALTERNATIVES: 2\n# ALTERNATIVE NAME 1: Ada\n# ALTERNATIVE NAME 2: Bea\n"
CAT = SOC.format("cat") + "# CATEGORY NAME 1: Yes\n# CATEGORY NAME 2: No\n"
META = "META\nkey;value\nnum_projects;2\nnum_votes;1\nbudget;100\nvote_type;approval\n"
PROJECTS = "PROJECTS\nproject_id;cost;votes;name\na;50;1;Ada\nb;60;0;Bea\n"
VOTES = "VOTES\nvoter_id;vote\n1;a\n"
SHEET = "Option 1--->: Ada\nOption 2--->: Bea\n"
OWN = '{"options":["o1","o2"],\n"ballots":[\n%s]}'


def own(**ballot):
    return OWN % json.dumps(ballot)


CASES = [
    ("soi", "", 1, 1, "empty"),
    ("soi", SOC.format("toc"), 1, 14, 'said to be "toc"'),
    ("soi", SOC.format("soi").replace("Bea", " "), 4, 23, "no name"),
    ("soi", SOC.format("soi").replace("Bea", "Ada"), 4, 23, "two options"),
    ("soi", SOC.format("soi").replace("NAME 2", "NAME 3"), 4, 1, "where 2 is missing"),
    ("soi", SOC.format("soi").replace("ALTERNATIVES: 2", "ALTERNATIVES: 3"), 2, 1, "says 3 and names 2"),
    ("soi", SOC.format("soi").replace("ALTERNATIVES: 2", "ALTERNATIVES: x") + "1: 1\n", 2, 24, "number alternatives"),
    ("soi", "# NUMBER VOTERS: 3\n" + SOC.format("soi") + "2: 1\n", 1, 1, "says number voters 3, the lines below say 2"),
    ("soi", "# NUMBER UNIQUE ORDERS: 2\n" + SOC.format("soi") + "2: 1\n", 1, 1, "unique orders 2"),
    ("soi", "1: 1\n", 1, 1, "0 options"),
    ("soi", SOC.format("soi") + "x\n", 5, 1, "no colon"),
    ("soi", SOC.format("soi") + "0: 1\n", 5, 1, "number of voters"),
    ("soi", SOC.format("soi") + "1: 1,3\n", 5, 6, 'no option "3"'),
    ("soi", SOC.format("soi") + "1: 1,-1\n", 5, 6, 'no option "-1"'),
    ("soi", SOC.format("soi") + "1: 1,1\n", 5, 6, "twice"),
    ("soi", SOC.format("soi") + "1: {1,2}\n", 5, 3, "tie"),
    ("soi", SOC.format("soi") + "1: {1,2\n", 5, 3, "cannot be read"),
    ("soc", SOC.format("soc") + "1: 2\n", 5, 3, "names 1 of 2"),
    ("cat", SOC.format("cat") + "1: 1,2\n", 5, 1, "0 categories"),
    ("cat", CAT + "1: 1,2,{}\n", 7, 1, "3 groups"),
    ("blt", "3\n", 1, 2, "first line"),
    ("blt", "3 1.5\n", 1, 3, "first line"),
    ("blt", "3 1 2\n", 1, 5, "first line"),
    ("blt", '1 1\n0\n"A" x\n', 3, 5, "stands beside a name"),
    ("abif", "", 1, 1, "empty"),
    ("abif", "2:A>\n", 1, 4, "nothing follows"),
    ("abif", "2:A>>B\n", 1, 5, "cannot be read"),
    ("abif", "2:A>A\n", 1, 5, "twice"),
    ("abif", "0:A\n", 1, 1, "number of ballots"),
    ("abif", "A>B\n", 1, 1, "cannot be read"),
    ("abif", "=A:[Ada]\n1:B\n", 2, 3, "not declared"),
    ("abif", "=A:[Ada]\n=A:[Bea]\n", 2, 2, "declared twice"),
    ("abif", "=A:[Ada]\n=B:[Ada]\n", 2, 5, "two options"),
    ("abif", "=A\n", 1, 1, "option cannot be read"),
    ("abif", "{title: }\n1:A\n", 1, 1, "metadata"),
    ("abif", "{}\n1:A\n", 1, 1, "metadata"),
    ("abif", '{"seats": 0}\n1:A\n', 1, 9, "number of seats"),
    ("abif", "1:A,B\n", 1, 1, "not a ranking"),
    ("abif", "# only a remark\n", 1, 1, "0 options"),
    ("pabulib", "", 1, 1, "empty"),
    ("pabulib", "key;value\n", 1, 1, "before the first block"),
    ("pabulib", "PROJECTS\n", 1, 1, "block PROJECTS stands here"),
    ("pabulib", META, 6, 1, "PROJECTS is missing"),
    ("pabulib", "META\nkey;other\n", 2, 1, "no column value"),
    ("pabulib", META + PROJECTS.replace("50", "x") + VOTES, 9, 2, "cost"),
    ("pabulib", META + PROJECTS.replace("50", "0.001") + VOTES, 5, 2, "two decimals"),
    ("pabulib", META + PROJECTS.replace("b;60", "a;60") + VOTES, 10, 1, "project_id"),
    ("pabulib", META + PROJECTS.replace("b;60;0;Bea", "b;60"), 10, 3, "2 cells"),
    ("pabulib", META + PROJECTS.replace("60;0", "60;-1"), 10, 3, "number of votes"),
    ("pabulib", META.replace("approval", "dice") + PROJECTS + VOTES, 6, 1, "vote_type"),
    ("pabulib", META.replace("approval", "scoring") + PROJECTS + VOTES, 12, 1, "no column points"),
    ("pabulib", META.replace("projects;2", "projects;3") + PROJECTS + VOTES, 3, 2, "num_projects"),
    ("pabulib", META.replace("votes;1", "votes;2") + PROJECTS + VOTES, 4, 2, "num_votes"),
    ("pabulib", META.replace("votes;1", "votes;x") + PROJECTS + VOTES, 4, 2, "num_votes"),
    ("pabulib", META.replace("budget;100", "budget;x") + PROJECTS + VOTES, 5, 2, "budget"),
    ("pabulib", META + PROJECTS.replace("50;1", "50;2") + VOTES, 9, 1, "said to have 2 votes and has 1"),
    ("pabulib", META + PROJECTS + VOTES.replace(";a", ";c"), 13, 2, "not a project"),
    ("pabulib", META + PROJECTS + VOTES.replace(";a", ';"a,a"'), 13, 2, "twice"),
    ("pabulib", META + PROJECTS + VOTES.replace(";a", ';"a'), 13, 1, "cannot be read"),
    (
        "pabulib",
        META.replace("approval", "scoring") + PROJECTS + "VOTES\nvoter_id;vote;points\n1;a,b;3\n",
        13,
        3,
        "1 points for 2",
    ),
    ("pabulib", META + PROJECTS + VOTES + "VOTES\n", 14, 1, "VOTES stands here"),
    ("debian", "", 1, 1, "empty"),
    ("debian", "Option 2--->: Ada\n", 1, 8, "where option 1 is missing"),
    ("debian", SHEET + "V: 12\nOption 3--->: Cy\n", 4, 1, "after a ballot"),
    ("debian", SHEET + "V: 1?\n", 3, 5, 'rank "?"'),
    ("debian", SHEET + "V: 1\n", 3, 5, "has 1 ranks"),
    ("debian", SHEET + "V: 123\n", 3, 6, "has 3 ranks"),
    ("debian", "text\n", 1, 1, "0 options"),
    ("blt", "3\n", 1, 2, "the first line"),
    ("csv", "# seats: 0\nrank1\nA\n", 1, 1, "number of seats"),
    ("csv", "# ballots: dice\nrank1\nA\n", 1, 1, 'said to be "dice"'),
    ("csv", "# ballots: choice\nrank1\nA\n", 2, 1, "hold a ranking"),
    ("csv", "# ballots: ranking\nAda,Bea\n1,2\n", 3, 1, "answer"),
    ("csv", "# options: Ada,Ada\nrank1\n", 1, 2, "two options"),
    ("csv", "# options: Ada\n# withdrawn: Bea\nrank1\nAda\n", 4, 1, "withdrawn"),
    ("csv", "# options: Ada\ncount,Ada,Bea\n1,2,3\n", 2, 3, "not an option"),
    ("csv", "count,Ada,Bea\n1,2,x\n", 2, 3, "score"),
    ("csv", "count,Ada,Bea\n1,yes,maybe\n", 2, 3, "answer"),
    ("csv", "count,Ada,\n1,2,3\n", 1, 3, "no name"),
    ("csv", "count,Ada,Bea\n1,2\n", 2, 3, "2 cells"),
    ("json", "", 1, 1, "file ends"),
    ("json", "[]", 1, 1, '"["'),
    ("json", "{1:2}", 1, 2, "no key"),
    ("json", '{"a" 1}', 1, 6, '"1"'),
    ("json", '{"a":1 "b":2}', 1, 8, "stands here"),
    ("json", '{"a":1', 1, 7, "file ends"),
    ("json", '{"a":', 1, 6, "file ends"),
    ("json", '{"a":1,\n"a":2}', 2, 1, "twice"),
    ("json", '{"a":[1,{"b":1,\n "c":[{}],"b":2}]}', 2, 11, "twice in one object"),
    ("json", '{"z":{"a":"b","b":"a","a":2}}', 1, 23, "twice in one object"),
    ("json", '{"a":NaN}', 1, 6, "NaN"),
    ("json", '{"a":1e999999}', 1, 6, "1e999999"),
    ("json", '{"a":0.5,"b":[{"x":["y","y"],"x":"y"}]}', 1, 30, "twice in one object"),
    ("json", '{"a":\n nul}', 2, 2, "JSON"),
    ("json", '{"a":"x\n"}', 1, 8, "JSON"),
    ("json", '{"a":0.' + "1" * 60 + "}", 1, 6, "0.1"),
    ("json", '{"a":' + "9" * 5000 + "}", 1, 6, "thousands of digits"),
    ("json", '{"a":' + "[" * 100_000, 1, 6, "nested"),
    ("json", "{}x", 1, 3, "after the end"),
    ("json", '{"a":"\x00"}', 1, 7, "NUL"),
    ("json", "{}", 1, 3, "options are missing"),
    ("json", '{"options":[]}', 1, 12, "0 options"),
    ("json", '{"options":[3]}', 1, 12, "options are missing"),
    ("json", '{"options":["a","a"]}', 1, 12, "one name"),
    ("json", '{"options":["a"],"seats":0}', 1, 26, "seats"),
    ("json", '{"options":["a"],"withdrawn":["b"]}', 1, 30, "withdrew"),
    ("json", '{"options":["a"],"costs":{"a":-1}}', 1, 26, "costs"),
    ("json", '{"options":["a"],"costs":[]}', 1, 26, "costs"),
    ("json", '{"format":"dice","ballots":[1]}', 1, 11, "format"),
    ("json", '{"options":["a"],"title":1}', 1, 26, "title"),
    ("json", own(count=1), 3, 1, "ballot cannot be read"),
    ("json", own(ballot={"kind": "dice"}), 3, 1, "no known kind"),
    ("json", own(ballot={"kind": "choice", "marks": ["o3"]}), 3, 1, 'no option "o3"'),
    ("json", own(ballot={"kind": "choice", "marks": "o1"}), 3, 1, "choice cannot be read"),
    ("json", own(ballot={"kind": "ranking", "ranks": ["o1"]}), 3, 1, "ranking cannot be read"),
    ("json", own(ballot={"kind": "score", "scores": {"o1": "3"}}), 3, 1, "score cannot be read"),
    ("json", own(ballot={"kind": "each", "marks": {"o1": "perhaps"}}), 3, 1, "each cannot be read"),
    ("json", own(ballot={"kind": "choice", "marks": []}, count=0), 3, 1, "count"),
    ("json", own(ballot={"kind": "choice", "marks": []}, weight="0"), 3, 1, "weight"),
    ("json", own(ballot={"kind": "choice", "marks": []}, weight="2/4"), 3, 1, "weight"),
    ("json", own(ballot={"kind": "choice", "marks": []}, weight=1), 3, 1, "weight"),
    ("json", '{"format":"ranked-groups","candidates":["A"],"ballots":[[1]]}', 1, 57, "ballot cannot be read"),
    ("json", '{"format":"ranked-groups","candidates":["A"],"ballots":[[1,"A"]]}', 1, 57, "no list"),
    ("json", '{"format":"ranked-groups","candidates":["A"],"ballots":[[1,["A",["A"]]]]}', 1, 57, "twice"),
    ("json", '{"format":"ranked-groups","candidates":["A"],"ballots":[[1,["B"]]]}', 1, 57, 'no option "B"'),
    ("json", '{"format":"approval-sets","num_candidates":2,"ballots":[[1,[2]]]}', 1, 57, '"2" stands'),
    ("json", '{"format":"debian-tally-aggregated","candidates":["A"],"ballots":[[1,"12"]]}', 1, 67, "2 ranks"),
    ("json", '{"format":"debian-tally-aggregated","candidates":["A"],"ballots":[[1,1]]}', 1, 67, "no text"),
]


@pytest.mark.parametrize(("name", "text", "line", "column", "word"), CASES)
def test_a_malformed_file_names_line_column_and_cure(name, text, line, column, word):
    with pytest.raises(FormatError) as refused:
        FORMATS[name].read(text.splitlines(keepends=True), "x")
    assert word in refused.value.what
    assert (refused.value.line, refused.value.column) == (line, column), refused.value
    assert refused.value.expected and refused.value.code.startswith("format.")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"json", "nist"}))
def test_a_nul_byte_is_refused_everywhere(name):
    with pytest.raises(FormatError, match=r"line 2, column 3: there is a NUL byte"):
        FORMATS[name].read(["# x\n" if name != "pabulib" else "META\n", "ke\x00y;value\n"], "x")


def test_scores_out_of_range_are_refused_where_the_range_is_known():
    with pytest.raises(FormatError, match=r"line 2, column 3: the score 6 is out of range. Expected 0 to 5"):
        csv.read(["count,Ada,Bea\n", "1,5,6\n"], "x", scores=(0, 5))


def test_an_element_of_json_has_a_limit(monkeypatch):
    monkeypatch.setattr(jsons, "LONGEST", 100)

    def pieces():
        yield '{"options":["a"],"ballots":[['
        for _ in range(1000):
            yield "1," * 20
        raise AssertionError("the reader took all")

    with pytest.raises(FormatError, match="cannot be read"):
        FORMATS["json"].read(pieces(), "x")


@pytest.mark.parametrize(
    ("name", "head", "row"),
    [
        ("blt", ["2 1\n"], "1 {} 0\n"),
        ("csv", ["rank1\n"], "N{}\n"),
        ("soi", [SOC.format("soi")], "1: {}\n"),
        ("abif", [], "1:N{}\n"),
    ],
)
def test_ten_million_ballots_are_streamed_or_refused(monkeypatch, name, head, row):
    """Equal ballots take no room however many there are; different ones are refused at the limit, before the file ends."""
    monkeypatch.setattr(formats, "MOST_DISTINCT", 1)
    taken = []

    def lines(options):
        yield from (line for text in head for line in text.splitlines(keepends=True))
        for n in range(10_000):
            taken.append(n)
            yield row.format(1 + n % options)

    with pytest.raises(FormatError, match=r"different ballots|ends among"):
        FORMATS[name].read(lines(2), "x")
    assert len(taken) == 2
    if name != "blt":
        found = FORMATS[name].read(lines(1), "x")
        assert [row.count for row in found.ballots.rows] == [10_000]
