"""Templates without an application: the environment, a request of words, and a reader of what a page holds."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from deliberate.web import globals as page_globals

TEMPLATES = Path(page_globals.__file__).with_name("templates")
NOW = datetime(2026, 11, 17, 20, 0, tzinfo=UTC)


class Request(SimpleNamespace):
    def route_path(self, name, **parts):
        return "/" + name + "".join(f"/{value}" for value in parts.values())


def make_request(**over):
    known = {
        "member": SimpleNamespace(name="Amara Osei", initials="AO"),
        "assembly": SimpleNamespace(name="Northside"),
        "csrf_token": "token",
        "flashes": [],
        "ledger_head": SimpleNamespace(hash="9f3a71c05be2", size=4811),
        "locale_name": "en",
        "now": NOW,
    }
    return Request(**{**known, **over})


@pytest.fixture(scope="module")
def environment():
    return page_globals.alone()


class Reader(HTMLParser):
    """Collects ids, references and what a strict content security policy would refuse."""

    def __init__(self):
        super().__init__()
        self.ids, self.refs, self.refused, self.posts = [], [], [], []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.refused += [name for name in found if name == "style" or name.startswith("on")]
        if tag in ("script", "style") and "src" not in found:
            self.refused.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.refs += (found.get(name) or "").split()


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader
