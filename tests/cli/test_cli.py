"""The command line: the same services, honest exit statuses, errors in one line."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = '3 1\n4 1 0\n3 2 0\n2 3 2 0\n0\n"Ada"\n"Bea"\n"Cy"\n"A chair"\n'
TIE = '3 1\n2 1 0\n2 2 0\n3 3 0\n0\n"Ada"\n"Bea"\n"Cy"\n"A tie"\n'


@pytest.fixture
def run(tmp_path):
    """Run a command in a folder of its own; (status, stdout, stderr)."""

    def call(*words, **environ):
        done = subprocess.run(
            [sys.executable, "-m", "deliberate", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**{k: v for k, v in os.environ.items() if k not in ("PORT",)}, "PYTHONPATH": str(ROOT), **environ},
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    return call


def test_tally_prints_rounds_and_writes_the_count(run, tmp_path):
    (tmp_path / "b.blt").write_text(GOOD)
    status, out, _ = run("tally", "b.blt", "--rules", "irv", "--json", "count.json")
    assert status == 0
    assert "Outcome: elected: Bea" in out
    count = json.loads((tmp_path / "count.json").read_text())
    assert count["winners"] == ["Bea"]
    assert count["rounds"][0]["votes"] == {"Ada": "4", "Bea": "3", "Cy": "2"}
    status, out, _ = run("tally", "b.blt", "--rules", "scottish-stv", "--seats", "2", "--json", "-")
    assert status == 0
    assert len(json.loads(out)["winners"]) == 2


def test_a_tie_asks_for_a_lot_then_takes_it_or_a_seed(run, tmp_path):
    (tmp_path / "t.blt").write_text(TIE)
    status, _, err = run("tally", "t.blt", "--rules", "irv", "--set", "continue_until_two=yes", "--set", "ties=lot")
    assert status == 1
    assert "A lot must decide between Ada, Bea" in err
    (tmp_path / "lots.json").write_text(
        json.dumps([{"round": 1, "purpose": "exclude", "tied": ["Ada", "Bea"], "chosen": "Ada"}])
    )
    assert (
        run(
            "tally",
            "t.blt",
            "--rules",
            "irv",
            "--set",
            "continue_until_two=yes",
            "--set",
            "ties=lot",
            "--lots",
            "lots.json",
        )[0]
        == 0
    )
    assert run("tally", "t.blt", "--rules", "irv", "--set", "continue_until_two=yes", "--seed", "ab" * 32)[0] == 0


@pytest.mark.parametrize(
    ("name", "content", "words", "said"),
    [
        ("b.blt", "3 1\n1 9 0\n0\n", ("--rules", "irv"), "b.blt, line 2, column 3"),
        ("b.blt", GOOD, ("--rules", "dice"), "no method"),
        ("none.blt", None, ("--rules", "irv"), "no file"),
        ("b.odd", GOOD, ("--rules", "irv"), "--format"),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "x=1"), 'no option "x"'),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "nonsense"), "key=value"),
        ("b.csv", "count,rank1\n1\n", ("--rules", "irv"), "line 2"),
        ("b.blt", GOOD, ("--rules", "irv", "--lots", "no.json"), "no.json"),
    ],
)
def test_bad_input_is_one_line_and_status_2(run, tmp_path, name, content, words, said):
    if content is not None:
        (tmp_path / name).write_text(content)
    status, _, err = run("tally", name, *words)
    assert status == 2
    assert said in err


def test_a_binary_file_is_refused(run, tmp_path):
    (tmp_path / "b.blt").write_bytes(b"\xff\xfe\x00")
    status, _, err = run("tally", "b.blt", "--rules", "irv")
    assert status == 2
    assert "UTF-8" in err


def test_demo_export_verify(run, tmp_path):
    base = ("--database", f"sqlite:///{tmp_path}/x.sqlite")
    assert run("init", *base)[0] == 0
    assert "already at" in run("init", *base)[1]
    status, out, _ = run("demo", *base)
    assert status == 0
    assert "marit@northside.example" in out
    status, _, err = run("demo", *base)
    assert status == 2
    assert "holds an assembly already" in err
    assert run("demo", "--if-empty", *base)[0] == 0
    assert run("export", "--all", "--out", "records", *base)[0] == 0
    records = sorted((tmp_path / "records").glob("*.zip"))
    assert len(records) == 3
    assert run("verify", str(records[0]))[0] == 0
    assert run("verify", "nothing.zip")[0] == 2
    spoilt = tmp_path / "spoilt.zip"
    spoilt.write_bytes(records[1].read_bytes().replace(b'"seats":1', b'"seats":2', 1))
    assert run("verify", str(spoilt))[0] in (1, 2)
    assert run("worker", "--once", *base)[0] == 0


def test_member_import(run, tmp_path):
    base = ("--database", f"sqlite:///{tmp_path}/x.sqlite")
    run("demo", *base)
    (tmp_path / "bad.csv").write_text("number,name,email\nX1,Ada,broken\n")
    status, _, err = run("member", "import", "bad.csv", "--yes", *base)
    assert status == 2
    assert "line 2, email" in err
    (tmp_path / "good.csv").write_text("number,name,email,section,weight\nX1,Ada Ek,ada.ek@example.org,Hillside,3/2\n")
    status, out, _ = run("member", "import", "good.csv", "--yes", *base)
    assert status == 0
    assert "Done: 1 new, 0 changed, 0 ended." in out


def test_a_taken_port_says_by_whom(run):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        status, _, err = run("serve", PORT=str(port))
    assert status == 2
    assert f"Port {port} is taken" in err
    assert f"(pid {os.getpid()})" in err
    assert "PORT=" in err


def test_production_refuses_the_default_secret_and_never_migrates(run, tmp_path):
    ini = str(ROOT / "production.ini")
    status, _, err = run("serve", "--config", ini)
    assert status == 2
    assert "settings.secret" in err
    safe = {
        "DELIBERATE_SECRET": "x" * 40,
        "DELIBERATE_URL": "https://vote.example.org",
        "DELIBERATE_DATABASE_URL": f"sqlite:///{tmp_path}/p.sqlite",
    }
    status, _, err = run("serve", "--config", ini, PORT="8765", **safe)
    assert status == 2
    assert "deliberate init" in err


def test_unknown_settings_stop_the_start(run, tmp_path):
    (tmp_path / "x.ini").write_text("[app:main]\ndeliberate.colour = blue\n")
    status, _, err = run("init", "--config", "x.ini")
    assert status == 2
    assert "settings.unknown" in err


def test_options_that_withdrew_are_passed_over(run, tmp_path):
    (tmp_path / "w.blt").write_text(GOOD.replace("3 1\n", "3 1\n-2\n", 1))
    status, out, _ = run("tally", "w.blt", "--rules", "irv", "--json", "-")
    count = json.loads(out)
    assert (status, count["winners"], count["withdrawn"]) == (0, ["Ada"], ["Bea"])
    assert count["rounds"][0]["votes"] == {"Ada": "4", "Cy": "2"}


def test_a_file_for_several_seats_is_not_counted_by_a_method_for_one(run, tmp_path):
    (tmp_path / "s.blt").write_text(GOOD.replace("3 1\n", "3 2\n", 1))
    status, _, err = run("tally", "s.blt", "--rules", "irv")
    assert status == 2 and "cannot fill 2 seats" in err
    assert run("tally", "s.blt", "--rules", "irv", "--seats", "1")[0] == 0
