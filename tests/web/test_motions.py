"""The pages of motions, amendments and the debate: forms that lose nothing, whatever changed meanwhile."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from deliberate.core.drafting.clauses import Clause
from deliberate.models import Assembly, Member, Motion
from deliberate.services import amendments, debate, motions, rebases, versions
from deliberate.services.motions import Writing
from deliberate.web import documents
from tests.makers import make_act

SAID = {"title": "New boilers", "text": "The board buys two boilers.\n\nIt reports in March.", "reason": "They leak."}


def act(house, db, name):
    return make_act(db, db.get_one(Assembly, house.assembly.id), db.get_one(Member, house.members[name].id))


def form(page, name):
    """The form of a page that has a field of this name."""
    return next(f for f in page.forms.values() if name in f.fields)


def propose(house, name="Ada", **over):
    page = form(house.browser(name).get("/motions/new"), "text")
    for field, value in {**SAID, **over}.items():
        page[field] = value
    return page.submit("to", value="propose", status="*")


@pytest.fixture
def motion(house):
    return propose(house).location.removeprefix("http://localhost:80").removeprefix("http://localhost")


def edit_by(house, name, path, text):
    with Session(house.engine) as db, db.begin():
        found = db.query(Motion).filter_by(public_id=path.split("/")[2]).one()
        written = Writing(SAID["title"], text, SAID["reason"])
        motions.edit(act(house, db, name), found, written, versions.latest(db, found).seq)


def test_a_form_sent_twice_makes_one_motion_and_leaves_no_draft(house):
    browser = house.browser("Ada")
    page = form(browser.get("/motions/new"), "text")
    for field, value in SAID.items():
        page[field] = value
    kept = page.submit("to", value="draft").follow()
    page = form(kept, "revision")
    first, second = (page.submit("to", value="propose") for _ in range(2))
    assert first.status_int == second.status_int == 303
    assert first.location == second.location
    assert "New boilers" not in browser.get("/").text.partition("Your drafts")[2]
    assert browser.get("/motions?show=mine").text.count("M1<") == 1


def test_autosave_names_the_draft_and_keeps_tabs_apart(house):
    browser = house.browser("Ada")
    token = form(browser.get("/motions/new"), "text")["csrf_token"].value

    def save(text, draft="", revision=""):
        said = {**SAID, "text": text, "draft": draft, "revision": revision, "csrf_token": token}
        return json.loads(browser.post("/drafts", said).body)

    one = save("one")
    two = save("two", one["draft"], one["revision"])
    assert (two["draft"], two["revision"], two["apart"]) == (one["draft"], 2, False)
    other = save("from another tab", one["draft"], one["revision"])
    assert (other["draft"] != one["draft"], other["apart"]) == (True, True)
    assert "two" in browser.get(one["url"]).text
    assert "from another tab" in browser.get(other["url"]).text
    assert "from another tab" not in house.browser("Bo").get(other["url"], status=404).text


def test_what_is_refused_is_still_in_the_form(house):
    long = "x" * 1_500
    page = propose(house, title=long, movers="Nobody Here")
    assert page.status_int == 422
    assert form(page, "text")["title"].value == long
    page = propose(house, movers="Nobody Here")
    assert form(page, "text")["text"].value.replace("\r", "") == SAID["text"]
    assert "Nobody on the roll" in page.text


def test_a_stale_edit_is_put_together_with_the_newer_text(house, motion):
    page = form(house.browser("Ada").get(f"{motion}/edit"), "seen")
    edit_by(house, "Ada", motion, "The board buys three boilers.\n\nIt reports in March.")
    page["text"] = "The board buys four boilers.\n\nIt reports in May."
    answer = page.submit("to", value="propose", status=409)
    again = form(answer, "seen")
    assert again["text"].value.replace("\r", "") == "The board buys three boilers.\n\nIt reports in May."
    assert "The board buys four boilers." in answer.text
    assert again["seen"].value == "2"
    assert again.submit("to", value="propose").status_int == 303


@pytest.mark.parametrize("reworded", [False, True])
def test_an_amendment_to_an_older_text_is_moved_over_never_silently(house, motion, reworded):
    browser = house.browser("Bo")
    path = f"{motion}/amendments/new"
    if reworded:
        page = form(browser.get(path), "clause-c2")
        page["clause-c2"] = "It reports weekly."
        path = page.submit("to", value="submit").location + "/reword"
    page = form(browser.get(path), "clause-c1")
    edit_by(house, "Ada", motion, "The board buys three boilers.\n\nIt reports in March.")
    page["clause-c1"], page["clause-c2"] = "The board buys five boilers.", "It reports in May."
    answer = page.submit("to", value="submit", status=409)
    again = form(answer, "clause-c1")
    assert again["clause-c1"].value == "The board buys three boilers."
    assert again["clause-c2"].value == "It reports in May."
    assert "The board buys five boilers." in answer.text
    made = again.submit("to", value="submit")
    assert made.status_int == 303
    with Session(house.engine) as db:
        found = rebases.of_motion(db, db.query(Motion).one())
        assert len(found) == 1
        assert [h.old for h in rebases.unit(found[0]).hunks] == ["March"]


def test_an_amendment_form_sent_twice_makes_one_amendment(house, motion):
    page = form(house.browser("Bo").get(f"{motion}/amendments/new"), "clause-c1")
    page["clause-c1"] = "The board buys five boilers."
    assert len({page.submit("to", value="submit").location for _ in range(2)}) == 1


def test_a_closed_debate_keeps_the_words(house, motion):
    browser = house.browser("Bo")
    page = form(browser.get(motion), "side")
    with Session(house.engine) as db, db.begin():
        motions.move_on(act(house, db, "Ada"), db.query(Motion).one(), "motion.withdraw")
    page["text"] = "Words that came too late."
    answer = page.submit(status=409)
    assert form(answer, "side")["text"].value == "Words that came too late."
    assert "Rule 5.1" in answer.text
    assert not any("side" in f.fields for f in browser.get(motion).forms.values())


def test_a_long_and_deep_debate_is_read_page_by_page(house, motion, queries):
    with Session(house.engine) as db, db.begin():
        found, parent = db.query(Motion).one(), None
        for n in range(120):
            parent = debate.say(act(house, db, "Bo"), found, f"Words {n}.", parent=parent if n % 40 else None)
    browser = house.browser("Cy")
    pages = [browser.get(f"{motion}?page={n}").text for n in (1, 2, 3)]
    assert all(sum(f"Words {n}.<" in page for page in pages) == 1 for n in range(120))
    assert "In answer to Bo" in pages[1]
    answer = form(browser.get(motion), "side")
    answer["text"] = "The last words."
    where = answer.submit().location
    assert "page=3#c-" in where
    assert "The last words." in browser.get(where.partition("#")[0]).text
    assert (
        len(queries(lambda: browser.get(f"{motion}?page=2")))
        == len(queries(lambda: browser.get(f"{motion}?page=3")))
        <= 12
    )


def test_many_amendments_do_not_make_many_queries(house, motion, queries):
    browser = house.browser("Cy")

    def amend(most):
        with Session(house.engine) as db, db.begin():
            found = db.query(Motion).one()
            base = versions.latest(db, found)
            text = versions.clauses.from_json(base.clauses)
            for n in range(most):
                changed = amendments.edited(text, {"c1": f"The board buys {n} boilers."}, {})
                amendments.submit(act(house, db, "Bo"), found, base, changed, f"Reason {n}")

    amend(2)
    few = len(queries(lambda: browser.get(motion)))
    amend(40)
    assert len(queries(lambda: browser.get(motion))) == few <= 12
    page = browser.get(f"{motion}?part=2")
    assert "Reason 39" in page.text and "Reason 1<" not in page.text


@pytest.mark.parametrize("odd", ["9" * 5000, "-1", "0", "²", "x", "1e3", "٣"])
def test_odd_numbers_in_addresses_are_no_trouble(house, motion, odd):
    browser = house.browser("Bo")
    for path in ("/motions?page=", f"{motion}?part=", f"{motion}/versions?old=1&new=", "/search?q=x&page="):
        assert browser.get(f"{path}{quote(odd)}", status="*").status_int in (200, 404)


def test_levels_of_following(house, motion):
    browser = house.browser("Bo")
    for level in ("decisions", "none", "all"):
        page = form(browser.get(motion), "level")
        page["level"] = level
        assert form(page.submit().follow(), "level")["level"].value == level


def test_looking_is_marked_by_post_alone_and_only_what_was_shown(house, motion):
    browser = house.browser("Bo")
    page = browser.get("/")
    assert "was proposed" in page.text and "was proposed" in browser.get("/").text
    propose(house, title="Another one")
    form(page, "upto").submit()
    left = browser.get("/").text.partition('id="news"')[2]
    assert "Another one" in left and "New boilers" not in left


def test_the_first_page_shows_who_is_asked_to_move_and_moderators_what_is_reported(house):
    path = propose(house, movers="Bo").location
    assert "You are asked to be a co-mover" in house.browser("Bo").get("/").text
    assert "You are asked to be a co-mover" not in house.browser("Cy").get("/").text
    form(house.browser("Bo").get(path), "to")
    with Session(house.engine) as db, db.begin():
        said = debate.say(act(house, db, "Bo"), db.query(Motion).one(), "Rude")
        debate.report(act(house, db, "Cy"), said, "rude")
    assert "reported contribution" not in house.browser("Cy").get("/").text


def test_search_is_by_kind_and_in_pages(house, motion):
    with Session(house.engine) as db, db.begin():
        for n in range(25):
            debate.say(act(house, db, "Bo"), db.query(Motion).one(), f"A boiler, {n}")
    browser = house.browser()
    assert "26 things found" in browser.get("/search?q=boiler").text
    page = browser.get("/search?q=boiler&kind=comment&page=2").text
    assert "25 things found" in page and page.count("A boiler, ") == 5
    assert "One thing found" in browser.get("/search?q=boiler&kind=motion").text


def test_the_preview_tells_the_decision_from_the_reasons(house):
    page = form(house.browser("Ada").get("/motions/new"), "text")
    for field, value in SAID.items():
        page[field] = value
    seen = page.submit("to", value="preview").html.find(id="preview")
    decided, reasons = seen.find_all("article")
    assert "two boilers" in decided.text and "leak" not in decided.text
    assert "leak" in reasons.text and reasons.find_previous("h3").text == "Why"


def test_versions_are_read_with_their_marks_bullets_and_reasons(house):
    path = propose(house, text="The board **buys** boilers.\n\n- One a house.", reason="They *last*.").location
    path = path.removeprefix("http://localhost:80").removeprefix("http://localhost")
    edit_by(house, "Ada", path, "The board **buys** stoves.\n\n- One a house.")
    text = house.browser().get(f"{path}/versions?old=1&new=2").html.find("article")
    assert "**" not in text.text and text.find("strong").text == "buys"
    assert "boilers" in text.find("del").text and "stoves" in text.find("ins").text
    assert "• One a house." in text.text
    assert [heading.text.strip() for heading in text.find_all("h2")][-1] == "Why"
    assert text.find("small") is None


def test_a_clause_that_moved_says_so_between_versions():
    first, second, third = (Clause(f"c{n}", 1, "paragraph", word) for n, word in enumerate(("One", "Two", "Three")))
    rows = documents.compared((first, second, third), (second, third, first))
    assert [(row["html"], row["note"]) for row in rows] == [("Two", None), ("Three", None), ("One", "Moved")]
