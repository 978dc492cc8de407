"""Throttling: how often something may be tried, per account, per address and in all."""

from __future__ import annotations

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from deliberate.core.errors import DeliberateError

LIMITS: dict[str, RateLimitItem] = {
    "login.account": parse("10 per 15 minutes"),
    "login.ip": parse("60 per 15 minutes"),
    "login.all": parse("3000 per 15 minutes"),
    "link.account": parse("5 per hour"),
    "link.ip": parse("30 per hour"),
    "link.all": parse("2000 per hour"),
    "invitation.ip": parse("60 per hour"),
    "comment.member": parse("60 per hour"),
    "motion.member": parse("20 per day"),
    "export.ip": parse("120 per hour"),
}


class Throttle:
    """Counts attempts in memory, or in Redis where it is configured."""

    def __init__(self, uri: str = "memory://") -> None:
        self.limiter = MovingWindowRateLimiter(storage_from_string(uri))

    def check(self, **who: str) -> None:
        """Count one attempt for each ``kind_scope=key``. Raises DeliberateError ``throttle`` with status 429 when one is used up."""
        for name, key in who.items():
            limit = LIMITS[name.replace("_", ".")]
            if not self.limiter.hit(limit, name, key):
                raise DeliberateError(
                    "Too many attempts.",
                    "To keep guessers out, each may be tried only so often.",
                    "Wait a quarter of an hour, then try again.",
                    "throttle",
                    status=429,
                )
