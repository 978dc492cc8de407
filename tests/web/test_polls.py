"""The pages of polls: from preparing to the published result, open and confidential, motion and ranking."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.models import Assembly, LedgerEntry, Participation, Pending, Poll
from deliberate.services import checkpoints, polls
from deliberate.verifier.command import main
from tests.makers import make_act, make_assembly, make_cast, make_login, make_member, make_poll, vote


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
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(house.browser().get(f"{address}/record.zip").body)
        file.flush()
        return main([file.name]) == 0


def find(house, address):
    with Session(house.engine) as db:
        return db.scalars(select(Poll).where(Poll.public_id == address.rsplit("/", 1)[1])).one()


def test_no_polls(house):
    assert "No poll here" in house.browser().get("/polls")


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_a_motion_from_preparing_to_its_result(house, mode):
    address = prepare(house, method="motion", mode=mode)
    for name, choice in (("Ada", "yes"), ("Bo", "yes"), ("Cy", "no")):
        receipt, _, _ = cast(house, name, address, choice=choice)
        assert "Your ballot is stored" in receipt
        assert len(re.findall(r"<li>[a-z]+</li>", receipt.text)) == 6
    assert 'data-live-field="voted">3<' in house.browser().get(address)
    result = count_and_publish(house, address)
    assert "<b>Carried</b>: 2 for, 1 against, 0 abstained." in result
    assert "2 x 2 = 4 &gt; 1 x 3 = 3: carried" in result
    assert ("Roll call" in result) == (mode == "open")
    twin = house.browser().get(f"{address}.json").json
    assert (
        twin["state"] == "published"
        and twin["count"]["outcome"] == "carried"
        and twin["turnout"] == {"voted": 3, "roll": 6}
    )


@pytest.mark.parametrize(("method", "seats"), [("irv", "1"), ("scottish-stv", "2")])
def test_a_ranked_election(house, method, seats):
    address = prepare(
        house, method=method, seats=seats, options="Ada Okafor | Mill Street\nBo Berg\nCy Cruz", mode="confidential"
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
    assert "Ada Okafor" in result and "Mill Street" in result and "<svg" in result
    for n in (1, 2):
        assert f"Round {n}" in house.browser().get(f"{address}?round={n}")
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
    assert house.browser().get(f"{address}.json").json["count"]["rounds"][0]["heads"] == {"Yes": 1, "No": 2, "Abstain": 0}
    assert verified(house, address)


@pytest.mark.parametrize(
    ("quorum", "kind", "rule", "test", "outcome"),
    [
        ("2", "members", "Quorum: 2 members take part.", "2 &gt;= 2: quorum reached", "Carried"),
        ("3", "members", "Quorum: 3 members take part.", "2 &lt; 3: no quorum", "the quorum was not reached"),
        ("1/3", "share", "Quorum: 1/3 of the roll takes part.", "2 x 3 = 6 &gt;= 1 x 6 = 6", "Carried"),
        ("4", "votes", "members who hold 4 votes together take part.", "2 &lt; 4: no", "the quorum was not reached"),
        ("1/4", "votes-share", "members who hold 1/4 of all votes on the roll", "2 x 4 = 8 &gt;= 1 x 6", "Carried"),
    ],
)
def test_a_quorum_in_members_or_votes_as_number_or_share(house, quorum, kind, rule, test, outcome):
    """The form, the poll's page, the result and the auditor say the same quorum."""
    address = prepare(house, method="motion", mode="open", quorum=quorum, quorum_of=kind)
    assert rule in house.browser().get(address)
    for name in ("Ada", "Bo"):
        cast(house, name, address, choice="yes")
    result = count_and_publish(house, address)
    assert test in result and outcome in result and rule in result
    assert verified(house, address)


def test_a_quorum_that_nobody_could_reach_is_mended_before_the_opening(house):
    carla = house.browser("Carla")
    form = carla.get("/polls/new").forms[0]
    form["title"], form["method"], form["quorum"], form["quorum_of"] = "Boilers", "motion", "many", "members"
    page = form.submit(status=422)
    assert "Write a whole number of at least 1." in page and page.forms[0]["quorum_of"].value == "members"
    assert "One answer needs a look." in page
    form = page.forms[0]
    form["quorum"], form["quorum_of"] = "20", "share"
    page = form.submit(status=422)
    assert "For a number, such as 20, choose one beside it." in page and "{" not in page.html.find("main").text
    form = page.forms[0]
    form["quorum_of"] = "members"
    form = page.forms[0]
    form["quorum"] = "7"
    page = form.submit().follow()
    assert "MEND" in page and "The quorum is 7, and the whole roll has 6" in page
    page = carla.get(f"{page.request.path}/edit")
    form = page.forms[0]
    assert (form["quorum"].value, form["quorum_of"].value) == ("7", "members")
    form["quorum"] = "6"
    assert "MEND" not in form.submit().follow()


@pytest.mark.parametrize(
    ("method", "field", "policies", "says"),
    [
        (
            "irv",
            "ties",
            ["forwards", "declared"],
            "At a tie the first round in which they differ decides; failing that, the order",
        ),
        (
            "scottish-stv",
            "ties",
            ["previous", "lot"],
            "At a tie the round before decides; failing that, a lot is drawn.",
        ),
        ("plurality", "ties_once", ["declared"], "At a tie the order of the ballot decides: who stands first there"),
    ],
)
def test_a_tie_policy_is_chosen_frozen_told_and_counted(house, method, field, policies, says):
    address = prepare(house, method=method, options="Ada\nBo", **{field: ",".join(policies)})
    poll = find(house, address)
    assert (
        poll.rules["ties"] == policies
        and f'"ties":{json.dumps(policies, separators=(",", ":"))}'.encode() in poll.definition
    )
    assert says in house.browser().get(address) and says in house.browser().get(f"{address}/rules")
    if "lot" in policies:
        return
    for name, option in (("Ada", "o1"), ("Bo", "o2")):
        cast(house, name, address, **({"choice": option} if method == "plurality" else {f"rank_{option}": "1"}))
    count_and_publish(house, address)
    assert verified(house, address)
    made = house.browser().get(f"{address}.json").json["count"]
    assert made["winners"] == ["Ada"] and made["ties"][0]["policy"] == "declared"


def test_the_form_keeps_a_tie_policy_that_it_does_not_offer_itself(house):
    with Session(house.engine, expire_on_commit=False) as db, db.begin():
        carla = make_act(db, db.merge(house.assembly), db.merge(house.members["Carla"]))
        rules = {"ties": ["declared-first"], "tied_last": "all-together"}
        address = f"/polls/{make_poll(carla, opened=False, method='irv', options=('A', 'B'), rules=rules).public_id}"
    form = house.browser("Carla").get(f"{address}/edit").forms[0]
    assert form["ties"].value == "declared-first" and form["tied_last"].checked
    page = form.submit().follow()
    assert find(house, address).rules["ties"] == ["declared-first"]
    assert "All that are tied for last leave together" in page and "also to be excluded" in page
    form = house.browser("Carla").get(f"{address}/edit").forms[0]
    form["ties"].force_value("coin")
    page = form.submit(status=422)
    assert "Name some of: backwards" in page and "coin" not in page.forms[0]["ties"].value


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


def test_the_rules_of_a_poll_are_in_words(house):
    address = prepare(house, method="motion", mode="open", quorum="2", quorum_of="members", tie="casting")
    page = house.browser().get(f"{address}/rules")
    for words in ("votes for and against", "the chair has a casting vote", "2 members take part", "6 members, weight 6", "yes"):
        assert words in page
    for code in ("<code>strict", "{&#34;", "[&#34;", "null", "<pre"):
        assert code not in page
    assert page.click("The same as JSON").json["rules"]["quorum"] == {"on": "turnout", "by": "heads", "number": 2}


def test_a_choice_with_a_blank_ballot(house):
    address = prepare(house, method="plurality", options="Park\nPool")
    cast(house, "Ada", address, choice="o2")
    cast(house, "Bo", address, choice="blank")
    result = count_and_publish(house, address)
    assert "Pool is elected" in result and "Pool has 1 of 1 vote" in result


def test_the_same_form_twice_gives_the_same_receipt(house):
    for mode in ("open", "confidential"):
        address = prepare(house, mode=mode)
        receipt, sent, _ = cast(house, "Ada", address, choice="yes")
        again = sent.submit().follow()
        assert again.request.path == receipt.request.path
        with Session(house.engine) as db:
            poll = find(house, address)
            assert (
                db.scalar(select(func.count()).select_from(Participation).where(Participation.poll_id == poll.id)) == 1
            )


def test_a_second_form_is_refused(house):
    for mode in ("open", "confidential"):
        address = prepare(house, mode=mode)
        second = house.browser("Ada").get(f"{address}/ballot").forms["ballot"]
        cast(house, "Ada", address, choice="yes")
        second["choice"] = "no"
        refused = second.submit().forms[0].submit(status=409)
        assert "You have already voted in this poll." in refused


def test_another_browser_says_at_once_that_it_cannot_change_a_confidential_ballot(house):
    for mode, status in (("open", 200), ("confidential", 409)):
        address = prepare(house, mode=mode, revote="until_close")
        _, _, own = cast(house, "Ada", address, choice="yes")
        assert own.get(f"{address}/ballot").status_int == 200
        other = house.browser("Ada").get(f"{address}/ballot", status=status)
        assert ("only in the browser in which it was cast" in other) == (mode == "confidential")


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_a_changed_ballot_replaces_the_first(house, mode):
    address = prepare(house, mode=mode, revote="until_close")
    first, _, browser = cast(house, "Ada", address, choice="yes")
    form = browser.get(f"{address}/ballot").forms["ballot"]
    form["choice"] = "no"
    second = form.submit().forms[0].submit().follow()
    assert second.request.path != first.request.path
    assert "This ballot was replaced" in house.browser().get(first.request.path)
    result = count_and_publish(house, address)
    assert "<b>Lost</b>: 0 for, 1 against" in result
    assert "This ballot was replaced" in house.browser().get(first.request.path)
    assert "One ballot was replaced by its voter" in house.browser().get(f"{address}/record")


def test_errors_keep_the_ballot(house):
    address = prepare(house, method="irv", options="Ada\nBo\nCy")
    form = house.browser("Ada").get(f"{address}/ballot").forms["ballot"]
    form["rank-o1"], form["rank-o2"] = "1", "1"
    page = form.submit(status=422)
    assert "&#34;Ada&#34; and &#34;Bo&#34; both have rank 1" in page
    assert page.forms["ballot"]["rank-o1"].value == "1" and page.forms["ballot"]["rank-o2"].value == "1"
    form = page.forms["ballot"]
    form["rank-o1"], form["rank-o2"] = "1", "3"
    assert "You skipped rank 2" in form.submit(status=422)
    form["rank-o1"], form["rank-o2"] = "", ""
    assert "You have not ranked anybody." in form.submit(status=422)
    blank = form.submit("to", value="blank")
    assert "A blank ballot" in blank


def test_going_back_from_the_review_keeps_the_ranking(house):
    address = prepare(house, method="irv", options="Ada\nBo\nCy")
    form = house.browser("Ada").get(f"{address}/ballot").forms["ballot"]
    form["rank-o3"], form["rank-o1"] = "1", "2"
    page = form.submit().forms[1].submit("to", value="back")
    assert page.forms["ballot"]["rank-o3"].value == "1" and page.forms["ballot"]["rank-o1"].value == "2"


def test_errors_keep_the_form_of_a_poll(house):
    form = house.browser("Carla").get("/polls/new").forms[0]
    form["title"], form["method"], form["options"], form["closes_at"] = "A seat", "irv", "Ada\nada", "2020-01-01T10:00"
    page = form.submit(status=422)
    assert "Two options are named" in page
    assert page.forms[0]["options"].value.split() == ["Ada", "ada"] and page.forms[0]["method"].value == "irv"
    assert page.forms[0]["closes_at"].value == "2020-01-01T10:00"
    form = page.forms[0]
    form["options"] = "Ada\nBo"
    page = form.submit(status=422)
    assert "The close lies before the opening" in page
    form = page.forms[0]
    form["method"], form["majority"], form["threshold"], form["closes_at"] = "motion", "other", "seven", ""
    page = form.submit(status=422)
    assert page.forms[0]["threshold"].value == "seven" and 'href="#threshold"' in page


def test_a_prepared_poll_can_be_changed(house):
    carla = house.browser("Carla")
    form = carla.get("/polls/new").forms[0]
    form["title"], form["method"], form["options"], form["closes_at"] = (
        "Board",
        "scottish-stv",
        "Ada | Mill\nBo\nCy",
        "",
    )
    form["seats"] = "2"
    page = form.submit().follow()
    edit = page.click("Change the poll").forms[0]
    assert edit["options"].value.splitlines() == ["Ada | Mill", "Bo", "Cy"] and edit["seats"].value == "2"
    edit["options"] = "Ada\nBo\nCy\nDi"
    assert "Di" in edit.submit().follow()


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


def test_who_may_not(house):
    address = prepare(house)
    ada = house.browser("Ada")
    page = ada.get(address)
    for path in ("/close", "/tally", "/publish", "/void", "/open", "/edit"):
        ada.post(address + path, {"csrf_token": token(page)}, status=403)
    visitor = house.browser()
    assert "Log in to vote" in visitor.get(address)
    visitor.get(f"{address}/ballot", status=403)


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


def test_a_void_poll_says_why(house):
    address = prepare(house)
    carla = house.browser("Carla")
    form = carla.get(f"{address}/void").forms[0]
    form["reason"] = "No"
    page = form.submit(status=422)
    assert page.forms[0]["reason"].value == "No"
    form = page.forms[0]
    form["reason"] = "The wrong text was put to the vote."
    assert "The wrong text was put to the vote." in form.submit().follow()
    house.browser("Ada").get(f"{address}/ballot", status=409)


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


def test_a_receipt_becomes_a_proof(house):
    address = prepare(house, mode="confidential")
    receipt, _, _ = cast(house, "Ada", address, choice="yes")
    words = " ".join(re.findall(r"<li>([a-z]+)</li>", receipt.text)[:6])
    checked = house.browser().get(f"{address}/check").forms[0]
    checked["words"] = words
    assert "waits for the box to be sealed" in checked.submit()
    promise = house.browser().get(receipt.request.path + ".promise").body
    house.browser().get(receipt.request.path + ".tlog-proof", status=404)
    count_and_publish(house, address)
    checkpoints.sign_due(house.engine, house.application.registry["ledger key"])
    assert "leaf 1 of 1" in checked.submit()
    proof = house.browser().get(receipt.request.path + ".tlog-proof").body
    for file in (promise, proof):
        form = house.browser().get(f"{address}/check").forms[0]
        form["file"] = ("receipt", file)
        assert "leaf 1 of 1" in form.submit()
    wrong = house.browser().get(f"{address}/check").forms[0]
    wrong["words"] = "one two three"
    page = wrong.submit(status=422)
    assert "3 words were given" in page and page.forms[0]["words"].value == "one two three"


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


def test_pages_ask_few_questions(house, queries):
    address = prepare(house, method="scottish-stv", seats="2", options="Ada\nBo\nCy", mode="open")
    for name, second in (("Ada", "2"), ("Bo", "2"), ("Cy", "3")):
        cast(house, name, address, **{"rank_o1": "1", f"rank_o{second}": "2"})
    for browser in (house.browser(), house.browser("Sam"), house.browser("Carla")):
        for path in (
            "/polls",
            address,
            f"{address}/rules",
            f"{address}/screen",
            f"{address}/record",
            f"{address}.json",
        ):
            asked = queries(lambda p=path, b=browser: b.get(p))
            assert len(asked) <= 12, (path, asked)
    assert len(queries(lambda: house.browser("Tove").get(f"{address}/ballot"))) <= 12
    count_and_publish(house, address, accept=True)
    house.browser().get(f"{address}/record.zip")
    for path in (
        address,
        f"{address}/rules",
        f"{address}/screen",
        f"{address}/record",
        f"{address}.json",
        f"{address}/record.zip",
    ):
        asked = queries(lambda p=path: house.browser("Sam").get(p))
        assert len(asked) <= 12, (path, asked)


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


def test_a_member_with_two_offices_holds_both(house):
    with Session(house.engine) as db, db.begin():
        member = make_member(db, db.merge(house.assembly), "Dora", ("secretary", "chair"))
        house.tokens["Dora"] = make_login(db, member)
    address = prepare(house)
    dora = house.browser("Dora")
    assert "Close this poll now?" in dora.get(f"{address}/close")  # only the chair may
    assert dora.get("/members/import").status_int == 200  # only the secretary may


def test_a_household_that_shares_a_browser(house):
    """Each votes for themselves: the key that the browser keeps hinders nobody, and a form that was left open counts for nobody else."""
    for mode in ("open", "confidential"):
        address = prepare(house, mode=mode)
        browser = house.browser("Ada")
        left_open = browser.get(f"{address}/ballot").forms["ballot"]
        left_open["choice"] = "no"
        review = left_open.submit().forms[0]
        form = browser.get(f"{address}/ballot").forms["ballot"]
        form["choice"] = "yes"
        form.submit().forms[0].submit().follow()
        browser.set_cookie("login", house.tokens["Bo"])
        for stale in (left_open, review):
            assert "opened by another member" in stale.submit(status=409)
        form = browser.get(f"{address}/ballot").forms["ballot"]
        form["choice"] = "no"
        assert "Your ballot is stored" in form.submit().forms[0].submit().follow()
        assert "1 for, 1 against" in count_and_publish(house, address)


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


def command_says(package: bytes) -> int:
    """The exit status of the verifier for a package."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(package)
        file.flush()
        return main([file.name])


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


def test_a_poll_that_could_not_open_at_its_time_tells_the_officers_why(house):
    with Session(house.engine) as db, db.begin():
        act = make_act(db, db.merge(house.assembly, load=False), db.merge(house.members["Carla"], load=False))
        make_member(db, act.assembly, "Half", weight="1/2")
        made = make_poll(act, "scottish-stv", opened=False, title="Late board", seats=2)
        made.opens_at = act.now - timedelta(hours=1)
        address = f"/polls/{made.public_id}"
    home = house.browser("Carla").get("/")
    assert "Late board did not open at its time." in home
    page = home.click("Late board did not open at its time")
    assert page.request.path == address
    assert "It did not open at its time" in page and "This method takes whole weights only" in page
    assert "did not open" not in house.browser("Ada").get("/")
    assert "did not open" in house.browser("Ada").get(address)


def test_who_is_logged_in_is_not_asked_to_log_in_by_an_archived_poll(house):
    with Session(house.engine) as db, db.begin():
        other = make_assembly(db, slug="elsewhere", name="Elsewhere")
        chair = make_member(db, other, "Ann", ("chair",))
        address = f"/polls/{make_poll(make_act(db, other, chair)).public_id}"
    assert "To your assembly" in house.browser("Ada").get(address)
    assert "To your assembly" not in house.browser().get(address)


@pytest.mark.parametrize("place", ["9" * 5000, "\u0663", "\u00b2", "1_0", "+1", "0"])
def test_a_rank_that_is_no_place_names_its_option(house, place):
    address = prepare(house, method="irv", options="Ada\nBea\nCy", mode="confidential")
    browser = house.browser("Ada")
    page = browser.get(f"{address}/ballot")
    sent = {"csrf_token": token(page), "key": "0" * 32, "rank-o1": place}
    for where in ("review", "ballot"):
        answer = browser.post(f"{address}/{where}", sent, status=422)
        assert "Ranks are 1 to 3" in answer or "Choose a rank" in answer


@pytest.mark.parametrize("name", ["opens_at", "closes_at"])
@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59", "9999-12-31T23:59-14:00", "1e300"]
)
def test_a_time_that_no_zone_has_is_a_mistake_of_its_field(house, name, moment):
    carla = house.browser("Carla")
    page = carla.get("/polls/new")
    sent = {"title": "New boilers", "method": "motion", name: moment, "csrf_token": token(page)}
    answer = carla.post("/polls/new", sent, status=422)
    assert f'id="{name}-why"' in answer and "New boilers" in answer


@pytest.mark.parametrize("noun", ["motion", "amendment"])
def test_a_poll_about_nothing_is_not_prepared(house, noun):
    """A mistyped motion must not become a poll that decides no motion."""
    carla = house.browser("Carla")
    page = carla.get("/polls/new")
    sent = {"title": "New boilers", "method": "motion", noun: "x", "csrf_token": token(page)}
    assert f"There is no such {noun}" in carla.get(f"/polls/new?{noun}=x", status=404)
    assert f"There is no such {noun}" in carla.post("/polls/new", sent, status=404)


def test_a_poll_numbered_in_another_script_gives_its_files(house):
    """Headers are written in Latin letters only; the server refuses to send any other."""
    with Session(house.engine) as db, db.begin():
        db.get_one(Assembly, house.assembly.id).orders = {**house.assembly.orders, "poll_prefix": "\u6728"}
    address = prepare(house, method="motion", mode="open")
    page, _, browser = cast(house, "Ada", address, choice="yes")
    count_and_publish(house, address)
    receipt = page.request.path_info
    for file in (f"{receipt}.promise", f"{address}/record.zip"):
        said = browser.get(file).headers["Content-Disposition"]
        assert said.isascii() and "UTF-8''" in said and "%E6%9C%A81." in said
