"""Polls: what is frozen, who may, the clock, the void."""

from __future__ import annotations

import pytest

from deliberate.services import definitions
from tests.makers import make_act, make_assembly, make_member, make_poll


@pytest.fixture
def chair(db):
    assembly = make_assembly(db)
    member = make_member(db, assembly, "Carla Chair", ("chair",))
    make_member(db, assembly, "Mo")
    return make_act(db, assembly, member)


def test_opening_freezes_question_rules_and_roll(db, chair):
    poll = make_poll(chair)
    found = definitions.read(poll)
    assert poll.state == "open" and found["roll"]["size"] == 2 and found["roll"]["weight"] == "2"
    assert found["rules"]["roll"] == {"heads": 2, "weight": "2"}
    assert [o["id"] for o in found["options"]] == ["yes", "no", "abstain"]
