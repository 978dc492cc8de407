"""Pages that stand still: help with the glossary, accessibility, places whose features come later, mails of a development server."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from deliberate.core.errors import NotFound
from deliberate.core.sentences import mark
from deliberate.services import outbox

WORDS = (
    (mark("Motion"), mark("A text put before the assembly for decision.")),
    (
        mark("Clause"),
        mark("The smallest numbered piece of a text. It keeps its identity when the text around it changes."),
    ),
    (
        mark("Amendment"),
        mark("A proposed change to a motion. A friendly one is accepted by the movers without a vote."),
    ),
    (mark("Support"), mark("A member's backing of a motion towards the threshold for debate.")),
    (mark("Poll"), mark("One asking of one question to one roll, from opening to publication.")),
    (mark("Roll"), mark("The list of members entitled to vote, with weights, frozen when a poll opens.")),
    (mark("Ballot"), mark("A member's complete answer to a question.")),
    (
        mark("Receipt"),
        mark("What a voter keeps to check that their ballot is in the box. It does not show how they voted."),
    ),
    (mark("Quota"), mark("The votes that secure a seat.")),
    (mark("Surplus"), mark("Votes of an elected option above the quota. They move on to the next preferences.")),
    (mark("Exhausted vote"), mark("A vote that has no continuing preference left.")),
    (mark("Ledger"), mark("The append-only record of acts of an assembly.")),
    (mark("Checkpoint"), mark("The ledger's latest hash, signed.")),
    (
        mark("Record package"),
        mark("Question, rules, ballots, count and ledger of a poll in one file that anyone can verify."),
    ),
)
LATER = {
    "ideas": (mark("Ideas"), mark("Ideas from anybody, member or not, will be gathered here and grow into motions.")),
    "meet": (mark("Meet"), mark("Sittings, agendas and events will be found here.")),
    "act": (mark("Act"), mark("Tasks, canvassing and campaigns that follow from decisions will be found here.")),
}


@view_config(route_name="help", renderer="pages/help.jinja2")
def help_(_request: Request) -> dict[str, Any]:
    return {"words": WORDS}


@view_config(route_name="accessibility", renderer="pages/accessibility.jinja2")
def accessibility(_request: Request) -> dict[str, Any]:
    return {}


@view_config(route_name="place", renderer="pages/place.jinja2")
def place(request: Request) -> dict[str, Any]:
    name, says = LATER[request.matchdict["place"]]
    return {"name": name, "says": says}


@view_config(route_name="outbox", renderer="pages/outbox.jinja2")
def mails(request: Request) -> dict[str, Any]:
    if not request.registry["settings"].development:
        raise NotFound("There is no page at this address.", "", "", "page.none")
    return {"mails": outbox.recent(request.db)}
