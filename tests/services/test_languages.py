"""Languages: which there are, whose language counts, and what is said in it."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from deliberate.core.sentences import joined, mark, mark_many
from deliberate.models import Assembly, OutboxMessage, Person
from deliberate.services import languages, logins, outbox
from tests.makers import make_assembly, make_member

SAID = {
    "%(name)s is on the roll.": "%(name)s steht auf der Liste.",
    ("One ballot.", "%(num)s ballots."): ("Ein Stimmzettel.", "%(num)s Stimmzettel."),
    "carried": "angenommen",
    "It is %(state)s.": "Er ist %(state)s.",
    "Your link to log in": "Ihr Link zum Anmelden",
}


@pytest.fixture
def german(tmp_path, monkeypatch):
    made = Catalog(locale="de")
    for english, said in SAID.items():
        made.add(english, said)
    file = tmp_path / "de" / "LC_MESSAGES" / "deliberate.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_mo(opened, made)
    monkeypatch.setattr(languages, "FOLDER", tmp_path)


def test_english_is_always_there_and_a_catalogue_adds_its_language(german):
    assert languages.known() == ("en", "de")


def test_the_person_comes_before_the_assembly(german):
    german_one, french, plain = (Person(name="", email="", locale=locale) for locale in ("de", "fr", None))
    assembly = Assembly(locale="de")
    assert languages.of(german_one, None) == "de"
    assert languages.of(plain, assembly) == languages.of(french, assembly) == languages.of(None, assembly) == "de"
    assert languages.of(french, None) == languages.of(None, Assembly(locale="fr")) == "en"
    assert languages.of(Person(name="", email="", locale="en"), assembly) == "en"


def test_sentences_with_values_numbers_and_other_sentences(german):
    assert languages.said(mark("%(name)s is on the roll.", name="100 % Ada"), "de") == "100 % Ada steht auf der Liste."
    assert languages.said(mark_many("One ballot.", "%(num)s ballots.", 1), "de") == "Ein Stimmzettel."
    assert languages.said(mark_many("One ballot.", "%(num)s ballots.", 1236), "de") == "1.236 Stimmzettel."
    assert languages.said(mark("It is %(state)s.", state=mark("carried")), "de") == "Er ist angenommen."
    assert languages.said(joined([mark("carried"), "as it is"]), "de") == "angenommen, as it is"
    assert languages.said(mark("It is %(state)s.", state=mark("carried")), "en") == "It is carried."
    assert languages.said("It is carried.", "de") == "It is carried."


@pytest.mark.parametrize(
    ("value", "language", "written"),
    [
        (1236, "en", "1,236"),
        ("1236.50", "de", "1.236,50"),
        ("-0.5", "de", "-0,5"),
        (-1236, "en", "-1,236"),
        ("1/3", "de", "1/3"),
    ],
)
def test_numbers(value, language, written):
    assert languages.number(value, language) == written


@pytest.mark.parametrize(
    ("own", "assemblys", "subject"),
    [
        (None, "en", "Your link to log in"),
        ("de", "en", "Ihr Link zum Anmelden"),
        (None, "de", "Ihr Link zum Anmelden"),
        ("en", "de", "Your link to log in"),
    ],
)
def test_a_mail_is_in_the_language_of_its_reader(db, german, own, assemblys, subject):
    assembly = make_assembly(db)
    assembly.locale = assemblys
    member = make_member(db, assembly, "Ada")
    member.person.locale = own
    logins.send_link(db, member.email, "https://vote.example.org/login/{token}")
    db.flush()
    sent = outbox.recent(db)
    assert [mail.subject for mail in sent] == [subject] and isinstance(sent[0], OutboxMessage)
    assert "https://vote.example.org/login/" in sent[0].text and "Ada" in sent[0].text
