"""Search: odd questions are never an error, both databases find the same, hidden words are never found."""

from __future__ import annotations

import pytest

from deliberate.models import Assembly
from deliberate.services import debate, drafts, motions, search
from deliberate.services.motions import Wanted, Writing
from tests.services.hall import Hall

ODD = ['"', "*", "AND", "OR NOT", "-", "--", "a OR b", "roof*", '"roof', "(", "\\", "'; DROP TABLE motion", "🏠", "_", "%", "\0",
       "x" * 10_000, "roof " * 3_000, "屋" * 2_000, ":*", "a & b | !c", "NEAR(a b)", "title:roof", "́", "ﬁ", "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")]  # fmt: skip


@pytest.fixture
def hall(engine):
    return Hall(engine)


def find(hall, q, kind=""):
    def look(db):
        assembly = db.get_one(Assembly, hall.assembly.id)
        found = search.find(db, assembly, q, kind)
        assert search.total(db, assembly, q, kind) == len(found)
        assert set(search.ids(db, assembly, q, kind)) == {hit.id for hit in found}
        return [hit.title for hit in found]

    return hall.see(look)


@pytest.mark.parametrize("q", ODD)
def test_an_odd_question_is_never_an_error(hall, q):
    hall.motion()
    find(hall, q)
    hall.do("Ada", lambda act: motions.listed(act, Wanted("all", q[:100])))


@pytest.mark.parametrize(
    "q",
    [
        "café",
        "CAFE",
        "cafe\u0301",
        "strasse",
        "Straße",
        "屋根",
        "根",
        "5.5",
        "m1",
        "M1",
        "c",
        "well-kept",
        "kept",
        "coffee cafe",
    ],
)
def test_both_databases_find_the_same(hall, q):
    hall.motion(written=Writing("Café in the Straße", "屋根 is well-kept, 5.5 percent of coffee."))
    hall.motion(written=Writing("Something else", "Roofs."))
    assert find(hall, q)[:1] == ["M1 Café in the Straße"]


def test_characters_without_blanks_are_found_in_their_order(hall):
    hall.motion(written=Writing("T", "屋根を直す"))
    assert find(hall, "屋根") and not find(hall, "根屋")


def test_all_words_must_occur_and_the_last_may_be_a_beginning(hall):
    hall.motion()
    assert find(hall, "warm roo") == ["M1 Warm homes"]
    assert find(hall, "roo warm") == []
    assert find(hall, "") == find(hall, "🏠") == []


def test_what_is_hidden_or_a_draft_is_never_found(hall):
    motion_id = hall.motion()
    hall.do("Bo", lambda act: drafts.save(act, Writing("Zebras", "zebra")))
    said = hall.do("Bo", lambda act: debate.say(act, hall.get(act.db, motion_id), "A giraffe"))
    assert find(hall, "zebra") == []
    assert find(hall, "giraffe", "comment") == ["M1"]
    assert find(hall, "giraffe", "motion") == []
    hall.do("Mo", lambda act: debate.hide(act, hall.comment(act.db, said), "Animals are not spoken of here."))
    assert find(hall, "giraffe") == []
    assert hall.see(lambda db: debate.by_id(db, [said.public_id])) == {}
    hall.do("Mo", lambda act: debate.restore(act, hall.comment(act.db, said)))
    hall.do("Bo", lambda act: debate.edit(act, hall.comment(act.db, said), "An okapi"))
    assert (find(hall, "giraffe"), find(hall, "okapi")) == ([], ["M1"])


def test_lists_filter_order_and_count(hall):
    for n in range(6):
        hall.motion(written=Writing(f"Motion {n}", "Roofs" if n % 2 else "Walls"))

    def look(name, **over):
        def run(act):
            found, total = motions.listed(act, Wanted(**over), limit=2)
            return [m.number for m in found], total

        return hall.do(name, run)

    assert look("Bo", group="all", order="newest") == (["M6", "M5"], 6)
    assert look("Bo", group="all", order="oldest", q="roofs") == (["M2", "M4"], 3)
    assert look("Bo", group="mine") == ([], 0)
    assert look("Ada", group="mine", order="oldest") == (["M1", "M2"], 6)
    assert look("Bo", group="decided") == ([], 0)
