"""The first page: the guide of a new assembly, what waits for an office, and what a visitor finds."""

from __future__ import annotations

from sqlalchemy.orm import Session

from deliberate.models import Assembly, Member
from tests.makers import make_act, make_motion
from tests.web.polling import cast, prepare, token


def test_officers_of_a_new_assembly_begin_here(house):
    assert "Begin here" not in house.browser("Ada").get("/") and "Begin here" not in house.browser().get("/")
    page = house.browser("Sam").get("/")
    assert "Begin here" in page and 'href="/members/import"' not in page  # the fixture has members already
    assert 'class="now"><span><b><a href="/members/invite">Invite them</a></b>' in page
    assert "<b>Set the standing orders</b>" in page and "(an admin does it)" in page
    assert page.click("Propose the first motion").request.path == "/motions/new"
    assert page.click("Prepare the first poll").request.path == "/polls/new"
    form = next(form for form in page.forms.values() if form.action == "/begun")
    after = form.submit().follow()
    assert "The guide is put away." in after and "Begin here" not in after
    assert "Begin here" not in house.browser("Carla").get("/")


def office(house, name):
    """What waits for the office of this person, as words."""
    found = house.browser(name).get("/").html.find(attrs={"aria-labelledby": "office"})
    return found.text if found else ""


def test_a_poll_waits_for_the_office_that_moves_it_on(house):
    carla = house.browser("Carla")
    form = carla.get("/polls/new").forms[0]
    form["title"], form["mode"], form["closes_at"] = "New boilers", "open", ""
    page = form.submit().follow()
    address, sent = page.request.path, {"csrf_token": token(page)}
    assert "New boilers" in office(house, "Carla") and "when you open it" in office(house, "Carla")
    assert not office(house, "Sam") and not office(house, "Ada")
    carla.post(f"{address}/open", sent)
    assert not office(house, "Carla")
    cast(house, "Ada", address, choice="yes")
    carla.post(f"{address}/close", sent)
    assert all("can be counted now" in office(house, name) for name in ("Carla", "Sam", "Tove"))
    carla.post(f"{address}/tally", sent)
    assert "looked at and published" in office(house, "Carla")
    assert not office(house, "Tove") and not office(house, "Ada")
    carla.post(f"{address}/publish", sent)
    assert not office(house, "Carla")


def test_a_motion_with_its_support_waits_for_who_opens_the_debate(house):
    with Session(house.engine) as db, db.begin():
        motion = make_motion(
            make_act(db, db.get_one(Assembly, house.assembly.id), db.get_one(Member, house.members["Ada"].id)),
            "seconded",
        )
        address = f"/motions/{motion.public_id}"
    assert "debate begins when you open it" in office(house, "Carla") and office(house, "Sam")
    assert not office(house, "Ada") and not office(house, "Tove")
    carla = house.browser("Carla")
    page = carla.get(address)
    carla.post(f"{address}/admit", {"csrf_token": token(page)})
    assert not office(house, "Carla")


def test_a_visitor_finds_the_polls_and_each_name_once(house):
    prepare(house)
    page = house.browser().get("/")
    assert page.click("Polls", index=0).request.path == "/polls"
    form = next(f for f in house.browser("Ada").get("/motions/new").forms.values() if "text" in f.fields)
    form["title"], form["text"] = "New boilers", "The board buys two."
    page = form.submit("to", value="propose").follow()
    form = next(f for f in page.forms.values() if "side" in f.fields)
    form["text"] = "They leak."
    form.submit()
    acts = house.browser().get("/record?kind=debate").html.find("ol", class_="entries").text
    assert acts.count("Ada") == 1, acts
