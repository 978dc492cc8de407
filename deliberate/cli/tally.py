"""``deliberate tally`` and ``deliberate methods``: count a file of ballots; what the methods are."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from deliberate import __version__
from deliberate.cli.elections import label, read
from deliberate.core import counting
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import results
from deliberate.core.formats.every import FORMATS
from deliberate.core.tally import METHODS, Count
from deliberate.core.tally.registry import find

EXIT_LOT = 1
OUT = click.Path(dir_okay=False, allow_dash=True)
SLOW = 20_000
"""Different ballots whose count may take longer than a second."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--format",
    "format_",
    type=click.Choice(sorted(FORMATS)),
    help="Format of the file; else by its name and how it begins.",
)
@click.option("--rules", "name", required=True, help="Method: see `deliberate methods`.")
@click.option("--seats", type=click.IntRange(1, 255), help="How many are to win, instead of what the file says.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the method; may be repeated.")
@click.option("--seed", help="Public seed for ties: 64 hexadecimal digits, or a text that is hashed.")
@click.option("--lots", type=click.Path(dir_okay=False), help="JSON file with the lots that were drawn.")
@click.option("--contest", help="Which contest of a cast-vote record report: its id or name.")
@click.option(
    "--label", "labels", multiple=True, metavar="WHAT=TEXT", help="overvote=TEXT or undervote=TEXT in a table."
)
@click.option("--json", "out", type=OUT, help="Write the Count as JSON to a file, or - for stdout.")
@click.option("--csv", "table_out", type=OUT, help="Write the rounds and ties as CSV to a file, or - for stdout.")
@click.option("--nist", "report_out", type=OUT, help="Write a NIST SP 1500-100 report to a file, or - for stdout.")
def tally(
    file: str,
    format_: str | None,
    name: str,
    seats: int | None,
    settings: tuple[str, ...],
    seed: str | None,
    lots: str | None,
    contest: str | None,
    labels: tuple[str, ...],
    out: str | None,
    table_out: str | None,
    report_out: str | None,
) -> None:
    """Count a file of ballots (- for standard input) and show every round.

    Exit status: 0 counted, 1 a tie needs a lot, 2 bad input.
    """
    method = find(name)
    given = settings_of(settings)
    counting.rules_for(method, given)
    if seed is not None and lots is not None:
        raise DeliberateError(
            "A seed and lots are given.", "Ties are drawn one way.", "Give --seed or --lots.", "cli.seed"
        )
    election = read(file, format_, contest=contest, labels=dict(map(label, labels)), kind=method.ballot)
    if len(election.ballots.rows) > SLOW:
        click.echo(f"Counting {len(election.ballots.rows):,} different ballots ...", err=True)
    counted = counting.count(election, method, given, seed or "", seats, lots_of(lots))
    made = counted.count
    shown = False
    for place, text in ((out, _json), (table_out, results.rounds_csv), (report_out, _report)):
        if place == "-":
            click.echo(text(made), nl=text is _json)
            shown = True
        elif place:
            Path(place).write_text(text(made), encoding="utf-8", newline="\n")
    if not shown:
        for line in table(made, counted.notes):
            click.echo(line)
    if made.outcome in ("awaiting lot", "tie"):
        tie = made.result.ties[-1]
        wanted = {"round": tie.round, "purpose": tie.purpose, "tied": list(tie.tied), "chosen": tie.tied[0]}
        asked, other = (
            ("The chair must decide", "") if tie.purpose == "casting" else ("A lot must decide", ", or with --seed")
        )
        click.echo(
            f"{asked} between {', '.join(tie.tied)}. Then run again with --lots FILE holding "
            f"[{json.dumps(wanted, ensure_ascii=False)}] with the chosen name{other}.",
            err=True,
        )
        sys.exit(EXIT_LOT)


def _json(made: Count) -> str:
    return made.canonical().decode()


def _report(made: Count) -> str:
    """The count as NIST has it, dated now."""
    return results.nist(made, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), __version__)


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


def table(made: Count, notes: tuple[str, ...] = ()) -> list[str]:
    """The rounds as lines of text."""
    result = made.result
    said = [
        made.question.title or "Count",
        f"{made.ruleset}, version {made.version}; {result.valid} valid ballots, {result.blank} blank, {result.spoilt} spoilt"
        + (f"; quota {result.quota}" if result.quota else ""),
        "",
    ]
    said += [f"Note: {note}" for note in notes]
    width = max([10, *(len(option.name) for option in made.question.options)])
    for round_ in made.rounds:
        said.append(round_.says)
        cells = [(name, votes) for name, votes in round_.votes.items()] + [
            ("Exhausted", round_.exhausted),
            ("Residual", round_.residual),
        ]
        room = max(len(votes) for _, votes in cells)
        for name, votes in cells:
            mark = "  elected" if name in round_.elected else "  excluded" if name in round_.excluded else ""
            if name not in ("Exhausted", "Residual") or votes.strip("0."):
                said.append(f"  {name:<{width}}  {votes:>{room}}{mark}")
        said.append("")
    said += [
        f"Tie in round {tie.round} ({tie.purpose}): {', '.join(tie.tied)}. {tie.evidence}"
        + (f" Chosen: {tie.chosen}." if tie.chosen else "")
        for tie in result.ties
    ]
    said += [test.says for test in result.tests]
    said.append(f"Outcome: {made.outcome}" + (f": {', '.join(made.winners)}" if made.winners else ""))
    return said


@click.command()
@click.argument("name", required=False)
def methods(name: str | None) -> None:
    """The methods, or one of them with its options."""
    if name is None:
        for key, method in sorted(METHODS.items()):
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
