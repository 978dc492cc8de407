"""The form of the standing orders: numbers and words that an admin may change."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deliberate.web.forms import Form


class OrdersForm(Form):
    """The standing orders that are numbers and words; what else must hold is checked by ``core.orders.load``."""

    preamble: str = Field(default="", max_length=2000)
    support_count: int = Field(ge=0, le=1_000_000)
    support_share: str = Field(default="0", max_length=20)
    support_sections: int = Field(default=0, ge=0, le=1000)
    support_days: int = Field(ge=1, le=3660)
    majority: str = Field(min_length=1, max_length=20)
    majority_strict: bool = False
    majority_basis: Literal["votes", "votes+abstentions", "roll"]
    quorum: str = Field(default="0", max_length=20)
    quorum_count: int = Field(default=0, ge=0, le=1_000_000)
    tie: Literal["falls", "casting"]
    poll_days: int = Field(ge=1, le=366)
    motion_prefix: str = Field(min_length=1, max_length=10)
    amendment_infix: str = Field(min_length=1, max_length=10)
    poll_prefix: str = Field(min_length=1, max_length=10)
    number_digits: int = Field(ge=1, le=6)
    claim_width: Literal["token", "sentence", "clause"]
    same_gap: Literal["both", "rival"]
