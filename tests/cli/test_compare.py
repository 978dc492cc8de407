"""``deliberate compare``: several methods, one file."""

from __future__ import annotations

import json

import pytest

from deliberate.cli import main

CAPITAL = "count,rank1,rank2,rank3,rank4\n42,M,N,C,K\n26,N,C,K,M\n15,C,K,N,M\n17,K,C,N,M\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "capital.csv").write_text(CAPITAL)
    (tmp_path / "tie.csv").write_text("count,rank1\n2,A\n2,B\n")

    def call(*words):
        with pytest.raises(SystemExit) as ended:
            main(["compare", *words])
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call


def test_all_methods_that_can_count(run):
    status, out, _ = run("capital.csv")
    assert status == 0 and out.startswith("Comparison, one seat\n")
    lines = {words[0]: words[1] for line in out.splitlines() if len(words := line.split()) == 2}
    assert (lines["irv"], lines["schulze"], lines["plurality"]) == ("K", "N", "M")
    assert "K or N? Head to head: K above N 32, below 68." in out
    assert out.endswith("A comparison decides nothing: members marked these ballots for one method.\n")


def test_methods_by_name_and_as_json(run, tmp_path):
    status, out, _ = run("capital.csv", "--rules", "irv,schulze", "--rules", "plurality", "--json", "-")
    made = json.loads(out)
    assert status == 0 and [one["method"] for one in made["methods"]] == ["irv", "schulze", "plurality"]
    status, out, _ = run("capital.csv", "--rules", "irv,borda", "--json", "made.json")
    assert json.loads((tmp_path / "made.json").read_text())["methods"][1]["method"] == "borda"
    assert "irv" in out


def test_ties_and_refusals_stand_in_the_table(run):
    out = run("tie.csv", "--rules", "irv,schulze")[1]
    assert out.count("a tie that must be settled: A, B") == 2 and "No method names a winner." in out
    assert "settled" not in run("tie.csv", "--rules", "irv,schulze", "--seed", "dice 3 1 6")[1]
    out = run("capital.csv", "--rules", "scottish-stv,irv", "--seats", "2")[1]
    assert "2 seats" in out and "not counted: Instant run-off (IRV) cannot fill 2 seats." in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("none.csv",), "cli.file"),
        (("capital.csv", "--rules", "irvv,borda"), "tally.method"),
        (("capital.csv", "--rules", "irv"), "tally.compare"),
        (("capital.csv", "--contest", "x"), "cli.format"),
    ],
)
def test_bad_input_is_one_line(run, words, code):
    status, out, err = run(*words)
    assert (status, out) == (2, "") and f"[{code}]" in err and err.count("\n") == 1
