"""A file of ballots as lines, or pieces, of text: decoded as it is read, with a progress bar on anything longer than a second."""

from __future__ import annotations

import codecs
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import click

from deliberate.core.errors import DeliberateError, FormatError
from deliberate.core.formats.source import LONGEST
from deliberate.core.formats.source import decoded as line_of

PIECE = 1 << 18
"""Bytes of one piece."""
BLOCK = 1 << 20
"""Bytes of one block: with what is made of it, it stays near the processor."""


Read = Callable[[IO[bytes], str, int], Iterator[str]]


def lines(file: str) -> Iterator[str]:
    """The lines of a file, or of standard input for ``-``. Raises FormatError with line and column for what is not UTF-8."""
    return _opened(file, decoded)


def pieces(file: str) -> Iterator[str]:
    """The text of a file in pieces of any length, for a format without lines. Raises as :func:`lines`."""
    return _opened(file, _parts)


def _opened(file: str, read: Read) -> Iterator[str]:
    if file == "-":
        yield from read(sys.stdin.buffer, "standard input", 0)
        return
    try:
        with Path(file).open("rb") as opened:
            yield from read(opened, file, Path(file).stat().st_size)
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.file") from None


def blocks(file: str) -> Iterator[bytes]:
    """The bytes of a file, for a format that looks at many lines at a time. Raises as :func:`lines`."""
    if file == "-":
        yield from iter(lambda: sys.stdin.buffer.read(BLOCK), b"")
        return
    try:
        with Path(file).open("rb", buffering=0) as opened:
            shown = Progress(Path(file).stat().st_size)
            for raw in iter(lambda: opened.read(BLOCK), b""):
                yield raw
                shown.add(len(raw))
            shown.end()
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.file") from None


def _parts(opened: IO[bytes], name: str, size: int) -> Iterator[str]:
    """Pieces of text that end where a character ends."""
    shown = Progress(size)
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
            line_of(whole[start : error.end], name, line + before.count(b"\n"))
            raise
        line += raw.count(b"\n")
        shown.add(len(raw))
    if decoder.getstate()[0]:
        raise FormatError(name, line, 1, "the file ends within a character", "text in UTF-8; is the file whole?")
    shown.end()


class Progress:
    """A bar on stderr, shown after the first second. size: bytes in all, 0 if unknown: no bar."""

    def __init__(self, size: int) -> None:
        self.size, self.done, self.shown = size, 0, 0
        self.start = time.monotonic()
        self.bar: Any = None

    def add(self, done: int) -> None:
        """So many bytes more."""
        self.done += done
        if self.size and (self.bar or time.monotonic() - self.start > 1):
            self.bar = self.bar or _bar(self.size)
            self.bar.update(self.done - self.shown)
            self.shown = self.done

    def end(self) -> None:
        """All was read."""
        if self.bar is not None:
            self.bar.update(self.size - self.shown)
            self.bar.render_finish()


def decoded(opened: IO[bytes], name: str, size: int) -> Iterator[str]:
    """Each line as text. size: bytes in all, 0 if unknown."""
    shown, done = Progress(size), 0
    for n, raw in enumerate(iter(lambda: opened.readline(LONGEST + 1), b""), 1):
        yield line_of(raw, name, n)
        done += len(raw)
        if n % 5000 == 0:
            shown.add(done)
            done = 0
    shown.end()


def _bar(size: int) -> Any:
    bar = click.progressbar(length=size, label="Reading", file=sys.stderr)
    bar.__enter__()
    return bar
