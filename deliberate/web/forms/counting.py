"""The form of a file that is to be counted: the file, the method with its options, seats, seed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from pydantic import Field
from pyramid.request import Request

from deliberate.core.errors import DeliberateError
from deliberate.core.tally.registry import METHODS, Method, flag
from deliberate.services.counting import LARGEST, Asked
from deliberate.web.forms import Form, read
from deliberate.web.forms.polls import TIES

SET = "set-"
"""How the names of the fields of a method's options begin."""
APART = ("seed",)
"""Options that have a field of their own."""


class CountForm(Form):
    """What stands beside the file. shown: the method whose options the page showed; those of another are not meant."""

    method: str = Field(min_length=1, max_length=40)
    shown: str = Field(default="", max_length=40)
    seats: int = Field(default=0, ge=0, le=255)
    seed: str = Field(default="", max_length=200)
    format: str = Field(default="", max_length=20)
    contest: str = Field(default="", max_length=200)


@dataclass(frozen=True)
class Line:
    """The field of one option: its name, what it means, the words or values it offers (none: free text), what is usual."""

    name: str
    means: str
    offered: tuple[Any, ...]
    usual: Any


def lines(method: Method) -> list[Line]:
    """The fields of a method's options."""
    return [
        Line(name, setting.means, _offered(name, setting.default, setting.read), setting.default)
        for name, setting in method.options.items()
        if name not in APART
    ]


def _offered(name: str, usual: Any, reader: Any) -> tuple[Any, ...]:
    if name == "ties":
        return tuple(words.split(",") for words in TIES["ties_once" if usual == ["lot"] else "ties"])
    return (True, False) if reader is flag else tuple(getattr(reader, "allowed", ()))


def plain(value: Any) -> str:
    """A value as its field and the command line write it."""
    if value in (None, {}, []):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return (".." if all(isinstance(part, int) for part in value) else ",").join(map(str, value))
    return str(value)


def typed(request: Request, form: CountForm) -> dict[str, str]:
    """The options that differ from what is usual, as they were typed; none where the page showed those of another method."""
    if form.method not in METHODS or form.shown != form.method:
        return {}
    given = {
        line.name: request.POST.get(f"{SET}{line.name}", "").strip()[:2000] for line in lines(METHODS[form.method])
    }
    usual = {line.name: plain(line.usual) for line in lines(METHODS[form.method])}
    return {name: value for name, value in given.items() if value not in ("", usual[name])}


def asked(request: Request) -> Asked:
    """What is to be counted. Raises DeliberateError ``count.file`` without a file, ``form.invalid`` for what does not fit."""
    form = read(request, CountForm)
    file = request.POST.get("file")
    if not hasattr(file, "file"):
        raise DeliberateError(
            "No file was chosen.", "", "Choose a file of ballots.", "count.file", {"file": "Choose a file."}
        )
    with file.file as opened, closing(request.body_file_raw):  # both may be files on disk: let go of them before the count
        data = opened.read(LARGEST + 1)
    return Asked(
        data,
        PurePath(file.filename.replace("\\", "/")).name[:200] or "file",
        form.method,
        typed(request, form),
        form.seats,
        form.seed,
        form.format,
        form.contest,
    )
