"""``deliberate trace``: ballots through the rounds."""

from __future__ import annotations

import csv

import pytest

from deliberate.cli import main

FORTY = '4 3\n18 1 2 3 0\n12 2 4 0\n4 3 0\n6 4 0\n0\n"A"\n"B"\n"C"\n"D"\n"Forty"\n'


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forty.blt").write_text(FORTY)

    def call(*words):
        with pytest.raises(SystemExit) as ended:
            main(["trace", *words])
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return call


def test_every_path_in_a_sentence(run):
    status, out, _ = run("forty.blt", "--rules", "scottish-stv")
    assert status == 0
    assert "     18 x A > B > C: A, from round 2 A at 0.61112 and C at 0.38888\n" in out
    assert out.endswith("The paths of all 40 ballots add up to the votes of every round.\n")


def test_ballots_that_begin_so(run):
    out = run("forty.blt", "--rules", "irv", "--seats", "1", "--ballot", "B > D")[1]
    assert "12 x B > D: " in out and "A > B" not in out and "all 40 ballots" in out


def test_a_table_of_every_round(run, tmp_path):
    status, out, _ = run("forty.blt", "--rules", "scottish-stv", "--csv", "-")
    rows = list(csv.DictReader(out.splitlines()))
    assert status == 0
    assert {"round": "2", "option": "C", "share": "4861/12500"}.items() <= rows[2].items()
    assert next(row for row in rows if row["option"] == "")["marks"] == "B > D"
    assert run("forty.blt", "--rules", "scottish-stv", "--csv", "made.csv")[0] == 0
    assert (tmp_path / "made.csv").read_text() == out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("none.blt", "--rules", "irv"), "cli.file"),
        (("forty.blt", "--rules", "schulze", "--seats", "1"), "tally.trace"),
        (("forty.blt", "--rules", "scottish-stv", "--ballot", "Z"), "cli.ballot"),
        (("forty.blt", "--rules", "scottish-stv", "--set", "x=1"), "tally.rules"),
    ],
)
def test_bad_input_is_one_line(run, words, code):
    status, out, err = run(*words)
    assert (status, out) == (2, "") and f"[{code}]" in err and err.count("\n") == 1


def test_more_paths_than_can_be_read_are_told_in_a_table(run, tmp_path):
    rows = ["count,rank1,rank2,rank3,rank4,rank5,rank6"]
    letters = "ABCDEF"
    rows += [f"{n},{','.join(letters[(n // 7**k) % 6] for k in range(6))}" for n in range(1, 400)]
    (tmp_path / "many.csv").write_text("\n".join(rows) + "\n")
    out = run("many.csv", "--rules", "irv", "--seed", "x")[1]
    assert "other ballots: write them all with --csv." in out and out.count(" x ") == 200
