"""Tiles: a ledger as plain files that any web server can serve (c2sp.org/tlog-tiles).

A tile of level L holds up to 256 hashes, each over 256^L entries, and only whole subtrees; an entry bundle holds up to
256 entries. Pitfall: a partial tile is never empty, and over the one whole tile of 256 entries stands a partial one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import merkle

WIDTH, BITS = 256, 8
LONGEST = 65_535
Fetch = Callable[[str], bytes]
"""The bytes of the file at a path; raises KeyError or DeliberateError where there is none."""


def _bad(what: str, why: str) -> DeliberateError:
    return DeliberateError(what, why, "", "ledger.tile")


def path(level: int | str, number: int, width: int = WIDTH) -> str:
    """``tile/<L>/<N>[.p/<W>]`` with N in parts of three digits; level ``entries`` for entry bundles.

    >>> path(0, 1234067), path("entries", 0, 5)
    ('tile/0/x001/x234/067', 'tile/entries/000.p/5')
    """
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(parts)}" + (f".p/{width}" if width < WIDTH else "")


def at(level: int | str, number: int, size: int) -> tuple[str, int]:
    """Path and width of a tile or bundle (level ``entries``) in a ledger of this size; beyond it DeliberateError."""
    nodes = size >> BITS * (0 if isinstance(level, str) else level)
    width = min(WIDTH, nodes - number * WIDTH)
    if number < 0 or width <= 0:
        raise _bad("There is no such tile.", f"The ledger has {size} entries.")
    return path(level, number, width), width


def bundle(bodies: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big-endian. Raises DeliberateError ``ledger.tile``."""
    if any(len(body) > LONGEST for body in bodies):
        raise _bad("An entry is too long for a bundle.", f"It may have {LONGEST} bytes.")
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises DeliberateError ``ledger.tile``."""
    found, start = [], 0
    while start < len(data):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if len(data) < max(end, start + 2):
            raise _bad("An entry bundle is cut short.", "Its lengths do not fit.")
        found.append(data[start + 2 : end])
        start = end
    return found


def files(bodies: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Every tile and entry bundle of a ledger with these entries: (path, bytes)."""
    for number, start in enumerate(range(0, len(bodies), WIDTH)):
        part = bodies[start : start + WIDTH]
        yield path("entries", number, len(part)), bundle(part)
    hashes, level = [merkle.leaf_hash(body) for body in bodies], 0
    while hashes:
        for number, start in enumerate(range(0, len(hashes), WIDTH)):
            row = hashes[start : start + WIDTH]
            yield path(level, number, len(row)), b"".join(row)
        whole = len(hashes) // WIDTH * WIDTH
        hashes, level = [merkle.root(hashes[start : start + WIDTH]) for start in range(0, whole, WIDTH)], level + 1


def subtree(size: int, fetch: Fetch) -> merkle.Subtree:
    """The subtree function of a ledger that is read from its tiles, for proofs: O(log n) tiles each."""

    def full(level: int, index: int) -> bytes:
        tile, inside = divmod(level, BITS)
        number, first = divmod(index << inside, WIDTH)
        name, width = at(tile, number, size)
        data = fetch(name)
        if len(data) != width * merkle.SIZE:
            raise _bad(f"{name} has {len(data)} bytes.", f"A tile of {width} hashes has {width * merkle.SIZE}.")
        return merkle.root(data[n * merkle.SIZE : (n + 1) * merkle.SIZE] for n in range(first, first + (1 << inside)))

    return merkle.aligned(full)


def entries(size: int, fetch: Fetch) -> Iterator[bytes]:
    """The entries of a ledger in order, from its bundles. Raises DeliberateError where a bundle holds more or fewer."""
    for number in range(-(-size // WIDTH)):
        name, width = at("entries", number, size)
        found = unbundle(fetch(name))
        if len(found) != width:
            raise _bad(f"{name} holds {len(found)} entries.", f"It should hold {width}.")
        yield from found


def read(held: Mapping[str, bytes], size: int, root: bytes) -> list[bytes]:
    """The entries of a tile tree. held: every file under ``tile/``, by path.

    Raises DeliberateError ``ledger.tile`` unless the files are exactly those of a ledger with this size and root.
    """
    try:
        found = list(entries(size, held.__getitem__))
    except KeyError as error:
        raise _bad(f"{error.args[0]} is missing.", f"The ledger has {size} entries.") from None
    wanted = dict(files(found))
    wrong = sorted(name for name in wanted.keys() | held.keys() if wanted.get(name) != held.get(name))
    if wrong:
        raise _bad(f"{wrong[0]} does not belong to this ledger.", "Tiles follow from the entries.")
    if merkle.root(merkle.leaf_hash(body) for body in found) != root:
        raise _bad("The entries lead to another root.", "One of them was changed.")
    return found
