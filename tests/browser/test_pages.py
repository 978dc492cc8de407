"""Every page: no violation that axe finds, nothing wider than the screen, at two sizes, light and dark."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

MOTION, POLL = ("motion", "Warm homes"), ("poll", "Three members")
PAGES = {
    "visitor": [
        "/",
        "/motions",
        "/polls",
        "/record",
        "/record/3",
        "/moderation",
        "/orders",
        "/orders/why",
        "/help",
        "/accessibility",
        "/login",
        "/ideas",
        "/search?q=rent",
        "/nothing-here",
        "poll:A treasurer:",
        "poll:Compost:",
        "poll:A treasurer:/record",
        "poll:A treasurer:/rules",
        "poll:Three members:/screen",
        "poll:A treasurer:/screen",
        "poll:A treasurer:/screen?round=1",
        "poll:A treasurer:/check",
        "poll:Buy the old:",
        "/archive",
        "/motions?q=balcony",
        "/search?q=balcony",
    ],
    "amara": [
        "/",
        "/me",
        "/members",
        "/motions/new",
        "motion:Warm homes:",
        "motion:Warm homes:/versions",
        "motion:Warm homes:/amendments/new",
        "motion:Guest rooms:",
        "motion:One network:",
        "motion:Rules for dogs:",
        "motion:Buy the old:",
        "/motions?show=all",
        "/orders/why",
        "/polls/new",
        "poll:Three members:",
        "poll:Three members:/ballot",
        "poll:A repair:/ballot",
        "poll:Three members:/check",
        "/parts",
    ],
    "dele": ["/members", "/members/new", "/members/import", "/polls/new", "poll:Covered:/edit"],
    "marit": [
        "poll:Covered:",
        "poll:Covered:/open",
        "poll:Three members:/close",
        "poll:Three members:/void",
        "motion:Warm homes:/refer",
    ],
    "mireille": ["/moderation", "motion:Warm homes:"],
    "bao": [
        "/record",
        "poll:A treasurer:/record",
        "/polls",
        "/count",
        "/count?method=motion",
        "/count?method=budget-equal-shares",
    ],
    "ilse": ["/members", "/orders"],
}


def address(site, page):
    if page.startswith("/"):
        return page
    table, title, rest = page.split(":", 2)
    return f"/{table}s/{site.id(table, title)}{rest}"


@pytest.mark.parametrize(
    ("who", "size", "dark"),
    [(who, size, dark) for who in PAGES for size, dark in (("phone", True), ("desktop", False))],
)
def test_pages_have_no_barrier(person, site, who, size, dark):
    page = person("" if who == "visitor" else who, size, dark=dark)
    shots = os.environ.get("DELIBERATE_SHOTS")
    barriers = {}
    for wanted in PAGES[who]:
        page.goto(address(site, wanted))
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        for one in found.response["violations"]:
            barriers.setdefault(wanted, []).append((one["id"], [node["target"] for node in one["nodes"]][:3]))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0 and not wanted.endswith("/screen"):
            barriers.setdefault(wanted, []).append(("wide", wide))
        if shots:
            name = wanted.strip("/").replace("/", "_").replace(":", "-") or "home"
            page.screenshot(path=str(Path(shots) / f"{who}-{name}-{size}.png"), full_page=True)
    assert barriers == {}


def test_a_narrow_phone(person, site):
    page = person("amara", "phone")
    page.set_viewport_size({"width": 320, "height": 600})
    for wanted in PAGES["amara"]:
        page.goto(address(site, wanted))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, wanted


SMALL = """() => [...document.querySelectorAll('main a[href], main button, main summary, main select, main input:not([type=hidden])')]
  .filter(e => e.getClientRects().length && getComputedStyle(e).display !== 'inline' && !e.closest('.prose, .words'))
  .filter(e => Math.max(e.getBoundingClientRect().height, e.closest('label')?.getBoundingClientRect().height ?? 0) < 43.5)
  .map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)}`)"""


def test_what_is_pressed_on_a_phone_is_large_enough(person, site):
    page = person("amara", "phone")
    for wanted in ("/", "/motions", "/me", "motion:Warm homes:", "poll:Three members:", "poll:Three members:/ballot"):
        page.goto(address(site, wanted))
        assert page.evaluate(SMALL) == [], wanted


def test_what_can_i_do_now_stands_above_the_text_on_a_phone(person, site):
    page = person("amara", "phone")
    page.goto(address(site, "motion:Warm homes:"))
    tops = [page.locator(one).first.bounding_box()["y"] for one in (".card.do", "#text", ".rail .card:not(.do)")]
    assert tops == sorted(tops)


def test_headings_are_in_order(person, site):
    page = person("amara")
    for wanted in PAGES["amara"]:
        page.goto(address(site, wanted))
        levels = page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4')].filter(h => h.getClientRects().length).map(h => +h.tagName[1])"
        )
        assert levels[0] == 1 and levels.count(1) == 1, wanted
        assert all(after <= before + 1 for before, after in pairwise(levels)), (wanted, levels)
