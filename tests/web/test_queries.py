"""Every page asks the database at most twelve questions, whoever looks, and however much it shows."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from deliberate.models import Assembly, Member
from deliberate.services import debate
from tests.makers import make_act, make_motion
from tests.web.town import paths

MOST = 12


@pytest.mark.parametrize("who", ["", "Ada", "Carla", "Root"])
def test_every_page_asks_few_questions(town, queries, who):
    house, names = town
    browser = house.browser(who)
    over = {}
    for route, path in paths(names):
        if route.startswith("poll.record") or route == "poll.package":
            browser.get(path, status="*")  # the first to ask for a record has its package made
        answer = []
        asked = queries(lambda p=path, a=answer: a.append(browser.get(p, status="*")))
        assert answer[0].status_int < 500, path
        if len(asked) > MOST:
            over[route] = asked
    assert not over, {route: (len(asked), asked) for route, asked in over.items()}


@pytest.mark.parametrize("who", ["Ada", "Root"])
def test_more_things_make_no_more_questions(town, queries, who):
    house, names = town
    browser = house.browser(who)
    big = next(m for m in names["motion"] if "Reason 3" in browser.get(f"/motions/{m}").text)
    for path in (f"/motions/{big}?page=2", f"/motions/{big}?page=3", f"/motions/{big}?part=2"):
        assert len(queries(lambda p=path: browser.get(p))) <= MOST
    listed = ("/", "/motions", "/record", "/moderation", f"/motions/{big}")
    before = {path: len(queries(lambda p=path: browser.get(p))) for path in listed}
    with Session(house.engine) as db, db.begin():
        act = make_act(db, db.get_one(Assembly, house.assembly.id), db.get_one(Member, house.members["Bo"].id))
        for n in range(20):
            debate.say(act, make_motion(act), f"Words {n}.")
    assert all(len(queries(lambda p=path: browser.get(p))) <= many <= MOST for path, many in before.items())
