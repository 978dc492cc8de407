"""Packages that the product makes, for tests of the verifier: how they are built, opened, packed again and checked."""

from __future__ import annotations

import io
import json
import zipfile

from sqlalchemy.orm import Session

from deliberate.core.formats import record
from deliberate.demo.ending import end
from deliberate.models import Member, Poll
from deliberate.services import packages
from deliberate.verifier import verify
from tests.makers import KEY, make_act, make_assembly, make_cast, make_member, make_poll, vote


def build(engine, method="irv", mode="confidential", weights=(1, 1, 1, 1, 1), ballots=None, **over):
    """A published poll: its package, the poll's id, and the leaf hashes of its ballots."""
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
        voters = [make_member(db, assembly, weight=weight) for weight in weights]
        poll = make_poll(make_act(db, assembly, chair), method, mode=mode, revote="until_close", **over)
    marks = ballots or (
        [("yes",), ("yes",), ("no",), ("abstain",), ()]
        if method == "motion"
        else [("o1",), ("o2",), ("o1",), ("o3",), ()]
        if method == "plurality"
        else [("o1", "o2"), ("o1",), ("o3", "o2"), ("o2", "o1"), ("o2",)]
    )
    casts = [
        make_cast(poll, voter, *mark, key=f"{n:032x}")
        for n, (voter, mark) in enumerate(zip(voters, marks, strict=False), 1)
    ]
    leaves = vote(engine, casts)
    if len(casts) > 1:
        again = ("no",) if method == "motion" else ("o1",) if method == "plurality" else ("o1", "o3")
        leaves += vote(engine, [make_cast(poll, voters[1], *again, key=f"{2:032x}")])
    return publish(engine, poll.id, chair.id), poll.id, leaves


def files(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(changed, sign=True, key=KEY):
    """A package of these files with a manifest that fits, signed by a key."""
    rest = {name: data for name, data in changed.items() if not name.startswith("manifest.")}
    definition = json.loads(changed["definition.json"])
    return (
        record.build(rest, definition["poll"], definition["origins"]["poll"], key)[1]
        if sign
        else record.archive(changed)
    )


def check(data, tmp_path, **given):
    path = tmp_path / "record.zip"
    path.write_bytes(data)
    report = verify(str(path), **given)
    found = {}
    for finding in report.findings:
        found.setdefault(finding.id, finding)
    return found


ALL = [(method, mode) for method in ("motion", "plurality", "irv", "scottish-stv") for mode in ("open", "confidential")]


def publish(engine, poll_id, chair_id, ballots=()):
    """Vote, close, tally and publish: the path of a file of a package."""
    with Session(engine, expire_on_commit=False) as db:
        poll = db.get_one(Poll, poll_id)
        casts = [make_cast(poll, db.get_one(Member, who), *marks) for who, marks in ballots]
    vote(engine, casts)
    end(engine, poll_id, lambda db: make_act(db, db.get_one(Poll, poll_id).assembly, db.get_one(Member, chair_id)))
    return packages.build(engine, poll_id, KEY)[1]
