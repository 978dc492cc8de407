"""Assemblies: standing orders are changed as an act, for what comes and never for what has begun."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deliberate.core.errors import Conflict, DeliberateError, Forbidden
from deliberate.models import LedgerEntry, Member
from deliberate.services import assemblies, invitations, ledger, motions
from deliberate.services.act import now, running
from tests.makers import make_act, make_assembly, make_member, make_motion, make_poll


@pytest.fixture
def hall(db):
    assembly = make_assembly(db)
    admin = make_member(db, assembly, "Root", ("admin",))
    mover = make_member(db, assembly, "Ada", section="North")
    for n in range(8):
        make_member(db, assembly, f"Other {n}", section="South")
    return make_act(db, assembly, admin), make_act(db, assembly, mover)


def test_a_change_is_an_entry_with_names_and_a_hash_and_no_text(hall):
    root, _ = hall
    changed = assemblies.change_orders(root, {"support_count": 7, "majority": "2/3", "preamble": "We meet\u202e on Mondays.\x00"})
    assert changed == ["majority", "preamble", "support_count"] and root.orders.preamble == "We meet on Mondays."
    assert (root.orders.support_count, root.orders.majority) == (7, "2/3")
    last = ledger.read(root.db, root.assembly.ledger)[-1]
    content = ledger.content(last)
    assert last.kind == "orders.changed" and content["data"]["changed"] == changed
    assert b"Mondays" not in last.body


def test_what_is_the_same_is_no_act(hall):
    root, _ = hall
    before = root.assembly.ledger.size
    assert assemblies.change_orders(root, {"support_count": root.orders.support_count}) == []
    assert root.assembly.ledger.size == before


def test_a_motion_keeps_the_rules_under_which_it_began(hall):
    root, ada = hall
    motion = make_motion(ada)
    assert motion.rules["need"] == 5
    assemblies.change_orders(root, {"support_count": 2})
    assert motion.rules["need"] == 5
    assert make_motion(ada, title="Another").rules["need"] == 2


def test_where_the_mover_is_support_enough_a_motion_is_seconded_at_once(hall):
    root, ada = hall
    assemblies.change_orders(root, {"support_count": 1})
    made = motions.propose(ada, motions.Writing("New boilers", "The board buys two boilers.", "", ""))
    assert made.state == "seconded"
    kinds = [entry.kind for entry in ada.db.scalars(select(LedgerEntry).order_by(LedgerEntry.idx))][-2:]
    assert kinds == ["motion.proposed", "motion.seconded"]


def test_only_an_admin_and_nothing_impossible(hall):
    root, ada = hall
    with pytest.raises(Forbidden):
        assemblies.change_orders(ada, {"support_count": 1})
    for given in ({"support_count": 11}, {"support_sections": 3}, {"majority": "7/6"}):
        with pytest.raises(DeliberateError) as refused:
            assemblies.change_orders(root, given)
        assert set(refused.value.fields) == set(given)
    assert root.orders.support_count == 5


def done(act):
    """The first steps that are done; None where no guide is shown."""
    steps = assemblies.first_steps(act)
    return {step.name for step in steps if step.done} if steps else None


def test_the_guide_of_a_new_assembly_ticks_what_is_done_and_goes_when_all_is(db):
    assembly = make_assembly(db)
    chair = make_act(db, assembly, make_member(db, assembly, "Carla", ("chair",)))
    assert done(chair) == set()
    assert [step.name for step in assemblies.first_steps(chair) if step.may] == ["motion.draft", "poll.prepare"]
    ada = make_act(db, assembly, make_member(db, assembly, "Ada"))
    assert done(chair) == {"member.import"} and done(ada) is None and done(make_act(db, assembly)) is None
    make_motion(ada)
    assert done(chair) == {"member.import", "motion.draft"}
    root = make_act(db, assembly, make_member(db, assembly, "Root", ("admin",)))
    for _ in range(2):
        make_member(db, assembly)
    assemblies.change_orders(root, {"support_count": 2})
    assemblies.change_orders(root, {"support_count": 5})  # back to what was proposed: they have been set all the same
    assert done(root) == {"member.import", "motion.draft", "orders.change"}
    make_poll(chair, opened=False)
    assert done(root) == {"member.import", "motion.draft", "orders.change", "poll.prepare"}
    invitations.issue(db, root.actor)  # the first officer's own, of the founding
    assert "member.invite" not in done(root)
    invitations.issue(db, ada.actor)
    assert done(chair) is None
    before = assembly.ledger.size
    assemblies.put_guide_away(chair)
    assert assembly.ledger.size == before


def test_the_guide_is_put_away_once_for_all_officers(db):
    assembly = make_assembly(db)
    chair = make_act(db, assembly, make_member(db, assembly, "Carla", ("chair",)))
    ada = make_act(db, assembly, make_member(db, assembly, "Ada"))
    with pytest.raises(Forbidden):
        assemblies.put_guide_away(ada)
    before = assembly.ledger.size
    assemblies.put_guide_away(chair)
    assemblies.put_guide_away(chair)
    assert assembly.ledger.size == before + 1 and done(chair) is None
    assert done(make_act(db, assembly, make_member(db, assembly, "Sam", ("secretary",)))) is None


URL = "http://localhost/invitation/{token}"
BEGUN = {
    "name": "Café Union",
    "timezone": "Europe/Paris",
    "officer": ("Ada Ek", " Ada@Example.org"),
    "origin": "vote.example.org",
    "url": URL,
}


def test_an_installation_begins_with_one_officer_who_is_invited(db):
    made, token = assemblies.begin(db, **BEGUN, now=now())
    first = db.scalars(select(Member)).one()
    assert (made.slug, made.timezone, first.email) == ("cafe-union", "Europe/Paris", "ada@example.org")
    assert running(first, now()) == {"admin", "secretary", "chair", "member"}
    assert invitations.accept(db, token).name == "Ada Ek"
    kinds = [entry.kind for entry in ledger.read(db, made.ledger)]
    assert kinds == ["assembly.founded", "member.added", *["role.granted"] * 3, "member.invited", "member.joined"]
    with pytest.raises(Conflict) as refused:
        assemblies.begin(db, **BEGUN, now=now())
    assert refused.value.code == "assembly.full"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "  "}, "assembly.name"),
        ({"name": "x" * 201}, "assembly.name"),
        ({"officer": ("=cmd()", "a@example.org")}, "assembly.name"),
        ({"officer": ("", "a@example.org")}, "assembly.name"),
        ({"officer": ("Ada", "nobody")}, "assembly.email"),
        ({"timezone": "Mars/North"}, "assembly.timezone"),
    ],
)
def test_what_cannot_begin_is_refused(db, given, code):
    with pytest.raises(DeliberateError) as refused:
        assemblies.begin(db, **{**BEGUN, **given}, now=now())
    assert refused.value.code == code
