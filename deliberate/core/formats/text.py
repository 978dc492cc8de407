"""Bytes of a file as lines, or pieces, of text: decoded as they are read. What is not UTF-8 is named by line and column."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import IO

from deliberate.core.errors import FormatError

LONGEST = 1_000_000
"""Bytes of one line: a longer one is no line of ballots."""
PIECE = 1 << 18
"""Bytes of one piece."""
STEP = 5000
"""Lines after which it is told how much was read."""
Told = Callable[[int], None]
"""Called with the number of bytes that were read since the last time."""


def _quiet(_done: int) -> None:
    """Nobody wants to know."""


def decoded(raw: bytes, file: str, line: int) -> str:
    """One line of a file as text. Raises FormatError with the column for what is not UTF-8, and for a line without end."""
    if len(raw) > LONGEST:
        raise FormatError(file, line, 1, "the line is too long", f"at most {LONGEST:,} bytes in a line")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _foreign(raw, error.start, file, line) from None


def _foreign(raw: bytes, at: int, file: str, line: int) -> FormatError:
    """What is not UTF-8 in a line, at this byte of it."""
    column = len(raw[:at].decode("utf-8", "replace")) + 1
    if line == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return FormatError(file, 1, 1, "the file is in UTF-16", "text in UTF-8; save it again in that encoding")
    as_windows = raw[at : at + 1].decode("cp1252", "replace")
    what = f'the byte 0x{raw[at]:02x} ("{as_windows}" in Windows-1252) is not UTF-8'
    return FormatError(file, line, column, what, "text in UTF-8; save the file again in that encoding")


def lines(opened: IO[bytes], name: str, told: Told = _quiet) -> Iterator[str]:
    """Each line as text. Raises FormatError for a line that is too long or not UTF-8.

    >>> import io
    >>> list(lines(io.BytesIO("Å,B\n1,2".encode()), "b.csv"))
    ['Å,B\\n', '1,2']
    """
    done = 0
    for n, raw in enumerate(iter(lambda: opened.readline(LONGEST + 1), b""), 1):
        yield decoded(raw, name, n)
        done += len(raw)
        if n % STEP == 0:
            told(done)
            done = 0


def pieces(opened: IO[bytes], name: str, told: Told = _quiet) -> Iterator[str]:
    """Pieces of text that end where a character ends, for a format without lines. Raises as :func:`lines`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for raw in iter(lambda: opened.read(PIECE), b""):
        held, _ = decoder.getstate()
        try:
            yield decoder.decode(raw)
        except UnicodeDecodeError as error:
            whole = held + raw
            before = whole[: error.start]
            start = before.rfind(b"\n") + 1
            raise _foreign(whole[start:], error.start - start, name, line + before.count(b"\n")) from None
        line += raw.count(b"\n")
        told(len(raw))
    if decoder.getstate()[0]:
        raise FormatError(name, line, 1, "the file ends within a character", "text in UTF-8; is the file whole?")
