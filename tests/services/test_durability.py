"""What was acknowledged is stored: kill -9 in the middle of casting, eight processes at once, a file that is really locked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.models import LedgerEntry, Member, Participation, Pending, Poll
from deliberate.models import engine as make_engine
from deliberate.services import casting, definitions, polls
from deliberate.services.boxes import Cast
from tests.makers import make_act, make_assembly, make_cast, make_member, make_poll

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from deliberate.models import engine
from deliberate.services.act import now
from deliberate.services.boxes import Cast
from deliberate.services.casting import Writer
url, poll, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
writer = Writer(engine(url), batch_ms=1)
from concurrent.futures import ThreadPoolExecutor
ballot = {"kind": "choice", "marks": ["yes"]}
def cast(pair):
    n, roll = pair
    leaf = writer.cast(Cast(poll, roll, ballot, f"{n:032x}", f"{n:032x}", now()))
    sys.stdout.write(f"{n} {roll} {leaf}\\n"); sys.stdout.flush()
pairs = [line.split() for line in sys.stdin]
with ThreadPoolExecutor(8) as pool:
    list(pool.map(cast, [(int(n), roll) for n, roll in pairs]))
"""


def hall(engine, voters, mode):
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
        members = [make_member(db, assembly) for _ in range(voters)]
        poll = make_poll(make_act(db, assembly, chair), mode=mode)
    return poll, [definitions.roll_id(member, poll) for member in members]


def start(engine, poll, pairs, mode):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, engine.url.render_as_string(hide_password=False), str(poll.id), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    process.stdin.write("".join(f"{n} {roll}\n" for n, roll in pairs))
    process.stdin.close()
    return process


def stored(engine, poll):
    """Leaf hashes of ballots, and the rolls that took part."""
    with Session(engine) as db:
        entries = list(
            db.scalars(
                select(LedgerEntry.hash).where(LedgerEntry.ledger_id == poll.ledger_id, LedgerEntry.kind == "cast")
            )
        )
        pending = list(db.scalars(select(Pending.hash)))
        rolls = list(db.scalars(select(Participation.roll).where(Participation.poll_id == poll.id)))
    return entries + pending, rolls


@pytest.mark.parametrize("mode", ["open", "confidential"])
@pytest.mark.parametrize("after", [0.05, 0.4])
def test_kill_in_the_middle_of_casting(engine, mode, after):
    """Never a receipt without a leaf, never a leaf twice, no acknowledged ballot lost; a retry gives the same receipt."""
    poll, rolls = hall(engine, 150, mode)
    process = start(engine, poll, list(enumerate(rolls)), mode)
    first = process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    told = [
        line.split()
        for line in (first + process.stdout.read()).splitlines()
        if len(line.split()) == 3 and len(line.split()[2]) == 64
    ]
    process.wait(10)
    process.stdout.close()
    process.stderr.close()
    leaves, took = stored(engine, poll)
    assert told
    assert {leaf for _, _, leaf in told} <= set(leaves)
    assert len(set(leaves)) == len(leaves) == len(took) == len(set(took))
    moment = make_cast(poll, type("M", (), {"salt": b"x" * 32})(), "yes").received
    for n, roll, leaf in told[:10]:
        again = Cast(poll.id, roll, {"kind": "choice", "marks": ["yes"]}, f"{int(n):032x}", f"{int(n):032x}", moment)
        assert casting.store(engine, [again]) == [leaf]
    assert len(stored(engine, poll)[0]) == len(leaves)


def test_eight_processes_lose_nothing(engine):
    poll, rolls = hall(engine, 160, "confidential")
    parts = [list(enumerate(rolls))[n::8] for n in range(8)]
    processes = [start(engine, poll, part, "confidential") for part in parts]
    told = []
    for process in processes:
        out, err = process.stdout.read(), process.stderr.read()
        assert process.wait(60) == 0, err
        process.stdout.close()
        process.stderr.close()
        told += [line.split()[2] for line in out.splitlines()]
    leaves, took = stored(engine, poll)
    assert len(told) == len(set(told)) == 160
    assert set(told) == set(leaves)
    assert len(set(took)) == 160


def test_a_file_that_is_really_locked_is_waited_for(migrated, tmp_path):
    """A writer that finds the file locked waits and succeeds; nothing is lost."""
    import shutil
    import threading

    file = tmp_path / "locked.sqlite"
    shutil.copy(migrated, file)
    made = make_engine(f"sqlite:///{file}")
    poll, rolls = hall(made, 1, "open")
    holder = make_engine(f"sqlite:///{file}")
    connection = holder.connect()
    connection.begin()
    release = threading.Timer(0.6, connection.rollback)
    release.start()
    answer = casting.store(made, [make_cast_for(poll, rolls[0])])
    assert isinstance(answer[0], str)
    release.join()
    connection.close()
    holder.dispose()
    with Session(made) as db:
        assert db.get_one(Poll, poll.id).state == "open"
    made.dispose()


def make_cast_for(poll, roll):
    from deliberate.services.act import now

    return Cast(poll.id, roll, {"kind": "choice", "marks": ["yes"]}, "a" * 32, "b" * 32, now())


CLOSE = """
import sys
from sqlalchemy.orm import Session
from deliberate.models import Member, Poll, engine
from deliberate.services import polls
from deliberate.services.act import Act, now
made = engine(sys.argv[1])
print("ready", flush=True)
with Session(made) as db, db.begin():
    poll, chair = db.get_one(Poll, int(sys.argv[2])), db.get_one(Member, int(sys.argv[3]))
    print("closing", flush=True)
    polls.close(Act(db, poll.assembly, now(), chair, chair.person), poll)
    print("flushed", flush=True)
print("closed", flush=True)
"""


@pytest.mark.parametrize(("word", "after"), [("closing", 0.03), ("flushed", 0), ("closed", 0)])
def test_kill_while_the_box_is_sealed(engine, word, after):
    """The flush and the close are one: a crash leaves every ballot waiting or every ballot sealed, never some of both."""
    poll, rolls = hall(engine, 120, "confidential")
    casts = [Cast(poll.id, roll, {"kind": "choice", "marks": ["yes"]}, f"{n:032x}", f"{n:032x}", poll.opened_at) for n, roll in enumerate(rolls)]
    promised = set(casting.store(engine, casts))
    with Session(engine) as db:
        chair = db.scalars(select(Member).where(Member.name == "Carla")).one().id
    process = subprocess.Popen(
        [sys.executable, "-c", CLOSE, engine.url.render_as_string(hide_password=False), str(poll.id), str(chair)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while process.stdout.readline().strip() not in (word, ""):
        pass
    time.sleep(after)
    process.kill()
    process.wait(10)
    process.stdout.close()
    with Session(engine) as db, db.begin():
        found = db.get_one(Poll, poll.id)
        sealed = list(db.scalars(select(LedgerEntry.hash).where(LedgerEntry.ledger_id == found.box_id).order_by(LedgerEntry.idx)))
        waiting = list(db.scalars(select(Pending.hash)))
        assert (len(sealed), len(waiting)) == ((0, 120) if found.state == "open" else (120, 0))
        assert word != "closed" or found.state == "closed"
        if found.state == "open":
            polls.close(make_act(db, found.assembly, db.get_one(Member, chair)), found)
            sealed = list(db.scalars(select(LedgerEntry.hash).where(LedgerEntry.ledger_id == found.box_id).order_by(LedgerEntry.idx)))
        assert sealed == sorted(promised) and found.state == "closed"
        kinds = list(db.scalars(select(LedgerEntry.kind).where(LedgerEntry.ledger_id == found.ledger_id)))
        assert kinds.count("close") == 1 and kinds[-1] == "close"
