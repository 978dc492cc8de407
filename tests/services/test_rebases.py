"""Amendments when the text changes under them: they move over, wait, are met or fall; nobody's words are lost or undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from deliberate.core.drafting import clauses
from deliberate.core.errors import DeliberateError
from deliberate.models import Amendment, Motion, OutboxMessage, Version
from deliberate.services import amendments, motions, rebases, supports, versions
from deliberate.services.act import now
from deliberate.services.motions import Writing
from tests.services.hall import Hall

ROOFS = "The reserve pays 500 euro for roofs."


@pytest.fixture
def hall(engine):
    return Hall(engine)


def accept(hall, made, who="Ada"):
    return hall.do(who, lambda act: amendments.accept(act, hall.amendment(act.db, made)))


def put(hall, made):
    return hall.do("Carla", lambda act: amendments.put(act, hall.amendment(act.db, made)))


def carry(hall, made):
    return hall.do("Carla", lambda act: amendments.carry(act, hall.amendment(act.db, made), "P1: 5 > 3."))


def stands(hall, made):
    def look(db):
        found = hall.amendment(db, made)
        return found.state, found.texts[-1].collides, len(found.texts)

    return hall.see(look)


def mails(hall, kind):
    return hall.see(lambda db: sorted(db.scalars(select(OutboxMessage.to).where(OutboxMessage.kind == kind))))


def address(hall, *names):
    return sorted(hall.people[name].email for name in names)


def test_the_movers_edit_takes_amendments_along_and_tells_whom_it_hits(hall):
    motion_id = hall.motion()
    late = hall.amend(motion_id, "Bo", {"c2": "The board reports monthly."})
    rival = hall.amend(motion_id, "Cy", {"c1": "The reserve pays 900 euro for roofs."})
    same = hall.amend(motion_id, "Di", {"c1": "The reserve pays 700 euro for roofs."})
    hall.rewrite(motion_id, "Ada", "The reserve pays 700 euro for roofs.\n\nThe board reports yearly.", 1)
    assert stands(hall, late) == ("submitted", [], 2)
    assert stands(hall, rival) == ("submitted", [rebases.EDIT], 2)
    assert stands(hall, same)[0] == "met"
    assert mails(hall, "collision") == address(hall, "Cy")
    accept(hall, late)
    assert hall.text(motion_id) == ["The reserve pays 700 euro for roofs.", "The board reports monthly."]


def test_new_words_against_an_old_text_never_undo_the_new_one(hall):
    motion_id = hall.motion()
    mine = hall.amend(motion_id, "Bo", {"c2": "The board reports monthly."})
    accept(hall, hall.amend(motion_id, "Cy", {"c1": "The reserve pays 800 euro for roofs."}))

    def reword(act, seq):
        found = hall.amendment(act.db, mine)
        base = versions.version(found.motion, seq)
        old = versions.version(found.motion, 1)  # the page shows every clause, in the words of the first version
        text = amendments.edited(clauses.from_json(old.clauses), {"c1": ROOFS, "c2": "The board reports weekly."}, {})
        return amendments.reword(act, found, base, text)

    with pytest.raises(DeliberateError, match=r"amendment\.base_mismatch"):
        hall.do("Bo", lambda act: reword(act, 1))


def test_words_not_yet_sent_move_over_to_the_new_text(hall):
    motion_id = hall.motion()
    accept(hall, hall.amend(motion_id, "Cy", {"c1": "The reserve pays 800 euro for roofs."}))

    def look(db):
        motion = hall.get(db, motion_id)
        old, new = versions.version(motion, 1), versions.version(motion, 2)
        typed = {"c1": "The reserve pays 900 euro for roofs.", "c2": "The board reports monthly."}
        return amendments.moved(old, new, amendments.edited(clauses.from_json(old.clauses), typed, {"c2": "And more."}))

    found = hall.see(look)
    assert [c.text for c in found.text if c.id[0] in "cn"] == [
        "The reserve pays 800 euro for roofs.",
        "The board reports monthly.",
        "And more.",
    ]
    assert found.collided == (("c1", "The reserve pays 900 euro for roofs.", "The reserve pays 800 euro for roofs."),)


def test_a_form_sent_twice_is_one_amendment_even_after_the_text_changed(hall):
    motion_id = hall.motion()
    first = hall.amend(motion_id, "Bo", {"c2": "Other words."}, key="form-1")
    accept(hall, first)
    again = hall.amend(motion_id, "Bo", {"c2": "Other words."}, seq=1, key="form-1")
    assert again.id == first.id
    assert hall.see(lambda db: db.scalar(select(func.count()).select_from(Amendment))) == 1
    other = hall.amend(motion_id, "Cy", {"c2": "Quite other words."}, key="form-1")  # a key is its member's alone
    assert other.id != first.id


def test_a_form_sent_twice_is_one_motion(hall):
    made = [hall.do("Ada", lambda act: motions.propose(act, Writing("T", "x"), "key")).id for _ in range(2)]
    assert made[0] == made[1]
    assert hall.do("Bo", lambda act: motions.propose(act, Writing("T", "x"), "key")).id != made[0]
    assert hall.see(lambda db: sorted(db.scalars(select(Motion.number)))) == ["M1", "M2"]


def test_an_edit_sent_twice_is_one_version(hall):
    motion_id = hall.motion()
    for _ in range(2):
        hall.rewrite(motion_id, "Ada", "Other words.", 1)
    assert hall.see(lambda db: db.scalar(select(func.count()).select_from(Version))) == 2


def test_two_movers_edits_are_put_together(hall):
    motion_id = hall.motion()
    hall.rewrite(motion_id, "Ada", "The reserve pays 600 euro for roofs.\n\nThe board reports yearly.", 1)
    mine = Writing(
        "Warm homes", "The reserve pays 700 euro for roofs.\n\nThe board reports yearly, in May.", "Because it is cold."
    )
    with pytest.raises(DeliberateError, match=r"version\.conflict"):
        hall.do("Ada", lambda act: motions.edit(act, hall.get(act.db, motion_id), mine, 1))
    written, clashes = hall.see(lambda db: motions.merged(hall.get(db, motion_id), mine, 1))
    assert written.text == "The reserve pays 600 euro for roofs.\n\nThe board reports yearly, in May."
    assert [(c.left, c.right) for c in clashes] == [
        ("The reserve pays 700 euro for roofs.", "The reserve pays 600 euro for roofs.")
    ]
    written, clashes = hall.see(
        lambda db: motions.merged(
            hall.get(db, motion_id),
            Writing("Warm homes", ROOFS + "\n\nThe board reports yearly.\n\nNew.", "Because it is cold."),
            1,
        )
    )
    assert (written.text.endswith("New."), clashes) == (True, [])


def test_what_is_voted_on_is_not_undermined(hall):
    motion_id = hall.motion("debate")
    voted = hall.amend(motion_id, "Bo", {"c1": "The reserve pays 800 euro for roofs."})
    rival = hall.amend(motion_id, "Cy", {"c1": "The reserve pays 900 euro for roofs."})
    put(hall, voted)
    with pytest.raises(DeliberateError, match=r"amendment\.rival"):
        accept(hall, rival)
    with pytest.raises(DeliberateError, match=r"amendment\.rival"):
        put(hall, rival)
    with pytest.raises(DeliberateError, match=r"amendment\.state"):
        put(hall, voted)
    with pytest.raises(DeliberateError, match=r"amendment\.put"):
        hall.do("Carla", lambda act: amendments.none_put(act, hall.get(act.db, motion_id)))
    carry(hall, voted)
    hall.do("Carla", lambda act: amendments.none_put(act, hall.get(act.db, motion_id)))
    assert stands(hall, voted)[0] == "carried"
    assert stands(hall, rival) == ("submitted", ["M1-A1"], 2)
    assert hall.text(motion_id)[0] == "The reserve pays 800 euro for roofs."


def test_an_amendment_is_put_only_in_debate_or_when_the_text_is_fixed(hall):
    made = hall.amend(hall.motion(), "Bo", {"c1": "Other words."})
    with pytest.raises(DeliberateError, match="gathering support"):
        put(hall, made)


def test_carried_after_a_collision_it_falls_and_the_result_can_be_published(hall):
    motion_id = hall.motion("debate")
    voted = hall.amend(motion_id, "Bo", {"c1": "The reserve pays 800 euro for roofs."})
    put(hall, voted)

    def collide(act):
        hall.amendment(act.db, voted).texts[-1].collides = ["M1-A9"]

    hall.do("Carla", collide)
    carry(hall, voted)
    assert stands(hall, voted)[0] == "fallen"
    assert hall.see(lambda db: hall.amendment(db, voted).outcome_reason).startswith("P1: 5 > 3. But M1-A9")
    assert hall.text(motion_id)[0] == ROOFS


def test_what_the_text_came_to_say_while_it_was_voted_on_is_carried_without_a_new_version(hall):
    motion_id = hall.motion("debate")
    voted = hall.amend(motion_id, "Bo", {"c1": "The reserve pays 800 euro for roofs."})
    same = hall.amend(motion_id, "Cy", {"c1": "The reserve pays 800 euro for roofs."})
    put(hall, voted)
    accept(hall, same)
    assert stands(hall, voted) == ("put", [], 2)
    carry(hall, voted)
    assert stands(hall, voted)[0] == "carried"
    assert hall.see(lambda db: versions.latest(db, hall.get(db, motion_id)).seq) == 2


@pytest.mark.parametrize("end", ["withdrawn", "referred", "lapsed"])
def test_amendments_end_with_their_motion_and_say_why(hall, end):
    motion_id = hall.motion("debate" if end == "referred" else "submitted")
    made = hall.amend(motion_id, "Bo", {"c1": "Other words."})
    if end == "lapsed":
        later = now() + timedelta(days=22)
        hall.do(None, lambda act: supports.lapse(act, hall.get(act.db, motion_id)), later)
    else:
        name = {"withdrawn": "motion.withdraw", "referred": "motion.refer"}[end]
        who = "Ada" if end == "withdrawn" else "Carla"
        hall.do(who, lambda act: motions.move_on(act, hall.get(act.db, motion_id), name, "Bring it again next year."))
    assert stands(hall, made)[0] == "fallen"
    assert hall.see(lambda db: hall.amendment(db, made).outcome_reason)
    assert address(hall, "Bo")[0] in mails(hall, "decision")


def test_a_motion_without_enough_support_ends_by_the_clock(hall):
    motion_id = hall.motion()
    early = now() + timedelta(days=20)
    with pytest.raises(DeliberateError, match=r"motion\.time"):
        hall.do(None, lambda act: supports.lapse(act, hall.get(act.db, motion_id)), early)
    later = now() + timedelta(days=22)
    assert hall.see(lambda db: [m.id for m in supports.lapsed(db, later)]) == [motion_id]
    assert hall.see(lambda db: supports.lapsed(db, early)) == []
    with pytest.raises(DeliberateError, match=r"support\.late"):
        hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id)), later)
    made = hall.do(None, lambda act: supports.lapse(act, hall.get(act.db, motion_id)), later)
    assert (made.state, made.outcome_reason) == ("lost", "It did not gather the support it needed in time: 1 of 3.")


def test_nobody_supports_words_they_have_not_read(hall):
    motion_id = hall.motion()
    hall.rewrite(motion_id, "Ada", "Other words.", 1)
    with pytest.raises(DeliberateError, match=r"support\.version"):
        hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id), 1))
    assert hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id), 2)).have == 2


def test_clauses_are_added_at_the_beginning_and_among_the_reasons(hall):
    motion_id = hall.motion()
    made = hall.amend(motion_id, "Bo", {}, {"title": "First of all.", "reason.1": "It is also wet."})
    accept(hall, made)
    assert hall.text(motion_id)[0] == "First of all."
    reasons = hall.see(
        lambda db: [(c.id, c.text) for c in versions.parts(versions.latest(db, hall.get(db, motion_id))).reason]
    )
    assert reasons == [("reason.1", "Because it is cold."), ("reason.A1.1", "It is also wet.")]
