"""The command line: the same services, honest exit statuses, errors in one line."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import click
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.models import Assembly, Checkpoint, Ledger, engine
from deliberate.services import outbox
from tests.makers import make_act, make_assembly

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


def test_what_hangs_on_lots_is_said(run, tmp_path):
    """Drawn or not: every outcome is counted. It is said beside the table, or apart from what a program reads."""
    (tmp_path / "t.blt").write_text(TIE)
    asked = ("tally", "t.blt", "--rules", "scottish-stv", "--seats", "2", "--other-lots")
    says = "Ada is elected under 1 of 2 lots, probability 1/2; otherwise Bea.\nBea is elected under 1 of 2 lots"
    status, out, _ = run(*asked)
    assert (status, says in out) == (1, True)
    status, out, err = run(*asked, "--seed", "ab" * 32, "--json", "-")
    assert (status, json.loads(out)["outcome"], says in err) == (0, "elected", True)


@pytest.mark.parametrize(
    ("name", "content", "words", "said"),
    [
        ("b.blt", "3 1\n1 9 0\n0\n", ("--rules", "irv"), "b.blt, line 2, column 3"),
        ("b.blt", GOOD, ("--rules", "dice"), "no method"),
        ("none.blt", None, ("--rules", "irv"), "no file"),
        ("b.odd", "A chair\n", ("--rules", "irv"), "--format"),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "x=1"), 'no option "x"'),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "nonsense"), "key=value"),
        ("b.csv", "count,rank1\n1\n", ("--rules", "irv"), "line 2"),
        ("b.blt", GOOD, ("--rules", "scotish"), "Did you mean scottish-stv?"),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "tie=lot"), "Did you mean ties?"),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "method=motion"), 'no option "method"'),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "batch=yes", "--set", "batch=no"), "set twice"),
        ("b.blt", GOOD, ("--rules", "irv", "--set", "ties=dice"), "Name some of"),
        ("b.blt", GOOD, ("--rules", "irv", "--seats", "2"), "cannot fill 2 seats"),
        ("b.blt", GOOD, ("--rules", "irv", "--seed", "1", "--lots", "b.blt"), "Give --seed or --lots"),
        ("b.blt", GOOD, ("--rules", "irv", "--lots", "b.blt"), "cannot be read"),
        ("b.blt", GOOD, ("--rules", "irv", "--json", "none/x.json"), "none/x.json cannot be read or written"),
        ("b.blt", GOOD, ("--rules", "motion"), "ranking ballots"),
        ("b.blt", "1" * 1_100_000, ("--rules", "irv"), "line is too long"),
        ("b.blt", GOOD, ("--rules", "irv", "--lots", "no.json"), "no.json"),
    ],
)
def test_bad_input_is_one_line_and_status_2(run, tmp_path, name, content, words, said):
    if content is not None:
        (tmp_path / name).write_text(content)
    status, _, err = run("tally", name, *words)
    assert status == 2
    assert said in err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("b.blt", b"\xff\xfe\x00", "line 1, column 1: the file is in UTF-16"),
        ("b.blt", GOOD.replace("Bea", "B\u00e9a").encode("cp1252"), "line 7, column 3: the byte 0xe9"),
        ("b.csv", "count,rank1\n1,Jos\u00e9\n".encode("cp1252"), "line 2, column 6: the byte 0xe9"),
    ],
)
def test_another_encoding_is_refused_with_its_place(run, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    status, _, err = run("tally", name, "--rules", "irv")
    assert status == 2
    assert said in err
    assert "UTF-8" in err


def test_windows_lines_and_a_mark_at_the_start_are_read(run, tmp_path):
    (tmp_path / "b.blt").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert run("tally", "b.blt", "--rules", "irv")[0] == 0
    (tmp_path / "b.csv").write_bytes(
        b'\xef\xbb\xbfcount,rank1,rank2\r\n2,"Ek, Ada",Bea\r\n1,$OVERVOTE,Bea\r\n1,undervote,Bea\r\n'
    )
    status, out, _ = run("tally", "b.csv", "--rules", "irv", "--json", "-")
    assert status == 0
    count = json.loads(out)
    assert [option["name"] for option in count["options"]] == ["Bea", "Ek, Ada"]
    assert count["rounds"][0]["votes"] == {"Bea": "1", "Ek, Ada": "2"}


def test_withdrawn_options_leave_and_ballots_pass_over_them(run, tmp_path):
    (tmp_path / "b.blt").write_text(GOOD.replace("4 1 0", "-2\n4 1 0").replace("2 3 2 0", "2 2 3 0"))
    status, out, _ = run("tally", "b.blt", "--rules", "irv", "--json", "-")
    count = json.loads(out)
    assert status == 0
    assert count["withdrawn"] == ["Bea"]
    assert count["rounds"][0]["votes"] == {"Ada": "4", "Cy": "2"}
    assert "Withdrawn before the count: Bea" in run("tally", "b.blt", "--rules", "irv")[1]


def test_equal_votes_ask_for_the_casting_vote_where_the_rules_give_one(run, tmp_path):
    (tmp_path / "m.csv").write_text("count,choice\n2,yes\n2,no\n1,abstain\n")
    asked = ("tally", "m.csv", "--rules", "motion", "--set", "tie=casting")
    status, _, err = run(*asked)
    assert status == 1 and "The chair must decide between yes, no." in err and "--seed" not in err
    (tmp_path / "lots.json").write_text(err[err.index("[{") : err.index("}]") + 2])
    status, out, _ = run(*asked, "--lots", "lots.json")
    assert status == 0 and "Outcome: carried" in out


def test_any_text_is_a_seed_and_the_record_holds_what_it_stands_for(run, tmp_path):
    (tmp_path / "t.blt").write_text(TIE)
    words = ("tally", "t.blt", "--rules", "irv", "--json", "-", "--seed")
    status, out, _ = run(*words, "31 May, dice 4 2 6")
    assert status == 0
    rules = json.loads(out)["rules"]
    assert rules["seed"] == hashlib.sha256(b"31 May, dice 4 2 6").hexdigest()
    assert rules["ties"] == ["backwards", "seed"]
    assert run(*words, rules["seed"].upper())[1] == out
    assert json.loads(run(*words, "1", "--set", "ties=lot")[1])["rules"]["ties"] == ["seed"]
    (tmp_path / "m.csv").write_text("count,choice\n3,no\n4,Yes\n")
    assert "motion draws no lots" in run("tally", "m.csv", "--rules", "motion", "--seed", "1")[1]


@pytest.mark.parametrize(
    ("rows", "outcome", "votes"),
    [
        ("3,no\n4,Yes\n9,abstain\n", "carried", {"Yes": "4", "no": "3", "abstain": "9"}),
        ("3,against\n2,for\n", "lost", {"for": "2", "against": "3", "abstain": "0"}),
    ],
)
def test_a_motion_from_a_table_knows_yes_from_no(run, tmp_path, rows, outcome, votes):
    (tmp_path / "m.csv").write_text("count,choice\n" + rows)
    status, out, _ = run("tally", "m.csv", "--rules", "motion", "--json", "-")
    count = json.loads(out)
    assert (status, count["outcome"], count["rounds"][0]["votes"]) == (0, outcome, votes)
    (tmp_path / "m.csv").write_text("choice\nyes\nfor\n")
    assert "tally.answer" in run("tally", "m.csv", "--rules", "motion")[2]


def test_lots_are_checked_before_they_are_used(run, tmp_path):
    (tmp_path / "t.blt").write_text(TIE)
    for lots in (
        '[{"round":1,"purpose":"exclude","tied":5,"chosen":"Ada"}]',
        '[{"round":1,"round":2}]',
        "[" * 100_000,
        "{}",
    ):
        (tmp_path / "lots.json").write_text(lots)
        status, _, err = run("tally", "t.blt", "--rules", "irv", "--lots", "lots.json")
        assert status == 2
        assert "cli.lots" in err


def test_standard_input_and_a_bar_for_a_long_file(tmp_path):
    from deliberate.cli import lines

    done = subprocess.run(
        [sys.executable, "-m", "deliberate", "tally", "-", "--rules", "irv", "--format", "blt"],
        input=GOOD, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Outcome: elected: Bea" in done.stdout
    file = tmp_path / "long.blt"
    file.write_text("1 1 0\n" * 12_000)
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines.time, "monotonic", iter(range(0, 10_000, 2)).__next__)
        patch.setattr(lines, "_bar", lambda size: shown.append(size) or click.progressbar(length=size))
        assert len(list(lines.lines(str(file)))) == 12_000
    assert shown == [72_000]


def test_demo_export_verify(run, tmp_path):
    base = ("--database", f"sqlite:///{tmp_path}/x.sqlite")
    assert run("init", *base)[0] == 0
    assert "already at" in run("init", *base)[1]
    status, out, _ = run("demo", *base, DELIBERATE_DATA="")  # without the archive, wherever its data may be
    assert status == 0
    assert "marit@northside.example" in out
    with sqlite3.connect(tmp_path / "x.sqlite") as db:
        mails = [text for (text,) in db.execute("SELECT text FROM outbox")]
    assert mails and all("http://127.0.0.1:8000/" in text for text in mails)
    status, _, err = run("demo", *base)
    assert status == 2
    assert "holds something already" in err
    assert "Building" not in err
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
    run("init", *base, "--assembly", "Riverside Union", "--admin", "Ada Ek <ada@example.org>")
    (tmp_path / "bad.csv").write_text("number,name,email\nX1,Ada,broken\n")
    status, _, err = run("member", "import", "bad.csv", "--yes", *base)
    assert status == 2
    assert "line 2, email" in err
    (tmp_path / "good.csv").write_text("number,name,email,section,weight\nX1,Bo Ek,bo.ek@example.org,Hillside,3/2\n")
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    status, _, err = run("serve", "--config", ini, PORT=str(port), **safe)
    assert status == 2
    assert "deliberate init" in err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "settings.database"),
        ("mysql://ada:hush@host/x", "settings.database"),
        ("postgres://ada:hush@127.0.0.1:1/x", "database.unreachable"),
        ("postgresql://ada:hush@127.0.0.1:1/x", "database.unreachable"),
        ("sqlite:///garbage.sqlite", "database.unreachable"),
        ("sqlite:////proc/nowhere/x.sqlite", "cli.file"),
    ],
)
@pytest.mark.parametrize("command", [("init",), ("export", "--all", "--out", "x"), ("worker", "--once"), ("serve",)])
def test_a_database_that_cannot_be_used_is_one_line(run, tmp_path, url, said, command):
    (tmp_path / "garbage.sqlite").write_text("This is no database. " * 100)
    status, _, err = run(*command, "--database", url)
    assert status == 2
    assert said in err
    assert "hush" not in err
    assert err.count("\n") == 1


def test_a_worker_never_migrates_in_production(run, tmp_path):
    safe = {"DELIBERATE_SECRET": "x" * 40, "DELIBERATE_DATABASE_URL": f"sqlite:///{tmp_path}/p.sqlite"}
    status, _, err = run("worker", "--once", "--config", str(ROOT / "production.ini"), **safe)
    assert status == 2
    assert "deliberate init" in err


def test_the_demonstration_refuses_a_database_that_holds_anything(run, tmp_path):
    base = ("--database", f"sqlite:///{tmp_path}/x.sqlite")
    run("init", *base)
    with sqlite3.connect(tmp_path / "x.sqlite") as db:
        db.execute(
            "INSERT INTO person (public_id, name, email, created_at) VALUES ('a', 'Ada', 'a@b.org', '2026-01-01')"
        )
    status, _, err = run("demo", *base)
    assert status == 2
    assert "table person" in err
    status, out, _ = run("demo", "--if-empty", *base)
    assert status == 0
    assert "no demonstration" in out
    assert "password" not in out


def test_a_folder_that_cannot_be_written_is_one_line(run, tmp_path):
    base = ("--database", f"sqlite:///{tmp_path}/x.sqlite")
    status, _, err = run("export", "--all", "--out", "/proc/x", *base)
    assert status == 2
    assert "/proc/x cannot be read or written" in err


def pserve(folder, ini, *words, **environ):
    """Start ``pserve``; the running process."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DELIBERATE_") and key != "PORT"}
    return subprocess.Popen(
        [sys.executable, "-c", "from pyramid.scripts.pserve import main; main()", str(ROOT / ini), *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**clean, "PYTHONPATH": str(ROOT), **environ},
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "settings.secret"),
        ({"DELIBERATE_SECRET": "short"}, "settings.secret"),
        ({"DELIBERATE_SECRET": "x" * 40}, "deliberate init"),
    ],
)
def test_pserve_production_refuses_in_one_line(tmp_path, environ, said):
    out, _ = pserve(tmp_path, "production.ini", **environ).communicate(timeout=60)
    assert said in out.splitlines()[-1]
    assert "Traceback" not in out


def test_pserve_says_who_holds_the_port(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        out, _ = pserve(tmp_path, "development.ini", PORT=port).communicate(timeout=60)
    assert f"Port {port} is taken" in out
    assert "Traceback" not in out


@pytest.mark.parametrize("ini", ["development.ini", "production.ini"])
def test_pserve_serves_pages_and_ends_cleanly(run, tmp_path, ini):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environ = {"PORT": port, "DELIBERATE_SECRET": "x" * 40, "DELIBERATE_KEYS": "keys"}
    environ["DELIBERATE_DATABASE_URL"] = f"sqlite:///{tmp_path}/p.sqlite"
    assert run("init", "--config", str(ROOT / ini), **environ)[0] == 0
    server = pserve(tmp_path, ini, **environ)
    try:
        for _ in range(300):
            try:
                answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        assert answer.status == 200
    finally:
        server.send_signal(signal.SIGINT)
        out, _ = server.communicate(timeout=20)
    assert f"Deliberate is at http://127.0.0.1:{port}" in out
    assert "Traceback" not in out


def test_unknown_settings_stop_the_start(run, tmp_path):
    (tmp_path / "x.ini").write_text("[app:main]\ndeliberate.colour = blue\n")
    status, _, err = run("init", "--config", "x.ini")
    assert status == 2
    assert "settings.unknown" in err


def test_a_mail_server_that_never_answers_delays_no_checkpoint(tmp_path, migrated):
    file = tmp_path / "db.sqlite"
    shutil.copy(migrated, file)
    made = engine(f"sqlite:///{file}")
    with Session(made) as db, db.begin():
        assembly = make_assembly(db)
        outbox.write(db, "test", "ada@example.org", "Hello", "Nobody will read this.\n")
        ledger_id = assembly.ledger_id
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DELIBERATE_DATABASE_URL": f"sqlite:///{file}",
            "DELIBERATE_KEYS": str(tmp_path / "keys"),
            "DELIBERATE_MAIL": f"smtp://127.0.0.1:{silent.getsockname()[1]}",
        }
        worker = subprocess.Popen([sys.executable, "-m", "deliberate", "worker"], cwd=tmp_path, env=environ)
        try:
            held, _ = silent.accept()  # the mail waits for an answer from now on
            with Session(made) as db, db.begin():
                make_act(db, db.scalars(select(Assembly)).one()).record("member.added", "member:x")
            until = time.monotonic() + 15  # the mail alone waits for 20 seconds
            while time.monotonic() < until:
                with Session(made) as db:
                    size = db.get_one(Ledger, ledger_id).size
                    if db.get(Checkpoint, (ledger_id, size)) is not None:
                        break
                time.sleep(0.2)
            else:
                pytest.fail("no checkpoint was signed while a mail was waiting")
            held.close()
        finally:
            worker.kill()
            worker.wait()
    made.dispose()


def test_a_file_for_several_seats_is_not_counted_by_a_method_for_one(run, tmp_path):
    (tmp_path / "s.blt").write_text(GOOD.replace("3 1\n", "3 2\n", 1))
    status, _, err = run("tally", "s.blt", "--rules", "irv")
    assert status == 2 and "cannot fill 2 seats" in err
    assert run("tally", "s.blt", "--rules", "irv", "--seats", "1")[0] == 0
