"""The package as an archive: stored members only, bounded, nothing hidden in it."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path

from deliberate.verifier.canon import Unreadable

MOST_FILES = 200_000
LARGEST_FILE = 1 << 31
LARGEST = 1 << 33
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*")


class Archive:
    """The files of a package by path. What is odd about the archive itself stands in ``odd``."""

    def __init__(self, path: str) -> None:
        try:
            self.zip = zipfile.ZipFile(Path(path))
            infos = self.zip.infolist()
        except (
            OSError,
            zipfile.BadZipFile,
            ValueError,
            NotImplementedError,
            UnicodeError,
            MemoryError,
            OverflowError,
        ) as error:
            raise Unreadable(f"{path} is not a record package: {error}") from None
        if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > LARGEST:
            raise Unreadable(f"{path} is larger than any record package may be.")
        self.odd: list[str] = []
        self.infos: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            self._look(info)
        if self.zip.comment:
            self.odd.append("the archive carries a comment")
        if list(self.infos) != sorted(self.infos, key=lambda name: name.encode("utf-8", "replace")):
            self.odd.append("the files are not in the order of their names")

    def _look(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        if name in self.infos:
            self.odd.append(f"{name} stands twice in the archive")
        if not NAME.fullmatch(name) or ".." in name.split("/"):
            self.odd.append(f"the name {name[:60]!r} is not allowed")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            self.odd.append(f"{name} is compressed")
        if info.flag_bits & 0x9 or info.extra:
            self.odd.append(f"{name} is encrypted or carries extra fields")
        if stat.S_ISLNK(info.external_attr >> 16):
            self.odd.append(f"{name} is a link")
        if info.date_time != (1980, 1, 1, 0, 0, 0):
            self.odd.append(f"{name} carries a date")
        if info.file_size > LARGEST_FILE:
            raise Unreadable(f"{name} is larger than any file of a record package may be.")
        self.infos.setdefault(name, info)

    def names(self) -> list[str]:
        """All paths."""
        return list(self.infos)

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises Unreadable if the archive lies about it; KeyError if there is none."""
        info = self.infos[name]
        if info.compress_type != zipfile.ZIP_STORED:
            raise Unreadable(f"{name} is compressed; it is not opened.")
        try:
            data = self.zip.read(info)
        except (OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
            raise Unreadable(f"{name} cannot be read: {error}") from None
        return data

    def get(self, name: str) -> bytes | None:
        """A file's bytes, or None."""
        return self.read(name) if name in self.infos else None
