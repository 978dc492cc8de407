"""Text as it enters: one normal form, limits, and the tokens that changes are made of.

Source: normal form NFC of Unicode Standard Annex 15. The tokens are our own rule, smaller than the word boundaries of
Annex 29, and stored by number so that it never changes under a text.
"""

from __future__ import annotations

import re
import unicodedata

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark

TOKENIZER = 1
"""Version of the rule by which a clause is cut into tokens; stored with each hunk."""

LONGEST = 200_000
"""Bytes of UTF-8 that a text may have."""

MOST_CLAUSES = 2_000
MOST_HUNKS = 200

_HIDDEN = dict.fromkeys(
    [
        0xAD,
        0x34F,
        0x61C,
        0x180E,
        0xFEFF,  # soft hyphen, grapheme joiner, Arabic letter mark, vowel separator, byte order mark
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),  # zero width, bidi overrides and isolates
        *range(0xFFF9, 0xFFFC),
        *range(0xFDD0, 0xFDF0),
        *range(0xE0000, 0xE0080),  # annotations, noncharacters, tags
        *(plane + end for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF)),
    ]
)
_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_TRAILING = re.compile(r"[ \t]+(?=\n|$)")
_ASCII = re.compile(r"[A-Za-z0-9]+(?:['-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)
_INNER = "'’-‐‑"


def normal(text: str) -> str:
    """The normal form of a member's text: NFC, LF, no trailing blanks, no control or invisible characters.

    A combining mark with nothing to stand on is dropped, so that texts put side by side stay in NFC. Doing it twice
    changes nothing. Raises DeliberateError ``text.long`` above 200,000 bytes, ``text.surrogate`` for half of a character.

    >>> normal("Cafe\\u0301 \\r\\nbar\\x07")
    'Café\\nbar'
    """
    _limit(text)
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise DeliberateError(
            "The text holds half of a character.", "It cannot be stored as UTF-8.", "Type it again.", "text.surrogate"
        )
    text = _ENDS.sub("\n", text).replace("\t", " ").translate(_HIDDEN)
    if not text.isprintable():
        text = "".join(char for char in text if char == "\n" or unicodedata.category(char) != "Cc")
    if not text.isascii():
        text = _grounded(unicodedata.normalize("NFC", text))
        _limit(text)
    return _TRAILING.sub("", text).strip("\n")


def _limit(text: str) -> None:
    size = len(text) if len(text) > LONGEST else len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST:
        raise DeliberateError(
            mark("The text has %(size)s bytes.", size=size),
            mark("The limit is %(most)s.", most=LONGEST),
            "Shorten it.",
            "text.long",
        )


def _grounded(text: str) -> str:
    """Without combining marks at the beginning of a line or after a blank."""
    made: list[str] = []
    for char in text:
        if unicodedata.category(char)[0] != "M" or (made and not made[-1].isspace()):
            made.append(char)
    return "".join(made)


def _kind(char: str) -> str:
    """w: part of a word; m: a mark, part of what it stands on; s: blank; x: a token of its own."""
    if char.isspace():
        return "s"
    category = unicodedata.category(char)[0]
    if category == "M":
        return "m"
    return "w" if category in "LN" and not _alone(char) else "x"


def _alone(char: str) -> bool:
    """Scripts written without blanks between words: each character is a token."""
    code = ord(char)
    return (
        0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF
    )


def tokens(text: str) -> list[str]:
    """The tokens of a clause: words (with inner apostrophe or hyphen), runs of blanks, any other single character.

    Combining marks belong to the token before them. Joining the tokens gives the clause back exactly.

    >>> tokens("the members' well-kept roof, 5%")
    ['the', ' ', 'members', "'", ' ', 'well-kept', ' ', 'roof', ',', ' ', '5', '%']
    """
    if text.isascii():
        return _ASCII.findall(text)
    found: list[str] = []
    at, end = 0, len(text)
    while at < end:
        start, kind = at, _kind(text[at])
        at += 1
        while at < end:
            here = _kind(text[at])
            if (here == kind and kind != "x") or (here == "m" and kind != "s"):
                at += 1
            elif kind == "w" and text[at] in _INNER and at + 1 < end and _kind(text[at + 1]) == "w":
                at += 2
            else:
                break
        found.append(text[start:at])
    return found
