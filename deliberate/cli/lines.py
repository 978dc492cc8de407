"""A file of ballots as lines of text: decoded one by one, with a progress bar on anything longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from deliberate.core.errors import DeliberateError, FormatError

LONGEST = 1_000_000
"""Bytes of one line: a longer one is no line of ballots."""


def lines(file: str) -> Iterator[str]:
    """The lines of a file, or of standard input for ``-``. Raises FormatError with line and column for what is not UTF-8."""
    if file == "-":
        yield from decoded(sys.stdin.buffer, "standard input", 0)
        return
    try:
        with Path(file).open("rb") as opened:
            yield from decoded(opened, file, Path(file).stat().st_size)
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.file") from None


def decoded(opened: IO[bytes], name: str, size: int) -> Iterator[str]:
    """Each line as text. size: bytes in all, 0 if unknown: a bar is shown after the first second."""
    start, bar, done, shown = time.monotonic(), None, 0, 0
    for n, raw in enumerate(iter(lambda: opened.readline(LONGEST + 1), b""), 1):
        if len(raw) > LONGEST:
            raise FormatError(name, n, 1, "the line is too long", f"at most {LONGEST:,} bytes in a line")
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _foreign(name, n, raw, error) from None
        done += len(raw)
        if size and n % 5000 == 0 and (bar or time.monotonic() - start > 1):
            bar = bar or _bar(size)
            bar.update(done - shown)
            shown = done
    if bar is not None:
        bar.update(size - shown)
        bar.render_finish()


def _bar(size: int) -> Any:
    bar = click.progressbar(length=size, label="Reading", file=sys.stderr)
    bar.__enter__()
    return bar


def _foreign(name: str, n: int, raw: bytes, error: UnicodeDecodeError) -> FormatError:
    column = len(raw[: error.start].decode("utf-8", "replace")) + 1
    if n == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return FormatError(name, 1, 1, "the file is in UTF-16", "text in UTF-8; save it again in that encoding")
    as_windows = raw[error.start : error.start + 1].decode("cp1252", "replace")
    what = f'the byte 0x{raw[error.start]:02x} ("{as_windows}" in Windows-1252) is not UTF-8'
    return FormatError(name, n, column, what, "text in UTF-8; save the file again in that encoding")
