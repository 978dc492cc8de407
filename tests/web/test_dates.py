"""Moments in words: nobody is promised more time than there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deliberate.web import dates

NOW = datetime(2026, 11, 17, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "form", "words"),
    [
        (timedelta(hours=15, minutes=59), "left", "in 15 hours"),
        (timedelta(hours=30), "left", "in 30 hours"),
        (timedelta(days=5, hours=23), "left", "in 5 days"),
        (timedelta(seconds=40), "left", "in less than a minute"),
        (timedelta(seconds=-1), "left", "now"),
        (timedelta(days=-2), "ago", "2 days ago"),
        (timedelta(seconds=-5), "ago", "just now"),
        (timedelta(hours=2, minutes=14, seconds=59), "remaining", "2 h 14 min left"),
        (timedelta(minutes=6, seconds=20), "remaining", "6 min 20 s left"),
        (timedelta(days=3), "remaining", "3 days left"),
        (timedelta(0), "remaining", "Closed"),
        (timedelta(days=3), "full", "Friday 20 November, 21:00"),
        (timedelta(days=90), "short", "Mon 15 Feb 2027, 21:00"),
    ],
)
def test_words(ahead, form, words):
    assert dates.words(NOW + ahead, form, NOW) == words


def test_the_zone_of_the_reader():
    assert dates.words(NOW, "clock", NOW, ZoneInfo("Europe/Berlin")) == "22:00"


def test_a_moment_without_zone_is_utc():
    assert dates.iso(datetime(2026, 1, 2, 3, 4, 5, 678)) == "2026-01-02T03:04:05Z"
    assert dates.words(NOW.replace(tzinfo=None), "clock", NOW) == "21:00"
