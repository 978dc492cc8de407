"""Count a file on a page: who may, what is shown, what is kept of a form that is refused; nothing is stored."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from deliberate.core.formats.every import FORMATS
from deliberate.core.tally import METHODS
from deliberate.models import LedgerEntry
from deliberate.services import counting
from deliberate.web.forms import counting as forms
from tests.web.rendering import read

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What a page says is no matter of the database."""
TABLE = b"count,rank1,rank2,rank3\n9,Ada,Bea,Cy\n8,Bea,Cy,Ada\n7,Cy,Ada,Bea\n3,Dan,Ada,\n"


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Count in this process; that the other one does the same is told by tests/services/test_counting.py."""
    monkeypatch.setattr(counting, "_apart", counting.work)


@pytest.fixture
def send(house):
    """Send a file as the teller. over: other fields."""

    def sent(data, file, method, status=200, **over):
        browser = house.browser("Tove")
        page = browser.get("/count", {"method": method})
        form = page.forms[0]
        form["file"] = ("file", "") if data is None else _upload(file, data)
        for name, value in over.items():
            form[name.replace("__", "-")] = value
        return form.submit(status=status)

    return sent


def _upload(file, data):
    from webtest import Upload

    return Upload(file, data)


def test_officers_count_files_and_others_are_told_how_they_can(house):
    for name in ("Tove", "Carla", "Sam"):
        assert house.browser(name).get("/count").status_int == 200
        assert "Count a file" in house.browser(name).get("/polls")
    for name in ("Ada", ""):
        refused = house.browser(name).get("/count", status=403)
        assert "everybody may with the program" in refused and "Rule 1.6" in refused
        assert "Count a file" not in house.browser(name).get("/polls")
    assert 'href="/count"' in house.browser("Tove").get("/help") and 'href="/count"' not in house.browser("Ada").get(
        "/help"
    )


def test_the_form_offers_every_method_by_family_and_says_what_it_is_good_for(house):
    page = house.browser("Tove").get("/count")
    for method in METHODS.values():
        assert f'<option value="{method.name}"' in page.text and f"/count?method={method.name}" in page.text
        assert method.good_for.replace("'", "&#39;") in page.text
    for format_ in FORMATS:
        assert f'<option value="{format_}"' in page.text
    assert "5 MB" in page and "50,000 different ballots" in page and "Nothing is stored" in page
    found = read(page.text)
    assert set(found.refused) <= {"script"} and len(found.ids) == len(set(found.ids)) and set(found.refs) <= set(found.ids)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_option_of_a_method_has_a_field_in_words(house, name):
    page = house.browser("Tove").get("/count", {"method": name})
    for option in METHODS[name].options:
        assert option == "seed" or f'name="set-{option}"' in page.text
    assert "None" not in page.text and "True" not in page.text


def test_a_file_is_counted_and_nothing_is_stored(house, send):
    def rows():
        with Session(house.engine) as db:
            tables = inspect(house.engine).get_table_names()
            return {name: db.scalar(select(func.count()).select_from(text(f'"{name}"'))) for name in tables}

    before = rows()
    page = send(TABLE, "capital.csv", "schulze")
    assert "<b>Ada wins</b> by the method “Schulze”" in page and "Each option against each other" in page
    assert "deliberate tally capital.csv --rules schulze" in page
    assert "SHA-256 of the file" in page and len(page.body) < 100_000
    assert rows() == before
    with Session(house.engine) as db:
        assert not [kind for kind in db.scalars(select(LedgerEntry.kind)) if "count" in kind]


def test_no_writing_transaction_is_open_while_it_counts(house, send, monkeypatch):
    def other(asked):
        with Session(house.engine) as db, db.begin():
            db.execute(text("UPDATE assembly SET name = name"))  # waits for ever if the page held the writer's lock
        return counting.work(asked)

    monkeypatch.setattr(counting, "_apart", other)
    assert "Ada wins" in send(TABLE, "capital.csv", "schulze")


@pytest.mark.parametrize(
    ("data", "file", "what"),
    [
        (b"count,rank1\n3,Ada\nx,Bea\n", "b.csv", "b.csv, line 3, column 1"),
        (b"\xff\xfea", "b.csv", "b.csv, line 1, column 1"),
        (b"?", "b.xyz", "The format of b.xyz is not known."),
        (b"", "b.csv", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_line_and_column_and_the_form_is_kept(send, data, file, what):
    page = send(data, file, "irv", 422, seed="dice 3 1 6", seats="1", set__threshold_base="first-round")
    assert what in page and "Nothing was counted." in page and "choose it again" in page
    form = page.forms[0]
    assert form["method"].value == "irv" and form["seed"].value == "dice 3 1 6"
    assert form["set-threshold_base"].value == "first-round"
    assert 'class="pairs"' not in page


def test_without_a_file_nothing_is_counted(house):
    browser = house.browser("Tove")
    page = browser.get("/count").forms[0].submit(status=422)
    assert "Choose a file." in page and 'href="#file"' in page


def test_a_wrong_option_is_named_and_its_field_says_why(send):
    page = send(TABLE, "b.csv", "irv", 422, set__minimum_votes="many")
    assert "Write a whole number of at least 0." in page and page.forms[0]["set-minimum_votes"].value == "many"
    assert re.search(r'<details class="more" open><summary>[^<]*Options of', page.text)


def test_options_and_seats_are_obeyed_and_stand_in_the_command(send):
    page = send(TABLE, "b.csv", "scottish-stv", seats="2", set__ties="forwards,lot")
    assert "--seats 2 --set ties=forwards,lot" in page and "2 seats" not in page.html.select_one("h1").get_text()
    assert "are elected, in this order" in page


def test_options_of_another_method_are_not_taken_for_those_of_the_chosen_one(house):
    page = house.browser("Tove").get("/count", {"method": "irv"})
    form = page.forms[0]
    form["file"], form["method"], form["set-ties"] = _upload("b.csv", TABLE), "schulze", "declared"
    answer = form.submit()
    assert "--rules schulze<" in answer and "Ada wins" in answer
    assert answer.forms[0]["shown"].value == "schulze" and 'name="set-strength"' in answer


def test_a_tie_says_how_to_give_a_seed_and_a_seed_settles_it(send):
    tie = b"count,rank1\n2,Ada\n2,Bea\n"
    page = send(tie, "tie.csv", "irv")
    assert "A tie must be settled" in page and "Tied are Ada, Bea." in page and "Public seed" in page
    settled = send(tie, "tie.csv", "irv", seed="dice 3 1 6")
    assert "A tie must be settled" not in settled and "--seed &#39;dice 3 1 6&#39;" in settled
    motion = send(b"choice\nyes\nno\n", "m.csv", "motion", set__tie="casting")
    assert "casting vote is no matter of chance" in motion


def test_all_methods_that_can_count_it_are_compared(send):
    page = send(TABLE, "capital.csv", counting.COMPARE)
    cells = dict(re.findall(r'rowheader">([^<]+)</th><td role="cell" data-h="Who wins">([^<]+)</td>', page.text))
    assert cells["Schulze"] == "Ada" and "Instant run-off (IRV)" in cells
    assert "A comparison decides nothing" in page and "deliberate compare capital.csv" in page


def test_limits_are_told(send, monkeypatch):
    monkeypatch.setattr(counting, "LARGEST", 10)
    monkeypatch.setattr(forms, "LARGEST", 10)
    page = send(TABLE, "capital.csv", "irv", 413)
    assert "too large to be counted on a page" in page and "deliberate tally FILE" in page


def test_names_in_a_file_are_words_and_nothing_else(send):
    page = send(b'count,rank1\n3,"<script>alert(1)</script>"\n1,"<b>x"\n', "<i>.csv", "irv")
    assert (
        "<script>alert" not in page.text
        and "<b>x" not in page.text
        and "&lt;b&gt;x" in page.text
        and "<i>.csv" not in page.text
    )


def test_remarks_of_the_reader_are_shown(send):
    blt = b'3 1\n-3\n2 1 2 0\n1 2 0\n0\n"Ada"\n"Bea"\n"Cy"\n"A chair"\n'
    page = send(blt, "b.blt", "irv")
    assert "Withdrawn before the count: Cy." in page and page.html.select_one("h1").get_text() == "A chair"


@pytest.mark.parametrize(
    ("file", "method", "over", "told"),
    [
        ("burlington_2009_mayor.csv", "irv", {}, "is elected</b> in round"),
        ("burlington_2009_mayor.csv", "ranked-pairs", {}, "It beats every other option one to one."),
        ("scot_edinburgh_2017_ward1.blt", "scottish-stv", {}, "are elected, in this order"),
        ("schulze_paper_ex3.json", "schulze", {}, "A chain is as strong as its weakest link"),
        ("star_akali_skins.csv", "star", {}, "The run-off"),
        ("abc_instanceL0003.json", "seq-phragmen", {"seats": "3", "set__ties": "declared"}, "load of each vote"),
        ("debian_leader2020.json", "policy", {}, "Each option against each other"),
        ("pabulib_Netherlands_Assen_2024.pb", "budget-equal-shares", {}, "projects are paid for"),
        ("rctab_test_set_1_exhaust_at_overvote_cvr.json", "irv", {}, "is elected</b> in round"),
    ],
)
def test_real_elections_are_counted_and_shown(send, data, file, method, over, told):
    """As the reference data of the project have them; their figures are the business of the golden tests."""
    page = send((data / "elections" / "ballots" / file).read_bytes(), file, method, **over)
    assert told in page
    found = read(page.text)
    assert set(found.refused) <= {"script"} and len(found.ids) == len(set(found.ids)) and set(found.refs) <= set(found.ids)
    assert len(page.body) < 150_000


@pytest.mark.parametrize(("file", "winners"), [("rankedpairs_same_profile.json", 2)])
def test_the_same_ballots_may_have_another_winner_by_another_method(send, data, file, winners):
    page = send((data / "elections" / "ballots" / file).read_bytes(), file, counting.COMPARE)
    cells = dict(re.findall(r'rowheader">([^<]+)</th><td role="cell" data-h="Who wins">([^<]+)</td>', page.text))
    assert len({cells["Schulze"], cells["Ranked pairs (Tideman)"]}) == winners
