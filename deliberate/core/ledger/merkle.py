"""The Merkle tree of RFC 6962 (and 9162), section 2: leaf and node hashes, frontier, proofs and their checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from deliberate.core.errors import DeliberateError

SIZE = 32
EMPTY = sha256(b"").digest()


def _bad(what: str) -> DeliberateError:
    return DeliberateError(what, "The proof does not fit the tree.", "", "ledger.proof")


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The O(log n) hashes of a growing tree from which its root follows: one full subtree per set bit of the size."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count() or any(len(h) != SIZE for h in hashes):
            raise _bad("The frontier does not fit its size.")
        self.size, self.hashes = size, list(hashes)

    @classmethod
    def load(cls, size: int, data: bytes) -> Frontier:
        """From what :meth:`dump` gave."""
        return cls(size, [data[at : at + SIZE] for at in range(0, len(data), SIZE)])

    def dump(self) -> bytes:
        """The hashes, largest subtree first, joined."""
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        hashes, bits = self.hashes, self.size
        while bits & 1:
            leaf = sha256(b"\x01" + hashes.pop() + leaf).digest()
            bits >>= 1
        hashes.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add many leaf hashes."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The root of all leaves so far; of none, SHA-256 of nothing."""
        if not self.hashes:
            return EMPTY
        made = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            made = node_hash(left, made)
        return made


def root(leaves: Iterable[bytes]) -> bytes:
    """The root of leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def _split(size: int) -> int:
    """The largest power of two below size."""
    return 1 << (size - 1).bit_length() - 1


Subtree = Callable[[int, int], bytes]
"""Hash of the leaves from the first index up to, without, the second."""


def of(leaves: Sequence[bytes]) -> Subtree:
    """The subtree function of a list of leaf hashes."""
    return lambda start, end: root(leaves[start:end])


def prove_inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of a leaf, from leaf to root. Raises DeliberateError unless 0 <= index < size."""
    if not 0 <= index < size:
        raise _bad(f"There is no leaf {index} in a tree of {size}.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def prove_consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of size ``new`` begins with the tree of size ``old``; empty for equal sizes."""
    if not 0 < old <= new:
        raise _bad(f"No proof leads from size {old} to {new}.")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old - start != end - start:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    return ([] if whole else [subtree(start, end)]) + path[::-1]


def _sized(hashes: Iterable[bytes]) -> None:
    if any(len(h) != SIZE for h in hashes):
        raise _bad("A hash is not 32 bytes long.")


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root_hash: bytes) -> None:
    """Raise DeliberateError ``ledger.proof`` unless the path leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise _bad(f"There is no leaf {index} in a tree of {size}.")
    _sized((leaf, root_hash, *path))
    made, fn, sn = leaf, index, size - 1
    for step in path:
        if sn == 0:
            raise _bad("The proof has nodes left over.")
        if fn & 1 or fn == sn:
            made = node_hash(step, made)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            made = node_hash(made, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise _bad("The proof is too short.")
    if made != root_hash:
        raise _bad("The proof leads to another root.")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Raise DeliberateError ``ledger.proof`` unless the newer tree begins with the older (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        raise _bad(f"No proof leads from size {old} to {new}.")
    if old == new:
        if path or old_root != new_root:
            raise _bad("Equal sizes have equal roots and an empty proof.")
        return
    _sized((old_root, new_root, *path))
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise _bad("The proof is empty.")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            raise _bad("The proof has nodes left over.")
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise _bad("The proof is too short.")
    if first != old_root or second != new_root:
        raise _bad("The proof leads to other roots.")
