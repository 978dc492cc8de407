"""Text as it enters: one normal form, limits, and the tokens that changes are made of (deliberation.md section 2)."""

from __future__ import annotations

import re
import unicodedata

from deliberate.core.errors import DeliberateError

TOKENIZER = 1
"""Version of the rule by which a clause is cut into tokens; stored with each hunk."""

LONGEST = 200_000
MOST_CLAUSES = 2_000
MOST_HUNKS = 200
LONGEST_WORD = 10_000

_DROPPED = dict.fromkeys(
    [
        0xAD,
        0xFEFF,
        0x200B,
        0x200C,
        0x200D,
        0x2060,
        *range(0x200E, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)
_TRAILING = re.compile(r"[ \t]+(?=\n|$)")


def normal(text: str) -> str:
    """The normal form of a member's text: NFC, LF, no trailing blanks, no control or invisible characters.

    Raises DeliberateError ``text.*`` for text that is too long or is not text at all.

    >>> normal("Cafe\\u0301 \\r\\nbar\\x07")
    'Café\\nbar'
    """
    if len(text) > LONGEST:
        raise DeliberateError(
            f"The text has {len(text):,} characters.", f"The limit is {LONGEST:,}.", "Shorten it.", "text.long"
        )
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise DeliberateError(
            "The text holds half of a character.", "It cannot be stored as UTF-8.", "Type it again.", "text.surrogate"
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").translate(_DROPPED)
    text = "".join(char for char in text if char == "\n" or unicodedata.category(char) != "Cc")
    return _TRAILING.sub("", unicodedata.normalize("NFC", text)).strip("\n")


def _kind(char: str) -> str:
    """w: part of a word; s: blank; x: a token of its own."""
    if char.isspace():
        return "s"
    category = unicodedata.category(char)
    if category[0] not in "LNM" or _alone(char):
        return "x"
    return "w"


def _alone(char: str) -> bool:
    """Scripts written without blanks between words: each character is a token."""
    code = ord(char)
    return (
        0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF
    )


def tokens(text: str) -> list[str]:
    """The tokens of a clause: words (with inner apostrophe or hyphen), runs of blanks, any other single character.

    Joining them gives the clause back exactly.

    >>> tokens("the members' well-kept roof, 5%")
    ['the', ' ', 'members', "'", ' ', 'well-kept', ' ', 'roof', ',', ' ', '5', '%']
    """
    found: list[str] = []
    at, end = 0, len(text)
    while at < end:
        kind = _kind(text[at])
        start = at
        at += 1
        while at < end and kind != "x":
            if _kind(text[at]) == kind:
                at += 1
            elif kind == "w" and text[at] in "'’-" and at + 1 < end and _kind(text[at + 1]) == "w":
                at += 2
            else:
                break
        found.append(text[start:at])
    return found
