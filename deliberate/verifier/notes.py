"""Signed notes, keys, checkpoints and cosignatures in the text forms of C2SP, with Ed25519."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LONGEST = 1 << 18
MOST = 64
ED25519, COSIGNATURE = 1, 4
NAME = re.compile(r"[^\s+]{1,256}\Z")
SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\Z")


class BadNote(ValueError):
    """A note, key or checkpoint that is malformed or whose signature does not hold."""


def unbase64(text: str) -> bytes:
    """Strict base64: padded, no foreign characters, and the only spelling of its bytes. Raises BadNote."""
    try:
        made = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise BadNote("not base64") from None
    if base64.b64encode(made).decode() != text:
        raise BadNote("not base64 in its only spelling")
    return made


@dataclass(frozen=True)
class Key:
    """A public key as ``name+keyid+base64(type || key)``; type 1 signs notes, type 4 cosigns checkpoints."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The first 4 bytes of SHA-256(name || 0x0A || type || key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Whether a signature of 64 bytes over a message is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_key(vkey: str) -> Key:
    """A key from its text. Raises BadNote."""
    parts = vkey.split("+", 2)
    if len(parts) != 3 or not NAME.match(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise BadNote("a key has the form name+keyid+base64")
    raw = unbase64(parts[2])
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise BadNote("not an Ed25519 key of type 1 or 4")
    key = Key(parts[0], raw[0], raw[1:])
    if key.id.hex() != parts[1]:
        raise BadNote(f"the key id {parts[1]} does not belong to this key ({key.id.hex()})")
    return key


@dataclass(frozen=True)
class Note:
    """A note taken apart: its text (with the last LF) and its signatures as (name, key id, bytes)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def signed_by(self, key: Key) -> int | None:
        """0 for a good signature, the time of a good cosignature, None where the key has not signed.

        Raises BadNote for a signature that names this key and does not hold."""
        found: int | None = None
        for name, ident, raw in self.signatures:
            if name != key.name or ident != key.id:
                continue
            if key.kind == ED25519:
                good, when = key.holds(raw, self.text.encode()), 0
            else:
                when = int.from_bytes(raw[:8], "big")
                good = len(raw) == 72 and key.holds(raw[8:], f"cosignature/v1\ntime {when}\n{self.text}".encode())
            if not good:
                raise BadNote(f"the signature of {name} does not hold")
            found = when
        return found


def read_note(data: bytes) -> Note:
    """Take a note apart at its last empty line. Raises BadNote."""
    if len(data) > LONGEST:
        raise BadNote("longer than a note may be")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadNote("not UTF-8") from None
    if any((ord(c) < 32 and c != "\n") or ord(c) == 127 for c in text):
        raise BadNote("a control character")
    body, gap, tail = text.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise BadNote("no empty line before the signatures, or no line feed at the end")
    lines = tail[:-1].split("\n")
    if len(lines) > MOST:
        raise BadNote(f"more than {MOST} signatures")
    made = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not NAME.match(parts[1]):
            raise BadNote("a signature line is malformed")
        raw = unbase64(parts[2])
        if len(raw) < 5:
            raise BadNote("a signature is too short")
        made.append((parts[1], raw[:4], raw[4:]))
    return Note(body + "\n", tuple(made))


@dataclass(frozen=True)
class Head:
    """A checkpoint's claim: this ledger had this many entries and this root."""

    origin: str
    size: int
    root: bytes


def read_head(text: str) -> Head:
    """Origin, size and root of a checkpoint's text. Raises BadNote."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or not all(lines[:-1]) or not SIZE.match(lines[1]):
        raise BadNote("a checkpoint has the lines origin, size and root")
    root = unbase64(lines[2])
    if len(root) != 32:
        raise BadNote("the root of a checkpoint has 32 bytes")
    return Head(lines[0], int(lines[1]), root)
