"""Motions, amendments and the debate: the path from a draft to a decided text."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from deliberate.core.drafting import clauses
from deliberate.core.errors import DeliberateError
from deliberate.models import (
    Assembly,
    Comment,
    LedgerEntry,
    Mention,
    OutboxMessage,
    Report,
    SearchDocument,
    Version,
)
from deliberate.services import amendments, debate, ledger, motions, news, rebases, search, supports, versions
from deliberate.services.motions import Writing
from tests.services.hall import TEXT, Hall


@pytest.fixture
def hall(engine):
    return Hall(engine)


def meets(db, motion):
    return amendments.meets(motion, versions.latest(db, motion), rebases.of_motion(db, motion))


def test_support_until_the_threshold(hall):
    motion_id = hall.motion()
    assert hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id))).have == 2
    assert hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id))).have == 2
    hall.do("Bo", lambda act: supports.unsupport(act, hall.get(act.db, motion_id)))
    hall.do("Cy", lambda act: supports.support(act, hall.get(act.db, motion_id)))
    assert hall.do("Di", lambda act: supports.support(act, hall.get(act.db, motion_id))).reached
    with Session(hall.engine) as db:
        assert hall.get(db, motion_id).state == "seconded"
    with pytest.raises(DeliberateError, match=r"Rule 3\.6"):
        hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id)))


def test_a_mover_does_not_support_their_own(hall):
    motion_id = hall.motion()
    with pytest.raises(DeliberateError, match=r"support\.mover"):
        hall.do("Ada", lambda act: supports.support(act, hall.get(act.db, motion_id)))


def test_two_supports_at_once_are_one(hall):
    motion_id = hall.motion()
    odd = []

    def run():
        try:
            hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id)))
        except (IntegrityError, DBAPIError) as error:
            odd.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(hall.engine) as db:
        assert supports.backing(hall.act(db, "Di"), hall.get(db, motion_id)).have == 2


def test_versions_are_kept_and_a_stale_edit_is_refused(hall):
    motion_id = hall.motion()
    fresh = Writing(
        "Warm homes now", "The reserve pays 800 euro for roofs.\n\nThe board reports yearly.", "Because it is cold."
    )
    made = hall.do("Ada", lambda act: motions.edit(act, hall.get(act.db, motion_id), fresh, 1))
    assert made.seq == 2
    with Session(hall.engine) as db:
        motion = hall.get(db, motion_id)
        assert [[c["id"] for c in v.clauses] for v in motion.versions] == [["title", "c1", "c2", "reason.1"]] * 2
        assert motion.title == "Warm homes now"
    with pytest.raises(DeliberateError, match=r"version\.conflict"):
        hall.do("Ada", lambda act: motions.edit(act, hall.get(act.db, motion_id), TEXT, 1))
    with pytest.raises(DeliberateError, match=r"version\.same"):
        hall.do("Ada", lambda act: motions.edit(act, hall.get(act.db, motion_id), fresh, 2))
    with pytest.raises(DeliberateError, match=r"Rule 3\.3"):
        hall.do("Bo", lambda act: motions.edit(act, hall.get(act.db, motion_id), TEXT, 2))


@pytest.mark.parametrize(
    ("written", "field"),
    [(Writing("", "x"), "title"), (Writing("x", " \n "), "text"), (Writing("x" * 300, "y"), "title")],
)
def test_a_motion_needs_title_and_text(hall, written, field):
    with pytest.raises(DeliberateError) as refused:
        hall.do("Ada", lambda act: motions.propose(act, written))
    assert field in refused.value.fields


def test_co_movers_are_asked(hall):
    motion = hall.do("Ada", lambda act: motions.propose(act, Writing("T", "x", "", "Bo, Cy")))
    hall.do("Bo", lambda act: motions.answer_mover(act, hall.get(act.db, motion.id), True))
    hall.do("Cy", lambda act: motions.answer_mover(act, hall.get(act.db, motion.id), False))
    with Session(hall.engine) as db:
        assert {m.member.name: m.state for m in hall.get(db, motion.id).movers} == {"Bo": "accepted", "Cy": "declined"}
    with pytest.raises(DeliberateError, match=r"motion\.mover"):
        hall.do("Ada", lambda act: motions.propose(act, Writing("T", "x", "", "Nobody Here")))


def test_an_accepted_amendment_makes_a_version_and_others_move_over(hall):
    motion_id = hall.motion()
    first = hall.amend(motion_id, "Bo", {"c1": "The reserve pays 800 euro for roofs."})
    second = hall.amend(motion_id, "Cy", {"c1": "The reserve pays 500 euro for old roofs."}, {"c2": "A new clause."})
    rival = hall.amend(motion_id, "Di", {"c1": "The reserve pays 900 euro for roofs."})
    same = hall.amend(motion_id, "Carla", {"c1": "The reserve pays 800 euro for roofs."})
    with Session(hall.engine) as db:
        found = {(m.one, m.other): m.kind for m in meets(db, hall.get(db, motion_id))}
        assert found["M1-A1", "M1-A3"] == "clash"
        assert found["M1-A1", "M1-A4"] == "equal"
        assert found["M1-A1", "M1-A2"] == "sentence"
    hall.do("Ada", lambda act: amendments.accept(act, act.db.get_one(amendments.Amendment, first.id)))
    with Session(hall.engine) as db:
        motion = hall.get(db, motion_id)
        assert versions.latest(db, motion).seq == 2
        get = lambda made: db.get_one(amendments.Amendment, made.id)  # noqa: E731  a short name for a short test
        assert get(first).state == "accepted"
        assert get(same).state == "met"
        assert get(rival).texts[-1].collides == ["M1-A1"]
        _, after = amendments.changed_text(get(second))
        assert [c.text for c in after if c.id not in ("title", "reason.1")] == [
            "The reserve pays 800 euro for old roofs.",
            "The board reports yearly.",
            "A new clause.",
        ]
    with pytest.raises(DeliberateError, match=r"amendment\.collides"):
        hall.do("Ada", lambda act: amendments.accept(act, act.db.get_one(amendments.Amendment, rival.id)))
    with pytest.raises(DeliberateError, match=r"Rule 4\.2"):
        hall.do("Bo", lambda act: amendments.accept(act, act.db.get_one(amendments.Amendment, second.id)))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "amendment.none"),
        ({"c1": "The  reserve pays 500 euro for roofs."}, "amendment.none"),
        ({"c9": "x"}, "amendment.base_mismatch"),
        ({"title": " "}, "amendment.title"),
    ],
)
def test_amendments_that_change_nothing_or_elsewhere_are_refused(hall, changed, code):
    motion_id = hall.motion()
    with pytest.raises(DeliberateError) as refused:
        hall.amend(motion_id, "Bo", changed)
    assert refused.value.code == code


def test_ids_of_deleted_clauses_are_never_given_again(hall):
    motion_id = hall.motion()
    for n, text in enumerate(
        ["The reserve pays 500 euro for roofs.", "The reserve pays 500 euro for roofs.\n\nQuite new."], 1
    ):
        written = Writing("Warm homes", text, "Because it is cold.")
        hall.do("Ada", lambda act, w=written, n=n: motions.edit(act, hall.get(act.db, motion_id), w, n))
    with Session(hall.engine) as db:
        ids = [[c["id"] for c in v.clauses] for v in hall.get(db, motion_id).versions]
    assert ids[2] == ["title", "c1", "c3", "reason.1"]


def test_a_collided_amendment_waits_and_is_reworded_with_ids_that_the_text_lacks(hall):
    motion_id = hall.motion()
    first = hall.amend(motion_id, "Bo", {}, {"c1": "The same new clause."})
    second = hall.amend(motion_id, "Cy", {"c1": "The reserve pays 700 euro for roofs."}, {"c1": "The same new clause."})
    rival = hall.amend(motion_id, "Di", {"c1": "The reserve pays 900 euro for roofs."})
    hall.do("Ada", lambda act: amendments.accept(act, act.db.get_one(amendments.Amendment, rival.id)))
    hall.do("Ada", lambda act: amendments.accept(act, act.db.get_one(amendments.Amendment, first.id)))
    with Session(hall.engine) as db:  # its new clause is met, its other words still wait for their author
        waiting = db.get_one(amendments.Amendment, second.id)
        assert (waiting.state, waiting.texts[-1].collides, waiting.texts[-1].hunks) == ("submitted", ["M1-A3"], [])

    def reword(act):
        found = act.db.get_one(amendments.Amendment, second.id)
        base = versions.latest(act.db, found.motion)
        text = amendments.edited(clauses.from_json(base.clauses), {"A1.1": ""}, {"c2": "Another one."})
        return amendments.reword(act, found, base, text).texts[-1].hunks

    assert [(h["kind"], h.get("clause"), [c["id"] for c in h.get("clauses", ())]) for h in hall.do("Cy", reword)] == [
        ("delete", "A1.1", []),
        ("insert", None, ["A2.1"]),
    ]


def test_the_standing_orders_say_how_much_a_change_claims(hall):
    motion_id = hall.motion()
    hall.amend(motion_id, "Bo", {"c1": "The reserve pays 800 euro for roofs."})
    hall.amend(motion_id, "Cy", {"c1": "The reserve pays 500 euro for walls."})
    with Session(hall.engine) as db, db.begin():
        motion = hall.get(db, motion_id)
        assert [m.kind for m in meets(db, motion)] == ["sentence"]
        motion.assembly.orders = {**motion.assembly.orders, "claim_width": "sentence"}
        assert [m.kind for m in meets(db, motion)] == ["clash"]


def test_an_amendment_against_an_old_version_is_refused(hall):
    motion_id = hall.motion()
    with Session(hall.engine, expire_on_commit=False) as db:
        old = versions.latest(db, hall.get(db, motion_id))
    first = hall.amend(motion_id, "Bo", {"c1": "Other words."})
    hall.do("Ada", lambda act: amendments.accept(act, act.db.get_one(amendments.Amendment, first.id)))
    with pytest.raises(DeliberateError, match=r"amendment\.base_mismatch"):
        hall.do(
            "Cy",
            lambda act: amendments.submit(
                act,
                hall.get(act.db, motion_id),
                act.db.get_one(Version, old.id),
                amendments.edited(clauses.from_json(old.clauses), {"c2": "x"}, {}),
                "",
            ),
        )


def test_the_debate_keeps_its_history_and_its_tombstones(hall):
    motion_id = hall.motion()
    said = hall.do("Bo", lambda act: debate.say(act, hall.get(act.db, motion_id), "Good, @Cy?", "for"))
    answer = hall.do(
        "Cy", lambda act: debate.say(act, hall.get(act.db, motion_id), "Yes", parent=act.db.get_one(Comment, said.id))
    )
    hall.do("Bo", lambda act: debate.edit(act, act.db.get_one(Comment, said.id), "Very good, @Cy?"))
    with Session(hall.engine) as db:
        motion = hall.get(db, motion_id)
        found = debate.thread(db, "motion", motion.public_id)
        thread = found.top
        assert (found.total, thread[0].comment.text, thread[0].answers[0].comment.id) == (
            2,
            "Very good, @Cy?",
            answer.id,
        )
        assert [old.text for old in thread[0].comment.past] == ["Good, @Cy?"]
        assert [db.get_one(type(hall.people["Cy"]), m.member_id).name for m in db.scalars(select(Mention))] == ["Cy"]
        assert db.scalars(select(OutboxMessage)).one().kind == "mention"
    with pytest.raises(DeliberateError, match=r"debate\.reason"):
        hall.do("Mo", lambda act: debate.hide(act, act.db.get_one(Comment, said.id), "no"))
    with pytest.raises(DeliberateError, match=r"Rule 5\.3"):
        hall.do("Ada", lambda act: debate.hide(act, act.db.get_one(Comment, said.id), "I do not like it at all"))
    hall.do("Cy", lambda act: debate.report(act, act.db.get_one(Comment, said.id), "rude"))
    hall.do(
        "Mo", lambda act: debate.hide(act, act.db.get_one(Comment, said.id), "It speaks of people, not of reasons.")
    )
    with Session(hall.engine) as db:
        assert db.get_one(Comment, said.id).hidden_at is not None
        assert debate.waiting(db, hall.assembly) == []
        assert not search.find(db, db.get_one(Assembly, hall.assembly.id), "very good")
    with pytest.raises(DeliberateError, match=r"debate\.hidden"):
        hall.do("Bo", lambda act: debate.edit(act, act.db.get_one(Comment, said.id), "again"))


def test_a_double_press_says_it_once(hall):
    motion_id = hall.motion()
    for _ in range(2):
        hall.do("Bo", lambda act: debate.say(act, hall.get(act.db, motion_id), "Once"))
    with Session(hall.engine) as db:
        assert debate.thread(db, "motion", hall.get(db, motion_id).public_id).total == 1


def test_search_finds_words_and_beginnings(hall):
    motion_id = hall.motion()
    with Session(hall.engine) as db:
        assembly = db.get_one(Assembly, hall.assembly.id)
        wanted = hall.get(db, motion_id).public_id
        assert [hit.id for hit in search.find(db, assembly, "roof")] == [wanted]
        assert [hit.id for hit in search.find(db, assembly, "warm rep")] == [wanted]
        assert search.find(db, assembly, "swimming") == []
        assert search.find(db, assembly, "'\" OR * ) (") == []
        assert db.scalars(select(SearchDocument)).one().subject_kind == "motion"


def test_the_ledger_names_nobody_and_says_everything(hall):
    motion_id = hall.motion()
    hall.do("Bo", lambda act: supports.support(act, hall.get(act.db, motion_id)))
    with Session(hall.engine) as db:
        assembly = db.get_one(Assembly, hall.assembly.id)
        rows = ledger.read(db, assembly.ledger)
        assert [row.kind for row in rows] == ["assembly.founded", "motion.proposed", "motion.supported"]
        raw = b"".join(row.body for row in rows)
        assert b"Ada" not in raw and b"Bo" not in raw and b"@example.org" not in raw
        said = news.words(db, assembly, rows)
        assert said[1].thing[0] == "M1 Warm homes"
        assert [item.who for item in said] == ["", "Ada", "Bo"]


def test_the_database_refuses_to_change_a_ledger(hall):
    hall.motion()
    with Session(hall.engine) as db, pytest.raises(DBAPIError, match="append-only"):
        db.execute(LedgerEntry.__table__.update().values(kind="x"))
    with Session(hall.engine) as db, pytest.raises(DBAPIError, match="append-only"):
        db.execute(LedgerEntry.__table__.delete())


def test_states_follow_the_orders(hall):
    motion_id = hall.motion()
    for name in ("Bo", "Cy"):
        hall.do(name, lambda act: supports.support(act, hall.get(act.db, motion_id)))
    with pytest.raises(DeliberateError, match=r"Rule 3\.8"):
        hall.do("Ada", lambda act: motions.move_on(act, hall.get(act.db, motion_id), "motion.admit"))
    for step in ("motion.admit", "motion.fix", "motion.unfix"):
        hall.do("Carla", lambda act, step=step: motions.move_on(act, hall.get(act.db, motion_id), step))
    with pytest.raises(DeliberateError, match=r"motion\.reason"):
        hall.do("Carla", lambda act: motions.move_on(act, hall.get(act.db, motion_id), "motion.refer", "no"))
    hall.do("Ada", lambda act: motions.move_on(act, hall.get(act.db, motion_id), "motion.withdraw"))
    with Session(hall.engine) as db:
        assert hall.get(db, motion_id).state == "withdrawn"
    with pytest.raises(DeliberateError):
        hall.do("Bo", lambda act: debate.say(act, hall.get(act.db, motion_id), "Too late"))


def test_reasons_hold_nothing_that_cannot_be_seen(hall):
    hidden = "It speaks\u202e of people\u200b, not of\x00 reasons."
    motion_id = hall.motion("debate")
    said = hall.do("Bo", lambda act: debate.say(act, hall.get(act.db, motion_id), "A word about people."))
    hall.do("Ada", lambda act: debate.report(act, hall.comment(act.db, said), hidden))
    hall.do("Mo", lambda act: debate.hide(act, hall.comment(act.db, said), hidden))
    hall.do("Carla", lambda act: motions.move_on(act, hall.get(act.db, motion_id), "motion.refer", hidden))
    plain = "It speaks of people, not of reasons."
    assert hall.see(lambda db: hall.comment(db, said).hidden_reason) == plain
    assert hall.see(lambda db: db.scalar(select(Report.reason))) == plain
    assert hall.see(lambda db: hall.get(db, motion_id).outcome_reason) == plain
