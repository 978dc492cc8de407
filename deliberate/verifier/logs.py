"""Ledgers as tlog-tiles trees: checkpoint, tiles and entry bundles are read once, and every hash is computed again."""

from __future__ import annotations

from collections.abc import Iterator

from .archive import MOST_FILES, Archive
from .merkle import TILE, Tree, leaf_hash, root_of
from .notes import LONGEST, BadNote, Head, Key, Note, read_head, read_note
from .report import Report

LONGEST_ENTRY = 65_535


def numbered(n: int) -> str:
    """A tile's number as a path: three digits a part, ``x`` before all but the last (1234067 is x001/x234/067)."""
    made = f"{n % 1000:03d}"
    while n >= 1000:
        n //= 1000
        made = f"x{n % 1000:03d}/{made}"
    return made


def tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every tile of a tree."""
    level, count = 0, size
    while count:
        for n in range(count // TILE):
            yield level, n, TILE
        if count % TILE:
            yield level, count // TILE, count % TILE
        level, count = level + 1, count // TILE


def tile_path(level: int | str, n: int, width: int) -> str:
    """Where a tile stands below the folder of its ledger."""
    return f"tile/{level}/{numbered(n)}{f'.p/{width}' if width < TILE else ''}"


class Log:
    """One ledger of the package. Read ``entries`` once, then ``finish``; after that ``tree`` knows every root."""

    def __init__(self, archive: Archive, report: Report, name: str, origin: str, key: Key | None) -> None:
        self.archive, self.report, self.name, self.origin, self.key = archive, report, name, origin, key
        self.folder = f"log/{name}/"
        self.tree = Tree()
        self.head: Head | None = None
        self.note: Note | None = None
        self.complete = False
        read = self._checkpoint(self.folder + "checkpoint")
        if read is not None:
            self.note, self.head = read
        self.size = self.head.size if self.head else self._count()
        if self.size > TILE * MOST_FILES:
            report.fail("robustness", f"The checkpoint of the {name} ledger names {self.size} entries.",
                        self.folder + "checkpoint")
            self.size = 0

    def _count(self) -> int:
        """How many entries the tiles hold when no checkpoint says so."""
        start = self.folder + "tile/0/"
        return sum(self.archive.size(p) // 32 for p in self.archive.members if p.startswith(start))

    def _checkpoint(self, path: str) -> tuple[Note, Head] | None:
        """A checkpoint whose signature and origin hold; findings go into the report."""
        fail = self.report.fail
        if path not in self.archive:
            fail("integrity", f"{path} is missing.", path)
            return None
        try:
            note = read_note(self.archive.read(path, LONGEST))
            head = read_head(note.text)
        except BadNote as error:
            fail("signature", f"The checkpoint of the {self.name} ledger cannot be read: {error}.", path)
            return None
        if head.origin != self.origin:
            fail("signature", f"The checkpoint is of another ledger, {head.origin}.", path, self.origin, head.origin)
        try:
            if self.key is not None and note.signed_by(self.key) is None:
                fail("signature", f"The {self.name} ledger's checkpoint is not signed by {self.key.name}.", path)
        except BadNote as error:
            fail("signature", f"The checkpoint of the {self.name} ledger was altered: {error}.", path)
        return note, head

    def entries(self, hidden: bool = False) -> Iterator[tuple[int, bytes | None, bytes]]:
        """Index, bytes and leaf hash of each entry. With ``hidden`` bundles may be absent: then bytes are None."""
        index = 0
        for level, n, width in tiles(self.size):
            if level:
                break
            tile, bundle = self.folder + tile_path(0, n, width), self.folder + tile_path("entries", n, width)
            hashes = self.archive.read(tile, 32 * TILE) if tile in self.archive else b""
            if len(hashes) != 32 * width:
                self.report.fail("ledger", f"{tile} is missing or does not hold {width} hashes.", tile, 32 * width,
                                 len(hashes))
                hashes = b""
            if bundle in self.archive:
                found = self._bundle(bundle, width)
            elif hidden and hashes:
                found = [None] * width
            else:
                self.report.fail("ledger",
                                 f"{bundle} is missing: the {self.name} ledger ends at entry {index} of {self.size}.",
                                 bundle)
                return
            for i, data in enumerate(found):
                listed = hashes[32 * i:32 * i + 32]
                leaf = listed if data is None else leaf_hash(data)
                if hashes and leaf != listed:
                    self.report.fail("ledger",
                                     f"Entry {index} of the {self.name} ledger does not have the hash in its tile.",
                                     f"{self.name} {index}", listed, leaf)
                self.tree.add(leaf)
                yield index, data, leaf
                index += 1
            if len(found) != width:
                return
        self.complete = index == self.size

    def _bundle(self, path: str, width: int) -> list[bytes | None]:
        data, at = self.archive.read(path, width * (LONGEST_ENTRY + 2)), 0
        made: list[bytes | None] = []
        while at + 2 <= len(data) and len(made) < width:
            size = int.from_bytes(data[at:at + 2], "big")
            if at + 2 + size > len(data):
                break
            made.append(data[at + 2:at + 2 + size])
            at += 2 + size
        if at != len(data) or len(made) != width:
            self.report.fail("ledger", f"{path} does not hold exactly {width} entries.", path, width, len(made))
        return made

    def finish(self) -> None:
        """Compare the computed tree with the checkpoints and the upper tiles, once all entries have been read."""
        head, fail = self.head, self.report.fail
        if head is not None and not (self.complete and self.tree.root(len(self.tree)) == head.root):
            fail("ledger", f"The {self.name} ledger does not have the root that its checkpoint signs.",
                 self.folder + "checkpoint", head.root, self.tree.root(len(self.tree)) if self.complete
                 else f"{len(self.tree)} of {head.size} entries")
        expected = {self.folder + "checkpoint"}
        below: list[bytes] = []
        at_level = 0
        for level, n, width in tiles(self.size):
            path = self.folder + tile_path(level, n, width)
            expected.add(path)
            if level == 0:
                expected.add(self.folder + tile_path("entries", n, width))
                continue
            if level != at_level:
                below = self.tree.full_tiles() if level == 1 else [root_of(below[i:i + TILE])
                                                                   for i in range(0, len(below) - TILE + 1, TILE)]
                at_level = level
            if path not in self.archive or self.archive.read(path,
                                                             32 * TILE) != b"".join(below[TILE * n:TILE * n + width]):
                fail("ledger", f"{path} is missing or does not hold the hashes of the tiles below it.", path)
        for path in sorted(self.archive.members):
            if path.startswith(self.folder + "checkpoints/"):
                self._older(path)
            elif path.startswith(self.folder) and path not in expected:
                fail("ledger", f"{path} is not part of a tree of {self.size} entries.", path)

    def _older(self, path: str) -> None:
        read = self._checkpoint(path)
        if read is None:
            return
        head = read[1]
        if path != f"{self.folder}checkpoints/{head.size}" or head.size >= self.size:
            self.report.fail("ledger", f"{path} is not an older checkpoint of this size.", path)
        elif not self.holds(head.size, head.root):
            self.report.fail("ledger", f"Another history was signed: another root at {head.size} entries.", path)

    def holds(self, size: int, root: bytes) -> bool:
        """Whether this ledger had this root at this size."""
        return size <= len(self.tree) and self.tree.root(size) == root
