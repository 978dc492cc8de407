"""Rolls: import the roll from a file; looked at first, applied as a whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import structlog
from sqlalchemy import Engine, String, Table, bindparam, insert, select, type_coerce, update
from sqlalchemy.orm import Session, selectinload

from deliberate.core import electorate
from deliberate.core.electorate import Line
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.models import Assembly, Member, RollImport
from deliberate.services import members
from deliberate.services.act import Act, now
from deliberate.services.addresses import is_email

log = structlog.get_logger()
LARGEST = 30_000_000
SHOWN = 100
TABLE = cast(Table, Member.__table__)  # rows by the thousand go past the ORM
STALE = timedelta(minutes=5)


def parse(content: bytes, progress: Callable[[int], None] = lambda _n: None) -> electorate.Parsed:
    """Read a roll file; see :func:`deliberate.core.electorate.parse`."""
    return electorate.parse(content, progress, is_email)


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
            mark("The file has %(size)s MB.", size=len(content) // 1_000_000),
            mark("The limit is %(size)s MB.", size=LARGEST // 1_000_000),
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
    with Session(engine.execution_options(writing=False)) as db:
        row = db.get_one(RollImport, import_id)
        content, assembly_id = row.content, row.assembly_id

    def progress(done: int) -> None:
        with Session(engine) as db, db.begin():
            db.execute(update(RollImport).where(RollImport.id == import_id).values(done=done))

    try:
        parsed = parse(content, progress)
        with Session(engine.execution_options(writing=False)) as db:
            report = compared(today(db, db.get_one(Assembly, assembly_id)), parsed)
        state = "ready" if ready(report) else "refused"
    except DeliberateError as error:
        state, report = "refused", {"error": str(error), "faults": [], "summary": {}}
    except Exception:
        _settle(
            engine,
            import_id,
            "refused",
            {
                "error": "The file could not be read. It is our fault, and nothing was changed. [roll.broken]",
                "faults": [],
                "summary": {},
            },
        )
        raise
    _settle(engine, import_id, state, report)


def _settle(engine: Engine, import_id: int, state: str, report: dict[str, Any]) -> None:
    with Session(engine) as db, db.begin():
        db.execute(
            update(RollImport)
            .where(RollImport.id == import_id, RollImport.state == "reading")
            .values(state=state, report=report, done=RollImport.total)
        )


def look_soon(engine: Engine, import_id: int) -> None:
    """Read the file in a thread of its own, after the transaction that stored it."""

    def run() -> None:
        try:
            look(engine, import_id)
        except Exception as error:
            log.error("roll not read", kind=type(error).__name__, exc_info=error)

    threading.Thread(target=run, name="roll", daemon=True).start()


def look_again(engine: Engine) -> int:
    """Read files whose reader was cut off, as by a restart of the server. Returns how many."""
    with Session(engine.execution_options(writing=False)) as db:
        left = list(
            db.scalars(
                select(RollImport.id).where(RollImport.state == "reading", RollImport.created_at < now() - STALE)
            )
        )
    for import_id in left:
        look(engine, import_id)
    return len(left)


def compared(current: dict[str, Line], parsed: electorate.Parsed) -> dict[str, Any]:
    """What a page shows of a file: sums, faults with their lines, samples of the difference, and what it was compared with."""
    diff = electorate.compare(current, parsed.lines, parsed.columns)
    faults = sorted([*parsed.faults, *electorate.clashes(current, parsed.lines)], key=lambda fault: fault.line)
    return {
        "summary": {
            "lines": len(parsed.lines),
            "new": len(diff.new),
            "changed": len(diff.changed),
            "unchanged": diff.unchanged,
            "missing": len(diff.missing),
            "faults": len(faults),
            "encoding": parsed.encoding,
            "ignored": [name[:60] for name in parsed.ignored[:20]],
        },
        "against": fingerprint(_texts(line) for line in current.values()),
        "faults": [fault.as_json() for fault in faults[:SHOWN]],
        "new": [_said(line) for line in diff.new[:SHOWN]],
        "changed": [
            {**_said(after), "fields": fields} for (after, fields), _ in zip(diff.fields(), range(SHOWN), strict=False)
        ],
        "missing": [_said(line) for line in diff.missing[:SHOWN]],
    }


def ready(report: dict[str, Any]) -> bool:
    """Whether a file may be applied: it has lines and no fault."""
    return bool(report["summary"]["lines"]) and not report["summary"]["faults"]


def fingerprint(rows: Iterable[tuple[str, ...]]) -> str:
    """One hash for a roll as it stands, to see that it has not changed between the look and the act."""
    return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()


def _texts(line: Line) -> tuple[str, ...]:
    return line.number, line.name, line.email, line.section, exact(line.weight)


def _standing(db: Session, assembly: Assembly) -> str:
    """The fingerprint of the roll in the database; nothing is converted, so that a writer is held up as little as can be."""
    rows = db.execute(
        select(Member.number, Member.name, Member.email, Member.section, type_coerce(Member.weight, String)).where(
            Member.assembly_id == assembly.id, Member.ended_on.is_(None)
        )
    )
    return fingerprint((number, name, email or "", section, weight) for number, name, email, section, weight in rows)


def _said(line: Line) -> dict[str, str]:
    return {
        "number": line.number,
        "name": line.name,
        "email": line.email,
        "section": line.section,
        "weight": exact(line.weight),
    }


@dataclass(frozen=True)
class Plan:
    """What applying a file will do. It takes seconds to work out for a large roll, so it is made before the writer's lock is taken."""

    file: str
    against: str
    columns: tuple[str, ...]
    lines: Sequence[Line]
    diff: electorate.Difference
    fresh: dict[str, dict[str, Any]]  # by number, for the case that nobody had the number before


def plan(current: dict[str, Line], parsed: electorate.Parsed, content: bytes) -> Plan:
    """Work out what a file does to this roll."""
    diff = electorate.compare(current, parsed.lines, parsed.columns)
    return Plan(
        file=hashlib.sha256(content).hexdigest(),
        against=fingerprint(_texts(line) for line in current.values()),
        columns=parsed.columns,
        lines=parsed.lines,
        diff=diff,
        fresh={
            line.number: Member.fresh(
                number=line.number,
                name=line.name,
                email=line.email or None,
                section=line.section,
                weight=line.weight,
                entitled=True,
                looked_from=0,
            )
            for line in diff.new
        },
    )


def prepare(db: Session, made: RollImport) -> Plan:
    """The plan of a file that was looked at; it only reads."""
    _is_ready(made)
    return plan(today(db, db.get_one(Assembly, made.assembly_id)), parse(made.content), made.content)


def _is_ready(made: RollImport) -> None:
    if made.state != "ready":
        raise Conflict(
            "This file cannot be applied.",
            mark('Its state is "%(state)s".', state=made.state),
            "Upload it again.",
            "roll.state",
        )


def apply(act: Act, made: RollImport, planned: Plan, end_missing: bool = False) -> dict[str, int]:
    """Apply a file that was looked at: all of it, in one transaction. The roll must still be as it was compared.

    end_missing: memberships that the file does not name end today, with their offices.
    """
    act.may("member.import")
    _is_ready(made)
    if {_standing(act.db, act.assembly), planned.against} != {made.report["against"]}:
        raise Conflict(
            "The roll has changed since the file was compared.",
            "Somebody else changed it.",
            "Upload the file again and look at the new comparison.",
            "roll.changed",
        )
    diff = planned.diff
    _free(act, planned.lines, diff)
    _change(act, diff)
    _enter(act, planned)
    ended = _end(act, diff.missing) if end_missing else 0
    made.state, made.content = "applied", b""
    counts = {"new": len(diff.new), "changed": len(diff.changed), "ended": ended}
    act.record("roll.imported", f"assembly:{act.assembly.public_id}", file=planned.file, **counts)
    return counts


def _rows(act: Act, ended: bool) -> dict[str, int]:
    gone = Member.ended_on.is_not(None) if ended else Member.ended_on.is_(None)
    return dict(
        act.db.execute(select(Member.number, Member.id).where(Member.assembly_id == act.assembly.id, gone)).all()
    )


def _free(act: Act, lines: Sequence[Line], diff: electorate.Difference) -> None:
    """Take addresses away that the file gives to others: from changed members (they may swap) and from ended memberships."""
    wanted = {line.email for line in lines if line.email}
    moved = {after.number for before, after in diff.changed if before.email != after.email}
    rows = act.db.execute(
        select(Member.id, Member.number, Member.email, Member.ended_on).where(
            Member.assembly_id == act.assembly.id, Member.email.is_not(None)
        )
    )
    freed = [
        {"key": key} for key, number, email, ended in rows if (number in moved if ended is None else email in wanted)
    ]
    _many(act, update(TABLE).where(TABLE.c.id == bindparam("key")).values(email=None), freed)


def _change(act: Act, diff: electorate.Difference) -> None:
    if diff.changed:
        keys = _rows(act, ended=False)
        _write(act, [(keys[after.number], after) for _, after in diff.changed])


def _enter(act: Act, planned: Plan) -> None:
    """New members; a number whose membership had ended takes it up again."""
    keys, lines = _rows(act, ended=True), planned.diff.new
    _write(act, [(keys[line.number], line) for line in lines if line.number in keys], planned.columns, ended_on=None)
    same = {"assembly_id": act.assembly.id, "joined_on": act.today, "created_at": act.now}
    _many(act, insert(TABLE), [{**planned.fresh[line.number], **same} for line in lines if line.number not in keys])


def _write(act: Act, rows: Sequence[tuple[int, Line]], columns: Sequence[str] = electorate.FIELDS, **also: Any) -> None:
    _many(
        act,
        update(TABLE).where(TABLE.c.id == bindparam("key")),
        [
            {
                "key": key,
                **{
                    name: getattr(line, name) or None if name == "email" else getattr(line, name)
                    for name in columns
                    if name != "number"
                },
                **also,
            }
            for key, line in rows
        ],
    )


def _many(act: Act, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        act.db.flush()
        act.db.connection().execute(statement, rows)
        act.db.expire_all()


def _end(act: Act, lines: Sequence[Line]) -> int:
    gone = {line.number for line in lines}
    leaving = [
        member
        for member in act.db.scalars(
            select(Member)
            .where(Member.assembly_id == act.assembly.id, Member.ended_on.is_(None))
            .options(selectinload(Member.roles))
        )
        if member.number in gone
    ]
    members.leave(act, leaving, act.today)
    return len(leaving)


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
    return f"'{cell}" if cell[:1] in electorate.FORMULA else cell
