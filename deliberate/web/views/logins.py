"""Logging in and out, and accepting an invitation. The slow hashing of passwords is done before anything is written."""

from __future__ import annotations

import re
from typing import Any

import structlog
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import forget, remember
from pyramid.view import view_config

from deliberate.core.errors import DeliberateError, NotFound
from deliberate.core.sentences import mark
from deliberate.models import Person
from deliberate.services import invitations, logins
from deliberate.services.throttle import network
from deliberate.web import forms
from deliberate.web.database import writing
from deliberate.web.forms.people import LogIn, NewPassword

log = structlog.get_logger()
INSIDE = re.compile(r"/(?![/\\])[!-\[\]-~]*")
PURPOSES = {"link": ("login", "log_in.link"), "password": ("password", "password.link")}


def _network(request: Request) -> str:
    """Where the request comes from, as the server saw it: a header that anybody can write does not count."""
    return network(request.remote_addr or "")


def _link(request: Request, route: str) -> str:
    """A full address with ``{token}`` left open, for mails."""
    open_end = "0" * 8
    path: str = request.route_path(route, token=open_end)
    return str(request.registry["settings"].url.rstrip("/") + path.replace(open_end, "{token}"))


def _inside(path: str) -> str:
    """An address on this site, for going on after the log-in; nothing else is followed."""
    return path if len(path) <= 400 and INSIDE.fullmatch(path) else "/"


def _enter(request: Request, person: Person, method: str, to: str) -> Response:
    """Begin a log-in in place of the present one, with a new session for flash and CSRF, and go on."""
    with writing(request) as db:
        if request.login is not None:
            logins.end(db, request.login.person, request.login.public_id)
        token = logins.start(db, person, method, request.user_agent or "")
    request.session.invalidate()
    log.info("log-in", person=person.public_id, method=method)
    return HTTPSeeOther(to, headers=remember(request, token))


@view_config(route_name="log_in", request_method="GET", renderer="people/login.jinja2")
def log_in(request: Request) -> Any:
    if request.person is not None:
        return HTTPSeeOther(request.route_path("home"))
    return {"email": "", "next": _inside(request.GET.get("next", "/")), "error": None, "sent": ""}


@view_config(route_name="log_in", request_method="POST", renderer="people/login.jinja2")
def log_in_now(request: Request) -> Any:
    values: dict[str, Any] = {
        "email": request.POST.get("email", "")[:254],
        "next": _inside(request.POST.get("next", "/")),
        "error": None,
        "sent": "",
    }
    try:
        form = forms.read(request, LogIn)
        to = request.POST.get("to", "")
        if to in PURPOSES or not form.password:
            return {**values, "sent": _send(request, form.email, to if to in PURPOSES else "link")}
        person = _proved(request, form)
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**values, "error": error}
    return _enter(request, person, "password", values["next"])


def _send(request: Request, email: str, kind: str) -> str:
    """Send a link to whoever has this address; the page says the same for every address."""
    purpose, route = PURPOSES[kind]
    request.registry["throttle"].check(link_account=email, link_ip=_network(request), link_all="")
    with writing(request) as db:
        logins.send_link(db, email, _link(request, route), purpose)
    return purpose


def _proved(request: Request, form: LogIn) -> Person:
    throttle, where = request.registry["throttle"], _network(request)
    throttle.look(login_ip=where, login_all="")
    throttle.check(login_pair=f"{form.email} {where}", login_account=form.email)
    try:
        return logins.proved(request.db, form.email, form.password)
    except DeliberateError:
        throttle.failed(login_ip=where, login_all="")
        log.warning("log-in refused", network=where)
        raise


@view_config(route_name="log_in.link", renderer="people/link.jinja2")
def log_in_by_link(request: Request) -> Any:
    """The page that the mail opens; logging in takes a press of the button, so that mail scanners use nothing up."""
    found = logins.link(request.db, request.matchdict["token"])
    if request.method == "POST":
        with writing(request) as db:
            logins.use(db, request.matchdict["token"])
        return _enter(request, found.person, "link", "/")
    return {"link": found}


@view_config(route_name="password.link", renderer="people/password.jinja2")
def password_by_link(request: Request) -> Any:
    """The page that sets a new password; the link is used up with it."""
    found, error = logins.link(request.db, request.matchdict["token"], "password"), None
    if request.method == "POST":
        try:
            made = logins.hashed(forms.read(request, NewPassword).password, logins.about(found.person))
            with writing(request) as db:
                logins.set_password(db, logins.use(db, request.matchdict["token"], "password"), made, None)
            response = _enter(request, found.person, "link", "/me")
            request.flash("Your password is stored. All other log-ins have ended.")
            return response
        except DeliberateError as refused:
            if refused.status == 404:
                raise
            error = refused
            request.response.status_int = refused.status
    return {"link": found, "error": error}


@view_config(route_name="log_out", request_method="GET", renderer="confirm.jinja2")
def log_out_ask(_request: Request) -> dict[str, Any]:
    return {
        "question": mark("Log out?"),
        "says": mark("You will need your password or a new link to log in on this device again."),
        "facts": [],
        "act": mark("Log out"),
        "action": "/logout",
        "fields": {},
        "grave": False,
        "back_url": "/me",
        "back": mark("Stay"),
    }


@view_config(route_name="log_out", request_method="POST")
def log_out(request: Request) -> Response:
    if request.login is not None:
        request.login.ended_at = request.now
    request.session.invalidate()
    return HTTPSeeOther(request.route_path("home"), headers=forget(request))


@view_config(route_name="invitation", renderer="people/invitation.jinja2")
def invitation(request: Request) -> Any:
    """Who is invited, to what; joining takes a press of the button."""
    token, where = request.matchdict["token"], _network(request)
    request.registry["throttle"].look(invitation_ip=where)
    try:
        found = invitations.find(request.db, token)
    except NotFound:
        request.registry["throttle"].failed(invitation_ip=where)
        raise
    error = None
    if request.method == "POST":
        try:
            password = forms.read(request, NewPassword).password
            row = found.member
            made = logins.hashed(password, (row.name, row.email or "", row.assembly.name)) if password else None
            with writing(request) as db:
                person = invitations.accept(db, token, made)
                db.flush()
                db.expunge(person)
            return _enter(request, person, "invitation", "/")
        except DeliberateError as refused:
            if refused.status == 404:
                raise
            error = refused
            request.response.status_int = refused.status
    return {"invitation": found, "known": invitations.known(request.db, found), "error": error}
