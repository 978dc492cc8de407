"""Rankings held as rows of small numbers: what a large file of ballots becomes. Its bytes and its rows are those of any Aggregate.

A number stands for a rank: for the options at it, for none if it was skipped; 0 ends the ballot. Every paper has the weight 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core import ballot as ballots
from deliberate.core.ballot import Aggregate, Row
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.sentences import mark

MOST_ROWS = 2_000_000
"""Different ballots that are unpacked into rows one by one."""
CHUNK = 1 << 15
"""Ballots that are written at a time."""
Ranks = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int64]


class Packed(Aggregate):
    """ranks: (n, columns) numbers of ranks, zeros at the end; papers: (n,) of each; contents: ids of the options at each number.

    Equal rows may stand apart until they are put in order.
    """

    def __init__(
        self, options: tuple[str, ...], ranks: Ranks, papers: Ints, contents: tuple[tuple[str, ...], ...]
    ) -> None:
        for name, value in (("options", options), ("ranks", ranks), ("papers", papers), ("contents", contents)):
            object.__setattr__(self, name, value)

    ranks: Ranks
    papers: Ints
    contents: tuple[tuple[str, ...], ...]

    @property
    def kinds(self) -> set[str]:
        return {"ranking"} if len(self.papers) else set()

    @property
    def cast(self) -> int:
        return int(self.papers.sum())

    @property
    def whole(self) -> bool:
        return True

    @cached_property
    def numbers(self) -> npt.NDArray[np.uint16]:
        """From the number of a rank to that of its one option, from 1; 0 for what is no single option."""
        places = {one: n for n, one in enumerate(self.options, 1)}
        return np.array([places[ids[0]] if len(ids) == 1 else 0 for ids in self.contents], dtype=np.uint16)

    @property
    def plain(self) -> npt.NDArray[np.bool_]:
        """(n,) whether a ballot has one option at each rank, and none twice."""
        odd = self.numbers == 0
        odd[0] = False
        made = ~odd[self.ranks].any(axis=1) if odd.any() else np.ones(len(self.papers), dtype=bool)
        options = self.numbers[: len(self.contents)].astype(np.int64)
        for start in range(0, len(self.options), 64):  # those of 64 options that were met, as bits
            place = options - 1 - start
            inside = (place >= 0) & (place < 64)
            bits = np.where(inside, np.uint64(1) << np.where(inside, place, 0).astype(np.uint64), np.uint64(0))
            met = np.zeros(len(self.papers), dtype=np.uint64)
            for column in range(self.ranks.shape[1]):
                bit = bits.take(self.ranks[:, column])
                made &= (met & bit) == 0
                met |= bit
        return made

    @cached_property
    def ordered(self) -> tuple[Ranks, Ints]:
        """Rows and papers in the order of ``ballots.json``, equal ones merged.

        The text of one rank never begins another's, so ballots sort as their ranks do by text; one that ends sorts last.
        """
        texts = [canonical.encode(list(ids)) for ids in self.contents[1:]]
        place = np.zeros(len(self.contents), dtype=np.uint64)
        place[1 + np.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=np.intp)] = np.arange(len(texts))
        place[0] = len(texts)
        words = _words(self.ranks, place, max(1, len(texts).bit_length()))
        order = np.argsort(words[0], kind="stable") if len(words) == 1 else np.lexsort(words[::-1])
        first = np.ones(len(order), dtype=bool)
        first[1:] = False
        for word in words:
            there = word[order]
            first[1:] |= there[1:] != there[:-1]
        del words
        if first.all():
            return self.ranks[order], self.papers[order]
        starts = np.flatnonzero(first)
        return self.ranks[order[starts]], np.add.reduceat(self.papers[order], starts)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every different ballot. Raises DeliberateError ``tally.size`` where they are too many to stand one by one."""
        ranks, papers = self.ordered
        if len(papers) > MOST_ROWS:
            raise DeliberateError(
                mark("These are more different ballots than this method can count."),
                mark("It looks at each of them by itself, and at most %(most)s.", most=f"{MOST_ROWS:,}"),
                mark("Choose a run-off or a single transferable vote."),
                "tally.size",
            )
        return tuple(self.some(ranks, papers))

    def some(self, ranks: Ranks, papers: Ints) -> Iterator[Row]:
        """Rows of the given numbers."""
        one = canonical.parse_exact("1")
        for numbers, count in zip(ranks.tolist(), papers.tolist(), strict=True):
            held = [list(self.contents[number]) for number in numbers if number]
            yield Row(ballots.ranking(*held), count, one)

    def canonical(self) -> bytes:
        return b"".join(self._written())

    @cached_property
    def digest(self) -> str:
        made = hashlib.sha256()
        for part in self._written():
            made.update(part)
        return made.hexdigest()

    def _written(self) -> Iterator[bytes]:
        """The bytes of ``ballots.json`` in parts: columns of bytes that are filled up with zeros, which are then left out."""
        ranks, papers = self.ordered
        yield b'{"ballots":['
        first = _column([b"", *(canonical.encode(list(ids)) for ids in self.contents[1:])])
        later = _column([b"", *(b"," + canonical.encode(list(ids)) for ids in self.contents[1:])])
        for start in range(0, len(papers), CHUNK):
            part, counts = ranks[start : start + CHUNK], papers[start : start + CHUNK]
            columns = [_same(b',{"ballot":{"kind":"ranking","ranks":[', len(part))]
            columns += [(later if n else first)[part[:, n]] for n in range(part.shape[1])]
            columns += [_same(b']},"count":', len(part)), _digits(counts), _same(b',"weight":"1"}', len(part))]
            text = np.hstack(columns).tobytes().translate(None, b"\0")
            yield text if start else text[1:]
        yield b'],"options":' + canonical.encode(list(self.options)) + b',"v":1}'


def _words(rows: Any, place: Any, bits: int) -> list[Any]:
    """Rows as 64-bit words that sort as the places of their numbers do."""
    per = 64 // bits
    words = []
    for start in range(0, rows.shape[1], per):
        word = np.zeros(len(rows), dtype=np.uint64)
        for column in range(start, min(start + per, rows.shape[1])):
            word <<= np.uint64(bits)
            word |= place[rows[:, column]]
        words.append(word)
    return words


def _column(texts: list[bytes]) -> Any:
    """(texts, words) texts as 64-bit words, zeros at the end."""
    width = -(-max(map(len, texts)) // 8) * 8
    return np.frombuffer(b"".join(text.ljust(width, b"\0") for text in texts), dtype=np.uint64).reshape(len(texts), -1)


def _same(text: bytes, times: int) -> Any:
    return np.broadcast_to(_column([text]), (times, len(_column([text])[0])))


def _digits(numbers: Ints) -> Any:
    """(n, words) numbers as decimal digits with zeros (bytes 0, not digits) before them."""
    width = -(-len(str(int(numbers.max()))) // 8) * 8
    made = np.zeros((len(numbers), width), dtype=np.uint8)
    left = numbers
    for place in reversed(range(width)):
        left, digit = np.divmod(left, 10)
        made[:, place] = np.where(numbers >= 10 ** (width - 1 - place), digit + 48, 0)
    return made.view(np.uint64)
