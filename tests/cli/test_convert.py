"""``deliberate convert``, and every format through ``deliberate tally``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from deliberate.cli import lines
from deliberate.cli.convert import convert
from deliberate.cli.tally import tally
from deliberate.core.errors import DeliberateError, FormatError

ROOT = Path(__file__).resolve().parents[2]
BLT = '3 2\n-2\n4 1 3 0\n3 2 0\n2 3 2 0\n0\n"Ada"\n"Bea"\n"Cy"\n"A chair"\n'


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command in a folder of its own: its result; a refusal is raised."""
    monkeypatch.chdir(tmp_path)

    def run(command, *words, given=None):
        found = CliRunner().invoke(command, words, input=given, catch_exceptions=False, standalone_mode=False)
        if found.exception:
            raise found.exception
        return found

    return run


def test_a_file_goes_round_all_formats_and_comes_back(call, tmp_path):
    (tmp_path / "a.blt").write_text(BLT)
    for one, other in (("a.blt", "b.json"), ("b.json", "c.csv"), ("c.csv", "d.blt")):
        found = call(convert, one, other)
        assert f"{other}: 9 ballots, 3 different." in found.stderr
        assert "Lost" not in found.stderr
    assert sorted((tmp_path / "d.blt").read_text().splitlines()) == sorted(BLT.splitlines())
    found = call(convert, "d.blt", "e.soi")
    assert "Lost in soi: that 2 seats are to be filled." in found.stderr
    assert "Lost in soi: that Bea withdrew." in found.stderr


def piped(given, *words):
    done = subprocess.run(
        [sys.executable, "-m", "deliberate", "convert", *words],
        input=given, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_standard_input_is_told_by_how_it_begins_and_output_by_name():
    status, out, _ = piped(BLT, "-", "-", "--to", "abif")
    assert status == 0 and "4:c1>c3\n" in out
    assert piped(out, "-", "-", "--to", "blt")[1].startswith("3 2\n")
    for words, said in (
        (("-", "-"), "write into standard output is not known"),
        (("-", "x.pb"), "write into x.pb is not known"),
        (("-", "x.blt"), "standard input is not known"),
    ):
        status, _, err = piped("hello", *words)
        assert (status, said in err) == (2, True)


def test_what_cannot_be_held_is_refused_and_nothing_written(call, tmp_path):
    (tmp_path / "a.csv").write_text("count,Ada,Bea\n1,5,0\n")
    with pytest.raises(DeliberateError, match="The format blt cannot hold this election"):
        call(convert, "a.csv", "b.blt")
    assert not (tmp_path / "b.blt").exists()
    with pytest.raises(DeliberateError, match=r"There is no file none.csv"):
        call(convert, "none.csv", "b.blt")
    with pytest.raises(DeliberateError, match=r"takes no --contest. These do: nist"):
        call(convert, "a.csv", "b.json", "--contest", "x")
    with pytest.raises(DeliberateError, match="is no label"):
        call(convert, "a.csv", "b.json", "--label", "odd=x")


def test_labels_kinds_and_notes(call, tmp_path):
    (tmp_path / "a.csv").write_text("rank1,rank2\nTWO, Ada\nAda,NONE\n")
    found = call(convert, "a.csv", "-", "--to", "json", "--label", "overvote=TWO", "--label", "undervote=NONE")
    assert [one["name"] for one in json.loads(found.stdout)["options"]] == ["Ada"]
    assert "Note: Spaces were trimmed" in found.stderr
    (tmp_path / "a.abif").write_text("2:A/5>B/1\n")
    assert "2 1 2 0" in call(convert, "a.abif", "-", "--to", "blt", "--kind", "ranking").stdout


def test_tally_reads_formats_and_writes_results(call, tmp_path):
    (tmp_path / "a.abif").write_text("2:A/5>B/1\n1:B/3>A/0\n")
    found = call(tally, "a.abif", "--rules", "irv", "--csv", "-", "--json", "count.json", "--nist", "report.json")
    assert found.stdout.splitlines()[0] == "round,action,A,B,exhausted,residual,quota,elected,excluded,says"
    assert "Outcome" not in found.stdout
    assert json.loads((tmp_path / "count.json").read_text())["winners"] == ["A"]
    assert json.loads((tmp_path / "report.json").read_text())["@type"] == "ElectionResults.ElectionReport"


def test_a_report_is_read_in_pieces_with_a_bar(call, tmp_path, monkeypatch):
    text = json.dumps({"v": 1, "options": ["\u00c9"], "ballots": []}, ensure_ascii=False)
    (tmp_path / "a.json").write_text(text)
    shown = []
    monkeypatch.setattr(lines.text, "PIECE", 3)
    monkeypatch.setattr(lines.time, "monotonic", iter(range(0, 10_000, 2)).__next__)
    real = lines._bar
    monkeypatch.setattr(lines, "_bar", lambda size: shown.append(size) or real(size))
    assert "".join(lines.pieces("a.json")) == text
    assert shown == [len(text.encode())]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'{"v":1,\n"x":"\xe9"}', (2, 6)),
        (b'{"v":1,\n"x":"\xc3', (2, 1)),
        (b"\xff\xfe{", (1, 1)),
    ],
)
def test_pieces_that_are_not_utf8_are_refused_with_their_place(tmp_path, monkeypatch, data, place):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(FormatError) as refused:
        list(lines.pieces(str(tmp_path / "a.json")))
    assert (refused.value.line, refused.value.column) == place
    with pytest.raises(DeliberateError, match=r"There is no file"):
        list(lines.pieces(str(tmp_path / "none.json")))
