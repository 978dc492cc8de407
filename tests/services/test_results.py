"""Results: counted from what is stored, lots, publication, what it decides, and a package that verifies itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core.errors import Conflict, DeliberateError, NotFound
from deliberate.models import LedgerEntry, Motion, Poll, RollEntry
from deliberate.services import (
    audits,
    checkpoints,
    decisions,
    definitions,
    ledger,
    packages,
    polls,
    reconciliation,
    results,
)
from tests.makers import KEY, make_act, make_assembly, make_cast, make_member, make_motion, make_poll, tally, vote


def nothing(_act, _poll, _outcome):
    """A decision that changes nothing."""


@pytest.fixture
def hall(engine):
    """Make a poll with voters, cast ballots, and hand out what a test needs."""

    class Hall:
        def poll(self, *ballots, weights=(), **over):
            with Session(engine, expire_on_commit=False) as db, db.begin():
                assembly = make_assembly(db)
                self.chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
                self.members = [
                    make_member(db, assembly, weight=weights[n] if n < len(weights) else 1)
                    for n in range(max(len(ballots), 3))
                ]
                self.id = make_poll(make_act(db, assembly, self.chair), **over).id
                poll = db.get_one(Poll, self.id)
                casts = [
                    make_cast(poll, member, *ballot, key=f"{n:032x}")
                    for n, (member, ballot) in enumerate(zip(self.members, ballots, strict=False))
                ]
            vote(engine, casts)
            return self

        def __call__(self, work):
            with Session(engine) as db, db.begin():
                poll = db.get_one(Poll, self.id)
                member = db.get_one(type(self.chair), self.chair.id)
                return work(make_act(db, poll.assembly, member), poll)

        def published(self, decide=nothing):
            self(tally)
            while waiting := self(lambda act, poll: results.awaiting(poll)):
                self(
                    lambda act, poll, w=waiting: results.draw(
                        act, poll, w["tied"][-1], "Drawn from a hat before two witnesses."
                    )
                )
                self(tally)
            self(lambda act, poll: results.publish(act, poll, decide, unique_accepted=True))
            return self

    return Hall()


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_weights_count(hall, mode):
    hall.poll(("yes",), ("no",), weights=("3/2", "1"), mode=mode)
    made = hall(lambda act, poll: results.read(tally(act, poll)))
    assert made["rounds"][0]["votes"] == {"Yes": "3/2", "No": "1", "Abstain": "0"} and made["outcome"] == "carried"
    assert made["rules"]["roll"] == {"heads": 3, "weight": "7/2"}


def test_a_count_is_the_same_each_time(hall):
    hall.poll(("o1", "o2"), ("o2",), ("o3", "o1"), ("o1",), method="irv")
    hall(lambda act, poll: polls.close(act, poll))
    assert len({hall(lambda act, poll: results.count(act.db, poll).canonical()) for _ in range(3)}) == 1


def test_an_open_poll_is_not_counted(hall):
    hall.poll(("yes",))
    with pytest.raises(Conflict, match="cannot be counted now"):
        hall(lambda act, poll: results.count(act.db, poll))


def test_below_the_quorum_nothing_is_carried(hall):
    hall.poll(("yes",), ("yes",), (), (), (), rules={"quorum": "3/4"})
    made = hall(lambda act, poll: results.read(tally(act, poll)))
    assert made["input"]["cast"] == 5 and made["outcome"] == "carried"  # blank ballots take part


def test_a_lot_is_an_input_of_every_recount(hall):
    hall.poll(("o1",), ("o2",), method="plurality")
    hall(tally)
    waiting = hall(lambda act, poll: results.awaiting(poll))
    assert set(waiting["tied"]) == {"Ada", "Bea"}
    for chosen, how, code in (("Cy", "Drawn from a hat.", "lot.chosen"), ("Ada", "", "lot.how")):
        with pytest.raises(DeliberateError) as refused:
            hall(lambda act, poll, c=chosen, h=how: results.draw(act, poll, c, h))
        assert refused.value.code == code
    hall(lambda act, poll: results.draw(act, poll, "Bea", "Tove drew a slip from a hat."))
    made = hall(lambda act, poll: results.read(tally(act, poll)))
    assert made["winners"] == ["Bea"] and made["lots"][0]["chosen"] == "Bea"
    with pytest.raises(Conflict):
        hall(lambda act, poll: results.draw(act, poll, "Ada", "Once more, please."))


def test_a_count_that_does_not_know_the_lots_is_not_kept(hall, engine):
    hall.poll(("o1",), ("o2",), method="plurality")
    hall(tally)
    with Session(engine) as db:
        old = results.count(db, db.get_one(Poll, hall.id))
    hall(lambda act, poll: results.draw(act, poll, "Bea", "Tove drew a slip from a hat."))
    with pytest.raises(Conflict) as refused:
        hall(lambda act, poll: results.store(act, poll, old))
    assert refused.value.code == "poll.lots"


def put_a_motion(act, poll):
    """The poll decides a motion of the chair, who is no member otherwise."""
    act.actor.entitled = True
    poll.motion = make_motion(act, "put")
    act.actor.entitled = False


def test_below_the_quorum_the_motion_is_not_lost(hall, engine):
    """Nothing was decided: the text stands as it did before the vote, and may be put again."""
    hall.poll(("yes",), rules={"quorum": "3/4"})

    hall(put_a_motion)
    hall.published(decisions.decide)
    with Session(engine) as db:
        assert db.scalars(select(Motion.state)).one() == "fixed"


def test_publication_decides_the_motion(hall, engine):
    hall.poll(("yes",), ("yes",), ("no",))

    hall(put_a_motion)
    hall.published(decisions.decide)
    with Session(engine) as db:
        found = db.scalars(select(Motion)).one()
        assert found.state == "carried" and found.outcome_reason == "P1: 2 for, 1 against, 0 abstained."
        kinds = db.scalars(select(LedgerEntry.kind).where(LedgerEntry.subject == f"motion:{found.public_id}")).all()
        assert kinds == ["motion.proposed", "motion.carried"]


def test_the_ledger_says_nothing_of_the_outcome_before_publication(hall, engine):
    hall.poll(("yes",))
    hall(tally)
    with Session(engine) as db:
        entry = db.scalars(select(LedgerEntry).where(LedgerEntry.kind == "poll.tallied")).one()
        assert set(ledger.content(entry)["data"]) == {"sealed"}


def test_unique_rankings_must_be_seen(hall):
    hall.poll(("o1", "o2"), ("o2",), ("o2",), method="irv", options=tuple("ABCDEF"))
    hall(tally)
    assert hall(lambda act, poll: results.unique(act.db, poll)) == 1
    with pytest.raises(DeliberateError) as refused:
        hall(lambda act, poll: results.publish(act, poll, nothing))
    assert refused.value.code == "poll.unique"


KINDS = {
    "motion open": {"ballots": (("yes",), ("no",), ("yes",), ()), "mode": "open"},
    "motion confidential": {
        "ballots": (("yes",), ("no",), ("abstain",), ("no",)),
        "rules": {"quorum": "1/2", "threshold": "2/3", "strict": False},
    },
    "motion weighted": {"ballots": (("yes",), ("no",), ("yes",)), "weights": ("3/2", "5", "1/3"), "mode": "open"},
    "choice": {"ballots": (("o1",), ("o2",), ("o2",), ()), "method": "plurality"},
    "irv": {"ballots": (("o1", "o2"), ("o2", "o1"), ("o3", "o2"), ("o1",), ("o2",), ("o2", "o3"), ()), "method": "irv"},
    "stv": {
        "ballots": (("o1", "o2"), ("o1", "o3"), ("o1",), ("o2", "o3"), ("o3",), ("o3", "o1"), ("o1", "o3")),
        "method": "scottish-stv",
        "seats": 2,
    },
    "stv open": {
        "ballots": (("o1", "o2"), ("o1", "o3"), ("o1",), ("o3",)),
        "method": "scottish-stv",
        "seats": 2,
        "mode": "open",
    },
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_package_verifies_itself(hall, engine, tmp_path, name):
    over = dict(KINDS[name])
    hall.poll(*over.pop("ballots"), **over, revote="until_close")
    with Session(engine) as db:
        poll = db.get_one(Poll, hall.id)
        marks = ("o2",) if poll.method != "motion" else ("no",)
        changed = make_cast(poll, hall.members[0], *marks, key=f"{0:032x}")
    vote(engine, [changed])
    checkpoints.sign_due(engine, KEY)
    hall.published()
    checkpoints.sign_due(engine, KEY)
    with Session(engine) as db:
        poll = db.get_one(Poll, hall.id)
        file = packages.stored(engine, poll, KEY, tmp_path)
        assert reconciliation.look(db, poll).balances, reconciliation.look(db, poll)
    found = audits.of(file)
    assert [one for one in found if one.result == "FAIL"] == []
    assert {one.id for one in found if one.result == "PASS"} >= {
        "integrity",
        "signature",
        "ledger",
        "eligibility",
        "revote",
        "tally",
        "formats",
    }
    assert audits.of(file) == found


def test_a_package_is_the_same_whenever_it_is_built(hall, engine):
    hall.poll(("yes",), ("no",)).published()
    before = packages.build(engine, hall.id, KEY)
    checkpoints.sign_due(engine, KEY)
    with Session(engine) as db, db.begin():  # other acts, and a later poll of the same assembly
        poll = db.get_one(Poll, hall.id)
        make_poll(make_act(db, poll.assembly, db.get_one(type(hall.chair), hall.chair.id)))
    checkpoints.sign_due(engine, KEY)
    assert packages.build(engine, hall.id, KEY) == before


def test_no_package_before_publication(hall, engine, tmp_path):
    hall.poll(("yes",))
    with pytest.raises(Conflict):
        packages.build(engine, hall.id, KEY)
    hall.published()
    with Session(engine) as db:
        file = packages.stored(engine, db.get_one(Poll, hall.id), KEY, tmp_path)
    assert packages.listing(file).size == file.stat().st_size
    with pytest.raises(NotFound):
        packages.member(file, "../ledger.key")


def test_the_roll_call_names_everybody(hall, engine):
    hall.poll(("yes",), ("no",), mode="open").published()
    with Session(engine) as db:
        poll = db.get_one(Poll, hall.id)
        call, total = results.roll_call(db, poll)
        assert total == 3 and sorted((voter.ballot or {"marks": ["-"]})["marks"][0] for voter in call) == [
            "-",
            "no",
            "yes",
        ]
        named, one = results.roll_call(db, poll, q=hall.members[0].name.upper())
        assert named[0].ballot["marks"] == ["yes"] and one >= 1
        assert results.roll_call(db, poll, limit=2, offset=2)[0] == call[2:]


def test_a_confidential_poll_has_no_roll_call(hall, engine):
    hall.poll(("yes",), mode="confidential").published()
    with Session(engine) as db, pytest.raises(Conflict):
        results.roll_call(db, db.get_one(Poll, hall.id))


def test_nothing_in_a_confidential_poll_links_member_and_ballot(hall, engine):
    hall.poll(("yes",), ("no",), mode="confidential")
    hall(lambda act, poll: polls.close(act, poll))
    with Session(engine) as db:
        poll = db.get_one(Poll, hall.id)
        box = [ledger.content(entry) for entry in ledger.read(db, poll.box)]
        assert all(
            set(entry) == {"v", "kind", "data"} and set(entry["data"]) == {"ballot", "nonce", "weight"} for entry in box
        )
        log = [ledger.content(entry) for entry in ledger.read(db, poll.ledger) if entry.kind == "participate"]
        assert all(set(entry) == {"v", "kind", "data", "prev"} and set(entry["data"]) == {"roll"} for entry in log)
        assert {entry["data"]["roll"] for entry in log} == {
            definitions.roll_id(member, poll) for member in hall.members[:2]
        }


def test_a_time_that_is_over_needs_no_close_to_be_written(hall):
    hall.poll(("yes",))
    hall(lambda act, poll: setattr(poll, "closes_at", act.now - timedelta(seconds=1)))
    assert hall(lambda act, poll: polls.stands(poll, act.now)) == "closed"


def test_a_member_who_takes_another_name_stays_in_the_record_as_they_voted(hall, engine):
    hall.poll(("yes",), ("no",), mode="open").published()
    before = packages.build(engine, hall.id, KEY)
    with Session(engine) as db, db.begin():
        db.get_one(type(hall.chair), hall.members[0].id).name = "Ada Newname"
    assert packages.build(engine, hall.id, KEY) == before
    with Session(engine) as db:
        names = {voter.name for voter in results.roll_call(db, db.get_one(Poll, hall.id))[0]}
    assert names == {member.name for member in hall.members}


def test_a_confidential_roll_holds_no_names(hall, engine):
    hall.poll(("yes",), mode="confidential")
    with Session(engine) as db:
        assert set(db.scalars(select(RollEntry.name))) == {""}
