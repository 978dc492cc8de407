"""Numbers of motions and amendments, by the assembly's scheme. A number is never used again."""

from __future__ import annotations

import re

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark

_SIGNS = re.compile(r"[\w .-]{1,10}")


def check(prefix: str, infix: str, poll: str = "P") -> None:
    """Raise DeliberateError ``orders.numbers`` for a scheme under which two things could have one number.

    Numbers stand in names of files and in headers, so they hold letters, digits, blanks, dots and hyphens only.

    >>> check("M", "-A", "P")
    """
    for name, part in (("motion_prefix", prefix), ("amendment_infix", infix), ("poll_prefix", poll)):
        if not part.strip() or part[-1].isdigit():
            raise DeliberateError(
                mark('"%(part)s" cannot stand before a number.', part=part),
                "It ends with a letter or sign, so that M1 and M11 cannot be mistaken.",
                "Choose one such as M or -A.",
                "orders.numbers",
                {name: "Must end with a letter or sign."},
            )
        if not _SIGNS.fullmatch(part) or ".." in part:
            raise DeliberateError(
                mark('"%(part)s" cannot stand before a number.', part=part[:10]),
                "It has up to ten letters, digits, blanks, dots and hyphens, as it stands in names of files.",
                "Choose one such as M or -A.",
                "orders.numbers",
                {name: "Use letters, digits, blanks, dots and hyphens, ten at most."},
            )


def motion(prefix: str, serial: int, digits: int = 1) -> str:
    """The number of a motion.

    >>> motion("M", 7), motion("M", 7, 3)
    ('M7', 'M007')
    """
    return f"{prefix}{serial:0{digits}d}"


def amendment(motion_number: str, infix: str, serial: int) -> str:
    """The number of an amendment to a motion, or to an amendment.

    >>> amendment("M7", "-A", 3), amendment("M7-A3", "-A", 1)
    ('M7-A3', 'M7-A3-A1')
    """
    return f"{motion_number}{infix}{serial}"


def part(number: str, n: int) -> str:
    """The number of the n-th part of a severed amendment, from 1: a to z, then aa, ab.

    >>> part("M7-A3", 2), part("M7-A3", 27)
    ('M7-A3b', 'M7-A3aa')
    """
    letters = ""
    while n > 0:
        n, rest = divmod(n - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return number + letters


def short(number: str, motion_number: str = "") -> str:
    """The part of an amendment's number after its motion's, for marks beside a clause.

    motion_number: without it, what stands after the last hyphen.

    >>> short("M7-A3"), short("M7-A3-A1", "M7")
    ('A3', 'A3-A1')
    """
    if motion_number and number.startswith(motion_number) and len(number) > len(motion_number):
        return number[len(motion_number) :].lstrip("-./ ")
    return number.rsplit("-", 1)[-1]
