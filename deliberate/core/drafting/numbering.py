"""Numbers of motions and amendments, by the assembly's scheme. A number is never used again."""

from __future__ import annotations


def motion(prefix: str, serial: int, digits: int = 1) -> str:
    """The number of a motion.

    >>> motion("M", 7), motion("M", 7, 3)
    ('M7', 'M007')
    """
    return f"{prefix}{serial:0{digits}d}"


def amendment(motion_number: str, infix: str, serial: int) -> str:
    """The number of an amendment.

    >>> amendment("M7", "-A", 3)
    'M7-A3'
    """
    return f"{motion_number}{infix}{serial}"


def short(number: str) -> str:
    """The part of an amendment's number after its motion's, for marks beside a clause.

    >>> short("M7-A3")
    'A3'
    """
    return number.rsplit("-", 1)[-1]
