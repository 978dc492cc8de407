"""Forms of motions, amendments and the debate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pyramid.request import Request

from deliberate.services.motions import Writing
from deliberate.web.forms import Form


class MotionForm(Form):
    """What a mover writes."""

    title: str = Field(default="", max_length=1000)
    text: str = Field(default="", max_length=210_000)
    reason: str = Field(default="", max_length=210_000)
    movers: str = Field(default="", max_length=4000)

    def writing(self) -> Writing:
        return Writing(self.title, self.text, self.reason, self.movers)


class SayForm(Form):
    """A contribution to the debate."""

    text: str = Field(default="", max_length=20_000)
    side: Literal["for", "against", "question", "neutral"] = "neutral"


class ReasonForm(Form):
    """A reason that others will read."""

    reason: str = Field(default="", max_length=2000)


def clauses(request: Request) -> tuple[dict[str, str], dict[str, str]]:
    """The words of each clause and the new clauses after each, as the amendment form sends them."""
    changed = {key.removeprefix("clause-"): value for key, value in request.POST.items() if key.startswith("clause-")}
    added = {
        key.removeprefix("after-"): value
        for key, value in request.POST.items()
        if key.startswith("after-") and value.strip()
    }
    return changed, added
