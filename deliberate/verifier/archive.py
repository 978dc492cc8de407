"""The package's zip, read strictly and by hand: stored members only, laid end to end, nothing hidden between them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from .report import Report, brief

MOST_FILES = 65_534
LONGEST_PATH = 200
LONGEST_LINE = 1 << 17
BLOCK = 1 << 18
END, CENTRAL, LOCAL = b"PK\5\6", b"PK\1\2", b"PK\3\4"
DATED = (0, 0x21)
"""1980-01-01 00:00:00 as DOS time and date."""
UNIX = (0x0314, 20)
"""Creator Unix, format 2.0."""


class Unreadable(Exception):
    """The file cannot be read as a record package at all."""


class TooLarge(Exception):
    """A member, a line or a number is beyond the limits of the reader."""


class Archive:
    """An open package: paths to (offset, size). What is wrong with its form has been written into the report."""

    def __init__(self, file: BinaryIO, report: Report) -> None:
        self.file, self.report = file, report
        self.members: dict[str, tuple[int, int]] = {}
        self.length = file.seek(0, 2)
        self._directory()

    def _at(self, offset: int, size: int) -> bytes:
        self.file.seek(offset)
        data = self.file.read(size)
        if len(data) != size:
            raise Unreadable("the archive is cut short")
        return data

    def _directory(self) -> None:
        if self.length < 22:
            raise Unreadable("too short for a zip archive")
        end = self._at(self.length - 22, 22)
        if end[:4] != END:
            raise Unreadable("no end of a zip archive without comment at the end of the file; it may be cut short")
        disk, first, here, count, size, offset, comment = struct.unpack("<HHHHIIH", end[4:])
        if disk or first or here != count or comment or count > MOST_FILES or offset + size + 22 != self.length:
            raise Unreadable("the directory of the archive does not fit the file; it may be cut short or split")
        if size > count * (46 + LONGEST_PATH + 512):
            raise Unreadable("the directory of the archive is larger than its number of files allows")
        directory = self._at(offset, size)
        at, place, before = 0, 0, ""
        for _ in range(count):
            at, place, before = self._member(directory, at, place, before)
        if at != size or place != offset:
            self.report.fail("integrity", "There are bytes in the archive that belong to no file.", "archive", offset,
                             place)

    def _member(self, directory: bytes, at: int, place: int, before: str) -> tuple[int, int, str]:
        if directory[at:at + 4] != CENTRAL or at + 46 > len(directory):
            raise Unreadable("the directory of the archive is damaged")
        (made_by, needs, flags, method, time, date, crc, packed, size, name_size, extra, comment, disk, internal, mode,
         offset) = struct.unpack("<HHHHHHIIIHHHHHII", directory[at + 4:at + 46])
        raw = directory[at + 46:at + 46 + name_size]
        path = raw.decode("latin-1")
        fail = self.report.fail
        after = at + 46 + name_size + extra + comment
        if not self._path_is_safe(path, raw):
            return after, offset + 30 + name_size + packed, before
        kind = mode >> 28
        if (made_by >> 8 == 3 and kind not in (0, 8)) or path.endswith("/"):
            fail("robustness", f"{brief(path)} is not a plain file (link, folder or device). It was not read.", path)
            return after, offset + 30 + name_size + packed, before
        if path in self.members:
            fail("integrity", f"{path} stands twice in the archive.", path)
            return after, offset + 30 + name_size + packed, path
        if method or packed != size:
            fail("integrity", f"{path} is compressed; every member must be stored.", path, "stored", f"method {method}")
            return after, offset + 30 + name_size + packed, path
        odd = ((made_by, needs) != UNIX or mode != 0o100644 << 16 or (time, date) != DATED or flags or extra
               or comment or disk or internal)
        if odd:
            fail("integrity", f"{path} has a date, mode, flag or field that a package does not have.", path)
        if before >= path:
            fail("integrity", f"{path} is out of order: members are sorted by path.", path)
        if offset != place:
            fail("integrity", f"{path} does not begin where the file before it ends.", path, place, offset)
        local = self._at(offset, 30)
        head = struct.unpack("<HHHHHIIIHH", local[4:])
        if local[:4] != LOCAL or self._at(offset + 30, name_size) != raw or head != (needs, flags, 0, time, date, crc,
                                                                                         size, size, name_size, 0):
            fail("integrity", f"{path} has two headers that differ.", path)
            return after, offset + 30 + name_size + size, path
        start = offset + 30 + name_size
        if start + size > self.length:
            raise Unreadable("the archive is cut short")
        self.members[path] = (start, size)
        self._crc(path, crc)
        return after, start + size, path

    def _path_is_safe(self, path: str, raw: bytes) -> bool:
        parts = path.rstrip("/").split("/")
        if raw.isascii() and 0 < len(path) <= LONGEST_PATH and path.isprintable() and not set(path) & set("\\:") \
                and not any(part in ("", ".", "..") for part in parts):
            return True
        self.report.fail("robustness", f"The archive has a member with the path {brief(path)}. It was not read.",
                         brief(path))
        return False

    def _crc(self, path: str, crc: int) -> None:
        found = 0
        for block in self.blocks(path):
            found = zlib.crc32(block, found)
        if found != crc:
            self.report.fail("integrity", f"{path} is damaged: its check sum is wrong.", path, crc, found)

    def __contains__(self, path: str) -> bool:
        return path in self.members

    def size(self, path: str) -> int:
        """Bytes of a member."""
        return self.members[path][1]

    def blocks(self, path: str) -> Iterator[bytes]:
        """The bytes of a member, a block at a time."""
        start, left = self.members[path]
        while left:
            data = self._at(start, min(left, BLOCK))
            start, left = start + len(data), left - len(data)
            yield data

    def read(self, path: str, limit: int) -> bytes:
        """A whole member. Raises TooLarge above the limit in bytes, KeyError if there is none."""
        start, size = self.members[path]
        if size > limit:
            raise TooLarge(f"{path} has {size} bytes; the limit is {limit}")
        return self._at(start, size)

    def lines(self, path: str) -> Iterator[bytes]:
        """Lines without their LF. Raises TooLarge for an endless line; a last line without LF is given with a CR added,
        which no canonical line has, so that it is refused."""
        rest = b""
        for block in self.blocks(path):
            *whole, rest = (rest + block).split(b"\n")
            if len(rest) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in whole):
                raise TooLarge(f"{path} has a line of more than {LONGEST_LINE} bytes")
            yield from whole
        if rest:
            yield rest + b"\r"

    def digest(self, path: str) -> str:
        """SHA-256 of a member in hexadecimal."""
        made = sha256()
        for block in self.blocks(path):
            made.update(block)
        return made.hexdigest()


def open_file(path: str) -> BinaryIO:
    """Open a package for reading. Raises Unreadable for what is not a plain file."""
    try:
        if S_ISREG(Path(path).stat().st_mode):
            return Path(path).open("rb")
    except (OSError, ValueError) as error:
        raise Unreadable(f"the file cannot be opened ({getattr(error, 'strerror', error)})") from None
    raise Unreadable("it is not a plain file")
