"""The server: /live/* in asyncio (server-sent events), everything else Pyramid in threads; one port."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import structlog
import uvicorn
from a2wsgi import WSGIMiddleware

from deliberate.live.events import Stream
from deliberate.services import clock
from deliberate.settings import Settings

log = structlog.get_logger()
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Server:
    """The ASGI application: live streams here, pages in threads; the clock runs beside them."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self.settings = settings
        self.registry = app.registry
        self.pages = WSGIMiddleware(app, workers=settings.threads)
        self.stream = Stream(self.registry["engine"])
        self.tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith("/live/"):
            await self.stream(scope, receive, send)
        elif scope["type"] == "http":
            await self.pages(scope, receive, send)  # type: ignore[arg-type]

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Start and stop the clock and the tail of the ledgers with the server."""
        await receive()
        self.tasks = [asyncio.create_task(self.stream.tail()), asyncio.create_task(self.tick())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self.tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.stream.hub.close()
        await asyncio.to_thread(self.registry["writer"].stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def tick(self) -> None:
        """Every second: what falls due."""
        context = clock.Context(self.registry["engine"], self.settings, self.registry["ledger key"])
        while True:
            await asyncio.to_thread(clock.run_due, context)
            await asyncio.sleep(1)


SECRET_PATHS = re.compile(
    r"(/(?:login|invitation|password)/)[^\s/?\"]+|/polls/[^/\s]+/(?:ballot|review|receipts)[^\s\"]*"
)


LOGS = {
    **uvicorn.config.LOGGING_CONFIG,
    "loggers": {**uvicorn.config.LOGGING_CONFIG["loggers"], "uvicorn.error": {"level": "WARNING"}},
}
"""uvicorn's own, without its lines about starting and stopping: the program says itself where it is."""


class Quiet(logging.Filter):
    """Keeps tokens, query strings and everything about ballots out of the access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) >= 3:
            path = str(record.args[2]).split("?")[0]
            if "/ballot" in path or "/review" in path or "/receipts/" in path:
                return False
            parts = list(record.args)
            parts[2] = SECRET_PATHS.sub(r"\1...", path)
            record.args = tuple(parts)
        return True


def run(app: Any, settings: Settings) -> None:
    """Serve until a signal ends it."""
    logging.getLogger("uvicorn.access").addFilter(Quiet())
    uvicorn.run(
        Server(app, settings),
        host=settings.host,
        port=settings.port,
        log_level=None if settings.development else "warning",
        log_config=LOGS,
        access_log=settings.development,
        timeout_graceful_shutdown=5,
        server_header=False,
        lifespan="on",
    )
