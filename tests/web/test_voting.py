"""The ballot: marked, reviewed, cast, changed, proved by its receipt."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.models import Participation
from deliberate.services import checkpoints
from tests.makers import make_login, make_member
from tests.web.polling import cast, count_and_publish, find, prepare, token


def test_a_choice_with_a_blank_ballot(house):
    address = prepare(house, method="plurality", options="Park\nPool")
    cast(house, "Ada", address, choice="o2")
    cast(house, "Bo", address, choice="blank")
    result = count_and_publish(house, address)
    assert "Pool is elected" in result and "Pool has 1 of 1 vote" in result


def test_the_same_form_twice_gives_the_same_receipt(house):
    for mode in ("open", "confidential"):
        address = prepare(house, mode=mode)
        receipt, sent, _ = cast(house, "Ada", address, choice="yes")
        again = sent.submit().follow()
        assert again.request.path == receipt.request.path
        with Session(house.engine) as db:
            poll = find(house, address)
            assert (
                db.scalar(select(func.count()).select_from(Participation).where(Participation.poll_id == poll.id)) == 1
            )


def test_a_second_form_is_refused(house):
    for mode in ("open", "confidential"):
        address = prepare(house, mode=mode)
        second = house.browser("Ada").get(f"{address}/ballot").forms["ballot"]
        cast(house, "Ada", address, choice="yes")
        second["choice"] = "no"
        refused = second.submit().forms[0].submit(status=409)
        assert "You have already voted in this poll." in refused
        assert refused.click("Back to the poll").request.path == address


def test_another_browser_says_at_once_that_it_cannot_change_a_confidential_ballot(house):
    for mode, status in (("open", 200), ("confidential", 409)):
        address = prepare(house, mode=mode, revote="until_close")
        _, _, own = cast(house, "Ada", address, choice="yes")
        assert own.get(f"{address}/ballot").status_int == 200
        other = house.browser("Ada").get(f"{address}/ballot", status=status)
        assert ("only in the browser in which it was cast" in other) == (mode == "confidential")


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_a_changed_ballot_replaces_the_first(house, mode):
    address = prepare(house, mode=mode, revote="until_close")
    first, _, browser = cast(house, "Ada", address, choice="yes")
    form = browser.get(f"{address}/ballot").forms["ballot"]
    form["choice"] = "no"
    second = form.submit().forms[0].submit().follow()
    assert second.request.path != first.request.path
    assert "This ballot was replaced" in house.browser().get(first.request.path)
    result = count_and_publish(house, address)
    assert "<b>Lost</b>: 0 for, 1 against" in result
    assert "This ballot was replaced" in house.browser().get(first.request.path)
    assert "One ballot was replaced by its voter" in house.browser().get(f"{address}/record")


def test_errors_keep_the_ballot(house):
    address = prepare(house, method="irv", options="Ada\nBo\nCy")
    form = house.browser("Ada").get(f"{address}/ballot").forms["ballot"]
    form["rank-o1"], form["rank-o2"] = "1", "1"
    page = form.submit(status=422)
    assert "&#34;Ada&#34; and &#34;Bo&#34; both have rank 1" in page
    assert page.forms["ballot"]["rank-o1"].value == "1" and page.forms["ballot"]["rank-o2"].value == "1"
    form = page.forms["ballot"]
    form["rank-o1"], form["rank-o2"] = "1", "3"
    assert "You skipped rank 2" in form.submit(status=422)
    form["rank-o1"], form["rank-o2"] = "", ""
    assert "You have not ranked anybody." in form.submit(status=422)
    blank = form.submit("to", value="blank")
    assert "A blank ballot" in blank


def test_going_back_from_the_review_keeps_the_ranking(house):
    address = prepare(house, method="irv", options="Ada\nBo\nCy")
    form = house.browser("Ada").get(f"{address}/ballot").forms["ballot"]
    form["rank-o3"], form["rank-o1"] = "1", "2"
    page = form.submit().forms[1].submit("to", value="back")
    assert page.forms["ballot"]["rank-o3"].value == "1" and page.forms["ballot"]["rank-o1"].value == "2"


def test_a_receipt_becomes_a_proof(house):
    address = prepare(house, mode="confidential")
    receipt, _, _ = cast(house, "Ada", address, choice="yes")
    words = " ".join(re.findall(r"<li>([a-z]+)</li>", receipt.text)[:6])
    checked = house.browser().get(f"{address}/check").forms[0]
    checked["words"] = words
    assert "waits for the box to be sealed" in checked.submit()
    promise = house.browser().get(receipt.request.path + ".promise").body
    house.browser().get(receipt.request.path + ".tlog-proof", status=404)
    count_and_publish(house, address)
    checkpoints.sign_due(house.engine, house.application.registry["ledger key"])
    assert "leaf 1 of 1" in checked.submit()
    proof = house.browser().get(receipt.request.path + ".tlog-proof").body
    for file in (promise, proof):
        form = house.browser().get(f"{address}/check").forms[0]
        form["file"] = ("receipt", file)
        assert "leaf 1 of 1" in form.submit()
    wrong = house.browser().get(f"{address}/check").forms[0]
    wrong["words"] = "one two three"
    page = wrong.submit(status=422)
    assert "3 words were given" in page and page.forms[0]["words"].value == "one two three"


def test_a_member_with_two_offices_holds_both(house):
    with Session(house.engine) as db, db.begin():
        member = make_member(db, db.merge(house.assembly), "Dora", ("secretary", "chair"))
        house.tokens["Dora"] = make_login(db, member)
    address = prepare(house)
    dora = house.browser("Dora")
    assert "Close this poll now?" in dora.get(f"{address}/close")  # only the chair may
    assert dora.get("/members/import").status_int == 200  # only the secretary may


def test_a_household_that_shares_a_browser(house):
    """Each votes for themselves: the key that the browser keeps hinders nobody, and a form that was left open counts for nobody else."""
    for mode in ("open", "confidential"):
        address = prepare(house, mode=mode)
        browser = house.browser("Ada")
        left_open = browser.get(f"{address}/ballot").forms["ballot"]
        left_open["choice"] = "no"
        review = left_open.submit().forms[0]
        form = browser.get(f"{address}/ballot").forms["ballot"]
        form["choice"] = "yes"
        form.submit().forms[0].submit().follow()
        browser.set_cookie("login", house.tokens["Bo"])
        for stale in (left_open, review):
            assert "opened by another member" in stale.submit(status=409)
        form = browser.get(f"{address}/ballot").forms["ballot"]
        form["choice"] = "no"
        assert "Your ballot is stored" in form.submit().forms[0].submit().follow()
        assert "1 for, 1 against" in count_and_publish(house, address)


@pytest.mark.parametrize("place", ["9" * 5000, "\u0663", "\u00b2", "1_0", "+1", "0"])
def test_a_rank_that_is_no_place_names_its_option(house, place):
    address = prepare(house, method="irv", options="Ada\nBea\nCy", mode="confidential")
    browser = house.browser("Ada")
    page = browser.get(f"{address}/ballot")
    sent = {"csrf_token": token(page), "key": "0" * 32, "rank-o1": place}
    for where in ("review", "ballot"):
        answer = browser.post(f"{address}/{where}", sent, status=422)
        assert "Ranks are 1 to 3" in answer or "Choose a rank" in answer
