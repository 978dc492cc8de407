"""Members: the list, one row, the import of the roll, offices, invitations."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.core import orders
from deliberate.core.errors import DeliberateError, NotFound
from deliberate.models import Member, RollImport
from deliberate.services import invitations, members, rolls
from deliberate.web import forms, paging
from deliberate.web.forms.people import MemberForm, RoleForm


def _invitation(request: Request) -> str:
    return request.registry["settings"].url.rstrip("/") + "/invitation/{token}"


@view_config(route_name="members", renderer="members/list.jinja2")
def listed(request: Request) -> dict[str, Any]:
    page = paging.page(request, 50)
    q, state = request.GET.get("q", "")[:100].strip(), request.GET.get("state", "current")
    found, total = members.listed(request.db, request.assembly, q, state, page.size, page.offset)
    return {"members": found, "total": total, "page": page.of(total), "q": q, "state": state, "now": request.now}


@view_config(route_name="members.new", renderer="members/edit.jinja2")
def new(request: Request) -> Any:
    values: dict[str, Any] = {"row": None, "values": {"entitled": True, "weight": "1"}, "error": None}
    if request.method == "POST":
        try:
            form = forms.read(request, MemberForm)
            made = members.add(
                request.act, form.number, form.name, form.email, form.section, form.weight, form.entitled
            )
            request.flash(f"{made.name} is on the roll.")
            return HTTPSeeOther(request.route_path("member", member=made.public_id))
        except DeliberateError as error:
            values |= {"values": dict(request.POST), "error": error}
            request.response.status_int = error.status
    return values


@view_config(route_name="member", renderer="members/one.jinja2")
def one(member: Member, request: Request) -> dict[str, Any]:
    return {
        "row": member,
        "offices": [r for r in orders.ROLES if r != "member"],
        "about": orders.ROLES,
        "error": None,
        "now": request.now,
        "held": [r for r in member.roles if r.ends_at is None or r.ends_at > request.now],
        "past": [r for r in member.roles if r.ends_at is not None and r.ends_at <= request.now],
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
            if request.POST.get("to") == "end":
                members.end(request.act, member, request.now.date())
                request.flash(f"The membership of {member.name} has ended.")
            else:
                form = forms.read(request, MemberForm)
                members.change(request.act, member, form.name, form.email, form.section, form.weight, form.entitled)
                request.flash("The row is stored.")
            return HTTPSeeOther(request.route_path("member", member=member.public_id))
        except DeliberateError as error:
            values |= {"values": dict(request.POST), "error": error}
            request.response.status_int = error.status
    return values


@view_config(route_name="member.invite", request_method="POST")
def invite(member: Member, request: Request) -> Response:
    invitations.invite(request.act, member, _invitation(request))
    request.flash(f"An invitation is on its way to {member.name}.")
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="members.invite", request_method="POST")
def invite_all(request: Request) -> Response:
    many = invitations.invite_all(request.act, _invitation(request))
    request.flash(f"{many} invitations are on their way." if many != 1 else "One invitation is on its way.")
    return HTTPSeeOther(request.route_path("members"))


@view_config(route_name="member.role", request_method="POST", renderer="members/one.jinja2")
def grant(member: Member, request: Request) -> Any:
    try:
        form = forms.read(request, RoleForm)
        members.grant(request.act, member, form.role, request.now, form.until())
    except DeliberateError as error:
        request.response.status_int = error.status
        return {**one(member, request), "error": error}
    request.flash(f"{member.name} is now {form.role}.")
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="member.role.end", request_method="POST")
def revoke(member: Member, request: Request) -> Response:
    number = request.matchdict["role"]
    if not number.isdecimal():
        raise NotFound("There is no such office.", "", "", "role.none")
    members.revoke(request.act, members.role(request.db, request.assembly, int(number)))
    request.flash("The office has ended.")
    return HTTPSeeOther(request.route_path("member", member=member.public_id))


@view_config(route_name="members.csv", request_method="GET")
def export(request: Request) -> Response:
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
    made = _import(request)
    if request.POST.get("to") == "drop":
        rolls.drop(request.act, made)
        request.flash("The file was dropped. The roll is unchanged.", "quiet")
        return HTTPSeeOther(request.route_path("members.import"))
    counts = rolls.apply(request.act, made, end_missing=request.POST.get("end_missing") == "1")
    request.flash(f"The roll is imported: {counts['new']} new, {counts['changed']} changed, {counts['ended']} ended.")
    return HTTPSeeOther(request.route_path("members"))
