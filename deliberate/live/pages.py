"""Pages: the Pyramid application in threads. A thread works only while a page is made, never while a telephone is slow.

a2wsgi translates the request; its responder is not used, as it holds a thread until the last byte has come and gone, and
passes between thread and loop once for each part of an answer.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from a2wsgi.wsgi import Body, build_environ

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AHEAD = 1 << 20  # bytes of a request that are read before a thread takes it
PART = 1 << 18  # bytes of an answer that one turn of a thread makes


@dataclass
class Answer:
    """What the application has said so far."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    parts: Iterator[bytes] = field(default_factory=lambda: iter(()))
    close: Callable[[], None] = lambda: None

    def start(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], None]:
        """``start_response`` of WSGI."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return _write

    def more(self) -> tuple[bytes, bool]:
        """The next part, and whether another may follow."""
        body = b""
        for part in self.parts:
            body += part
            if len(body) >= PART:
                return body, True
        return body, False


def _write(_part: bytes) -> None:
    raise NotImplementedError("the old write() of WSGI is not served; Pyramid does not use it")


class Pages:
    """Answers requests with a WSGI application, from a few threads."""

    def __init__(self, app: Any, threads: int) -> None:
        self.app = app
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = await arrived(receive)
        if body is None:
            return
        loop = asyncio.get_running_loop()
        environ = build_environ(scope, Body(loop, replay(body, receive)) if more else BytesIO(body))  # type: ignore[arg-type]
        answer = Answer()
        try:
            part, more = await self._in_thread(self._begin, environ, answer)
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            while more:
                await send({"type": "http.response.body", "body": part, "more_body": True})
                part, more = await self._in_thread(answer.more)
            await send({"type": "http.response.body", "body": part})
        finally:
            answer.close()

    def _begin(self, environ: Any, answer: Answer) -> tuple[bytes, bool]:
        found = self.app(environ, answer.start)
        answer.parts, answer.close = iter(found), getattr(found, "close", answer.close)
        return answer.more()

    async def _in_thread(self, work: Callable[..., tuple[bytes, bool]], *given: Any) -> tuple[bytes, bool]:
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self.pool, lambda: context.run(work, *given))


async def arrived(receive: Receive) -> tuple[bytes | None, bool]:
    """The body of a request, and whether more follows; None if it broke off: half a form is no form.

    Only the first ``AHEAD`` bytes are waited for: what is longer is an officer's file, and is read as it comes.
    """
    body, more = b"", True
    while more and len(body) < AHEAD:
        message = await receive()
        if message["type"] != "http.request":
            return None, False
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body, more


def replay(body: bytes, receive: Receive) -> Receive:
    """A request of which the first part has been read already."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": True}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again
