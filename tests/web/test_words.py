"""Every sentence can be said in another language: with a catalogue of marks no English is left on the pages.

The catalogue is made here from the template: each sentence in ⟦ ⟧, and German for what Babel knows. What stands outside
of the brackets must be what members wrote, a number, a date, or the name of the program.
"""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from bs4 import Comment
from pyramid.interfaces import ITranslationDirectories
from sqlalchemy.orm import Session

import deliberate
from deliberate.core.sentences import Marked, mark, mark_many
from deliberate.models import Member
from deliberate.models import engine as make_engine
from deliberate.services import languages
from deliberate.services.act import now
from deliberate.web import words
from tests.makers import make_act, make_motion, make_poll
from tests.web.town import paths

POT = Path(deliberate.__file__).with_name("locale") / "deliberate.pot"
SAID_ALOUD = ("aria-label", "title", "placeholder", "alt")
WRITTEN = (
    "The old ones leak.",
    "The board buys two boilers.",
    "It reports in March.",
    "New boilers",
    "Shall it be so?",
    "A question",
    "Northside",
    "Deliberate",
    *("Yes", "No", "Abstain"),  # options, frozen with the poll
    *("Carla", "Sam", "Tove", "Ada", "Bo", "Cy", "Bea"),
    *("Root", "The admin", "The auditor", "The moderator", "A draft", "rude"),
    *("It speaks of people, not of reasons.", "It was the wrong question."),
)
NUMBERED = r"Words \d+\.|Reason \d+|We buy \d+ boilers\."  # what members of the town wrote
CODES = r"\b(M\d+(-A\d+)?|A\d+|P\d+|AO|test|UTC|JSON|[a-z]+(\.[a-z_]+)+|[A-Za-z]+(/[\w.+-]+)+|N-\d+|[0-9a-f]{4}|localhost)\b"


@pytest.fixture
def engine(migrated, tmp_path):
    """SQLite alone: words are the same on every database."""
    file = tmp_path / "test.sqlite"
    shutil.copy(migrated, file)
    made = make_engine(f"sqlite:///{file}")
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory):
    """A folder of catalogues with one language, German, in which every sentence is the English one in brackets."""
    folder = tmp_path_factory.mktemp("locale")
    with POT.open("rb") as file:
        catalogue = read_po(file, locale="de")
    for message in catalogue:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            made = tuple(f"⟦{one}⟧" for one in ids)
            message.string = made if message.pluralizable else made[0]
    made = folder / "de" / "LC_MESSAGES" / "deliberate.mo"
    made.parent.mkdir(parents=True)
    with made.open("wb") as file:
        write_mo(file, catalogue)
    return folder


@pytest.fixture
def marked(house, catalogue, monkeypatch):
    """The application for people whose browsers ask for German."""
    monkeypatch.setattr(languages, "FOLDER", catalogue)
    house.application.registry.getUtility(ITranslationDirectories).insert(0, str(catalogue))
    plain = house.browser

    def browser(name=""):
        made = plain(name)
        made.extra_environ["HTTP_ACCEPT_LANGUAGE"] = "de-AT, en;q=0.5"
        return made

    monkeypatch.setattr(house, "browser", browser)
    return house


def outside(text):
    """What stands in no brackets."""
    depth, left = 0, []
    for letter in text:
        depth += {"⟦": 1, "⟧": -1}.get(letter, 0)
        assert depth >= 0, "a bracket is closed that was not opened"
        if depth == 0 and letter != "⟧":
            left.append(letter)
    assert depth == 0, "a sentence was cut"
    return "".join(left)


def english(page):
    """Words of a page, seen or read aloud, that no catalogue can reach."""
    body = page.html
    for part in body.select(
        "script, style, textarea, #timezone, time, code, kbd, pre, .six-words, .seq, .head-hash, .initials, .face, [lang]:not(html)"
    ):
        part.decompose()
    seen = "\n".join(
        str(text)
        for text in body.find_all(string=True)
        if not isinstance(text, Comment) and text.parent.name != "[document]"
    )
    aloud = [str(tag[name]) for tag in body.find_all(True) for name in SAID_ALOUD if tag.has_attr(name)]
    aloud += [str(tag["data-copied"]) for tag in body.select("[data-copied]")]
    aloud += [text for tag in body.select("[data-words]") for text in json.loads(tag["data-words"]).values()]
    left = "\n".join(map(outside, [seen, *aloud]))
    for text in sorted(WRITTEN, key=len, reverse=True):
        left = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "", left)
    left = re.sub(f"{NUMBERED}|{CODES}", "", left)
    names = Locale("de")
    dates = {*names.days["format"]["wide"].values(), *names.months["format"]["wide"].values()}
    dates |= {*names.days["format"]["abbreviated"].values(), *names.months["format"]["abbreviated"].values()}
    return [word for word in re.findall(r"[^\W\d_]{2,}\.?", left) if word not in dates]


@pytest.fixture
def scene(marked):
    """Motions in two states, an amendment, a contribution, an open ranking and an open motion poll: address by name."""
    with Session(marked.engine) as db, db.begin():
        assembly, ada, carla = (
            db.merge(one) for one in (marked.assembly, marked.members["Ada"], marked.members["Carla"])
        )
        act = make_act(db, assembly, ada)
        gathering, debated = make_motion(act), make_motion(act, "debate")
        chair = make_act(db, assembly, carla)
        closes = now() + timedelta(days=3)
        ranked = make_poll(chair, "irv", closes_at=closes)
        asked = make_poll(chair, closes_at=closes)
        prepared = make_poll(chair, "scottish-stv", seats=2, opened=False)
        return {
            "motion": f"/motions/{gathering.public_id}",
            "debated": f"/motions/{debated.public_id}",
            "ranking": f"/polls/{ranked.public_id}",
            "poll": f"/polls/{asked.public_id}",
            "prepared": f"/polls/{prepared.public_id}",
        }


PAGES = [
    ("", "/search?q=boilers"),
    ("Ada", "/"),
    ("Ada", "{motion}/withdraw"),
    ("Bo", "{motion}"),
    ("Bo", "{ranking}/ballot"),
    ("Bo", "{poll}/ballot"),
    ("Carla", "{debated}/fix"),
    ("Carla", "/polls/new"),
    ("Sam", "/members/invite"),
]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_no_page_holds_english(marked, scene, who, path):
    assert english(marked.browser(who).get(path.format(**scene))) == []


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("", "/nowhere", 404),
        ("Ada", "/motions/nothing", 404),
        ("Ada", "/polls/new", 403),
        ("Bo", "{prepared}/ballot", 403),
        ("Carla", "{poll}/edit", 409),
    ],
)
def test_no_error_page_holds_english(marked, scene, who, path, status):
    browser = marked.browser(who)
    page = browser.get(path.format(**scene), status=status)
    assert english(page) == []
    twin = browser.get(path.format(**scene), headers={"Accept": "application/json"}, status=status)
    assert twin.json["what"].startswith("⟦")
    assert re.search(CODES, outside(twin.json["error"])) is None


def test_flashes_are_said_in_the_language_of_the_page(marked, scene):
    bo = marked.browser("Bo")
    page = bo.get(scene["motion"])
    token = page.forms[0]["csrf_token"].value
    page = bo.post(f"{scene['motion']}/support", {"csrf_token": token}).follow()
    said = page.html.select_one(".flash p").get_text()
    assert re.fullmatch(r"⟦You support M\d+: 2 of 5\.⟧", said)
    assert english(page) == []
    page = bo.post(f"{scene['motion']}/support", {"csrf_token": token, "to": "withdraw"}).follow()
    assert page.html.select_one(".flash button").get_text() == "⟦Support again⟧"


def test_a_plural_chooses_its_words(marked, monkeypatch):
    sam = marked.browser("Sam")
    token = sam.get("/me").html.select_one("input[name=csrf_token]")["value"]
    said = sam.post("/me/logins/others/end", {"csrf_token": token}).follow().html.select_one(".flash p").get_text()
    assert said == "⟦0 other log-ins have ended.⟧"
    marked.browser("Sam")
    with Session(marked.engine) as db, db.begin():
        from tests.makers import make_login

        make_login(db, db.merge(marked.members["Sam"]))
    said = sam.post("/me/logins/others/end", {"csrf_token": token}).follow().html.select_one(".flash p").get_text()
    assert said == "⟦One other log-in has ended.⟧"


def test_a_refused_form_keeps_its_words_and_says_why(marked, scene):
    form = marked.browser("Sam").get("/members/new").forms[0]
    form["number"], form["name"], form["weight"] = "77", "", "many"
    page = form.submit(status=422)
    assert "⟦2 answers need a look.⟧" in page and "⟦Write a positive number such as 1, 1.5 or 3/2.⟧" in page
    page.html.select_one("#number")["value"] = ""
    assert english(page) == []


def test_ballot_review_and_receipt(marked, scene):
    bo = marked.browser("Bo")
    form = bo.get(f"{scene['ranking']}/ballot").forms["ballot"]
    form["rank-o1"], form["rank-o2"] = "1", "1"
    page = form.submit(status=422)
    assert "⟦" in page.html.select_one(".errors").get_text()
    assert english(page) == []
    form = page.forms["ballot"]
    form["rank-o2"] = "2"
    review = form.submit()
    assert english(review) == []
    assert english(review.forms[0].submit().follow()) == []


def test_numbers_and_lists_follow_the_language(house, marked):
    assert words.number(1236) == "1,236" and words.listed(["A", "B", "C"]) == "A, B and C"  # no request: English
    page = marked.browser("Sam").get("/members/invite")
    assert "⟦30 days⟧" in page or "days⟧" in page


def test_a_marked_sentence_is_english_for_everybody_else():
    said = mark("%(name)s is on the roll.", name="Ada")
    assert said == "Ada is on the roll." and isinstance(said, Marked) and said.msgid == "%(name)s is on the roll."
    assert mark(said) is said and words.said(said) == "Ada is on the roll." and type(words.said(said)) is str
    assert mark_many("One", "%(num)s", 1) == "One" and mark_many("One", "%(num)s", 2) == "2"
    assert words.said("100 % as it is") == "100 % as it is" == mark("100 % as it is")


@pytest.mark.parametrize("who", ["", "Root"])
def test_no_address_holds_english(marked, town, who):
    """Every route that answers a reader, for each thing that it can be about."""
    browser, left = marked.browser(who), {}
    few = {noun: found[2:5] or found for noun, found in town[1].items()}
    if who:
        few["poll"] = town[1]["poll"]  # in every state
    for route, path in paths(few):
        page = browser.get(path, status="*")
        if page.status_int < 404 and page.content_type == "text/html" and (words := english(page)):
            left.setdefault(route, (path, words))
    assert not left, "\n".join(f"{route} {path}: {' '.join(words[:12])}" for route, (path, words) in left.items())


@pytest.mark.parametrize(
    ("own", "assemblys", "asked", "lang"),
    [
        (None, "en", "de-CH, fr;q=0.5", "de"),
        (None, "en", "fr, ../../etc", "en"),
        (None, "de", "fr", "de"),
        (None, "de", "en-GB, de;q=0.5", "en"),
        (None, "de", None, "de"),
        ("en", "de", "de", "en"),
        ("de", "en", "en", "de"),
    ],
)
def test_the_language_of_a_page(marked, own, assemblys, asked, lang):
    with Session(marked.engine) as db, db.begin():
        ada = db.get_one(Member, marked.members["Ada"].id)
        ada.assembly.locale, ada.person.locale = assemblys, own
    browser = marked.browser("Ada")
    browser.extra_environ.pop("HTTP_ACCEPT_LANGUAGE")
    page = browser.get("/me", headers={"Accept-Language": asked} if asked else {})
    assert page.html.html["lang"] == lang
    assert page.html.title.get_text().startswith("⟦") == (lang == "de")


def test_without_a_catalogue_every_page_is_english(house):
    page = house.browser("Ada").get("/me", headers={"Accept-Language": "de"})
    assert page.html.html["lang"] == "en"
