"""``deliberate member import``: the roll from a CSV file, compared first, applied as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.cli import options
from deliberate.core import electorate
from deliberate.core.errors import DeliberateError
from deliberate.models import Assembly, Member, Role
from deliberate.services import rolls
from deliberate.services.act import Act, now


@click.group()
def member() -> None:
    """The roll."""


@member.command("import")
@options.data
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--end-missing", is_flag=True, help="End memberships that the file does not name.")
@click.option("--yes", is_flag=True, help="Apply without asking.")
def import_(config: str | None, database: str | None, file: str, end_missing: bool, yes: bool) -> None:
    """Compare a CSV file with today's roll, then apply it. Exit status 2 if anything in it is wrong."""
    chosen = options.load(config, database)
    made = options.migrated(chosen)
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise DeliberateError(f"{file} cannot be read.", f"{error.strerror}.", "Check its name.", "cli.file") from error
    with click.progressbar(length=content.count(b"\n") + 1, label="Reading") as bar:
        last = [0]

        def progress(done: int) -> None:
            bar.update(done - last[0])
            last[0] = done

        parsed = electorate.parse(content, progress)
        bar.update(bar.length - last[0] if bar.length else 0)
    for fault in parsed.faults[:50]:
        click.echo(
            f"line {fault.line}{f', {fault.column}' if fault.column else ''}: {fault.what}. Expected {fault.expected}.",
            err=True,
        )
    if parsed.faults:
        raise DeliberateError(
            f"{len(parsed.faults)} faults in {file}.",
            "All or nothing: no line was imported.",
            "Correct the file.",
            "roll.faults",
        )
    with Session(made) as db, db.begin():
        act = _act(db)
        diff = electorate.compare(rolls.today(db, act.assembly), parsed.lines, parsed.columns)
        click.echo(
            f"{len(diff.new)} new, {len(diff.changed)} changed, {diff.unchanged} unchanged, {len(diff.missing)} not in the file."
        )
        for after, fields in list(diff.fields())[:20]:
            click.echo(
                f"  {after.number} {after.name}: "
                + "; ".join(f"{name} {before or '-'} -> {value or '-'}" for name, before, value in fields)
            )
        if not yes:
            click.confirm("Apply to the roll?", abort=True)
        kept = rolls.upload(act, Path(file).name, content)
        kept.state, kept.report = "ready", rolls.compared(parsed, diff)
        counts = rolls.apply(act, kept, end_missing)
    click.echo(f"Done: {counts['new']} new, {counts['changed']} changed, {counts['ended']} ended.")


def _act(db: Session) -> Act:
    """An act of the secretary, in whose name the command line works."""
    assembly = db.scalar(select(Assembly).order_by(Assembly.id))
    if assembly is None:
        raise DeliberateError(
            "There is no assembly yet.", "The database is empty.", "Run: deliberate demo", "assembly.none"
        )
    moment = now()
    secretary = db.scalar(
        select(Member)
        .join(Role, Role.member_id == Member.id)
        .where(
            Member.assembly_id == assembly.id,
            Role.role == "secretary",
            (Role.ends_at.is_(None)) | (Role.ends_at > moment),
        )
    )
    if secretary is None:
        raise DeliberateError(
            "The assembly has no secretary.",
            "Rule 2.2: Only the secretary changes the roll.",
            "Give somebody the office first.",
            "member.none",
        )
    return Act(db, assembly, moment, secretary, secretary.person)
