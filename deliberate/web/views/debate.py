"""The debate: say something, answer, edit, report; hide and restore with a reason."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.models import Amendment, Comment, Motion
from deliberate.services import debate, standing
from deliberate.web import forms
from deliberate.web.forms.motions import ReasonForm, SayForm
from deliberate.web.views import amendments, motions

MODERATED = {
    "restore": mark("The contribution can be read again."),
    "keep": mark("It stays."),
    "hide": mark("The contribution is hidden; a tombstone says why."),
}


def _at(request: Request, thing: Any, comment: Comment | None = None) -> str:
    kind = "amendment" if isinstance(thing, Amendment) else "motion"
    if comment is None:
        return str(request.route_path(kind, **{kind: thing.public_id}))
    page = debate.page_of(request.db, comment)
    query = {"page": page} if page > 1 else {}
    return str(request.route_path(kind, _query=query, _anchor=f"c-{comment.public_id}", **{kind: thing.public_id}))


def _say(request: Request, thing: Motion | Amendment, parent: Comment | None = None) -> Any:
    typed = request.POST.get("text", "")
    try:
        form = forms.read(request, SayForm)
        typed = form.text
        request.registry["throttle"].check(comment_member=str(request.act.actor.id))
        made = debate.say(request.act, thing, form.text, form.side, parent)
    except DeliberateError as error:
        if parent is not None:
            return _answer_page(request, parent, thing, typed, error)
        page = amendments._page(thing, request) if isinstance(thing, Amendment) else motions.show(thing, request)
        name = "amendments/amendment.jinja2" if isinstance(thing, Amendment) else "motions/motion.jinja2"
        response = render_to_response(
            name, {**page, "error": error, "typed": typed, "side": request.POST.get("side", "neutral")}, request=request
        )
        response.status_int = error.status
        return response
    request.flash("Your contribution stands below.")
    return HTTPSeeOther(_at(request, thing, made))


@view_config(route_name="motion.say", request_method="POST")
@view_config(route_name="amendment.say", request_method="POST")
def say(thing: Motion | Amendment, request: Request) -> Any:
    return _say(request, thing)


def _answer_page(request: Request, comment: Comment, thing: Any, typed: str, error: DeliberateError | None) -> Response:
    response = render_to_response(
        "debate/answer.jinja2",
        {"comment": comment, "thing": thing, "typed": typed, "error": error, "back": _at(request, thing, comment)},
        request=request,
    )
    response.status_int = error.status if error else 200
    return response


@view_config(route_name="comment.answer")
def answer(comment: Comment, request: Request) -> Any:
    thing = debate.about(request.db, comment)
    if request.method == "POST":
        return _say(request, thing, comment)
    request.act.may("debate.say", debate.motion_of(thing).state)
    return _answer_page(request, comment, thing, "", None)


@view_config(route_name="comment.edit", renderer="debate/edit.jinja2")
def edit(comment: Comment, request: Request) -> Any:
    request.act.may("debate.edit", also=standing.words(request.act, comment))
    thing = debate.about(request.db, comment)
    error, typed = None, comment.text
    if request.method == "POST":
        try:
            typed = forms.read(request, SayForm).text
            debate.edit(request.act, comment, typed)
            request.flash("Your contribution is changed. Its earlier words stay readable.")
            return HTTPSeeOther(_at(request, thing, comment))
        except DeliberateError as refused:
            error = refused
            request.response.status_int = refused.status
    return {"comment": comment, "thing": thing, "typed": typed, "error": error, "back": _at(request, thing, comment)}


@view_config(route_name="comment.history", request_method="GET", renderer="debate/history.jinja2")
def history(comment: Comment, request: Request) -> dict[str, Any]:
    thing = debate.about(request.db, comment)
    return {"comment": comment, "thing": thing, "back": _at(request, thing, comment)}


@view_config(route_name="comment.report", renderer="debate/report.jinja2")
def report(comment: Comment, request: Request) -> Any:
    thing = debate.about(request.db, comment)
    if request.method == "POST":
        debate.report(request.act, comment, forms.read(request, ReasonForm).reason)
        request.flash("Thank you. A moderator will look at it; your name is not shown.")
        return HTTPSeeOther(_at(request, thing, comment))
    return {"comment": comment, "thing": thing, "back": _at(request, thing, comment)}


@view_config(route_name="comment.hide", renderer="debate/hide.jinja2")
def hide(comment: Comment, request: Request) -> Any:
    thing = debate.about(request.db, comment)
    error, reason = None, ""
    if request.method == "POST":
        to = request.POST.get("to", "hide")
        reason = forms.read(request, ReasonForm).reason
        try:
            if to == "restore":
                debate.restore(request.act, comment)
            elif to == "keep":
                debate.keep(request.act, comment)
            else:
                debate.hide(request.act, comment, reason)
            request.flash(MODERATED.get(to, MODERATED["hide"]))
            return HTTPSeeOther(_at(request, thing, comment))
        except DeliberateError as refused:
            error = refused
            request.response.status_int = refused.status
    return {"comment": comment, "thing": thing, "error": error, "reason": reason, "back": _at(request, thing, comment)}
