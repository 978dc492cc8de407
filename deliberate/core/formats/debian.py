"""Debian tally sheets: ``Option 1-->: name`` for each option, then ``V: 12-3`` for each ballot.

Source: the sheets that Debian's devotee publishes. The place of a sign stands for an option, the sign is the rank that it was
given: 1 to 9, then A, B and so on; ``-`` is unranked. What follows the ranks on a line (a hash) is not read. Two options may have
one rank, and ranks may be left out: they are kept as they were given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from deliberate.core import ballot as ballots
from deliberate.core.formats import Election, Format, register
from deliberate.core.formats.source import Box, Lines, check_options, numbered
from deliberate.core.tally.record import Question

RANKS = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OPTION = re.compile(r"[\s|/\\]*Option\s+(\S+?)\s*-+>\s*:(.*)")
_VOTE = re.compile(r"(\s*V\s*:\s*)(\S*).*")


def ranked(signs: str) -> list[list[str]]:
    """The ranks of a ballot.

    >>> ranked("13-1")
    [['o1', 'o4'], [], ['o2']]
    """
    places = [RANKS.index(sign) if sign != "-" else -1 for sign in signs]
    return [
        [f"o{n}" for n, place in enumerate(places, 1) if place == rank] for rank in range(max(places, default=-1) + 1)
    ]


def check_signs(signs: str, options: int) -> tuple[int, str, str] | None:
    """What is wrong with the ranks of a ballot: where (from 0), what, and what was expected; None if nothing is."""
    for n, sign in enumerate(signs):
        if sign not in RANKS and sign != "-":
            return n, f'the rank "{sign}" cannot be read', "1 to 9, A to Z or -"
    if len(signs) != options:
        return min(len(signs), options), f"the ballot has {len(signs)} ranks", f"{options}, one for each option"
    return None


class Reader(Lines):
    """The sheet as it is read."""

    def __init__(self, lines: Iterable[str], file: str) -> None:
        super().__init__(lines, file, "format.debian")
        self.names: list[str] = []
        self.box = Box(self)

    def read(self) -> Election:
        for text in self:
            if found := _OPTION.fullmatch(text):
                self._option(found)
            elif found := _VOTE.fullmatch(text):
                self._vote(found)
        if not self.line:
            self.empty("lines such as Option 1-->: Ada and V: 12")
        check_options(self, len(self.names))
        options = numbered(self.names)
        return Election(Question("", options), self.box.merged(options), tuple(self.notes))

    def _option(self, found: re.Match[str]) -> None:
        if self.box.papers:
            self.refuse(1, "an option stands after a ballot", "all options, then the ballots")
        if found[1] not in (str(len(self.names) + 1), RANKS[len(self.names) : len(self.names) + 1]):
            said = f"option {found[1][:10]} stands where option {len(self.names) + 1} is missing"
            self.refuse(found.start(1) + 1, said, "options in order")
        self.names.append(self.name(found[2].strip(), found.start(2) + 1, self.names))

    def _vote(self, found: re.Match[str]) -> None:
        wrong = check_signs(found[2], len(self.names))
        if wrong:
            self.refuse(found.start(2) + 1 + wrong[0], *wrong[1:])
        self.box.add(ballots.ranking(*ranked(found[2])))


def read(lines: Iterable[str], file: str = "tally.txt") -> Election:
    """The election on a Debian tally sheet. Raises FormatError."""
    return Reader(lines, file).read()


DEBIAN = register(
    Format(
        "debian",
        "Tally sheets of Debian votes",
        (),
        lambda head: bool(re.search(r"^\s*V\s*:\s*[0-9A-Z-]+", head, re.MULTILINE)),
        read,
    )
)
