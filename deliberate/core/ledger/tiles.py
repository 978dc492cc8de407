"""Tiles: a ledger as plain files that any web server can serve (c2sp.org/tlog-tiles)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import merkle

WIDTH = 256


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


def bundle(bodies: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big-endian."""
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises DeliberateError ``ledger.tile``."""
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + 2 + length]
        if len(data) < at + 2 or len(body) != length:
            raise DeliberateError("An entry bundle is cut short.", "Its lengths do not fit.", "", "ledger.tile")
        found.append(body)
        at += 2 + length
    return found


def files(bodies: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Every tile and entry bundle of a ledger with these entries: (path, bytes)."""
    for number, start in enumerate(range(0, len(bodies), WIDTH)):
        part = bodies[start : start + WIDTH]
        yield path("entries", number, len(part)), bundle(part)
    hashes, level = [merkle.leaf_hash(body) for body in bodies], 0
    while hashes:
        for number, start in enumerate(range(0, len(hashes), WIDTH)):
            part_hashes = hashes[start : start + WIDTH]
            yield path(level, number, len(part_hashes)), b"".join(part_hashes)
        full = len(hashes) // WIDTH * WIDTH
        hashes, level = [merkle.root(hashes[s : s + WIDTH]) for s in range(0, full, WIDTH)], level + 1
