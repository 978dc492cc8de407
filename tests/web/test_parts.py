"""Every part renders with every name defined, without inline style or script; the sheets and scripts stay small."""

from __future__ import annotations

import gzip
import re

import pytest

from deliberate.core import tally
from deliberate.core.tally.registry import TIES
from deliberate.web import globals as page_globals
from deliberate.web.examples import context
from tests.web.rendering import NOW, TEMPLATES, Request, environment, make_request, read

__all__ = ["environment"]


def test_every_part_renders_and_keeps_the_security_policy(environment):
    html = environment.get_template("parts/examples.jinja2").render(request=make_request(), **context(NOW))
    found = read(html)
    assert found.refused == []
    assert set(found.refs) <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert len(html.encode()) < 100_000


def test_every_part_is_shown_with_an_example():
    shown = (TEMPLATES / "parts" / "examples.jinja2").read_text(encoding="utf-8")
    missing = [
        f"{file.name}: {name}"
        for file in sorted((TEMPLATES / "parts").glob("*.jinja2"))
        for name in re.findall(r"macro ([a-z]\w*)\(", file.read_text(encoding="utf-8"))
        if not re.search(rf"\b{name}\(", shown) and name != "stored"  # it holds the h1 of its page
    ]
    assert missing == []


def test_every_post_form_carries_the_token(environment):
    html = environment.get_template("parts/examples.jinja2").render(request=make_request(), **context(NOW))
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.S)
    assert forms and all('name="csrf_token" value="token"' in form for form in forms)


def error_page(environment, **said):
    """The error page in HTML, with these words."""
    plain = {"why": "", "remedy": "", "number": None, "kept": "", "actions": [], "fields": {}, "typed": []}
    return environment.get_template("error.jinja2").render(request=Request(), **{**plain, **said})


def test_the_error_page_needs_nothing_but_addresses(environment):
    html = error_page(
        environment,
        what="Something <broke>",
        remedy="Try again.",
        code="server",
        status=500,
        kind="lost",
        badge="Our fault",
    )
    assert "Something &lt;broke&gt;" in html and "Log in" in html and read(html).refused == []


def test_the_error_page_links_only_to_fields_that_are_on_it(environment):
    html = error_page(
        environment,
        what="It cannot be so.",
        code="x",
        status=422,
        kind="wait",
        badge="Not done",
        fields={"reason": "Write more.", "method": "Choose a method."},
        typed=[("text", "Some words."), ("reason", "Too few.")],
    )
    links = re.findall(r'href="#([^"]+)"', html)
    assert "typed-2" in links and "method" not in links and "<li>Choose a method.</li>" in html
    assert set(links) <= set(read(html).ids)
    assert "Nothing has been sent yet" not in html


def test_values_typed_are_kept_and_errors_name_their_field(environment):
    source = (
        '{% from "parts/forms.jinja2" import field, errors with context %}'
        '{{ errors({"t": "Too long"}) }}{{ field("t", "Title", typed, error="Too long") }}'
    )
    html = environment.from_string(source).render(request=make_request(), typed='"<script>')
    assert 'value="&#34;&lt;script&gt;"' in html
    assert 'href="#t"' in html and 'aria-invalid="true"' in html and 'aria-describedby="t-why"' in html


def test_a_ballot_is_selects_with_their_ranks(environment):
    source = (
        '{% from "parts/ballot.jinja2" import ranker with context %}'
        '{{ ranker(options, {7: 2}, bad=[7], why_id="why") }}'
    )
    html = environment.from_string(source).render(
        request=make_request(), options=[{"id": 7, "name": "Park & ride"}, {"id": 8, "name": "Tram"}]
    )
    assert html.count("<select") == 2 and html.count(" selected") == 1
    assert '<option value="2" selected>2nd</option>' in html and "Park &amp; ride" in html
    assert 'aria-invalid="true" aria-describedby="why"' in html


@pytest.mark.parametrize(("page", "last", "shown"), [(1, 1, []), (1, 3, "123"), (5, 12, ["1", "4", "5", "6", "12"])])
def test_pages(environment, page, last, shown):
    source = (
        "{% macro link(n) %}?page={{ n }}{% endmacro %}"
        '{% from "parts/lists.jinja2" import pages with context %}{{ pages(page, last, link) }}'
    )
    html = environment.from_string(source).render(request=make_request(), page=page, last=last)
    assert re.findall(r">(\d+)<", html) == list(shown)


def test_mail_is_plain_text_with_one_address(environment):
    source = (
        '{% extends "mail/base.jinja2" %}{% block message %}Your link.{% endblock %}'
        "{% block action %}https://example.org/in{% endblock %}"
    )
    text = environment.from_string(source).render(
        greeting="Amara", assembly="Northside", why="You asked.", settings_url=None
    )
    assert text.startswith("Dear Amara,\n\nYour link.") and text.endswith("You asked.")
    assert "\n    https://example.org/in\n" in text


def test_sheets_and_scripts_stay_small():
    for folder, ending, limit in (("css", "*.css", 20_000), ("js", "*.js", 30_000)):
        files = sorted((page_globals.STATIC / folder).glob(ending))
        assert files and sum(len(gzip.compress(path.read_bytes())) for path in files) <= limit


def test_a_missing_file_is_noticed():
    static = page_globals.static_url()
    assert re.fullmatch(r"/static/css/base\.css\?v=[0-9a-f]{10}", static("css/base.css"))
    with pytest.raises(FileNotFoundError):
        static("css/none.css")


def test_small_words():
    assert [page_globals.initials(name) for name in ("Amara Osei", "Bo", "")] == ["AO", "B", "?"]
    assert [page_globals.ordinal(place) for place in (1, 2, 3, 12, 23)] == ["1st", "2nd", "3rd", "12th", "23rd"]
    assert page_globals.number(1236) == "1,236" and page_globals.number("1234.50000") == "1,234.50000"
    assert page_globals.hash_words("9f3a71c05be208d4") == "9f3a 71c0 5be2"


@pytest.mark.parametrize("method", sorted(tally.METHODS))
def test_every_value_of_a_setting_has_words(environment, method):
    """The rules of a poll are read by people: no code of a program, no JSON."""
    say = environment.from_string(
        '{% from "polls/_words.jinja2" import setting with context %}{{ setting(name, value) }}'
    )
    for name, option in tally.METHODS[method].options.items():
        for value in [option.default, *getattr(option.read, "allowed", ())]:
            said = say.render(name=name, value=value)
            assert (
                said
                and said not in ("None", "True", "False", "[]", "{}")
                and (value is None or said != value or re.fullmatch(r"[0-9/.]+|none", said))
            ), name
    for policy in TIES:
        assert say.render(name="ties", value=[policy]) != policy


def test_a_summary_names_the_field_of_a_mistake_that_does_not(environment):
    ask = environment.from_string('{% from "parts/forms.jinja2" import errors with context %}{{ errors(fields) }}')
    said = ask.render(fields={"title": "This is needed.", "email": "Too many attempts.", "text": "This is needed."})
    assert [re.sub("<[^>]+>", "", item) for item in re.findall(r"<li>(.*?)</li>", said)] == [
        "Title: This is needed.",
        "Too many attempts.",
        "This is needed.",
    ]
