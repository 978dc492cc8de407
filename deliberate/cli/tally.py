"""``deliberate tally`` and ``deliberate methods``: count a file of ballots; what the methods are."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from deliberate.core import tally as counting
from deliberate.core.errors import DeliberateError, FormatError
from deliberate.core.formats import FORMATS, Election, blt, csv  # noqa: F401  both register themselves
from deliberate.core.tally.registry import find

EXIT_LOT = 1


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--format", "format_", type=click.Choice(["blt", "csv"]), help="Format of the file; else by its name.")
@click.option("--rules", "name", required=True, help="Method: see `deliberate methods`.")
@click.option("--seats", type=click.IntRange(1, 255), help="How many are to win, instead of what the file says.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the method; may be repeated.")
@click.option("--seed", help="Public seed for ties: 64 hexadecimal digits.")
@click.option("--lots", type=click.Path(dir_okay=False), help="JSON file with the lots that were drawn.")
@click.option(
    "--json",
    "out",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write the Count as JSON to a file, or - for stdout.",
)
def tally(
    file: str,
    format_: str | None,
    name: str,
    seats: int | None,
    settings: tuple[str, ...],
    seed: str | None,
    lots: str | None,
    out: str | None,
) -> None:
    """Count a file of ballots and show every round.

    Exit status: 0 counted, 1 a tie needs a lot, 2 bad input.
    """
    method = find(name)
    given = dict(_setting(one) for one in settings)
    if seed is not None:
        given |= (
            {"seed": seed, "ties": given.get("ties", ",".join(_with_seed(method.options["ties"].default)))}
            if "ties" in method.options
            else {}
        )
    election = read(file, format_)
    question = replace(election.question, seats=seats or election.question.seats, withdrawn=election.withdrawn)
    made = counting.count(question, election.ballots, {"method": name, **given}, _lots(lots))
    if out == "-":
        click.echo(made.canonical().decode())
    else:
        for line in table(made, election.notes):
            click.echo(line)
        if out:
            Path(out).write_bytes(made.canonical())
    if made.outcome in ("awaiting lot", "tie"):
        tie = made.result.ties[-1]
        wanted = {"round": tie.round, "purpose": tie.purpose, "tied": list(tie.tied), "chosen": tie.tied[0]}
        click.echo(
            f"A lot must decide between {', '.join(tie.tied)}. Draw it, then run again with --lots FILE holding "
            f"[{json.dumps(wanted, ensure_ascii=False)}] with the chosen name, or with --seed.",
            err=True,
        )
        sys.exit(EXIT_LOT)


def _with_seed(ties: list[str]) -> list[str]:
    return [policy for policy in ties if policy not in ("lot", "seed")] + ["seed"]


def _setting(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise DeliberateError(
            f'"{text}" is not a setting.', "", "Write --set key=value, such as --set ties=backwards,lot.", "cli.set"
        )
    return key.strip(), value.strip()


def read(file: str, format_: str | None) -> Election:
    """The election in a file, by its format or its name."""
    chosen = format_ or Path(file).suffix.lstrip(".").lower()
    if chosen not in FORMATS:
        raise DeliberateError(
            f"The format of {file} is not known.",
            f"Known are {', '.join(sorted(FORMATS))}.",
            "Give one with --format.",
            "cli.format",
        )
    try:
        with Path(file).open(encoding="utf-8", newline="") as lines:
            return FORMATS[chosen].read(lines, file)
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.file") from None
    except UnicodeDecodeError as error:
        raise FormatError(
            file, 1, error.start + 1, "the file is not UTF-8", "text in UTF-8; save it again in that encoding"
        ) from None
    except OSError as error:
        raise DeliberateError(f"{file} cannot be read.", f"{error.strerror}.", "", "cli.file") from error


def _lots(file: str | None) -> list[dict[str, Any]]:
    if file is None:
        return []
    try:
        lots = json.loads(Path(file).read_text(encoding="utf-8"))
        if not isinstance(lots, list) or not all(
            isinstance(lot, dict) and {"round", "purpose", "tied", "chosen"} <= set(lot) for lot in lots
        ):
            raise ValueError("each lot names round, purpose, tied and chosen")
    except FileNotFoundError:
        raise DeliberateError(f"There is no file {file}.", "", "Check its name.", "cli.lots") from None
    except ValueError as error:
        raise DeliberateError(
            f"The lots in {file} cannot be read.",
            f"{error}.",
            'Write a list such as [{"round": 3, "purpose": "exclude", "tied": ["A", "B"], "chosen": "A"}].',
            "cli.lots",
        ) from error
    return lots


def table(made: counting.Count, notes: tuple[str, ...] = ()) -> list[str]:
    """The rounds as lines of text."""
    result = made.result
    lines = [
        made.question.title or "Count",
        f"{made.ruleset}, version {made.version}; {result.valid} valid ballots, {result.blank} blank, {result.spoilt} spoilt"
        + (f"; quota {result.quota}" if result.quota else ""),
        "",
    ]
    lines += [f"Note: {note}" for note in notes]
    width = max([10, *(len(option.name) for option in made.question.options)])
    for round_ in made.rounds:
        lines.append(round_.says)
        cells = [(name, votes) for name, votes in round_.votes.items()] + [
            ("Exhausted", round_.exhausted),
            ("Residual", round_.residual),
        ]
        room = max(len(votes) for _, votes in cells)
        for name, votes in cells:
            mark = "  elected" if name in round_.elected else "  excluded" if name in round_.excluded else ""
            if name not in ("Exhausted", "Residual") or votes.strip("0."):
                lines.append(f"  {name:<{width}}  {votes:>{room}}{mark}")
        lines.append("")
    lines += [
        f"Tie in round {tie.round} ({tie.purpose}): {', '.join(tie.tied)}. {tie.evidence}"
        + (f" Chosen: {tie.chosen}." if tie.chosen else "")
        for tie in result.ties
    ]
    lines += [test.says for test in result.tests]
    lines.append(f"Outcome: {made.outcome}" + (f": {', '.join(made.winners)}" if made.winners else ""))
    return lines


@click.command()
@click.argument("name", required=False)
def methods(name: str | None) -> None:
    """The methods, or one of them with its options."""
    if name is None:
        for key, method in sorted(counting.METHODS.items()):
            click.echo(f"{key:<14} {method.title}")
        return
    method = find(name)
    click.echo(
        f"{method.title} ({method.name}, version {method.version})\n\n{method.about}\n\nSource: {method.source}\n\nOptions:"
    )
    for key, setting in method.options.items():
        click.echo(f"  {key:<16} {setting.means} Default: {json.dumps(setting.default)}")
    for departure in method.departures:
        click.echo(f"\nDeparture: {departure}")
