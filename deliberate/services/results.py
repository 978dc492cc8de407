"""Results: count a closed poll outside any write transaction, enter lots, publish."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate import __version__
from deliberate.core import ballot, tally
from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import canonical
from deliberate.core.sentences import mark, mark_many
from deliberate.models import LedgerEntry, Member, Participation, Poll, RollEntry
from deliberate.services import definitions, ledger, polls
from deliberate.services.act import Act

UNIQUE_FROM = 6  # options from which a ranking that occurs once may betray a voter


def counted(db: Session, poll: Poll) -> Iterator[tuple[dict[str, Any], str]]:
    """The ballots that count, as (ballot, weight), in the order of their ledger; superseded ones are left out."""
    source = poll.box_id or poll.ledger_id
    rows = db.execute(
        select(LedgerEntry.hash, LedgerEntry.body)
        .where(LedgerEntry.ledger_id == source, LedgerEntry.kind.in_(("cast", "replace")))
        .order_by(LedgerEntry.idx)
    )
    bodies = [(leaf, canonical.decode(body)["data"]) for leaf, body in rows]
    gone = {data["replaces"] for _, data in bodies if "replaces" in data}
    for leaf, data in bodies:
        if leaf not in gone:
            yield data["ballot"], data["weight"]


def superseded(db: Session, poll: Poll) -> list[dict[str, str]]:
    """Leaf hashes of replaced ballots, with what replaced them, sorted."""
    rows = db.execute(
        select(LedgerEntry.hash, LedgerEntry.body).where(
            LedgerEntry.ledger_id == (poll.box_id or poll.ledger_id), LedgerEntry.kind == "replace"
        )
    )
    return sorted(
        ({"leaf": canonical.decode(body)["data"]["replaces"], "by": leaf} for leaf, body in rows),
        key=lambda line: (line["leaf"], line["by"]),
    )


def aggregated(db: Session, poll: Poll) -> ballot.Aggregate:
    """The counted ballots, equal ones merged, in the order of the record package."""
    found = definitions.read(poll)
    return ballot.aggregate(counted(db, poll), [o["id"] for o in found["options"]])


def count(db: Session, poll: Poll) -> tally.Count:
    """Count a closed poll. Reads only; the same bytes each time."""
    if poll.state not in {"closed", "tallied", "published"}:
        raise Conflict("This poll cannot be counted now.", "Ballots are counted after the close.", "", "poll.state")
    found = definitions.read(poll)
    question = tally.Question(
        found["title"], tuple(tally.Option(o["id"], o["name"]) for o in found["options"]), found["seats"]
    )
    made: tally.Count = tally.count(question, aggregated(db, poll), found["rules"], lots=poll.lots)
    return made


def store(act: Act, poll: Poll, made: tally.Count) -> Poll:
    """Keep a Count. One that waits for a lot is kept too, but the poll is not tallied before the lot is entered."""
    act.may("poll.tally", poll.state)
    if [dict(lot) for lot in made.result.lots] != list(poll.lots):
        raise Conflict(
            "A lot was entered while the ballots were counted.",
            "The count does not know it.",
            "Start the count again.",
            "poll.lots",
        )
    poll.count = made.canonical()
    digest = hashlib.sha256(poll.count).hexdigest()
    if made.outcome != "awaiting lot":
        poll.state = "tallied"
    poll.seal = secrets.token_hex(16)
    act.record("poll.tallied", f"poll:{poll.public_id}", sealed=sealed(poll.seal, digest))
    return poll


def sealed(seal: str, digest: str) -> str:
    """A commitment to a count's hash: it fixes the count before the publication, and nobody can guess the count from it."""
    return hashlib.sha256(f"{seal}{digest}".encode()).hexdigest()


def draw(act: Act, poll: Poll, chosen: str, how: str) -> Poll:
    """Enter what the count asks for: who was drawn, and how; or the chair's casting vote, and why.

    It is an input of every recount; the ballots are to be counted again with it.
    """
    waiting = awaiting(poll)
    act.may("poll.casting" if waiting is not None and waiting["purpose"] == "casting" else "poll.draw", poll.state)
    if waiting is None:
        raise Conflict("No lot is wanted.", "The count does not stop at a tie.", "Reload the page.", "lot.none")
    casting = waiting["purpose"] == "casting"
    if chosen not in waiting["tied"]:
        raise DeliberateError(
            mark("Choose one side.") if casting else mark("The lot names somebody who is not tied."),
            mark("Tied are %(options)s.", options=", ".join(waiting["tied"])),
            "Choose one of them.",
            "lot.chosen",
            {"chosen": "Choose one of the tied options."},
        )
    if len(how.strip()) < 5:
        wanted = mark("Write a reason.") if casting else mark("Write who drew, how, and who saw it.")
        raise DeliberateError(
            mark("Give the reason of the casting vote.") if casting else mark("Say how the lot was drawn."),
            "Auditors read it.",
            wanted,
            "lot.how",
            {"how": wanted},
        )
    lot = {"round": waiting["round"], "purpose": waiting["purpose"], "tied": list(waiting["tied"]), "chosen": chosen}
    how = canonical.normal(how).strip()
    poll.lots, poll.lots_told, poll.state, poll.count = [*poll.lots, lot], [*poll.lots_told, how], "closed", None
    assert poll.ledger is not None
    told = hashlib.sha256(how.encode()).hexdigest()
    ledger.append(
        act.db, poll.ledger, "admin", at=act.now, by=act.actor.commitment, data={"act": "lot", "lot": lot, "how": told}
    )
    act.record("poll.drawn", f"poll:{poll.public_id}", lot=lot, how=told)
    return poll


def read(poll: Poll) -> dict[str, Any] | None:
    """The stored Count as a value, or None."""
    return None if poll.count is None else canonical.decode(poll.count, names=True)


def awaiting(poll: Poll) -> dict[str, Any] | None:
    """The tie at which the count stopped for a lot or for the chair's casting vote, if it did."""
    made = read(poll)
    if made is None or made["outcome"] not in ("awaiting lot", "tie"):
        return None
    last: dict[str, Any] = made["ties"][-1]
    return last


def unique(db: Session, poll: Poll) -> int:
    """How many rankings occur only once, where that may identify a voter; 0 where it cannot."""
    if poll.mode == "open" or poll.ballot != "ranking" or len(poll.options) < UNIQUE_FROM:
        return 0
    return sum(1 for row in aggregated(db, poll).rows if row.count == 1)


Decide = Callable[[Act, Poll, str], None]


def publish(act: Act, poll: Poll, decide: Decide, unique_accepted: bool = False) -> Poll:
    """Make a result final and public. What it decides (a motion, an amendment) follows in the same transaction.

    decide: called with the outcome. unique_accepted: the chair has seen the number of rankings that occur once.
    """
    act.may("poll.publish", poll.state)
    made = read(poll)
    assert made is not None and poll.count is not None and poll.ledger is not None
    lone = unique(act.db, poll)
    if lone and not unique_accepted:
        raise DeliberateError(
            mark_many("One ranking occurs only once.", "%(num)s rankings occur only once.", lone),
            "A voter who was told to use one of them could be recognised.",
            "Confirm that the ballots are to be published.",
            "poll.unique",
            {"unique": "Confirm this."},
        )
    if lone:
        ledger.append(
            act.db,
            poll.ledger,
            "admin",
            at=act.now,
            by=act.actor.commitment,
            data={"act": "publication", "level": poll.publication, "unique": lone},
        )
    digest = hashlib.sha256(poll.count).hexdigest()
    ledger.append(
        act.db,
        poll.ledger,
        "result",
        at=act.now,
        by=act.actor.commitment,
        data={"count": digest, "input": made["input"]["digest"], "code": __version__},
    )
    poll.state, poll.published_at = "published", act.now
    act.record(
        "poll.published",
        f"poll:{poll.public_id}",
        ledgers=polls.heads(poll),
        count=digest,
        seal=poll.seal,
        level=poll.publication,
    )
    decide(act, poll, made["outcome"])
    return poll


@dataclass(frozen=True)
class Voter:
    """One line of a roll call: who, from where, with which weight, and how; ``ballot`` is None for those who did not vote."""

    name: str
    section: str
    weight: str
    ballot: dict[str, Any] | None


def roll_call(db: Session, poll: Poll, q: str = "", limit: int = 50, offset: int = 0) -> tuple[list[Voter], int]:
    """Who voted how in an open poll, by name, and how many fit. Raises Conflict for every other mode."""
    if poll.mode != "open":
        raise Conflict("This poll has no roll call.", "It was not an open vote.", "", "poll.mode")
    query = (
        select(RollEntry.name, Member.section, RollEntry.weight, Participation.leaf)
        .select_from(RollEntry)
        .join(Member, Member.id == RollEntry.member_id)
        .outerjoin(Participation, (Participation.poll_id == RollEntry.poll_id) & (Participation.roll == RollEntry.roll))
        .where(RollEntry.poll_id == poll.id)
    )
    if q:
        like = f"%{q.lower().replace('%', '').replace('_', '')}%"
        query = query.where(func.lower(RollEntry.name).like(like) | func.lower(Member.section).like(like))
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.execute(query.order_by(RollEntry.name, RollEntry.roll).limit(limit).offset(offset)).all()
    bodies = dict(
        db.execute(
            select(LedgerEntry.hash, LedgerEntry.body).where(
                LedgerEntry.ledger_id == poll.ledger_id, LedgerEntry.hash.in_([leaf for *_, leaf in rows if leaf])
            )
        ).all()
    )
    return [
        Voter(
            name, section, canonical.exact(weight), canonical.decode(bodies[leaf])["data"]["ballot"] if leaf else None
        )
        for name, section, weight, leaf in rows
    ], total
