"""What lists of motions say of each: amendments, contributions, and the vote that is open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from deliberate.core.drafting import clauses
from deliberate.services import amendments, debate, motions, turnout
from deliberate.services.act import now
from tests.makers import make_act, make_assembly, make_cast, make_member, make_motion, make_poll, vote


@pytest.fixture
def chair(db):
    assembly = make_assembly(db)
    return make_act(db, assembly, make_member(db, assembly, "Carla Chair", ("chair",)))


def test_amendments_and_contributions_are_counted_without_what_is_hidden(db, chair):
    busy, quiet = make_motion(chair, "debate"), make_motion(chair, "debate")
    member = make_act(db, chair.assembly, make_member(db, chair.assembly, "Mo"))
    base = motions.latest(db, busy)
    first = clauses.from_json(base.clauses)[1]
    amendments.submit(
        member, busy, base, amendments.edited(clauses.from_json(base.clauses), {first.id: "Other words."}, {}), ""
    )
    said = debate.say(member, busy, "It is dear.", "against")
    debate.say(chair, busy, "It is not.", "neutral", said)
    hidden = debate.say(member, busy, "Something rude.", "neutral")
    hidden.hidden_at = now()
    db.flush()
    assert amendments.counts(db, [busy, quiet]) == {busy.id: 1}
    assert debate.counts(db, "motion", [busy.public_id, quiet.public_id]) == {busy.public_id: 2}
    assert amendments.counts(db, []) == {} and debate.counts(db, "motion", []) == {}


def test_the_vote_that_is_open_on_a_motion(engine):
    closes = now() + timedelta(days=2)
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_act(db, assembly, make_member(db, assembly, "Carla Chair", ("chair",)))
        voter = make_member(db, assembly, "Mo")
        put, waits = make_motion(chair, "fixed"), make_motion(chair, "fixed")
        poll = make_poll(chair, motion=put, closes_at=closes)
        make_poll(chair, motion=waits, opened=False)
        cast = make_cast(poll, voter, "yes")
    vote(engine, [cast])
    with Session(engine) as db:
        found = turnout.of_motions(db, [put, waits])
        assert set(found) == {put.id} and found[put.id][0] == closes
        assert (found[put.id][1].voted, found[put.id][1].roll) == (1, 2)
        assert turnout.of_motions(db, []) == {}
