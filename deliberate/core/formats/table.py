"""A table of ranks read by the block: cells are looked up by their bytes, rows packed and counted, a million and more a second.

It gives, byte for byte, the election that the reader of :mod:`deliberate.core.formats.csv` gives. Whatever is not plain (quotes,
remarks, rows of another length, bytes that are not UTF-8, options that are not declared) goes block by block through that reader,
which also makes every refusal. Source of the method: docs/reference/formats.md, "Large tables".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from deliberate.core.drafting.text import normal
from deliberate.core.formats import MOST_BALLOTS, Election, register
from deliberate.core.formats.cells import LONGEST as LONG
from deliberate.core.formats.cells import MOST, Texts
from deliberate.core.formats.csv import CSV, FURTHEST, Reader
from deliberate.core.formats.groups import Codes, Groups, Ints
from deliberate.core.formats.repeats import Repeats
from deliberate.core.formats.text import LONGEST, decoded
from deliberate.core.tally.packed import Packed, Ranks

MOST_PACKED = 20_000_000
"""Different ballots that are held packed."""
COMMA, LINE, REMARK = b",\n#"
KEPT = 31 << 20


class Blocks:
    """Bytes of a file, cut at ends of lines."""

    def __init__(self, blocks: Iterable[bytes], file: str) -> None:
        self.blocks, self.file = iter(blocks), file
        self.held = b""
        self.line = 1  # number of the first line of what comes next

    def next(self, quotes: bool = False) -> bytes:
        """Whole lines, b"" at the end; the last line gets its end. quotes: no line end within quotes cuts a block."""
        while True:
            cut = self.held.rfind(b"\n") + 1
            if cut and not (quotes and self.held.count(b'"', 0, cut) % 2):
                made, self.held = self.held[:cut], self.held[cut:]
                return made
            if len(self.held) > 8 * LONGEST:
                decoded(self.held, self.file, self.line)
            more = next(self.blocks, b"")
            if not more:
                made, self.held = self.held, b""
                return made if made.endswith(b"\n") or not made else made + b"\n"
            self.held += more

    def first(self) -> bytes:
        """Lines up to the first that is no remark and not empty: the header."""
        made = b""
        while block := self.next():
            while block:
                line, end, block = block.partition(b"\n")
                made += line + end
                if line.strip() and not line.removeprefix(b"\xef\xbb\xbf").startswith(b"#"):
                    self.held = block + self.held
                    return made
        return made

    def lines(self, block: bytes) -> Iterator[str]:
        """Lines of a block as text; they count."""
        for raw in block.split(b"\n")[:-1]:
            self.line += 1
            yield decoded(raw + b"\n", self.file, self.line - 1)


def stream(
    blocks: Iterable[bytes],
    file: str = "ballots.csv",
    labels: Mapping[str, str] | None = None,
    kind: str | None = None,
    scores: tuple[int, int] = (-FURTHEST, FURTHEST),
    answers: Collection[str] = (),
) -> Election:
    """The election in a CSV file that comes as bytes. Raises FormatError as the reader by lines does."""
    source = Blocks(blocks, file)
    head = source.first()
    reader = Reader((), file, labels or {}, kind, scores, answers)
    table = Table(reader, source, head)
    if table.plain:
        return table.read()

    def every() -> Iterator[str]:
        source.line = 1
        block = head
        while block:
            yield from source.lines(block)
            block = source.next()

    return Reader(every(), file, labels or {}, kind, scores, answers).read()


class Table:
    """The ballots as they are counted. plain: whether the header has only ranks, a count, and columns that are not read."""

    def __init__(self, reader: Reader, source: Blocks, head: bytes) -> None:
        self.reader, self.source, self.head = reader, source, head
        cells = head.rsplit(b"\n", 2)[-2].split(b",") if b"\n" in head else []
        names = [cell.strip().lower() for cell in cells]
        self.plain = (
            len(cells) > 1
            and b'"' not in head
            and any(one.startswith(b"rank") for one in names)
            and b"weight" not in names
        )
        self.texts, self.numbers = Texts(), Texts()
        self.marks: list[str] = [""]
        self.counts: list[int] = [0]

    def read(self) -> Election:
        """All blocks, then the election."""
        # An allocator that has freed a block of this size keeps the arrays of each step, instead of asking the system anew:
        # half of the time is saved.
        np.empty(KEPT, dtype=np.uint8)
        reader = self.reader
        reader.feed(self.source.lines(self.head))
        reader.begin()
        self.names = [cell.lower() for cell in reader.head()]
        self.columns = reader.ranks(self.names)
        reader.check_columns(self.names, self.columns, "ranking")
        self.count = self.names.index("count") if "count" in self.names else -1
        self.groups = Groups(len(self.columns))
        self.repeats = Repeats(len(self.columns), self.count >= 0)
        while block := self.source.next(quotes=True):
            if not self._at_once(block):
                self._add(*self._by_lines(block))
            if self.groups.distinct > MOST_PACKED:
                reader.line = self.source.line - 1
                what = f"there are more than {MOST_PACKED:,} different ballots"
                reader.refuse(1, what, "a file for each part of them")
        reader.line = self.source.line - 1
        return self._election()

    def _add(self, codes: Codes, papers: Ints | None) -> None:
        self.groups.add(codes, len(self.marks) - 1, papers)

    def _at_once(self, block: bytes) -> bool:
        """Count the rows of a block; whether it is plain enough for that."""
        block = block.replace(b"\r\n", b"\n") if b"\r" in block else block
        ends = self._ends(block) if len(self.marks) <= MOST else None
        if ends is None:
            return False
        last = np.ascontiguousarray(ends[:, -1])
        starts = np.empty_like(last)
        starts[0] = 0
        np.add(last[:-1], 1, out=starts[1:])
        found = self.repeats.find(block, starts, last - starts) if self.repeats.useful else None
        if found is None:
            cells = self._cells(block, starts, ends)
            return cells is not None and self._count(*cells, len(ends))
        places, known, parts = found
        again, new = places[known], np.flatnonzero(~known)
        papers = self.repeats.papers_of(again)
        if self.reader.papers + papers > MOST_BALLOTS:
            return False
        self.reader.papers += papers
        if len(new):
            cells = self._cells(block, starts[new], ends[new])
            if cells is None:
                self.reader.papers -= papers
                return False
            self._count(*cells, 0)
            self.repeats.keep(places[new], [part[new] for part in parts], *cells)
        self.repeats.count(again)
        self.source.line += len(ends)
        return True

    def _count(self, codes: Codes, papers: Ints | None, lines: int) -> bool:
        """Add rows, of so many lines."""
        self._add(codes, papers)
        self.reader.papers += len(codes) if papers is None else int(papers.sum())
        self.source.line += lines
        return True

    def _ends(self, block: bytes) -> Ints | None:
        """(rows, cells) where each cell of a block ends; None for rows of another length, quotes, remarks and odd bytes."""
        if b'"' in block or b"\0" in block or b"\r" in block:
            return None
        signs = np.frombuffer(block, dtype=np.uint8)
        breaks = signs == LINE
        lines = int(np.count_nonzero(breaks))
        breaks |= signs == COMMA
        found = np.flatnonzero(breaks)
        if len(found) != lines * len(self.names):
            return None
        ends: Ints = found.reshape(lines, -1)
        last = ends[:, -1]
        if (signs[last] != LINE).any() or signs[0] == REMARK or (signs[last[:-1] + 1] == REMARK).any():
            return None
        return ends

    def _cells(self, block: bytes, rows: Ints, ends: Ints) -> tuple[Codes, Ints | None] | None:
        """Numbers of the cells of each row, and how many papers it is; None for a row that is not plain. rows: where each begins."""
        starts = np.empty_like(ends)
        starts[:, 0] = rows
        np.add(ends[:, :-1], 1, out=starts[:, 1:])
        lengths = ends - starts
        if int(lengths.max()) > LONG:
            return None
        papers = None
        if self.count >= 0:
            papers = self._papers(block, starts[:, self.count], lengths[:, self.count])
            if papers is None:
                return None
        if len(self.columns) < len(self.names):
            starts, lengths = starts[:, self.columns], lengths[:, self.columns]
        where = (starts.reshape(-1), lengths.reshape(-1))
        codes, unknown = self.texts.find(block, *where)
        while unknown:
            if not all(map(self._learn, unknown)):
                return None
            codes, unknown = self.texts.find(block, *where)
        return codes.reshape(len(rows), -1), papers

    def _learn(self, text: bytes) -> bool:
        """Number a cell that was not met before; whether it is one that can be read here."""
        try:
            said = text.decode()
        except UnicodeDecodeError:
            return False
        if len(self.marks) >= MOST or not self.reader.may(normal(said.strip())):
            return False
        self.texts.code(text)
        self.marks.append(self.reader.cell(said, 0))
        return True

    def _papers(self, block: bytes, starts: Ints, lengths: Ints) -> Ints | None:
        """What stands in the column count; None where something else than numbers does, or too many papers."""
        codes, unknown = self.numbers.find(block, starts, lengths)
        while unknown:
            for text in unknown:
                if len(self.counts) >= MOST or not text.strip().isdigit() or not 0 < int(text) < 10**15:
                    return None
                self.numbers.code(text)
                self.counts.append(int(text))
            codes, unknown = self.numbers.find(block, starts, lengths)
        papers = np.array(self.counts, dtype=np.int64)[codes]
        whole = sum(map(int, papers.reshape(-1))) if max(self.counts) * len(papers) >= 2**62 else int(papers.sum())
        return papers if papers.all() and self.reader.papers + whole <= MOST_BALLOTS else None

    def _by_lines(self, block: bytes) -> tuple[Codes, Ints]:
        """The same of any block, through the reader by lines, which refuses what is wrong."""
        reader = self.reader
        reader.feed(self.source.lines(block), self.source.line)
        reader.begin()
        rows: list[list[int]] = []
        papers: list[int] = []
        for cells, times, _ in reader.counted(self.names):
            rows.append([self._code(reader.cell(cells[n], n)) for n in self.columns])
            papers.append(times)
        shape = (len(rows), len(self.columns))
        return np.array(rows, dtype=np.uint16).reshape(shape), np.array(papers, dtype=np.int64)

    def _code(self, mark: str) -> int:
        code = self.texts.code(mark.encode())
        if code == len(self.marks):
            self.marks.append(mark)
            if code > 65_535:
                self.reader.refuse(1, "there are more than 65,535 different cells", "fewer ways to write a rank")
        return code

    def _election(self) -> Election:
        reader = self.reader
        options = reader.named(self.marks[1:])
        ids = {option.name: option.id for option in options}
        contents: dict[tuple[str, ...], int] = {(): 0}
        numbers = [contents.setdefault(tuple(reader.rank(mark, ids)), len(contents)) for mark in self.marks]
        self._add(*self.repeats.done())
        small = max(len(contents) + 1, len(self.marks)) < 256
        codes, papers = self.groups.done(np.uint8 if small else np.uint16)
        ranks: Ranks = np.array(numbers, dtype=codes.dtype).take(codes)
        after = np.zeros(len(ranks), dtype=bool)
        gaps = False
        for column in reversed(
            range(ranks.shape[1])
        ):  # an empty cell before a mark is a skipped rank; after the last, nothing
            cells = ranks[:, column]
            skipped = cells == 0
            after |= ~skipped
            skipped &= after
            if skipped.any():
                cells[skipped] = len(contents)
                gaps = True
        packed = Packed(tuple(ids.values()), ranks, papers, (*contents, *([()] if gaps else [])))
        return reader.election(options, packed)


TABLE = register(replace(CSV, stream=stream))
