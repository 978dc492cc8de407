"""Forms of polls: preparing one, and the ballot."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator
from pyramid.request import Request

from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.orders import Orders
from deliberate.core.sentences import mark
from deliberate.core.tally import METHODS
from deliberate.core.tally.registry import share, whole
from deliberate.models import Amendment, Motion, Poll
from deliberate.services.polls import OFFERED, Spec
from deliberate.web.forms import Form
from deliberate.web.words import listed, said

TIES = {
    "ties": (
        "backwards,lot",
        "forwards,lot",
        "previous,lot",
        "backwards,declared",
        "forwards,declared",
        "declared",
        "lot",
    ),
    "ties_once": ("lot", "declared"),
}
"""Tie policies that the form offers: for counts by rounds, and for one count."""
RUN_OFFS = ("irv", "smith-irv", "benham")
BY_LAW = ("wigm-prf", "wigm-prf-batch", "meek-prf", "ers97")
"""Methods whose source says what settles a tie; another policy would depart from it."""
KEY = re.compile(r"[0-9a-f]{32}")
PLACE = re.compile(r"[0-9]{1,4}")
LOCAL = "%Y-%m-%dT%H:%M"
YEARS = range(2000, 3000)  # beyond them a moment may not exist in every zone
QUORUMS = {
    "members": ("heads", "number"),
    "share": ("heads", "fraction"),
    "votes": ("weight", "number"),
    "votes-share": ("weight", "fraction"),
}
"""How a quorum is counted and told, by the word of the form."""


def needs(method: str) -> set[str]:
    """The fields of the form that a method of choices needs: ``seats``, ``rounds`` or ``once`` (its tie policies), ``run-off``."""
    about = METHODS[method]
    made = {"seats"} if about.winners == "seats" and method != "plurality" else set()
    if method in RUN_OFFS:
        made.add("run-off")
    if method not in BY_LAW:
        made.add("rounds" if about.family in ("run-off", "proportional") else "once")
    return made


class PollForm(Form):
    """What is asked, of whom, by which rules."""

    title: str = Field(min_length=1, max_length=300)
    question: str = Field(default="", max_length=4000)
    method: Literal[OFFERED] = "motion"  # type: ignore[valid-type]
    options: str = Field(default="", max_length=40_000)
    seats: int = Field(default=1, ge=1, le=100)
    majority: Literal["simple", "absolute", "two-thirds", "other"] = "simple"
    threshold: str = Field(default="1/2", max_length=20)
    strict: bool = False
    basis: Literal["votes", "votes+abstentions", "roll"] = "votes"
    quorum_of: Literal["members", "share", "votes", "votes-share"] = "share"  # before the quorum, which is read by it
    quorum: str = Field(default="", max_length=20)
    tie: Literal["falls", "casting"] = "falls"
    ties: str = Field(default="backwards,lot", max_length=100)
    ties_once: str = Field(default="lot", max_length=100)
    tied_last: bool = False
    mode: Literal["open", "confidential"] = "confidential"
    revote: Literal["never", "until_close"] = "never"
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @field_validator("opens_at", "closes_at")
    @classmethod
    def _year(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.year not in YEARS:
            raise ValueError(mark("Write a year from %(first)s to %(last)s.", first=str(YEARS[0]), last=str(YEARS[-1])))
        return value

    @field_validator("quorum")
    @classmethod
    def _least(cls, value: str, made: ValidationInfo) -> str:
        """A number where a number is asked for, a share where a share is: the other one is the usual slip."""
        if value in ("", "0") or "quorum_of" not in made.data:
            return value
        number = QUORUMS[made.data["quorum_of"]][1] == "number"
        try:
            (whole(1) if number else share)(value)
        except ValueError:
            raise ValueError(
                mark("Write a whole number of at least 1. For a share, such as 1/2, choose one beside it.")
                if number
                else mark("Write a share from 0 to 1, such as 1/2. For a number, such as 20, choose one beside it.")
            ) from None
        return value

    def spec(self, zone: ZoneInfo, **about: Any) -> Spec:
        """The poll that this form describes; its times are in the reader's zone."""
        return Spec(
            title=self.title,
            question=self.question,
            method=self.method,
            options=self.listed(),
            seats=self.seats if "seats" in needs(self.method) else 1,
            rules=self.rules(),
            mode=self.mode,
            revote=self.revote,
            opens_at=_utc(self.opens_at, zone),
            closes_at=_utc(self.closes_at, zone),
            **about,
        )

    def listed(self) -> list[tuple[str, str]]:
        """One option a line; what stands after " | " says something about it."""
        lines = [line.strip() for line in self.options.splitlines() if line.strip()]
        return [(name.strip(), about.strip()) for name, _, about in (line.partition("|") for line in lines)]

    def rules(self) -> dict[str, Any]:
        if self.method != "motion":
            asked = needs(self.method)
            ties = {"ties": self.ties} if "rounds" in asked else {"ties": self.ties_once} if "once" in asked else {}
            last = {"tied_last": "all-together" if self.tied_last else "policy"} if "run-off" in asked else {}
            return {**ties, **last}
        named: dict[str, dict[str, Any]] = {
            "simple": {"threshold": "1/2", "strict": True, "basis": "votes"},
            "absolute": {"threshold": "1/2", "strict": True, "basis": "roll"},
            "two-thirds": {"threshold": "2/3", "strict": False, "basis": "votes"},
            "other": {"threshold": self.threshold, "strict": self.strict, "basis": self.basis},
        }
        made = {**named[self.majority], "tie": self.tie}
        if not self.quorum or self.quorum == "0":
            return made
        by, kind = QUORUMS[self.quorum_of]
        return {**made, "quorum": {"on": "turnout", "by": by, kind: self.quorum}}


def values_of(
    poll: Poll | None, zone: ZoneInfo, orders: Orders, now: datetime, motion: Motion | None, amendment: Amendment | None
) -> dict[str, Any]:
    """What the form of a poll shows before anybody types: the poll as it is, or the standing orders' habits."""
    if poll is None:
        about = amendment or motion
        asked = said(mark("Shall %(number)s be carried?", number=about.number)) if about else ""
        title = motion.title if motion else ""
        if amendment:
            title = said(mark("Amendment %(number)s", number=amendment.number))
        closes = (now.astimezone(zone) + timedelta(days=orders.poll_days)).replace(hour=18, minute=0)
        return {
            "title": title,
            "question": asked,
            "method": "motion",
            "options": "",
            "seats": "1",
            **_majority(orders.majority, orders.majority_strict, orders.majority_basis),
            **_quorum(orders.usual_quorum()),
            "tie": orders.tie,
            **_ties(None),
            "mode": "open" if motion or amendment else "confidential",
            "revote": "never",
            "opens_at": "",
            "closes_at": closes.strftime(LOCAL),
        }
    rules = poll.rules
    named = (
        _majority(rules["threshold"], rules["strict"], rules["basis"])
        if poll.method == "motion"
        else _majority("1/2", True, "votes")
    )
    return {
        "title": poll.title,
        "question": poll.question,
        "method": poll.method,
        "seats": str(poll.seats),
        **named,
        "options": ""
        if poll.method == "motion"
        else "\n".join(f"{o.name} | {o.about}" if o.about else o.name for o in poll.options),
        **_quorum(rules.get("quorum")),
        "tie": rules.get("tie", "falls"),
        **_ties(poll),
        "mode": poll.mode,
        "revote": poll.revote,
        "opens_at": poll.opens_at.astimezone(zone).strftime(LOCAL) if poll.opens_at else "",
        "closes_at": poll.closes_at.astimezone(zone).strftime(LOCAL) if poll.closes_at else "",
    }


def _quorum(quorum: dict[str, Any] | None) -> dict[str, str]:
    """The two fields of a quorum."""
    if not quorum:
        return {"quorum": "", "quorum_of": "share"}
    kind = "number" if "number" in quorum else "fraction"
    word = next(word for word, found in QUORUMS.items() if found == (quorum["by"], kind))
    return {"quorum": str(quorum[kind]), "quorum_of": word}


def _ties(poll: Poll | None) -> dict[str, str]:
    """The fields of the tie policies: those of the poll, or the usual ones."""
    given = ",".join(poll.rules.get("ties", [])) if poll else ""
    asked = needs(poll.method) if poll and poll.method != "motion" else set()
    return {
        "ties": given if given and "rounds" in asked else "backwards,lot",
        "ties_once": given if given and "once" in asked else "lot",
        "tied_last": "1" if poll and poll.rules.get("tied_last") == "all-together" else "",
    }


def tie_choices(values: dict[str, Any]) -> dict[str, list[list[str]]]:
    """The tie policies to choose from, by field: the usual ones, and what the poll has, if that is another.

    A seed is not among them: frozen at the opening it would be known before the last ballot.
    """
    made = {}
    for name, usual in TIES.items():
        listed = usual if values[name] in usual else (*usual, values[name])
        made[name] = [names.split(",") for names in listed]
    return made


def _majority(threshold: str, strict: bool, basis: str) -> dict[str, str]:
    """The preset that these three make, and the three themselves."""
    preset = {
        ("1/2", True, "votes"): "simple",
        ("1/2", True, "roll"): "absolute",
        ("2/3", False, "votes"): "two-thirds",
    }
    return {
        "majority": preset.get((threshold, strict, basis), "other"),
        "threshold": threshold,
        "strict": "1" if strict else "",
        "basis": basis if basis in ("votes", "votes+abstentions", "roll") else "votes",
    }


class VoidForm(Form):
    """Why a poll is void."""

    reason: str = Field(default="", max_length=2000)


class DrawForm(Form):
    """Who was drawn, and how."""

    chosen: str = Field(default="", max_length=200)
    how: str = Field(default="", max_length=2000)


class PublishForm(Form):
    """Whether rankings that occur once were seen."""

    unique: bool = False


def _utc(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def key_of(request: Request) -> str:
    """The form's random key. Raises when it was tampered with, or when another member opened the form in this browser."""
    key: str = request.POST.get("key", "")
    if request.POST.get("voter", request.member.public_id) != request.member.public_id:
        raise Conflict(
            "This ballot form was opened by another member.",
            "Somebody else has logged in at this browser since.",
            "Load the ballot page again and vote there.",
            "ballot.voter",
        )
    if not KEY.fullmatch(key):
        raise DeliberateError(
            "The ballot form is damaged.", "Its key is missing.", "Load the ballot page again.", "ballot.key"
        )
    return key


def places(request: Request, options: list[dict[str, str]]) -> dict[str, str]:
    """What the rank selectors say: place by option id, as typed."""
    return {o["id"]: value for o in options if (value := request.POST.get(f"rank-{o['id']}", "").strip())}


def ranking(chosen: dict[str, str], options: list[dict[str, str]]) -> dict[str, Any]:
    """The ballot that rank selectors describe. Raises ``ballot.place`` with the names of the options that are wrong."""
    names = {o["id"]: o["name"] for o in options}
    at: dict[int, list[str]] = {}
    for option, value in chosen.items():
        if not PLACE.fullmatch(value) or not 1 <= int(value) <= len(options):
            raise DeliberateError(
                mark('The rank of "%(name)s" is "%(rank)s".', name=names[option], rank=value[:20]),
                mark("Ranks are 1 to %(last)s.", last=len(options)),
                "Choose a rank from the list.",
                "ballot.place",
                {f"rank-{option}": "Choose a rank."},
            )
        at.setdefault(int(value), []).append(option)
    wrong: dict[str, str] = {}
    for place, found in sorted(at.items()):
        if len(found) > 1:
            both = listed([f'"{names[o]}"' for o in found])
            wrong[f"rank-{found[0]}"] = mark(
                "%(names)s both have rank %(rank)s. Give each a rank of its own.", names=both, rank=place
            )
    gaps = [place for place in range(1, max(at, default=0)) if place not in at]
    if gaps and not wrong:
        after = at[min(p for p in at if p > gaps[0])][0]
        wrong[f"rank-{after}"] = mark(
            'You skipped rank %(rank)s: "%(name)s" has rank %(next)s.',
            rank=gaps[0],
            name=names[after],
            next=min(p for p in at if p > gaps[0]),
        )
    if wrong:
        raise DeliberateError(
            "Your ballot cannot be read as a ranking.",
            " ".join(map(said, wrong.values())),
            "Give each option you rank one rank, without gaps.",
            "ballot.rank",
            wrong,
        )
    return {"kind": "ranking", "ranks": [at[place] for place in sorted(at)]}


def ballot(request: Request, definition: dict[str, Any]) -> dict[str, Any]:
    """The ballot that the form describes, in its canonical form."""
    options = definition["options"]
    if definition["ballot"] == "ranking":
        if request.POST.get("to") == "blank":
            return {"kind": "ranking", "ranks": []}
        made = ranking(places(request, options), options)
        if not made["ranks"]:
            raise DeliberateError(
                "You have not ranked anybody.",
                "A ballot ranks at least one option.",
                "Rank one, or hand in a blank ballot.",
                "ballot.empty",
                {"rank-" + options[0]["id"]: "Rank at least one."},
            )
        return made
    mark = request.POST.get("choice", "")
    if mark == "blank":
        return {"kind": "choice", "marks": []}
    if mark not in {o["id"] for o in options}:
        raise DeliberateError(
            "You have not chosen.",
            "A ballot marks one answer.",
            "Choose one, then go on.",
            "ballot.empty",
            {"choice": "Choose one answer."},
        )
    return {"kind": "choice", "marks": [mark]}
