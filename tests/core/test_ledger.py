"""The evidence core: canonical bytes, trees, notes and proofs against vectors of others and laws of their own."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.errors import DeliberateError
from deliberate.core.formats import record
from deliberate.core.ledger import canonical, checkpoint, entries, merkle, note, proof, receipt, tiles

SIGNER = note.Signer("vote.example.org", bytes(range(32)))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text().map(canonical.normal).filter(lambda t: "\x00" not in t),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz_", min_size=1, max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def raw(text):
    return base64.b64decode(text) if text else b""


@given(VALUES)
def test_canonical_bytes_are_read_back(value):
    assert canonical.decode(canonical.encode(value)) == value


@pytest.mark.parametrize(
    "bad", [1.5, float("nan"), {"ä": 1}, {1: 2}, "e\u0301", "\ud800", 2**53, object(), {"a": {1, 2}}]
)
def test_what_has_no_canonical_form_is_refused(bad):
    with pytest.raises(DeliberateError, match=r"ledger\.canonical"):
        canonical.encode(bad)


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b"1.0",
        b"NaN",
        b'\xef\xbb\xbf"a"',
        b'"e\xcc\x81"',
        b"\xff",
        b"[1,]",
        b'"\\u0061"',
    ],
)
def test_bytes_that_are_not_canonical_are_refused(bad):
    with pytest.raises(DeliberateError):
        canonical.decode(bad)


def test_a_count_may_have_names_as_keys_and_nothing_else_may():
    votes = {"Zo\u00eb": "1", "Ali": "2", "\u00c9mile": "3"}
    made = canonical.encode({"votes": votes}, names=True)
    assert made == '{"votes":{"Ali":"2","Zo\u00eb":"1","\u00c9mile":"3"}}'.encode()
    assert canonical.decode(made, names=True) == {"votes": votes}
    for bad in (lambda: canonical.decode(made), lambda: canonical.encode({"Zoe\u0308": "1"}, names=True)):
        with pytest.raises(DeliberateError, match=r"ledger\.canonical"):
            bad()


@given(st.fractions())
def test_exact_numbers_are_read_back(number):
    assert canonical.parse_exact(canonical.exact(number)) == number


@pytest.mark.parametrize("bad", ["1.0", "2/4", "01", "1/0", "", " 1", "+1", "-0", "1/1"])
def test_other_spellings_of_numbers_are_refused(bad):
    with pytest.raises(DeliberateError):
        canonical.parse_exact(bad)


def outcome(check, *given):
    try:
        check(*given)
    except DeliberateError:
        return False
    return True


def test_inclusion_vectors(data):
    for case in json.loads((data / "audit/merkle_inclusion.json").read_text()):
        found = outcome(
            merkle.check_inclusion,
            case["leafIdx"],
            case["treeSize"],
            raw(case["leafHash"]),
            [raw(p) for p in case["proof"] or []],
            raw(case["root"]),
        )
        assert found != case["wantErr"], case["id"]


def test_consistency_vectors(data):
    for case in json.loads((data / "audit/merkle_consistency.json").read_text()):
        found = outcome(
            merkle.check_consistency,
            case["size1"],
            case["size2"],
            raw(case["root1"]),
            raw(case["root2"]),
            [raw(p) for p in case["proof"] or []],
        )
        assert found != case["wantErr"], case["id"]


def test_root_vectors(data):
    known = json.loads((data / "audit/merkle_roots.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in known["leaf_inputs_hex"]]
    assert [leaf.hex() for leaf in leaves] == known["leaf_hashes"]
    roots = known["roots_by_size"]
    wanted = {int(size): root for size, root in (roots.items() if isinstance(roots, dict) else enumerate(roots))}
    assert {size: merkle.root(leaves[:size]).hex() for size in wanted} == wanted


def test_note_vectors(data):
    for case in json.loads((data / "audit/signed_notes.json").read_text()):
        try:
            found = note.verify(case["note"], [note.Verifier.parse(v) for v in case["vkeys"]])
        except DeliberateError:
            assert not case["accept"], case["id"]
            continue
        assert case["accept"], case["id"]
        assert sorted(map(str, ([v.name, v.kind, t] for v, t in found.verified))) == sorted(
            map(str, case["verified"])
        ), case["id"]


def test_proof_vectors(data):
    known = json.loads((data / "audit/tlog_proofs.json").read_text())
    verifier = note.Verifier.parse(known["vkey"])
    for case in known["cases"]:
        assert (
            outcome(proof.verify, case["proof"], merkle.leaf_hash(case["entry"].encode()), [verifier]) == case["accept"]
        ), case["entry"]


def test_a_log_of_tiles_made_by_others(data):
    known = json.loads((data / "audit/tlog_tiles_log.json").read_text())
    files = {path: base64.b64decode(content) for path, content in known["resources_base64"].items()}
    bodies = [body.encode() for body in known["entries_text"]]
    verifier = note.Verifier.parse(known["vkey"])
    for signed in known["checkpoints"].values() if isinstance(known["checkpoints"], dict) else known["checkpoints"]:
        head = checkpoint.verify(signed if isinstance(signed, str) else signed["note"], [verifier])
        assert head.root == merkle.root([merkle.leaf_hash(body) for body in bodies[: head.size]])
    mine = dict(tiles.files(bodies))
    shared = {path for path in mine if path in files}
    assert shared, sorted(files)[:5]
    assert all(files[path] == mine[path] for path in shared)


@given(st.integers(1, 70), st.data())
@settings(max_examples=60)
def test_every_leaf_is_proved_and_no_other(size, data):
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    root = merkle.root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.prove_inclusion(index, size, merkle.of(leaves))
    merkle.check_inclusion(index, size, leaves[index], path, root)
    with pytest.raises(DeliberateError):
        merkle.check_inclusion(index, size, merkle.leaf_hash(b"another"), path, root)
    with pytest.raises(DeliberateError):
        merkle.check_inclusion(index, size, leaves[index], [*path, b"\0" * 32], root)


@given(st.integers(1, 60), st.data())
@settings(max_examples=60)
def test_a_tree_begins_with_every_smaller_one(new, data):
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(new)]
    old = data.draw(st.integers(1, new))
    path = merkle.prove_consistency(old, new, merkle.of(leaves))
    merkle.check_consistency(old, new, merkle.root(leaves[:old]), merkle.root(leaves), path)


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_a_frontier_has_the_root_of_its_tree(bodies):
    leaves = [merkle.leaf_hash(body) for body in bodies]
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    again = merkle.Frontier.load(frontier.size, frontier.dump())
    assert again.root() == merkle.root(leaves)


def test_size_zero_proves_nothing():
    with pytest.raises(DeliberateError):
        merkle.check_consistency(0, 0, merkle.EMPTY, merkle.EMPTY, [])
    with pytest.raises(DeliberateError):
        merkle.prove_consistency(0, 1, merkle.of([merkle.EMPTY]))


@given(st.lists(st.binary(max_size=9), max_size=600))
@settings(max_examples=15)
def test_bundles_are_read_back(bodies):
    found = dict(tiles.files(bodies))
    bundles = sorted(path for path in found if "/entries/" in path)
    assert [body for path in bundles for body in tiles.unbundle(found[path])] == bodies


def test_words_of_a_receipt_lead_back_to_its_leaf():
    assert len(set(receipt.WORDS)) == 2048
    leaf = merkle.leaf_hash(b"ballot").hex()
    six = receipt.words(leaf)
    assert len(six) == 6
    assert leaf.startswith(receipt.prefix_of(six))
    with pytest.raises(DeliberateError, match=r"receipt\.words"):
        receipt.prefix_of(("nonsense",) * 6)


def test_a_promise_is_signed_and_says_nothing_of_the_choice():
    leaf = merkle.leaf_hash(b"ballot").hex()
    text = receipt.promise("vote.example.org/a/polls/p/box", leaf, "at the close", SIGNER)
    assert receipt.read_promise(text, SIGNER.verifier) == ("vote.example.org/a/polls/p/box", leaf, "at the close")
    assert receipt.leaf_of(text.encode()) == leaf
    with pytest.raises(DeliberateError):
        receipt.read_promise(text.replace(leaf[:4], "0000" if leaf[:4] != "0000" else "1111"), SIGNER.verifier)


def test_moments_are_read_back():
    at = datetime(2026, 11, 24, 11, 20, 31, 123000, tzinfo=UTC)
    assert entries.parse_moment(entries.moment(at)) == at


def test_an_entry_has_a_limit():
    with pytest.raises(DeliberateError, match=r"ledger\.long"):
        entries.body(
            "assembly", "x.done", subject="x:y", at=datetime(2026, 1, 1, tzinfo=UTC), data={"text": "a" * 70_000}
        )


def test_a_package_is_the_same_in_any_order():
    files = {"b.json": b"1", "a/x": b"2", "a.json": b"3"}
    one = record.build(files, "p", "o", SIGNER)
    other = record.build(dict(reversed(files.items())), "p", "o", SIGNER)
    assert one == other
    assert one[1][:4] == b"PK\x03\x04"
    assert Fraction(1) == 1
