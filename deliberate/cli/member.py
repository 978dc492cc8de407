"""``deliberate member import``: the roll from a CSV file, compared first, applied as a whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from deliberate.cli import options
from deliberate.core import electorate
from deliberate.core.errors import DeliberateError
from deliberate.models import Assembly, Member, Role
from deliberate.services import rolls
from deliberate.services.act import Act, day_of, now

SHOWN = 20


@click.group()
def member() -> None:
    """The roll."""


@member.command("import")
@options.data
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--end-missing", is_flag=True, help="End memberships that the file does not name.")
@click.option("--yes", is_flag=True, help="Apply without asking.")
def import_(config: str | None, database: str | None, file: str, end_missing: bool, yes: bool) -> None:
    """Compare a CSV file with today's roll, then apply it.

    Exit status 0: applied; 1: not applied, as you wished; 2: something in the file is wrong, and nothing was changed.
    """
    chosen = options.load(config, database)
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise DeliberateError(f"{file} cannot be read.", f"{error.strerror}.", "Check its name.", "cli.file") from error
    parsed = _read(content)
    made = options.migrated(chosen)
    try:
        counts = _import(made, Path(file).name, content, parsed, end_missing, yes)
    finally:
        made.dispose()
    if not any(counts.values()):
        click.echo("Nothing differs: the roll stays as it is.")
        return
    click.echo(f"Done: {counts['new']} new, {counts['changed']} changed, {counts['ended']} ended.")


def _import(
    made: Engine, name: str, content: bytes, parsed: electorate.Parsed, end_missing: bool, yes: bool
) -> dict[str, int]:
    """Show the comparison, ask, apply. Raises Exit with status 1 if the answer is no."""
    with Session(made.execution_options(writing=False)) as db:
        current = rolls.today(db, _act(db).assembly)
    report, planned = rolls.compared(current, parsed), rolls.plan(current, parsed, content)
    _show(report, name, end_missing)
    sums = report["summary"]
    if not (sums["new"] or sums["changed"] or (end_missing and sums["missing"])):
        return {"new": 0, "changed": 0, "ended": 0}
    if not yes and not click.confirm("Apply to the roll?"):
        click.echo("Nothing was changed.")
        raise click.exceptions.Exit(1)
    with Session(made) as db, db.begin():
        act = _act(db)
        kept = rolls.upload(act, name, content)
        kept.state, kept.report = "ready", report
        return rolls.apply(act, kept, planned, end_missing)


def _read(content: bytes) -> electorate.Parsed:
    with click.progressbar(length=content.count(b"\n") + 1, label="Reading") as bar:
        last = [0]

        def progress(done: int) -> None:
            bar.update(done - last[0])
            last[0] = done

        parsed = rolls.parse(content, progress)
        bar.update((bar.length or 0) - last[0])
    return parsed


def _show(report: dict[str, Any], file: str, end_missing: bool) -> None:
    """The comparison in a table. Raises DeliberateError for a file with faults or without members."""
    sums = report["summary"]
    for fault in report["faults"][:50]:
        click.echo(
            f"line {fault['line']}{', ' if fault['column'] else ''}{fault['column']}: {fault['what']}. Expected {fault['expected']}.",
            err=True,
        )
    if sums["faults"]:
        many = "One fault" if sums["faults"] == 1 else f"{sums['faults']} faults"
        raise DeliberateError(
            f"{many} in {file}.", "All or nothing: no line was imported.", "Correct the file.", "roll.faults"
        )
    if not sums["lines"]:
        raise DeliberateError(
            f"{file} names no members.",
            "It has a header and nothing else.",
            "Add a line for each member.",
            "roll.empty",
        )
    if sums["ignored"]:
        click.echo(f"Columns not used: {', '.join(sums['ignored'])}.")
    click.echo(
        f"{sums['new']} new, {sums['changed']} changed, {sums['unchanged']} unchanged, {sums['missing']} not in the file"
        f"{'' if not sums['missing'] else ': their memberships end' if end_missing else ': they stay'}."
    )
    parts = [("+", "new"), ("~", "changed"), *([("-", "missing")] if end_missing else [])]
    for sign, part in parts:
        rows = report[part]
        for row in rows[:SHOWN]:
            changes = "; ".join(
                f"{name} {before or 'none'} to {after or 'none'}" for name, before, after in row.get("fields", ())
            )
            click.echo(f"  {sign} {row['number']:<12} {row['name']:<30} {changes or row['section']}".rstrip())
        if (more := sums[part] - len(rows[:SHOWN])) > 0:
            click.echo(f"  {sign} and {more:,} more")


def _act(db: Session) -> Act:
    """An act of the secretary, in whose name the command line works."""
    assembly = db.scalar(select(Assembly).order_by(Assembly.id))
    if assembly is None:
        raise DeliberateError(
            "There is no assembly yet.",
            "The database is empty.",
            "Run: deliberate demo, or deliberate init --assembly NAME --admin 'NAME <ADDRESS>'.",
            "assembly.none",
        )
    moment = now()
    secretary = db.scalar(
        select(Member)
        .join(Role, Role.member_id == Member.id)
        .where(
            Member.assembly_id == assembly.id,
            Role.role == "secretary",
            Role.starts_at <= moment,
            (Role.ends_at.is_(None)) | (Role.ends_at > moment),
            (Member.ended_on.is_(None)) | (Member.ended_on > day_of(assembly, moment)),
        )
        .order_by(Role.id)
    )
    if secretary is None:
        raise DeliberateError(
            "The assembly has no secretary.",
            "Rule 2.2: Only the secretary changes the roll.",
            "Give somebody the office first.",
            "member.none",
        )
    return Act(db, assembly, moment, secretary, secretary.person)
