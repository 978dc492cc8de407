"""``deliberate convert``: a file of ballots from one format to another; what is lost is said."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deliberate.cli.elections import label, read
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import Format
from deliberate.core.formats.every import FORMATS

READ = click.Choice(sorted(FORMATS))
WRITTEN = click.Choice(sorted(one.name for one in FORMATS.values() if one.write))


@click.command()
@click.argument("source", type=click.Path(dir_okay=False, allow_dash=True))
@click.argument("target", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--from", "from_", type=READ, help="Format of the source; else by its name and how it begins.")
@click.option("--to", type=WRITTEN, help="Format of the target; else by its name.")
@click.option("--contest", help="Which contest of a cast-vote record report: its id or name.")
@click.option(
    "--kind", type=click.Choice(["ranking", "score", "choice", "each"]), help="Of the ballots, if there are two ways."
)
@click.option(
    "--label", "labels", multiple=True, metavar="WHAT=TEXT", help="overvote=TEXT or undervote=TEXT in a table."
)
@click.option("--strict", is_flag=True, help="Refuse a cast-vote record report that departs from its specification.")
def convert(
    source: str,
    target: str,
    from_: str | None,
    to: str | None,
    contest: str | None,
    kind: str | None,
    labels: tuple[str, ...],
    strict: bool,
) -> None:
    """Write the ballots of SOURCE into TARGET in another format (- for standard input and output).

    Exit status: 0 written, 2 bad input, or the target cannot hold the ballots. What it leaves out is said on stderr.
    """
    wanted = FORMATS[to] if to else _by_name(target)
    election = read(source, from_, contest=contest, kind=kind, labels=dict(map(label, labels)), strict=strict)
    text = wanted.written(election)
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8", newline="\n")
    for note in election.notes:
        click.echo(f"Note: {note}", err=True)
    for lost in wanted.loses(election):
        click.echo(f"Lost in {wanted.name}: {lost}.", err=True)
    papers = sum(row.count for row in election.ballots.rows)
    where = "standard output" if target == "-" else target
    click.echo(f"{where}: {papers:,} ballots, {len(election.ballots.rows):,} different.", err=True)


def _by_name(target: str) -> Format:
    ending = Path(target).suffix.lstrip(".").lower()
    found = [one for one in FORMATS.values() if one.write and ending in one.endings]
    if len(found) != 1:
        raise DeliberateError(
            f"The format to write into {'standard output' if target == '-' else target} is not known.",
            f"These can be written: {', '.join(sorted(one.name for one in FORMATS.values() if one.write))}.",
            "Give one with --to.",
            "cli.format",
        )
    return found[0]
