"""Quotas: the votes that secure a seat. v = valid votes, s = seats; ``scale``: parts of a vote, as 10,000 for four places."""

from __future__ import annotations

from fractions import Fraction

Votes = int | Fraction


def droop(valid: Votes, seats: int) -> int:
    """Whole votes, to be reached: floor(v / (s + 1)) + 1 (H. R. Droop 1881).

    >>> droop(40, 3), droop(Fraction(7, 2), 1)
    (11, 2)
    """
    return int(valid // (seats + 1)) + 1


def fractional(valid: Votes, seats: int, scale: int) -> int:
    """In parts, to be reached: v / (s + 1) without what comes after the last place, plus one part (PR Foundation reference rules).

    >>> fractional(40, 3, 10_000), fractional(10, 2, 10_000)
    (100001, 33334)
    """
    return int(valid * scale // (seats + 1)) + 1


def raised(valid: Votes, seats: int) -> int:
    """In the parts of ``valid``, to be reached: v / (s + 1), plus one part where it does not divide evenly (ERS97, 5.1.6).

    >>> raised(4000, 3), raised(1000, 2)
    (1000, 334)
    """
    return int(-(-valid // (seats + 1)))


def exact(valid: Votes, seats: int) -> Fraction:
    """To be exceeded: v / (s + 1) (E. Hagenbach-Bischoff 1888).

    >>> exact(41, 3)
    Fraction(41, 4)
    """
    return Fraction(valid) / (seats + 1)


def hare(valid: Votes, seats: int, scale: int = 0) -> Votes:
    """To be reached: v / s, exact; with a scale in parts, and rounded up (Th. Hare 1859).

    >>> hare(41, 3), hare(10, 3, 100)
    (Fraction(41, 3), 334)
    """
    return int(-(-valid * scale // seats)) if scale else Fraction(valid) / seats
