"""``deliberate trace``: where each ballot's vote went, round by round, and the proof that the paths add up."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from deliberate.cli.elections import OUT, Rules, Source, by_rules, of_a_file
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.canonical import exact
from deliberate.core.tally.trace import Path as BallotPath
from deliberate.core.tally.trace import adds_up
from deliberate.core.tally.trace import trace as traced

MOST = 200
"""Paths that are printed; a table holds all."""


@click.command()
@of_a_file
@by_rules
@click.option("--ballot", metavar="A>B>C", help="Only ballots that rank these options first, in this order.")
@click.option("--csv", "out", type=OUT, help="Write every path as CSV to a file, or - for stdout.")
def trace(source: Source, rules: Rules, ballot: str | None, out: str | None) -> None:
    """Follow the ballots of a file (- for standard input) through the rounds of a count.

    Equal ballots go one way and are told once. Exit status: 0 all paths add up to the rounds, 2 bad input.
    """
    election, counted = rules.count(source)
    made = counted.count
    paths = traced(made, election.ballots)
    assert adds_up(made, paths), "the paths of all ballots add up to every round"
    names = {option.id: option.name for option in made.question.options}
    shown = [path for path in paths if ballot is None or _begins(path, ballot, names)]
    if out == "-":
        click.echo(_table(shown, names), nl=False)
        return
    if out:
        Path(out).write_text(_table(shown, names), encoding="utf-8", newline="\n")
    for path in shown[:MOST]:
        click.echo(f"{path.row.count:>7,} x {_marks(path, names)}: {path.says()}")
    if len(shown) > MOST:
        click.echo(f"... and {len(shown) - MOST:,} other ballots: write them all with --csv.")
    click.echo(
        f"The paths of all {sum(path.row.count for path in paths):,} ballots add up to the votes of every round."
    )


def _marks(path: BallotPath, names: dict[str, str]) -> str:
    """The ballot as it was marked: options in order, "=" between those of one rank, "-" for a skipped one."""
    ranks = [" = ".join(names[option] for option in rank) or "-" for rank in path.row.ranks]
    weight = "" if path.row.weight == 1 else f" (weight {exact(path.row.weight)})"
    return (" > ".join(ranks) or "blank") + weight


def _begins(path: BallotPath, ballot: str, names: dict[str, str]) -> bool:
    """Whether the ballot begins with these names. Raises DeliberateError ``cli.ballot`` for a name that is no option."""
    wanted = [part.strip() for part in ballot.split(">") if part.strip()]
    for one in wanted:
        if one not in names.values():
            known = ", ".join(names.values())
            raise DeliberateError(
                f'"{one}" is not an option.', f"The options are: {known}.", "Write --ballot 'A>B'.", "cli.ballot"
            )
    ranked = [names[rank[0]] if len(rank) == 1 else "" for rank in path.row.ranks]
    return ranked[: len(wanted)] == wanted


def _table(paths: list[BallotPath], names: dict[str, str]) -> str:
    """One row for each ballot, round and option: how many papers, and the part of a vote that counts there."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["ballot", "papers", "weight", "marks", "round", "option", "share"])
    for n, path in enumerate(paths, 1):
        head = [n, path.row.count, exact(path.row.weight), _marks(path, names)]
        for step in path.steps:
            for name, share in step.shares.items():
                writer.writerow([*head, step.round, name, exact(share)])
            if step.lost:
                writer.writerow([*head, step.round, "", exact(step.lost)])
    return made.getvalue()
