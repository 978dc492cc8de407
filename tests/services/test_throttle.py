"""Throttling: guesses run out, per account, per network and in all; a guesser locks nobody else out."""

from __future__ import annotations

import pytest

from deliberate.core.errors import DeliberateError
from deliberate.services.throttle import LIMITS, Throttle, network


def test_the_eleventh_guess_waits_and_says_how_long() -> None:
    throttle = Throttle()
    for _ in range(10):
        throttle.check(login_pair="ada 1.2.3.4")
    with pytest.raises(DeliberateError) as refused:
        throttle.check(login_pair="ada 1.2.3.4")
    assert refused.value.status == 429 and refused.value.code == "throttle"
    assert refused.value.remedy == "Wait 15 minutes, then try again."
    throttle.check(login_pair="ada 5.6.7.8")


def test_looking_counts_nothing_and_failures_do() -> None:
    throttle = Throttle()
    for _ in range(200):
        throttle.look(login_ip="1.2.3.4")
    for _ in range(60):
        throttle.failed(login_ip="1.2.3.4")
    with pytest.raises(DeliberateError):
        throttle.look(login_ip="1.2.3.4")


def test_a_guesser_needs_many_networks_to_use_an_account_up() -> None:
    assert LIMITS["login.account"].amount >= 5 * LIMITS["login.pair"].amount


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "?"),
        ("unix:", "?"),
    ],
)
def test_networks(address: str, counted: str) -> None:
    assert network(address) == counted
