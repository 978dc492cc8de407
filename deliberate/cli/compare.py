"""``deliberate compare``: the same ballots under several methods, where they differ and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from deliberate.cli.elections import OUT, Source, of_a_file, seats, seed
from deliberate.core import counting
from deliberate.core.tally.comparison import Answer, Comparison
from deliberate.core.tally.registry import find

REMARK = "A comparison decides nothing: members marked these ballots for one method."


@click.command()
@of_a_file
@click.option(
    "--rules",
    "names",
    multiple=True,
    metavar="NAME[,NAME]",
    help="Methods to compare; else all that can count these ballots.",
)
@seats
@seed
@click.option("--json", "out", type=OUT, help="Write the comparison as JSON to a file, or - for stdout.")
def compare(source: Source, names: tuple[str, ...], seats: int | None, seed: str | None, out: str | None) -> None:
    """Count a file of ballots (- for standard input) by several methods: who wins, where they differ and why.

    Exit status: 0 compared, 2 bad input.
    """
    asked = [find(name.strip()) for listed in names for name in listed.split(",")]
    election = source.read(asked[0] if len({method.ballot for method in asked}) == 1 else None)
    made = counting.several(election, [method.name for method in asked], seed or "", seats)
    text = json.dumps(made.as_json(), ensure_ascii=False, indent=1) + "\n"
    if out == "-":
        click.echo(text, nl=False)
        return
    if out:
        Path(out).write_text(text, encoding="utf-8", newline="\n")
    for line in table(made):
        click.echo(line)


def table(made: Comparison) -> list[str]:
    """The comparison as lines of text."""
    room = max(len(answer.method.name) for answer in made.answers)
    seats = f"{made.question.seats} seats" if made.question.seats > 1 else "one seat"
    said = [f"{made.question.title or 'Comparison'}, {seats}", ""]
    said += [f"  {answer.method.name:<{room}}  {_wins(answer)}" for answer in made.answers]
    return [*said, "", *made.says, "", REMARK]


def _wins(answer: Answer) -> str:
    if answer.count is None:
        return f"not counted: {answer.refused}"
    if not answer.decided:
        return f"a tie that must be settled: {', '.join(answer.count.result.ties[-1].tied)}"
    return ", ".join(answer.winners) or answer.count.outcome
