"""The record package: one stored zip, the same bytes whenever and wherever it is built (docs/reference/record-package.md)."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deliberate.core.ledger import canonical, note, tiles


def lines(values: Iterable[Any]) -> bytes:
    """A canonical line for each value."""
    return b"".join(canonical.encode(value) + b"\n" for value in values)


def log(name: str, bodies: Sequence[bytes], head: bytes, earlier: Mapping[int, bytes]) -> dict[str, bytes]:
    """The tile tree of one ledger under ``log/<name>/`` with its signed head and the earlier checkpoints."""
    files = {f"log/{name}/checkpoint": head}
    files |= {f"log/{name}/checkpoints/{size}": signed for size, signed in earlier.items() if size < len(bodies)}
    files |= {f"log/{name}/{path}": data for path, data in tiles.files(bodies)}
    return files


def manifest(files: Mapping[str, bytes], poll: str, edition: str = "public") -> bytes:
    """``manifest.json``: every other file with its size and hash."""
    listed = [
        {"path": path, "size": len(files[path]), "sha256": hashlib.sha256(files[path]).hexdigest()}
        for path in sorted(files, key=str.encode)
    ]
    return canonical.encode({"v": 1, "edition": edition, "poll": poll, "files": listed})


def build(files: Mapping[str, bytes], poll: str, origin: str, signer: note.Signer) -> tuple[str, bytes]:
    """The package's id and its bytes. origin: of the poll ledger; signer: the ledger key."""
    listed = manifest(files, poll)
    package = hashlib.sha256(listed).hexdigest()
    signed = note.sign(f"deliberate record package\n{origin}\n{package}\n", signer)
    return package, archive({**files, "manifest.json": listed, "manifest.note": signed.encode()})


def archive(files: Mapping[str, bytes]) -> bytes:
    """A stored zip with nothing in it that depends on when, where or in which order it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for path in sorted(files, key=str.encode):
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, zipfile.ZIP_STORED
            made.writestr(info, files[path])
    return out.getvalue()
