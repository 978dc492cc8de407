"""A file of ballots in any format, as an election, with a progress bar; and the options of all commands that count one."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from deliberate.cli.lines import blocks, lines, pieces
from deliberate.core import counting
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import HEAD, Election
from deliberate.core.formats.every import FORMATS
from deliberate.core.tally.registry import Method, find

Command = TypeVar("Command", bound=Callable[..., Any])
OUT = click.Path(dir_okay=False, allow_dash=True)
SLOW = 20_000
"""Different ballots whose count may take longer than a second."""


@dataclass(frozen=True)
class Source:
    """Which file of ballots, and how it is read."""

    file: str
    format_: str | None
    contest: str | None
    labels: tuple[str, ...]

    def read(self, method: Method | None) -> Election:
        """The election in it. method: that is to count it, where a table can be read two ways."""
        asked = {"contest": self.contest, "labels": dict(map(label, self.labels))}
        return read(self.file, self.format_, **asked, **(counting.told(method) if method else {}))


@dataclass(frozen=True)
class Rules:
    """By which method and options a file is counted."""

    name: str
    seats: int | None
    settings: tuple[str, ...]
    seed: str | None
    lots: str | None

    @property
    def method(self) -> Method:
        return find(self.name)

    def count(self, source: Source) -> tuple[Election, counting.Counted]:
        """The election in the file, and its Count. Raises DeliberateError for whatever is wrong before the file is read."""
        given = settings_of(self.settings)
        counting.rules_for(self.method, given)
        if self.seed is not None and self.lots is not None:
            raise DeliberateError(
                "A seed and lots are given.", "Ties are drawn one way.", "Give --seed or --lots.", "cli.seed"
            )
        drawn = lots_of(self.lots)
        election = source.read(self.method)
        if len(election.ballots.rows) > SLOW:
            click.echo(f"Counting {len(election.ballots.rows):,} different ballots ...", err=True)
        return election, counting.count(election, self.method, given, self.seed or "", self.seats, drawn)


def of_a_file(command: Command) -> Command:
    """Add FILE, ``--format``, ``--contest`` and ``--label``; the command is given a :class:`Source`."""

    @functools.wraps(command)
    def asked(file: str, format_: str | None, contest: str | None, labels: tuple[str, ...], **rest: Any) -> Any:
        return command(source=Source(file, format_, contest, labels), **rest)

    for option in (
        click.option(
            "--label", "labels", multiple=True, metavar="WHAT=TEXT", help="overvote=TEXT or undervote=TEXT in a table."
        ),
        click.option("--contest", help="Which contest of a cast-vote record report: its id or name."),
        click.option(
            "--format",
            "format_",
            type=click.Choice(sorted(FORMATS)),
            help="Format of the file; else by its name and how it begins.",
        ),
        click.argument("file", type=click.Path(dir_okay=False, allow_dash=True)),
    ):
        asked = option(asked)
    return cast(Command, asked)


def by_rules(command: Command) -> Command:
    """Add ``--rules``, ``--seats``, ``--set``, ``--seed`` and ``--lots``; the command is given :class:`Rules`."""

    @functools.wraps(command)
    def asked(
        name: str, seats: int | None, settings: tuple[str, ...], seed: str | None, lots: str | None, **rest: Any
    ) -> Any:
        return command(rules=Rules(name, seats, settings, seed, lots), **rest)

    for option in (
        click.option("--lots", type=click.Path(dir_okay=False), help="JSON file with the lots that were drawn."),
        seed,
        click.option(
            "--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the method; may be repeated."
        ),
        seats,
        click.option("--rules", "name", required=True, help="Method: see `deliberate methods`."),
    ):
        asked = option(asked)
    return cast(Command, asked)


seats = click.option("--seats", type=click.IntRange(1, 255), help="How many are to win, instead of what the file says.")
seed = click.option("--seed", help="Public seed for ties: 64 hexadecimal digits, or a text that is hashed.")


def read(file: str, format_: str | None, **asked: Any) -> Election:
    """The election in a file, or on standard input for ``-``. asked: what a format's reader may be told; None is not said.

    Raises DeliberateError ``count.format`` where the format is not known, ``cli.format`` where it knows nothing of what is asked.
    """
    name = "standard input" if file == "-" else file
    chosen = FORMATS[format_] if format_ else counting.format_of(Path(name).name, _head(file))
    said = {key: value for key, value in asked.items() if value}
    for key in said:
        if key not in chosen.asks and key not in ("kind", "answers"):
            able = ", ".join(sorted(one.name for one in FORMATS.values() if key in one.asks))
            raise DeliberateError(
                f"The format {chosen.name} takes no --{key}.", f"These do: {able}.", "Leave it out.", "cli.format"
            )
    told = {key: value for key, value in said.items() if key in chosen.asks}
    if chosen.stream:
        return chosen.stream(blocks(file), name, **told)
    return chosen.read(pieces(file) if chosen.pieces else lines(file), name, **told)


def _head(file: str) -> bytes:
    """How a file begins, as far as it can be read; nothing is taken from standard input."""
    if file == "-":
        return cast(BufferedReader, sys.stdin.buffer).peek(HEAD)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(HEAD)
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


def settings_of(words: tuple[str, ...]) -> dict[str, str]:
    """What ``--set`` says, each option once."""
    given: dict[str, str] = {}
    for key, value in map(_setting, words):
        if key in given:
            raise DeliberateError(f'The option "{key}" is set twice.', "", "Set it once.", "cli.set")
        given[key] = value
    return given


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise DeliberateError(
            f'"{text}" is not a setting.', "", "Write --set key=value, such as --set ties=backwards,lot.", "cli.set"
        )
    return key.strip(), value.strip()


def lots_of(file: str | None) -> list[dict[str, Any]]:
    if file is None:
        return []
    try:
        lots = json.loads(Path(file).read_text(encoding="utf-8-sig"), object_pairs_hook=_once)
        if not isinstance(lots, list) or not all(map(_is_lot, lots)):
            raise ValueError("each lot names round, purpose, tied and chosen")
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.lots") from None
    except (ValueError, RecursionError) as error:
        raise DeliberateError(
            f"The lots in {file} cannot be read.",
            f"{error}.",
            'Write a list such as [{"round": 3, "purpose": "exclude", "tied": ["A", "B"], "chosen": "A"}].',
            "cli.lots",
        ) from error
    return lots


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file; a key that stands twice is refused, as its meaning would hang on the reader."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError(f"a key stands twice among {', '.join(key for key, _ in pairs)}")
    return made


def _is_lot(lot: Any) -> bool:
    return (
        isinstance(lot, dict)
        and type(lot.get("round")) is int
        and all(isinstance(lot.get(key), str) for key in ("purpose", "chosen"))
        and isinstance(lot.get("tied"), list)
        and all(isinstance(name, str) for name in lot["tied"])
    )
