"""Throttling: how often something may be tried, per account, per address and in all."""

from __future__ import annotations

import ipaddress
import time

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark_many

LIMITS: dict[str, RateLimitItem] = {
    "login.pair": parse("10 per 15 minutes"),
    "login.account": parse("60 per hour"),
    "login.ip": parse("60 per 15 minutes"),
    "login.all": parse("3000 per 15 minutes"),
    "link.account": parse("5 per hour"),
    "link.ip": parse("300 per hour"),
    "link.all": parse("2000 per hour"),
    "invitation.ip": parse("60 per hour"),
    "comment.member": parse("60 per hour"),
    "motion.member": parse("20 per day"),
    "export.ip": parse("120 per hour"),
    "count.member": parse("120 per hour"),
}
"""``login.pair`` is one account from one network, so that a guesser elsewhere does not lock a member out; the limit of the
account itself is wider. Per network only failures count: a whole hall may log in from one address."""


class Throttle:
    """Counts attempts in memory, or in Redis where it is configured."""

    def __init__(self, uri: str = "memory://") -> None:
        self.limiter = MovingWindowRateLimiter(storage_from_string(uri))

    def check(self, **who: str) -> None:
        """Count one attempt for each ``kind_scope=key``. Raises DeliberateError ``throttle`` with status 429 when one is used up."""
        for name, key in who.items():
            if not self.limiter.hit(LIMITS[name.replace("_", ".")], name, key):
                raise self._refusal(name, key)

    def look(self, **who: str) -> None:
        """As :meth:`check`, without counting: for attempts that count only when they fail."""
        for name, key in who.items():
            if not self.limiter.test(LIMITS[name.replace("_", ".")], name, key):
                raise self._refusal(name, key)

    def failed(self, **who: str) -> None:
        """Count a failure."""
        for name, key in who.items():
            self.limiter.hit(LIMITS[name.replace("_", ".")], name, key)

    def _refusal(self, name: str, key: str) -> DeliberateError:
        stats = self.limiter.get_window_stats(LIMITS[name.replace("_", ".")], name, key)
        minutes = max(1, -(-int(stats.reset_time - time.time()) // 60))
        return DeliberateError(
            "Too many attempts.",
            "To keep guessers out, each may be tried only so often.",
            mark_many("Wait a minute, then try again.", "Wait %(num)s minutes, then try again.", minutes),
            "throttle",
            status=429,
        )


def network(address: str) -> str:
    """The network that attempts are counted for: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if found.version == 6:
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
