"""Casting: nothing is lost, nothing is doubled, whatever arrives at the same moment."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical, entries, merkle
from deliberate.core.ledger.entries import moment
from deliberate.models import Ledger, LedgerEntry, Participation, Pending, Poll, RollEntry
from deliberate.models import engine as make_engine
from deliberate.services import boxes, casting, ledger, polls, results
from deliberate.services.act import now
from tests.makers import make_act, make_assembly, make_cast, make_member, make_poll, vote

MODES = sorted(boxes.BOXES)


def hall(engine, voters=2, **over):
    """An open poll with so many voters; the poll, detached, and its voters."""
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
        members = [make_member(db, assembly) for _ in range(voters)]
        poll = make_poll(make_act(db, assembly, chair), **over)
    return poll, members, chair


def act_of(db, poll, chair):
    found = db.get_one(Poll, poll.id)
    return make_act(db, found.assembly, db.get_one(type(chair), chair.id)), found


def close(engine, poll, chair):
    with Session(engine) as db, db.begin():
        act, found = act_of(db, poll, chair)
        polls.close(act, found)


def kinds(engine, ledger_id):
    with Session(engine) as db:
        return list(
            db.scalars(select(LedgerEntry.kind).where(LedgerEntry.ledger_id == ledger_id).order_by(LedgerEntry.idx))
        )


def check_ledger(engine, ledger_id):
    """Index, prev, hashes and frontier of a ledger all fit together."""
    with Session(engine) as db:
        one = db.get_one(Ledger, ledger_id)
        rows = list(db.scalars(select(LedgerEntry).where(LedgerEntry.ledger_id == ledger_id).order_by(LedgerEntry.idx)))
        assert [row.idx for row in rows] == list(range(one.size))
        hashes = [merkle.leaf_hash(row.body) for row in rows]
        assert [row.hash for row in rows] == [found.hex() for found in hashes]
        assert merkle.Frontier.load(one.size, one.frontier).root() == merkle.root(hashes)
        if one.kind != "box":
            before = [None, *(row.hash for row in rows)]
            assert [canonical.decode(row.body).get("prev") for row in rows] == before[:-1]
            assert one.last == rows[-1].hash


@pytest.mark.parametrize("mode", MODES)
def test_eight_threads_lose_nothing(engine, mode):
    poll, members, chair = hall(engine, 400, mode=mode)
    writer = casting.Writer(engine, batch_ms=2, batch_size=32)
    groups = [members[n::8] for n in range(8)]

    def run(group):
        return [writer.cast(make_cast(poll, member, "yes")) for member in group]

    with ThreadPoolExecutor(8) as pool:
        leaves = [leaf for some in pool.map(run, groups) for leaf in some]
    writer.stop()
    assert len(set(leaves)) == 400
    close(engine, poll, chair)
    check_ledger(engine, poll.ledger_id)
    if mode == "open":
        assert kinds(engine, poll.ledger_id).count("cast") == 400
    else:
        check_ledger(engine, poll.box_id)
        assert kinds(engine, poll.ledger_id).count("participate") == 400
        with Session(engine) as db:
            stored = list(
                db.scalars(
                    select(LedgerEntry.hash).where(LedgerEntry.ledger_id == poll.box_id).order_by(LedgerEntry.idx)
                )
            )
            assert stored == sorted(leaves)
            assert db.scalar(select(func.count()).select_from(Pending)) == 0


@pytest.mark.parametrize("mode", MODES)
def test_a_repeated_form_gives_the_same_receipt(engine, mode):
    poll, (ada, _), _ = hall(engine, mode=mode)
    first = make_cast(poll, ada, "yes")
    again = boxes.Cast(first.poll_id, first.roll, first.ballot, first.key, "f" * 32, now())
    assert casting.store(engine, [first, again, again]) == [casting.store(engine, [again])[0]] * 3
    with Session(engine) as db:
        assert db.scalar(select(func.count()).select_from(Participation)) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_second_ballot_is_refused(engine, mode):
    poll, (ada, _), _ = hall(engine, mode=mode)
    first = make_cast(poll, ada, "yes", key="a" * 32)
    vote(engine, [first])
    for key in ("a" * 32, "b" * 32):
        (refused,) = casting.store(engine, [make_cast(poll, ada, "no", key=key)])
        assert isinstance(refused, DeliberateError) and refused.code == "ballot.already"


def test_two_tabs_at_once_store_one_ballot(engine):
    poll, members, _ = hall(engine, 20, mode="confidential")
    writer = casting.Writer(engine, batch_ms=1, batch_size=4)
    outcomes = []

    def run(member, mark):
        try:
            outcomes.append(writer.cast(make_cast(poll, member, mark)))
        except DeliberateError as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=run, args=(member, mark)) for member in members for mark in ("yes", "no")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.stop()
    assert outcomes.count("ballot.already") == 20
    with Session(engine) as db:
        assert db.scalar(select(func.count()).select_from(Pending)) == 20


def test_members_who_share_a_browser_have_each_their_own_ballot(engine):
    """The key that the browser keeps changes nobody's ballot but that of the member who cast it."""
    poll, (ada, bo), _ = hall(engine, mode="confidential")
    vote(engine, [make_cast(poll, ada, "yes", key="a" * 32)])
    vote(engine, [make_cast(poll, bo, "no", key="a" * 32)])
    with Session(engine) as db:
        said = sorted(canonical.decode(body)["data"]["ballot"]["marks"][0] for body in db.scalars(select(Pending.body)))
    assert said == ["no", "yes"]


def test_nobody_from_outside_the_roll_votes(engine):
    poll, (ada, _bo), chair = hall(engine)
    refused, good = casting.store(engine, [make_cast(poll, chair, "yes"), make_cast(poll, ada, "yes")])
    assert isinstance(refused, DeliberateError) and refused.code == "poll.voter"
    assert isinstance(good, str)


@pytest.mark.parametrize("mode", MODES)
def test_chains_of_changed_ballots(engine, mode):
    poll, (ada, bo), chair = hall(engine, mode=mode, revote="until_close")
    marks = ["yes", "no", "yes", "abstain", "no"]
    leaves = [vote(engine, [make_cast(poll, ada, mark, key="a" * 32)])[0] for mark in marks]
    leaves += vote(engine, [make_cast(poll, bo, "yes", key="b" * 32)])
    assert len(set(leaves)) == 6
    close(engine, poll, chair)
    check_ledger(engine, poll.ledger_id)
    with Session(engine) as db:
        found = db.get_one(Poll, poll.id)
        assert sorted(ballot["marks"][0] for ballot, _ in results.counted(db, found)) == ["no", "yes"]
        gone = results.superseded(db, found)
        assert {line["leaf"] for line in gone} == set(leaves[:4]) and {line["by"] for line in gone} == set(leaves[1:5])
        made = results.count(db, found)
        assert made.rounds[0].votes == {"Yes": "1", "No": "1", "Abstain": "0"}


def test_chains_within_one_batch(engine):
    poll, (ada, _), chair = hall(engine, mode="confidential", revote="until_close")
    leaves = vote(engine, [make_cast(poll, ada, mark, key="a" * 32) for mark in ("yes", "no", "abstain")])
    close(engine, poll, chair)
    with Session(engine) as db:
        found = db.get_one(Poll, poll.id)
        assert [ballot["marks"] for ballot, _ in results.counted(db, found)] == [["abstain"]]
        assert {line["leaf"] for line in results.superseded(db, found)} == set(leaves[:2])


def test_another_browser_cannot_change_a_confidential_ballot(engine):
    poll, (ada, _), _ = hall(engine, mode="confidential", revote="until_close")
    vote(engine, [make_cast(poll, ada, "yes", key="a" * 32)])
    (refused,) = casting.store(engine, [make_cast(poll, ada, "no", key="b" * 32)])
    assert isinstance(refused, DeliberateError) and "no link from you to your ballot" in refused.remedy


def test_nobody_changes_the_ballot_of_another_member(engine):
    """Bo, who has voted elsewhere, comes to the browser that keeps Ada's key."""
    poll, (ada, bo), _ = hall(engine, mode="confidential", revote="until_close")
    vote(engine, [make_cast(poll, ada, "yes", key="a" * 32), make_cast(poll, bo, "yes", key="b" * 32)])
    (refused,) = casting.store(engine, [make_cast(poll, bo, "no", key="a" * 32)])
    assert isinstance(refused, DeliberateError) and "only in the browser in which it was cast" in refused.remedy


@pytest.mark.parametrize("mode", MODES)
def test_after_the_close_no_ballot_is_taken(engine, mode):
    poll, (ada, bo), chair = hall(engine, mode=mode)
    vote(engine, [make_cast(poll, ada, "yes")])
    close(engine, poll, chair)
    (refused,) = casting.store(engine, [make_cast(poll, bo, "yes")])
    assert isinstance(refused, DeliberateError) and refused.code == "poll.closed"


def test_the_clock_closes_before_anybody_writes_it(engine):
    poll, (ada, bo), _ = hall(engine, closes_at=now() + timedelta(hours=1))
    early, late = make_cast(poll, ada, "yes"), make_cast(poll, bo, "yes", at=now() + timedelta(hours=2))
    good, refused = casting.store(engine, [early, late])
    assert isinstance(good, str)
    assert isinstance(refused, DeliberateError) and refused.code == "poll.closed"


@pytest.mark.parametrize("mode", MODES)
def test_casting_against_the_close(engine, mode):
    """Each ballot is either stored and counted, or refused: never acknowledged and then missing."""
    poll, members, chair = hall(engine, 60, mode=mode)
    writer = casting.Writer(engine, batch_ms=1, batch_size=3)
    stored = []

    def run(member):
        try:
            stored.append(writer.cast(make_cast(poll, member, "yes")))
        except DeliberateError as refused:
            assert refused.code == "poll.closed"

    threads = [threading.Thread(target=run, args=(member,)) for member in members]
    for thread in threads[:30]:
        thread.start()
    closing = threading.Thread(target=close, args=(engine, poll, chair))
    closing.start()
    for thread in threads[30:]:
        thread.start()
    for thread in [*threads, closing]:
        thread.join()
    writer.stop()
    check_ledger(engine, poll.ledger_id)
    with Session(engine) as db:
        source = poll.box_id or poll.ledger_id
        found = set(
            db.scalars(select(LedgerEntry.hash).where(LedgerEntry.ledger_id == source, LedgerEntry.kind == "cast"))
        )
        assert found == set(stored)
        assert db.scalar(select(func.count()).select_from(Participation)) == len(stored)


def test_a_batch_that_cannot_be_written_is_tried_one_by_one(engine):
    """A ballot for a poll that does not exist breaks its batch, and only itself."""
    poll, members, _ = hall(engine, 3, mode="confidential")
    bad = replace(make_cast(poll, members[1], "yes"), poll_id=999)
    writer = casting.Writer(engine, batch_ms=200, batch_size=3)
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(
                lambda cast: _try(writer, cast),
                [make_cast(poll, members[0], "yes"), bad, make_cast(poll, members[2], "no")],
            )
        )
    writer.stop()
    assert isinstance(answers[0], str) and isinstance(answers[2], str)
    assert isinstance(answers[1], DeliberateError) and answers[1].code == "ballot.store"


def _try(writer, cast):
    try:
        return writer.cast(cast)
    except DeliberateError as refused:
        return refused


def test_a_close_that_waited_is_later_than_the_last_ballot(engine):
    """A chair's request begins, ballots are stored while it waits for the ledger, then it closes: no verifier objects."""
    poll, (ada, _), chair = hall(engine, mode="open")
    began = now()
    time.sleep(0.01)
    vote(engine, [make_cast(poll, ada, "yes")])
    with Session(engine) as db, db.begin():
        act, found = act_of(db, poll, chair)
        polls.close(replace(act, now=began), found)
    with Session(engine) as db:
        rows = [
            canonical.decode(body)
            for body in db.scalars(
                select(LedgerEntry.body).where(LedgerEntry.ledger_id == poll.ledger_id).order_by(LedgerEntry.idx)
            )
        ]
        assert [row["kind"] for row in rows] == ["open", "cast", "close"]
        assert rows[2]["at"] >= rows[1]["at"]
        assert db.get_one(Poll, poll.id).closed_at.isoformat(timespec="milliseconds")[:23] == rows[2]["at"][:23]


def test_a_late_ballot_is_told_both_times(engine):
    poll, (ada, _), _ = hall(engine, closes_at=now() + timedelta(hours=1))
    late = make_cast(poll, ada, "yes", at=now() + timedelta(hours=2))
    (refused,) = casting.store(engine, [late])
    assert refused.code == "poll.closed"
    assert entries.moment(late.received) in refused.why and entries.moment(poll.closes_at) in refused.why


@contextmanager
def held(engine, poll):
    """Somebody else holds the lock that ballots need."""
    other = make_engine(engine.url)
    with other.connect() as connection, connection.begin():
        connection.execute(select(Ledger.id).where(Ledger.id == poll.ledger_id).with_for_update())
        if engine.dialect.name == "postgresql":
            with engine.begin() as mine:
                mine.exec_driver_sql("SELECT 1")
        yield
    other.dispose()


@pytest.mark.parametrize("mode", MODES)
def test_a_lock_that_stays_refuses_the_batch_together(migrated, tmp_path, mode):
    """A locked file is not a bad ballot: the batch is not tried one by one, which would take hours; nothing is stored."""
    file = tmp_path / "locked.sqlite"
    shutil.copy(migrated, file)
    made = make_engine(f"sqlite:///{file}", connect_args={"timeout": 0.1, "check_same_thread": False})
    event.listen(made, "connect", lambda dbapi, _: dbapi.execute("pragma busy_timeout=100").close())
    poll, members, _ = hall(made, 4, mode=mode)
    writer = casting.Writer(made, batch_ms=200, batch_size=4, patience=0.5)
    with held(made, poll):
        began = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda member: _try(writer, make_cast(poll, member, "yes")), members))
        assert time.monotonic() - began < 5
    assert {answer.code for answer in answers} == {"ballot.store"} and answers[0].status == 503
    with Session(made) as db:
        assert db.scalar(select(func.count()).select_from(Participation)) == 0
    assert isinstance(_try(writer, make_cast(poll, members[0], "yes")), str)  # and it goes on when the lock is gone
    writer.stop()
    made.dispose()


def test_a_lock_that_goes_is_waited_for(engine):
    poll, members, _ = hall(engine, 4)
    writer = casting.Writer(engine, batch_ms=50)
    with ThreadPoolExecutor(4) as pool:
        with held(engine, poll):
            waiting = [pool.submit(_try, writer, make_cast(poll, member, "yes")) for member in members]
            time.sleep(0.7)
            assert not any(answer.done() for answer in waiting)
        assert all(isinstance(answer.result(20), str) for answer in waiting)
    writer.stop()


def test_a_ballot_whose_voter_was_sent_away_is_not_stored_later(engine):
    """Who is told that the ballot was not stored can rely on it."""
    poll, (ada, bo), _ = hall(engine)
    writer = casting.Writer(engine, batch_ms=1)
    with ThreadPoolExecutor(1) as pool, held(engine, poll):
        first = pool.submit(_try, writer, make_cast(poll, ada, "yes"))  # the writer is busy with this one
        time.sleep(0.3)
        with pytest.raises(DeliberateError, match="in time") as refused:
            writer.cast(make_cast(poll, bo, "yes"), timeout=0.2)
        assert refused.value.why == "Your ballot was not stored."
    assert isinstance(first.result(20), str)
    writer.stop()
    with Session(engine) as db:
        assert polls.turnout(db, poll) == 1


def test_a_file_that_cannot_be_written_gives_no_receipt(migrated, tmp_path):
    file = tmp_path / "full.sqlite"
    shutil.copy(migrated, file)
    made = make_engine(f"sqlite:///{file}")
    poll, members, _ = hall(made, 2)
    full = make_engine(f"sqlite:///{file}")
    event.listen(full, "connect", lambda dbapi, _: dbapi.execute("pragma query_only=on").close())
    writer = casting.Writer(full)
    answer = _try(writer, make_cast(poll, members[0], "yes"))
    assert answer.code == "ballot.store" and "not stored" not in answer.remedy and answer.status == 503
    writer.stop()
    full.dispose()
    assert isinstance(casting.store(made, [make_cast(poll, members[0], "yes")])[0], str)
    made.dispose()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_dies_is_replaced(engine):
    """Its batch is told; who waits behind it is served by the next thread, without a call from anybody else."""
    poll, (ada, bo), _ = hall(engine)
    writer = casting.Writer(engine, batch_ms=1, batch_size=1)
    deaths = [SystemExit()]

    def die(*_):
        if deaths:
            raise deaths.pop()

    event.listen(engine, "begin", die)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda member: _try(writer, make_cast(poll, member, "yes")), (ada, bo)))
    event.remove(engine, "begin", die)
    writer.stop()
    assert [answer.code for answer in answers if not isinstance(answer, str)] == ["ballot.store"]
    with Session(engine) as db:
        assert polls.turnout(db, poll) == 1


def test_a_connection_that_breaks_at_the_commit_gives_one_ballot(engine):
    """Nobody knows whether a broken commit arrived. It is asked again, and the same leaf comes back."""
    poll, (ada, _), _ = hall(engine, mode="confidential")
    broken = []

    def break_after(connection):
        if not broken:
            broken.append(True)
            connection.connection.dbapi_connection.commit() if engine.dialect.name == "postgresql" else (
                connection.connection.dbapi_connection.execute("COMMIT").close()
            )
            error = OperationalError("COMMIT", None, Exception("server closed the connection"))
            error.connection_invalidated = True
            raise error

    event.listen(engine, "commit", break_after)
    cast = make_cast(poll, ada, "yes")
    (leaf,) = casting.store(engine, [cast])
    event.remove(engine, "commit", break_after)
    assert broken and casting.store(engine, [cast]) == [leaf]
    with Session(engine) as db:
        assert db.scalars(select(Pending.hash)).all() == [leaf]


def test_ballots_of_several_polls_in_one_batch(engine):
    first, members, chair = hall(engine, 2, mode="open")
    with Session(engine, expire_on_commit=False) as db, db.begin():
        act, _found = act_of(db, first, chair)
        second = make_poll(act, "irv", mode="confidential")
    leaves = vote(
        engine,
        [
            make_cast(first, members[0], "yes"),
            make_cast(second, members[0], "o1", "o2"),
            make_cast(first, members[1], "no"),
        ],
    )
    assert len(set(leaves)) == 3
    with Session(engine) as db:
        assert polls.turnout(db, first) == 2 and polls.turnout(db, second) == 1
        assert db.scalar(select(func.count()).select_from(RollEntry)) == 4


def test_a_close_that_waited_for_ballots_is_after_them(engine):
    """The close began first and was written last: its time is not before a ballot that it waited for."""
    poll, (ada, bo), chair = hall(engine, mode="open")
    began = now()
    vote(engine, [make_cast(poll, ada, "yes", at=began + timedelta(seconds=3)), make_cast(poll, bo, "yes", at=began)])
    with Session(engine) as db, db.begin():
        act, found = act_of(db, poll, chair)
        polls.close(replace(act, now=began), found)
        (said,) = [ledger.content(e)["at"] for e in ledger.read(db, found.ledger) if e.kind == "close"]
        assert said == moment(began + timedelta(seconds=3)) == moment(found.closed_at)


def test_a_form_that_waited_for_the_opening_is_not_before_it(engine):
    poll, (ada, bo), _ = hall(engine, mode="open")
    vote(engine, [make_cast(poll, ada, "yes", at=poll.opened_at - timedelta(seconds=1)), make_cast(poll, bo, "no")])
    with Session(engine) as db:
        first = next(e for e in ledger.read(db, db.get_one(Poll, poll.id).ledger) if e.kind == "cast")
        assert ledger.content(first)["at"] == moment(poll.opened_at)
