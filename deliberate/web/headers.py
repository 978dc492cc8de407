"""Security headers for every answer: a policy with a nonce, no inline script, no third party. What no view should read is refused."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW, INGRESS
from webob.multidict import NoVars

from deliberate.core.errors import DeliberateError, Forbidden
from deliberate.core.sentences import mark
from deliberate.services import rolls

STEADY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
FILE = "file"  # the one name of a field that takes a file
LARGEST = {"multipart/form-data": rolls.LARGEST + 1_000_000}
LARGEST_FORM = 2_000_000
HSTS = "max-age=31536000; includeSubDomains"


def includeme(config: Configurator) -> None:
    config.add_request_method(lambda _request: secrets.token_urlsafe(16), "csp_nonce", reify=True)
    config.add_tween("deliberate.web.headers.tween", under=INGRESS)
    config.add_tween("deliberate.web.headers.guard", under=EXCVIEW)


def attachment(name: str) -> str:
    """A header that offers the answer as a file. A name beyond ASCII is written a second time, as RFC 6266 has it.

    >>> attachment("record-木7.zip")
    'attachment; filename="record-_7.zip"; filename*=UTF-8\'\'record-%E6%9C%A87.zip'
    """
    plain = re.sub(r"[^\w .-]", "_", name, flags=re.ASCII)
    return f'attachment; filename="{plain}"' + ("" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}")


def policy(nonce: str) -> str:
    """The content security policy of one page."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'; trusted-types deliberate; require-trusted-types-for 'script'"
    )


def tween(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    """Add the headers to every answer."""
    secure = registry["settings"].secure

    def add(request: Request) -> Response:
        response = handler(request)
        for name, value in STEADY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy(request.csp_nonce))
        if secure:
            response.headers["Strict-Transport-Security"] = HSTS
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    return add


def guard(handler: Callable[[Request], Response], _registry: Any) -> Callable[[Request], Response]:
    """Refuse methods that no page has, forms that another site sends, and addresses and forms that are not text, before any view reads them."""

    def ask(request: Request) -> Response:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise DeliberateError(
                mark("No page here answers to %(method)s.", method=request.method[:20]),
                "Pages are read with GET and sent to with POST.",
                "Follow a link, or send the form of the page.",
                "http.method",
                status=405,
            )
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden(
                "This form came from another site.",
                "Only pages of this site may send forms to it.",
                "Open the page here and send the form from it.",
                "form.origin",
            )
        address(request)
        form(request)
        return handler(request)

    return ask


def address(request: Request) -> None:
    """Raise DeliberateError unless path and query are text that every database can hold."""
    try:
        sound = "\x00" not in request.path_info and not any(
            "\x00" in part for pair in request.GET.items() for part in pair
        )
    except UnicodeDecodeError:
        sound = False
    if not sound:
        raise DeliberateError(
            "The address holds something that is not text.",
            "Text is UTF-8, without NUL characters.",
            "Follow a link, or type the address again.",
            "form.encoding",
            status=400,
        )


def form(request: Request) -> None:
    """Raise DeliberateError unless the posted form can be read: UTF-8, whole, and files only where a file is asked for.

    What cannot be read counts as empty from then on, so that the page that says so can be made.
    """
    most = LARGEST.get(request.content_type, LARGEST_FORM)
    if (request.content_length or 0) > most:
        empty(request)
        raise DeliberateError(
            "This is too large to be sent.",
            mark("The limit is %(size)s MB.", size=most // 1_000_000),
            "Go back and send less at a time.",
            "form.large",
            status=413,
        )
    try:
        sound = all(isinstance(value, str) or name == FILE for name, value in request.POST.items())
    except (ValueError, LookupError, DeprecationWarning):  # not UTF-8, another charset (which webob raises), a broken body
        sound = False
    if not sound:
        empty(request)
        raise DeliberateError(
            "The form cannot be read.",
            "It was cut short, or it is not text in UTF-8.",
            "Go back, reload the page and send it again.",
            "form.encoding",
            status=400,
        )


def empty(request: Request) -> None:
    """Let the posted form count as empty."""
    request.environ["webob._parsed_post_vars"] = (NoVars("The form cannot be read."), request.body_file_raw)
