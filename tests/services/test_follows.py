"""Following: how much one hears, and that a choice once made stands."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deliberate.core.errors import DeliberateError
from deliberate.models import Member, OutboxMessage
from deliberate.services import debate, follows, home, logins, motions, news
from tests.services.hall import TEXT, Hall


@pytest.fixture
def hall(engine):
    return Hall(engine)


def follow(hall, who, motion_id, level):
    return hall.do(who, lambda act: follows.follow(act, hall.get(act.db, motion_id), level))


def test_levels_say_who_is_told_of_a_decision(hall):
    motion_id = hall.motion("seconded")
    for who, level in (("Bo", "all"), ("Cy", "decisions"), ("Di", "none")):
        follow(hall, who, motion_id, level)
    hall.do("Carla", lambda act: motions.move_on(act, hall.get(act.db, motion_id), "motion.admit"))
    told = hall.see(lambda db: set(db.scalars(select(OutboxMessage.to).where(OutboxMessage.kind == "decision"))))
    assert told == {hall.people[name].email for name in ("Ada", "Bo", "Cy")}
    public_id = hall.see(lambda db: hall.get(db, motion_id).public_id)
    assert hall.see(lambda db: follows.followed(db, hall.people["Bo"])) == {("motion", public_id)}
    assert hall.see(lambda db: follows.followed(db, hall.people["Cy"])) == set()
    with pytest.raises(DeliberateError, match=r"follow\.level"):
        follow(hall, "Bo", motion_id, "loud")


def test_who_speaks_follows_unless_they_chose_otherwise(hall):
    motion_id = hall.motion()
    follow(hall, "Bo", motion_id, "none")
    for who in ("Bo", "Cy"):
        hall.do(who, lambda act: debate.say(act, hall.get(act.db, motion_id), "Words"))
    levels = {n: hall.do(n, lambda act: follows.level(act, hall.get(act.db, motion_id))) for n in ("Bo", "Cy", "Di")}
    assert levels == {"Bo": "none", "Cy": "all", "Di": "none"}
    assert hall.do(None, lambda act: follows.level(act, hall.get(act.db, motion_id))) == "none"


def test_asked_movers_and_hidden_authors_are_told(hall):
    motion = hall.do("Ada", lambda act: motions.propose(act, motions.Writing("T", "x", "", "Bo")))
    assert [m.id for m in hall.do("Bo", home.of_motions).asked] == [motion.id]
    assert hall.do("Cy", home.of_motions).asked == []
    hall.do("Bo", lambda act: motions.answer_mover(act, hall.get(act.db, motion.id), True))
    assert hall.do("Bo", home.of_motions).asked == []
    said = hall.do("Cy", lambda act: debate.say(act, hall.get(act.db, motion.id), "Rude words"))
    hall.do("Mo", lambda act: debate.hide(act, hall.comment(act.db, said), "It speaks of people, not of reasons."))
    hall.do("Mo", lambda act: debate.restore(act, hall.comment(act.db, said)))
    rows = hall.see(lambda db: db.execute(select(OutboxMessage.kind, OutboxMessage.to, OutboxMessage.text)).all())
    told = [(kind, to) for kind, to, _ in rows if kind != "decision"]
    bo, cy = hall.people["Bo"].email, hall.people["Cy"].email
    assert told == [("mover", bo), ("moderation", cy), ("moderation", cy)]
    hidden = next(text for kind, _, text in rows if kind == "moderation")
    assert "Rude words" in hidden and "not of reasons" in hidden and f"/motions/{motion.public_id}" in hidden


def test_a_mention_added_by_an_edit_is_told_once(hall):
    motion_id = hall.motion()
    said = hall.do("Bo", lambda act: debate.say(act, hall.get(act.db, motion_id), "Hello"))
    for words in ("Hello @Cy", "Hello @Cy!"):
        hall.do("Bo", lambda act, w=words: debate.edit(act, hall.comment(act.db, said), w))
    mails = hall.see(lambda db: list(db.scalars(select(OutboxMessage.to).where(OutboxMessage.kind == "mention"))))
    assert mails == [hall.people["Cy"].email]


def test_news_are_what_others_did_since_one_looked(hall):
    for _ in range(15):
        hall.do("Ada", lambda act: motions.propose(act, TEXT))

    def look(db):
        member = db.get_one(Member, hall.people["Bo"].id)
        items, more = news.since(db, member.assembly, member)
        return [item.idx for item in items], more

    ids, more = hall.see(look)
    assert (len(ids), more) == (12, 3)
    hall.do("Bo", lambda act: logins.looked(act.db, act.member, ids[0] - 1))  # one act came after the page was made
    assert hall.see(look) == ([ids[0]], 0)
    hall.do("Bo", lambda act: logins.looked(act.db, act.member, 10**9))
    hall.do("Bo", lambda act: logins.looked(act.db, act.member, 0))
    assert hall.see(look) == ([], 0)
