"""For machines: is the process alive, can it answer, and how much has it done."""

from __future__ import annotations

import secrets

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config
from sqlalchemy import func, select, text

from deliberate.core.errors import Forbidden
from deliberate.models import Ledger, OutboxMessage, Poll
from deliberate.services import migrations

ENTRIES = Gauge("deliberate_ledger_entries", "Entries in all ledgers")
OPEN = Gauge("deliberate_polls_open", "Polls that are open")
MAILS = Gauge("deliberate_mails_waiting", "Mails that wait to be sent")


@view_config(route_name="health", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def health(_request: Request) -> Response:
    return Response("alive\n", content_type="text/plain")


@view_config(route_name="ready", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def ready(request: Request) -> Response:
    """Whether the database answers and has this program's version."""
    request.db.execute(text("SELECT 1"))
    migrations.require(request.registry["engine"])
    return Response("ready\n", content_type="text/plain")


@view_config(route_name="metrics", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def metrics(request: Request) -> Response:
    """Numbers for Prometheus: to the machine itself, or to whoever has the token. Nothing about any member or ballot."""
    token = request.registry["settings"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    local = request.client_addr in ("127.0.0.1", "::1") and not token
    if not local and not (token and secrets.compare_digest(given, token)):
        raise Forbidden(
            "The metrics are closed.",
            "They are for this machine, or for those who have the token.",
            "",
            "metrics.token",
        )
    ENTRIES.set(request.db.scalar(select(func.sum(Ledger.size))) or 0)
    OPEN.set(request.db.scalar(select(func.count()).select_from(Poll).where(Poll.state == "open")) or 0)
    MAILS.set(
        request.db.scalar(select(func.count()).select_from(OutboxMessage).where(OutboxMessage.sent_at.is_(None))) or 0
    )
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
