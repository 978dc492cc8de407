"""Hostile input: whatever is sent, the answer is a page of four parts with its headers, and nothing that was typed is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session
from webob import Request, Response

from deliberate.models import Member, Role
from deliberate.services.act import now
from deliberate.web.routes import ROUTES
from tests.web.conftest import House
from tests.web.test_routes import OFFICES, path, town

__all__ = ["town"]
Town = tuple[House, dict[str, str]]


@pytest.fixture
def everything(town: Town) -> Town:
    """Ada holds every office, so that no refusal hides what a view does with its input."""
    house, parts = town
    with Session(house.engine) as db, db.begin():
        ada = db.get_one(Member, house.members["Ada"].id)
        db.add_all(Role(member=ada, role=office, starts_at=now()) for office in OFFICES)
    return house, parts


def ask(house: House, where: str, who: str = "Ada", **over: Any) -> Response:
    """Send a request as it is, past the good manners of a test browser."""
    given = Request.blank(where, base_url="http://localhost", **over)
    if who and "Cookie" not in given.headers:
        given.headers["Cookie"] = f"login={house.tokens[who]}"
    answer: Response = given.send(house.application)
    return answer


def token(house: House) -> dict[str, str]:
    """The headers of a browser in which Ada is logged in and holds a form's token."""
    page = ask(house, "/me")
    found = re.search(r'csrf-token" content="([^"]+)', page.text)
    assert found
    flash = page.headers["Set-Cookie"].partition(";")[0]
    return {"Cookie": f"login={house.tokens['Ada']}; {flash}", "X-CSRF-Token": found[1]}


def four_parts(answer: Response, what: object = "") -> None:
    """A refusal is a page with what happened, why, what to do and a code; it carries the headers; it shows no trace."""
    assert answer.status_int < 500, (what, answer.status, answer.text[:200])
    assert "Traceback" not in answer.text, what
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"):
        assert name in answer.headers, (what, name)
    if answer.status_int >= 400 and answer.text:
        page = "What you can do" in answer.text and "head-hash" in answer.text
        if answer.content_type == "application/json":
            page = {"what", "why", "remedy", "code"} <= set(answer.json)
        assert page or 'role="alert"' in answer.text, (what, answer.text[:200])


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "TRACE", "BREW"])
def test_other_methods_get_the_page_of_refusal(everything: Town, method: str) -> None:
    house, parts = everything
    headers = token(house)
    for route in ROUTES:
        answer = ask(house, path(route, parts), method=method, headers=headers)
        assert answer.status_int == 405, (route.name, answer.status)
        four_parts(answer, route.name)


def test_refusals_about_a_thing_are_pages(town: Town) -> None:
    """The thing that the address names is gone with the failed transaction; the page of refusal is made without it."""
    house, parts = town
    headers = {**token(house)}
    headers["Cookie"] = headers["Cookie"].replace(house.tokens["Ada"], house.tokens["Bo"])
    for where in (
        f"/amendments/{parts['amendment']}/accept",
        f"/debate/{parts['comment']}/edit",
        f"/members/{parts['member']}/roles",
        f"/motions/{parts['motion']}/withdraw",
        f"/polls/{parts['poll']}/close",
    ):
        answer = ask(house, where, method="POST", headers=headers)
        assert answer.status_int == 403 and "Why may I not do this?" in answer.text, where
        four_parts(answer, where)


BODIES = {
    "not UTF-8": (b"title=%ff&name=%ff&text=%ff&email=%ff", "application/x-www-form-urlencoded"),
    "NUL": (b"title=%00&name=a%00b&text=%00&email=%00@b.org&role=%00&to=%00&reason=%00", "application/x-www-form-urlencoded"),
    "another charset": (b"title=%e4", "application/x-www-form-urlencoded; charset=latin-1"),
    "no charset at all": (b"x", "application/x-www-form-urlencoded; charset=nonsense"),
    "no boundary": (b"hello", "multipart/form-data"),
    "wrong boundary": (b"hello", "multipart/form-data; boundary=x"),
    "a file as text": (
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\nabc\r\n' % name
            for name in (b"title", b"name", b"text", b"email", b"role", b"to", b"q")
        )
        + b"--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "JSON": (b"[1,2", "application/json"),
    "many fields": (b"a=1&" * 20_000, "application/x-www-form-urlencoded"),
    "large": (b"title=" + b"a" * 2_500_000, "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_odd_bodies_are_refused_in_four_parts(everything: Town, kind: str) -> None:
    house, parts = everything
    body, content_type = BODIES[kind]
    headers = token(house)
    for where in (
        "/login",
        "/help",
        "/me",
        "/me/password",
        "/members/new",
        "/members/import",
        "/motions/new",
        f"/members/{parts['member']}/edit",
        f"/members/{parts['member']}/roles",
        f"/motions/{parts['motion']}/edit",
        f"/motions/{parts['motion']}/debate",
        f"/debate/{parts['comment']}/edit",
        f"/amendments/{parts['amendment']}/reword",
        f"/polls/{parts['poll']}/ballot",
    ):
        four_parts(ask(house, where, method="POST", headers=headers, body=body, content_type=content_type), where)


def test_a_form_that_is_too_large_is_not_read(house: House) -> None:
    answer = ask(house, "/login", who="", method="POST", body=b"", headers={"Content-Length": "2000001"})
    assert answer.status_int == 413 and "form.large" in answer.text


@pytest.mark.parametrize("where", ["/%ff", "/motions/%ff%00", "/?q=%ff", "/?q=%00", "/search?q=%F0%9F", "/%ff.json"])
def test_addresses_that_are_no_text(house: House, where: str) -> None:
    answer = ask(house, where)
    assert answer.status_int == 400 and "form.encoding" in answer.text
    four_parts(answer)


@pytest.mark.parametrize("cookie", ["login=\xff", "login=" + "a" * 5000, "flash=rubbish; login=x", "=;;;", "login"])
def test_odd_cookies_are_no_log_in(house: House, cookie: str) -> None:
    assert ask(house, "/", headers={"Cookie": cookie}).status_int == 200
    four_parts(ask(house, "/me", headers={"Cookie": cookie}))


def test_no_language_is_looked_for_among_files(house: House) -> None:
    for over in ({"headers": {"Cookie": "_LOCALE_=../../etc"}}, {"headers": {"Accept-Language": "\xff;;q=,"}}):
        assert '<html lang="en">' in ask(house, "/", **over).text
    assert '<html lang="en">' in ask(house, "/?_LOCALE_=xx").text


def test_a_form_from_another_site_is_refused_in_four_parts(house: House) -> None:
    answer = ask(house, "/login", who="", method="POST", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_int == 403 and "form.origin" in answer.text
    four_parts(answer)


def test_what_was_typed_stands_on_the_page_of_refusal(town: Town) -> None:
    """Pages are not kept by the browser, so that going back may find an empty form; a password is never shown."""
    house, parts = town
    fields = {"text": "A long thought, <b>well</b> said.", "password": "four secret words here", "csrf_token": "x y"}
    answer = ask(house, f"/motions/{parts['motion']}/debate", method="POST", POST=fields)
    assert answer.status_int == 400 and "form.csrf" in answer.text
    assert "A long thought, &lt;b&gt;well&lt;/b&gt; said." in answer.text and "four secret words" not in answer.text
