"""Pages that stand still: help with the glossary, accessibility, places whose features come later, mails of a development server."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from deliberate.core.errors import NotFound
from deliberate.services import outbox

WORDS = (
    ("Motion", "A text put before the assembly for decision."),
    ("Clause", "The smallest numbered piece of a text. It keeps its identity when the text around it changes."),
    ("Amendment", "A proposed change to a motion. A friendly one is accepted by the movers without a vote."),
    ("Support", "A member's backing of a motion towards the threshold for debate."),
    ("Poll", "One asking of one question to one roll, from opening to publication."),
    ("Roll", "The list of members entitled to vote, with weights, frozen when a poll opens."),
    ("Ballot", "A member's complete answer to a question."),
    ("Receipt", "What a voter keeps to check that their ballot is in the box. It does not show how they voted."),
    ("Quota", "The votes that secure a seat."),
    ("Surplus", "Votes of an elected option above the quota. They move on to the next preferences."),
    ("Exhausted vote", "A vote that has no continuing preference left."),
    ("Ledger", "The append-only record of acts of an assembly."),
    ("Checkpoint", "The ledger's latest hash, signed."),
    ("Record package", "Question, rules, ballots, count and ledger of a poll in one file that anyone can verify."),
)
LATER = {
    "ideas": "Ideas from anybody, member or not, will be gathered here and grow into motions.",
    "meet": "Sittings, agendas and events will be found here.",
    "act": "Tasks, canvassing and campaigns that follow from decisions will be found here.",
}


@view_config(route_name="help", renderer="pages/help.jinja2")
def help_(_request: Request) -> dict[str, Any]:
    return {"words": WORDS}


@view_config(route_name="accessibility", renderer="pages/accessibility.jinja2")
def accessibility(_request: Request) -> dict[str, Any]:
    return {}


@view_config(route_name="place", renderer="pages/place.jinja2")
def place(request: Request) -> dict[str, Any]:
    name = request.matchdict["place"]
    return {"name": name.capitalize(), "says": LATER[name]}


@view_config(route_name="outbox", renderer="pages/outbox.jinja2")
def mails(request: Request) -> dict[str, Any]:
    if not request.registry["settings"].development:
        raise NotFound("There is no page at this address.", "", "", "page.none")
    return {"mails": outbox.recent(request.db)}
