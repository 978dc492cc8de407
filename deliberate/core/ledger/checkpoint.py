"""Checkpoints: the signed head of a ledger (c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from deliberate.core.ledger import note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Head:
    """Origin, size and root hash (32 bytes) of a ledger; further lines are extensions."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The lines that are signed. Raises DeliberateError if they would not read back as this head."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        said = "".join(f"{line}\n" for line in lines)
        if parse(said) != self:
            raise note.refuse("This is not the head of a ledger.", "Origin and extensions are one line each.")
        return said


def parse(text: str) -> Head:
    """The head that a checkpoint's text says. Raises DeliberateError ``ledger.note``."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
        raise note.refuse("This is not a checkpoint.", "It has an origin, a size and a root, each on a line.")
    root = note.unbase64(lines[2], "The root of a checkpoint")
    if len(root) != 32:
        raise note.refuse("The root of a checkpoint is not 32 bytes long.")
    return Head(lines[0], int(lines[1]), root, tuple(lines[3:-1]))


def sign(head: Head, *signers: note.Signer) -> str:
    """The checkpoint as a signed note."""
    return note.sign(head.text(), *signers)


def verify(signed: str | bytes, known: Iterable[note.Verifier], origin: str | None = None) -> Head:
    """The head of a checkpoint that a known key has signed; of the origin given, if one is."""
    head = parse(note.verify(signed, known).text)
    if origin is not None and head.origin != origin:
        raise note.refuse(f"This is a checkpoint of {head.origin}.", f"One of {origin} was expected.")
    return head
