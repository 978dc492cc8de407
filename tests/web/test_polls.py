"""Polls prepared, opened, changed, void, and who may."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from deliberate.models import Assembly
from tests.makers import make_act, make_assembly, make_member, make_poll
from tests.web.polling import cast, count_and_publish, find, prepare, token, verified


def test_no_polls(house):
    assert "No poll here" in house.browser().get("/polls")


@pytest.mark.parametrize(
    ("quorum", "kind", "rule", "test", "outcome"),
    [
        ("2", "members", "Quorum: 2 members take part.", "2 &gt;= 2: quorum reached", "Carried"),
        ("3", "members", "Quorum: 3 members take part.", "2 &lt; 3: no quorum", "the quorum was not reached"),
        ("1/3", "share", "Quorum: 1/3 of the roll takes part.", "2 x 3 = 6 &gt;= 1 x 6 = 6", "Carried"),
        ("4", "votes", "members who hold 4 votes together take part.", "2 &lt; 4: no", "the quorum was not reached"),
        ("1/4", "votes-share", "members who hold 1/4 of all votes on the roll", "2 x 4 = 8 &gt;= 1 x 6", "Carried"),
    ],
)
def test_a_quorum_in_members_or_votes_as_number_or_share(house, quorum, kind, rule, test, outcome):
    """The form, the poll's page, the result and the auditor say the same quorum."""
    address = prepare(house, method="motion", mode="open", quorum=quorum, quorum_of=kind)
    assert rule in house.browser().get(address)
    for name in ("Ada", "Bo"):
        cast(house, name, address, choice="yes")
    result = count_and_publish(house, address)
    assert test in result and outcome in result and rule in result
    assert verified(house, address)


def test_a_quorum_that_nobody_could_reach_is_mended_before_the_opening(house):
    carla = house.browser("Carla")
    form = carla.get("/polls/new").forms[0]
    form["title"], form["method"], form["quorum"], form["quorum_of"] = "Boilers", "motion", "many", "members"
    page = form.submit(status=422)
    assert "Write a whole number of at least 1." in page and page.forms[0]["quorum_of"].value == "members"
    assert "One answer needs a look." in page
    form = page.forms[0]
    form["quorum"], form["quorum_of"] = "20", "share"
    page = form.submit(status=422)
    assert "For a number, such as 20, choose one beside it." in page and "{" not in page.html.find("main").text
    form = page.forms[0]
    form["quorum_of"] = "members"
    form = page.forms[0]
    form["quorum"] = "7"
    page = form.submit().follow()
    assert "MEND" in page and "The quorum is 7, and the whole roll has 6" in page
    page = carla.get(f"{page.request.path}/edit")
    form = page.forms[0]
    assert (form["quorum"].value, form["quorum_of"].value) == ("7", "members")
    form["quorum"] = "6"
    assert "MEND" not in form.submit().follow()


@pytest.mark.parametrize(
    ("method", "field", "policies", "says"),
    [
        (
            "irv",
            "ties",
            ["forwards", "declared"],
            "At a tie the first round in which they differ decides; failing that, the order",
        ),
        (
            "scottish-stv",
            "ties",
            ["previous", "lot"],
            "At a tie the round before decides; failing that, a lot is drawn.",
        ),
        ("plurality", "ties_once", ["declared"], "At a tie the order of the ballot decides: who stands first there"),
    ],
)
def test_a_tie_policy_is_chosen_frozen_told_and_counted(house, method, field, policies, says):
    address = prepare(house, method=method, options="Ada\nBo", **{field: ",".join(policies)})
    poll = find(house, address)
    assert (
        poll.rules["ties"] == policies
        and f'"ties":{json.dumps(policies, separators=(",", ":"))}'.encode() in poll.definition
    )
    assert says in house.browser().get(address) and says in house.browser().get(f"{address}/rules")
    if "lot" in policies:
        return
    for name, option in (("Ada", "o1"), ("Bo", "o2")):
        cast(house, name, address, **({"choice": option} if method == "plurality" else {f"rank_{option}": "1"}))
    count_and_publish(house, address)
    assert verified(house, address)
    made = house.browser().get(f"{address}.json").json["count"]
    assert made["winners"] == ["Ada"] and made["ties"][0]["policy"] == "declared"


def test_the_form_keeps_a_tie_policy_that_it_does_not_offer_itself(house):
    with Session(house.engine, expire_on_commit=False) as db, db.begin():
        carla = make_act(db, db.merge(house.assembly), db.merge(house.members["Carla"]))
        rules = {"ties": ["declared-first"], "tied_last": "all-together"}
        address = f"/polls/{make_poll(carla, opened=False, method='irv', options=('A', 'B'), rules=rules).public_id}"
    form = house.browser("Carla").get(f"{address}/edit").forms[0]
    assert form["ties"].value == "declared-first" and form["tied_last"].checked
    page = form.submit().follow()
    assert find(house, address).rules["ties"] == ["declared-first"]
    assert "All that are tied for last leave together" in page and "also to be excluded" in page
    form = house.browser("Carla").get(f"{address}/edit").forms[0]
    form["ties"].force_value("coin")
    page = form.submit(status=422)
    assert "Name some of: backwards" in page and "coin" not in page.forms[0]["ties"].value


def test_the_rules_of_a_poll_are_in_words(house):
    address = prepare(house, method="motion", mode="open", quorum="2", quorum_of="members", tie="casting")
    page = house.browser().get(f"{address}/rules")
    for words in (
        "votes for and against",
        "the chair has a casting vote",
        "2 members take part",
        "6 members, weight 6",
        "yes",
    ):
        assert words in page
    for code in ("<code>strict", "{&#34;", "[&#34;", "null", "<pre"):
        assert code not in page
    assert page.click("The same as JSON").json["rules"]["quorum"] == {"on": "turnout", "by": "heads", "number": 2}


def test_errors_keep_the_form_of_a_poll(house):
    form = house.browser("Carla").get("/polls/new").forms[0]
    form["title"], form["method"], form["options"], form["closes_at"] = "A seat", "irv", "Ada\nada", "2020-01-01T10:00"
    page = form.submit(status=422)
    assert "Two options are named" in page
    assert page.forms[0]["options"].value.split() == ["Ada", "ada"] and page.forms[0]["method"].value == "irv"
    assert page.forms[0]["closes_at"].value == "2020-01-01T10:00"
    form = page.forms[0]
    form["options"] = "Ada\nBo"
    page = form.submit(status=422)
    assert "The close lies before the opening" in page
    form = page.forms[0]
    form["method"], form["majority"], form["threshold"], form["closes_at"] = "motion", "other", "seven", ""
    page = form.submit(status=422)
    assert page.forms[0]["threshold"].value == "seven" and 'href="#threshold"' in page


def test_a_prepared_poll_can_be_changed(house):
    carla = house.browser("Carla")
    form = carla.get("/polls/new").forms[0]
    form["title"], form["method"], form["options"], form["closes_at"] = (
        "Board",
        "scottish-stv",
        "Ada | Mill\nBo\nCy",
        "",
    )
    form["seats"] = "2"
    page = form.submit().follow()
    edit = page.click("Change the poll").forms[0]
    assert edit["options"].value.splitlines() == ["Ada | Mill", "Bo", "Cy"] and edit["seats"].value == "2"
    edit["options"] = "Ada\nBo\nCy\nDi"
    assert "Di" in edit.submit().follow()


def test_who_may_not(house):
    address = prepare(house)
    ada = house.browser("Ada")
    page = ada.get(address)
    for path in ("/close", "/tally", "/publish", "/void", "/open", "/edit"):
        ada.post(address + path, {"csrf_token": token(page)}, status=403)
    visitor = house.browser()
    assert "Log in to vote" in visitor.get(address)
    visitor.get(f"{address}/ballot", status=403)


def test_a_void_poll_says_why(house):
    address = prepare(house)
    carla = house.browser("Carla")
    form = carla.get(f"{address}/void").forms[0]
    form["reason"] = "No"
    page = form.submit(status=422)
    assert page.forms[0]["reason"].value == "No"
    form = page.forms[0]
    form["reason"] = "The wrong text was put to the vote."
    assert "The wrong text was put to the vote." in form.submit().follow()
    house.browser("Ada").get(f"{address}/ballot", status=409)


def test_pages_ask_few_questions(house, queries):
    address = prepare(house, method="scottish-stv", seats="2", options="Ada\nBo\nCy", mode="open")
    for name, second in (("Ada", "2"), ("Bo", "2"), ("Cy", "3")):
        cast(house, name, address, **{"rank_o1": "1", f"rank_o{second}": "2"})
    for browser in (house.browser(), house.browser("Sam"), house.browser("Carla")):
        for path in (
            "/polls",
            address,
            f"{address}/rules",
            f"{address}/screen",
            f"{address}/record",
            f"{address}.json",
        ):
            asked = queries(lambda p=path, b=browser: b.get(p))
            assert len(asked) <= 12, (path, asked)
    assert len(queries(lambda: house.browser("Tove").get(f"{address}/ballot"))) <= 12
    count_and_publish(house, address, accept=True)
    house.browser().get(f"{address}/record.zip")
    for path in (
        address,
        f"{address}/rules",
        f"{address}/screen",
        f"{address}/record",
        f"{address}.json",
        f"{address}/record.zip",
    ):
        asked = queries(lambda p=path: house.browser("Sam").get(p))
        assert len(asked) <= 12, (path, asked)


def test_a_poll_that_could_not_open_at_its_time_tells_the_officers_why(house):
    with Session(house.engine) as db, db.begin():
        act = make_act(db, db.merge(house.assembly, load=False), db.merge(house.members["Carla"], load=False))
        make_member(db, act.assembly, "Half", weight="1/2")
        made = make_poll(act, "scottish-stv", opened=False, title="Late board", seats=2)
        made.opens_at = act.now - timedelta(hours=1)
        address = f"/polls/{made.public_id}"
    home = house.browser("Carla").get("/")
    assert "Late board did not open at its time." in home
    page = home.click("Late board did not open at its time")
    assert page.request.path == address
    assert "It did not open at its time" in page and "This method takes whole weights only" in page
    assert "did not open" not in house.browser("Ada").get("/")
    assert "did not open" in house.browser("Ada").get(address)


def test_who_is_logged_in_is_not_asked_to_log_in_by_an_archived_poll(house):
    with Session(house.engine) as db, db.begin():
        other = make_assembly(db, slug="elsewhere", name="Elsewhere")
        chair = make_member(db, other, "Ann", ("chair",))
        address = f"/polls/{make_poll(make_act(db, other, chair)).public_id}"
    assert "To your assembly" in house.browser("Ada").get(address)
    assert "To your assembly" not in house.browser().get(address)


@pytest.mark.parametrize("name", ["opens_at", "closes_at"])
@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59", "9999-12-31T23:59-14:00", "1e300"]
)
def test_a_time_that_no_zone_has_is_a_mistake_of_its_field(house, name, moment):
    carla = house.browser("Carla")
    page = carla.get("/polls/new")
    sent = {"title": "New boilers", "method": "motion", name: moment, "csrf_token": token(page)}
    answer = carla.post("/polls/new", sent, status=422)
    assert f'id="{name}-why"' in answer and "New boilers" in answer


@pytest.mark.parametrize("noun", ["motion", "amendment"])
def test_a_poll_about_nothing_is_not_prepared(house, noun):
    """A mistyped motion must not become a poll that decides no motion."""
    carla = house.browser("Carla")
    page = carla.get("/polls/new")
    sent = {"title": "New boilers", "method": "motion", noun: "x", "csrf_token": token(page)}
    assert f"There is no such {noun}" in carla.get(f"/polls/new?{noun}=x", status=404)
    assert f"There is no such {noun}" in carla.post("/polls/new", sent, status=404)


def test_a_poll_numbered_in_another_script_gives_its_files(house):
    """Headers are written in Latin letters only; the server refuses to send any other."""
    with Session(house.engine) as db, db.begin():
        db.get_one(Assembly, house.assembly.id).orders = {**house.assembly.orders, "poll_prefix": "\u6728"}
    address = prepare(house, method="motion", mode="open")
    page, _, browser = cast(house, "Ada", address, choice="yes")
    count_and_publish(house, address)
    receipt = page.request.path_info
    for file in (f"{receipt}.promise", f"{address}/record.zip"):
        said = browser.get(file).headers["Content-Disposition"]
        assert said.isascii() and "UTF-8''" in said and "%E6%9C%A81." in said
