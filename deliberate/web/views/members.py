"""Members: the list, one row, the import of the roll, offices, invitations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.core import orders
from deliberate.core.errors import DeliberateError, NotFound
from deliberate.core.sentences import mark, mark_many
from deliberate.models import Member, RollImport
from deliberate.services import invitations, members, rolls
from deliberate.services.act import Act, day_of, now
from deliberate.services.throttle import network
from deliberate.web import forms, paging
from deliberate.web.database import writing
from deliberate.web.forms.people import MemberForm, RoleForm
from deliberate.web.words import day, number

SHOWN = 50


@contextmanager
def acting(request: Request) -> Iterator[Act]:
    """The member's act in a short transaction of its own, for what is prepared before the writer's lock is taken."""
    with writing(request) as db:
        member = db.get_one(Member, request.act.actor.id)
        yield Act(db, member.assembly, now(), member, member.person)


def _invitation(request: Request) -> str:
    return request.registry["settings"].url.rstrip("/") + "/invitation/{token}"


@view_config(route_name="members", renderer="members/list.jinja2")
def listed(request: Request) -> dict[str, Any]:
    page = paging.page(request, SHOWN)
    asked = {name: request.GET.get(name, "")[:120].strip() for name in ("q", "state", "section", "office")}
    asked["state"] = asked["state"] if asked["state"] in members.STATES else "current"
    found, total = members.listed(
        request.db, request.assembly, **asked, now=request.now, limit=page.size, offset=page.offset
    )
    can = request.act.can("member.invite")
    return {
        "members": found,
        "total": total,
        "page": page.of(total),
        "now": request.now,
        "asked": asked,
        "sums": members.sums(request.db, request.assembly),
        "sections": members.sections(request.db, request.assembly),
        "offices": _offices(),
        "waiting": invitations.waiting(request.db, request.assembly, request.now) if can else 0,
    }


def _offices() -> list[str]:
    return [role for role in orders.ROLES if role != "member"]


@view_config(route_name="members.new", renderer="members/edit.jinja2")
def new(request: Request) -> Any:
    values: dict[str, Any] = {"row": None, "values": {"entitled": True, "weight": "1"}, "error": None}
    if request.method == "POST":
        try:
            form = forms.read(request, MemberForm)
            made = members.add(
                request.act, form.number, form.name, form.email, form.section, form.weight, form.entitled
            )
            request.flash("%(name)s is on the roll.", name=made.name)
            return HTTPSeeOther(request.route_path("member", member=made.public_id))
        except DeliberateError as error:
            values |= {"values": dict(request.POST), "error": error}
            request.response.status_int = error.status
    return values


def _days(request: Request) -> dict[str, Any]:
    """The first and the last day of an office, which are days of the assembly: it ends at the midnight after its last one."""
    return {
        "first_day": lambda role: day_of(request.assembly, role.starts_at),
        "last_day": lambda role: day_of(request.assembly, role.ends_at - timedelta(milliseconds=1)),
    }


@view_config(route_name="member", renderer="members/one.jinja2")
def one(member: Member, request: Request) -> dict[str, Any]:
    over = [role for role in member.roles if role.ends_at is not None and role.ends_at <= request.now]
    can = request.act.can("member.invite") and member.person_id is None
    return {
        "row": member,
        "offices": _offices(),
        "about": orders.ROLES,
        "error": None,
        "now": request.now,
        "typed": request.POST,
        "held": [role for role in member.roles if role not in over],
        "past": over,
        **_days(request),
        "invitation": invitations.latest(request.db, member) if can else None,
    }


@view_config(route_name="member.edit", renderer="members/edit.jinja2")
def edit(member: Member, request: Request) -> Any:
    values: dict[str, Any] = {
        "row": member,
        "error": None,
        "values": {
            "number": member.number,
            "name": member.name,
            "email": member.email or "",
            "section": member.section,
            "weight": str(member.weight),
            "entitled": member.entitled,
        },
    }
    if request.method == "POST":
        try:
            form = forms.read(request, MemberForm)
            members.change(request.act, member, form.name, form.email, form.section, form.weight, form.entitled)
            request.flash("The row is stored.")
            return HTTPSeeOther(request.route_path("member", member=member.public_id))
        except DeliberateError as error:
            values |= {"values": dict(request.POST), "error": error}
            request.response.status_int = error.status
    return values


@view_config(route_name="member.end", request_method="GET", renderer="confirm.jinja2")
def end_ask(member: Member, request: Request) -> dict[str, Any]:
    here = request.route_path("member", member=member.public_id)
    return {
        "question": mark("End the membership of %(name)s?", name=member.name),
        "grave": True,
        "act": mark("End the membership"),
        "says": mark(
            "The member leaves the roll today, and with it every office. What they said, moved and voted stays."
        ),
        "facts": [(mark("Member number"), member.number), (mark("On the roll since"), day(member.joined_on))],
        "action": request.route_path("member.end", member=member.public_id),
        "fields": {},
        "back_url": here,
        "back": mark("Keep"),
    }


@view_config(route_name="member.end", request_method="POST")
def end(member: Member, request: Request) -> Response:
    members.end(request.act, member)
    request.flash("The membership of %(name)s has ended.", name=member.name)
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="member.invite", request_method="GET")
@view_config(route_name="member.role", request_method="GET")
@view_config(route_name="member.role.end", request_method="GET")
def forms_are_there(member: Member, request: Request) -> Response:
    """These acts have their forms on the member's page."""
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="member.invite", request_method="POST")
def invite(member: Member, request: Request) -> Response:
    invitations.invite(request.act, member, _invitation(request))
    request.flash("An invitation is on its way to %(name)s.", name=member.name)
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="members.invite", request_method="GET", renderer="confirm.jinja2")
def invite_all_ask(request: Request) -> dict[str, Any]:
    many = invitations.waiting(request.db, request.assembly, request.now)
    return {
        "question": mark("Send the invitations?"),
        "grave": False,
        "act": mark("Send them"),
        "says": mark(
            "Everybody on the roll who has an address, has not joined and has no running invitation gets a mail with a link of their own."
        ),
        "facts": [
            (mark("Mails"), number(many)),
            (mark("The links work for"), mark_many("One day", "%(num)s days", invitations.LIFE.days)),
        ],
        "action": request.route_path("members.invite"),
        "fields": {},
        "back_url": request.route_path("members"),
        "back": mark("Not now"),
    }


@view_config(route_name="members.invite", request_method="POST")
def invite_all(request: Request) -> Response:
    many = 0
    while sent := _invite_some(request):
        many += sent
    request.flash_many("One invitation is on its way.", "%(num)s invitations are on their way.", many)
    return HTTPSeeOther(request.route_path("members"))


def _invite_some(request: Request) -> int:
    with acting(request) as act:
        return invitations.invite_all(act, _invitation(request))


@view_config(route_name="member.role", request_method="POST", renderer="members/one.jinja2")
def grant(member: Member, request: Request) -> Any:
    try:
        form = forms.read(request, RoleForm)
        members.grant(request.act, member, form.role, *form.times(request.assembly, request.now))
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**one(member, request), "error": error}
    request.flash("%(name)s: the office of %(office)s is given.", name=member.name, office=orders.OFFICES[form.role])
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="member.role.end", request_method="POST")
def revoke(member: Member, request: Request) -> Response:
    number = request.matchdict["role"]
    if not number.isdecimal() or len(number) > 9:
        raise NotFound(
            "There is no such office.",
            "The address may be mistyped.",
            "Load the page of the member again.",
            "role.none",
        )
    members.revoke(request.act, members.role(request.db, member, int(number)))
    request.flash("The office has ended.")
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="members.csv", request_method="GET")
def export(request: Request) -> Response:
    request.registry["throttle"].check(export_ip=network(request.remote_addr or ""))
    return Response(
        rolls.export(request.db, request.assembly),
        content_type="text/csv",
        charset="utf-8",
        content_disposition='attachment; filename="roll.csv"',
    )


@view_config(route_name="members.import", renderer="members/import.jinja2")
def upload(request: Request) -> Any:
    error = None
    if request.method == "POST":
        file = request.POST.get("file")
        try:
            if not hasattr(file, "file"):
                raise DeliberateError(
                    "No file was chosen.",
                    "",
                    "Choose the CSV file of the roll.",
                    "roll.file",
                    {"file": "Choose a file."},
                )
            made = rolls.upload(request.act, file.filename, file.file.read(rolls.LARGEST + 1))
            engine, import_id = request.registry["engine"], made.id
            request.tm.get().addAfterCommitHook(lambda ok: rolls.look_soon(engine, import_id) if ok else None)
            return HTTPSeeOther(request.route_path("members.import.one", **{"import": made.public_id}))
        except DeliberateError as refused:
            error = refused
            request.response.status_int = refused.status
    return {"error": error}


def _import(request: Request) -> RollImport:
    found = rolls.find(request.db, request.assembly, request.matchdict["import"])
    if found is None:
        raise NotFound("There is no such import.", "It may have been dropped.", "Upload the file again.", "roll.none")
    return found


@view_config(route_name="members.import.one", request_method="GET", renderer="members/preview.jinja2")
def preview(request: Request) -> dict[str, Any]:
    return {"made": _import(request)}


@view_config(route_name="members.import.one", request_method="POST")
def settle(request: Request) -> Response:
    """Apply or drop. What an application does is worked out first, so that nobody waits for the lock meanwhile."""
    made, dropped = _import(request), request.POST.get("to") == "drop"
    planned = None if dropped else rolls.prepare(request.db, made)
    with acting(request) as act:
        found = act.db.get_one(RollImport, made.id)
        counts = rolls.apply(act, found, planned, request.POST.get("end_missing") == "1") if planned else {}
        if dropped:
            rolls.drop(act, found)
    if dropped:
        request.flash("The file was dropped. The roll is unchanged.", "quiet")
        return HTTPSeeOther(request.route_path("members.import"))
    request.flash("The roll is imported: %(new)s new, %(changed)s changed, %(ended)s ended.", **counts)
    return HTTPSeeOther(request.route_path("members"))
