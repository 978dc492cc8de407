"""One's own page: details, memberships, password, log-ins."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.core.errors import DeliberateError
from deliberate.models import Login, Person
from deliberate.services import logins
from deliberate.services.act import running
from deliberate.web import forms
from deliberate.web.database import writing
from deliberate.web.forms.people import Details, NewPassword


@view_config(route_name="me", request_method="GET", renderer="people/me.jinja2")
def show(request: Request) -> dict[str, Any]:
    return _page(request)


def _page(request: Request, error: DeliberateError | None = None) -> dict[str, Any]:
    held = running(request.member, request.now) if request.member else set()
    return {
        "logins": logins.mine(request.db, request.person),
        "roles": sorted(held),
        "zones": sorted(available_timezones()),
        "error": error,
        "name": request.POST.get("name", request.person.name),
        "zone": request.POST.get("timezone", request.person.timezone or ""),
    }


@view_config(route_name="me", request_method="POST", renderer="people/me.jinja2")
def change(request: Request) -> Any:
    try:
        form = forms.read(request, Details)
    except DeliberateError as error:
        request.response.status_int = error.status
        return _page(request, error)
    request.person.name, request.person.timezone = form.name, form.timezone or None
    request.flash("Your details are stored.")
    return HTTPSeeOther(request.route_path("me"))


@view_config(route_name="me.password", request_method="GET")
def password_form(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("me", _anchor="passwords"))


@view_config(route_name="me.password", request_method="POST", renderer="people/me.jinja2")
def password(request: Request) -> Any:
    """Set or change the password: the present one is asked for, then every other log-in ends."""
    try:
        request.registry["throttle"].check(login_account=request.person.email)
        form = forms.read(request, NewPassword)
        logins.check_old(request.person, form.old)
        made = logins.hashed(form.password, logins.about(request.person))
        with writing(request) as db:
            logins.set_password(db, db.get_one(Person, request.person.id), made, db.get_one(Login, request.login.id))
    except DeliberateError as error:
        request.response.status_int = error.status
        return _page(request, error)
    request.flash("Your password is stored. All other log-ins have ended.")
    return HTTPSeeOther(request.route_path("me"))


@view_config(route_name="me.login.end", request_method="GET")
def end_form(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("me", _anchor="logins"))


@view_config(route_name="me.login.end", request_method="POST")
def end(request: Request) -> Response:
    if request.matchdict["login"] == "others":
        many = logins.end_all(request.db, request.person, request.login)
        request.flash_many("One other log-in has ended.", "%(num)s other log-ins have ended.", many)
        return HTTPSeeOther(request.route_path("me"))
    ended = logins.end(request.db, request.person, request.matchdict["login"])
    request.flash("The log-in has ended.")
    return HTTPSeeOther(request.route_path("home" if request.login and ended.id == request.login.id else "me"))
