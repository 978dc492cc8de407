"""What other methods would have said of a published poll: made once, kept, bounded, and only of rankings."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from deliberate.models import Poll
from deliberate.services import comparisons, results
from tests.makers import make_act, make_assembly, make_cast, make_member, make_poll, tally, vote

CAPITAL = [("o1", "o2", "o3")] * 4 + [("o2", "o3", "o1")] * 3 + [("o3", "o2", "o1")] * 2
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def published(engine, tmp_path):
    """Make a published poll with ballots and compare it, as often as wanted."""

    def made(*ballots, method="irv", **over):
        with Session(engine, expire_on_commit=False) as db, db.begin():
            assembly = make_assembly(db)
            chair = make_member(db, assembly, "Carla", ("chair",), entitled=False)
            members = [make_member(db, assembly) for _ in range(max(3, len(ballots)))]
            act = make_act(db, assembly, chair)
            poll = make_poll(act, method, **over)
            number = poll.id
            casts = [make_cast(poll, member, *one) for member, one in zip(members, ballots, strict=False)]
        vote(engine, casts)
        with Session(engine) as db, db.begin():
            poll = db.get_one(Poll, number)
            act = make_act(db, poll.assembly, db.get_one(type(chair), chair.id))
            tally(act, poll)
            results.publish(act, poll, lambda *_: None, unique_accepted=True)

        def compared():
            with Session(engine) as db:
                found = db.get_one(Poll, number)
                return comparisons.of(db, found, results.read(found), tmp_path / "records")

        return compared

    return made


def winners(made):
    return {one["method"]: one["winners"] for one in made["methods"]}


def test_the_methods_of_one_seat_are_compared_with_the_one_that_decided(published):
    made = published(*CAPITAL)()
    found = winners(made)
    assert found["irv"] == ["Bea"] == found["schulze"] and found["plurality"] == ["Ada"]
    assert next(iter(found)) == "irv" and len(made["explanation"]) > 1


def test_it_is_made_once_and_kept(published, tmp_path, monkeypatch):
    compared = published(*CAPITAL)
    first = compared()
    [kept] = (tmp_path / "records").iterdir()
    monkeypatch.setattr(comparisons, "compare", None)  # would break if it were made again
    assert compared() == first
    assert comparisons.methods() in kept.name


def test_several_seats_are_compared_with_methods_for_several(published):
    found = winners(published(*CAPITAL, method="scottish-stv", seats=2)())
    assert "borda" in found and "schulze" not in found


def test_marks_are_not_compared(published, tmp_path):
    assert published(("o1",), method="plurality")() is None
    assert not (tmp_path / "records").exists()


def test_a_large_poll_is_left_to_the_readers_machine(published, monkeypatch):
    compared = published(*CAPITAL)
    monkeypatch.setattr(comparisons, "MOST_BALLOTS", 3)
    assert compared() == comparisons.LARGE
    monkeypatch.setattr(comparisons, "MOST_BALLOTS", 1000)
    monkeypatch.setattr(comparisons, "MOST_DISTINCT", 2)
    assert compared() == comparisons.LARGE
    monkeypatch.setattr(comparisons, "MOST_DISTINCT", 1000)
    assert compared() == comparisons.LARGE, "also that it is too large is kept"


def test_where_no_other_method_can_count_there_is_none(published, monkeypatch):
    monkeypatch.setattr(comparisons, "able", lambda *_: ["irv"])
    assert published(*CAPITAL)() is None


def test_one_is_made_at_a_time(published):
    compared = published(*CAPITAL)
    with comparisons._ONE:
        assert compared() == comparisons.BUSY
    assert winners(compared())["irv"] == ["Bea"]
