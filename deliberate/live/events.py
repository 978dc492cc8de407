"""Server-sent events: one stream for each poll, resumed at Last-Event-ID; the same state as JSON for those who poll."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy import Engine

from deliberate.live.hub import Event, Hub, Listener
from deliberate.live.states import FRESH, States

log = structlog.get_logger()
PATH = re.compile(r"/live/polls/([a-z2-7]{26})(\.json)?")
HEARTBEAT = 15.0  # seconds; a browser that misses two asks for the state instead
SLOW = 30.0  # seconds that one write to a listener may take
MOST = 10_000  # streams of one process, unless the system allows fewer files

STREAMS = Gauge("deliberate_live_streams", "Event streams that are open")
BEAT = b": still here\nevent: beat\ndata:\n\n"
HSTS = b"max-age=31536000; includeSubDomains"
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
STREAM = [
    *(header for header in HEADERS if header[0] != b"cache-control"),
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),  # a proxy that compresses would also hold back
    (b"x-accel-buffering", b"no"),
]


class Stream:
    """Answers /live/*; looks at the polls that somebody listens to, and tells their rooms what changed."""

    def __init__(self, engine: Engine, most: int = MOST, secure: bool = False) -> None:
        self.states = States(engine)
        self.hub = Hub()
        self.most, self.secure = most, secure
        STREAMS.set_function(lambda: self.hub.size)

    async def tail(self) -> None:
        """Look at every poll with listeners, and publish what is new."""
        while True:
            for topic in list(self.hub.rooms):
                try:
                    await self.look(topic)
                except Exception as error:
                    log.error("tail failed", kind=type(error).__name__, exc_info=error)
            await asyncio.sleep(FRESH)

    async def look(self, topic: str) -> None:
        """One look at a poll; its room hears what is new."""
        found = await self.states.look(topic)
        room = self.hub.rooms.get(topic)
        if found is not None and room is not None:
            said = room.waiting.get(found.name) or room.newest.get(found.name)
            if found.is_news_to(said.id if said else ""):
                self.hub.publish(topic, found)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        send = strict(send) if self.secure else send
        asked = PATH.fullmatch(scope["path"])
        if asked is None:
            await refuse(send, 404, "There is no such page.", "page.none")
            return
        if scope["method"] not in ("GET", "HEAD"):
            await refuse(send, 405, "Live pages are only read.", "live.method", [(b"allow", b"GET, HEAD")])
            return
        try:
            state = await self.states.get(asked[1])
        except Exception as error:
            log.error("state not read", kind=type(error).__name__, exc_info=error)
            await refuse(send, 503, "The state cannot be read now. Ask again.", "live.busy", [(b"retry-after", b"5")])
            return
        if state is None:
            await refuse(send, 404, "There is no such poll.", "poll.none")
        elif asked[2]:
            await once(scope, send, state)
        elif scope["method"] == "HEAD":
            await answer(send, 200, b"", STREAM)
        elif self.hub.size >= self.most:
            await refuse(send, 503, "Too many listen. Ask for the state.", "live.full", [(b"retry-after", b"60")])
        else:
            await self.follow(scope, receive, send, asked[1], state)

    async def follow(self, scope: Any, receive: Any, send: Any, topic: str, state: Event) -> None:
        """The stream: the present state unless the browser has it, then what changes."""
        seen = dict(scope["headers"]).get(b"last-event-id", b"").decode("ascii", "replace")
        listener = self.hub.join(topic, seen)
        if not listener.waiting:
            listener.offer(state)
        gone = asyncio.create_task(until_gone(receive, listener))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": STREAM})
            await write(send, b"retry: 3000\n\n" + b"".join(event.encode() for event in listener.take()))
            await self._pump(listener, gone, send)
        except TimeoutError:
            log.info("stream ended", why="the listener reads too slowly")
        finally:
            gone.cancel()
            self.hub.leave(topic, listener)

    async def _pump(self, listener: Listener, gone: asyncio.Task[None], send: Any) -> None:
        while not gone.done():
            if listener.waiting:
                await write(send, b"".join(event.encode() for event in listener.take()))
            elif listener.ended:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            else:
                listener.wake.clear()
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await listener.wake.wait()
                except TimeoutError:
                    await write(send, BEAT)


def strict(send: Any) -> Any:
    """Send with the header that keeps browsers on https."""

    async def sent(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"strict-transport-security", HSTS)]}
        await send(message)

    return sent


async def write(send: Any, body: bytes) -> None:
    """Send a part of a stream. Raises TimeoutError if the listener does not take it."""
    async with asyncio.timeout(SLOW):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def until_gone(receive: Any, listener: Listener) -> None:
    """Wait until the browser has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


async def once(scope: Any, send: Any, state: Event) -> None:
    """The state as JSON; 304 when the browser has it already. Its number stands in it, so that none goes backwards."""
    tag = f'"{state.id}"'.encode()
    if dict(scope["headers"]).get(b"if-none-match") == tag:
        await answer(send, 304, b"", [*HEADERS, (b"etag", tag)])
    else:
        body = b"" if scope["method"] == "HEAD" else state.data.encode()
        await answer(send, 200, body, [*HEADERS, (b"content-type", b"application/json"), (b"etag", tag)])


async def refuse(send: Any, status: int, what: str, code: str, headers: Any = ()) -> None:
    """A refusal in the shape that programs know."""
    body = json.dumps({"ok": False, "error": what, "code": code, "fields": {}, "status": status}).encode()
    await answer(send, status, body, [*HEADERS, (b"content-type", b"application/json"), *headers])


async def answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """One complete answer."""
    with suppress(OSError):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
