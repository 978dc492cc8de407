"""Live: rooms that coalesce, listeners that are dropped rather than waited for, a real server with resumed streams."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy.orm import Session

from deliberate import main
from deliberate.live import OnePort, Quiet, Server
from deliberate.live.hub import Event, Hub
from deliberate.live.pages import AHEAD, Pages, arrived
from tests.makers import make_act, make_assembly, make_cast, make_member, make_poll, vote


def event(n):
    return Event(f"{n}-said{n}", "state", json.dumps({"n": n}))


def ids(listener):
    return [found.entry for found in listener.take()]


def test_one_event_a_second_and_the_newest_wins():
    async def run():
        hub = Hub(gap=0.05)
        listener = hub.join("p")
        hub.publish("p", event(0))
        first = ids(listener)
        for n in range(1, 20):
            hub.publish("p", event(n))
        at_once = ids(listener)
        await asyncio.sleep(0.12)
        return first, at_once, ids(listener)

    assert asyncio.run(run()) == ([0], [], [19])


def test_who_comes_back_gets_only_what_is_new():
    async def run():
        hub = Hub(gap=0.01)
        hub.join("p")
        hub.publish("p", event(7))
        seen = ("", "7-said7", "6-said6", "8-said8", "nonsense", "²-x", "9" * 40)
        return [ids(hub.join("p", seen=one)) for one in seen]

    assert asyncio.run(run()) == [[7], [], [7], [], [7], [7], [7]]


def test_a_slow_listener_gets_the_newest_and_nobody_waits():
    async def run():
        hub = Hub(gap=0.0)
        slow, quick = hub.join("p"), hub.join("p")
        got = []
        for n in range(40):
            hub.publish("p", event(n))
            got += ids(quick)
            await asyncio.sleep(0.001)
        return ids(slow), got[-1]

    assert asyncio.run(run()) == ([39], 39)


def test_an_empty_room_is_closed():
    async def run():
        hub = Hub()
        hub.leave("p", hub.join("p"))
        return hub.rooms

    assert asyncio.run(run()) == {}


def test_a_listener_that_reads_nothing_is_let_go(monkeypatch):
    """One write may take so long; then the connection ends, and its room is empty."""
    from deliberate.live import events as live_events

    monkeypatch.setattr(live_events, "SLOW", 0.05)

    async def run():
        stream = live_events.Stream(None)
        stream.states.known["p"] = (time.monotonic() + 60, event(1))

        async def send(message):
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

        async def receive():
            await asyncio.Event().wait()

        scope = {"path": "/live/polls/p", "method": "GET", "headers": []}
        await asyncio.wait_for(stream.follow(scope, receive, send, "p", event(1)), 2)
        return stream.hub.rooms

    assert asyncio.run(run()) == {}


def test_a_request_that_breaks_off_never_reaches_a_page():
    """A phone that loses its line in the middle of a form holds no thread, and half a ballot is no ballot."""

    async def run(*messages):
        waiting = list(messages)

        async def receive():
            return waiting.pop(0)

        return await arrived(receive)

    part = {"type": "http.request", "body": b"rank-o1=1&", "more_body": True}
    rest = {"type": "http.request", "body": b"rank-o2=2", "more_body": False}
    assert asyncio.run(run(part, {"type": "http.disconnect"})) == (None, False)
    assert asyncio.run(run(part, rest)) == (b"rank-o1=1&rank-o2=2", False)
    big = {"type": "http.request", "body": b"x" * AHEAD, "more_body": True}
    assert asyncio.run(run(big, rest)) == (big["body"], True)


def test_pages_pass_through_whole_and_slow_readers_hold_no_thread():
    """A long body in, a long answer out, with one thread: while the first reader waits, the second is served."""
    closed = []

    class Long:
        def __init__(self, body):
            self.body = body

        def __iter__(self):
            return iter([self.body[n : n + 100_000] for n in range(0, len(self.body), 100_000)])

        def close(self):
            closed.append(True)

    def echo(environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response("201 Created", [("Content-Type", "text/plain")])
        return Long(body)

    async def one(pages, body, gate=None):
        waiting = [body[n : n + 300_000] for n in range(0, len(body), 300_000)]
        said = []

        async def receive():
            part = waiting.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(message):
            if gate is not None and message["type"] == "http.response.body":
                await gate.wait()
            said.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/", "query_string": b"", "http_version": "1.1", "root_path": "",
            "headers": [(b"content-length", str(len(body)).encode())],
        }  # fmt: skip
        await pages(scope, receive, send)
        assert said[0]["status"] == 201 and said[0]["headers"] == [(b"content-type", b"text/plain")]
        assert b"".join(message["body"] for message in said[1:]) == body
        assert [message.get("more_body", False) for message in said[1:]][-1] is False

    async def run():
        pages, gate = Pages(echo, 1), asyncio.Event()
        slow = asyncio.create_task(one(pages, b"abcdefg" * 300_000, gate))
        await asyncio.sleep(0.2)
        await asyncio.wait_for(one(pages, b"quick"), 5)
        gate.set()
        await slow

    asyncio.run(run())
    assert len(closed) == 2


@dataclass
class Live:
    """A running server, and an open poll of three voters."""

    url: str
    app: Any
    server: OnePort
    thread: threading.Thread
    poll: Any = None
    voters: Any = None
    engine: Any = None

    def __iter__(self):
        return iter((self.url, self.poll, self.voters, self.engine))


@contextmanager
def serve(engine, folder):
    """A real server on a free port."""
    database = engine.url.render_as_string(hide_password=False)
    app = main({}, **{"deliberate.database": database, "deliberate.keys": str(folder / "keys")})
    server = OnePort(uvicorn.Config(Server(app, app.registry["settings"]), port=0, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(500):
        if server.started:
            break
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Live(f"http://127.0.0.1:{port}", app, server, thread)
    server.should_exit = True
    thread.join(10)
    app.registry["engine"].dispose()


@pytest.fixture
def live(engine, tmp_path):
    """A real server on a free port, with an open poll of three voters."""
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
        voters = [make_member(db, assembly) for _ in range(3)]
        poll = make_poll(make_act(db, assembly, chair), mode="confidential")
    with serve(engine, tmp_path) as found:
        found.poll, found.voters, found.engine = poll, voters, engine
        yield found


def events(response):
    """(id, data) of each event as it comes."""
    name = None
    for line in response.iter_lines():
        if line.startswith("id: "):
            name = line[4:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def test_a_stream_tells_turnout_resumes_and_never_a_choice(live):
    url, poll, voters, engine = live
    with httpx.stream("GET", f"{url}/live/polls/{poll.public_id}", timeout=15) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-content-type-options"] == "nosniff"
        stream = events(response)
        first, state = next(stream)
        assert (state["state"], state["voted"], state["roll"]) == ("open", 0, 3)
        vote(engine, [make_cast(poll, voters[0], "yes")])
        second, state = next(stream)
        assert state["voted"] == 1
        assert set(state) == {"poll", "state", "revision", "voted", "roll", "closes_at"}
    with httpx.stream(
        "GET", f"{url}/live/polls/{poll.public_id}", headers={"Last-Event-ID": second}, timeout=15
    ) as response:
        stream = events(response)
        vote(engine, [make_cast(poll, voters[1], "no")])
        third, state = next(stream)
        assert state["voted"] == 2
    assert len({first, second, third}) == 3


def test_the_same_state_is_told_once(live):
    """Who connects gets the state; the first look after it does not tell it again."""
    url, poll, *_ = live
    with httpx.stream("GET", f"{url}/live/polls/{poll.public_id}", timeout=httpx.Timeout(5, read=1.3)) as response:
        stream = events(response)
        assert next(stream)[0].partition("-")[0] == "1"  # the poll's ledger has one entry: its opening
        with pytest.raises(httpx.ReadTimeout):
            next(stream)


def test_the_server_stops_at_once_with_open_streams(live):
    url, poll, *_ = live
    server = live.server
    with httpx.stream("GET", f"{url}/live/polls/{poll.public_id}", timeout=15) as response:
        lines = response.iter_lines()
        while not next(lines).startswith("data: "):
            pass
        began = time.monotonic()
        server.should_exit = True
        assert [line for line in lines if line.startswith("data: ")] == []
        live.thread.join(10)
        assert not live.thread.is_alive()
        assert time.monotonic() - began < 4  # uvicorn alone would wait for its five seconds, and cut the streams


def test_two_servers_on_one_database_tell_the_same(live, tmp_path):
    """What one process stores, listeners of the other see; no number ever goes back."""
    _, poll, voters, engine = live
    with (
        serve(engine, tmp_path) as other,
        httpx.stream("GET", f"{other.url}/live/polls/{poll.public_id}", timeout=15) as response,
    ):
        stream = events(response)
        first, state = next(stream)
        assert state["voted"] == 0
        live.app.registry["writer"].cast(make_cast(poll, voters[0], "yes"))
        second, state = next(stream)
        assert state["voted"] == 1
        assert int(second.partition("-")[0]) > int(first.partition("-")[0])


def test_headers_that_keep_proxies_from_holding_back(live):
    url, poll, *_ = live
    with httpx.stream("GET", f"{url}/live/polls/{poll.public_id}", timeout=15) as response:
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["cache-control"] == "no-store, no-transform"
    assert httpx.head(f"{url}/live/polls/{poll.public_id}").headers["content-type"].startswith("text/event-stream")
    assert httpx.post(f"{url}/live/polls/{poll.public_id}").status_code == 405


def test_many_who_ask_are_one_look_at_the_database(live):
    """A hall of phones that poll: 304 and even a fresh 200 come from memory."""
    from sqlalchemy import event as sqlalchemy_event

    url, poll, *_ = live
    address = f"{url}/live/polls/{poll.public_id}.json"
    asked = []
    sqlalchemy_event.listen(live.app.registry["engine"], "before_cursor_execute", lambda *found: asked.append(found[2]))
    with httpx.Client() as client:
        tags = [client.get(address).headers["etag"] for _ in range(40)]
        began = time.monotonic()
        assert all(client.get(address, headers={"If-None-Match": tags[-1]}).status_code == 304 for _ in range(40))
    looks = sum("FROM participation" in found for found in asked)
    assert looks <= 3 + (time.monotonic() - began) / 0.5


def test_polling_gives_the_same_and_304(live):
    url, poll, *_ = live
    answer = httpx.get(f"{url}/live/polls/{poll.public_id}.json")
    assert answer.json()["roll"] == 3
    assert (
        httpx.get(
            f"{url}/live/polls/{poll.public_id}.json", headers={"If-None-Match": answer.headers["etag"]}
        ).status_code
        == 304
    )
    assert httpx.get(f"{url}/live/polls/{'a' * 26}.json").status_code == 404
    assert httpx.get(f"{url}/live/nothing").status_code == 404
    assert httpx.get(f"{url}/healthz").text == "alive\n"
    assert httpx.get(f"{url}/readyz").text == "ready\n"
    assert "deliberate_polls_open 1.0" in httpx.get(f"{url}/metrics").text
    assert httpx.get(f"{url}/motions/%FF").status_code == 404


def test_the_access_log_holds_no_token_and_no_ballot():
    import logging

    kept = []
    for path in (
        "/login/secret-token",
        "/invitation/abc",
        "/polls/x/ballot",
        "/polls/x/receipts/" + "a" * 64,
        "/motions?q=mine",
    ):
        row = logging.LogRecord(
            "uvicorn.access", 20, "", 0, "%s %s %s %s %s", ("1.2.3.4", "GET", path, "1.1", 200), None
        )
        if Quiet().filter(row):
            kept.append(row.args[2])
    assert kept == ["/login/...", "/invitation/...", "/motions"]
