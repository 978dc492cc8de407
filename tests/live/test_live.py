"""Live: rooms that coalesce, listeners that are dropped rather than waited for, a real server with resumed streams."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import httpx
import pytest
import uvicorn
from sqlalchemy.orm import Session

from deliberate import main
from deliberate.live import Quiet, Server
from deliberate.live.hub import QUEUE, Event, Hub
from tests.makers import make_act, make_assembly, make_cast, make_member, make_poll, vote


def event(n):
    return Event(str(n), "state", json.dumps({"n": n}))


def test_one_event_a_second_and_the_newest_wins():
    async def run():
        hub = Hub(gap=0.05)
        listener = hub.join("p")
        for n in range(20):
            hub.publish("p", event(n))
        await asyncio.sleep(0.12)
        got = []
        while not listener.events.empty():
            got.append(listener.events.get_nowait().id)
        return got

    assert asyncio.run(run()) == ["0", "19"]


def test_who_comes_back_gets_only_what_is_new():
    async def run():
        hub = Hub(gap=0.01)
        stays = hub.join("p")
        hub.publish("p", event(1))
        fresh, known = hub.join("p"), hub.join("p", seen="1")
        return stays.events.qsize(), fresh.events.qsize(), known.events.qsize()

    assert asyncio.run(run()) == (1, 1, 0)


def test_a_slow_listener_is_dropped_and_nobody_waits():
    async def run():
        hub = Hub(gap=0.0)
        slow, quick = hub.join("p"), hub.join("p")
        for n in range(QUEUE + 3):
            hub.publish("p", event(n))
            while not quick.events.empty():
                quick.events.get_nowait()
            await asyncio.sleep(0.001)
        return slow.events.get_nowait(), len(hub.rooms["p"].listeners)

    last, left = asyncio.run(run())
    assert last is None
    assert left == 1


def test_an_empty_room_is_closed():
    async def run():
        hub = Hub()
        hub.leave("p", hub.join("p"))
        return hub.rooms

    assert asyncio.run(run()) == {}


@pytest.fixture
def live(engine, tmp_path):
    """A real server on a free port, with an open poll of three voters."""
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
        voters = [make_member(db, assembly) for _ in range(3)]
        poll = make_poll(make_act(db, assembly, chair), mode="confidential")
    app = main(
        {},
        **{
            "deliberate.database": engine.url.render_as_string(hide_password=False),
            "deliberate.keys": str(tmp_path / "keys"),
        },
    )
    server = uvicorn.Server(
        uvicorn.Config(Server(app, app.registry["settings"]), port=0, log_level="error", lifespan="on")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", poll, voters, engine
    server.should_exit = True
    thread.join(10)
    app.registry["engine"].dispose()


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
        assert set(state) == {"poll", "state", "voted", "roll", "closes_at"}
    with httpx.stream(
        "GET", f"{url}/live/polls/{poll.public_id}", headers={"Last-Event-ID": second}, timeout=15
    ) as response:
        stream = events(response)
        vote(engine, [make_cast(poll, voters[1], "no")])
        third, state = next(stream)
        assert state["voted"] == 2
    assert len({first, second, third}) == 3


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
