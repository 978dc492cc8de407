"""A file of ballots as lines, or pieces, of text, with a progress bar on anything longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from deliberate.core.errors import DeliberateError
from deliberate.core.formats import text

BLOCK = 1 << 20
"""Bytes of one block: with what is made of it, it stays near the processor."""
Part = TypeVar("Part", str, bytes)


def lines(file: str) -> Iterator[str]:
    """The lines of a file, or of standard input for ``-``. Raises FormatError with line and column for what is not UTF-8."""
    return _opened(file, text.lines)


def pieces(file: str) -> Iterator[str]:
    """The text of a file in pieces of any length, for a format without lines. Raises as :func:`lines`."""
    return _opened(file, text.pieces)


def blocks(file: str) -> Iterator[bytes]:
    """The bytes of a file, for a format that looks at many lines at a time. Raises as :func:`lines`."""
    return _opened(file, _raw)


def _raw(opened: IO[bytes], _name: str, told: text.Told) -> Iterator[bytes]:
    for raw in iter(lambda: opened.read(BLOCK), b""):
        yield raw
        told(len(raw))


def _opened(file: str, read: Callable[[IO[bytes], str, text.Told], Iterator[Part]]) -> Iterator[Part]:
    if file == "-":
        yield from read(sys.stdin.buffer, "standard input", Progress(0).add)
        return
    try:
        with Path(file).open("rb") as opened:
            shown = Progress(Path(file).stat().st_size)
            yield from read(opened, file, shown.add)
            shown.end()
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.file") from None


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


def _bar(size: int) -> Any:
    bar = click.progressbar(length=size, label="Reading", file=sys.stderr)
    bar.__enter__()
    return bar
