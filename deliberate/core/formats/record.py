"""The record package: one stored zip, the same bytes whenever and wherever it is built.

Source: docs/reference/record-package.md, "Files of the package".
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import IO, Any

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical, merkle, note, tiles

MANIFEST, NOTE = "manifest.json", "manifest.note"
TITLE = "deliberate record package"
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def lines(values: Iterable[Any]) -> bytes:
    """A canonical line for each value."""
    return b"".join(canonical.encode(value) + b"\n" for value in values)


def _sorted(values: Iterable[Mapping[str, str]], key: str) -> list[Mapping[str, str]]:
    made = sorted(values, key=lambda value: value[key])
    if any(one[key] == other[key] for one, other in pairwise(made)):
        raise DeliberateError(f'Two lines have the same "{key}".', "Each stands once in its file.", "", "record.lines")
    return made


def roll(entries: Iterable[Mapping[str, str]]) -> bytes:
    """``roll.jsonl``: a line per member with ``roll``, ``weight`` and in open mode ``name``, sorted by ``roll``."""
    return lines(_sorted(entries, "roll"))


def roll_root(entries: Iterable[tuple[str, Fraction]]) -> dict[str, Any]:
    """``definition.roll``: Merkle root, size and summed weight of the (roll, weight) given, in any order."""
    frozen = sorted(entries)
    written = (canonical.encode({"roll": one, "weight": canonical.exact(weight)}) for one, weight in frozen)
    total = sum((weight for _, weight in frozen), Fraction(0))
    root = merkle.root(map(merkle.leaf_hash, written))
    return {"root": root.hex(), "size": len(frozen), "weight": canonical.exact(total)}


def replaced(pairs: Iterable[Mapping[str, str]]) -> bytes:
    """``replaced.jsonl``: ``leaf`` superseded ``by`` leaf, sorted. A ballot is superseded once at most."""
    return lines(_sorted(pairs, "leaf"))


def code(version: str) -> bytes:
    """``code.json``: the version of the code that counted."""
    return canonical.encode({"v": 1, "version": version})


def log(name: str, bodies: Sequence[bytes], head: bytes, earlier: Mapping[int, bytes]) -> dict[str, bytes]:
    """The tile tree of one ledger under ``log/<name>/`` with its signed head and the earlier checkpoints by size."""
    files = {f"log/{name}/checkpoint": head}
    files |= {f"log/{name}/checkpoints/{size}": signed for size, signed in earlier.items() if size < len(bodies)}
    files |= {f"log/{name}/{path}": data for path, data in tiles.files(bodies)}
    return files


def manifest(files: Mapping[str, bytes], poll: str, edition: str = "public") -> bytes:
    """``manifest.json``: every other file with its size and hash. Its SHA-256 is the package's id."""
    listed = [
        {"path": path, "size": len(files[path]), "sha256": hashlib.sha256(files[path]).hexdigest()}
        for path in sorted(files)
    ]
    return canonical.encode({"v": 1, "edition": edition, "poll": poll, "files": listed})


def sealed(files: Mapping[str, bytes], poll: str, origin: str, signer: note.Signer) -> tuple[str, dict[str, bytes]]:
    """The package's id, and the files with manifest and note. origin: of the poll ledger; signer: the ledger key."""
    listed = manifest(files, poll)
    package = hashlib.sha256(listed).hexdigest()
    signed = note.sign(f"{TITLE}\n{origin}\n{package}\n", signer)
    return package, {**files, MANIFEST: listed, NOTE: signed.encode()}


def build(files: Mapping[str, bytes], poll: str, origin: str, signer: note.Signer) -> tuple[str, bytes]:
    """The package's id and its bytes; :func:`sealed` and :func:`write` do the same into a file."""
    package, whole = sealed(files, poll, origin, signer)
    return package, archive(whole)


def archive(files: Mapping[str, bytes]) -> bytes:
    """The stored zip of :func:`write`, as bytes."""
    out = io.BytesIO()
    write(files, out)
    return out.getvalue()


def write(files: Mapping[str, bytes], out: IO[bytes]) -> None:
    """Write a stored zip with nothing in it that depends on when, where or in which order it was made.

    out: seekable, at 0 (a stream that is not would get data descriptors). Raises DeliberateError ``record.path`` for
    a path that is not plain ASCII below the archive's root.
    """
    for path in files:
        if not _PATH.fullmatch(path):
            raise DeliberateError(
                f'"{path[:80]}" cannot be a path in a record package.',
                "Paths are plain ASCII names.",
                "",
                "record.path",
            )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, zipfile.ZIP_STORED
            made.writestr(info, files[path])
