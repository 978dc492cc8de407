"""A real server with the demonstration, and Chromium. A page that logs an error or breaks its policy fails the test."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync"
).split()
expect.set_options(timeout=30_000)  # patience of a busy machine; what is awaited comes at once on an idle one
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium from the system's packages."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium; apt-get install --no-install-recommends chromium")
        pytest.skip("there is no Chromium; apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Site:
    """The running server: its address and its database."""

    url: str
    file: Path
    folder: Path
    environ: dict[str, str]
    server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("a") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "deliberate", "serve"], env=self.environ, cwd=self.folder, stdout=log, stderr=log
            )
        for _ in range(1200):  # a busy machine may take its time
            try:
                urllib.request.urlopen(f"{self.url}/login", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)

    def crash(self) -> None:
        """End the server as a power cut would."""
        assert self.server is not None
        self.server.kill()
        self.server.wait(10)

    def id(self, table: str, title: str) -> str:
        """Public id of a motion or poll whose title begins so."""
        with sqlite3.connect(self.file) as db:
            return str(db.execute(f"SELECT public_id FROM {table} WHERE title LIKE ?", (f"{title}%",)).fetchone()[0])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with a demonstration of its own for each module."""
    folder = tmp_path_factory.mktemp("site")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = folder / "site.sqlite"
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PORT": str(port),
        "DELIBERATE_DATABASE_URL": f"sqlite:///{file}",
        "DELIBERATE_KEYS": str(folder / "keys"),
        "DELIBERATE_RECORDS": str(folder / "records"),
    }
    subprocess.run(
        [sys.executable, "-m", "deliberate", "demo"], env=environ, cwd=folder, check=True, capture_output=True
    )
    made = Site(f"http://127.0.0.1:{port}", file, folder, environ)
    made.start()
    yield made
    assert made.server is not None
    made.server.terminate()
    made.server.wait(10)


@pytest.fixture
def person(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """person("amara", size="phone", script=False): a browser window of one's own, logged in."""
    contexts, troubles = [], []

    def arrive(name: str = "", size: str = "desktop", script: bool = True, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            viewport=SIZES[size],
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda message: (
                troubles.append(message.text) if message.type == "error" and "status of 4" not in message.text else None
            ),
        )
        if name:
            page.goto("/login")
            page.fill("#email", f"{name}@northside.example")
            page.fill("#password", "northside-demo")
            page.click("button:has-text('Log in')")
            page.wait_for_url("**/")
        return page

    arrive.troubles = troubles  # type: ignore[attr-defined]
    yield arrive
    for context in contexts:
        context.close()
    assert not troubles, troubles
