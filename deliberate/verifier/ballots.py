"""The counted ballots: equal ones merged, each read once, and the three files that must carry exactly them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from . import schema
from .archive import Archive, TooLarge
from .canonical import Malformed, decode, encode, number

SKIPPED = -1
LARGEST_SCALE = 10**60
"""The common denominator of all weights stays below this, so that exact sums stay small."""


@dataclass(frozen=True)
class Paper:
    """Equal ballots. ``ranks``: an option's place in declared order, SKIPPED, or ``-2 - i`` for the i-th equal rank of
    the profile; for a choice the marked options. ``papers`` of them, each of ``weight`` / scale of the profile."""

    ranks: tuple[int, ...]
    papers: int
    weight: int


@dataclass
class Profile:
    """All counted ballots as the counts read them. Weights are whole numbers over a common ``scale``."""

    options: int
    scale: int
    rows: list[Paper]
    equals: list[tuple[int, ...]]

    def votes(self, scaled: int) -> Fraction:
        """A scaled sum as the number it stands for."""
        return Fraction(scaled, self.scale)


class Ballots:
    """Counts equal ballots by the canonical bytes of ``[ballot, weight]``."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.kind: str = definition["ballot"]
        self.points = definition.get("method") == "cumulative"
        self.ids: list[str] = [o["id"] for o in definition["options"]]
        self.groups: dict[bytes, int] = {}
        self._known: dict[str, int] = {name: i for i, name in enumerate(self.ids)}

    def check(self, value: Any) -> None:
        """Raise Malformed for a ballot that does not fit the definition."""
        schema.ballot(value)
        if value["kind"] != self.kind:
            raise Malformed(f"the ballot is a {value['kind']}, the poll asks for a {self.kind}")
        for rank in value["ranks"] if self.kind == "ranking" else [value["marks"]]:
            if len(set(rank)) != len(rank) and not self.points:
                raise Malformed("an option stands twice at one rank")
            for option in rank:
                if option not in self._known:
                    raise Malformed(f"the ballot names the option {option}, which the definition does not have")

    @staticmethod
    def group(ballot: bytes, weight: bytes) -> bytes:
        """The bytes by which equal ballots are merged and sorted."""
        return b"[" + ballot + b',"' + weight + b'"]'

    def add(self, key: bytes, copies: int = 1) -> None:
        """Count a ballot, or take it out again with -1."""
        left = self.groups.get(key, 0) + copies
        if left:
            self.groups[key] = left
        else:
            del self.groups[key]

    @property
    def cast(self) -> int:
        """How many ballots count."""
        return sum(self.groups.values())

    @property
    def once(self) -> int:
        """How many ballots no other one equals."""
        return sum(copies == 1 for copies in self.groups.values())

    def weights(self) -> dict[str, int]:
        """How many counted ballots have each weight."""
        made: dict[str, int] = {}
        for key, copies in self.groups.items():
            weight = key[key.rindex(b',"') + 2:-2].decode()
            made[weight] = made.get(weight, 0) + copies
        return made

    def rows(self) -> Iterator[tuple[Any, int, str]]:
        """Ballot, copies and weight of each group, in the order of the files."""
        for key in sorted(self.groups):
            ballot, weight = json.loads(key)
            yield ballot, self.groups[key], weight

    def profile(self) -> Profile:
        """What the counts read. Raises Malformed when the weights have no common denominator of a sane size."""
        scale = 1
        for weight in self.weights():
            scale = math.lcm(scale, number(weight).denominator)
            if scale > LARGEST_SCALE:
                raise Malformed("the weights have no common denominator of a sane size")
        equals: dict[tuple[int, ...], int] = {}
        rows = []
        for ballot, copies, weight in self.rows():
            if self.kind == "choice":
                ranks = tuple(self._known[m] for m in ballot["marks"])
            else:
                ranks = tuple(self._rank(rank, equals) for rank in ballot["ranks"])
            rows.append(Paper(ranks, copies, int(number(weight) * scale)))
        return Profile(len(self.ids), scale, rows, list(equals))

    def _rank(self, rank: list[str], equals: dict[tuple[int, ...], int]) -> int:
        if len(rank) == 1:
            return self._known[rank[0]]
        return -2 - equals.setdefault(tuple(self._known[o] for o in rank), len(equals)) if rank else SKIPPED

    def as_json(self) -> Iterator[bytes]:
        """ballots.json, piece by piece."""
        yield b'{"ballots":['
        for i, key in enumerate(sorted(self.groups)):
            cut = key.rindex(b',"')
            yield b"%s{\"ballot\":%s,\"count\":%d,\"weight\":%s}" % (b"," if i else b"", key[1:cut], self.groups[key],
                                                                     key[cut + 1:-1])
        yield b'],"options":' + encode(self.ids) + b',"v":1}'

    def digest(self) -> str:
        """SHA-256 of ballots.json as it must be."""
        made = sha256()
        for piece in self.as_json():
            made.update(piece)
        return made.hexdigest()

    def as_csv(self, method: str) -> Iterator[bytes]:
        """ballots.csv, piece by piece."""
        yield f"# deliberate ballots 1; method={method}; options={' '.join(self.ids)}\n".encode()
        if self.kind == "choice":
            yield b"count,weight,choice\n"
            for ballot, copies, weight in self.rows():
                yield f"{copies},{weight},{'='.join(ballot['marks'])}\n".encode()
            return
        longest = max((len(ballot["ranks"]) for ballot, _, _ in self.rows()), default=1) or 1
        yield f"count,weight,{','.join(f'rank{n}' for n in range(1, longest + 1))}\n".encode()
        for ballot, copies, weight in self.rows():
            cells = ["=".join(rank) for rank in ballot["ranks"]]
            yield f"{copies},{weight},{','.join(cells + [''] * (longest - len(cells)))}\n".encode()

    def blt_fits(self) -> bool:
        """Whether the ballots fit a BLT file: rankings of whole weights without equal or skipped ranks."""
        return self.kind == "ranking" and all("/" not in weight and all(len(r) == 1 for r in ballot["ranks"])
                                              for ballot, _, weight in self.rows())

    def blt_doubtful(self, definition: dict[str, Any]) -> bool:
        """Whether a writer may refuse BLT although the ranks fit: for a quote in a name, or an option ranked twice."""
        names = [o["name"] for o in definition["options"]] + [definition["title"]]
        return any('"' in name or "\\" in name or "\n" in name for name in names) or any(
            len({r[0] for r in ballot["ranks"]}) < len(ballot["ranks"]) for ballot, _, _ in self.rows())

    def as_blt(self, definition: dict[str, Any]) -> Iterator[bytes]:
        """ballots.blt, piece by piece."""
        yield f"{len(self.ids)} {definition['seats']}\n".encode()
        for ballot, copies, weight in self.rows():
            places = [str(self._known[r[0]] + 1) for r in ballot["ranks"]]
            yield " ".join([str(copies * int(weight)), *places, "0\n"]).encode()
        yield b"0\n"
        for name in [*(o["name"] for o in definition["options"]), definition["title"]]:
            yield f'"{name}"\n'.encode()


def first_difference(archive: Archive, path: str, expected: Iterable[bytes]) -> tuple[int, int] | None:
    """Byte and line (from 1) at which a file leaves the expected bytes; None if it is the same."""
    blocks, have, at, line = archive.blocks(path), b"", 0, 1
    for piece in expected:
        while len(have) < len(piece):
            block = next(blocks, b"")
            if not block:
                break
            have += block
        if have[:len(piece)] != piece:
            i = next((i for i, (a, b) in enumerate(zip(have, piece, strict=False)) if a != b),
                     min(len(have), len(piece)))
            return at + i, line + piece[:i].count(b"\n")
        have, at, line = have[len(piece):], at + len(piece), line + piece.count(b"\n")
    return (at, line) if have or next(blocks, b"") else None


def read_json(archive: Archive, path: str, limit: int, names: bool = False) -> Any:
    """A canonical file. Raises Malformed, TooLarge or KeyError."""
    if path not in archive:
        raise KeyError(path)
    return decode(archive.read(path, limit), names)


__all__ = ["SKIPPED", "Ballots", "Paper", "Profile", "TooLarge", "first_difference", "read_json"]
