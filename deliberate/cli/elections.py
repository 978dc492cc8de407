"""A file of ballots in any format, as an election: the format by its name or by how it begins, with a progress bar."""

from __future__ import annotations

import sys
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from deliberate.cli.lines import lines, pieces
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import HEAD, Election, Format, infer
from deliberate.core.formats.every import FORMATS


def read(file: str, format_: str | None, **asked: Any) -> Election:
    """The election in a file, or on standard input for ``-``. asked: what a format's reader may be told; None is not said.

    Raises DeliberateError ``cli.format`` where the format is not known or knows nothing of what is asked.
    """
    chosen = FORMATS[format_] if format_ else _inferred(file)
    said = {key: value for key, value in asked.items() if value}
    for key in said:
        if key not in chosen.asks and key not in ("kind", "scores"):
            able = ", ".join(sorted(one.name for one in FORMATS.values() if key in one.asks))
            raise DeliberateError(
                f"The format {chosen.name} takes no --{key}.", f"These do: {able}.", "Leave it out.", "cli.format"
            )
    text = pieces(file) if chosen.pieces else lines(file)
    name = "standard input" if file == "-" else file
    return chosen.read(text, name, **{key: value for key, value in said.items() if key in chosen.asks})


def _inferred(file: str) -> Format:
    found = infer(Path(file).name, _head(file))
    if found is None:
        raise DeliberateError(
            f"The format of {'standard input' if file == '-' else file} is not known.",
            f"Known are {', '.join(sorted(FORMATS))}.",
            "Give one with --format.",
            "cli.format",
        )
    return found


def _head(file: str) -> str:
    """How a file begins, as far as it can be read; nothing is taken from standard input."""
    if file == "-":
        waiting: bytes = cast(BufferedReader, sys.stdin.buffer).peek(HEAD)
        return waiting.decode("utf-8", "replace")
    try:
        with Path(file).open("rb") as opened:
            return opened.read(HEAD).decode("utf-8", "replace")
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.file") from None


def label(text: str) -> tuple[str, str]:
    """``overvote=TEXT`` or ``undervote=TEXT`` as the label and what stands for it. Raises DeliberateError ``cli.label``."""
    key, sign, value = text.partition("=")
    if not sign or key not in ("overvote", "undervote"):
        raise DeliberateError(
            f'"{text[:40]}" is no label.',
            "Labels are overvote and undervote.",
            "Write --label overvote=TEXT.",
            "cli.label",
        )
    return key, value
