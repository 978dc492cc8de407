"""The record package: the same bytes whenever, wherever and in whatever order it is built."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.errors import DeliberateError
from deliberate.core.formats import record
from deliberate.core.ledger import canonical, checkpoint, merkle, note, tiles

ROOT = Path(__file__).resolve().parents[2]
SIGNER = note.Signer("vote.example.org", bytes(range(32)))
BODIES = [canonical.encode({"n": n}) for n in range(300)]


def head(size):
    leaves = [merkle.leaf_hash(body) for body in BODIES[:size]]
    return checkpoint.sign(checkpoint.Head("vote.example.org/p", size, merkle.root(leaves)), SIGNER).encode()


def some_files():
    return {
        "definition.json": canonical.encode({"title": "Café"}),
        "rejected.jsonl": b"",
        "code.json": record.code("1.0"),
        "roll.jsonl": record.roll(
            [{"roll": "b" * 64, "weight": "1"}, {"roll": "a" * 64, "weight": "3/2", "name": "Zoë"}]
        ),
        **record.log("poll", BODIES, head(300), {7: head(7), 300: head(300)}),
    }


def digest():
    return hashlib.sha256(record.build(some_files(), "p", "vote.example.org/p", SIGNER)[1]).hexdigest()


def test_the_package_is_what_its_manifest_says():
    package, data = record.build(some_files(), "p" * 26, "vote.example.org/p", SIGNER)
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        files = {name: made.read(name) for name in made.namelist()}
        assert made.namelist() == sorted(files, key=str.encode)
        assert made.comment == b""
    assert hashlib.sha256(files["manifest.json"]).hexdigest() == package
    assert canonical.decode(files["manifest.json"]) == {
        "v": 1,
        "edition": "public",
        "poll": "p" * 26,
        "files": [
            {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for path, content in sorted(some_files().items())
        ],
    }
    assert (
        note.verify(files["manifest.note"], [SIGNER.verifier]).text
        == f"deliberate record package\nvote.example.org/p\n{package}\n"
    )
    assert {path: files[path] for path in some_files()} == some_files()


def test_every_header_holds_only_what_the_contract_allows():
    data = record.archive(some_files())
    at = 0
    for path in sorted(some_files()):
        content = some_files()[path]
        name = path.encode()
        found = struct.unpack("<4s5H3L2H", data[at : at + 30])
        assert found[:2] == (b"PK\x03\x04", 20), "needs version 2.0"
        assert found[2:6] == (0, 0, 0, 33), "no flags, stored, 1980-01-01 00:00:00"
        assert found[7:] == (len(content), len(content), len(name), 0), "sizes, no extra field"
        assert data[at + 30 : at + 30 + len(name)] == name
        at += 30 + len(name) + len(content)
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        for info in made.infolist():
            assert (info.create_system, info.create_version, info.extract_version) == (3, 20, 20)
            assert (info.external_attr, info.internal_attr, info.extra, info.comment) == (0o100644 << 16, 0, b"", b"")
        assert made.start_dir == at, "nothing between the files and the list of them"


@given(
    st.dictionaries(
        st.from_regex(r"[a-zA-Z0-9_]{1,6}(/[a-z0-9.]{0}[a-z0-9]{1,4})?", fullmatch=True),
        st.binary(max_size=20),
        max_size=8,
    ),
    st.randoms(),
)
@settings(max_examples=40)
def test_the_order_of_the_files_does_not_matter(files, chance):
    keys = list(files)
    chance.shuffle(keys)
    assert record.build({key: files[key] for key in keys}, "p", "o", SIGNER) == record.build(files, "p", "o", SIGNER)


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu"}, {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C"}],
)
def test_another_process_elsewhere_writes_the_same_bytes(environment):
    code = "import sys; sys.dont_write_bytecode = True; from tests.core.test_record import digest; print(digest())"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == digest()


def test_bytes_written_into_a_file_are_those_of_the_archive(tmp_path):
    _, whole = record.sealed(some_files(), "p", "vote.example.org/p", SIGNER)
    with (tmp_path / "record.zip").open("wb") as out:
        record.write(whole, out)
    assert (tmp_path / "record.zip").read_bytes() == record.build(some_files(), "p", "vote.example.org/p", SIGNER)[1]


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "../a", "a/../b", "a//b", "a\\b", "ä", "a b", "a\n", ".hidden", "C:x"]
)
def test_paths_that_could_leave_the_folder_are_refused(path):
    with pytest.raises(DeliberateError, match=r"record\.path"):
        record.archive({path: b""})


def test_a_log_carries_its_head_its_earlier_heads_and_its_tiles():
    files = record.log("poll", BODIES, head(300), {7: head(7), 300: b"never", 301: b"never"})
    assert files["log/poll/checkpoint"] == head(300)
    assert files["log/poll/checkpoints/7"] == head(7)
    assert not any(path.endswith(("/300", "/301")) for path in files)
    held = {path.removeprefix("log/poll/"): data for path, data in files.items() if "/tile/" in path}
    assert tiles.read(held, 300, checkpoint.verify(head(300), [SIGNER.verifier]).root) == BODIES
    assert set(record.log("box", [], b"head", {})) == {"log/box/checkpoint"}


def test_the_roll_is_sorted_and_its_root_is_over_its_lines():
    lines = [{"roll": "b" * 64, "weight": "1"}, {"roll": "a" * 64, "weight": "3/2"}]
    written = record.roll(lines)
    assert written == b'{"roll":"%s","weight":"3/2"}\n{"roll":"%s","weight":"1"}\n' % (b"a" * 64, b"b" * 64)
    frozen = record.roll_root([("b" * 64, Fraction(1)), ("a" * 64, Fraction(3, 2))])
    assert frozen == {
        "root": merkle.root(map(merkle.leaf_hash, written.splitlines())).hex(),
        "size": 2,
        "weight": "5/2",
    }
    assert record.roll_root([]) == {"root": merkle.EMPTY.hex(), "size": 0, "weight": "0"}


def test_a_ballot_is_superseded_once_and_a_member_stands_once_on_the_roll():
    assert (
        record.replaced([{"leaf": "b", "by": "c"}, {"leaf": "a", "by": "b"}])
        == b'{"by":"b","leaf":"a"}\n{"by":"c","leaf":"b"}\n'
    )
    with pytest.raises(DeliberateError, match=r"record\.lines"):
        record.replaced([{"leaf": "a", "by": "b"}, {"leaf": "a", "by": "c"}])
    with pytest.raises(DeliberateError, match=r"record\.lines"):
        record.roll([{"roll": "a", "weight": "1"}] * 2)


def test_the_code_that_counted_is_named():
    assert record.code("0.1.0") == b'{"v":1,"version":"0.1.0"}'
