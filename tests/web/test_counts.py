"""From the close to the published result, its ties and its record."""

from __future__ import annotations

import io
import re
import zipfile
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.core import tally
from deliberate.models import LedgerEntry, Pending, Poll
from deliberate.services import polls
from tests.makers import make_act, make_cast, make_poll, vote
from tests.web.polling import cast, command_says, count_and_publish, find, prepare, token, verified


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_a_motion_from_preparing_to_its_result(house, mode):
    address = prepare(house, method="motion", mode=mode)
    for name, choice in (("Ada", "yes"), ("Bo", "yes"), ("Cy", "no")):
        receipt, _, _ = cast(house, name, address, choice=choice)
        assert "Your ballot is stored" in receipt
        assert len(re.findall(r"<li>[a-z]+</li>", receipt.text)) == 6
    assert 'data-live-field="voted">3<' in house.browser().get(address)
    result = count_and_publish(house, address)
    assert "<b>Carried</b>: 2 for, 1 against, 0 abstained." in result and "Under other methods" not in result
    assert "2 x 2 = 4 &gt; 1 x 3 = 3: carried" in result
    assert ("Roll call" in result) == (mode == "open")
    twin = house.browser().get(f"{address}.json").json
    assert (
        twin["state"] == "published"
        and twin["count"]["outcome"] == "carried"
        and twin["turnout"] == {"voted": 3, "roll": 6}
    )


@pytest.mark.parametrize("method", [name for name in polls.OFFERED if tally.METHODS[name].ballot == "ranking"])
def test_a_ranked_election(house, method):
    """Prepared, opened, voted, counted, published and verified by every method of ranking that is offered."""
    seats = "2" if tally.METHODS[method].winners == "seats" else "1"
    address = prepare(
        house,
        method=method,
        seats=seats,
        options="Ada Okafor | Mill Street\nBo Berg\nCy Cruz",
        mode="confidential",
        ties_once="declared",
    )
    for name, ranks in (
        ("Ada", {"rank_o1": "1", "rank_o2": "2"}),
        ("Bo", {"rank_o1": "1"}),
        ("Carla", {"rank_o1": "1"}),
        ("Cy", {"rank_o3": "1", "rank_o2": "2"}),
        ("Sam", {"rank_o3": "1"}),
        ("Tove", {"rank_o2": "1", "rank_o1": "2"}),
    ):
        cast(house, name, address, **ranks)
    result = count_and_publish(house, address)
    assert "Ada Okafor" in result and "Mill Street" in result and "None" not in result.text
    panel = result.html.select_one("details.whatif")
    assert "decides nothing" in panel.summary.get_text() and not panel.has_attr("open")
    rows = {row.th.get_text(): [cell.get_text() for cell in row.select("td")] for row in panel.select("tbody tr")}
    own = next(name for name in rows if name.endswith("which decided"))
    assert rows[own][0] == ", ".join(house.browser().get(f"{address}.json").json["count"]["winners"])
    other = "Borda" if method != "borda" else "Meek STV"
    assert rows[other][1] in ("the same", "different", "–")
    rounds = house.browser().get(f"{address}.json").json["count"]["rounds"]
    assert ("Exhausted at the end" in result) == bool(rounds[0]["votes"]), "told only where votes move"
    for one in rounds:
        assert f"Round {one['n']}" in house.browser().get(f"{address}?round={one['n']}")
    for path in ("/rules", "/screen", "/record"):
        assert house.browser().get(address + path).status_int == 200
    assert verified(house, address)
    assert house.browser().get(f"{address}?round=99").status_int == 200
    assert house.browser().get(f"{address}?round=x").status_int == 200


def test_heads_stand_beside_the_weights_of_a_motion(house):
    with Session(house.engine) as db, db.begin():
        for name, weight in (("Ada", "7/2"), ("Bo", "1"), ("Cy", "2")):
            db.merge(house.members[name]).weight = Fraction(weight)
    address = prepare(house, method="motion", mode="open")
    for name, choice in (("Ada", "yes"), ("Bo", "no"), ("Cy", "no")):
        cast(house, name, address, choice=choice)
    result = count_and_publish(house, address)
    assert "<b>Carried</b>: 7/2 for, 3 against, 0 abstained." in result
    assert "By heads: 1 for, 2 against, 0 abstained." in result
    assert "<small>one member, 53.8 per cent</small>" in result and "<small>2 members, 46.2 per cent</small>" in result
    assert "13/2 of 19/2" in result
    assert house.browser().get(f"{address}.json").json["count"]["rounds"][0]["heads"] == {
        "Yes": 1,
        "No": 2,
        "Abstain": 0,
    }
    assert verified(house, address)


def test_every_round_of_a_run_off_says_why_ballots_are_inactive(house):
    address = prepare(house, method="irv", options="Ada\nBo\nCy")
    for name, option in (("Ada", "o1"), ("Bo", "o1"), ("Carla", "o1"), ("Cy", "o2"), ("Sam", "o2"), ("Tove", "o3")):
        cast(house, name, address, **{f"rank_{option}": "1"})
    count_and_publish(house, address)
    first, second = (house.browser().get(f"{address}?round={n}") for n in (1, 2))
    parts = "overvotes 0, skipped ranks 0, repeated ranks 0"
    assert f"counting for nobody in this round: 0 (choices exhausted 0, {parts})" in first
    assert f"counting for nobody in this round: 1 (choices exhausted 1, {parts})" in second
    for why in ("choices exhausted", "overvotes", "skipped ranks", "repeated ranks"):
        assert f'<th scope="row" role="rowheader">of these: {why}</th>' in second


def test_nobody_but_counters_sees_a_result_before_publication(house):
    address = prepare(house, mode="confidential")
    cast(house, "Ada", address, choice="yes")
    carla = house.browser("Carla")
    page = carla.get(address)
    carla.post(f"{address}/close", {"csrf_token": token(page)})
    carla.post(f"{address}/tally", {"csrf_token": token(page)})
    for name in ("Carla", "Sam", "Tove"):
        assert "1 x 2 = 2" in house.browser(name).get(address) or "The votes" in house.browser(name).get(address)
    for name in ("", "Ada", "Bo"):
        browser = house.browser(name)
        for path in ("", "/screen", "/rules", "/record"):
            page = browser.get(address + path)
            assert "The votes" not in page and "Carried" not in page and "1 x 2" not in page
        entries = [browser.get(f"/record/{n}").text for n in range(5)]
        assert any("poll.tallied" in entry for entry in entries) and not any("outcome" in entry for entry in entries)
        assert browser.get(f"{address}.json").json["count"] is None
        for path in ("/record.zip", "/record/tally/rounds.json"):
            assert "There is no result" in browser.get(address + path, status=404)


def test_a_lot_decides_a_tie(house):
    address = prepare(house, method="plurality", options="Park\nPool")
    cast(house, "Ada", address, choice="o1")
    cast(house, "Bo", address, choice="o2")
    carla = house.browser("Carla")
    page = carla.get(address)
    carla.post(f"{address}/close", {"csrf_token": token(page)})
    form = carla.post(f"{address}/tally", {"csrf_token": token(page)}).follow().forms[0]
    form["how"] = "Tove drew a slip from a hat, Sam watched."
    assert "Choose one of the tied options" in form.submit(status=422)
    form["chosen"] = "Pool"
    again = form.submit().follow()
    again.forms[0].submit()
    assert "Pool is elected" in carla.post(f"{address}/publish", {"csrf_token": token(page)}).follow()
    assert "Tove drew a slip from a hat, Sam watched." in house.browser().get(address)
    assert house.browser().get(f"{address}.json").json["lots_told"] == ["Tove drew a slip from a hat, Sam watched."]


def test_the_record_balances_and_holds_every_file(house):
    address = prepare(house, mode="confidential", revote="until_close")
    _, _, browser = cast(house, "Ada", address, choice="yes")
    form = browser.get(f"{address}/ballot").forms["ballot"]
    form["choice"] = "no"
    form.submit().forms[0].submit()
    cast(house, "Bo", address, choice="no")
    count_and_publish(house, address)
    page = house.browser().get(f"{address}/record")
    assert "Balances" in page and "Does not balance" not in page and "Carla" in page
    package = house.browser().get(f"{address}/record.zip")
    with zipfile.ZipFile(io.BytesIO(package.body)) as made:
        names = made.namelist()
        assert {
            "manifest.json",
            "definition.json",
            "ballots.csv",
            "log/box/checkpoint",
            "log/assembly/checkpoint",
        } <= set(names)
        for name in names:
            assert house.browser().get(f"{address}/record/{name}").body == made.read(name)
    house.browser().get(f"{address}/record/../../secret", status=404)
    with Session(house.engine) as db:
        assert db.scalar(select(func.count()).select_from(Pending)) == 0


def test_a_poll_whose_time_is_over_is_closed_by_the_count(house):
    with Session(house.engine) as db, db.begin():
        chair = make_act(db, db.merge(house.assembly), db.merge(house.members["Carla"]))
        poll = make_poll(chair)
        address = f"/polls/{poll.public_id}"
        cast_ = make_cast(poll, house.members["Ada"], "yes")
    vote(house.engine, [cast_])
    with Session(house.engine) as db, db.begin():
        found = db.scalars(select(Poll)).one()
        found.closes_at = found.opened_at
    carla = house.browser("Carla")
    page = carla.get(address)
    assert "Closed" in page
    carla.post(f"{address}/tally", {"csrf_token": token(page)})
    assert find(house, address).state == "tallied"
    with Session(house.engine) as db:
        kinds = list(db.scalars(select(LedgerEntry.kind).where(LedgerEntry.subject != "").order_by(LedgerEntry.idx)))
    assert kinds[-2:] == ["poll.closed", "poll.tallied"]


def test_rankings_that_occur_once_are_shown_before_publishing(house):
    address = prepare(house, method="irv", options="A\nB\nC\nD\nE\nF", mode="confidential")
    cast(house, "Ada", address, rank_o1="1", rank_o2="2")
    cast(house, "Bo", address, rank_o1="1")
    carla = house.browser("Carla")
    page = carla.get(address)
    carla.post(f"{address}/close", {"csrf_token": token(page)})
    carla.post(f"{address}/tally", {"csrf_token": token(page)})
    form = carla.get(f"{address}/publish").forms[0]
    refused = form.submit(status=422)
    assert "2 rankings occur only once" in refused
    form["unique"] = True
    form.submit().follow()
    assert polls.stands(find(house, address), find(house, address).published_at) == "published"


@pytest.mark.parametrize(
    ("side", "outcome"), [("Yes", "<b>Carried</b>"), ("No", "<b>Lost</b>"), ("", "<b>Not carried")]
)
def test_equal_votes_and_the_chair(house, side, outcome):
    """The chair casts, or declines: then the motion falls."""
    address = prepare(house, tie="casting")
    assert "At equal votes the chair has the casting vote." in house.browser("Ada").get(f"{address}/ballot")
    cast(house, "Ada", address, choice="yes")
    cast(house, "Bo", address, choice="no")
    carla = house.browser("Carla")
    page = carla.get(address)
    carla.post(f"{address}/close", {"csrf_token": token(page)})
    waits = carla.post(f"{address}/tally", {"csrf_token": token(page)}).follow()
    assert "casting vote" in waits
    tove = house.browser("Tove")
    assert "Give the casting vote" not in tove.get(address)
    tove.get(f"{address}/lot", status=403)
    if side:
        form = carla.get(f"{address}/lot").forms[0]
        form["chosen"] = side
        assert "Write a reason." in form.submit(status=422)
        form["how"] = "The boilers will not last another winter."
        form.submit().follow().forms[0].submit()
        carla.get(f"{address}/lot", status=409)
    result = carla.post(f"{address}/publish", {"csrf_token": token(page)}).follow()
    assert outcome in result
    assert ("casting vote: " + side in result) == bool(side)
    package = house.browser().get(f"{address}/record.zip")
    assert command_says(package.body) == 0


def test_one_lot_for_one_tie(house):
    """After a lot the count has to be repeated before another can be asked for."""
    address = prepare(house, method="plurality", options="Park\nPool")
    carla = house.browser("Carla")
    page = carla.get(address)
    cast(house, "Ada", address, choice="o1")
    cast(house, "Bo", address, choice="o2")
    carla.post(f"{address}/close", {"csrf_token": token(page)})
    form = carla.post(f"{address}/tally", {"csrf_token": token(page)}).follow().forms[0]
    form["chosen"], form["how"] = "Pool", "Tove drew a slip from a hat."
    form.submit().follow()
    assert "No lot is wanted." in form.submit(status=409)
