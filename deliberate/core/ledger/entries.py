"""Entries: the lines of the three kinds of ledger, commitments to people, receipts (docs/reference/record-package.md)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical, note, proof

LONGEST = 65_535
POLL_KINDS = ("open", "participate", "cast", "replace", "admin", "close", "result")
BOX_KINDS = ("cast", "replace")
PROMISE = "deliberate promise 1"

_FIRST = (
    "amber birch blue bright brook cedar clear cloud copper dawn east fern field forest frost garden gold green "
    "harbor hill iron ivory maple meadow moon north pine rain river silver stone sun"
).split()
_SECOND = (
    "apple arch badge bank barn basket bay bell bird boat book bridge brush cabin candle castle chair clock cove cup "
    "deer door drum eagle farm fish flag fox gate glass hat hawk horse house jar kite ladder lake lamp leaf lily "
    "map mill mouse oak owl path pear pond quilt road robin rose sail seed ship spoon tower train vale violin wagon "
    "wheel window"
).split()
WORDS = tuple(first + second for first in _FIRST for second in _SECOND)
"""2,048 compound words, 11 bits each."""


def moment(at: datetime) -> str:
    """A moment as ledgers write it: UTC, milliseconds.

    >>> moment(datetime(2026, 11, 24, 11, 20, 31, 123000, tzinfo=UTC))
    '2026-11-24T11:20:31.123Z'
    """
    there = at.astimezone(UTC)
    return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03d}Z"


def parse_moment(text: str) -> datetime:
    """The moment that :func:`moment` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def body(
    kind: str,
    *,
    data: Mapping[str, Any],
    at: datetime | None = None,
    by: str | None = None,
    subject: str | None = None,
    prev: str | None = None,
) -> bytes:
    """Canonical bytes of one entry; what is None is left out. Raises DeliberateError ``ledger.long`` above 65,535 bytes."""
    made: dict[str, Any] = {"v": 1, "kind": kind, "data": dict(data)}
    if at is not None:
        made["at"] = moment(at)
    if by is not None:
        made["by"] = by
    if subject is not None:
        made["subject"] = subject
    if prev is not None:
        made["prev"] = prev
    encoded = canonical.encode(made)
    if len(encoded) > LONGEST:
        raise DeliberateError(
            f"An entry has {len(encoded)} bytes.",
            f"A ledger takes {LONGEST} at most.",
            "Put the long text in by its hash.",
            "ledger.long",
        )
    return encoded


def commitment(salt: bytes, public_id: str) -> str:
    """SHA-256(salt || id): who did an act, without saying it."""
    return hashlib.sha256(salt + public_id.encode()).hexdigest()


def roll_id(salt: bytes, poll: str) -> str:
    """HMAC(salt, poll): a member's value on one roll; two rolls cannot be joined by it."""
    return hmac.new(salt, poll.encode(), hashlib.sha256).hexdigest()


def words(leaf: str) -> tuple[str, ...]:
    """Six words for the first 66 bits of a leaf hash."""
    bits = int(leaf, 16) >> 190
    return tuple(WORDS[bits >> shift & 2047] for shift in range(55, -1, -11))


def prefix_of(six: tuple[str, ...]) -> str:
    """The first 16 hexadecimal digits of the leaf hashes that six words may stand for. Raises for an unknown word."""
    bits = 0
    for word in six:
        if word not in WORDS:
            raise DeliberateError(
                f'"{word[:30]}" is not a word of a receipt.',
                "There are 2,048 such words.",
                "Compare it with your receipt.",
                "receipt.words",
                {"words": f'"{word[:30]}" is not one of the words.'},
            )
        bits = bits << 11 | WORDS.index(word)
    return f"{bits >> 2:016x}"


def promise(origin: str, leaf: str, due: str, signer: note.Signer) -> str:
    """The signed promise that the ballot with this leaf hash will be in the ledger of this origin by its due time."""
    return note.sign(f"{PROMISE}\n{origin}\n{leaf}\n{due}\n", signer)


def read_promise(text: str | bytes, known: note.Verifier) -> tuple[str, str, str]:
    """Origin, leaf hash and due time of a promise with a good signature."""
    said = note.verify(text, [known]).text.split("\n")
    if len(said) != 5 or said[0] != PROMISE or not re.fullmatch("[0-9a-f]{64}", said[2]):
        raise note.refuse("This is not a promise.", "It says which ballot will be in which ledger, and when.")
    return said[1], said[2], said[3]


def leaf_of(file: bytes) -> str | None:
    """The leaf hash that a receipt's file is about, unverified; None if it is no receipt."""
    try:
        text = file.decode()
        if text.startswith(proof.HEADER):
            extra = proof.read(text).extra
            return extra.hex() if extra is not None and len(extra) == 32 else None
        lines = note.split(text)[0].split("\n")
    except (UnicodeDecodeError, DeliberateError):
        return None
    return lines[2] if len(lines) == 5 and lines[0] == PROMISE and re.fullmatch("[0-9a-f]{64}", lines[2]) else None
