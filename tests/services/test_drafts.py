"""Drafts: nothing typed is lost, whatever else happens to it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deliberate.core.errors import DeliberateError
from deliberate.models import Draft
from deliberate.services import drafts, motions
from deliberate.services.motions import Writing
from tests.services.hall import TEXT, Hall


@pytest.fixture
def hall(engine):
    return Hall(engine)


def save(hall, who, title, public_id="", seen=None):
    return hall.do(who, lambda act: drafts.save(act, Writing(title, ""), drafts.find(act, public_id), seen))


def titles(hall):
    return hall.see(lambda db: [d.content["title"] for d in db.scalars(select(Draft).order_by(Draft.id))])


def test_a_draft_grows_in_one_row(hall):
    first = save(hall, "Ada", "one")
    second = save(hall, "Ada", "two", first.public_id, first.revision)
    assert (second.id, second.revision, titles(hall)) == (first.id, 2, ["two"])
    assert save(hall, "Ada", "two", first.public_id, 1).revision == 2  # the same words are no change


def test_two_tabs_never_write_over_each_other(hall):
    first = save(hall, "Ada", "begun")
    save(hall, "Ada", "of tab one", first.public_id, 1)
    other = save(hall, "Ada", "of tab two", first.public_id, 1)
    assert other.id != first.id
    assert titles(hall) == ["of tab one", "of tab two"]


def test_a_draft_is_its_authors_alone(hall):
    first = save(hall, "Ada", "secret")
    stolen = save(hall, "Bo", "mine", first.public_id, 1)
    assert (stolen.id != first.id, titles(hall)) == (True, ["secret", "mine"])


def test_what_was_proposed_leaves_no_draft_but_newer_words_stay(hall):
    def propose(act, draft, seen, key):
        made = motions.propose(act, TEXT, key)
        drafts.sent(act, drafts.find(act, draft.public_id), seen)
        return made.id

    first = save(hall, "Ada", "one")
    hall.do("Ada", lambda act: propose(act, first, 1, "k1"))
    assert titles(hall) == []
    second = save(hall, "Ada", "begun")
    save(hall, "Ada", "newer", second.public_id, 1)
    hall.do("Ada", lambda act: propose(act, second, 1, "k2"))
    assert titles(hall) == ["newer"]


def test_there_is_a_limit_and_no_nul(hall, monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 1)
    save(hall, "Ada", "a\0b")
    assert titles(hall) == ["ab"]
    with pytest.raises(DeliberateError, match=r"draft\.many"):
        save(hall, "Ada", "another")
