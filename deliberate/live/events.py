"""Server-sent events: one stream for each poll, resumed at Last-Event-ID; the same state as JSON for those who poll."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

import structlog
from sqlalchemy import Engine

from deliberate.live import states
from deliberate.live.hub import Event, Hub, Listener

log = structlog.get_logger()
PATH = re.compile(r"/live/polls/([a-z2-7]{26})(\.json)?")
HEARTBEAT = 15.0
LOOK = 0.5  # seconds between two looks at the database

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class Stream:
    """Answers /live/*; looks at the polls that somebody listens to, and tells their rooms what changed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.hub = Hub()
        self.last: dict[str, str] = {}

    async def tail(self) -> None:
        """Look at every poll with listeners, and publish what is new."""
        while True:
            try:
                await self.look()
            except Exception as error:
                log.error("tail failed", kind=type(error).__name__, exc_info=error)
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """One look at each poll that has listeners."""
        self.last = {topic: line for topic, line in self.last.items() if topic in self.hub.rooms}
        for topic in list(self.hub.rooms):
            state = await asyncio.to_thread(states.poll, self.engine, topic)
            if state is not None:
                line = states.line(state)
                if self.last.get(topic) != line:
                    self.last[topic] = line
                    self.hub.publish(topic, event(line))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = PATH.fullmatch(scope["path"])
        state = (
            await asyncio.to_thread(states.poll, self.engine, found[1])
            if found and scope["method"] in ("GET", "HEAD")
            else None
        )
        if found is None or state is None:
            await answer(
                send, 404, b'{"ok":false,"error":"There is no such poll.","code":"poll.none","fields":{},"status":404}'
            )
        elif found[2]:
            await self.once(scope, send, states.line(state))
        else:
            await self.follow(scope, receive, send, found[1], states.line(state))

    async def once(self, scope: Any, send: Any, line: str) -> None:
        """The state as JSON; 304 when the browser has it already."""
        tag = f'"{event(line).id}"'.encode()
        if dict(scope["headers"]).get(b"if-none-match") == tag:
            await answer(send, 304, b"", [(b"etag", tag)])
        else:
            await answer(send, 200, line.encode(), [(b"etag", tag)])

    async def follow(self, scope: Any, receive: Any, send: Any, topic: str, line: str) -> None:
        """The stream: the present state unless the browser has it, then what changes."""
        seen = dict(scope["headers"]).get(b"last-event-id", b"").decode("ascii", "replace")
        listener = self.hub.join(topic, seen)
        first = event(line)
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"x-accel-buffering", b"no"),
                    *HEADERS,
                ],
            }
        )
        gone = asyncio.create_task(until_gone(receive))
        try:
            hello = b"retry: 3000\n\n" + (first.encode() if first.id != seen and listener.events.empty() else b"")
            await send({"type": "http.response.body", "body": hello, "more_body": True})
            await self._pump(listener, gone, send)
        finally:
            gone.cancel()
            self.hub.leave(topic, listener)

    async def _pump(self, listener: Listener, gone: asyncio.Task[None], send: Any) -> None:
        while not gone.done():
            waiting = asyncio.create_task(listener.events.get())
            done, _ = await asyncio.wait({waiting, gone}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
            if waiting not in done:
                waiting.cancel()
                if gone in done:
                    return
                await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
                continue
            found = waiting.result()
            if found is None:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            await send({"type": "http.response.body", "body": found.encode(), "more_body": True})


def event(line: str) -> Event:
    """The event of a state; its id is the start of the state's hash, so that the same state is never sent twice."""
    return Event(hashlib.sha256(line.encode()).hexdigest()[:16], "state", line)


async def until_gone(receive: Any) -> None:
    """Wait until the browser has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    """One complete JSON answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"application/json"), *HEADERS, *(headers or [])],
        }
    )
    await send({"type": "http.response.body", "body": body})
