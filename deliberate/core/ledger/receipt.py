"""Receipts: the six words of a ballot's leaf hash, the signed promise, and what a receipt's file is about.

None of them holds the choice or the nonce: a receipt shows that a ballot is in the box, not what it says.
"""

from __future__ import annotations

import re

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import note, proof
from deliberate.core.ledger.words import WORDS
from deliberate.core.sentences import mark, mark_many

PROMISE = "deliberate promise 1"
COUNT, BITS = 6, 11
_LEAF = re.compile("[0-9a-f]{64}")
_PLACES = {word[:4]: place for place, word in enumerate(WORDS)}


def words(leaf: str) -> tuple[str, ...]:
    """Six words for the first 66 bits of a leaf hash (64 hexadecimal digits)."""
    bits = int(leaf, 16) >> 256 - COUNT * BITS
    return tuple(WORDS[bits >> shift & 2047] for shift in range((COUNT - 1) * BITS, -1, -BITS))


def typed(text: str) -> tuple[str, ...]:
    """The six words that somebody typed, in any case, parted by blanks, commas or hyphens; four letters tell a word.

    Raises DeliberateError ``receipt.words``, with the word that is none.
    """
    found = re.findall(r"[^\s,.\-]+", text.lower())
    if len(found) != COUNT:
        raise DeliberateError(
            mark_many("One word was given.", "%(num)s words were given.", len(found)),
            "A receipt has six.",
            "Type all six, with blanks between them.",
            "receipt.words",
            {"words": "Type six words."},
        )
    return tuple(_word(given) for given in found)


def _word(given: str) -> str:
    word = WORDS[_PLACES.get(given[:4], 0)]
    if len(given) < 4 or not word.startswith(given):
        raise DeliberateError(
            mark('"%(word)s" is not a word of a receipt.', word=given[:30]),
            "There are 2,048 such words.",
            "Compare it with your receipt.",
            "receipt.words",
            {"words": mark('"%(word)s" is not one of the words.', word=given[:30])},
        )
    return word


def prefix_of(six: tuple[str, ...]) -> str:
    """The first 16 hexadecimal digits of the leaf hashes that six words (of :func:`typed`) may stand for."""
    bits = 0
    for word in six:
        bits = bits << BITS | _PLACES[_word(word)[:4]]
    return f"{bits >> 2:016x}"


def promise(origin: str, leaf: str, due: str, signer: note.Signer) -> str:
    """The signed promise that the ballot with this leaf hash will be in the ledger of this origin by its due time.

    due: a moment, or the words "at the close". Raises DeliberateError ``ledger.note`` for what is not one line each.
    """
    text = f"{PROMISE}\n{origin}\n{leaf}\n{due}\n"
    _parts(text)
    return note.sign(text, signer)


def read_promise(text: str | bytes, known: note.Verifier) -> tuple[str, str, str]:
    """Origin, leaf hash and due time of a promise with a good signature. Raises DeliberateError ``ledger.note``."""
    return _parts(note.verify(text, [known]).text)


def _parts(text: str) -> tuple[str, str, str]:
    said = text.split("\n")
    if len(said) != 5 or said[0] != PROMISE or not all(said[1:4]) or not _LEAF.fullmatch(said[2]):
        raise note.refuse("This is not a promise.", "It says which ballot will be in which ledger, and when.")
    return said[1], said[2], said[3]


def leaf_of(file: bytes) -> str | None:
    """The leaf hash that a receipt's file (promise or proof) is about, unverified; None if it is no receipt."""
    try:
        text = file.decode()
        if not text.startswith(proof.HEADER):
            return _parts(note.split(text)[0])[1]
        extra = proof.read(text).extra
    except (UnicodeDecodeError, DeliberateError):
        return None
    return extra.hex() if extra is not None and len(extra) == 32 else None
