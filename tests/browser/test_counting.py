"""Count a file in a browser: the page of every family has no barrier, and is no wider than a narrow phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

RANKED = "count,rank1,rank2,rank3\n61,Roof,Lift,Solar\n55,Lift,Solar,Roof\n47,Solar,Roof,Lift\n14,Yard,Lift,\n"
MARKED = "count,choice1,choice2\n61,Roof,Lift\n55,Lift,Solar\n47,Solar,\n14,Yard,\n"
SCORED = "count,Roof,Lift,Solar,Yard\n61,5,3,1,\n55,0,5,4,\n47,2,,5,\n14,,1,,5\n"
FILES = {
    "schulze": RANKED,
    "ranked-pairs": RANKED,
    "copeland": RANKED,
    "policy": RANKED,
    "irv": RANKED,
    "compare": RANKED,
    "approval": MARKED,
    "seq-pav": MARKED,
    "star": SCORED,
}


@pytest.mark.parametrize(("size", "dark"), [("phone", True), ("desktop", False)])
def test_the_count_of_every_family_has_no_barrier(person, size, dark):
    page = person("ines", size, dark=dark)
    if size == "phone":
        page.set_viewport_size({"width": 320, "height": 640})
    barriers = {}
    for method, text in FILES.items():
        page.goto(f"/count?method={method}")
        page.set_input_files("#file", {"name": "ballots.csv", "mimeType": "text/csv", "buffer": text.encode()})
        page.click("button:has-text('Count')")
        page.wait_for_selector("h2:has-text('Count once more')")
        page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        barriers |= {
            (method, one["id"]): [n["target"] for n in one["nodes"]][:3] for one in found.response["violations"]
        }
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            barriers[method, "wide"] = wide
    assert barriers == {}


def test_a_file_is_counted_without_script(person):
    page = person("ines", script=False)
    page.goto("/count?method=schulze")
    page.set_input_files("#file", {"name": "ballots.csv", "mimeType": "text/csv", "buffer": RANKED.encode()})
    page.click("button:has-text('Count')")
    assert "Roof wins" in page.inner_text("main") and page.locator("table.pairs td.more").count() > 0
    page.select_option("#method", "irv")
    page.set_input_files("#file", {"name": "ballots.csv", "mimeType": "text/csv", "buffer": b"count,rank1\nx,A\n"})
    page.click("button:has-text('Count')")
    assert "line 2, column 1" in page.inner_text("main") and page.input_value("#method") == "irv"
