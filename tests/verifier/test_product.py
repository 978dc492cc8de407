"""Packages made by the product agree with the verifier, on either database, for every kind of poll."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from deliberate.core.drafting import clauses
from deliberate.core.ledger import checkpoint, receipt
from deliberate.models import Assembly, Ledger, Member, Motion, Poll
from deliberate.models import engine as make_engine
from deliberate.models.meta import Base
from deliberate.services import amendments, checkpoints, motions, packages, receipts, results
from tests.makers import KEY, make_act, make_assembly, make_member, make_motion, make_poll
from tests.verifier.product import build, check, publish


def test_receipts_and_kept_heads(engine, tmp_path):
    data, poll_id, leaves = build(engine)
    with Session(engine) as db, db.begin():
        for one in db.scalars(select(Ledger)):
            checkpoints.sign(db, one, KEY)
    with Session(engine) as db:
        poll = db.get_one(Poll, poll_id)
        found = receipts.find(db, poll, leaves[0], KEY, poll.closed_at)
        head = checkpoints.latest(db, poll.assembly.ledger)
        origin, box = poll.ledger.origin, poll.box.origin
    (tmp_path / "p").write_text(found.promise)
    (tmp_path / "t").write_text(found.proof)
    (tmp_path / "h").write_bytes(head.note)
    for given in (
        {"receipts": [str(tmp_path / "p")]},
        {"receipts": [str(tmp_path / "t")]},
        {"checkpoints": [str(tmp_path / "h")]},
    ):
        assert check(data, tmp_path, **given)["receipt"].result == "PASS", given
    lost = receipt.promise(box, "ab" * 32, "at the close", KEY)
    (tmp_path / "l").write_text(lost)
    assert "not kept" in check(data, tmp_path, receipts=[str(tmp_path / "l")])["receipt"].says
    forked = checkpoint.sign(checkpoint.Head(origin, 2, b"\x01" * 32), KEY)
    (tmp_path / "f").write_text(forked)
    assert check(data, tmp_path, checkpoints=[str(tmp_path / "f")])["receipt"].result == "FAIL"


def test_a_package_is_the_same_on_both_databases_and_twice(engine, tmp_path):
    data, poll_id, _ = build(engine, "scottish-stv", weights=(1, 2, 3, 1, 1), seats=2)
    assert packages.build(engine, poll_id, KEY)[1] == data
    assert not [f for f in check(data, tmp_path).values() if f.result == "FAIL"]


@pytest.mark.parametrize(("method", "mode"), [("motion", "confidential"), ("irv", "open")])
def test_a_poll_in_which_nobody_voted(engine, method, mode, tmp_path):
    data, *_ = (
        build(engine, method, mode, weights=(1,), ballots=[()])
        if method == "motion"
        else build(engine, method, mode, weights=("1/2", "3/2"), ballots=[("o1",), ("o2",)])
    )
    assert not [f.says for f in check(data, tmp_path).values() if f.result == "FAIL"]


def test_polls_on_an_amendment_and_on_its_motion(engine, tmp_path):
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
        ada, bo = make_member(db, assembly, "Ada"), make_member(db, assembly, "Bo")
        motion = make_motion(make_act(db, assembly, ada), "debate")
        base = motions.latest(db, motion)
        text = amendments.edited(clauses.from_json(base.clauses), {"c1": "The board buys three boilers."}, {})
        amendment = amendments.submit(make_act(db, assembly, bo), motion, base, text, "Two are too few.")
        poll = make_poll(make_act(db, assembly, chair), motion=motion, amendment=amendment)
    ballots = [(ada.id, ("yes",)), (bo.id, ("yes",))]
    found = check(publish(engine, poll.id, chair.id, ballots), tmp_path)
    assert {name: f.says for name, f in found.items() if f.result == "FAIL"} == {}
    with Session(engine, expire_on_commit=False) as db, db.begin():
        motion = db.get_one(Motion, motion.id)
        motion.state = "fixed"
        poll = make_poll(make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, chair.id)), motion=motion)
    found = check(publish(engine, poll.id, chair.id, ballots), tmp_path)
    assert {name: f.says for name, f in found.items() if f.result == "FAIL"} == {}


@pytest.mark.parametrize("method", ["plurality", "irv", "scottish-stv"])
def test_names_in_any_writing_are_counted_and_verified(engine, method, tmp_path):
    options = ("Zoe\u0308 \u00c5berg", '\u0414\u0430\u0448\u0430 "D" =1', "\u674e\u5a1c")
    data, poll_id, _ = build(engine, method, options=options)
    found = check(data, tmp_path)
    assert {name: f.says for name, f in found.items() if f.result == "FAIL"} == {}
    with Session(engine) as db:
        assert results.read(db.get_one(Poll, poll_id))["winners"][0] in {"Zo\u00eb \u00c5berg", *options[1:]}


@pytest.mark.parametrize("method", ["motion", "plurality", "irv", "scottish-stv"])
@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_a_poll_without_any_ballot(engine, method, mode, tmp_path):
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_member(db, assembly, "Carla", ("chair",))
        poll = make_poll(make_act(db, assembly, chair), method, mode=mode)
    found = check(publish(engine, poll.id, chair.id), tmp_path)
    assert {name: f.says for name, f in found.items() if f.result == "FAIL"} == {}


def test_a_package_is_the_same_from_either_database(migrated, copies, tmp_path):
    """The same rows in SQLite and in PostgreSQL give the same bytes."""
    file = tmp_path / "db.sqlite"
    shutil.copy(migrated, file)
    lite, other = make_engine(f"sqlite:///{file}"), make_engine(copies())
    data, poll_id, _ = build(lite, "irv", "open", weights=("3/2", 2, 3, 1, 1), options=("Zo\u00eb", "\u00c5sa", "Ali"))
    with lite.connect() as source, other.begin() as target:
        for table in Base.metadata.sorted_tables:
            if rows := [dict(row) for row in source.execute(select(table)).mappings()]:
                target.execute(insert(table), rows)
    assert packages.build(other, poll_id, KEY)[1] == data
    for one in (lite, other):
        one.dispose()
