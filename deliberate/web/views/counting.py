"""Count a file: for tellers and auditors who have ballots and want to see them counted. Nothing of it is stored."""

from __future__ import annotations

import hashlib
import shlex
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from deliberate.core import orders
from deliberate.core.errors import DeliberateError
from deliberate.core.formats.every import FORMATS
from deliberate.core.sentences import mark
from deliberate.core.tally.registry import FAMILIES, METHODS, Method
from deliberate.services import counting
from deliberate.services.counting import COMPARE, Answer, Asked
from deliberate.web.forms import counting as forms

USUAL = "irv"
NAMES = {
    "motion": mark("One text, yes or no"),
    "choice": mark("Marks, counted together"),
    "run-off": mark("Rankings for one seat, by exclusion"),
    "proportional": mark("Rankings for several seats"),
    "pairwise": mark("Rankings, each option against each other"),
    "points": mark("Scores and points"),
    "committee": mark("Marks for a committee in proportion"),
    "budget": mark("Projects within a budget"),
}
"""The families of methods as people read them."""


@view_config(route_name="count", request_method="GET", renderer="counting/count.jinja2")
def ask(request: Request) -> dict[str, Any]:
    """The form; ``?method=`` chooses a method and shows its options."""
    return _shown(request, request.GET.get("method", ""))


@view_config(route_name="count", request_method="POST", renderer="counting/count.jinja2")
def answer(request: Request) -> dict[str, Any]:
    """The count of the file that was sent, or the form with what is wrong."""
    shown = _shown(request, request.POST.get("method", ""))
    try:
        request.registry["throttle"].check(count_member=request.person.public_id)
        asked = forms.asked(request)
        return {**shown, **_counted(asked, counting.counted(asked))}
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**shown, "error": error}


def _shown(request: Request, name: str) -> dict[str, Any]:
    """The form as it stands, filled with what was typed."""
    name = name if name in METHODS or name == COMPARE else USUAL
    method = METHODS.get(name)
    given = request.POST if request.method == "POST" and request.POST.get("shown") == name else {}
    fields = forms.lines(method) if method else []
    return {
        "method": method,
        "chosen": name,
        "families": families(),
        "fields": fields,
        "values": {line.name: given.get(f"{forms.SET}{line.name}", forms.plain(line.usual)) for line in fields},
        "typed": {key: request.POST.get(key, "") for key in ("seats", "seed", "format", "contest")},
        "formats": [(one.name, one.about) for one in sorted(FORMATS.values(), key=lambda one: one.name)],
        "plain": forms.plain,
        "prefix": forms.SET,
        "compare": COMPARE,
        "rule": orders.BY_ACT["file.count"],
        "largest": counting.LARGEST // 1_000_000,
        "most": counting.MOST_DISTINCT,
        "error": None,
        "count": None,
        "comparison": None,
    }


def families() -> list[tuple[str, list[Method]]]:
    """All methods under the names of their families, in the order of the chooser."""
    return [(NAMES[family], [method for method in METHODS.values() if method.family == family]) for family in FAMILIES]


def _counted(asked: Asked, made: Answer) -> dict[str, Any]:
    """What the page of a count shows beside the form."""
    return {
        "count": made.count,
        "comparison": made.comparison,
        "notes": made.notes,
        "file": asked.file,
        "size": len(asked.data),
        "digest": hashlib.sha256(asked.data).hexdigest(),
        "command": command(asked),
    }


def command(asked: Asked) -> str:
    """The line that does the same with the program."""
    words = ["deliberate", "compare" if asked.method == COMPARE else "tally", asked.file]
    words += [] if asked.method == COMPARE else ["--rules", asked.method]
    words += ["--format", asked.format] if asked.format else []
    words += ["--contest", asked.contest] if asked.contest else []
    words += ["--seats", str(asked.seats)] if asked.seats else []
    for name, value in asked.settings.items():
        words += ["--set", f"{name}={value}"]
    words += ["--seed", asked.seed] if asked.seed else []
    return shlex.join(words)
