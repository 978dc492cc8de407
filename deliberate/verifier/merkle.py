"""The Merkle tree of RFC 6962: leaf = SHA-256(0x00 || data), node = SHA-256(0x01 || left || right), no padding."""

from __future__ import annotations

from hashlib import sha256

EMPTY = sha256(b"").digest()
TILE = 256


def leaf_hash(data: bytes) -> bytes:
    """Hash of an entry's bytes as a leaf."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """Root over hashes of complete subtrees of one size (the last may stand for a smaller one)."""
    if not hashes:
        return EMPTY
    level = hashes
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


class Tree:
    """All leaf hashes of a ledger, with the root at any earlier size. Roots of full tiles are kept."""

    def __init__(self) -> None:
        self.leaves = bytearray()
        self._tiles: list[bytes] = []

    def __len__(self) -> int:
        return len(self.leaves) // 32

    def add(self, leaf: bytes) -> None:
        """Append one leaf hash of 32 bytes."""
        self.leaves += leaf

    def leaf(self, index: int) -> bytes:
        """The leaf hash at an index."""
        return bytes(self.leaves[32 * index:32 * index + 32])

    def full_tiles(self) -> list[bytes]:
        """Roots of the complete tiles of 256 leaves: the hashes that stand in the tiles of level 1."""
        while (len(self._tiles) + 1) * TILE <= len(self):
            start = len(self._tiles) * TILE
            self._tiles.append(root_of([self.leaf(i) for i in range(start, start + TILE)]))
        return self._tiles

    def root(self, size: int) -> bytes:
        """Root of the tree when it held ``size`` leaves. Raises IndexError beyond the leaves that are here."""
        if size < 0 or size > len(self):
            raise IndexError(size)
        whole, rest = divmod(size, TILE)
        parts = self.full_tiles()[:whole]
        if rest:
            parts = [*parts, root_of([self.leaf(i) for i in range(size - rest, size)])]
        return root_of(parts)


def included(index: int, size: int, leaf: bytes, proof: list[bytes], root: bytes) -> bool:
    """Whether a proof shows that a leaf stands at an index of a tree (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or any(len(h) != 32 for h in (*proof, leaf, root)):
        return False
    at, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(other, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root
