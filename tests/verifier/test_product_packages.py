"""Packages made by the product: untouched ones agree, tampering is caught by the check that is named, hostile files are reported."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest

from deliberate.core.formats import record
from deliberate.core.ledger import canonical, checkpoint, merkle, note, tiles
from deliberate.models import engine as make_engine
from deliberate.services.migrations import migrate
from deliberate.verifier import main, verify
from tests.makers import KEY
from tests.verifier.product import ALL, build, check, files, pack


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Packages of every method and mode, made once on SQLite."""
    found = {}
    for method, mode in ALL:
        engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('package') / 'db.sqlite'}")
        migrate(engine)
        seats = {"seats": 2} if method == "scottish-stv" else {}
        found[method, mode] = build(engine, method, mode, **seats)[0]
        engine.dispose()
    return found


@pytest.mark.parametrize("which", ALL, ids="-".join)
def test_an_untouched_package_agrees(made, which, tmp_path):
    found = check(made[which], tmp_path)
    assert {name: f.says for name, f in found.items() if f.result == "FAIL"} == {}
    assert [name for name, f in found.items() if f.result == "NOT CHECKED"] == ["witness", "receipt"]


def entries_of(all_files, name):
    return [
        json.loads(body)
        for path in sorted(p for p in all_files if p.startswith(f"log/{name}/tile/entries/"))
        for body in tiles.unbundle(all_files[path])
    ]


def relog(all_files, name, bodies, key=KEY):
    """The files with another log under this name, consistently hashed and signed."""
    kept = {path: data for path, data in all_files.items() if not path.startswith(f"log/{name}/")}
    origin = json.loads(all_files["definition.json"])["origins"][name]
    chained, prev = [], None
    for body in bodies:
        body = dict(body)
        if name != "box":
            body.pop("prev", None)
            if prev:
                body["prev"] = prev
        data = canonical.encode(body)
        prev = merkle.leaf_hash(data).hex()
        chained.append(data)
    head = checkpoint.sign(
        checkpoint.Head(origin, len(chained), merkle.root([merkle.leaf_hash(b) for b in chained])), key
    )
    return kept | record.log(name, chained, head.encode(), {})


def edit(path, change):
    def run(all_files):
        value = json.loads(all_files[path])
        change(value)
        return all_files | {path: canonical.encode(value)}

    return run


def in_log(name, change):
    def run(all_files):
        bodies = entries_of(all_files, name)
        return relog(all_files, name, change(bodies) or bodies)

    return run


def drop_last_ballot(bodies):
    at = max(n for n, body in enumerate(bodies) if body["kind"] in ("cast", "replace"))
    return bodies[:at] + bodies[at + 1 :]


def double_ballot(bodies):
    at = min(n for n, body in enumerate(bodies) if body["kind"] == "cast")
    return [*bodies[: at + 1], bodies[at], *bodies[at + 1 :]]


def first(kind, change):
    def run(bodies):
        change(next(body for body in bodies if body["kind"] == kind))

    return run


def add_after_close(bodies):
    at = next(n for n, body in enumerate(bodies) if body["kind"] == "close")
    return [
        *bodies[: at + 1],
        next(body for body in bodies if body["kind"] in ("cast", "participate")),
        *bodies[at + 1 :],
    ]


TAMPERING = {
    "winner": ("irv", "confidential", edit("tally/rounds.json", lambda v: v.update(winners=["Cy"])), "tally"),
    "round total": (
        "scottish-stv",
        "open",
        edit("tally/rounds.json", lambda v: v["rounds"][0]["votes"].update(Ada="9.00000")),
        "tally",
    ),
    "quota": ("scottish-stv", "confidential", edit("tally/rounds.json", lambda v: v.update(quota="1")), "tally"),
    "inequality": (
        "motion",
        "open",
        edit("tally/rounds.json", lambda v: v["tests"][0].update(holds=not v["tests"][0]["holds"])),
        "tally",
    ),
    "outcome": (
        "motion",
        "confidential",
        edit("tally/rounds.json", lambda v: v.update(outcome="lost" if v["outcome"] == "carried" else "carried")),
        "tally",
    ),
    "seats": ("scottish-stv", "open", edit("definition.json", lambda v: v.update(seats=1)), "definition"),
    "option": ("irv", "open", edit("definition.json", lambda v: v["options"][0].update(name="Eve")), "definition"),
    "question": ("motion", "open", edit("definition.json", lambda v: v.update(question="Another?")), "definition"),
    "threshold": (
        "motion",
        "open",
        edit("definition.json", lambda v: v["rules"].update(threshold="1/9")),
        "definition",
    ),
    "rules in the opening": (
        "motion",
        "open",
        in_log("poll", first("open", lambda e: e["data"]["rules"].update(threshold="1/9"))),
        "definition",
    ),
    "ballot dropped": ("irv", "open", in_log("poll", drop_last_ballot), "ledger"),
    "box ballot dropped": ("irv", "confidential", in_log("box", drop_last_ballot), "ledger"),
    "ballot doubled": ("plurality", "open", in_log("poll", double_ballot), "uniqueness"),
    "box ballot doubled": ("plurality", "confidential", in_log("box", double_ballot), "uniqueness"),
    "box not sorted": ("irv", "confidential", in_log("box", lambda b: b[::-1]), "ledger"),
    "ballot changed": (
        "plurality",
        "open",
        in_log("poll", first("cast", lambda e: e["data"]["ballot"].update(marks=["o3"]))),
        "ledger",
    ),
    "weight changed": (
        "irv",
        "open",
        in_log("poll", first("cast", lambda e: e["data"].update(weight="5"))),
        "eligibility",
    ),
    "box weight changed": (
        "irv",
        "confidential",
        in_log("box", first("cast", lambda e: e["data"].update(weight="5"))),
        "eligibility",
    ),
    "off the roll": (
        "irv",
        "open",
        in_log("poll", first("cast", lambda e: e["data"].update(roll="ab" * 32))),
        "eligibility",
    ),
    "participant off the roll": (
        "irv",
        "confidential",
        in_log("poll", first("participate", lambda e: e["data"].update(roll="ab" * 32))),
        "eligibility",
    ),
    "entry after the close": ("irv", "open", in_log("poll", add_after_close), "window"),
    "late ballot": (
        "irv",
        "open",
        in_log("poll", first("cast", lambda e: e.update(at="2099-01-01T00:00:00.000Z"))),
        "window",
    ),
    "early ballot": (
        "irv",
        "open",
        in_log("poll", first("cast", lambda e: e.update(at="1999-01-01T00:00:00.000Z"))),
        "window",
    ),
    "opening moved": (
        "motion",
        "open",
        edit("definition.json", lambda v: v.update(opens_at="2020-01-01T00:00:00.000Z")),
        "window",
    ),
    "time smuggled into the box": (
        "irv",
        "confidential",
        in_log("box", first("cast", lambda e: e.update(at="2026-01-01T00:00:00.000Z"))),
        "schema",
    ),
    "identity smuggled into the box": (
        "irv",
        "confidential",
        in_log("box", first("cast", lambda e: e["data"].update(roll="ab" * 32))),
        "schema",
    ),
    "unreduced weight": (
        "irv",
        "open",
        in_log("poll", first("cast", lambda e: e["data"].update(weight="2/2"))),
        "schema",
    ),
    "unknown kind": ("irv", "open", in_log("poll", first("cast", lambda e: e.update(kind="conjure"))), "schema"),
    "foreign replacement": (
        "irv",
        "open",
        in_log("poll", first("replace", lambda e: e["data"].update(replaces="ab" * 32))),
        "revote",
    ),
    "replacement hidden": ("irv", "confidential", lambda f: f | {"replaced.jsonl": b""}, "revote"),
    "roll row added": (
        "irv",
        "open",
        lambda f: (
            f
            | {
                "roll.jsonl": f["roll.jsonl"]
                + canonical.encode({"name": "X", "roll": "ff" * 32, "weight": "1"})
                + b"\n"
            }
        ),
        "eligibility",
    ),
    "roll weight changed": (
        "motion",
        "confidential",
        lambda f: f | {"roll.jsonl": f["roll.jsonl"].replace(b'"weight":"1"', b'"weight":"2"', 1)},
        "eligibility",
    ),
    "CSV row changed": (
        "irv",
        "open",
        lambda f: f | {"ballots.csv": f["ballots.csv"].replace(b"o3", b"o1", 2)},
        "formats",
    ),
    "BLT row lost": (
        "irv",
        "confidential",
        lambda f: (
            f | {"ballots.blt": b"\n".join(f["ballots.blt"].split(b"\n")[:1] + f["ballots.blt"].split(b"\n")[2:])}
        ),
        "formats",
    ),
    "JSON ballots changed": (
        "plurality",
        "open",
        edit("ballots.json", lambda v: v["ballots"][0].update(count=99)),
        "formats",
    ),
    "box head at the close": (
        "irv",
        "confidential",
        in_log("poll", first("close", lambda e: e["data"]["box"].update(size=1))),
        "ledger",
    ),
    "embedded head": (
        "irv",
        "confidential",
        in_log("assembly", first("poll.closed", lambda e: e["data"]["ledgers"]["poll"].update(root="ab" * 32))),
        "ledger",
    ),
    "tile changed": (
        "irv",
        "open",
        lambda f: f | {p: d[:-1] + b"x" for p, d in f.items() if p.startswith("log/poll/tile/0/")},
        "ledger",
    ),
    "count changed before publication": (
        "irv",
        "confidential",
        in_log("assembly", first("poll.tallied", lambda e: e["data"].update(sealed="ab" * 32))),
        "tally",
    ),
    "count of another poll": (
        "irv",
        "open",
        in_log("poll", first("result", lambda e: e["data"].update(count="ab" * 32))),
        "tally",
    ),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_caught_by_its_check(made, name, tmp_path):
    """The files are changed, then everything is hashed and signed again by the operator's own key."""
    method, mode, change, wanted = TAMPERING[name]
    found = check(pack(change(files(made[method, mode]))), tmp_path)
    assert found[wanted].result == "FAIL", {n: f.says for n, f in found.items() if f.result == "FAIL"}
    assert found[wanted].says


@pytest.mark.parametrize("which", ALL[::3], ids="-".join)
def test_a_byte_changed_anywhere_breaks_integrity(made, which, tmp_path):
    whole = files(made[which])
    for path, data in whole.items():
        if path.startswith("manifest") or not data:
            continue
        found = (
            check(pack(whole | {path: data[:-1] + bytes([data[-1] ^ 1])}, sign=False), tmp_path)
            if path != "definition.json"
            else {"integrity": None}
        )
        if found["integrity"] is not None:
            assert found["integrity"].result == "FAIL", path


def test_files_missing_extra_or_renamed_break_integrity(made, tmp_path):
    whole = files(made["irv", "open"])
    without = {path: data for path, data in whole.items() if path != "code.json"}
    for changed in (without, whole | {"extra.txt": b"x"}, without | {"kode.json": whole["code.json"]}):
        assert check(pack(changed, sign=False), tmp_path)["integrity"].result == "FAIL"


def test_another_key_is_not_the_pinned_one(made, tmp_path):
    other = note.Signer("vote.example.org", b"\x07" * 32)
    whole = files(made["irv", "open"])
    assert check(pack(whole, key=other), tmp_path)["signature"].result == "FAIL"
    found = check(made["irv", "open"], tmp_path, vkey=other.verifier.vkey())
    assert found["signature"].result == "FAIL"
    assert check(made["irv", "open"], tmp_path, vkey=KEY.verifier.vkey())["signature"].result == "PASS"
    assert check(pack(whole | {"manifest.note": b"nonsense\n"}, sign=False), tmp_path)["signature"].result == "FAIL"


def hostile():
    def zipped(add):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            add(archive)
        return out.getvalue()

    yield "empty", b""
    yield "no zip", b"PK\x03\x04 but not really" * 20
    yield "no files", zipped(lambda a: None)
    yield "deep", zipped(lambda a: (a.writestr("definition.json", b"[" * 100_000), a.writestr("manifest.json", b"{}")))
    yield (
        "odd text",
        zipped(lambda a: (a.writestr("definition.json", '{"v":"\u202e"}'), a.writestr("manifest.json", b"\xff"))),
    )
    yield "escape", zipped(lambda a: (a.writestr("../../etc/passwd", b"x"), a.writestr("manifest.json", b"{}")))


@pytest.mark.parametrize(("name", "data"), list(hostile()), ids=[name for name, _ in hostile()])
def test_hostile_files_are_reported_not_fatal(name, data, tmp_path, capsys):
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    assert verify(str(path)).failed
    assert main([str(path)]) in (1, 2)
    assert "FAIL" in capsys.readouterr().out


def test_a_truncated_package_is_unreadable_or_fails(made, tmp_path):
    data = made["irv", "open"]
    path = tmp_path / "x.zip"
    for cut in (10, len(data) // 2, len(data) - 5):
        path.write_bytes(data[:cut])
        assert main([str(path)]) in (1, 2)


def test_compressed_members_and_links_break_integrity(made, tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files(made["irv", "open"]).items():
            archive.writestr(path, data, zipfile.ZIP_DEFLATED if path == "ballots.csv" else zipfile.ZIP_STORED)
    assert check(out.getvalue(), tmp_path)["integrity"].result == "FAIL"


def test_the_command_stands_alone(made, tmp_path):
    """It runs without the rest of the project in sight: nothing of it is imported."""
    path = tmp_path / "record.zip"
    path.write_bytes(made["irv", "confidential"])
    script = (
        "import sys, runpy; sys.argv = ['verify', sys.argv[1], '--json']\n"
        "try: runpy.run_module('deliberate.verifier', run_name='__main__')\n"
        "except SystemExit as end:\n"
        "  mine = [m for m in sys.modules if m.startswith('deliberate.') and not m.startswith('deliberate.verifier')]\n"
        "  assert not mine and 'numpy' not in sys.modules and 'sqlalchemy' not in sys.modules, mine\n"
        "  sys.exit(end.code)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ok"] is True
    assert hashlib.sha256(path.read_bytes()).hexdigest()
