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
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import merkle
from deliberate.models import Ledger, LedgerEntry, Participation, Pending, Poll, RollEntry
from deliberate.services.boxes import BOXES, BoxState, Cast, Cell, key_hash

log = structlog.get_logger()
CHUNK = 400  # rows named in one IN list
TRIES = 5


class Writer:
    """Takes ballots from many threads and writes them in batches from one."""

    def __init__(self, engine: Engine, batch_ms: int = 4, batch_size: int = 256) -> None:
        self.engine, self.wait, self.most = engine, batch_ms / 1000, batch_size
        self.waiting: queue.SimpleQueue[tuple[Cast, Future[str]] | None] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def cast(self, cast: Cast, timeout: float = 30) -> str:
        """Store a ballot and return its leaf hash, once it is durable. Raises DeliberateError if it is refused."""
        self._start()
        answer: Future[str] = Future()
        self.waiting.put((cast, answer))
        try:
            return answer.result(timeout)
        except TimeoutError:
            raise Conflict(
                "The ballot box did not answer in time.",
                "Your ballot may or may not be stored.",
                "Send the same form again: a ballot is never stored twice.",
                "ballot.busy",
                status=503,
            ) from None

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
            self._settle(batch)
            if ended:
                return

    def _gather(self, first: tuple[Cast, Future[str]]) -> tuple[list[tuple[Cast, Future[str]]], bool]:
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

    def _settle(self, batch: Sequence[tuple[Cast, Future[str]]]) -> None:
        """Write a batch; if the database refuses it, write its ballots one by one."""
        try:
            answers = store(self.engine, [cast for cast, _ in batch])
        except Exception as error:
            if len(batch) > 1:
                for one in batch:
                    self._settle([one])
                return
            log.error("ballot not stored", kind=type(error).__name__)
            batch[0][1].set_exception(
                Conflict(
                    "Your ballot could not be stored.",
                    "The database did not take it.",
                    "Send the form again in a minute.",
                    "ballot.store",
                    status=503,
                )
            )
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if isinstance(answer, DeliberateError):
                future.set_exception(answer)
            else:
                future.set_result(answer)


def store(engine: Engine, casts: Sequence[Cast]) -> list[str | DeliberateError]:
    """Write ballots in one transaction; per ballot its leaf hash, or the refusal. Tries again when the database is busy."""
    for attempt in range(TRIES):
        try:
            with engine.begin() as db:
                return _store(db, casts)
        except DBAPIError:
            if attempt == TRIES - 1:
                raise
            time.sleep(0.02 * 2**attempt)
    raise AssertionError("unreachable")


def _store(db: Connection, casts: Sequence[Cast]) -> list[str | DeliberateError]:
    answers: list[str | DeliberateError] = [""] * len(casts)
    by_poll: dict[int, list[int]] = defaultdict(list)
    for position, cast in enumerate(casts):
        by_poll[cast.poll_id].append(position)
    for poll_id, positions in sorted(by_poll.items()):
        for position, answer in zip(positions, _store_poll(db, poll_id, [casts[p] for p in positions]), strict=True):
            answers[position] = answer
    return answers


def _store_poll(db: Connection, poll_id: int, casts: Sequence[Cast]) -> list[str | DeliberateError]:
    poll: Any = db.execute(
        select(Poll.public_id, Poll.state, Poll.mode, Poll.revote, Poll.closes_at, Poll.ledger_id, Poll.box_id).where(
            Poll.id == poll_id
        )
    ).one()
    held: Any = db.execute(
        select(Ledger.size, Ledger.frontier, Ledger.last).where(Ledger.id == poll.ledger_id).with_for_update()
    ).one()
    # the close holds the same lock, so the state read now stays true until the commit
    state_now = db.scalar(select(Poll.state).where(Poll.id == poll_id))
    state = _load(db, poll_id, poll, held.last, casts)
    take = BOXES[poll.mode]
    answers: list[str | DeliberateError] = []
    for cast in casts:
        try:
            if state_now != "open" or (poll.closes_at is not None and cast.received > poll.closes_at):
                raise closed(poll.closes_at)
            answers.append(take(state, cast))
        except DeliberateError as refused:
            answers.append(refused)
    _write(db, poll_id, poll, held, state)
    return answers


def closed(_at: object) -> DeliberateError:
    return Conflict(
        "Voting in this poll is closed.",
        "Ballots count only if they arrive before the close, by the server's clock.",
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


def _write(db: Connection, poll_id: int, poll: Any, held: Any, state: BoxState) -> None:
    known = set(
        db.scalars(
            select(Participation.roll).where(
                Participation.poll_id == poll_id, Participation.roll.in_(list(state.joined))
            )
        )
        if state.joined
        else ()
    )
    fresh = [
        {"poll_id": poll_id, "roll": roll, "leaf": leaf, "key": key}
        for roll, (leaf, key) in sorted(state.joined.items())
        if roll not in known
    ]
    if fresh:
        db.execute(insert(Participation), fresh)
    for roll in sorted(known):
        leaf, key = state.joined[roll]
        db.execute(
            update(Participation)
            .where(Participation.poll_id == poll_id, Participation.roll == roll)
            .values(leaf=leaf, key=key)
        )
    if state.appended:
        frontier = merkle.Frontier.load(held.size, held.frontier)
        rows = []
        for kind, body in state.appended:
            leaf_hash = merkle.leaf_hash(body)
            rows.append(
                {
                    "ledger_id": poll.ledger_id,
                    "idx": frontier.size,
                    "hash": leaf_hash.hex(),
                    "kind": kind,
                    "subject": "",
                    "body": body,
                }
            )
            frontier.append(leaf_hash)
        db.execute(insert(LedgerEntry), rows)
        db.execute(
            update(Ledger)
            .where(Ledger.id == poll.ledger_id)
            .values(size=frontier.size, frontier=frontier.dump(), last=rows[-1]["hash"])
        )
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


def _chunks(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
