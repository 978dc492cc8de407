"""Every format: what is written is read back; a malformed file names line and column."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core import formats
from deliberate.core.ballot import aggregate, choice, each, ranking, score
from deliberate.core.errors import DeliberateError, FormatError
from deliberate.core.formats import Election
from deliberate.core.formats.every import FORMATS, blt, csv
from deliberate.core.tally import Option, Question

NAMES = [
    'Ada "the first"',
    "Bea",
    "C, D",
    "\u00c9mile",
    "x y",
    "#5",
    "a=b",
    "[x]",
    "rank1",
    "overvote",
    "count",
    "A/5",
    "1",
    "{x}",
    "x;y",
    "-",
    "yes",
    "a\\b",
    " spaced ",
    "voter id",
]
KINDS = {
    "blt": ["ranking"],
    "soc": ["ranking"],
    "soi": ["ranking"],
    "toc": ["ranking"],
    "toi": ["ranking"],
    "cat": ["choice"],
    "abif": ["ranking", "score"],
}
"""Kinds of ballots that a format can hold; else all."""
WRITTEN = sorted(form.name for form in FORMATS.values() if form.write)


@st.composite
def ballot(draw, kind, ids, odd):
    """A ballot; odd: with equal, skipped and repeated ranks, and marks in any order."""
    order = draw(st.permutations(ids))
    some = order[: draw(st.integers(0, len(ids)))]
    if kind == "choice":
        return choice(*(some if odd else [one for one in ids if one in some]))
    if kind == "score":
        return score(**{one: draw(st.integers(-2 if odd else 0, 5)) for one in some})
    if kind == "each":
        return each(**{one: draw(st.sampled_from(["yes", "no", "abstain"])) for one in some})
    if not odd:
        return ranking(*draw(st.sampled_from([some, order])))
    ranks = draw(st.lists(st.lists(st.sampled_from(ids), max_size=2, unique=True), max_size=len(ids)))
    return ranking(*ranks)


@st.composite
def made(draw, kinds, odd=True):
    """An election, odd or plain."""
    n = draw(st.integers(1, 5))
    ids = [f"o{i}" for i in range(1, n + 1)]
    names = draw(
        st.lists(
            st.sampled_from(NAMES if odd else ["Ada", "Bea", "C, D", "Dan", "\u00c9mile"]),
            min_size=n,
            max_size=n,
            unique=True,
        )
    )
    kind = draw(st.sampled_from(kinds))
    weights = ["1", "1", "2", "3/2", "1/3"] if odd else ["1"]
    rows = draw(st.lists(st.tuples(ballot(kind, ids, odd), st.sampled_from(weights), st.integers(1, 3)), max_size=8))
    options = tuple(Option(i, name) for i, name in zip(ids, names, strict=True))
    gone = sorted(draw(st.sets(st.sampled_from(ids), max_size=2))) if odd else []
    money = (dict.fromkeys(ids, 5), 12) if odd and draw(st.booleans()) else ({}, None)
    title = draw(st.sampled_from(["", "Title", 'A "title", quoted', "#1: x", " x "])) if odd else ""
    asked = Question(title, options, draw(st.integers(1, 3)) if odd else 1)
    papers = [(one, weight) for one, weight, times in rows for _ in range(times)]
    return Election(asked, aggregate(papers, ids), (), tuple(gone), *money)


def whole(election):
    """All that an election is, with options by their names."""
    names = {option.id: option.name for option in election.question.options}

    def said(ballot):
        if ballot["kind"] == "choice":
            return ["choice", [names[one] for one in ballot["marks"]]]
        if ballot["kind"] == "ranking":
            return ["ranking", [[names[one] for one in rank] for rank in ballot["ranks"]]]
        held = ballot.get("scores", ballot.get("marks"))
        return [ballot["kind"], sorted((names[one], str(mark)) for one, mark in held.items())]

    rows = sorted((json.dumps(said(row.ballot)), row.count, row.weight) for row in election.ballots.rows)
    costs = {names[one]: cost for one, cost in election.costs.items()}
    gone = sorted(names[one] for one in election.withdrawn)
    asked = election.question
    return list(names.values()), asked.title, asked.seats, gone, costs, election.budget, rows


def again(form, election):
    text = form.written(election)
    return form.read(text.splitlines(keepends=True), "x")


@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
@settings(max_examples=120)
def test_what_can_be_held_is_read_back_equal(name, data):
    form = FORMATS[name]
    election = data.draw(made(KINDS.get(name, ["ranking", "choice", "score", "each"])))
    if not form.refuses(election):
        read = again(form, election)
        assert sum(row.count * row.weight for row in read.ballots.rows) == sum(
            row.count * row.weight
            for row in election.ballots.rows
            if name not in ("soc", "soi", "toc", "toi") or row.ranks
        )
        if form.can_hold(election):
            assert whole(read) == whole(election)
            assert form.written(read) == form.written(election)


@pytest.mark.parametrize("name", WRITTEN)
@given(data=st.data())
@settings(max_examples=60)
def test_plain_elections_are_read_back_equal(name, data):
    """Without anything odd a format holds every kind of its ballots, but for what the strict orders of PrefLib forbid."""
    form = FORMATS[name]
    election = data.draw(made(KINDS.get(name, ["ranking", "choice", "score", "each"]), odd=False))
    complete = all(
        len(row.ranks) == len(election.question.options) for row in election.ballots.rows if "ranks" in row.ballot
    )
    blank = any(not any(list(row.ballot.values())[1:]) for row in election.ballots.rows)
    if form.can_hold(election):
        assert whole(again(form, election)) == whole(election)
    else:
        assert blank or not complete or name == "abif"


SAID = {
    "ranking": (
        ranking(),
        ranking("o1"),
        ranking("o2", "o1", "o3"),
        ranking(["o1", "o2"], "o3"),
        ranking("o3", [], "o1"),
    ),
    "strict": (ranking("o2", "o1", "o3"), ranking("o1", "o3", "o2"), ranking("o2", "o1", "o3")),
    "weak": (ranking(["o1", "o3"], "o2"), ranking("o2", ["o1", "o3"]), ranking("o3", "o2")),
    "choice": (choice(), choice("o1"), choice("o3", "o1"), choice("o2"), choice("o2")),
    "marks": (choice("o1"), choice("o2", "o3"), choice("o1")),
    "score": (score(), score(o1=5, o2=0), score(o1=1, o2=2, o3=3), score(o3=2)),
    "each": (each(), each(o1="yes", o2="no"), each(o1="abstain", o2="yes", o3="yes")),
}
"""Ballots of every kind; each stands once, the first twice and the last with half a vote where weights are tried."""
LISTED = [
    Election(
        Question(title, tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1)), seats),
        aggregate(
            [(SAID[kind][0], 1), *((one, 1) for one in SAID[kind]), (SAID[kind][-1], weight)], ["o1", "o2", "o3"]
        ),
        (),
        gone,
        costs,
        budget,
    )
    for kind in SAID
    for title, names, seats, weight, gone, costs, budget in (
        ("T", ["Ada", "Bea", "Cy"], 1, 1, (), {}, None),
        ("", ["Ada", "Bea", "Cy"], 2, 2, ("o2",), {}, None),
        ("Two: words", ['Ada "the first"', "C, D", "a=b"], 1, "1/2", ("o1", "o3"), {}, None),
        ("[x]", ["#5", "[x]", "rank1"], 1, 3, (), {"o1": 3, "o2": 4, "o3": 5}, 7),
        ("T", ["A;B", "C>D", "E/F"], 1, 1, (), {"o1": 3, "o2": 4, "o3": 5}, 7),
        ("T", ["A\\B", "C{1,2}", "27:A"], 1, 1, (), {}, None),
    )
]


@pytest.mark.parametrize("name", WRITTEN)
def test_listed_elections_are_read_back_equal_or_refused(name):
    """A format holds an election whole, or says what it would lose, or refuses it with its reason; it never does less."""
    form = FORMATS[name]
    held = 0
    for election in LISTED:
        why = form.refuses(election)
        if why:
            assert not form.can_hold(election)
            with pytest.raises(DeliberateError):
                form.written(election)
            continue
        read = again(form, election)
        assert form.written(read)
        if form.can_hold(election):
            held += 1
            assert whole(read) == whole(election)
        else:
            assert form.loses(election)
    assert held


@pytest.mark.parametrize(
    ("name", "ballots", "names", "said"),
    [
        ("blt", [(ranking("o1", "o2", "o1"), 1)], "Ada Bea", "names an option twice"),
        ("blt", [(ranking("o1"), "1/3")], "Ada Bea", "no decimal number"),
        ("blt", [(ranking("o1"), 1)], "Ada Ada", "one name"),
        ("abif", [(ranking("o1"), 1), (score(o1=1), 1)], "Ada Bea", "one kind"),
        ("abif", [(score(), 1)], "Ada Bea", "has a score"),
        ("abif", [(score(o1=-1), 1)], "Ada Bea", "below 0"),
        ("abif", [(ranking([], "o1"), 1)], "Ada Bea", "skips a rank"),
        ("csv", [(ranking("o1"), 1), (score(o1=1), 1)], "Ada Bea", "one kind"),
        ("csv", [(choice("o1"), 1)], "Ada rank2", "meaning of its own"),
        ("cat", [(ranking("o1"), 1)], "Ada Bea", "choice ballots"),
        ("json", [(choice("o1"), 1)], "Ada B\u200bea", "cannot be seen"),
    ],
)
def test_an_election_that_a_format_cannot_hold_is_refused_with_the_reason(name, ballots, names, said):
    options = tuple(Option(f"o{n}", one) for n, one in enumerate(names.split(), 1))
    election = Election(Question("T", options), aggregate(ballots, ["o1", "o2"]))
    assert said in FORMATS[name].refuses(election)


@pytest.mark.parametrize("kind", ["ranking", "choice"])
def test_the_table_of_a_record_package_is_read_back(kind):
    """Its ids stand for the names; the kind says what the columns are where there are no ballots."""
    options = (Option("o1", "o1"), Option("o2", "o2"), Option("o3", "o3"))
    election = Election(Question("", options), aggregate([(one, 1) for one in SAID[kind]], ["o1", "o2", "o3"]))
    text = csv.packaged(election, "irv", kind)
    assert text.startswith("# deliberate ballots 1; method=irv; options=o1 o2 o3\ncount,weight,")
    assert whole(csv.read(text.splitlines(keepends=True), "x")) == whole(election)
    none = csv.packaged(Election(Question("", options), aggregate([], ["o1", "o2", "o3"])), "", kind)
    assert none.splitlines()[1] == {"ranking": "count,weight,rank1", "choice": "count,weight,choice"}[kind]


def test_blank_lines_and_gaps_of_preflib_say_nothing():
    head = "# ALTERNATIVE NAME 1: Ada\n# ALTERNATIVE NAME 2: Bea\n"
    plain = FORMATS["toi"].read(f"{head}2: {{1,2}}\n".splitlines(keepends=True), "x")
    assert FORMATS["toi"].read(f"{head}\n2: {{1, ,2}}\n".splitlines(keepends=True), "x").ballots == plain.ballots


def test_more_than_two_categories_of_preflib_are_scores():
    head = "".join(f"# ALTERNATIVE NAME {n}: {name}\n" for n, name in enumerate(("Ada", "Bea"), 1))
    head += "".join(f"# CATEGORY NAME {n}: {name}\n" for n, name in enumerate(("Good", "Fair", "Bad"), 1))
    found = FORMATS["cat"].read(f"{head}3: 2,{{}},1\n".splitlines(keepends=True), "x")
    assert [dict(row.scores) for row in found.ballots.rows] == [{"o1": 0, "o2": 2}]


def test_what_does_not_fit_is_said():
    options = (Option("o1", "Ada"), Option("o2", "Bea"))
    asked = Question("T", options, 2)
    election = Election(asked, aggregate([(ranking(), 1), (ranking("o1"), 2)], ["o1", "o2"]), (), ("o2",), {"o1": 3}, 5)
    lost = FORMATS["soi"].loses(election)
    assert lost == (
        "that 2 seats are to be filled",
        "that Bea withdrew",
        "which papers have a weight other than 1",
        "the costs and the budget",
        "1 blank ballots",
    )
    assert not FORMATS["soi"].refuses(election) and not FORMATS["soi"].can_hold(election)
    assert FORMATS["json"].can_hold(election)
    with pytest.raises(DeliberateError, match=r"cannot hold this election. It is only read. These can: abif, blt, csv"):
        FORMATS["nist"].written(election)
    with pytest.raises(DeliberateError, match=r"strict|all options"):
        FORMATS["soc"].written(election)


GOOD = ["3 1\n", "2 1 2 0\n", "1 3 0\n", "0\n", '"A"\n', '"B"\n', '"C"\n', '"T"\n']


def test_dialects_of_blt():
    text = [
        "\ufeff3 1 # options, seats\r\n",
        "-2\r\n",
        "[nick a b c]\r\n",
        "(id1) 1 1=3 2 0\r\n",
        "1.5 1 - 2 0\r\n",
        "0\r\n",
        "A\r\n",
        '"B"\r\n',
        "C\r\n",
    ]
    found = blt.read(text, "x.blt")
    assert found.withdrawn == ("o2",)
    assert [option.name for option in found.question.options] == ["A", "B", "C"]
    assert found.notes == ("The file has no title.",)
    assert {(row.ranks, str(row.weight)) for row in found.ballots.rows} == {
        ((("o1",), (), ("o2",)), "3/2"),
        ((("o1", "o3"), ("o2",)), "1"),
    }


@pytest.mark.parametrize(
    ("lines", "line", "word"),
    [
        ([], 1, "empty"),
        (["x 1\n"], 1, "first line"),
        (["0 1\n"], 1, "options"),
        (["3 0\n"], 1, "seats"),
        (["3 1\n", "2 1 9 0\n", "0\n"], 2, "option"),
        (["3 1\n", "2 1 0 2 0\n"], 2, "option 0"),
        (["3 1\n", "2 1 2\n"], 2, "end in 0"),
        (["3 1\n", "x 1 0\n"], 2, "weight"),
        (["3 1\n", "0.0 1 0\n"], 2, "weight"),
        (["3 1\n", "1 2 2 0\n"], 2, "twice"),
        (GOOD[:2], 2, "ends among"),
        (GOOD[:5], 6, "names"),
        ([*GOOD, "1 1 0\n"], 9, "after the end"),
        ([*GOOD, '"Z"\n'], 9, "after the title"),
        (["2 1\n", "1 1 0\n", "0\n", "1 2 0\n", "A\n", "B\n"], 4, "after the end"),
        (["2 1\n", "1 1 0\n", '"A"\n', '"B"\n'], 3, "name stands among"),
        (["2 1\n", "1 -2 0\n"], 2, "no option"),
        (["2 1\n", "-1 2 0\n"], 2, "weight"),
        (["2 1\n", f"{'9' * 5000} 2 0\n"], 2, "weight"),
        (["2 1\n", *(["999999999999999 1 0\n"] * 10)], 11, "ballots"),
        ([f"2 {'9' * 5000}\n"], 1, "first line"),
        (["2 1\n", "[tie 2 2]\n"], 2, "ties"),
        (["2 1\n", "[nick a]\n"], 2, "short names"),
        (["2 1\n", "[nick 1 2]\n"], 2, "short names"),
        ([*GOOD[:4], '"A\n', '"B"\n', '"C"\n'], 5, "quote"),
        ([*GOOD[:4], '"A"\n', '"A"\n', '"C"\n'], 6, "two options"),
        (["3 1\n", "1 1\x00 0\n"], 2, "NUL"),
        (["2 1\n", "[odd]\n"], 2, "not known"),
        (["2 1\n", "(" * 900_000 + " 1 0\n"], 2, "weight"),
        ([*GOOD[:4], '"A\u200b"\n', '"\x07A"\n', '"C"\n'], 6, "two options"),
    ],
)
def test_a_malformed_blt_names_line_and_cure(lines, line, word):
    with pytest.raises(FormatError) as refused:
        blt.read(lines, "x.blt")
    assert refused.value.line == line
    assert word in refused.value.what
    assert refused.value.expected


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "empty"),
        ("count\n1\n", 1, "no rank"),
        ("a,b\nx,1\n", 2, "score"),
        ("count,rank1,rank1\n", 1, "twice"),
        ("count,rank1\n1\n", 2, "cells"),
        ("count;rank1\n1;A\n", 1, "semicolons"),
        ("rank1,rank3\nA,B\n", 1, "rank2"),
        (f"rank1,rank{'9' * 5000}\nA,B\n", 1, "rank2"),
        ("rank1,rank\u0662\nA,B\n", 1, "rank2"),
        ('rank1,"rank2\n', 1, "header"),
        ("count,rank1\n1e9999999,A\n", 2, "count"),
        ("count,rank1\n1/0,A\n", 2, "count"),
        ("count,rank1\n1.5,A\n", 2, "count"),
        ("count,rank1\n" + "999999999999999,A\n" * 10, 11, "ballots"),
        ("# deliberate ballots 1; method=irv; options=o1 o2\nrank1\no9\no1\n", 3, "not an option"),
        ('rank1\n""\n', 2, "0 options"),
        ("count,rank1\nx,A\n", 2, "count"),
        ("count,rank1\n-1,A\n", 2, "count"),
        ("weight,rank1\n0,A\n", 2, "weight"),
        ('count,rank1\n1,"A\n', 2, "read"),
        ("count,rank1\n1,\x00\n", 2, "NUL"),
        ("# deliberate ballots 1; method=irv; options=o1 o2\ncount,weight,rank1\n1,1,o9\n", 3, "not an option"),
    ],
)
def test_a_malformed_csv_names_line_and_cure(text, line, word):
    with pytest.raises(FormatError) as refused:
        csv.read(text.splitlines(keepends=True), "x.csv")
    assert refused.value.line == line
    assert word in refused.value.what


def test_short_names_and_the_order_for_ties_of_a_blt():
    text = ["3 1\n", "[nick a b c]\n", "[tie c a b]\n", "[withdrawn b]\n", "2 a c 0\n", "0\n", *GOOD[4:]]
    found = blt.read(text, "x.blt")
    assert [(option.id, option.name) for option in found.question.options] == [("o3", "C"), ("o1", "A"), ("o2", "B")]
    assert found.withdrawn == ("o2",)
    assert found.ballots.rows[0].ranks == (("o1",), ("o3",))
    late = blt.read([*GOOD[:7], "=tie 2 3 1 0\n", GOOD[7]], "x.blt")
    assert [option.name for option in late.question.options] == ["B", "C", "A"]
    assert late.question.title == "T"


def test_a_file_of_too_many_different_ballots_is_refused(monkeypatch):
    monkeypatch.setattr(formats, "MOST_DISTINCT", 1)
    with pytest.raises(FormatError, match=r"line 3.*different ballots"):
        blt.read(GOOD, "x.blt")
    with pytest.raises(FormatError, match=r"line 3.*different ballots"):
        csv.read(["rank1\n", "A\n", "B\n"], "x.csv")


def test_csv_with_names_and_choices():
    found = csv.read(["count,rank1,rank2\n", "2,Ada ,Bea\n", "1,Bea,\n"], "x.csv")
    assert [option.name for option in found.question.options] == ["Ada", "Bea"]
    assert [(row.ranks, row.count) for row in found.ballots.rows] == [((("o1",), ("o2",)), 2), ((("o2",),), 1)]
    assert found.notes == ("Spaces were trimmed or letters normalised in: Ada.",)
    both = csv.read(["# deliberate ballots 1; method=x; options=o1 o2\n", "choice\n", "o1=o2\n"], "x.csv")
    assert both.ballots.rows[0].marks == ("o1", "o2")
    marks = csv.read(["choice\n", "Ada\n", '""\n'], "x.csv")
    assert {row.marks for row in marks.ballots.rows} == {(), ("o1",)}


def test_blank_lines_comments_and_skips_at_the_end_of_a_ballot_say_nothing():
    plain = blt.read(GOOD, "x.blt")
    airy = ["3 1\n", "# ballots\n", "\n", "2 1 2 - - 0\n", "1 3 0\n", "0\n", *GOOD[4:]]
    assert blt.read(airy, "x.blt").ballots == plain.ballots
    rows = csv.read(["count,rank1,rank2\n", "2,A,B\n"], "x.csv")
    airy = ["# made by hand\n", "\n", "count,rank1,rank2\n", "  \n", "2,A,B\n"]
    assert csv.read(airy, "x.csv").ballots == rows.ballots


def test_names_of_a_blt_are_trimmed_and_it_is_said():
    found = blt.read([*GOOD[:4], '" A"\n', *GOOD[5:]], "x.blt")
    assert found.question.options[0].name == "A"
    assert found.notes == ('Line 5: the name "A" was trimmed or normalised.',)


def test_a_skipped_rank_of_a_csv_stays_a_skip():
    found = csv.read(["rank1,rank2,rank3\n", "A,,B\n"], "x.csv")
    assert found.ballots.rows[0].ranks == (("o1",), (), ("o2",))
