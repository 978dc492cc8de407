"""One tween for the security headers of every answer: a policy with a nonce, no inline script, no third party."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import INGRESS

STEADY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000; includeSubDomains"


def includeme(config: Configurator) -> None:
    config.add_request_method(lambda _request: secrets.token_urlsafe(16), "csp_nonce", reify=True)
    config.add_tween("deliberate.web.headers.tween", under=INGRESS)


def policy(nonce: str) -> str:
    """The content security policy of one page."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'; trusted-types deliberate; require-trusted-types-for 'script'"
    )


def tween(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    """Add the headers to every answer; refuse forms that another site sends."""
    secure = registry["settings"].secure

    def add(request: Request) -> Response:
        if request.method not in {"GET", "HEAD", "OPTIONS"} and request.headers.get("Sec-Fetch-Site") == "cross-site":
            response = Response("This form came from another site.\n", status=403, content_type="text/plain")
        elif not readable(request):
            response = Response("The address holds bytes that are not text.\n", status=400, content_type="text/plain")
        else:
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


def readable(request: Request) -> bool:
    """Whether path and query are text that every database can hold."""
    try:
        return "\x00" not in request.path_info and not any(
            "\x00" in part for pair in request.GET.items() for part in pair
        )
    except UnicodeDecodeError:
        return False
