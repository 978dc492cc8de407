"""Proof files: one inclusion proof with the checkpoint that it leads to (c2sp.org/tlog-proof)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deliberate.core.ledger import checkpoint, merkle, note

HEADER = "c2sp.org/tlog-proof@v1"
MOST = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class Proof:
    """Index and path of a leaf, the checkpoint verbatim, and extra bytes that nothing authenticates."""

    index: int
    path: tuple[bytes, ...]
    signed: str
    extra: bytes | None = None


def write(index: int, path: Sequence[bytes], signed: str, extra: bytes | None = None) -> str:
    """The file's text."""
    lines = [HEADER]
    if extra is not None:
        lines.append("extra " + base64.b64encode(extra).decode())
    lines += [f"index {index}", *(base64.b64encode(step).decode() for step in path), "", ""]
    return "\n".join(lines) + signed


def read(text: str) -> Proof:
    """The proof in a file. Raises DeliberateError ``ledger.note``."""
    before, gap, signed = text.partition("\n\n")
    lines = before.split("\n")
    if not gap or lines.pop(0) != HEADER or not lines:
        raise note.refuse("This is not a proof file.", f"It begins with {HEADER}.")
    extra = None
    if lines[0].startswith("extra "):
        extra = note.unbase64(lines.pop(0).removeprefix("extra "), "The extra line of the proof")
    found = _INDEX.fullmatch(lines[0]) if lines else None
    if found is None:
        raise note.refuse("The proof names no index.")
    if len(lines) > MOST + 1:
        raise note.refuse("The proof is too long.", f"No ledger needs more than {MOST} hashes.")
    return Proof(int(found[1]), tuple(note.unbase64(line, "A line of the proof") for line in lines[1:]), signed, extra)


def verify(text: str, leaf: bytes, known: Iterable[note.Verifier], origin: str | None = None) -> checkpoint.Head:
    """The signed head under which the leaf hash is included. Raises DeliberateError if it is not."""
    found = read(text)
    head = checkpoint.verify(found.signed, known, origin)
    merkle.check_inclusion(found.index, head.size, leaf, found.path, head.root)
    return head
