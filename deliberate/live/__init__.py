"""The server: /live/* in asyncio (server-sent events), everything else Pyramid in threads; one port."""

from __future__ import annotations

import asyncio
import logging
import re
import resource
import socket
from contextlib import suppress
from typing import Any

import uvicorn

from deliberate.live.events import MOST, Stream
from deliberate.live.pages import Pages, Receive, Scope, Send
from deliberate.services import clock
from deliberate.settings import Settings

RESERVE = 500  # files that are not streams: pages, database, logs


class Server:
    """The ASGI application: live streams here, pages in threads; the clock runs beside them."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self.registry = app.registry
        self.pages = Pages(app, settings.threads)
        self.stream = Stream(self.registry["engine"], streams_allowed(), settings.secure)
        self.clock = clock.Clock(clock.Context(self.registry["engine"], settings, self.registry["ledger key"]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith("/live/"):
            await self.stream(scope, receive, send)
        elif scope["type"] == "http":
            await self.pages(scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Start and stop the clock and the tail of the ledgers with the server."""
        await receive()
        tail = asyncio.create_task(self.stream.tail())
        self.clock.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        tail.cancel()
        with suppress(asyncio.CancelledError):
            await tail
        await asyncio.to_thread(self.registry["writer"].stop)
        await asyncio.to_thread(self.clock.stop)
        await send({"type": "lifespan.shutdown.complete"})


class OnePort(uvicorn.Server):
    """uvicorn, which ends the streams when it is told to stop: else it would wait for browsers that never go."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        served: Server = self.config.app  # type: ignore[assignment]
        served.stream.hub.close()
        await super().shutdown(sockets)


def streams_allowed() -> int:
    """How many streams this process may hold: as many files as the system allows, with room left for everything else."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + RESERVE if hard == resource.RLIM_INFINITY else min(hard, MOST + RESERVE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else max(16, min(MOST, soft - RESERVE))


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
    config = uvicorn.Config(
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
    with suppress(KeyboardInterrupt):
        OnePort(config).run()
