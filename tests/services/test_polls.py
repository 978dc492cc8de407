"""Polls: what is frozen, who may, the clock, the void, and what is looked at before the opening."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from deliberate.core.errors import Conflict, DeliberateError, Forbidden, NotFound
from deliberate.models import LedgerEntry
from deliberate.services import definitions, home, ledger, polls, preflight, standing, turnout
from deliberate.services.act import now
from deliberate.verifier.counters import COUNTERS
from tests.makers import KEY, make_act, make_assembly, make_cast, make_member, make_motion, make_poll, vote

VKEY = KEY.verifier.vkey()


@pytest.fixture
def chair(db):
    assembly = make_assembly(db)
    member = make_member(db, assembly, "Carla Chair", ("chair",))
    make_member(db, assembly, "Mo")
    return make_act(db, assembly, member)


def entries(act, kind):
    return [
        ledger.content(row)
        for row in act.db.scalars(select(LedgerEntry).where(LedgerEntry.kind == kind).order_by(LedgerEntry.idx))
    ]


def test_opening_freezes_question_rules_and_roll(db, chair):
    poll = make_poll(chair)
    found = definitions.read(poll)
    assert poll.state == "open" and found["roll"]["size"] == 2 and found["roll"]["weight"] == "2"
    assert found["rules"]["roll"] == {"heads": 2, "weight": "2"}
    assert [o["id"] for o in found["options"]] == ["yes", "no", "abstain"]
    (said,) = entries(chair, "poll.opened")
    assert said["data"]["definition"] == hashlib.sha256(poll.definition).hexdigest()
    assert set(said["data"]["ledgers"]) == {"poll", "box"}


def test_members_who_join_later_do_not_vote(db, chair):
    poll = make_poll(chair)
    late = make_member(db, chair.assembly, "Late")
    assert standing.roll_of(make_act(db, chair.assembly, late), poll) is None
    with pytest.raises(Forbidden):
        polls.voter(make_act(db, chair.assembly, late), poll)
    assert polls.roll_size(db, poll) == 2


def test_the_roll_holds_those_entitled_today(db, chair):
    today = now().date()
    make_member(db, chair.assembly, "Gone", ended_on=today)
    make_member(db, chair.assembly, "Office only", entitled=False)
    make_member(db, chair.assembly, "Next year", joined_on=today + timedelta(days=30))
    assert definitions.read(make_poll(chair))["roll"]["size"] == 2


def test_an_open_poll_cannot_be_edited(chair):
    poll = make_poll(chair)
    with pytest.raises(Conflict, match="its rules are frozen"):
        polls.edit(chair, poll, polls.Spec("Another", "", "motion"))


def test_editing_replaces_options(db, chair):
    poll = make_poll(chair, "irv", opened=False)
    polls.edit(chair, poll, polls.Spec("Board", "", "scottish-stv", [("Di", "Mill"), ("Ed", "")], 1))
    db.expire_all()
    assert [(o.key, o.name, o.about) for o in poll.options] == [
        ("o1", "Di", "Mill"),
        ("o2", "Ed", ""),
    ] and poll.method == "scottish-stv"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"title": " "}, "title"),
        ({"method": "dictator"}, "method"),
        ({"method": "policy"}, "method"),
        ({"method": "irv", "options": ("Ada", "ADA")}, "options"),
        ({"method": "irv", "options": ()}, "options"),
        ({"method": "scottish-stv", "seats": 0}, "seats"),
        ({"rules": {"threshold": "3/2"}}, "threshold"),
        ({"rules": {"quorum": "most"}}, "quorum"),
        ({"method": "irv", "options": ("Ada", "Bea"), "rules": {"constraints": "young 1..: o1"}}, "constraints"),
        ({"opens_at": now() - timedelta(days=1)}, "opens_at"),
        ({"closes_at": now() - timedelta(days=1)}, "closes_at"),
        ({"opens_at": now() + timedelta(days=2), "closes_at": now() + timedelta(days=1)}, "closes_at"),
    ],
)
def test_a_mistake_names_its_field(chair, over, field):
    with pytest.raises(DeliberateError) as refused:
        make_poll(chair, opened=False, **over)
    assert field in refused.value.fields


def test_polls_are_counted_by_the_methods_that_the_verifier_repeats():
    assert set(polls.OFFERED) <= set(COUNTERS)


def test_who_may(db, chair):
    mo = make_act(db, chair.assembly, make_member(db, chair.assembly, "Sue", ("secretary",)))
    poll = make_poll(mo, opened=False)
    with pytest.raises(Forbidden, match=r"6\.3"):
        polls.open_(mo, poll, VKEY)
    polls.open_(chair, poll, VKEY)
    with pytest.raises(Forbidden):
        polls.close(mo, poll)


def test_the_clock_opens_and_closes(db, chair):
    moment = now()
    poll = make_poll(
        chair, opened=False, opens_at=moment + timedelta(minutes=1), closes_at=moment + timedelta(minutes=2)
    )
    assert polls.due(db, moment) == ([], [])
    later = make_act(db, chair.assembly, at=moment + timedelta(seconds=61))
    with pytest.raises(Conflict):
        polls.open_(make_act(db, chair.assembly, at=moment), poll, VKEY, clock=True)
    assert polls.due(db, later.now) == ([poll], [])
    polls.open_(later, poll, VKEY, clock=True)
    with pytest.raises(Conflict):
        polls.close(later, poll, clock=True)
    end = make_act(db, chair.assembly, at=moment + timedelta(minutes=2, seconds=1))
    assert polls.stands(poll, end.now) == "closed" and polls.due(db, end.now) == ([], [poll])
    polls.close(end, poll, clock=True)
    (said,) = entries(chair, "close")
    assert said["data"]["reason"] == "clock" and "by" not in said


def test_a_poll_closes_once(db, chair):
    poll = make_poll(chair)
    polls.close(chair, poll)
    with pytest.raises(Conflict):
        polls.close(chair, poll)
    assert len(entries(chair, "close")) == 1


def test_a_motion_in_debate_is_not_put(db, chair):
    motion = make_motion(chair, "debate")
    poll = make_poll(chair, opened=False, motion=motion)
    with pytest.raises(Conflict):
        polls.open_(chair, poll, VKEY)
    db.rollback()


def test_a_void_poll_gives_the_motion_back(db, chair):
    motion = make_motion(chair, "fixed")
    poll = make_poll(chair, motion=motion)
    assert motion.state == "put" and definitions.read(poll)["subject"]["motion"] == motion.public_id
    polls.void(chair, poll, "The wrong text was put to the vote.")
    assert motion.state == "fixed" and poll.state == "void"


def test_a_void_needs_a_reason_and_closes_the_box(db, chair):
    poll = make_poll(chair)
    with pytest.raises(DeliberateError) as refused:
        polls.void(chair, poll, "no")
    assert refused.value.fields
    polls.void(chair, poll, "The wrong text was put to the vote.")
    assert poll.state == "void" and poll.closed_at is not None
    assert "wrong text" not in str(entries(chair, "poll.voided"))


def test_what_waits_for_a_member(engine, db, chair):
    early, late, never = (
        make_poll(chair, closes_at=closes) for closes in (now() + timedelta(hours=1), now() + timedelta(hours=2), None)
    )
    make_poll(chair, opened=False)
    assert home.of_polls(chair).waiting == [early, late, never]
    cast = make_cast(early, chair.actor, "yes")
    db.commit()
    vote(engine, [cast])
    db.expire_all()
    assert home.of_polls(chair).waiting == [late, never]
    assert turnout.mine(chair, [early, late]) == {early.id: True, late.id: False}
    assert turnout.figures(db, [early])[early.id] == turnout.Figures(1, 2)


def found(act, poll):
    return {check.name: check.kind for check in preflight.look(act, poll).checks}


def test_preflight_says_what_to_consider(db, chair):
    poll = make_poll(chair, "irv", opened=False, options=tuple("ABCDEF"))
    assert found(chair, poll) == {
        "roll": "pass",
        "secrecy": "warn",
        "rankings": "warn",
        "options": "pass",
        "close": "warn",
    }
    for _ in range(10):
        make_member(db, chair.assembly)
    make_member(db, chair.assembly, weight=7)
    assert found(chair, poll)["weights"] == "warn"
    assert preflight.look(chair, poll).ready and preflight.look(chair, poll).weight == 19
    assert "secrecy" not in found(chair, make_poll(chair, opened=False, mode="open"))


def test_preflight_refuses_what_the_opening_would_refuse(db, chair):
    poll = make_poll(chair, "scottish-stv", opened=False)
    chair.actor.weight = chair.actor.weight / 2
    db.flush()
    assert found(chair, poll)["weights"] == "fail" and not preflight.look(chair, poll).ready
    with pytest.raises(Conflict):
        polls.open_(chair, poll, VKEY)


def test_fractions_that_add_up_to_a_whole_roll_are_refused_at_the_opening(db, chair):
    """By the clock, too: a count that fails after the close would come too late."""
    make_member(db, chair.assembly, weight="1/2")
    make_member(db, chair.assembly, weight="3/2")
    poll = make_poll(chair, "scottish-stv", opened=False)
    with pytest.raises(Conflict) as refused:
        polls.open_(chair, poll, VKEY)
    assert refused.value.code == "poll.weights"


def test_preflight_of_a_motion_whose_text_is_not_fixed(db, chair):
    poll = make_poll(chair, opened=False, motion=make_motion(chair, "debate"))
    assert found(chair, poll)["motion"] == "fail"


def test_two_spellings_of_one_name_are_one_name(chair):
    with pytest.raises(DeliberateError, match=r"poll\.options"):
        make_poll(chair, "plurality", ("Zo\u00eb", "Zoe\u0308"), opened=False)


def test_fractions_that_add_up_to_a_whole_are_fractions_all_the_same(db, chair):
    for _ in range(2):
        make_member(db, chair.assembly, weight="1/2")
    with pytest.raises(Conflict, match=r"poll\.weights"):
        make_poll(chair, "scottish-stv", seats=2)


def test_an_assembly_decides_only_its_own_motions(db, chair):
    elsewhere = make_assembly(db, slug="elsewhere")
    motion = make_motion(make_act(db, elsewhere, make_member(db, elsewhere, "Zed")), "fixed")
    with pytest.raises(NotFound, match="in this assembly"):
        make_poll(chair, motion=motion)
    assert motion.state == "fixed"


HIDDEN = "\u202e\u200b\ufeff\x00"


def test_nothing_that_cannot_be_seen_is_put_to_the_vote(db, chair):
    """Two options that look alike would split the votes of one; a text that runs backwards would mislead."""
    options = [(f"Ada{HIDDEN}  Berg", f"{HIDDEN}Gardener"), (HIDDEN, ""), ("Bo", "")]
    poll = make_poll(chair, "irv", opened=False)
    poll = polls.edit(chair, poll, polls.Spec(f"Who{HIDDEN}?", f"{HIDDEN}Choose.", "irv", options))
    assert (poll.title, poll.question) == ("Who?", "Choose.")
    assert [(option.name, option.about) for option in poll.options] == [("Ada Berg", "Gardener"), ("Bo", "")]
    for wrong in ({"title": HIDDEN}, {"options": [("Ada", ""), (f"A{HIDDEN}da", "")]}, {"options": [("x" * 201, "")]}):
        given = {"title": "Who?", "question": "", "method": "irv", "options": options, **wrong}
        with pytest.raises(DeliberateError):
            polls.edit(chair, poll, polls.Spec(**given))
    assert polls.void(chair, poll, f"A mistake in the names{HIDDEN}").void_reason == "A mistake in the names"


@pytest.mark.parametrize("threshold", ["0", "0/7", "0.0"])
def test_a_majority_of_nothing_is_refused(db, chair, threshold):
    with pytest.raises(DeliberateError) as refused:
        make_poll(chair, rules={"threshold": threshold, "strict": False})
    assert refused.value.fields
