"""The pages of polls: from preparing to the published result."""

from __future__ import annotations


def test_front(house):
    page = house.browser("Ada").get("/polls")
    assert page.status_int == 200
