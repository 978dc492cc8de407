"""The page on which an admin changes the standing orders."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from deliberate.core import orders
from tests.makers import make_login, make_member


@pytest.fixture
def root(house):
    """The browser of an admin."""
    with Session(house.engine, expire_on_commit=False) as db, db.begin():
        member = make_member(db, db.merge(house.assembly, load=False), "Root", ("admin",))
        house.tokens["Root"] = make_login(db, member)
    return house.browser("Root")


def test_an_admin_changes_the_orders_and_everybody_reads_them(house, root):
    page = root.get("/orders").click("Change the standing orders")
    form = page.forms[0]
    form["support_count"], form["majority"], form["majority_strict"] = "3", "3/5", False
    form["preamble"] = "Adopted in spring."
    page = form.submit().follow()
    assert "The standing orders are changed." in page
    seen = house.browser().get("/orders")
    assert "Adopted in spring." in seen and "at least 3/5" in seen and "3 members support it" in seen
    again = root.get("/orders/edit").forms[0].submit().follow()
    assert "nothing is changed" in again


def test_mistakes_are_named_and_nothing_typed_is_lost(root):
    form = root.get("/orders/edit").forms[0]
    form["support_count"], form["majority"], form["preamble"] = "many", "3/5", "Kept."
    page = form.submit(status=422)
    summary = page.html.find(class_="errors").find("li")
    assert summary.text == "Members who must support a motion: Write a whole number."
    assert "Write a whole number." in page and page.forms[0]["preamble"].value == "Kept."
    form = page.forms[0]
    form["support_count"], form["majority"] = "3", "5/3"
    page = form.submit(status=422)
    assert "not a fraction from 0 to 1" in page and page.forms[0]["majority"].value == "5/3"
    form = page.forms[0]
    form["majority"], form["support_count"] = "1/2", "5000"
    assert "so many cannot support a motion" in form.submit(status=422)


def test_a_quorum_as_a_number_of_members_is_proposed_for_polls(house, root):
    form = root.get("/orders/edit").forms[0]
    form["quorum"], form["quorum_count"], form["support_count"] = "0", "5", "3"
    assert "5 members" in form.submit().follow()
    poll = house.browser("Carla").get("/polls/new").forms[0]
    assert (poll["quorum"].value, poll["quorum_of"].value) == ("5", "members")


def test_others_are_told_the_rule(house):
    for who in ("", "Ada", "Carla"):
        assert f"Rule {orders.BY_ACT['orders.change'].number}" in house.browser(who).get("/orders/edit", status=403)
