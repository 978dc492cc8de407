"""The archive of the demonstration: a real council election, when its ballots stand beside the checkout."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from deliberate.core.ballot import Ballot
from deliberate.core.formats import blt
from deliberate.core.ledger.note import Signer
from deliberate.demo.ending import end
from deliberate.models import Assembly, Member, Poll, Role
from deliberate.services import assemblies, casting, checkpoints, definitions, polls
from deliberate.services.act import Act, day_of, now
from deliberate.services.boxes import Cast
from deliberate.services.polls import Spec

FILE = Path("elections/ballots/scot_edinburgh_2017_ward1.blt")
TITLE = "City of Edinburgh Council 2017, ward 1: Almond"
SEATS = 4


def found_file() -> Path | None:
    """The ballots, if the project's reference data are at hand."""
    for place in (os.environ.get("DELIBERATE_DATA", ""), "../shared/data"):
        if place and (Path(place) / FILE).is_file():
            return Path(place) / FILE
    return None


def build(engine: Engine, key: Signer, origin: str, file: Path) -> None:
    """One paper, one line of the roll: the papers are cast, sealed, counted and published like any ballots."""
    with file.open(encoding="utf-8") as lines:
        election = blt.read(lines, file.name)
    ballots = [row.ballot for row in election.ballots.rows for _ in range(row.count)]
    at = now()
    with Session(engine) as db, db.begin():
        assembly = assemblies.found(db, "Archive of council elections", "archive", origin, at, "Europe/London")
        officer = Member(
            assembly_id=assembly.id,
            number="0",
            name="Returning officer",
            joined_on=day_of(assembly, at),
            created_at=at,
            entitled=False,
        )
        officer.roles.append(Role(role="chair", starts_at=at))
        db.add(officer)
        db.add_all(
            Member(
                assembly_id=assembly.id, number=str(n), name=f"Paper {n}", joined_on=day_of(assembly, at), created_at=at
            )
            for n in range(1, len(ballots) + 1)
        )
        db.flush()
        ids = (assembly.id, officer.id)
    poll_id = _open(engine, ids, key, [(option.name, "") for option in election.question.options])
    _cast(engine, poll_id, ballots)
    end(engine, poll_id, lambda db: _act(db, ids))
    checkpoints.sign_due(engine, key)


def _act(db: Session, ids: tuple[int, int]) -> Act:
    return Act(db, db.get_one(Assembly, ids[0]), now(), db.get_one(Member, ids[1]))


def _open(engine: Engine, ids: tuple[int, int], key: Signer, options: list[tuple[str, str]]) -> int:
    with Session(engine) as db, db.begin():
        act = _act(db, ids)
        question = "The ballots are those that the council published; the count is made anew, by the Scottish rules."
        poll = polls.prepare(act, Spec(TITLE, question, "scottish-stv", options, seats=SEATS))
        polls.open_(act, poll, key.verifier.vkey())
        return poll.id


def _cast(engine: Engine, poll_id: int, ballots: list[Ballot]) -> None:
    with Session(engine) as db:
        poll = db.get_one(Poll, poll_id)
        rolls = [line.roll for line in definitions.electorate(db, poll, now())]
    at = now()
    casts = [
        Cast(poll_id, roll, dict(ballot), _random("key", n), _random("nonce", n), at)
        for n, (roll, ballot) in enumerate(zip(rolls, ballots, strict=True))
    ]
    for start in range(0, len(casts), 1000):
        for answer in casting.store(engine, casts[start : start + 1000]):
            assert isinstance(answer, str), answer


def _random(what: str, n: int) -> str:
    """Public papers need no secret nonce; these are the same in every demonstration."""
    return hashlib.sha256(f"archive {what} {n}".encode()).hexdigest()[:32]
