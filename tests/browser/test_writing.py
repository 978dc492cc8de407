"""Writing a motion and an amendment: what is typed is kept, in two tabs, without the network, and after the log-in has ended."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_draft_survives_two_tabs_the_network_and_the_end_of_a_log_in(person, site):
    page = person("amara", "phone")
    page.goto("/motions/new")
    page.fill("#title", "A bell for the courtyard")
    said = page.locator("[data-saved]")
    page.wait_for_url("**/drafts/*")
    expect(said).to_contain_text("Saved")
    first = page.url

    other = page.context.new_page()
    other.goto(first)
    other.fill("#text", "Words of the other tab.")
    expect(other.locator("[data-saved]")).to_contain_text("Saved", timeout=8000)
    page.fill("#text", "Words of the first tab.")
    expect(said).to_contain_text("a draft of their own", timeout=8000)
    assert page.url != first
    other.reload()
    expect(other.locator("#text")).to_have_value("Words of the other tab.")

    keep = page.context.cookies()
    page.context.clear_cookies()
    page.fill("#reason", "It rings.")
    page.click("button:has-text('Propose the motion')")
    expect(page.locator(".trouble")).to_be_visible()
    page.context.add_cookies(keep)
    page.go_back()
    expect(page.locator("#reason")).to_have_value("It rings.")
    page.click("button:has-text('Propose the motion')")
    expect(page.locator("h1")).to_have_text("A bell for the courtyard")
    page.goto("/motions/new")
    expect(page.locator("#title")).to_have_value("")


@pytest.mark.parametrize("script", [True, False])
def test_an_amendment_moves_over_to_a_text_that_changed_meanwhile(person, site, script):
    mover, member = person("amara", script=script), person("jonas", "phone", script)
    mover.goto("/motions/new")
    mover.fill("#title", f"A clock, {script}")
    mover.fill("#text", "The tower gets a clock.\n\nThe board pays 500 euro.")
    mover.click("button:has-text('Propose the motion')")
    where = mover.url.removeprefix(site.url)
    member.goto(f"{where}/amendments/new")
    for clause, words in (("c1", "The tower gets two clocks."), ("c2", "The board pays 900 euro.")):
        row = member.locator("li", has=member.locator(f"textarea[name=clause-{clause}]"))
        row.locator("summary", has_text="Change").click()
        member.locator(f"textarea[name=clause-{clause}]").fill(words)
    mover.goto(f"{where}/edit")
    mover.fill("#text", "The tower gets a clock.\n\nThe board pays 700 euro.")
    mover.click("button:has-text('Store as a new version')")
    member.click("button:has-text('Submit the amendment')")
    expect(member.locator(".errors")).to_contain_text("version 2 is there now")
    expect(member.locator(".note")).to_contain_text("The board pays 900 euro.")
    expect(member.locator("textarea[name=clause-c1]")).to_have_value("The tower gets two clocks.")
    expect(member.locator("textarea[name=clause-c2]")).to_have_value("The board pays 700 euro.")
    member.click("button:has-text('Submit the amendment')")
    expect(member.locator("h1")).to_contain_text("Amendment")
    expect(member.locator(".changes")).not_to_contain_text("euro")
