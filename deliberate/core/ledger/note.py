"""Signed notes of C2SP: text, an empty line, then one line for each signature.

Source: c2sp.org/signed-note, c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from deliberate.core.errors import DeliberateError

ED25519, COSIGNATURE = 0x01, 0x04
MOST, LONGEST = 100, 1_000_000
_LINE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")


def refuse(what: str, why: str = "") -> DeliberateError:
    return DeliberateError(what, why, "", "ledger.note")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """First four bytes of SHA-256(name || LF || type || key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def check_name(name: str) -> str:
    """A key's name: not empty, without blanks and plus signs."""
    if not name or "+" in name or any(char.isspace() for char in name):
        raise refuse(f'"{name}" cannot name a key.', "Names are not empty and hold no blank and no plus sign.")
    return name


@dataclass(frozen=True)
class Verifier:
    """A public key under its name; ``kind`` is Ed25519 or cosignature/v1."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """From ``name+keyid+base64``. Raises DeliberateError if the parts do not fit each other."""
        try:
            name, shown, rest = vkey.split("+", 2)
            data = base64.b64decode(rest, validate=True)
            found = cls(check_name(name), data[0], data[1:])
        except (ValueError, IndexError, binascii.Error) as error:
            raise refuse("This is not a verifier key.", "It has the form name+keyid+base64.") from error
        if found.kind not in (ED25519, COSIGNATURE) or len(found.public) != 32 or found.id.hex() != shown:
            raise refuse("The verifier key is damaged.", "Its id, type or length does not fit.")
        return found

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def verify(self, text: bytes, signature: bytes) -> int | None:
        """Raise InvalidSignature unless good. The time of a cosignature, else None."""
        key = Ed25519PublicKey.from_public_bytes(self.public)
        if self.kind == ED25519:
            key.verify(signature, text)
            return None
        if len(signature) != 72:
            raise InvalidSignature
        time = int.from_bytes(signature[:8], "big")
        key.verify(signature[8:], b"cosignature/v1\ntime %d\n" % time + text)
        return time


@dataclass(frozen=True)
class Signer:
    """A private key under its name. ``seed``: the 32 bytes of an Ed25519 key."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return Verifier(check_name(self.name), ED25519, public)

    def line(self, text: bytes) -> str:
        """The signature line for a text."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text)
        return f"— {self.name} {base64.b64encode(self.verifier.id + signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text with the verifiers whose signatures are good, and the times of cosignatures."""

    text: str
    verified: tuple[tuple[Verifier, int | None], ...]


def sign(text: str, *signers: Signer) -> str:
    """The note. Raises DeliberateError unless the text ends in LF and holds no control character."""
    if not text.endswith("\n") or _controls(text):
        raise refuse("This text cannot be signed.", "It must end in LF and hold no other control character.")
    return text + "\n" + "".join(signer.line(text.encode()) for signer in signers)


def _controls(text: str) -> bool:
    return any((ord(char) < 0x20 and char != "\n") or ord(char) == 0x7F for char in text)


def split(note: str | bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Text and signatures (name, key id, signature) of a note, unverified."""
    try:
        said = note.decode() if isinstance(note, bytes) else note
    except UnicodeDecodeError as error:
        raise refuse("The note is not UTF-8.") from error
    if len(said) > LONGEST or _controls(said) or not said.endswith("\n"):
        raise refuse("This is not a signed note.", "It is too long, holds control characters or does not end in LF.")
    at = said.rfind("\n\n")
    if at < 0:
        raise refuse("This is not a signed note.", "Text and signatures are parted by an empty line.")
    text, lines = said[: at + 1], said[at + 2 :].split("\n")[:-1]
    if not lines or len(lines) > MOST:
        raise refuse("This is not a signed note.", f"It has {len(lines)} signatures.")
    return text, [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise refuse("A signature line is malformed.", line[:80])
    try:
        data = base64.b64decode(found[2], validate=True)
    except binascii.Error as error:
        raise refuse("A signature line is not base64.") from error
    if len(data) < 5:
        raise refuse("A signature is too short.")
    return check_name(found[1]), data[:4], data[4:]


def verify(note: str | bytes, known: Iterable[Verifier]) -> Note:
    """The note, with at least one good signature of a known key.

    Unknown keys are ignored; a known key with a bad signature rejects the note, and so does the lack of a good one.
    """
    text, signatures = split(note)
    keys = {(verifier.name, verifier.id): verifier for verifier in known}
    good: dict[Verifier, int | None] = {}
    for name, shown, signature in signatures:
        verifier = keys.get((name, shown))
        if verifier is None or verifier in good:
            continue
        try:
            good[verifier] = verifier.verify(text.encode(), signature)
        except (InvalidSignature, ValueError) as error:
            raise refuse(
                f"The signature of {name} is false.", "The note was changed, or signed by another key."
            ) from error
    if not good:
        raise refuse("Nobody known has signed this note.", "It proves nothing.")
    return Note(text, tuple(good.items()))


def names(verifiers: Sequence[tuple[Verifier, int | None]]) -> list[str]:
    """Names of the verifiers, for people."""
    return [verifier.name for verifier, _ in verifiers]
