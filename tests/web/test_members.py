"""The roll and the offices as a browser sees them, and the page that says why somebody may not."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from deliberate.core import orders
from deliberate.models import Assembly, Member, OutboxMessage, Person, Role
from deliberate.services import rolls
from tests.makers import make_act, make_login, make_member, make_motion, make_poll
from tests.web.conftest import House

HEAD = "number,name,email,section,weight\n"


def row(house: House, name: str) -> Member:
    with Session(house.engine) as db:
        return db.scalars(select(Member).where(Member.name == name)).one()


def path(house: House, name: str, more: str = "") -> str:
    return f"/members/{row(house, name).public_id}{more}"


def token(browser: TestApp) -> str:
    found = re.search(r'csrf-token" content="([^"]+)', browser.get("/me").text)
    assert found
    return found[1]


@pytest.fixture
def admin(house: House) -> TestApp:
    """The browser of an admin."""
    with Session(house.engine, expire_on_commit=False) as db, db.begin():
        root = make_member(db, db.merge(house.assembly, load=False), "Root", ("admin",))
        house.members["Root"], house.tokens["Root"] = root, make_login(db, root)
    return house.browser("Root")


def exported(house: House) -> str:
    return str(house.browser("Sam").get("/members.csv").text)


def upload(browser: TestApp, content: bytes, name: str = "roll.csv") -> Any:
    """Upload a file and wait until it was read."""
    form = browser.get("/members/import").forms[0]
    page = (
        form.submit(status="*", upload_files=[("file", name, content)])
        if False
        else browser.post(
            "/members/import",
            {"csrf_token": form["csrf_token"].value},
            upload_files=[("file", name, content)],
            status="*",
        )
    )
    if page.status_int != 303:
        return page
    page = page.follow()
    for _ in range(400):
        if "data-progress" not in page:
            return page
        time.sleep(0.02)
        page = browser.get(page.request.path)
    raise AssertionError("the file was not read")


def test_the_list_is_found_filtered_and_for_members_only(house: House) -> None:
    house.browser().get("/members", status=403)
    browser = house.browser("Ada")
    page = browser.get("/members")
    assert "6 members" in page and "Keep the roll" not in page
    page.forms[0]["q"] = "Car"
    found = page.forms[0].submit()
    assert "Carla" in found and "Tove" not in found and "One member" in found
    assert "Nobody found" in browser.get("/members?q=zzz&state=ended")
    assert "Sam" in browser.get("/members?office=secretary") and "6 members" in browser.get("/members?state=odd&page=x")
    assert "Keep the roll" in house.browser("Sam").get("/members")


def test_a_member_is_added_changed_invited_and_ended(house: House) -> None:
    browser = house.browser("Sam")
    form = browser.get("/members/new").forms[0]
    form["number"], form["name"], form["email"], form["weight"] = "N-9", "Nora", "NORA@b.org", "3/2"
    page = form.submit(status=303).follow()
    assert "Nora is on the roll" in page and "nora@b.org" in page and "Not invited yet" in page
    page = next(form for form in page.forms.values() if form.action.endswith("/invite")).submit(status=303).follow()
    assert "An invitation is on its way" in page and "Send a new invitation" in page
    with Session(house.engine) as db:
        assert db.scalars(select(OutboxMessage.to).where(OutboxMessage.kind == "invitation")).all() == ["nora@b.org"]
    form = browser.get(path(house, "Nora", "/edit")).forms[0]
    form["section"], form["entitled"] = "North", False
    assert "North" in form.submit(status=303).follow()
    browser.get(path(house, "Nora", "/end")).forms[0].submit(status=303)
    assert row(house, "Nora").ended_on is not None and "Nora" in browser.get("/members?state=ended")


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"name": ""}, "This is needed"),
        ({"number": "1" * 41}, "40 characters at most"),
        ({"weight": "0"}, "positive number"),
        ({"weight": "1,000"}, "positive number"),
        ({"weight": "inf"}, "positive number"),
        ({"email": "nonsense"}, "Write an address"),
        ({"name": "@SUM(A1)"}, "begins with"),
        ({"number": ""}, "Write a number"),
        ({"name": "a\x00b"}, "control character"),
    ],
)
def test_a_bad_row_keeps_what_was_typed(house: House, over: dict[str, str], says: str) -> None:
    browser = house.browser("Sam")
    fields = {
        "number": "N-9",
        "name": "Nora",
        "email": "nora@b.org",
        "section": "A certain section",
        "weight": "1",
        "entitled": "1",
        **over,
    }
    page = browser.post("/members/new", {"csrf_token": token(browser), **fields}, status=422)
    assert says in page and 'value="A certain section"' in page and 'aria-invalid="true"' in page


def test_offices_are_given_and_ended(house: House, admin: TestApp) -> None:
    form = next(form for form in admin.get(path(house, "Ada")).forms.values() if form.action.endswith("/roles"))
    form["role"], form["starts_at"], form["ends_at"] = "moderator", "2020-01-01", "2099-12-31"
    assert "the office of moderator is given" in form.submit(status=303).follow()
    with Session(house.engine) as db:
        given = db.scalars(select(Role).join(Member, Member.id == Role.member_id).where(Member.name == "Ada")).one()
    assert (
        given.starts_at.year > 2020
        and given.ends_at is not None
        and given.ends_at.isoformat() == "2100-01-01T00:00:00+00:00"
    )
    assert "holds this office already" in form.submit(status=409)
    page = admin.get(path(house, "Ada"))
    assert "keeps the debate in order" in page
    next(form for form in page.forms.values() if form.action.endswith(f"/roles/{given.id}/end")).submit(status=303)
    assert "One earlier office" in admin.get(path(house, "Ada"))


def test_the_days_of_an_office_are_those_of_the_assembly_for_every_reader(house: House, admin: TestApp) -> None:
    """The last day is the one that was typed, not the midnight after it, nor that midnight somewhere else."""
    with Session(house.engine) as db, db.begin():
        db.execute(update(Assembly).values(timezone="Pacific/Auckland"))
        db.execute(update(Person).values(timezone="America/New_York"))
    form = next(form for form in admin.get(path(house, "Ada")).forms.values() if form.action.endswith("/roles"))
    form["role"], form["starts_at"], form["ends_at"] = "moderator", "2098-01-01", "2099-12-30"
    page = form.submit(status=303).follow()
    assert "1 January 2098" in page and "30 December 2099" in page


@pytest.mark.parametrize(
    ("over", "status"),
    [({"ends_at": "2001-01-01"}, 422), ({"role": "king"}, 422), ({"ends_at": "soon"}, 422), ({"role": ""}, 422)],
)
def test_a_bad_office_is_refused(house: House, admin: TestApp, over: dict[str, str], status: int) -> None:
    page = admin.post(
        path(house, "Ada", "/roles"), {"csrf_token": token(admin), "role": "chair", **over}, status=status
    )
    assert 'role="alert"' in page
    admin.post(path(house, "Ada", "/roles/99999/end"), {"csrf_token": token(admin)}, status=404)
    admin.post(path(house, "Ada", f"/roles/{'9' * 30}/end"), {"csrf_token": token(admin)}, status=404)


def test_a_file_is_looked_at_and_applied(house: House) -> None:
    browser = house.browser("Sam")
    content = exported(house).replace("Ada", "Ada Lovelace") + "N-9,Nörä,nora@b.org,North,1.5\r\n"
    page = upload(browser, content.encode("cp1252"))
    assert (
        "Look at the difference" in page
        and "Nörä" in page
        and "<del>Ada</del>" in page
        and "<ins>Ada Lovelace</ins>" in page
    )
    assert "Nörä" not in exported(house)
    form = page.forms[0]
    page = form.submit("to", value="apply", status=303).follow()
    assert "1 new, 1 changed, 0 ended" in page
    assert "Nörä" in exported(house) and "Ada Lovelace" in exported(house)


def test_a_file_with_faults_names_their_lines(house: House) -> None:
    before = exported(house)
    page = upload(house.browser("Sam"), (HEAD + "A,Ada,a@b.org,,1\nB,=1+1,a@b.org,,zero\n").encode())
    assert (
        "cannot be applied" in page
        and re.search(r"<th[^>]*>3</th>", page.text)
        and "begins with" in page
        and "stands in line 2" in page
    )
    assert not [form for form in page.forms.values() if "to" in form.fields] and exported(house) == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"name\nAda\n", "The header lacks the column number."),
        (b"PK\x03\x04\x00", "not a text file"),
        (HEAD.encode(), "cannot be applied"),
    ],
)
def test_a_file_that_is_no_roll(house: House, content: bytes, says: str) -> None:
    assert says in upload(house.browser("Sam"), content)


def test_no_file_and_too_large_a_file(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = house.browser("Sam")
    assert "Choose a file" in browser.post("/members/import", {"csrf_token": token(browser)}, status=422)
    assert "Choose a file" in browser.post(
        "/members/import", {"csrf_token": token(browser), "file": "text"}, status=422
    )
    monkeypatch.setattr(rolls, "LARGEST", 10)
    assert "too large" in upload(browser, HEAD.encode())


def test_a_dropped_file_and_one_of_nobody(house: House) -> None:
    browser = house.browser("Sam")
    before = exported(house)
    page = upload(browser, (HEAD + "A,Ada X,,,1\n").encode())
    where = page.request.path
    assert "The roll is unchanged" in page.forms[0].submit("to", value="drop", status=303).follow()
    assert exported(house) == before and "This file was dropped" in browser.get(where)
    browser.get("/members/import/nothing", status=404)
    house.browser("Carla").get(where, status=403)


def test_missing_members_end_only_with_the_tick(house: House) -> None:
    browser = house.browser("Sam")
    keep = "".join(line + "\n" for line in exported(house).splitlines() if "Bo" not in line)
    page = upload(browser, keep.encode())
    assert "End one membership that the file does not name" in page
    page.forms[0].submit("to", value="apply", status=303)
    assert row(house, "Bo").ended_on is None
    page = upload(browser, keep.encode())
    page.forms[0]["end_missing"] = True
    page.forms[0].submit("to", value="apply", status=303)
    assert row(house, "Bo").ended_on is not None
    house.browser("Bo").get("/members", status=403)


def test_two_secretaries_apply_the_same_file(house: House) -> None:
    page = upload(house.browser("Sam"), (exported(house) + "N-9,Nora,,,1\r\n").encode())
    forms = [house.browser("Sam").get(page.request.path).forms[0] for _ in range(2)]
    said: list[int] = []
    threads = [
        threading.Thread(target=lambda form=form: said.append(form.submit("to", value="apply", status="*").status_int))
        for form in forms
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [303, 409]


def test_progress_reloads_without_script(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolls, "look_soon", lambda *_: None)
    browser = house.browser("Sam")
    page = browser.post(
        "/members/import", {"csrf_token": token(browser)}, upload_files=[("file", "roll.csv", HEAD.encode() * 3)]
    ).follow()
    assert '<noscript><meta http-equiv="refresh"' in page and "0 of about 4 lines" in page and "data-progress" in page


def test_the_roll_as_a_file_is_for_the_secretary(house: House) -> None:
    page = house.browser("Sam").get("/members.csv")
    assert page.headers["Content-Disposition"].startswith("attachment") and page.text.splitlines()[0] == HEAD.strip()
    house.browser("Ada").get("/members.csv", status=403)


def test_all_who_wait_are_invited(house: House) -> None:
    with Session(house.engine) as db, db.begin():
        for n in range(3):
            make_member(db, db.merge(house.assembly, load=False), f"Guest {n}", joined=False)
    browser = house.browser("Sam")
    page = browser.get("/members").click("Invite 3 members")
    assert "3 invitations are on their way" in page.forms[0].submit(status=303).follow()
    assert "Invite 3 members" not in browser.get("/members")


ACTS = [
    ("GET", "/members/new"),
    ("GET", "/members/import"),
    ("GET", "/members.csv"),
    ("GET", "/members/invite"),
    ("GET", "/members/{m}/edit"),
    ("GET", "/members/{m}/end"),
    ("POST", "/members/new"),
    ("POST", "/members/import"),
    ("POST", "/members/invite"),
    ("POST", "/members/{m}/edit"),
    ("POST", "/members/{m}/end"),
    ("POST", "/members/{m}/invite"),
    ("POST", "/members/{m}/roles"),
    ("POST", "/members/{m}/roles/1/end"),
]


@pytest.mark.parametrize("who", ["", "Ada", "Carla", "Tove"])
def test_others_may_do_none_of_it_and_are_told_the_rule(house: House, who: str) -> None:
    browser = house.browser(who)
    found = re.search(r'csrf-token" content="([^"]+)', browser.get("/").text)
    assert found
    for method, pattern in ACTS:
        where = pattern.replace("{m}", row(house, "Ada").public_id)
        page = (
            browser.get(where, status=403)
            if method == "GET"
            else browser.post(where, {"csrf_token": found[1]}, status=403)
        )
        assert "Rule 2." in page and "Why may I not do this?" in page
    assert "You may not do this now" in page.click("Why may I not do this?")


def test_forms_without_their_token_do_nothing(house: House) -> None:
    for where in ("/login", "/logout", "/me", "/me/password", "/members/new", path(house, "Ada", "/end")):
        house.browser("Sam").post(where, {"name": "X"}, status=400)
    assert row(house, "Ada").ended_on is None


def test_the_standing_orders_can_be_read_by_everybody(house: House) -> None:
    page = house.browser().get("/orders")
    for rule in orders.ACTS:
        assert rule.otherwise in page.html.get_text() or rule.otherwise.replace("'", "’") in page.html.get_text()
    assert "Carla" not in page and "Carla" in house.browser("Ada").get("/orders")


def test_why_answers_for_a_poll(house: House) -> None:
    with Session(house.engine) as db, db.begin():
        assembly = db.merge(house.assembly, load=False)
        chair = db.merge(house.members["Carla"], load=False)
        poll = make_poll(make_act(db, assembly, chair)).public_id
    page = house.browser("Ada").get(f"/orders/why?act=poll.close&poll={poll}")
    assert (
        "You may not do this now" in page and "Only the chair closes a poll before its time" in page and "voter" in page
    )
    assert "You may do this" in house.browser("Ada").get(f"/orders/why?act=poll.cast&about=poll:{poll}")
    form = house.browser("Carla").get("/orders/why").forms[0]
    form["about"] = f"poll:{poll}"
    page = form.submit()
    assert "6.5 Close a poll" in page and not re.search(r">[^<]*\b(poll|motion|role)\.[a-z]+\b[^<]*<", page.text)
    acts = {line["act"]: line for line in page.click("The same as JSON").json["acts"]}
    assert acts["poll.close"] == {
        "act": "poll.close",
        "rule": "6.5",
        "may": True,
        "who": ["chair"],
        "states": ["open"],
        "mine": ["chair"],
    }
    assert acts["poll.publish"]["may"] is False


@pytest.mark.parametrize("query", ["poll=nothing", "about=poll:nothing", "about=king:x", "about=motion:%00"])
def test_why_about_nothing(house: House, query: str) -> None:
    page = house.browser("Ada").get(f"/orders/why?{query}", status="*")
    assert page.status_int in ((404, 400) if "%00" in query else (404,)) and "Traceback" not in page


def test_characters_that_a_database_refuses(house: House) -> None:
    for where in ("/members/%00", "/members?q=%00", "/login/%00", "/invitation/%00", "/members/import/%00"):
        assert house.browser("Sam").get(where, status="*").status_int in (200, 400, 404)


def test_who_has_left_is_told_so_and_offered_nothing(house: House, admin: TestApp) -> None:
    with Session(house.engine) as db, db.begin():
        make_motion(make_act(db, db.merge(house.assembly, load=False), db.get_one(Member, house.members["Bo"].id)))
    browser = house.browser("Ada")
    assert ">Support<" in browser.get("/").text
    house.browser("Sam").get(path(house, "Ada", "/end")).forms[0].submit(status=303)
    assert ">Support<" not in browser.get("/").text
    page = browser.get("/me")
    assert "Your membership has ended" in page and "no vote" in page


def test_an_office_that_has_not_begun_says_so(house: House, admin: TestApp) -> None:
    form = next(form for form in admin.get(path(house, "Ada")).forms.values() if form.action.endswith("/roles"))
    form["role"], form["starts_at"] = "teller", "2199-01-01"
    page = form.submit(status=303).follow()
    assert "not yet: from" in page


def test_columns_that_are_not_used_are_named(house: House) -> None:
    page = upload(house.browser("Sam"), b"number,name,e-mial\nN,Nora,n@b.org\n")
    assert "Columns that are not used" in page and "e-mial" in page


def test_everybody_is_invited_from_the_page(house: House) -> None:
    with Session(house.engine) as db, db.begin():
        for n in range(3):
            make_member(db, db.merge(house.assembly, load=False), f"New {n}", joined=False)
    page = house.browser("Sam").get("/members/invite").forms[0].submit(status=303).follow()
    assert "3 invitations are on their way" in page


def test_exports_of_the_roll_are_limited(house: House) -> None:
    browser = house.browser("Sam")
    said = [browser.get("/members.csv", status="*").status_int for _ in range(121)]
    assert said == [200] * 120 + [429]
