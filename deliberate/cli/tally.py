"""``deliberate tally`` and ``deliberate methods``: count a file of ballots; what the methods are."""

from __future__ import annotations

import importlib
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from deliberate import __version__
from deliberate.cli.elections import OUT, Rules, Source, by_rules, of_a_file
from deliberate.core.formats import results
from deliberate.core.tally import METHODS, Count, Tie
from deliberate.core.tally.lots import outlook
from deliberate.core.tally.registry import find

EXIT_LOT = 1


@click.command()
@of_a_file
@by_rules
@click.option("--other-lots", is_flag=True, help="Count every other outcome of lots and draws too: what hangs on them?")
@click.option("--json", "out", type=OUT, help="Write the Count as JSON to a file, or - for stdout.")
@click.option("--csv", "table_out", type=OUT, help="Write the rounds and ties as CSV to a file, or - for stdout.")
@click.option("--html", "page_out", type=OUT, help="Write one page with tables and pictures to a file, or - for stdout.")
@click.option("--nist", "report_out", type=OUT, help="Write a NIST SP 1500-100 report to a file, or - for stdout.")
def tally(
    source: Source,
    rules: Rules,
    other_lots: bool,
    out: str | None,
    table_out: str | None,
    page_out: str | None,
    report_out: str | None,
) -> None:
    """Count a file of ballots (- for standard input) and show every round.

    Exit status: 0 counted, 1 a tie needs a lot, 2 bad input.
    """
    election, counted = rules.count(source)
    made = counted.count
    shown = False
    page = partial(_page, notes=counted.notes)
    for place, text in ((out, _json), (table_out, results.rounds_csv), (page_out, page), (report_out, _report)):
        if place == "-":
            click.echo(text(made), nl=text is _json)
            shown = True
        elif place:
            Path(place).write_text(text(made), encoding="utf-8", newline="\n")
    if not shown:
        for line in table(made, counted.notes):
            click.echo(line)
    if other_lots:
        click.echo("Counting every outcome of lots and draws ...", err=True)
        for line in outlook(made.question, election.ballots, made.rules).as_json()["says"]:
            click.echo(line, err=shown)
    if made.outcome in ("awaiting lot", "tie"):
        _ask(made.result.ties[-1])


def _ask(tie: Tie) -> None:
    """Say which lot is wanted, and end."""
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


def _page(made: Count, notes: tuple[str, ...]) -> str:
    """The count as a page; what makes it stands above the floors, like the server."""
    written: str = importlib.import_module("deliberate.report").html(made, notes)
    return written


def _report(made: Count) -> str:
    """The count as NIST has it, dated now."""
    return results.nist(made, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), __version__)


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
