"""Merkle trees of RFC 6962, written for checking whole ledgers; signed notes and proofs of C2SP."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from deliberate.verifier.canon import Fail


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root: level by level, an odd node at the end goes up as it is."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        above = [join(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def tile_files(leaves: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """The hash tiles that belong to these leaves: (path, bytes)."""
    level, number = list(leaves), 0
    while level:
        for start in range(0, len(level), 256):
            part = level[start : start + 256]
            yield (
                f"tile/{number}/{tile_name(start // 256)}" + ("" if len(part) == 256 else f".p/{len(part)}"),
                b"".join(part),
            )
        level = [root(level[start : start + 256]) for start in range(0, len(level) - len(level) % 256, 256)]
        number += 1


def tile_name(n: int) -> str:
    """N in groups of three digits, all but the last with an x."""
    digits = f"{n:03d}"
    while len(digits) % 3:
        digits = "0" + digits
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def unbundle(data: bytes, where: str) -> list[bytes]:
    """Entries of a bundle."""
    found = []
    while data:
        size = int.from_bytes(data[:2], "big")
        if len(data) < 2 + size:
            raise Fail(f"{where} is cut short.", where)
        found.append(data[2 : 2 + size])
        data = data[2 + size :]
    return found


@dataclass(frozen=True)
class Key:
    """An Ed25519 key under its name."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Key:
        try:
            name, shown, rest = vkey.split("+", 2)
            raw = base64.b64decode(rest, validate=True)
        except (ValueError, binascii.Error, AttributeError):
            raise Fail("A verifier key is malformed.", "keys") from None
        wanted = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if len(raw) != 33 or raw[0] != 1 or wanted.hex() != shown:
            raise Fail("A verifier key has a wrong id, type or length.", "keys", wanted.hex(), shown)
        return cls(name, wanted, raw[1:])


def open_note(data: bytes, key: Key, where: str) -> str:
    """The text of a note that this key has signed. Raises Fail if it has not."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Fail(f"{where} is not UTF-8.", where) from None
    at = text.rfind("\n\n")
    if at < 0 or not text.endswith("\n") or len(text) > 1_000_000:
        raise Fail(f"{where} is not a signed note.", where)
    body = text[: at + 1]
    good = False
    for line in text[at + 2 :].split("\n")[:-1][:100]:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise Fail(f"{where} has a malformed signature line.", where)
        try:
            raw = base64.b64decode(parts[2], validate=True)
        except binascii.Error:
            raise Fail(f"{where} has a malformed signature.", where) from None
        if parts[1] == key.name and raw[:4] == key.id:
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], body.encode())
            except InvalidSignature:
                raise Fail(f"{where} was changed, or signed by another key.", where) from None
            good = True
    if not good:
        raise Fail(f"{where} is not signed by {key.name}.", where, key.name)
    return body


def head(text: str, where: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text."""
    parts = text.split("\n")
    try:
        size, digest = int(parts[1]), base64.b64decode(parts[2], validate=True)
        if str(size) != parts[1] or len(digest) != 32 or not parts[0]:
            raise ValueError
    except (ValueError, IndexError, binascii.Error):
        raise Fail(f"{where} is not a checkpoint.", where) from None
    return parts[0], size, digest


def climb(index: int, size: int, found: bytes, path: Sequence[bytes]) -> bytes:
    """The root to which an inclusion proof leads. Raises Fail when its length does not fit."""
    if not 0 <= index < size:
        raise Fail("The proof names a leaf outside the tree.", "receipt")
    steps = list(path)
    last = size - 1
    while last:
        if index % 2 or index < last:
            if not steps:
                raise Fail("The proof is too short.", "receipt")
            step = steps.pop(0)
            found = join(step, found) if index % 2 else join(found, step)
        index, last = index // 2, last // 2
    if steps:
        raise Fail("The proof is too long.", "receipt")
    return found
