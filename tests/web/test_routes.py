"""Every route x every role: who gets in is what the standing orders say. Every answer carries the security headers; none a stack trace."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from deliberate.core import orders
from deliberate.core.drafting import clauses
from deliberate.models import Assembly, Member
from deliberate.services import amendments, debate, drafts, motions, versions
from deliberate.services.motions import Writing
from deliberate.web.routes import ROUTES
from tests.makers import make_act, make_login, make_member, make_poll

OFFICES = ("chair", "secretary", "teller", "moderator", "auditor", "admin")
one_database = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""Who may do what is no matter of the database; that every page stands on both is what test_queries shows."""


@pytest.fixture
def town(house):
    """A motion, an amendment, a contribution, a draft and an open poll; a member with each office."""
    with Session(house.engine, expire_on_commit=False) as db, db.begin():
        for office in OFFICES:
            member = make_member(
                db, db.get_one(Assembly, house.assembly.id), f"The {office}", (office,), entitled=False
            )
            house.tokens[office] = make_login(db, member)
        ada = db.get_one(Member, house.members["Ada"].id)
        act = make_act(db, db.get_one(Assembly, house.assembly.id), ada)
        motion = motions.propose(act, Writing("Warm homes", "One clause.\n\nAnother clause."))
        base = versions.latest(db, motion)
        text = amendments.edited(clauses.from_json(base.clauses), {"c1": "One new clause."}, {})
        amendment = amendments.submit(act, motion, base, text, "Why not")
        said = debate.say(act, motion, "A good thing", "for")
        draft = drafts.save(act, Writing("A draft", "Text"))
        poll = make_poll(
            make_act(db, db.get_one(Assembly, house.assembly.id), db.get_one(Member, house.members["Carla"].id))
        )
        parts = {
            "motion": motion.public_id,
            "amendment": amendment.public_id,
            "comment": said.public_id,
            "draft": draft.public_id,
            "poll": poll.public_id,
            "member": ada.public_id,
            "login": "x",
            "token": "x",
            "role": "1",
            "import": "x",
            "idx": "0",
            "leaf": "0" * 64,
            "kind": "promise",
            "place": "ideas",
            "path": "definition.json",
        }
    return house, parts


def path(route, parts):
    made = re.sub(r"\{(\w+)(:[^}]*)?\}", lambda found: parts[found[1]], route.pattern)
    return made.replace("*", "")


def words(who):
    """The words of the standing orders that hold for each kind of visitor."""
    if who == "visitor":
        return {"anyone"}
    if who == "Ada":
        return {"anyone", "person", "member", "mover", "author", "voter"}
    if who == "Bo":
        return {"anyone", "person", "member", "voter"}
    return {"anyone", "person", who}


@one_database
@pytest.mark.parametrize("who", ["visitor", "Ada", "Bo", *OFFICES])
def test_who_gets_in_is_what_the_orders_say(town, who):
    house, parts = town
    browser = house.browser("" if who == "visitor" else who)
    for route in ROUTES:
        rule = orders.BY_ACT[route.act]
        allowed = "anyone" in rule.roles or bool(set(rule.roles) & words(who))
        response = browser.get(path(route, parts), status="*")
        refused = response.status_int == 403 and "orders." in response.text
        if not allowed:
            assert response.status_int in (403, 404, 409), (route.name, response.status_int)
            assert refused or response.status_int == 404, (route.name, response.status_int)
        else:
            assert not refused, (route.name, rule.number)
        assert response.status_int < 500, (route.name, response.status_int)
        assert "Traceback" not in response.text


@one_database
@pytest.mark.parametrize("who", ["visitor", "Bo", "auditor"])
def test_a_form_gets_in_by_the_same_orders(town, who):
    """Also with a good token: whoever may not do the act is refused before the view reads anything."""
    house, parts = town
    browser = house.browser("" if who == "visitor" else who)
    token = re.search(r'csrf-token" content="([^"]+)', browser.get("/orders").text)[1]
    for route in ROUTES:
        rule = orders.BY_ACT[route.act]
        if "anyone" in rule.roles or set(rule.roles) & words(who):
            continue
        response = browser.post(path(route, parts), {"csrf_token": token}, status="*")
        assert response.status_int in (403, 404), (route.name, response.status_int)
        assert response.status_int == 404 or f"Rule {rule.number}" in response.text, route.name


def test_every_route_names_an_act_of_the_orders():
    assert {route.act for route in ROUTES} <= set(orders.BY_ACT)


@one_database
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_answer_carries_the_headers(town, method):
    house, parts = town
    browser = house.browser()
    for route in ROUTES:
        response = getattr(browser, method)(path(route, parts), status="*")
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy, (
            route.name
        )
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response.status_int < 500, (route.name, response.status_int)


def test_a_form_without_its_token_is_refused(town):
    house, parts = town
    response = house.browser("Bo").post(f"/motions/{parts['motion']}/support", status="*")
    assert response.status_int == 400
    assert "form.csrf" in response.text


def test_a_form_from_another_site_is_refused(town):
    house, parts = town
    response = house.browser("Bo").post(
        f"/motions/{parts['motion']}/support", headers={"Sec-Fetch-Site": "cross-site"}, status="*"
    )
    assert response.status_int == 403


@pytest.mark.parametrize(
    "odd",
    [
        "/motions/%00",
        "/motions/..%2f..%2fetc",
        "/record/99999999999",
        "/?q=%ff",
        "/motions?page=-1",
        "/motions?page=x&show=%00",
        "/search?q=%22%27)(*%26",
        "/motions/" + "a" * 3000,
        "/members?q=%25",
    ],
)
def test_odd_addresses_get_a_page_and_no_trace(house, odd):
    response = house.browser("Sam").get(odd, status="*")
    assert response.status_int < 500, response.status_int
    assert "Traceback" not in response.text


def test_programs_get_errors_in_one_shape(house):
    response = house.browser().get("/polls/none.json", status="*")
    assert response.status_int == 404
    assert set(response.json) >= {"ok", "error", "code", "fields", "status"}
    assert response.json["ok"] is False
