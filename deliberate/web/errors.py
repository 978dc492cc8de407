"""One view turns every refusal into a page or JSON: what happened, why, what to do. Never a stack trace."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import structlog
from pyramid.config import Configurator
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken
from pyramid.httpexceptions import HTTPException
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from pyramid_retry import is_error_retryable
from sqlalchemy.exc import DataError
from transaction.interfaces import NoTransaction

from deliberate.core import orders
from deliberate.core.errors import Conflict, DeliberateError, Forbidden, NotFound
from deliberate.core.sentences import mark
from deliberate.models import is_busy, is_locked
from deliberate.web.words import said, sentences

log = structlog.get_logger()
BADGES = {
    403: ("wait", mark("Not allowed")),
    404: ("quiet", mark("Not found")),
    500: ("lost", mark("Our fault")),
    503: ("wait", mark("Busy")),
}
BACK = {
    "poll": mark("Back to the poll"),
    "amendment": mark("Back to the amendment"),
    "motion": mark("Back to the motion"),
}
NEVER_SHOWN = ("csrf_token", "password", "old", "next")
WAIT = 5  # seconds after which a busy answer is worth another try
REIFIED = ("db", "login", "person", "member", "assembly", "act")


def includeme(config: Configurator) -> None:
    config.add_exception_view(refused, context=Exception)
    config.add_exception_view(refused, context=HTTPException)
    config.add_notfound_view(not_found, append_slash=False)


def as_error(error: Exception) -> DeliberateError:
    """The refusal that a person sees for any exception."""
    if isinstance(error, DeliberateError):
        return error
    if isinstance(error, (BadCSRFToken, BadCSRFOrigin)):
        return Forbidden(
            "The form has expired.",
            "Its security token does not fit your visit any more.",
            "Go back, reload the page and send it again.",
            "form.csrf",
            status=400,
        )
    if is_locked(error):
        return DeliberateError(
            "The database is busy.",
            "Another task holds it, such as a large import or a backup. Nothing was stored.",
            "Wait a few seconds, then try again.",
            "busy.locked",
            status=503,
        )
    if is_busy(error):
        return Conflict(
            "Somebody else changed this at the same moment.",
            "Your change was not stored.",
            "Try again.",
            "busy",
            status=409,
        )
    if isinstance(error, HTTPException):
        return DeliberateError(
            error.title, error.explanation or "", "", f"http.{error.status_int}", status=error.status_int
        )
    if isinstance(
        error, (UnicodeDecodeError, DataError)
    ):  # the latter: PostgreSQL takes no NUL and no number that is too large
        return DeliberateError(
            "The address or form holds something that is not text.",
            "Text is UTF-8, without NUL characters.",
            "Go back and type it again.",
            "form.encoding",
            status=400,
        )
    number = secrets.token_hex(4)
    log.error("unexpected", number=number, kind=type(error).__name__, exc_info=error)
    return DeliberateError(
        "Something broke on our side.",
        "It is not your fault, and nothing was stored.",
        mark("Try again in a minute. If it stays, tell the secretary the number %(number)s.", number=number),
        f"server.{number}",
        status=500,
    )


def not_found(request: Request) -> Response:
    return refused(
        NotFound(
            "There is no page at this address.",
            "It may have moved, or the address is mistyped.",
            "Start from the first page.",
            "page.none",
        ),
        request,
    )


def refused(error: Exception, request: Request) -> Response:
    """The answer for a refusal, as JSON for programs and as a page for people."""
    if isinstance(error, HTTPException) and error.status_int < 400:
        return error
    if is_error_retryable(request, error):
        return Response(status=503)  # nobody sees it: the request is tried again as a whole
    shown = as_error(error)
    request.refused = True  # the page of an error only reads, whatever the request was
    if shown.status in (403, 429):  # a security event: which act, of which route; never what was sent
        log.info("refused", code=shown.code, route=getattr(getattr(request, "matched_route", None), "name", ""))
    forget(request)
    with fresh(request.tm):
        try:
            if wants_json(request):
                response = render_to_response("json", as_json(shown), request=request)
            else:
                response = render_to_response("error.jinja2", as_page(shown, request), request=request)
        except Exception as second:  # the database may be what broke
            log.error("error page failed", kind=type(second).__name__, exc_info=second)
            response = Response(f"{shown}\n", content_type="text/plain", charset="utf-8")
    return _sent(response, shown)


def forget(request: Request) -> None:
    """Let go of what the failed transaction had loaded. Which assembly the page is about is kept: its number, no row."""
    try:
        kept = request.assembly_id
    except Exception:  # the row cannot be read any more; the page is then about the first assembly
        kept = None
    for name in REIFIED:
        request.__dict__.pop(name, None)
    request.assembly_id, request.refused = kept, True


@contextmanager
def fresh(manager: Any) -> Iterator[None]:
    """A new transaction for the error page. What the failed request did is undone; whoever began it ends the new one."""
    try:
        manager.abort()
        begun = True
    except NoTransaction:
        begun = False
    manager.begin()
    try:
        yield
    finally:
        if not begun:
            manager.abort()


def as_page(error: DeliberateError, request: Request) -> dict[str, Any]:
    """What the error page shows: how grave it is, what was kept, and the ways out."""
    kind, badge = BADGES.get(error.status, ("wait", mark("Not done")))
    texts = typed(request)
    kept = ""
    if request.method not in {"GET", "HEAD"}:
        kept = mark("Nothing was changed. What you typed stands below.") if texts else mark("Nothing was changed.")
    actions = [*_back(error, request), (mark("To the first page"), "/")]
    if error.status == 403 and getattr(request, "person", None) is None:
        actions = [(mark("Log in"), f"/login?next={quote(address(request))}"), *actions]
    elif error.code in {"login.link", "invitation.none"} and getattr(request, "person", None) is None:
        actions = [(mark("Log in"), "/login"), *actions]
    if error.code.startswith("orders.") and error.code.removeprefix("orders.") in orders.BY_ACT:
        actions = [
            *actions,
            (mark("Why may I not do this?"), f"/orders/why?act={error.code.removeprefix('orders.')}{_about(request)}"),
        ]
    number = error.code.partition(".")[2] if error.code.startswith("server.") else None
    return {
        "what": error.what,
        "why": error.why,
        "remedy": error.remedy,
        "code": error.code,
        "status": error.status,
        "number": number,
        "kind": kind,
        "badge": badge,
        "kept": kept,
        "actions": actions,
        "fields": error.fields,
        "typed": texts,
    }


def _back(error: DeliberateError, request: Request) -> list[tuple[str, str]]:
    """The way back to the page of the thing that was asked about, where there is one."""
    found = request.matchdict or {}
    if error.status in (404, 500, 503):
        return []
    return [(words, request.route_path(noun, **{noun: found[noun]})) for noun, words in BACK.items() if noun in found]


def typed(request: Request) -> list[tuple[str, str]]:
    """The texts of the refused form, so that nothing is lost even where the browser forgets: (field, text). Never a password."""
    if request.method in {"GET", "HEAD"}:
        return []
    return [
        (name, value)
        for name, value in request.POST.items()
        if name not in NEVER_SHOWN and isinstance(value, str) and (" " in value.strip() or len(value) > 40)
    ]


def _about(request: Request) -> str:
    """The motion, amendment or poll that the address names, for the page of reasons."""
    parts = getattr(request, "matchdict", None) or {}
    return next(
        (f"&about={noun}:{quote(parts[noun])}" for noun in ("motion", "amendment", "poll") if parts.get(noun)), ""
    )


def as_json(error: DeliberateError) -> dict[str, Any]:
    """The one shape of an error for programs."""
    return {
        "ok": False,
        "error": sentences(error),
        "what": said(error.what),
        "why": said(error.why),
        "remedy": said(error.remedy),
        "code": error.code,
        "fields": {name: said(text) for name, text in error.fields.items()},
        "status": error.status,
    }


def address(request: Request) -> str:
    """The path that was asked for; the first page where it is no text at all."""
    try:
        return str(request.path)
    except UnicodeDecodeError:
        return "/"


def wants_json(request: Request) -> bool:
    """Whether a program asks: by the address, or by what it accepts."""
    best = request.accept.acceptable_offers(["text/html", "application/json"]) if request.accept else []
    return (
        address(request).startswith("/api/")
        or address(request).endswith(".json")
        or bool(best and best[0][0] == "application/json")
    )


def _sent(response: Response, error: DeliberateError) -> Response:
    response.status_int = error.status
    if error.status == 503:
        response.retry_after = WAIT
    return response
