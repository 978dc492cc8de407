"""Record packages: everything that a published result rests on, in one file that is the same at every export."""

from __future__ import annotations

import hashlib
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from deliberate.core.errors import Conflict, NotFound
from deliberate.core.formats import Election, blt, csv, record
from deliberate.core.ledger.note import Signer
from deliberate.core.tally import Option, Question
from deliberate.models import Checkpoint, Ledger, LedgerEntry, Poll
from deliberate.services import checkpoints, definitions, ledger, results


def build(engine: Engine, poll_id: int, key: Signer) -> tuple[str, bytes]:
    """Id and bytes of the record package of a published poll. Reads only; signs heads that nobody has signed yet in memory."""
    with Session(engine.execution_options(writing=False)) as db:
        poll = db.get_one(Poll, poll_id)
        if poll.state != "published":
            raise Conflict(
                "There is no record of this poll yet.",
                "A record is made when the result is published.",
                "",
                "record.early",
                status=404,
            )
        assert poll.ledger is not None
        return record.build(files(db, poll, key), poll.public_id, poll.ledger.origin, key)


def _ledgers(db: Session, poll: Poll) -> dict[str, tuple[Ledger, int]]:
    """Each ledger of the package with the number of entries that go in; the assembly's ends at this poll's publication."""
    assert poll.ledger is not None
    last = db.scalar(
        select(LedgerEntry.idx).where(
            LedgerEntry.ledger_id == poll.assembly.ledger_id,
            LedgerEntry.kind == "poll.published",
            LedgerEntry.subject == f"poll:{poll.public_id}",
        )
    )
    assert last is not None
    found = {"assembly": (poll.assembly.ledger, last + 1), "poll": (poll.ledger, poll.ledger.size)}
    if poll.box is not None:
        found["box"] = (poll.box, poll.box.size)
    return found


def files(db: Session, poll: Poll, key: Signer) -> dict[str, bytes]:
    """Every file of the package but the manifest, by path."""
    assert poll.definition is not None and poll.count is not None
    defined = definitions.read(poll)
    made: dict[str, bytes] = {
        "definition.json": poll.definition,
        "roll.jsonl": record.roll(definitions.roll_lines(db, poll, named=poll.mode == "open")),
        "tally/rounds.json": poll.count,
        "tally/explain.md": explain(poll).encode(),
        "replaced.jsonl": record.replaced(results.superseded(db, poll)),
        "rejected.jsonl": b"",
        "code.json": record.code(_code(db, poll)),
    }
    made |= ballot_files(db, poll, defined)
    for name, (one, size) in _ledgers(db, poll).items():
        made |= _log(db, name, one, size, key)
    return made


def ballot_files(db: Session, poll: Poll, defined: dict[str, Any]) -> dict[str, bytes]:
    """The counted ballots as JSON, CSV and, where they fit, BLT."""
    merged = results.aggregated(db, poll)
    question = Question(
        defined["title"], tuple(Option(o["id"], o["name"]) for o in defined["options"]), defined["seats"]
    )
    election = Election(question, merged)
    made = {"ballots.json": merged.canonical(), "ballots.csv": csv.packaged(election, defined["method"], defined["ballot"]).encode()}
    if (
        defined["ballot"] == "ranking"
        and all(row.weight.denominator == 1 and all(len(rank) == 1 for rank in row.ranks) for row in merged.rows)
    ):
        made["ballots.blt"] = blt.write(election).encode()
    return made


def _log(db: Session, name: str, one: Ledger, size: int, key: Signer) -> dict[str, bytes]:
    """The tree of one ledger. A head that is signed only here is not stored, so later exports carry the same earlier checkpoints."""
    signed = {
        row.size: row.note
        for row in db.scalars(select(Checkpoint).where(Checkpoint.ledger_id == one.id, Checkpoint.size <= size))
    }
    head = signed.pop(size, None) or checkpoints.signed_at(db, one, size, key)
    return record.log(name, list(ledger.bodies(db, one, size)), head, signed)


def _code(db: Session, poll: Poll) -> str:
    entry = db.scalars(
        select(LedgerEntry).where(LedgerEntry.ledger_id == poll.ledger_id, LedgerEntry.kind == "result")
    ).one()
    return str(ledger.content(entry)["data"]["code"])


def explain(poll: Poll) -> str:
    """The count in sentences."""
    made = results.read(poll)
    assert made is not None
    head = [
        f"# {made['question']['title']}",
        "",
        f"Counted by {made['ruleset']}, version {made['ruleset_version']}.",
        f"Source: {made['source']}.",
        "",
    ]
    body = [f"- {sentence}" for sentence in made["explanation"]]
    ties = (
        [
            "",
            "## Ties",
            "",
            *(
                f"- Round {t['round']}, {t['purpose']}: {', '.join(t['tied'])}. {t['evidence']} Chosen: {t['chosen']}."
                for t in made["ties"]
            ),
        ]
        if made["ties"]
        else []
    )
    gaps = (
        ["", "## Departures from the source", "", *(f"- {d}" for d in made["departures"])] if made["departures"] else []
    )
    return "\n".join([*head, *body, *ties, *gaps, ""])


def stored(engine: Engine, poll: Poll, key: Signer, folder: Path) -> Path:
    """The package as a file, built when it is first asked for."""
    file = folder / f"{poll.public_id}.zip"
    if not file.exists():
        _, data = build(engine, poll.id, key)
        folder.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_bytes(data)
        part.replace(file)
    return file


@dataclass(frozen=True)
class Listing:
    """What is in a package: its id, its size, and path and size of every file."""

    id: str
    size: int
    files: tuple[tuple[str, int], ...]


def listing(file: Path) -> Listing:
    """The table of contents of a stored package."""
    with zipfile.ZipFile(file) as made:
        found = tuple((info.filename, info.file_size) for info in made.infolist())
        return Listing(hashlib.sha256(made.read("manifest.json")).hexdigest(), file.stat().st_size, found)


def member(file: Path, path: str) -> bytes:
    """One file of a stored package. Raises NotFound."""
    with zipfile.ZipFile(file) as made:
        try:
            return made.read(path)
        except KeyError:
            raise NotFound(
                "There is no such file in this record.",
                "The manifest lists every file.",
                "Start from the record of the poll.",
                "record.file",
            ) from None
