"""Rolls: import the roll from a file; looked at first, applied as a whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import threading
from typing import Any

import structlog
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from deliberate.core import electorate
from deliberate.core.electorate import Line
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger.canonical import exact
from deliberate.models import Assembly, Member, RollImport
from deliberate.services.act import Act

log = structlog.get_logger()
LARGEST = 30_000_000
SHOWN = 100


def today(db: Session, assembly: Assembly) -> dict[str, Line]:
    """The roll as it stands, by number; ended memberships are not on it."""
    rows = db.execute(
        select(Member.number, Member.name, Member.email, Member.section, Member.weight).where(
            Member.assembly_id == assembly.id, Member.ended_on.is_(None)
        )
    )
    return {number: Line(number, name, email or "", section, weight) for number, name, email, section, weight in rows}


def upload(act: Act, filename: str, content: bytes) -> RollImport:
    """Keep a file for reading. It is read afterwards, outside this transaction, by :func:`look`."""
    act.may("member.import")
    if len(content) > LARGEST:
        raise DeliberateError(
            f"The file has {len(content) // 1_000_000} MB.",
            f"The limit is {LARGEST // 1_000_000} MB.",
            "Split it.",
            "roll.large",
            {"file": "The file is too large."},
        )
    made = RollImport(
        assembly_id=act.assembly.id,
        by_id=act.actor.id,
        created_at=act.now,
        filename=filename[-200:] or "roll.csv",
        content=content,
        state="reading",
        done=0,
        total=content.count(b"\n") + 1,
        report={},
    )
    act.db.add(made)
    act.db.flush()
    return made


def look(engine: Engine, import_id: int) -> None:
    """Read the file and compare it with today's roll; progress is written as it goes. State becomes ready or refused."""
    with Session(engine) as db, db.begin():
        row = db.get_one(RollImport, import_id)
        content, assembly_id = row.content, row.assembly_id

    def progress(done: int) -> None:
        with Session(engine) as db, db.begin():
            db.execute(update(RollImport).where(RollImport.id == import_id).values(done=done))

    try:
        parsed = electorate.parse(content, progress)
        with Session(engine.execution_options(writing=False)) as db:
            found = compared(
                parsed, electorate.compare(today(db, db.get_one(Assembly, assembly_id)), parsed.lines, parsed.columns)
            )
        state = "refused" if parsed.faults or not parsed.lines else "ready"
    except DeliberateError as error:
        state, found = "refused", {"error": str(error), "faults": [], "summary": {}}
    with Session(engine) as db, db.begin():
        db.execute(
            update(RollImport)
            .where(RollImport.id == import_id)
            .values(state=state, report=found, done=RollImport.total)
        )


def look_soon(engine: Engine, import_id: int) -> None:
    """Read the file in a thread of its own, after the transaction that stored it."""

    def run() -> None:
        try:
            look(engine, import_id)
        except Exception as error:
            log.error("roll not read", kind=type(error).__name__, exc_info=error)

    threading.Thread(target=run, name="roll", daemon=True).start()


def compared(parsed: electorate.Parsed, diff: electorate.Difference) -> dict[str, Any]:
    def said(line: Line) -> dict[str, str]:
        return {
            "number": line.number,
            "name": line.name,
            "email": line.email,
            "section": line.section,
            "weight": exact(line.weight),
        }

    return {
        "summary": {
            "lines": len(parsed.lines),
            "new": len(diff.new),
            "changed": len(diff.changed),
            "unchanged": diff.unchanged,
            "missing": len(diff.missing),
            "faults": len(parsed.faults),
            "encoding": parsed.encoding,
        },
        "faults": [fault.as_json() for fault in parsed.faults[:SHOWN]],
        "new": [said(line) for line in diff.new[:SHOWN]],
        "changed": [
            {**said(after), "fields": fields} for (after, fields), _ in zip(diff.fields(), range(SHOWN), strict=False)
        ],
        "missing": [said(line) for line in diff.missing[:SHOWN]],
    }


def apply(act: Act, made: RollImport, end_missing: bool = False) -> dict[str, int]:
    """Apply a file that was looked at: all of it, in one transaction. The roll must still be as it was compared.

    end_missing: memberships that the file does not name end today.
    """
    act.may("member.import")
    if made.state != "ready":
        raise Conflict(
            "This file cannot be applied.", f'Its state is "{made.state}".', "Upload it again.", "roll.state"
        )
    parsed = electorate.parse(made.content)
    diff = electorate.compare(today(act.db, act.assembly), parsed.lines, parsed.columns)
    if compared(parsed, diff)["summary"] != made.report["summary"]:
        raise Conflict(
            "The roll has changed since the file was compared.",
            "Somebody else changed it.",
            "Upload the file again and look at the new comparison.",
            "roll.changed",
        )
    _write(act, diff, end_missing)
    made.state, made.content = "applied", b""
    counts = {"new": len(diff.new), "changed": len(diff.changed), "ended": len(diff.missing) if end_missing else 0}
    act.record(
        "roll.imported",
        f"assembly:{act.assembly.public_id}",
        file=hashlib.sha256(repr(parsed.lines).encode()).hexdigest(),
        **counts,
    )
    return counts


def _write(act: Act, diff: electorate.Difference, end_missing: bool) -> None:
    ended = {
        m.number: m
        for m in act.db.scalars(
            select(Member).where(Member.assembly_id == act.assembly.id, Member.ended_on.is_not(None))
        )
    }
    for line in diff.new:
        back = ended.get(line.number)
        if back is not None:
            back.ended_on, back.name, back.email, back.section, back.weight = (
                None,
                line.name,
                line.email or None,
                line.section,
                line.weight,
            )
            continue
        act.db.add(
            Member(
                assembly_id=act.assembly.id,
                number=line.number,
                name=line.name,
                email=line.email or None,
                section=line.section,
                weight=line.weight,
                entitled=True,
                joined_on=act.now.date(),
                created_at=act.now,
            )
        )
    change = {after.number: after for _, after in diff.changed}
    gone = {line.number for line in diff.missing} if end_missing else set()
    for member in (
        act.db.scalars(select(Member).where(Member.assembly_id == act.assembly.id, Member.ended_on.is_(None)))
        if change or gone
        else ()
    ):
        fresh = change.get(member.number)
        if fresh is not None:
            member.name, member.email, member.section, member.weight = (
                fresh.name,
                fresh.email or None,
                fresh.section,
                fresh.weight,
            )
        elif member.number in gone:
            member.ended_on = act.now.date()
    act.db.flush()


def drop(act: Act, made: RollImport) -> None:
    """Throw a file away without applying it."""
    act.may("member.import")
    if made.state == "applied":
        raise Conflict("This file was applied already.", "", "", "roll.state")
    made.state, made.content = "dropped", b""


def find(db: Session, assembly: Assembly, public_id: str) -> RollImport | None:
    """An import of this assembly."""
    return db.scalar(select(RollImport).where(RollImport.assembly_id == assembly.id, RollImport.public_id == public_id))


def export(db: Session, assembly: Assembly) -> str:
    """The roll as CSV, as it can be imported again. Cells that a spreadsheet would run get a quote in front."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(electorate.FIELDS)
    for line in sorted(today(db, assembly).values(), key=lambda one: one.number):
        table.writerow([_safe(v) for v in (line.number, line.name, line.email, line.section, exact(line.weight))])
    return out.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell
