"""Forms of people: logging in, passwords, one's own details, members and offices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ConfigDict, Field, field_validator

from deliberate.core import electorate
from deliberate.core.sentences import mark
from deliberate.models import Assembly
from deliberate.services import logins
from deliberate.services.act import day_of
from deliberate.web.forms import Form


class LogIn(Form):
    """Address and password; without a password a link is sent."""

    model_config = ConfigDict(str_strip_whitespace=False)

    email: str = Field(min_length=3, max_length=254)
    password: str = Field(default="", max_length=400)

    @field_validator("email")
    @classmethod
    def _email(cls, value: str) -> str:
        found = electorate.canonical_email(value)
        if not electorate.is_email(found) or electorate.unsafe(found):
            raise ValueError(mark("Write an address such as ada@example.org."))
        return found


class NewPassword(Form):
    """A new password, and the present one where there is one."""

    model_config = ConfigDict(str_strip_whitespace=False)  # blanks are characters of a password like any other

    old: str = Field(default="", max_length=logins.MOST)
    password: str = Field(default="", max_length=logins.MOST)


class Details(Form):
    """What a person may change of themselves."""

    name: str = Field(min_length=1, max_length=electorate.LONGEST["name"])
    timezone: str = Field(default="", max_length=60)

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if why := electorate.unsafe(value):
            raise ValueError(mark("The name %(why)s.", why=mark(why)))
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value and value not in available_timezones():
            raise ValueError(mark("Choose a time zone such as Europe/Berlin."))
        return value


class MemberForm(Form):
    """One row of the roll."""

    number: str = Field(default="", max_length=electorate.LONGEST["number"])
    name: str = Field(min_length=1, max_length=electorate.LONGEST["name"])
    email: str = Field(default="", max_length=electorate.LONGEST["email"])
    section: str = Field(default="", max_length=electorate.LONGEST["section"])
    weight: Fraction = Fraction(1)
    entitled: bool = False

    @field_validator("weight", mode="before")
    @classmethod
    def _weight(cls, value: object) -> Fraction:
        try:
            return value if isinstance(value, Fraction) else electorate.weight(str(value).strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError(mark("Write a positive number such as 1, 1.5 or 3/2.")) from None


class RoleForm(Form):
    """An office to give: from a day on, and until another. Days are those of the assembly."""

    role: str = Field(min_length=1, max_length=20)
    starts_at: date | None = None
    ends_at: date | None = None

    def times(self, assembly: Assembly, now: datetime) -> tuple[datetime, datetime | None]:
        """The beginning (now, if it is today or not given) and the end: the midnight after the last day."""
        zone = ZoneInfo(assembly.timezone)
        first = midnight(self.starts_at, zone) if self.starts_at and self.starts_at > day_of(assembly, now) else now
        return first, midnight(
            self.ends_at + timedelta(days=1), zone
        ) if self.ends_at and self.ends_at < date.max else None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a day in a zone, in UTC."""
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
