"""Every format: what is written is read back; a malformed file names line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.ballot import aggregate, ranking
from deliberate.core.errors import FormatError
from deliberate.core.formats import FORMATS, Election, blt, csv
from deliberate.core.tally import Option, Question


@st.composite
def made(draw):
    n = draw(st.integers(1, 5))
    ids = [f"o{i}" for i in range(1, n + 1)]
    names = draw(
        st.lists(
            st.sampled_from(['Ada "the first"', "Bea", "C, D", "Émile", "x y", "#5"]),
            min_size=n,
            max_size=n,
            unique=True,
        )
    )
    ballots = draw(st.lists(st.tuples(st.permutations(ids), st.integers(0, n), st.integers(1, 3)), max_size=8))
    pairs = [(ranking(*order[:cut]), 1) for order, cut, times in ballots for _ in range(times)]
    options = tuple(Option(i, name) for i, name in zip(ids, names, strict=True))
    return Election(Question("Title", options, draw(st.integers(1, 3))), aggregate(pairs, ids))


@pytest.mark.parametrize("name", sorted(FORMATS))
@given(election=made())
@settings(max_examples=60)
def test_what_is_written_can_be_read(name, election):
    form = FORMATS[name]
    assert form.can_hold(election)
    text = form.write(election)
    again = form.read(text.splitlines(keepends=True), "x")
    assert again.ballots.rows == election.ballots.rows
    assert (
        form.write(
            Election(
                Question(election.question.title, election.question.options, election.question.seats), again.ballots
            )
        )
        == text
    )


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
        ("a,b\n", 1, "no rank"),
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
    monkeypatch.setattr(blt, "MOST_DISTINCT", 1)
    monkeypatch.setattr(csv, "MOST_DISTINCT", 1)
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
