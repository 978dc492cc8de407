"""Live pages in a real browser: without EventSource, behind a proxy that holds back, through a crash of the server, and in a hall."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from deliberate.models import engine
from deliberate.services import casting
from deliberate.services.act import now
from deliberate.services.boxes import Cast

pytestmark = pytest.mark.browser
TITLE = "A repair day"


def one_more(site):
    """A ballot of somebody who has not voted; how many there are now."""
    with closing(sqlite3.connect(site.file)) as db:
        poll, roll = db.execute(
            "SELECT poll_id, roll FROM roll_entry JOIN poll ON poll.id = poll_id JOIN member ON member.id = member_id "
            "WHERE poll.title LIKE ? AND member.email NOT LIKE 'amara%' AND roll NOT IN "
            "(SELECT roll FROM participation WHERE poll_id = poll.id) LIMIT 1",
            (f"{TITLE}%",),
        ).fetchone()
    made = engine(f"sqlite:///{site.file}")
    key = secrets.token_hex(16)
    assert isinstance(
        casting.store(made, [Cast(poll, roll, {"kind": "choice", "marks": ["yes"]}, key, key, now())])[0], str
    )
    made.dispose()
    with closing(sqlite3.connect(site.file)) as db:
        return db.execute("SELECT count(*) FROM participation WHERE poll_id = ?", (poll,)).fetchone()[0]


def voted(page):
    return page.locator("[data-live-field=voted]").first


def test_without_event_source_the_state_is_asked(person, site):
    page = person()
    page.add_init_script("delete window.EventSource")
    page.goto(f"/polls/{site.id('poll', TITLE)}/screen")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    expect(voted(page)).to_have_text(str(one_more(site)), timeout=8000)
    live = [url for url in asked if "/live/" in url]
    assert live and all(url.endswith(".json") for url in live)


def test_a_proxy_that_holds_back_is_noticed(person, site):
    """The stream opens and stays silent. When two heartbeats are missing, the browser asks instead."""
    page = person()
    page.add_init_script(
        "window.EventSource = class extends EventTarget { constructor() { super(); setTimeout(() => this.dispatchEvent(new Event('open')), 10) } close() {} }"
    )
    page.clock.install()
    page.goto(f"/polls/{site.id('poll', TITLE)}/screen")
    page.wait_for_timeout(500)
    number = one_more(site)
    page.clock.run_for(20_000)
    expect(voted(page)).not_to_have_text(str(number))
    page.clock.run_for(15_000)
    expect(voted(page)).to_have_text(str(number), timeout=8000)


def test_a_crash_is_said_and_got_over(person, site):
    page = person()
    page.goto(f"/polls/{site.id('poll', TITLE)}/screen")
    lost = page.locator("[data-live-lost]")
    expect(voted(page)).to_have_text(str(one_more(site)), timeout=8000)
    expect(lost).to_be_hidden()
    site.crash()
    expect(lost).to_be_visible(timeout=15_000)
    number = one_more(site)  # while nobody can be told
    site.start()
    expect(voted(page)).to_have_text(str(number), timeout=20_000)
    expect(lost).to_be_hidden()
    person.troubles.clear()  # a browser writes every refused connection to its console


def test_the_screen_follows_the_chair_and_a_ballot_half_filled_is_left_alone(person, site):
    poll = site.id("poll", TITLE)
    screen, member, chair = person(), person("amara"), person("marit")
    screen.goto(f"/polls/{poll}/screen")
    expect(screen.locator("main")).to_contain_text("Voting is open")
    assert screen.locator("button, form, input, nav").count() == 0
    member.goto(f"/polls/{poll}/ballot")
    member.check("input[value=no]")
    chair.goto(f"/polls/{poll}/close")
    chair.click("main button:not(.plain)")
    expect(screen.locator("body")).to_contain_text("Voting is closed", timeout=10_000)
    expect(member.locator("input[value=no]")).to_be_checked()
