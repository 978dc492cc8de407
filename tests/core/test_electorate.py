"""Reading a roll: whatever is wrong is said with its line, and nothing is guessed."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core import electorate
from deliberate.core.electorate import Line, compare, parse
from deliberate.core.errors import DeliberateError

HEAD = b"number,name,email,section,weight\n"


@pytest.mark.parametrize(
    "content",
    [
        b"number,name,weight\n1,Ada,1.5\n",
        b"\xef\xbb\xbfNumber;Full Name;Votes\r\n1;Ada;1,5\r\n",
        b"sep=;\r\nnumber;name;weight\r\n1;Ada;3/2\r\n",
        b"\n\nnumber\tname\tweight\n1\tAda\t1.50\n\n",
        "number,name,weight\n1,Ada,1.5\n".encode("utf-16"),
        b'weight,"number",name\n1.5,"1"," Ada "\n',
        b"number,name,weight,,\n1,Ada,1.5,,\n",
    ],
    ids=[
        "plain",
        "bom and synonyms",
        "sep line",
        "tabs and blank lines",
        "utf-16",
        "order and quotes",
        "empty columns",
    ],
)
def test_the_same_line_in_many_spellings(content: bytes) -> None:
    read = parse(content)
    assert read.faults == []
    assert read.lines == [Line("1", "Ada", "", "", Fraction(3, 2))]


def test_windows_text_keeps_its_letters() -> None:
    read = parse("number,name\n1,Zoë Łąka\n2,Günther – “G”\n".replace("Łąka", "Laka").encode("cp1252"))
    assert (read.encoding, [line.name for line in read.lines]) == ("cp1252", ["Zoë Laka", "Günther – “G”"])


def test_letters_are_composed() -> None:
    assert parse("number,name,email\n1,Zoe\u0308,ADA@Example.org\n".encode()).lines[0] == Line(
        "1", "Zo\u00eb", "ada@example.org", "", Fraction(1)
    )


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        (b"1,,a@b.org,,1", "name", "the name is missing"),
        (b",Ada,,,1", "number", "the number is missing"),
        (b"1,Ada,nonsense,,1", "email", '"nonsense" is not an e-mail address'),
        (b"1,Ada,a@b..org,,1", "email", "is not an e-mail address"),
        (b'1,Ada,"a@b.org,c@d.org",,1', "email", "is not an e-mail address"),
        (b"1,=1+1,,,1", "name", 'begins with "="'),
        (b"1,@SUM(A1),,,1", "name", 'begins with "@"'),
        ("1,＝1+1,,,1".encode(), "name", "begins with"),
        (b"1,+49 30,,,1", "name", 'begins with "+"'),
        (b"1,Ada,,-2,1", "section", 'begins with "-"'),
        (b"1,Ada,,\tx,1", "section", "begins with a tab"),
        (b'1,Ada,,"\r=x",1', "section", "begins with a tab or a line break"),
        (b'1,"Ada\nBcc: all",,,1', "name", "holds a control character"),
        ("1,Ada\u202egnp,,,1".encode(), "name", "holds a control character"),
        (b"1,Ada,,,0", "weight", 'the weight is "0"'),
        (b"1,Ada,,,-1", "weight", 'the weight is "-1"'),
        (b"1,Ada,,,1e9", "weight", 'the weight is "1e9"'),
        (b"1,Ada,,,1/0", "weight", 'the weight is "1/0"'),
        (b"1,Ada,,,nan", "weight", 'the weight is "nan"'),
        (b'1,Ada,,,"1,000"', "weight", 'the weight is "1,000"'),
        ("1,Ada,,,١".encode(), "weight", "the weight is"),
        (b"1,Ada", "", "the line has 2 cells"),
        (b"1,Ada,,,1,more", "", "the line has 6 cells"),
        (b"1," + b"x" * 201 + b",,,1", "name", "the name is too long"),
        (b"1,Ad\x81a,,,1", "name", "bytes that are no letters"),
        (b'1,"Ada,,,1', "", "the line cannot be read"),
        (b'1,"Ada"x,,,1', "", "the line cannot be read"),
    ],
    ids=repr,
)
def test_what_is_wrong_is_said_with_its_line(row: bytes, column: str, what: str) -> None:
    read = parse(HEAD + b"0,First,,,1\n" + row + b"\n")
    assert [line.number for line in read.lines] == ["0"]
    assert (read.faults[0].line, read.faults[0].column) == (3, column)
    assert what in read.faults[0].what and read.faults[0].expected


def test_numbers_and_addresses_stand_once() -> None:
    read = parse(HEAD + b"1,Ada,a@b.org,,1\n1,Bo,A@B.org,,1\n")
    assert [(fault.line, fault.column, fault.what) for fault in read.faults] == [
        (3, "number", '"1" stands in line 2 already'),
        (3, "email", '"a@b.org" stands in line 2 already'),
    ]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    read = parse(b'number,name,section\n1,Ada,"two\nlines"\n2,,x\n')
    assert [(fault.line, fault.column) for fault in read.faults] == [(2, "section"), (4, "name")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roll.empty"),
        (b"\xef\xbb\xbf \n\n", "roll.empty"),
        (b"PK\x03\x04\x00\x00", "roll.binary"),
        (b"\xff\xfea", "roll.binary"),
        (b"name,weight\nAda,1\n", "roll.header"),
        (b"number,name,id\n1,Ada,2\n", "roll.header"),
        (b"1,Ada,a@b.org\n2,Bo,b@b.org\n", "roll.header"),
        (b"sep=,\n", "roll.header"),
    ],
)
def test_a_file_that_is_no_roll_is_refused_with_four_parts(content: bytes, code: str) -> None:
    with pytest.raises(DeliberateError) as refused:
        parse(content)
    error = refused.value
    assert error.code == code and error.what and error.why and error.remedy and error.fields


def test_progress_is_told_every_thousand_lines() -> None:
    seen: list[int] = []
    parse(b"number,name\n" + b"".join(b"%d,Ada\n" % n for n in range(2500)), seen.append)
    assert seen == [1000, 2000]


def test_there_is_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(electorate, "MOST", 3)
    with pytest.raises(DeliberateError, match=r"roll\.long"):
        parse(b"number,name\n" + b"".join(b"%d,Ada\n" % n for n in range(4)))


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda text: not electorate.unsafe(text) and "\ufffd" not in text
)
lines = st.lists(
    st.builds(
        Line,
        words,
        words,
        st.just(""),
        words,
        st.fractions(min_value=Fraction(1, 99), max_value=999, max_denominator=99),
    ),
    max_size=8,
    unique_by=lambda line: electorate.unicodedata.normalize("NFC", line.number),
)


@given(lines, st.sampled_from(",;\t"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_is_written_can_be_read(rows: list[Line], delimiter: str, encoding: str) -> None:
    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter)
    table.writerow(electorate.FIELDS)
    for line in rows:
        table.writerow([line.number, line.name, line.email, line.section, line.weight])
    read = parse(out.getvalue().encode(encoding))
    nfc = electorate.unicodedata.normalize
    assert read.faults == []
    assert read.lines == [
        Line(nfc("NFC", r.number), nfc("NFC", r.name), "", nfc("NFC", r.section), r.weight) for r in rows
    ]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    try:
        read = parse(HEAD + content)
    except DeliberateError as error:
        assert error.code.startswith("roll.")
    else:
        assert all(fault.line >= 2 and fault.what and fault.expected for fault in read.faults)


@given(lines, lines)
def test_the_difference_leads_from_one_roll_to_the_other(before: list[Line], after: list[Line]) -> None:
    today = {line.number: line for line in before}
    diff = compare(today, after)
    made = {number: line for number, line in today.items() if number not in {line.number for line in diff.missing}}
    made |= {line.number: line for line in diff.new} | {new.number: new for _, new in diff.changed}
    assert made == {line.number: line for line in after}
    assert len(diff.new) + len(diff.changed) + diff.unchanged == len(after)


def test_columns_that_the_file_lacks_keep_their_values() -> None:
    today = {"1": Line("1", "Ada", "a@b.org", "North", Fraction(2))}
    read = parse(b"number,name\n1,Ada L.\n")
    diff = compare(today, read.lines, read.columns)
    assert [fields for _, fields in diff.fields()] == [[("name", "Ada", "Ada L.")]]
    assert diff.changed[0][1].weight == 2 and diff.changed[0][1].email == "a@b.org"


def test_an_address_of_somebody_who_is_not_in_the_file() -> None:
    today = {"1": Line("1", "Ada", "a@b.org", "", Fraction(1)), "2": Line("2", "Bo", "b@b.org", "", Fraction(1))}
    swapped = parse(HEAD + b"1,Ada,b@b.org,,1\n2,Bo,a@b.org,,1\n")
    assert electorate.clashes(today, swapped.lines) == []
    taken = parse(HEAD + b"3,Cy,a@b.org,,1\n")
    assert [(fault.line, fault.column) for fault in electorate.clashes(today, taken.lines)] == [(2, "email")]


def test_columns_that_are_not_used_are_named() -> None:
    made = electorate.parse(b"number,name, e-mial ,,Shoe size\n1,Ada,a@b.org,,42\n")
    assert made.columns == ("number", "name") and made.ignored == ("e-mial", "Shoe size") and not made.faults


def test_a_file_of_one_column_has_no_delimiter_to_find() -> None:
    with pytest.raises(DeliberateError, match=r"roll\.header"):
        parse(b"number\n1\n")


def test_a_fault_can_be_kept_and_shown_again() -> None:
    (fault,) = parse(b"number,name,weight\n1,Ada,x\n").faults
    assert fault.as_json() == {
        "line": 2,
        "column": "weight",
        "what": fault.what,
        "expected": fault.expected,
    }
    assert fault.what and fault.expected


def test_who_is_new_who_is_as_before_and_who_is_missing() -> None:
    today = {"1": Line("1", "Ada", "", "", Fraction(1)), "2": Line("2", "Bo", "", "", Fraction(1))}
    diff = compare(today, [today["1"], Line("3", "Cy", "", "", Fraction(1))])
    assert ([line.name for line in diff.new], diff.changed, diff.unchanged) == (["Cy"], (), 1)
    assert [line.name for line in diff.missing] == ["Bo"]
