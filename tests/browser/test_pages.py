"""Every page: no violation that axe finds, nothing wider than the screen, at two sizes, light and dark."""

from __future__ import annotations

import os
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
        "poll:Three members:",
        "poll:Three members:/ballot",
        "poll:A repair:/ballot",
        "poll:Three members:/check",
        "/parts",
    ],
    "dele": ["/members/new", "/members/import", "/polls/new"],
    "marit": ["poll:Covered:", "poll:Three members:/close", "poll:Three members:/void"],
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
    for wanted in ("/", "motion:Warm homes:", "poll:Three members:/ballot", "poll:A treasurer:", "/me", "/motions"):
        page.goto(address(site, wanted))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, wanted
