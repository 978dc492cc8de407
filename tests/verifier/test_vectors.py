"""The vectors of other projects: Merkle trees, signed notes, proofs and a tiled log that was not made by us."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deliberate.verifier import canonical
from deliberate.verifier.archive import Archive
from deliberate.verifier.logs import Log, numbered, tile_path, tiles
from deliberate.verifier.merkle import TILE, Tree, included, leaf_hash, root_of
from deliberate.verifier.notes import BadNote, read_key, read_note
from deliberate.verifier.receipts import _proof
from deliberate.verifier.report import Report
from tests.verifier.make_package import Signer, archive
from tests.verifier.shared import load


def unpack(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_roots_of_the_reference_leaves() -> None:
    data, tree = load("audit", "merkle_roots.json"), Tree()
    assert tree.root(0).hex() == data["roots_by_size"][0]
    for size, (text, expected) in enumerate(zip(data["leaf_inputs_hex"], data["leaf_hashes"], strict=True), 1):
        tree.add(leaf_hash(bytes.fromhex(text)))
        assert tree.leaf(size - 1).hex() == expected
        assert tree.root(size).hex() == data["roots_by_size"][size]
    assert [tree.root(size).hex() for size in range(9)] == data["roots_by_size"]


def test_inclusion_proofs() -> None:
    cases = load("audit", "merkle_inclusion.json")
    for case in cases:
        good = included(case["leafIdx"], case["treeSize"], unpack(case["leafHash"]),
                        [unpack(p) for p in case["proof"] or []],
                        unpack(case["root"]))
        assert good != case["wantErr"], case["id"]
    assert len(cases) == 98


def test_signed_notes() -> None:
    for case in load("audit", "signed_notes.json"):
        keys = [read_key(k) for k in case["vkeys"]]
        try:
            note = read_note(case["note"].encode())
            signed = [[k.name, k.kind, when or None] for k in keys if (when := note.signed_by(k)) is not None]
        except BadNote:
            signed = []
        assert bool(signed) == case["accept"], case["id"]
        if case["accept"]:
            assert note.text == case["text"]
            assert sorted(map(str, signed)) == sorted(map(str, case["verified"])), case["id"]


def tiled_log() -> tuple[dict[str, Any], Log, Report]:
    data, report = load("audit", "tlog_tiles_log.json"), Report()
    texts = [text.encode() for text in data["entries_text"]]
    files = {"log/x/checkpoint": data["checkpoints"][-1].encode(),
             f"log/x/tile/0/000.p/{len(texts)}": b"".join(map(leaf_hash, texts)),
             f"log/x/tile/entries/000.p/{len(texts)}": b"".join(len(t).to_bytes(2, "big") + t for t in texts)}
    files |= {f"log/x/checkpoints/{i}": c.encode() for i, c in enumerate(data["checkpoints"][:-1])}
    log = Log(Archive(io.BytesIO(archive(files)), report), report, "x", "example.com/log/testdata",
              read_key(data["vkey"]))
    assert [body for _, body, _ in log.entries()] == texts
    log.finish()
    return data, log, report


def test_a_tiled_log_of_another_project() -> None:
    _, log, report = tiled_log()
    assert not report.fails
    assert len(log.tree) == 15


def test_a_log_with_more_tiles_than_one_above_the_leaves() -> None:
    """65,800 entries: two tiles of level 1, one of level 2, written here and read there; each is looked at."""
    size, signer = 65_800, Signer("example.com/log", b"\7" * 32)
    leaves = [leaf_hash(b"")] * size
    files = {f"log/x/{tile_path('entries', n, width)}": b"\0\0" * width for level, n, width in tiles(size) if not level}
    below, tree = leaves, Tree()
    for leaf in leaves:
        tree.add(leaf)
    for at in range(3):
        files |= {f"log/x/{tile_path(level, n, width)}": b"".join(below[TILE * n:TILE * n + width])
                  for level, n, width in tiles(size) if level == at}
        below = [root_of(below[i:i + TILE]) for i in range(0, len(below) - TILE + 1, TILE)]
    root = base64.b64encode(tree.root(size)).decode()
    files["log/x/checkpoint"] = signer.note(f"x\n{size}\n{root}\n")
    assert "log/x/tile/1/001.p/1" in files and "log/x/tile/2/000.p/1" in files
    for path, fails in (("", set()), ("log/x/tile/1/001.p/1", {"ledger"}), ("log/x/tile/2/000.p/1", {"ledger"})):
        report = Report()
        made = files | ({path: bytes(len(files[path]))} if path else {})
        log = Log(Archive(io.BytesIO(archive(made)), report), report, "x", "x", read_key(signer.vkey))
        assert sum(1 for _ in log.entries()) == size
        log.finish()
        assert set(report.fails) == fails and all(path in one.says for one in report.fails.get("ledger", []))


def test_a_tree_has_no_root_beyond_its_leaves() -> None:
    tree = Tree()
    tree.add(leaf_hash(b"a"))
    for size in (-1, 2):
        with pytest.raises(IndexError):
            tree.root(size)


def test_proofs_over_that_log() -> None:
    _, log, _ = tiled_log()
    for case in load("audit", "tlog_proofs.json")["cases"]:
        report = Report()
        record: Any = SimpleNamespace(report=report, key=log.key, open_mode=True, superseded={}, log=lambda _name: log)
        head, _, checkpoint = case["proof"].partition("\n\n")
        lines = [line for line in head.split("\n")[1:] if not line.startswith("extra ")]
        leaf = leaf_hash(case["entry"].encode())
        try:
            _proof(record, int(lines[0].split()[1]), [unpack(line) for line in lines[1:]], leaf, checkpoint)
            good = not report.fails
        except BadNote:
            good = False
        assert good == case["accept"], case


def test_tile_paths() -> None:
    assert numbered(1234067) == "x001/x234/067"
    assert numbered(0) == "000" and numbered(999) == "999" and numbered(1000) == "x001/000"
    assert tile_path(0, 5, 256) == "tile/0/005" and tile_path("entries", 5, 7) == "tile/entries/005.p/7"
    assert list(tiles(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles(257)) == [(0, 0, 256), (0, 1, 1), (1, 0, 1)]
    assert list(tiles(0)) == []


def test_canonical_values_come_back() -> None:
    for value in ({"a": [1, "é", None, True, {"b": ""}], "b": -(2**53) + 1}, [], "\u2028\x00\x7f", 0):
        assert canonical.decode(canonical.encode(value)) == value


def test_numbers_and_times() -> None:
    assert str(canonical.number("3/2")) == "3/2" and canonical.number("0") == 0
    assert canonical.moment("1970-01-02T00:00:00.001Z") == 86_400_001
    for bad in ("1.0", "2/4", "01", "-1", "1/0", "3/1", "", " 1", "1\n", 1, None, "9" * 30):
        try:
            canonical.number(bad)
        except canonical.Malformed:
            continue
        raise AssertionError(bad)


def test_a_folder_is_not_needed(tmp_path: Path) -> None:
    assert not list(tmp_path.iterdir())
