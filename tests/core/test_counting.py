"""From the bytes of a file to a Count: formats told apart, what cannot be read named, options, seeds, motions and money."""

from __future__ import annotations

import io

import pytest

from deliberate.core import counting
from deliberate.core.errors import DeliberateError, FormatError
from deliberate.core.formats import text
from deliberate.core.tally.registry import find

TABLE = b"count,rank1,rank2\n3,Ada,Bea\n2,Bea,\n2,Cy,Bea\n"
TIE = b"count,rank1\n2,Ada\n2,Bea\n"
BLT = b'3 1\n-3\n2 1 2 0\n1 2 0\n0\n"Ada"\n"Bea"\n"Cy"\n"A chair"\n'
PB = b"META\nkey;value\nbudget;100\nvote_type;approval\nPROJECTS\nproject_id;cost;name\n1;60;Roof\n2;50;Lift\nVOTES\nvoter_id;vote\n1;1\n2;1\n3;2\n"


def count(data, file, method, settings=(), seed="", seats=None):
    return counting.count(counting.read(data, file), find(method), dict(settings), seed, seats)


def test_a_table_and_a_blt_file_are_counted():
    assert count(TABLE, "b.csv", "irv", {"ties": "declared"}).count.winners == ("Bea",)
    made = count(BLT, "b.blt", "irv")
    assert made.count.winners == ("Ada",) and made.notes == ("Withdrawn before the count: Cy.",)
    assert made.count.question.title == "A chair"


def test_the_seats_of_the_file_give_way():
    made = count(TABLE, "b.csv", "scottish-stv", {"ties": "declared"}, seats=2)
    assert made.count.question.seats == 2 and len(made.count.winners) == 2


def test_a_file_without_a_known_name_is_told_by_its_beginning_or_named():
    assert counting.format_of("ballots", TABLE).name == "csv"
    assert counting.format_of("ballots", b"?", "blt").name == "blt"
    for file, data, named in (("ballots.xyz", b"?", ""), ("b.csv", TABLE, "nothing")):
        with pytest.raises(DeliberateError) as refused:
            counting.format_of(file, data, named)
        assert refused.value.code == "count.format" and "blt" in refused.value.why and "format" in refused.value.fields


def test_a_reader_is_told_only_what_it_takes():
    assert counting.read(TABLE, "b.csv", kind="ranking", contest="1").ballots.kinds == {"ranking"}
    made = counting.read(b'{"v":1,"options":[{"id":"a","name":"A"}],"ballots":[]}', "b.json", kind="ranking")
    assert [option.name for option in made.question.options] == ["A"]


def test_costs_and_budget_come_from_the_file_unless_they_are_given():
    assert count(PB, "b.pb", "budget-greedy").count.winners == ("Roof",)
    assert count(PB, "b.pb", "budget-greedy", {"budget": "110"}).count.winners == ("Roof", "Lift")


def test_a_seed_draws_and_is_told_to_be_idle_where_nothing_is_drawn():
    assert count(TIE, "b.csv", "irv").count.outcome == "awaiting lot"
    made = count(TIE, "b.csv", "irv", seed="dice 3 1 6")
    assert made.count.outcome == "elected" and made.count.rules["ties"] == ["backwards", "seed"]
    assert count(TIE, "b.csv", "irv", {"ties": "forwards,lot"}, "AB" * 32).count.rules["ties"] == ["forwards", "seed"]
    assert counting.digest(" " + "AB" * 32) == "ab" * 32 and len(counting.digest("dice")) == 64
    motion = count(b"choice\nyes\n", "b.csv", "motion", seed="dice")
    assert motion.notes == ("motion draws no lots: the seed is not used.",)


def test_an_option_that_the_method_does_not_have_is_named():
    for key, remedy in (("tiess", "Did you mean ties?"), ("xyz", "Correct the name.")):
        with pytest.raises(DeliberateError) as refused:
            counting.rules_for(find("irv"), {key: "1"})
        assert refused.value.code == "tally.rules" and refused.value.remedy == remedy


def test_answers_to_a_motion_are_put_in_their_order():
    made = count(b"choice\nno\nFor\nFor\n", "b.csv", "motion").count
    assert [option.name for option in made.question.options] == ["For", "no", "abstain"] and made.outcome == "carried"
    with pytest.raises(DeliberateError, match="is not an answer to a motion"):
        count(b"choice\nperhaps\n", "b.csv", "motion")
    with pytest.raises(DeliberateError, match="is not an answer to a motion"):
        count(b"choice\nyes\nfor\n", "b.csv", "motion")
    with pytest.raises(DeliberateError, match="is not an answer to a motion"):
        count(b"choice\nyes\nYes\n", "b.csv", "motion")
    with pytest.raises(DeliberateError, match="choice ballots"):
        count(TABLE, "b.csv", "motion")


def test_several_methods_are_compared():
    election = counting.read(TABLE, "b.csv")
    made = counting.several(election)
    assert {"irv", "schulze", "plurality"} <= {answer.method.name for answer in made.answers}
    two = counting.several(election, ("irv", "borda"), "dice", 1)
    assert [answer.method.name for answer in two.answers] == ["irv", "borda"] and all(a.decided for a in two.answers)


def test_lines_and_pieces_are_decoded_as_they_come():
    told = []
    long = b"1,2\n" * (text.STEP + 1)
    assert len(list(text.lines(io.BytesIO(long), "b.csv", told.append))) == text.STEP + 1 and told == [4 * text.STEP]
    wide = ("å" * text.PIECE).encode()
    assert "".join(text.pieces(io.BytesIO(b"x" + wide), "b.json", told.append)) == "x" + "å" * text.PIECE


@pytest.mark.parametrize(
    ("read", "data", "where", "what"),
    [
        (text.lines, b"a\nb\xe4c\n", (2, 2), "0xe4"),
        (text.lines, b"\xff\xfea\x00", (1, 1), "UTF-16"),
        (text.lines, b"a" * (text.LONGEST + 1), (1, 1), "too long"),
        (text.pieces, b"a\nbc\xe4c", (2, 3), "0xe4"),
        (text.pieces, b"a\nb\xc3", (2, 1), "ends within a character"),
    ],
)
def test_what_is_not_utf_8_is_named_by_line_and_column(read, data, where, what):
    with pytest.raises(FormatError, match=what) as refused:
        list(read(io.BytesIO(data), "b"))
    assert (refused.value.line, refused.value.column) == where


def test_an_answer_that_is_none_is_named_by_line_and_column():
    asked = counting.told(find("motion"))
    with pytest.raises(FormatError, match=r'm.csv, line 3, column 2: "maybe" is not an answer. Expected one of yes, for'):
        counting.read(b"count,choice\n2,Yes\n1,maybe\n", "m.csv", **asked)
    found = counting.read(b"count,choice\n2,Yes\n1,for=NO\n1,\n", "m.csv", **asked)
    assert [option.name for option in found.question.options] == ["NO", "Yes", "for"]
    assert counting.told(find("irv")) == {"kind": "ranking"}
