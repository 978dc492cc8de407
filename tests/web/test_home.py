"""The first page of officers: the guide of a new assembly."""

from __future__ import annotations


def test_officers_of_a_new_assembly_begin_here(house):
    assert "Begin here" not in house.browser("Ada").get("/") and "Begin here" not in house.browser().get("/")
    page = house.browser("Sam").get("/")
    assert "Begin here" in page and 'href="/members/import"' not in page  # the fixture has members already
    assert 'class="now"><span><b>Set the standing orders</b>' in page and "(an admin does it)" in page
    assert page.click("Propose the first motion").request.path == "/motions/new"
    assert page.click("Prepare the first poll").request.path == "/polls/new"
    form = next(form for form in page.forms.values() if form.action == "/begun")
    after = form.submit().follow()
    assert "The guide is put away." in after and "Begin here" not in after
    assert "Begin here" not in house.browser("Carla").get("/")
