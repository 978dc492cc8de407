"""Logging in as a browser sees it: the same answer for every address, links that work once, log-ins that end."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from deliberate.models import Login, Member, OutboxMessage, Person
from deliberate.services import invitations, logins
from tests.makers import make_member
from tests.web.conftest import House

GOOD = "four words in a row"
STORED = logins.hashed(GOOD)


@pytest.fixture(autouse=True)
def passwords(house: House) -> None:
    """Everybody but Cy has a password."""
    with Session(house.engine) as db, db.begin():
        db.execute(update(Person).where(Person.name != "Cy").values(password=STORED))


def email(house: House, name: str) -> str:
    return str(house.members[name].email)


def log_in(browser: TestApp, address: str, password: str, to: str = "", status: int | str = "*") -> Any:
    form = browser.get("/login").forms[0]
    form["email"], form["password"] = address, password
    return form.submit(*(("to", None, to) if to else ()), status=status)


def send(browser: TestApp, address: str, to: str, password: str = "") -> Any:
    """Press one of the other buttons of the log-in page."""
    fields = {
        "csrf_token": browser.get("/login").forms[0]["csrf_token"].value,
        "email": address,
        "password": password,
        "to": to,
    }
    return browser.post("/login", fields, status="*")


def mailed(house: House, kind: str) -> str:
    """The path in the newest mail of a kind."""
    with Session(house.engine) as db:
        text = db.scalars(
            select(OutboxMessage.text).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id.desc())
        ).first()
    assert text is not None
    found = re.search(r"http://[^/]+(/\S+)", text)
    assert found
    return found[1]


def bare(body: str) -> str:
    """A page without what differs on every visit: the tokens, the time, and the address that was typed."""
    body = re.sub(r'(csrf_token" value|csrf-token" content|server-time" content|nonce)="[^"]*"', "", body)
    return re.sub(r'value="[^"]*@[^"]*"', "", body)


def test_in_and_out_by_password(house: House) -> None:
    browser = house.browser()
    page = log_in(browser, f" {email(house, 'Ada').upper()} ", GOOD, status=303)
    cookie = (
        page.headers["Set-Cookie"]
        if "login=" in page.headers["Set-Cookie"]
        else "".join(page.headers.getall("Set-Cookie"))
    )
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and GOOD not in cookie
    assert "Ada" in browser.get("/me")
    browser.get("/logout").forms[0].submit().follow()
    browser.get("/me", status=403)


def test_a_visitor_comes_back_to_where_they_were(house: House) -> None:
    browser = house.browser()
    page = browser.get("/members", status=403).click("Log in", index=-1)
    form = page.forms[0]
    form["email"], form["password"] = email(house, "Ada"), GOOD
    assert form.submit(status=303).location.endswith("/members")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "/é",
        "/" + "a" * 500,
        "evil",
        "",
    ],
)
def test_nothing_outside_is_followed(house: House, target: str) -> None:
    browser = house.browser()
    fields = {
        "csrf_token": browser.get("/login").forms[0]["csrf_token"].value,
        "email": email(house, "Ada"),
        "password": GOOD,
        "next": target,
    }
    assert browser.post("/login", fields, status=303).location == "http://localhost/"


def test_the_answer_is_the_same_for_every_address(house: House) -> None:
    """Wrong password, no password set, unknown address: one body, one status; so for both kinds of links."""
    addresses = [email(house, "Ada"), email(house, "Cy"), "nobody@b.org"]
    for ask in (
        lambda address: log_in(house.browser(), address, "a wrong password"),
        lambda address: send(house.browser(), address, "link"),
        lambda address: send(house.browser(), address, "password"),
    ):
        answers = {
            (page.status_int, bare(page.text), page.headers.get("Set-Cookie") is None) for page in map(ask, addresses)
        }
        assert len(answers) == 1, [a[:1] for a in answers]


def test_the_answer_takes_as_long_for_every_address(house: House) -> None:
    """Not a bar on speed: an answer for an unknown address must not be quicker by the whole of the hashing."""

    def took(address: str) -> float:
        browser = house.browser()
        form = browser.get("/login").forms[0]
        form["email"], form["password"] = address, "a wrong password"
        started = time.perf_counter()
        form.submit(status=403)
        return time.perf_counter() - started

    known = statistics.median(took(email(house, "Ada")) for _ in range(5))
    unknown = statistics.median(took(f"nobody{n}@b.org") for n in range(5))
    assert unknown > known / 3


def test_a_link_logs_in_by_pressing_the_button_once(house: House) -> None:
    browser = house.browser()
    assert "Look into your mail" in send(browser, email(house, "Cy"), "link")
    path = mailed(house, "login.login")
    for _ in range(3):
        page = house.browser().get(path)  # a mail scanner opens the page and uses nothing up
    assert "Log in as Cy" in page
    browser.get(path).forms[0].submit(status=303)
    assert "Cy" in browser.get("/me")
    assert "does not work any more" in house.browser().get(path, status=404)


def test_a_forgotten_password(house: House) -> None:
    thief = house.browser("Ada")
    browser = house.browser()
    send(browser, email(house, "Ada"), "password")
    path = mailed(house, "login.password")
    house.browser().get(path.replace("/password/", "/login/"), status=404)
    form = browser.get(path).forms[0]
    form["password"] = "short"
    page = form.submit(status=422)
    assert "12 to 200 characters" in page
    page.forms[0]["password"] = "quite another one, too"
    assert "Your password is stored" in page.forms[0].submit(status=303).follow()
    thief.get("/me", status=403)
    browser.get(path, status=404)
    log_in(house.browser(), email(house, "Ada"), GOOD, status=403)
    log_in(house.browser(), email(house, "Ada"), "quite another one, too", status=303)


def test_a_password_is_changed_with_the_old_one(house: House) -> None:
    browser, other = house.browser("Ada"), house.browser()
    log_in(other, email(house, "Ada"), GOOD, status=303)
    form = browser.get("/me").forms[1]
    form["old"], form["password"] = "wrong old one", "a brand new password"
    page = form.submit(status=422)
    assert "not your present password" in page
    form = page.forms[1]
    form["old"], form["password"] = GOOD, "a brand new password"
    form.submit(status=303).follow()
    assert "Ada" in browser.get("/me")
    other.get("/me", status=403)


def test_blanks_belong_to_a_password(house: House) -> None:
    browser = house.browser("Cy")
    form = browser.get("/me").forms[1]
    form["password"] = "  blanks at both ends  "
    form.submit(status=303)
    log_in(house.browser(), email(house, "Cy"), "blanks at both ends", status=403)
    log_in(house.browser(), email(house, "Cy"), "  blanks at both ends  ", status=303)


def test_log_ins_are_listed_and_ended(house: House) -> None:
    browser, phone = house.browser("Ada"), house.browser()
    phone.extra_environ["HTTP_USER_AGENT"] = "Mozilla/5.0 (Android 15; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"
    log_in(phone, email(house, "Ada"), GOOD, status=303)
    page = browser.get("/me")
    assert "Firefox, Android" in page and "this device" in page
    next(form for form in page.forms.values() if re.search(r"/me/logins/[a-z2-7]{26}/end", form.action)).submit(
        status=303
    )
    phone.get("/me", status=403)
    log_in(phone, email(house, "Ada"), GOOD, status=303)
    next(form for form in browser.get("/me").forms.values() if form.action.endswith("/others/end")).submit(status=303)
    phone.get("/me", status=403)
    with Session(house.engine) as db:
        bo = db.scalars(select(Login.public_id).join(Person).where(Person.email == email(house, "Bo"))).one()
    token = browser.get("/me").forms[0]["csrf_token"].value
    browser.post(f"/me/logins/{bo}/end", {"csrf_token": token}, status=404)
    assert "Bo" in house.browser("Bo").get("/me")


def test_logging_in_again_ends_the_log_in_before(house: House) -> None:
    browser = house.browser("Cy")
    send(house.browser(), email(house, "Cy"), "link")
    browser.get(mailed(house, "login.login")).forms[0].submit(status=303)
    with Session(house.engine) as db:
        assert len(logins.mine(db, db.scalars(select(Person).where(Person.email == email(house, "Cy"))).one())) == 1


def test_use_is_noted_seldom_and_idle_log_ins_end(house: House) -> None:
    browser = house.browser("Ada")
    browser.get("/me")
    with Session(house.engine) as db, db.begin():
        first = db.scalars(select(Login.seen_at).where(Login.token_hash == logins.digest(house.tokens["Ada"]))).one()
        db.execute(update(Login).values(seen_at=first - logins.TOUCH * 2))
    browser.get("/me")
    with Session(house.engine) as db, db.begin():
        assert (
            db.scalars(select(Login.seen_at).where(Login.token_hash == logins.digest(house.tokens["Ada"]))).one()
            >= first
        )
        db.execute(update(Login).values(seen_at=first - logins.IDLE * 2))
    browser.get("/me", status=403)


def test_guessing_is_stopped_for_the_guesser_alone(house: House) -> None:
    guesser = house.browser()
    guesser.extra_environ["REMOTE_ADDR"] = "192.0.2.66"
    said = [log_in(guesser, email(house, "Ada"), f"guess number {n}").status_int for n in range(11)]
    assert said == [403] * 10 + [429]
    guesser.extra_environ["HTTP_X_FORWARDED_FOR"] = "203.0.113.9"  # a header that anybody can write
    assert log_in(guesser, email(house, "Ada"), GOOD).status_int == 429
    owner = house.browser()
    owner.extra_environ["REMOTE_ADDR"] = "192.0.2.1"
    log_in(owner, email(house, "Ada"), GOOD, status=303)


def test_unknown_addresses_are_throttled_alike(house: House) -> None:
    browser = house.browser()
    for address in (email(house, "Ada"), "nobody@b.org"):
        assert [send(browser, address, "link").status_int for _ in range(6)] == [200] * 5 + [429]


def test_a_slow_hash_holds_no_lock(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a password is checked, somebody else can write."""
    hashing, written = threading.Event(), threading.Event()
    verify = logins.verify

    def slow(stored: str | None, password: str) -> bool:
        hashing.set()
        assert written.wait(10), "the writer had to wait for the hash"
        return verify(stored, password)

    monkeypatch.setattr(logins, "verify", slow)
    browser = house.browser()
    form = browser.get("/login").forms[0]
    form["email"], form["password"] = email(house, "Ada"), GOOD
    answer: list[int] = []
    thread = threading.Thread(target=lambda: answer.append(form.submit(status="*").status_int))
    thread.start()
    assert hashing.wait(10)
    with Session(house.engine) as db, db.begin():
        db.execute(update(Person).where(Person.name == "Bo").values(timezone="Europe/Oslo"))
    written.set()
    thread.join()
    assert answer == [303]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"email": "nonsense"}, "Write an address"),
        ({"email": ""}, "This is needed"),
        ({"email": "a\x00@b.org"}, "Write an address"),
        ({"email": "a" * 300 + "@b.org"}, "too long"),
    ],
)
def test_bad_input_of_the_log_in(house: House, fields: dict[str, str], says: str) -> None:
    browser = house.browser()
    token = browser.get("/login").forms[0]["csrf_token"].value
    page = browser.post("/login", {"csrf_token": token, "password": GOOD, **fields}, status=422)
    assert says in page and GOOD not in page


@pytest.fixture
def invited(house: House) -> str:
    """The path of an invitation for Dee, who is on the roll and has not joined."""
    with Session(house.engine) as db, db.begin():
        dee = make_member(db, db.merge(house.assembly, load=False), "Dee", joined=False, email="dee@b.org")
        return f"/invitation/{invitations.issue(db, dee)}"


def test_an_invitation_is_accepted_by_pressing_the_button(house: House, invited: str) -> None:
    browser = house.browser()
    house.browser().get(invited)
    page = browser.get(invited)
    assert (
        "Dee" in page
        and page.headers["Referrer-Policy"] == "no-referrer"
        and page.headers["Cache-Control"] == "no-store"
    )
    page.forms[0]["password"] = "short"
    page = page.forms[0].submit(status=422)
    page.forms[0]["password"] = GOOD
    page.forms[0].submit(status=303)
    assert "Dee" in browser.get("/me")
    assert "Ask the secretary" in house.browser().get(invited, status=404)
    log_in(house.browser(), "dee@b.org", GOOD, status=303)


def test_two_browsers_accept_at_once(house: House, invited: str) -> None:
    pages = [house.browser().get(invited) for _ in range(2)]
    said: list[int] = []
    threads = [
        threading.Thread(target=lambda page=page: said.append(page.forms[0].submit(status="*").status_int))
        for page in pages
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [303, 404]


def test_guessed_invitations_run_out_but_a_hall_may_join(house: House, invited: str) -> None:
    browser = house.browser()
    browser.extra_environ["REMOTE_ADDR"] = "192.0.2.5"
    for _ in range(70):
        browser.get(invited, status=200)
    said = [browser.get(f"/invitation/{n:032d}", status="*").status_int for n in range(61)]
    assert said == [404] * 60 + [429]


def test_details_are_stored_and_bad_ones_named(house: House) -> None:
    browser = house.browser("Ada")
    form = browser.get("/me").forms[0]
    form["name"], form["timezone"] = "Ada Lovelace", "Asia/Tokyo"
    assert "Your details are stored" in form.submit(status=303).follow()
    token = form["csrf_token"].value
    page = browser.post("/me", {"csrf_token": token, "name": "", "timezone": "Mars/Olympus"}, status=422)
    assert "This is needed" in page and "Choose a time zone" in page
    page = browser.post("/me", {"csrf_token": token, "name": "=1+1", "timezone": ""}, status=422)
    assert 'value="=1+1"' in page


def test_the_outbox_is_for_development_only(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    send(house.browser(), email(house, "Ada"), "link")
    assert "Your link to log in" in house.browser().get("/outbox")
    from dataclasses import replace

    monkeypatch.setitem(
        house.application.registry,
        "settings",
        replace(house.application.registry["settings"], environment="production"),
    )
    house.browser().get("/outbox", status=404)


def test_pages_of_people_ask_little_of_the_database(
    house: House, queries: Callable[[Callable[[], Any]], list[str]], invited: str
) -> None:
    browser = house.browser("Sam")
    with Session(house.engine) as db:
        ada = db.scalars(select(Member.public_id).where(Member.name == "Ada")).one()
    for path in (
        "/me",
        "/members",
        f"/members/{ada}",
        f"/members/{ada}/edit",
        "/members/new",
        "/members/import",
        "/members/invite",
        "/orders",
        "/orders/why",
        "/outbox",
        invited,
    ):
        assert len(queries(lambda path=path: browser.get(path))) <= 12, path


def csrf(page: Any) -> str:
    return str(re.search(r'name="csrf-token" content="([^"]+)"', page.text)[1])  # type: ignore[index]


def test_session_and_form_token_are_new_after_log_in_and_after_log_out(house: House) -> None:
    """A token that somebody knew before cannot be used in the log-in that follows, nor one of the log-in afterwards."""
    browser = TestApp(house.application, extra_environ={"HTTP_HOST": "localhost:80"})
    before, planted = csrf(browser.get("/")), browser.cookies["flash"]
    log_in(browser, email(house, "Ada"), GOOD, status=303)
    inside, session = csrf(browser.get("/me")), browser.cookies["flash"]
    assert inside != before and session != planted
    assert "The form has expired." in browser.post("/seen", {"csrf_token": before, "upto": "0"}, status=400)
    browser.post("/seen", {"csrf_token": inside, "upto": "0"}, status=303)
    browser.post("/logout", {"csrf_token": inside}, status=303)
    after = csrf(browser.get("/"))
    assert after not in (before, inside) and browser.cookies["flash"] != session
    form = {"csrf_token": inside, "email": email(house, "Ada"), "password": GOOD}
    assert "The form has expired." in browser.post("/login", form, status=400)
