"""Notes, keys and checkpoints out of form are refused by what is wrong with them."""

from __future__ import annotations

import base64

import pytest

from deliberate.verifier.notes import MOST, BadNote, read_head, read_key, read_note, unbase64
from tests.verifier.make_package import Signer

ROOT = base64.b64encode(bytes(32)).decode()


def test_base64_has_one_spelling() -> None:
    assert unbase64("QQ==") == b"A"
    for text in ("QR==", "QQ", "Q Q=", "é"):
        with pytest.raises(BadNote, match="base64"):
            unbase64(text)


def test_keys_of_another_type_length_or_id() -> None:
    good = Signer()
    assert read_key(good.vkey).public == good.public
    for kind, public in ((2, good.public), (1, good.public[:-1]), (1, good.public + b"\0")):
        raw = base64.b64encode(bytes([kind]) + public).decode()
        with pytest.raises(BadNote, match="type 1 or 4"):
            read_key(f"{good.name}+{good.ident.hex()}+{raw}")
    with pytest.raises(BadNote, match=f"00000000 does not belong to this key \\({good.ident.hex()}\\)"):
        read_key(good.vkey.replace(good.ident.hex(), "0" * 8))


@pytest.mark.parametrize("data, said", [
    (b"a\n" * 200_000, "longer than"), ("a\n\n\u2014 n AAAA\n".encode(), "too short"),
    (b"a\n\n" + "\u2014 n QUFBQUE=\n".encode() * (MOST + 1), "more than")])
def test_notes_too_long_or_signed_too_shortly(data: bytes, said: str) -> None:
    with pytest.raises(BadNote, match=said):
        read_note(data)


@pytest.mark.parametrize("text, said", [
    ("a\n1\n", "lines origin"), (f"a\n01\n{ROOT}\n", "lines origin"), (f"a\n-1\n{ROOT}\n", "lines origin"),
    (f"a\n1\n{ROOT}", "lines origin"), (f"\n1\n{ROOT}\n", "lines origin"), ("a\n1\nQQ==\n", "32 bytes")])
def test_checkpoints_out_of_form(text: str, said: str) -> None:
    assert read_head(f"a\n1\n{ROOT}\n").size == 1
    with pytest.raises(BadNote, match=said):
        read_head(text)
