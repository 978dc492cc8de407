"""The casting writer: one per process; it groups waiting ballots into one durable commit and answers after it.

A ballot that the rules refuse fails alone; a batch that the database refuses is tried again ballot by ballot.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import entries, merkle
from deliberate.core.sentences import mark
from deliberate.models import Ledger, LedgerEntry, Participation, Pending, Poll, RollEntry, is_busy, is_lost
from deliberate.services.boxes import BOXES, BoxState, Cast, Cell, key_hash

log = structlog.get_logger()
CHUNK = 400  # rows named in one IN list
PATIENCE = 20.0  # seconds for which a busy or lost database is asked again
PULSE = 1.0  # seconds between two looks of a waiting caller at the writer's thread
Item = tuple[Cast, "Future[str]"]


class Writer:
    """Takes ballots from many threads and writes them in batches from one."""

    def __init__(self, engine: Engine, batch_ms: int = 4, batch_size: int = 256, patience: float = PATIENCE) -> None:
        self.engine, self.wait, self.most, self.patience = engine, batch_ms / 1000, batch_size, patience
        self.waiting: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def cast(self, cast: Cast, timeout: float = 30) -> str:
        """Store a ballot and return its leaf hash, once it is durable. Raises DeliberateError if it is refused."""
        answer: Future[str] = Future()
        self.waiting.put((cast, answer))
        until = time.monotonic() + timeout
        while True:
            self._start()  # also when the thread died while this ballot was waiting
            try:
                return answer.result(min(PULSE, max(0.0, until - time.monotonic())))
            except TimeoutError:
                if time.monotonic() >= until:
                    raise _late(withdrawn=answer.cancel()) from None

    def stop(self) -> None:
        """Write what waits, then end the thread."""
        if self.thread is not None and self.thread.is_alive():
            self.waiting.put(None)
            self.thread.join(10)

    def _start(self) -> None:
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="casting", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while (first := self.waiting.get()) is not None:
            batch, ended = self._gather(first)
            self._settle([item for item in batch if item[1].set_running_or_notify_cancel()])
            if ended:
                return

    def _gather(self, first: Item) -> tuple[list[Item], bool]:
        batch, until = [first], time.monotonic() + self.wait
        while len(batch) < self.most:
            try:
                more = self.waiting.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if more is None:
                return batch, True
            batch.append(more)
        return batch, False

    def _settle(self, batch: Sequence[Item]) -> None:
        """Write a batch; if it holds something that the database refuses, write its ballots one by one."""
        if not batch:
            return
        try:
            answers = store(self.engine, [cast for cast, _ in batch], self.patience)
        except BaseException as error:
            if isinstance(error, Exception) and len(batch) > 1 and not (is_busy(error) or is_lost(error)):
                for one in batch:
                    self._settle([one])
                return
            log.error("ballots not stored", ballots=len(batch), kind=type(error).__name__)
            for _, future in batch:
                future.set_exception(_not_stored(unknown=is_lost(error)))
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if isinstance(answer, DeliberateError):
                future.set_exception(answer)
            else:
                future.set_result(answer)


def _late(withdrawn: bool) -> DeliberateError:
    return Conflict(
        "The ballot box did not answer in time.",
        mark("Your ballot was not stored.") if withdrawn else mark("Your ballot may or may not be stored."),
        "Send the same form again: a ballot is never stored twice.",
        "ballot.busy",
        status=503,
    )


def _not_stored(unknown: bool) -> DeliberateError:
    return Conflict(
        mark("Your ballot could not be stored.") if not unknown else mark("The connection to the ballot box broke."),
        mark("The database did not take it.") if not unknown else mark("Your ballot may or may not be stored."),
        "Send the same form again in a minute: a ballot is never stored twice. If this stays, tell the tellers.",
        "ballot.store",
        status=503,
    )


def store(engine: Engine, casts: Sequence[Cast], patience: float = PATIENCE) -> list[str | DeliberateError]:
    """Write ballots in one transaction; per ballot its leaf hash, or the refusal.

    A busy database, or one whose connection broke, is asked again for ``patience`` seconds. That is safe even if a
    broken commit did reach the disk: the same ballot under the same key is found, and answered with the same leaf.
    """
    until, pause = time.monotonic() + patience, 0.02
    while True:
        try:
            with engine.begin() as db:
                return _store(db, casts)
        except Exception as error:
            if not (is_busy(error) or is_lost(error)) or time.monotonic() + pause > until:
                raise
            time.sleep(pause)
            pause = min(2 * pause, 1.0)


def _store(db: Connection, casts: Sequence[Cast]) -> list[str | DeliberateError]:
    answers: list[str | DeliberateError] = [""] * len(casts)
    by_poll: dict[int, list[int]] = defaultdict(list)
    for position, cast in enumerate(casts):
        by_poll[cast.poll_id].append(position)
    for poll_id, positions in sorted(by_poll.items()):
        for position, answer in zip(positions, _store_poll(db, poll_id, [casts[p] for p in positions]), strict=True):
            answers[position] = answer
    return answers


LOCK = (
    select(Ledger.size, Ledger.frontier, Ledger.last)
    .where(Ledger.id == select(Poll.ledger_id).where(Poll.id == bindparam("poll")).scalar_subquery())
    .with_for_update()
)
POLL = select(
    Poll.public_id,
    Poll.state,
    Poll.mode,
    Poll.revote,
    Poll.opened_at,
    Poll.closes_at,
    Poll.closed_at,
    Poll.ledger_id,
    Poll.box_id,
).where(Poll.id == bindparam("poll"))


def _store_poll(db: Connection, poll_id: int, casts: Sequence[Cast]) -> list[str | DeliberateError]:
    held: Any = db.execute(LOCK, {"poll": poll_id}).one()
    # the close holds the same lock, so the state that is read after it stays true until the commit
    poll: Any = db.execute(POLL, {"poll": poll_id}).one()
    state = _load(db, poll_id, poll, held.last, casts)
    known = set(state.taken)
    take = BOXES[poll.mode]
    answers: list[str | DeliberateError] = []
    for cast in casts:
        try:
            if poll.state != "open" or (poll.closes_at is not None and cast.received > poll.closes_at):
                raise closed(cast.received, poll.closed_at or poll.closes_at)
            # a form that waited while the poll was being opened is of the moment of the opening, not before it
            answers.append(take(state, replace(cast, received=max(cast.received, poll.opened_at))))
        except DeliberateError as refused:
            answers.append(refused)
    _write(db, poll_id, poll, held, state, known)
    return answers


def closed(received: datetime, at: datetime | None) -> DeliberateError:
    """The refusal of a ballot that came too late, with both times."""
    late = mark("Ballots count only if they are in the box before the close, by the server's clock.")
    if at is not None:
        late = mark(
            "%(rule)s This one arrived at %(arrived)s; the close was at %(closed)s.",
            rule=late,
            arrived=entries.moment(received),
            closed=entries.moment(at),
        )
    return Conflict(
        "Voting in this poll is closed.",
        late,
        "Your ballot was not stored. The result page will show the count.",
        "poll.closed",
    )


def _load(db: Connection, poll_id: int, poll: Any, last: str, casts: Sequence[Cast]) -> BoxState:
    rolls = sorted({cast.roll for cast in casts})
    weights: dict[str, Any] = {}
    taken: dict[str, tuple[str, str]] = {}
    cells: dict[str, Cell] = {}
    for some in _chunks(rolls):
        weights.update(
            db.execute(
                select(RollEntry.roll, RollEntry.weight).where(RollEntry.poll_id == poll_id, RollEntry.roll.in_(some))
            ).all()
        )
        for row in db.execute(
            select(Participation).where(Participation.poll_id == poll_id, Participation.roll.in_(some))
        ):
            taken[row.roll] = (row.leaf, row.key)
    if poll.mode == "open":
        for leaves in _chunks(sorted(leaf for leaf, _ in taken.values())):
            for entry in db.execute(
                select(LedgerEntry.hash, LedgerEntry.body).where(
                    LedgerEntry.ledger_id == poll.ledger_id, LedgerEntry.hash.in_(leaves)
                )
            ):
                cells[entry.hash] = Cell(entry.hash, entry.body)
    else:
        for keys in _chunks(sorted({key_hash(poll.public_id, cast.key, cast.roll) for cast in casts})):
            for waits in db.execute(
                select(Pending.key, Pending.hash, Pending.body).where(
                    Pending.ledger_id == poll.box_id, Pending.key.in_(keys)
                )
            ):
                cells[waits.key] = Cell(waits.hash, waits.body)
    return BoxState(poll.public_id, poll.revote == "until_close", weights, taken, cells, last)


def _write(db: Connection, poll_id: int, poll: Any, held: Any, state: BoxState, known: set[str]) -> None:
    """Write what the box has decided. known: members on the roll who had taken part before this batch."""
    fresh = [
        {"poll_id": poll_id, "roll": roll, "leaf": leaf, "key": key}
        for roll, (leaf, key) in sorted(state.joined.items())
        if roll not in known
    ]
    if fresh:
        db.execute(insert(Participation), fresh)
    for roll in sorted(known & state.joined.keys()):
        leaf, key = state.joined[roll]
        db.execute(
            update(Participation)
            .where(Participation.poll_id == poll_id, Participation.roll == roll)
            .values(leaf=leaf, key=key)
        )
    if state.appended:
        _append(db, poll.ledger_id, held, state.appended)
    if state.moved:
        db.execute(delete(Pending).where(Pending.key.in_(state.moved)))
    if state.pending:
        db.execute(
            insert(Pending),
            [
                {"key": key, "ledger_id": poll.box_id, "hash": cell.leaf, "replaced": replaced, "body": cell.body}
                for key, (cell, replaced) in sorted(state.pending.items())
            ],
        )


def _append(db: Connection, ledger_id: int, held: Any, appended: Sequence[tuple[str, bytes]]) -> None:
    """Write entries (kind, body) to a ledger whose row is held, and its new head."""
    frontier = merkle.Frontier.load(held.size, held.frontier)
    rows = []
    for kind, body in appended:
        leaf = merkle.leaf_hash(body)
        row = {"ledger_id": ledger_id, "idx": frontier.size, "hash": leaf.hex(), "kind": kind, "subject": ""}
        rows.append({**row, "body": body})
        frontier.append(leaf)
    db.execute(insert(LedgerEntry), rows)
    db.execute(
        update(Ledger)
        .where(Ledger.id == ledger_id)
        .values(size=frontier.size, frontier=frontier.dump(), last=rows[-1]["hash"])
    )


def _chunks(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
