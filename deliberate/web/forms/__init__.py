"""Forms: what a page sends, as pydantic models. One function reads them; a mistake names its field and loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pyramid.request import Request

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark, mark_many


class Form(BaseModel):
    """Base of all forms: blanks at the ends are cut, unknown fields are ignored (CSRF token, button names)."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", arbitrary_types_allowed=True)


Made = TypeVar("Made", bound=BaseModel)
SAID = {
    "missing": mark("This is needed."),
    "string_too_short": mark("This is needed."),
    "string_too_long": mark("This is too long: %(max_length)s characters at most."),
    "int_parsing": mark("Write a whole number."),
    "int_from_float": mark("Write a whole number."),
    "greater_than_equal": mark("The least is %(ge)s."),
    "less_than_equal": mark("The most is %(le)s."),
    "literal_error": mark("Choose one of the given answers."),
    "bool_parsing": mark("Choose yes or no."),
    "datetime_from_date_parsing": mark("Write a date and a time, as in 2026-11-24T18:00."),
    "date_from_datetime_parsing": mark("Write a date, as in 2026-11-24."),
    "date_parsing": mark("Write a date, as in 2026-11-24."),
}


def read(request: Request, model: type[Made], posted: Mapping[str, Any] | None = None) -> Made:
    """The posted values as a model. Raises DeliberateError ``form.invalid`` with a sentence per field."""
    values = collect(request, model) if posted is None else dict(posted)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        fields = {".".join(map(str, one["loc"][:1])): _say(one) for one in reversed(error.errors())}
        raise DeliberateError(
            mark_many("One answer needs a look.", "%(num)s answers need a look.", len(fields)),
            "",
            "Correct what is marked and send the form again. Nothing you typed is lost.",
            "form.invalid",
            fields,
        ) from error


def collect(request: Request, model: type[BaseModel]) -> dict[str, Any]:
    """Posted values by field name; a list field takes all values of its name; empty optional fields count as not given."""
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) in (list, tuple):
            values[name] = request.POST.getall(name)
        elif name in request.POST and (request.POST[name] != "" or field.is_required()):
            values[name] = request.POST[name]
    return values


def _say(error: Any) -> str:
    given = error.get("ctx", {})
    if error["type"] == "value_error":  # a validator of ours: its sentence is marked
        return str(error["msg"]) if not given["error"].args else mark(given["error"].args[0])
    words = SAID.get(error["type"])
    if words is None:
        return str(error["msg"]) + ("" if str(error["msg"]).endswith(".") else ".")
    return mark(words, **given) if "%" in words else words
