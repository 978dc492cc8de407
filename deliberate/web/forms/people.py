"""Forms of people: logging in, passwords, one's own details, members and offices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from deliberate.core import electorate
from deliberate.web.forms import Form


class LogIn(Form):
    """Address and password; without a password a link is sent."""

    email: str = Field(min_length=3, max_length=254)
    password: str = Field(default="", max_length=400)
    next: str = Field(default="", max_length=400)

    @field_validator("email")
    @classmethod
    def _email(cls, value: str) -> str:
        found = electorate.canonical_email(value)
        if not electorate.is_email(found):
            raise ValueError("Write an address such as ada@example.org.")
        return found


class NewPassword(Form):
    """A new password, and the present one where there is one."""

    old: str = Field(default="", max_length=400)
    password: str = Field(min_length=1, max_length=400)


class Details(Form):
    """What a person may change of themselves."""

    name: str = Field(min_length=1, max_length=200)
    timezone: str = Field(default="", max_length=60)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value and value not in available_timezones():
            raise ValueError("Choose a time zone such as Europe/Berlin.")
        return value


class MemberForm(Form):
    """One row of the roll."""

    number: str = Field(default="", max_length=40)
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(default="", max_length=254)
    section: str = Field(default="", max_length=120)
    weight: Fraction = Fraction(1)
    entitled: bool = False

    @field_validator("weight", mode="before")
    @classmethod
    def _weight(cls, value: object) -> Fraction:
        try:
            return value if isinstance(value, Fraction) else electorate.weight(str(value).strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError("Write a positive number such as 1, 1.5 or 3/2.") from None


class RoleForm(Form):
    """An office to give."""

    role: str = Field(min_length=1, max_length=20)
    ends_at: date | None = None

    def until(self) -> datetime | None:
        return datetime.combine(self.ends_at, datetime.min.time(), UTC) if self.ends_at else None
