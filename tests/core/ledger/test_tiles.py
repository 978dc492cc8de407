"""Tiles: written, read, and refused where they do not follow from the entries."""

from __future__ import annotations

import base64
import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import checkpoint, merkle, note, tiles


@cache
def made(size):
    bodies = [b"entry %d" % n for n in range(size)]
    return bodies, dict(tiles.files(bodies)), merkle.root(map(merkle.leaf_hash, bodies))


def refused(make, *given):
    with pytest.raises(DeliberateError) as refusal:
        make(*given)
    assert refusal.value.code == "ledger.tile"


@pytest.mark.parametrize(
    ("size", "paths"),
    [
        (0, []),
        (1, ["tile/0/000.p/1", "tile/entries/000.p/1"]),
        (255, ["tile/0/000.p/255", "tile/entries/000.p/255"]),
        (256, ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]),
        (257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/1"]),
    ],
)
def test_which_files_a_ledger_has(size, paths):
    bodies, files, root = made(size)
    assert sorted(files) == paths
    assert tiles.read(files, size, root) == bodies


def test_a_ledger_of_three_levels():
    bodies, files, root = made(65_536 + 300)
    assert len(files["tile/2/000.p/1"]) == 32
    assert len(files["tile/1/000"]) == 8192
    assert files["tile/1/001.p/1"] == merkle.root(map(merkle.leaf_hash, bodies[65_536:65_792]))
    subtree = tiles.subtree(len(bodies), files.__getitem__)
    for index in (0, 255, 256, 65_535, 65_536, 65_835):
        path = merkle.prove_inclusion(index, len(bodies), subtree)
        merkle.check_inclusion(index, len(bodies), merkle.leaf_hash(bodies[index]), path, root)


@given(st.integers(1, 1100), st.data())
@settings(max_examples=40)
def test_proofs_from_tiles_are_those_of_the_tree(size, data):
    bodies, files, root = made(size)
    subtree, tree = tiles.subtree(size, files.__getitem__), merkle.of(map(merkle.leaf_hash, bodies))
    assert subtree(0, size) == root
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert merkle.prove_inclusion(index, size, subtree) == merkle.prove_inclusion(index, size, tree)
    assert merkle.prove_consistency(old, size, subtree) == merkle.prove_consistency(old, size, tree)


@pytest.mark.parametrize("name", sorted(made(257)[1]))
def test_every_changed_lost_or_added_file_is_found(name):
    _, files, root = made(257)
    changed = bytes([files[name][0] ^ 1]) + files[name][1:]
    refused(tiles.read, {**files, name: changed}, 257, root)
    refused(tiles.read, {**files, name: files[name] + b"\0" * 32}, 257, root)
    refused(tiles.read, {path: data for path, data in files.items() if path != name}, 257, root)
    refused(tiles.read, {**files, "tile/0/002": b""}, 257, root)


def test_another_root_or_size_is_found():
    _, files, root = made(257)
    refused(tiles.read, files, 257, b"\0" * 32)
    refused(tiles.read, files, 256, root)
    refused(tiles.read, files, 258, root)
    refused(tiles.read, {**files, "tile/entries/001.p/1": b""}, 257, root)


@pytest.mark.parametrize(
    ("level", "number", "size"), [(0, 0, 0), (0, 1, 256), (1, 0, 255), ("entries", 2, 300), (0, -1, 300), (3, 0, 300)]
)
def test_there_is_no_tile_beyond_the_ledger(level, number, size):
    refused(tiles.at, level, number, size)


def test_a_tile_of_another_length_is_refused():
    refused(tiles.subtree(5, lambda name: b"\0" * 32), 0, 4)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "tile/0/000"),
        (999, "tile/0/999"),
        (1000, "tile/0/x001/000"),
        (1234067, "tile/0/x001/x234/067"),
        (999_999, "tile/0/x999/999"),
    ],
)
def test_paths_have_parts_of_three_digits(number, path):
    assert tiles.path(0, number) == path
    assert tiles.path(0, number, 7) == path + ".p/7"


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_back(bodies):
    assert tiles.unbundle(tiles.bundle(bodies)) == bodies


def test_an_entry_of_the_greatest_length_fits_and_no_longer_one():
    longest = b"x" * 65_535
    assert tiles.unbundle(tiles.bundle([longest, b""])) == [longest, b""]
    refused(tiles.bundle, [longest + b"x"])


@pytest.mark.parametrize("data", [b"\0", b"\0\1", b"\0\2x", b"\0\1xy"])
def test_a_bundle_that_is_cut_is_refused(data):
    refused(tiles.unbundle, data)


def test_a_log_made_by_others_is_read_at_each_of_its_sizes(data):
    known = json.loads((data / "audit/tlog_tiles_log.json").read_text())
    held = {path: base64.b64decode(content) for path, content in known["resources_base64"].items()}
    verifier = note.Verifier.parse(known["vkey"])
    assert len(known["checkpoints"]) == 16
    for signed in known["checkpoints"]:
        head = checkpoint.verify(signed, [verifier], "example.com/log/testdata")
        mine = {path: content for path, content in held.items() if path.endswith(f".p/{head.size}")}
        assert [body.decode() for body in tiles.read(mine, head.size, head.root)] == known["entries_text"][: head.size]
