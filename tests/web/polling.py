"""How tests prepare, cast, count and check a poll in the browser."""

from __future__ import annotations

import re
import tempfile

from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.models import Poll
from deliberate.verifier.command import main


def prepare(house, **over):
    """Prepare and open a poll through the pages; its address."""
    carla = house.browser("Carla")
    form = carla.get("/polls/new").forms[0]
    for name, value in {"title": "New boilers", "question": "Shall we buy them?", "closes_at": "", **over}.items():
        form[name] = value
    page = form.submit().follow()
    assert "is prepared" in page and "GOOD" in page
    address = page.request.path
    carla.post(f"{address}/open", {"csrf_token": token(page)}).follow()
    return address


def token(page):
    return re.search(r'name="csrf-token" content="([^"]+)"', page.text)[1]


def cast(house, name, address, **fields):
    """Vote through ballot, review and cast; the receipt page and the form that was sent."""
    browser = house.browser(name)
    form = browser.get(f"{address}/ballot").forms["ballot"]
    for field, value in fields.items():
        form[field.replace("_", "-")] = value
    review = form.submit()
    assert "Is this your ballot?" in review
    sent = review.forms[0]
    return sent.submit().follow(), sent, browser


def count_and_publish(house, address, accept=False):
    carla = house.browser("Carla")
    page = carla.get(address)
    carla.post(f"{address}/close", {"csrf_token": token(page)})
    carla.post(f"{address}/tally", {"csrf_token": token(page)})
    return carla.post(f"{address}/publish", {"csrf_token": token(page), **({"unique": "1"} if accept else {})}).follow()


def verified(house, address):
    """Whether the auditor's command agrees with the record of this poll."""
    return command_says(house.browser().get(f"{address}/record.zip").body) == 0


def find(house, address):
    with Session(house.engine) as db:
        return db.scalars(select(Poll).where(Poll.public_id == address.rsplit("/", 1)[1])).one()


def command_says(package: bytes) -> int:
    """The exit status of the verifier for a package."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(package)
        file.flush()
        return main([file.name])
