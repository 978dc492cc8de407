"""The whole path as several people at once: from a motion to a verified result, on a phone, at a desk, and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from deliberate.verifier import verify

pytestmark = pytest.mark.browser


def propose(page, title):
    page.goto("/motions/new")
    page.fill("#title", title)
    page.fill("#text", "Every house gets a bench.\n\nThe board pays for it.")
    page.fill("#reason", "People want to sit.")
    page.click("button:has-text('Propose the motion')")
    expect(page.locator("h1")).to_have_text(title)
    return page.url


@pytest.mark.parametrize(("size", "script"), [("desktop", True), ("phone", True), ("phone", False)])
def test_from_a_motion_to_a_verified_result(person, site, tmp_path, size, script):
    title = f"Benches, {size} {script}"
    amara, jonas = person("amara", size, script), person("jonas", size, script)
    where = propose(amara, title).removeprefix(site.url)

    jonas.goto(where)
    jonas.click("button:has-text('Support this motion')")
    expect(jonas.locator(".flash")).to_contain_text("2 of 10")
    jonas.goto(f"{where}/amendments/new")
    jonas.locator("li", has=jonas.locator("textarea[name=clause-c1]")).locator("summary", has_text="Change").click()
    jonas.locator("textarea[name=clause-c1]").fill("Every house gets two benches.")
    jonas.locator("#reason").fill("One is not enough.")
    jonas.click("button:has-text('Submit the amendment')")
    expect(jonas.locator("h1")).to_contain_text("Amendment")
    amendment = jonas.url

    amara.goto(amendment)
    expect(amara.locator("ins").first).to_contain_text("two")
    amara.click("text=Accept it into the motion")
    amara.click("button:has-text('Accept the amendment')")
    expect(amara.locator(".text").first).to_contain_text("two benches")
    amara.goto(f"{where}#say")
    amara.locator("input[name=side][value=for]").check(force=True)
    amara.locator("textarea[name=text]").fill("They are cheap. @Jonas Keller, thank you.")
    amara.click("button:has-text('Say it')")
    expect(amara.locator("#debate")).to_contain_text("They are cheap.")

    chair = person("marit")
    chair.goto("/polls/new")
    chair.fill("#title", f"A clerk, {title}")
    chair.locator("input[name=method][value=irv]").check(force=True)
    chair.locator("#options").fill("Ada Ek | Lime Terrace\nBo Lind\nCy Holm")
    chair.locator("input[name=mode][value=confidential]").check(force=True)
    chair.locator("form button.main").last.click()
    poll = chair.url.split("?")[0]
    chair.goto(f"{poll}/open")
    chair.locator("main form button.main").last.click()
    expect(chair.locator("main")).to_contain_text("Voting is open")

    for page, order in ((amara, ("o2", "o1")), (jonas, ("o1", "o3", "o2"))):
        page.goto(f"{poll}/ballot")
        for place, option in enumerate(order, 1):
            if script:
                page.evaluate(
                    "([id, place]) => { const s = document.getElementById(id); s.value = place; s.dispatchEvent(new Event('change', {bubbles: true})) }",
                    [f"rank-{option}", str(place)],
                )
            else:
                page.select_option(f"#rank-{option}", str(place))
        page.click("button:has-text('Review my ballot')")
        expect(page.locator("h1")).to_have_text("Is this your ballot?")
        page.click("button:has-text('Cast my ballot')")
        expect(page.locator("h1")).to_have_text("Your ballot is stored")
        expect(page.locator(".six-words li")).to_have_count(6)
    words = " ".join(amara.locator(".six-words li").all_inner_texts())

    chair.goto(f"{poll}/close")
    chair.locator("main form button.main").last.click()
    chair.goto(f"{poll}/tally")
    chair.locator("main form button.main").last.click()
    expect(chair.locator("h1")).to_have_text("Enter a lot")
    chair.locator("main input[type=radio]").first.check(force=True)
    chair.locator("#how").fill("Drawn from a hat by the chair, before two members.")
    chair.locator("main form button.main").last.click()
    chair.wait_for_url(lambda url: not url.endswith("/lot"))
    chair.goto(f"{poll}/publish")
    if chair.locator("h1").inner_text() != "Publish this result?":  # the lot is in; the count is started again
        chair.goto(f"{poll}/tally")
        chair.locator("main form button.main").last.click()
        chair.wait_for_url(poll)
        chair.goto(f"{poll}/publish")
    chair.locator("main form button.main").last.click()
    auditor = person("bao", size, script)
    auditor.goto(poll)
    expect(auditor.locator("main")).to_contain_text("elected")
    with auditor.expect_download() as found:
        auditor.evaluate("() => 0") if script else None
        auditor.locator("a[href$='record.zip']").first.click()
    file = tmp_path / "record.zip"
    found.value.save_as(file)
    report = verify(str(file))
    assert not report.failed, report.text()

    auditor.goto(f"{poll}/check")
    auditor.fill("#words", words)
    auditor.click("button:has-text('Check the receipt')")
    expect(auditor.locator(".checks")).to_contain_text("PASS")


def test_a_ballot_by_keyboard_only(person, site):
    page = person("amara")
    page.goto(f"/polls/{site.id('poll', 'Three members')}/ballot")
    rows = page.locator(".ranker li[tabindex='0']")
    expect(rows).to_have_count(7)  # the rows can be reached now
    page.locator("li:has-text('Leila Haddad')").first.focus()
    page.keyboard.press("1")
    page.locator("li:has-text('Owen Prichard')").first.focus()
    page.keyboard.press("2")
    expect(page.locator("#rank-o6")).to_have_value("1")
    expect(page.locator("#rank-o2")).to_have_value("2")
    review = page.locator("button:has-text('Review my ballot')")
    review.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".order li").first).to_contain_text("Leila Haddad")
    page.locator("button:has-text('Cast my ballot')").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your ballot is stored")


def test_turnout_moves_on_an_open_page(person, site):
    poll = site.id("poll", "A repair day")
    watcher, voter = person("bao"), person("dele")
    watcher.goto(f"/polls/{poll}")
    before = int(watcher.locator("[data-live-field=voted]").first.inner_text())
    voter.goto(f"/polls/{poll}/ballot")
    voter.locator("input[name=choice][value=yes]").check(force=True)
    voter.click("button:has-text('Review my ballot')")
    voter.click("button:has-text('Cast my ballot')")
    expect(watcher.locator("[data-live-field=voted]").first).to_have_text(str(before + 1))


def test_errors_name_the_options_and_keep_the_ballot(person, site):
    page = person("jonas", script=False)
    page.goto(f"/polls/{site.id('poll', 'Three members')}/ballot")
    page.select_option("#rank-o1", "1")
    page.select_option("#rank-o2", "1")
    page.click("button:has-text('Review my ballot')")
    expect(page.locator(".errors")).to_contain_text('"Hiroshi Tanabe" and "Owen Prichard" both have rank 1')
    assert page.locator("#rank-o2").input_value() == "1"


def test_a_form_still_works_after_news_came_to_the_page(person, site):
    """A page that was refreshed live must not load its script twice: the second would stop every form."""
    page = person("jonas")
    address = f"/polls/{site.id('poll', 'Three members')}"

    def old(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace('data-live-state="open"', 'data-live-state="prepared"')
        route.fulfill(response=answer, body=text.replace("Who has voted", "Not yet open"))

    page.route(f"**{address}", old, times=1)  # the page as it was before the poll opened; the first news says it is open
    page.goto(address)
    expect(page.locator("[data-live=content]")).to_contain_text("Who has voted")
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map(r => r.name).filter(name => name.includes('/js/app.js'))"
    )
    assert len(loaded) == 1


def test_every_module_has_the_address_of_its_release(person, site):
    page = person("mireille")
    page.goto(f"/polls/{site.id('poll', 'Three members')}/ballot")
    expect(page.locator(".ranker li[tabindex='0']")).to_have_count(7)
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map(r => r.name).filter(name => name.includes('/js/'))"
    )
    assert loaded and all("?v=" in name for name in loaded), loaded
    expect(page.locator("[data-ranker-help]")).to_be_visible()
    expect(page.get_by_text("Undo the last move")).to_be_hidden()
