"""Logging in and out, accepting an invitation, one's own page."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import forget, remember
from pyramid.view import view_config

from deliberate.core.errors import DeliberateError
from deliberate.services import invitations, logins, members
from deliberate.web import forms
from deliberate.web.forms.people import Details, LogIn, NewPassword


def _address(request: Request) -> str:
    return request.client_addr or "?"


def _link(request: Request, route: str) -> str:
    """A full address with ``{token}`` left open, for mails."""
    open_end = "0" * 8
    path: str = request.route_path(route, token=open_end)
    return str(request.registry["settings"].url.rstrip("/") + path.replace(open_end, "{token}"))


def _inside(path: str) -> str:
    """An address on this site, for going on after the log-in; nothing else is followed."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _enter(request: Request, token: str, to: str) -> Response:
    """Go on with the cookie of a new log-in, and a new session for flash and CSRF."""
    request.session.invalidate()
    return HTTPSeeOther(to, headers=remember(request, token))


@view_config(route_name="log_in", request_method="GET", renderer="people/login.jinja2")
def log_in(request: Request) -> Any:
    if request.person is not None:
        return HTTPSeeOther(request.route_path("home"))
    return {"email": "", "next": _inside(request.GET.get("next", "/")), "error": None, "sent": False}


@view_config(route_name="log_in", request_method="POST", renderer="people/login.jinja2")
def log_in_now(request: Request) -> Any:
    values: dict[str, Any] = {
        "email": request.POST.get("email", "")[:254],
        "next": _inside(request.POST.get("next", "/")),
        "error": None,
        "sent": False,
    }
    try:
        form = forms.read(request, LogIn)
        kind = "link" if request.POST.get("to") == "link" or not form.password else "login"
        request.registry["throttle"].check(
            **{f"{kind}_account": form.email, f"{kind}_ip": _address(request), f"{kind}_all": ""}
        )
        if kind == "link":
            logins.send_link(request.db, form.email, _link(request, "log_in.link"))
            return {**values, "sent": True}
        token = logins.by_password(request.db, form.email, form.password, request.user_agent or "")
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**values, "error": error}
    return _enter(request, token, values["next"])


@view_config(route_name="log_in.link", renderer="people/link.jinja2")
def log_in_by_link(request: Request) -> Any:
    """The page that the mail opens; logging in takes a press of the button, so that mail scanners use nothing up."""
    if request.method == "POST":
        return _enter(request, logins.by_link(request.db, request.matchdict["token"], request.user_agent or ""), "/")
    return {"link": logins.link(request.db, request.matchdict["token"])}


@view_config(route_name="log_out", request_method="POST")
def log_out(request: Request) -> Response:
    if request.login is not None:
        request.login.ended_at = request.now
    request.session.invalidate()
    return HTTPSeeOther(request.route_path("home"), headers=forget(request))


@view_config(route_name="invitation", renderer="people/invitation.jinja2")
def invitation(request: Request) -> Any:
    request.registry["throttle"].check(invitation_ip=_address(request))
    token = request.matchdict["token"]
    found = invitations.find(request.db, token)
    error = None
    if request.method == "POST":
        try:
            password = request.POST.get("password", "")
            secret = logins.hashed(password) if password else None
            person = invitations.accept(request.db, token)
            if secret:
                person.password = secret
            return _enter(request, logins.start(request.db, person, "invitation", request.user_agent or ""), "/")
        except DeliberateError as refused:
            if refused.status == 404:
                raise
            error = refused
            request.response.status_int = refused.status
    return {"invitation": found, "error": error}


@view_config(route_name="me", request_method="GET", renderer="people/me.jinja2")
def me(request: Request) -> dict[str, Any]:
    return _me(request)


def _me(request: Request, error: DeliberateError | None = None) -> dict[str, Any]:
    held = members.by_words(request.member, request.now) if request.member else set()
    return {
        "logins": logins.mine(request.db, request.person),
        "roles": sorted(held),
        "zones": sorted(available_timezones()),
        "error": error,
    }


@view_config(route_name="me", request_method="POST", renderer="people/me.jinja2")
def me_change(request: Request) -> Any:
    try:
        form = forms.read(request, Details)
    except DeliberateError as error:
        request.response.status_int = error.status
        return _me(request, error)
    request.person.name, request.person.timezone = form.name, form.timezone or None
    request.flash("Your details are stored.")
    return HTTPSeeOther(request.route_path("me"))


@view_config(route_name="me.password", request_method="POST", renderer="people/me.jinja2")
def me_password(request: Request) -> Any:
    try:
        request.registry["throttle"].check(login_account=request.person.email)
        form = forms.read(request, NewPassword)
        logins.set_password(request.db, request.person, form.password, form.old, request.login)
    except DeliberateError as error:
        request.response.status_int = error.status
        return _me(request, error)
    request.flash("Your password is stored. All other log-ins have ended.")
    return HTTPSeeOther(request.route_path("me"))


@view_config(route_name="me.login.end", request_method="POST")
def me_login_end(request: Request) -> Response:
    if request.matchdict["login"] == "others":
        many = logins.end_all(request.db, request.person, request.login)
        request.flash(f"{many} other log-ins have ended." if many != 1 else "One other log-in has ended.")
        return HTTPSeeOther(request.route_path("me"))
    ended = logins.end(request.db, request.person, request.matchdict["login"])
    request.flash("The log-in has ended.")
    return HTTPSeeOther(request.route_path("home" if request.login and ended.id == request.login.id else "me"))


@view_config(route_name="password.link", renderer="people/password.jinja2")
def password_by_link(request: Request) -> Any:
    found = logins.link(request.db, request.matchdict["token"])
    error = None
    if request.method == "POST":
        try:
            form = forms.read(request, NewPassword)
            logins.set_password(request.db, found.person, form.password, None, None)
            return _enter(
                request, logins.by_link(request.db, request.matchdict["token"], request.user_agent or ""), "/me"
            )
        except DeliberateError as refused:
            error = refused
            request.response.status_int = refused.status
    return {"link": found, "error": error}
