"""Signed notes, checkpoints and proof files under the rules of C2SP, with keys of our own."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import checkpoint, merkle, note, proof

ALICE = note.Signer("example.org/alice", b"a" * 32)
BOB = note.Signer("example.org/bob", b"b" * 32)
TEXT = "first\n\nlast\n"


def refused(make, *given):
    with pytest.raises(DeliberateError) as refusal:
        make(*given)
    assert refusal.value.code == "ledger.note"


def cosigner(name, seed):
    return note.Verifier(
        name, note.COSIGNATURE, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    )


def cosigned(text, name, seed, time):
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    raw = cosigner(name, seed).id + time.to_bytes(8, "big") + signature
    return f"— {name} {base64.b64encode(raw).decode()}\n"


def test_a_note_is_read_back_with_all_who_signed():
    signed = note.sign(TEXT, ALICE, BOB)
    found = note.verify(signed.encode(), [BOB.verifier, ALICE.verifier])
    assert found.text == TEXT
    assert found.verified == ((ALICE.verifier, None), (BOB.verifier, None))
    assert note.names(found.verified) == ["example.org/alice", "example.org/bob"]
    assert note.verify(signed, [BOB.verifier]).verified == ((BOB.verifier, None),)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")))
def test_any_text_without_control_characters_can_be_signed(text):
    assert note.verify(note.sign(text + "\n", ALICE), [ALICE.verifier]).text == text + "\n"


def test_signatures_are_the_same_each_time_and_the_seed_is_never_shown():
    assert note.sign(TEXT, ALICE) == note.sign(TEXT, note.Signer(ALICE.name, ALICE.seed))
    assert "seed" not in repr(ALICE)
    assert "aaaa" not in repr(ALICE)


@pytest.mark.parametrize(
    "text", ["", "no end of line", "tab\t\n", "null\0\n", "return\r\n", "delete\x7f\n", "half \ud800\n"]
)
def test_a_text_that_would_not_be_read_back_is_not_signed(text):
    refused(note.sign, text, ALICE)


def test_a_note_needs_a_signer():
    refused(note.sign, TEXT)


def test_a_known_key_with_a_false_signature_rejects_the_note_even_after_a_good_one():
    signed = note.sign(TEXT, ALICE)
    false = note.sign("other\n", ALICE).split("\n\n")[1]
    note.verify(note.sign(TEXT, ALICE, ALICE), [ALICE.verifier])
    refused(note.verify, signed + false, [ALICE.verifier])
    refused(note.verify, signed + false, [ALICE.verifier, BOB.verifier])


def test_unknown_keys_are_ignored_also_under_a_known_name():
    stranger = note.Signer(ALICE.name, b"x" * 32)
    both = note.sign(TEXT, stranger, ALICE)
    assert note.verify(both, [ALICE.verifier]).verified == ((ALICE.verifier, None),)
    refused(note.verify, note.sign(TEXT, stranger), [ALICE.verifier])


def test_a_witness_counts_once_with_its_time():
    signed = note.sign(TEXT, ALICE) + cosigned(TEXT, "w", b"w" * 32, 7) + cosigned(TEXT, "w", b"w" * 32, 9)
    witness = cosigner("w", b"w" * 32)
    assert note.verify(signed, [ALICE.verifier, witness]).verified == ((ALICE.verifier, None), (witness, 7))
    assert witness.id != note.Verifier("w", note.ED25519, witness.public).id


def test_a_cosignature_of_another_length_is_false():
    short = base64.b64encode(cosigner("w", b"w" * 32).id + b"\0" * 64).decode()
    refused(note.verify, f"{TEXT}\n— w {short}\n", [cosigner("w", b"w" * 32)])


GOOD = note.sign("text\n", ALICE)
LINE = GOOD.split("\n")[2]


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff\n\n" + LINE.encode() + b"\n",
        "text\n\n",
        "text\n" + LINE + "\n",
        GOOD[:-1],
        GOOD + "\n",
        GOOD.replace("— ", "—  "),
        GOOD.replace("—", "-"),
        GOOD.replace(" example", " exa+mple"),
        GOOD + "— x AAAA\n",
        GOOD + "— x AAAAAB==\n",
        GOOD + "— x AAAAA\n",
        GOOD.replace("text", "te\x7fxt"),
        "text\n\n" + (LINE + "\n") * (note.MOST + 1),
        "x" * note.LONGEST + GOOD,
        GOOD.replace("\n\n", "\n\r\n"),
        GOOD + "— x\u00a0y AAAAAAAA\n",
    ],
    ids=range(16),
)
def test_what_is_not_a_note_is_refused(bad):
    refused(note.verify, bad, [ALICE.verifier])


def test_sixteen_signatures_and_more_are_read():
    signers = [note.Signer(f"s{n}", bytes([n]) * 32) for n in range(1, 21)]
    assert len(note.verify(note.sign(TEXT, *signers), [s.verifier for s in signers]).verified) == 20


def test_a_key_is_read_back():
    for verifier in (ALICE.verifier, cosigner("w", b"w" * 32)):
        assert note.Verifier.parse(verifier.vkey()) == verifier


def vkey(name="n", kind=1, public=b"k" * 32, shown=None):
    return (
        f"{name}+{shown or note.key_id(name, kind, public).hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"
    )


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "n",
        "n+00000000",
        "n+00000000+",
        "n+00000000+!",
        "+00000000+AAAA",
        vkey(shown="00000000"),
        vkey(kind=2),
        vkey(public=b"k" * 31),
        vkey(name="a b"),
        vkey(shown=note.key_id("n", 1, b"k" * 32).hex().upper()),
        vkey() + "=",
        vkey() + "\n",
    ],
)
def test_damaged_keys_are_refused(bad):
    refused(note.Verifier.parse, bad)


def test_a_checkpoint_is_read_back():
    head = checkpoint.Head("example.org/log", 7, b"r" * 32, ("extension one", "two"))
    signed = checkpoint.sign(head, ALICE)
    assert checkpoint.verify(signed, [ALICE.verifier], "example.org/log") == head
    refused(checkpoint.verify, signed, [ALICE.verifier], "example.org/other")


@pytest.mark.parametrize(
    "head",
    [
        checkpoint.Head("", 1, b"r" * 32),
        checkpoint.Head("a\nb", 1, b"r" * 32),
        checkpoint.Head("a", -1, b"r" * 32),
        checkpoint.Head("a", 1, b"r"),
        checkpoint.Head("a", 1, b"r" * 32, ("",)),
        checkpoint.Head("a", 1, b"r" * 32, ("x\ny",)),
    ],
    ids=range(6),
)
def test_a_head_that_would_read_back_as_another_is_not_signed(head):
    refused(checkpoint.sign, head, ALICE)


ROOT = base64.b64encode(b"r" * 32).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT[:-1]}\n",
        "o\n1\nAAAA\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n{'9' * 20}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-2]}J=\n",
        f"o\n1\n{ROOT} \n",
    ],
    ids=range(14),
)
def test_what_is_not_a_checkpoint_is_refused(text):
    refused(checkpoint.parse, text)


LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(5)]
HEAD = checkpoint.sign(checkpoint.Head("o", 5, merkle.root(LEAVES)), ALICE)
FILE = proof.write(3, merkle.prove_inclusion(3, 5, merkle.of(LEAVES)), HEAD, extra=LEAVES[3])


def test_a_proof_file_is_read_back_and_holds():
    assert proof.verify(FILE, LEAVES[3], [ALICE.verifier], "o").size == 5
    found = proof.read(FILE)
    assert (found.index, found.extra, found.signed) == (3, LEAVES[3], HEAD)
    assert proof.write(found.index, found.path, found.signed, found.extra) == FILE
    assert proof.read(proof.write(0, [], HEAD)).extra is None
    with pytest.raises(DeliberateError, match=r"ledger\.proof"):
        proof.verify(FILE, LEAVES[2], [ALICE.verifier])


@pytest.mark.parametrize(
    "bad",
    [
        "",
        FILE.replace("@v1", "@v2"),
        proof.HEADER + "\n\n" + HEAD,
        f"{proof.HEADER}\nextra AAAA\n\n{HEAD}",
        FILE.replace("index 3", "index 03"),
        FILE.replace("index 3", "index -1"),
        FILE.replace("extra ", "extra !"),
        FILE.replace("index 3\n", "index 3\nAA\n"),
        FILE.split("\n\n")[0],
        f"{proof.HEADER}\nindex 0\n" + ("A" * 43 + "=\n") * 64 + "\n" + HEAD,
        FILE.replace("index", "extra AAAA\nindex"),
    ],
    ids=range(11),
)
def test_what_is_not_a_proof_file_is_refused(bad):
    refused(proof.read, bad)
