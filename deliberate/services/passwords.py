"""Passwords that are guessed first: words that everybody takes, rows of keys, repetitions, and what is known of the person."""

from __future__ import annotations

import re
from collections.abc import Iterable

ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
)
"""Rows of keys and of the alphabet; they are walked in both directions."""

COLUMNS = frozenset(
    """
    1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol 1q 2w 3e 4r 5t 6y 7u 8i 9o 0p qaz wsx edc rfv tgb yhn ujm
    147 258 369 741 852 963 159 357 753 951
    """.split()
)

WORDS = frozenset(
    """
    password passwort passwd motdepasse contrasena wachtwoord haslo parola secret geheim login logon admin administrator root user
    guest test testing tester default changeme change temp temporary welcome willkommen bienvenue hello hallo letmein openup
    access master system server computer internet google facebook twitter youtube microsoft windows apple samsung android
    iloveyou ilove love lovely loveme loveyou mylove sweetheart darling baby babygirl angel princess prince queen king
    sunshine summer winter spring autumn monday friday sunday january february march april june july august september october
    november december football soccer baseball basketball hockey tennis golf rugby liverpool chelsea arsenal barcelona
    realmadrid juventus bayern manchester united city london paris berlin america american england germany france unitedstates
    dragon monkey tiger lion shadow killer hunter ranger warrior ninja pirate monster superman batman spiderman starwars
    pokemon naruto matrix freedom liberty justice democracy peace trustno trustnoone trust nothing whatever something
    anything everything nobody somebody money dollar bitcoin lottery success winner champion victory destiny heaven jesus
    christ jesuschrist god blessed bismillah faith church family mother father brother sister daughter children forever friends
    friend michael jennifer jessica daniel thomas matthew andrew joshua robert charlie george william alexander christopher
    nicholas anthony elizabeth michelle samantha stephanie ashley amanda nicole hannah maria anna sarah cheese chocolate
    cookie coffee pizza banana orange cherry strawberry pepper ginger butterfly flower rose rainbow purple yellow silver
    golden diamond crystal blue green black white red music guitar piano rocknroll metallica nirvana eminem mustang corvette
    ferrari porsche mercedes harley yamaha computing science school college university student teacher office company
    business security private public correcthorsebatterystaple correct horse battery staple deliberate vote voting election
    assembly member ballot motion qwerty qwertz azerty asdf zxcv abc xyz pass word my the is and you me for a i one two three
    """.split()
)
"""Words of which the commonest long passwords are made, with or without figures around them."""

LEET = str.maketrans("013457@$!|", "oieastasil")
LONGEST = max(map(len, WORDS))


def too_common(password: str, about: Iterable[str] = ()) -> bool:
    """Whether a guesser comes to this early. about: names and addresses that belong to the person or the place.

    What is left of a password when common words, rows of keys, repetitions and a few figures are taken away must be
    four characters at least.
    """
    folded = password.lower()
    if len(set(folded)) < 5 or _repeats(folded):
        return True
    known = frozenset(part for text in about for part in re.split(r"[\W_]+", text.lower()) if len(part) > 2)
    spellings = (folded, folded.translate(LEET), re.sub(r"(.)\1+", r"\1", folded))
    return min(_own(text, known) for text in spellings) < 4


def _repeats(text: str) -> bool:
    """Whether the text is one piece written again and again: ``abcabcabcabc``."""
    place = (text + text).find(text, 1)
    return place <= len(text) // 2


def _own(text: str, known: frozenset[str]) -> int:
    """How many letters are left when everything common is taken away, greedily from the left; of figures those after the eighth."""
    letters = figures = place = 0
    while place < len(text):
        step = _word(text, place, known) or _walk(text, place)
        letters += not step and text[place].isalpha()
        figures += not step and text[place].isdigit()
        place += step or 1
    return letters + max(0, figures - 8)


def _word(text: str, place: int, known: frozenset[str]) -> int:
    """The length of the longest common word that stands here."""
    for length in range(min(max(LONGEST, 40), len(text) - place), 0, -1):
        piece = text[place : place + length]
        if (piece in WORDS and (length > 2 or piece == text[place:])) or piece in known or piece in COLUMNS:
            return length
    return 0


def _walk(text: str, place: int) -> int:
    """The length of the row of keys, of the alphabet or of one repeated character that begins here; 0 below three."""
    found = len(text) - place - len(text[place:].lstrip(text[place]))
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        length = 3
        while place + length <= len(text) and text[place : place + length] in row:
            length += 1
        found = max(found, length - 1)
    return found if found >= 3 else 0
