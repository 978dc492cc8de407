"""Charts: well formed, named and described, labels apart, numbers as in the Count."""

from __future__ import annotations

import json
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.tally import Option, Question
from deliberate.web import charts
from deliberate.web.charts.svg import labels, percent, short, two_places
from deliberate.web.examples import COUNTS

SAMPLES = json.loads(COUNTS.read_text(encoding="utf-8"))
NS = ""
GIVEN = ["Ana", "Bao", "Chidi", "Dele", "Emre", "Fay", "Grace", "Hana", "Ines", "Jun", "Kofi", "Lina"]
FAMILY = [
    "Osei",
    "Nguyen",
    "Okafor",
    "Akande",
    "Yilmaz",
    "Bartholomew",
    "Adeyemi",
    "Sato",
    "Ferreira",
    "Levi",
    "Osei",
    "Haddad",
]


def parse(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(picture))


def make_irv(first: list[int]) -> dict:
    """An IRV count by a crude rule: the lowest leaves, half of its votes go to the next name, the rest is exhausted."""
    names = [f"{GIVEN[i]} {FAMILY[i]}" for i in range(len(first))]
    votes, rounds, gone, exhausted = dict(zip(names, first, strict=True)), [], [], 0
    while True:
        alive = [name for name in names if name not in gone]
        step = {
            "n": len(rounds) + 1,
            "votes": {name: str(votes[name]) for name in names},
            "exhausted": str(exhausted),
            "residual": "0",
            "quota": None,
            "action": {"code": "exclude", "says": "The lowest leaves."},
            "elected": [],
            "excluded": [],
            "transfers": [],
            "tie": None,
        }
        rounds.append(step)
        if len(alive) <= 2:
            winner = max(alive, key=lambda name: votes[name])
            step["elected"] = [winner]
            break
        low = min(alive, key=lambda name: (votes[name], name))
        heir = next(name for name in alive if name != low)
        half = votes[low] // 2
        step["excluded"] = [low]
        step["transfers"] = [
            {
                "from": low,
                "to": heir,
                "kind": "option",
                "papers": half,
                "before": "1",
                "after": "1",
                "total": str(half),
            },
            {
                "from": low,
                "to": None,
                "kind": "exhausted",
                "papers": 1,
                "before": "1",
                "after": "1",
                "total": str(votes[low] - half),
            },
        ]
        exhausted += votes[low] - half
        votes[heir] += half
        votes[low] = 0
        gone.append(low)
    return {
        "options": [{"id": name, "name": name} for name in names],
        "rounds": rounds,
        "winners": [winner],
        "excluded": gone,
        "quota": None,
        "rules": {},
        "ties": [],
        "tests": [],
        "question": {"title": "Who?"},
    }


@pytest.mark.parametrize("name", ["stv", "irv"])
def test_a_picture_is_well_formed_and_says_what_it_shows(name):
    for picture in (charts.flow(SAMPLES[name], 2), charts.bars(SAMPLES[name], 2)):
        root = parse(picture)
        ids = root.get("aria-labelledby").split()
        assert root.get("role") == "img"
        assert [root.find("title").get("id"), root.find("desc").get("id")] == ids
        assert root.find("title").text and root.find("desc").text


def test_the_flow_says_who_was_elected_and_when():
    desc = parse(charts.flow(SAMPLES["stv"])).find("desc").text
    assert "Hiroshi Tanabe in round 1, Owen Prichard in round 4, Tomasz Zielinski in round 6" in desc


def boxes(root: ElementTree.Element) -> list[tuple[float, float, float, float, str]]:
    """Generous boxes of every text: 7 px a character, 12 px high."""
    found = []
    for text in root.iter("text"):
        words = "".join(text.itertext())
        wide, x, y = 7.0 * len(words), float(text.get("x")), float(text.get("y"))
        left = {"middle": x - wide / 2, "end": x - wide}.get(text.get("text-anchor", "start"), x)
        found.append((left, y - 11, left + wide, y + 1, words))
    return found


def assert_apart(root: ElementTree.Element) -> None:
    found = boxes(root)
    for index, one in enumerate(found):
        for other in found[index + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)
    _, _, width, height = map(float, root.get("viewBox").split())
    assert all(x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height for x0, y0, x1, y1, _ in found)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=2, max_size=12))
def test_labels_never_overlap_and_stay_inside(first):
    count = make_irv(first)
    assert_apart(parse(charts.flow(count)))
    for n in range(1, len(count["rounds"]) + 1):
        assert_apart(parse(charts.bars(count, n)))


def test_labels_of_the_stv_example_are_apart():
    assert_apart(parse(charts.flow(SAMPLES["stv"], 4)))


def test_bands_leave_and_arrive_inside_their_boxes():
    root = parse(charts.flow(SAMPLES["stv"]))
    tops = [
        (float(r.get("y")), float(r.get("y")) + float(r.get("height")))
        for r in root.iter("rect")
        if "node" in r.get("class")
    ]
    for path in root.iter("path"):
        start = float(path.get("d").split("C")[0].split()[1])
        assert any(low - 0.2 <= start <= high + 0.2 for low, high in tops)


def test_rows_tell_what_came_and_who_leaves():
    rows = {row.name: row for row in charts.rows(SAMPLES["stv"], 4)}
    assert rows["Owen Prichard"].state == "wins" and rows["Owen Prichard"].came == Fraction("12.05048")
    assert rows["Leila Haddad"].state == "leaves" and rows["Leila Haddad"].gone
    assert rows["Grace Adeyemi"].state == "excluded" and rows["Grace Adeyemi"].since == 3
    assert [row.name for row in charts.rows(SAMPLES["stv"], 4)][:3] == SAMPLES["stv"]["winners"]


def test_irv_transfers_belong_to_the_next_round():
    rows = {row.name: row for row in charts.rows(SAMPLES["irv"], 2)}
    assert rows["A repair workshop"].came == 5
    assert not rows["Three guest rooms"].gone and rows["Three guest rooms"].state == "leaves"


def test_every_round_of_the_examples_adds_up():
    for name in ("stv", "irv"):
        totals = {charts.total(SAMPLES[name], step["n"]) for step in SAMPLES[name]["rounds"]}
        assert len(totals) == 1


def test_rounds_of_meek_say_who_is_elected_and_need_no_transfers():
    """Its rounds are standings: an option that leaves still holds its votes, and nothing is told of where they go."""
    asked = Question("Q", tuple(Option(f"o{n}", name) for n, name in enumerate(GIVEN[:5], 1)), 3)
    piles = {"o1 o3": 22, "o2 o4": 20, "o3": 9, "o4": 6, "o5 o3": 9}
    count = tally.count(asked, [(ranking(*o.split()), n) for o, n in piles.items()], {"method": "meek"}).as_json()
    assert [step["action"]["code"] for step in count["rounds"]] == ["first", "elect", "exclude", "elect"]
    captions = [charts.caption(count, n) for n in range(1, 5)]
    assert captions == [("First", "preferences"), ("Ana +1", "elected"), ("Emre", "excluded"), ("Chidi", "elected")]
    leaves = next(row for row in charts.rows(count, 3) if row.name == "Emre")
    assert (leaves.state, leaves.own, leaves.gone) == ("leaves", 9, False)
    assert [Fraction(charts.total(count, n)) for n in range(1, 5)] == [66] * 4
    words = "".join(parse(charts.flow(count)).itertext())
    assert "Ana +1" in words and "Chidi 23.49, elected" in words


def test_changes_are_written_like_the_count():
    assert charts.written(charts.change(SAMPLES["stv"], "Leila Haddad", 4), 5) == "−29.62620"
    assert charts.written(charts.change(SAMPLES["stv"], "exhausted", 4), 5) == "+3.26262"
    assert charts.written(Fraction(7, 3), 0) == "+7/3"


def test_the_motion_strip_has_the_share_and_the_mark():
    root = parse(charts.motion(SAMPLES["motion"]))
    share = next(r for r in root.iter("rect") if r.get("class") == "for")
    assert float(share.get("width")) == pytest.approx(720 * 197 / 285, abs=0.01)
    assert float(next(root.iter("line")).get("x1")) == 480
    assert "197 x 3 = 591" in root.find("desc").text


@pytest.mark.parametrize(
    ("rules", "share"),
    [
        ({"threshold": "> 1/2"}, Fraction(1, 2)),
        ({"threshold": "3/5"}, Fraction(3, 5)),
        ({}, None),
        ({"threshold": None}, None),
    ],
)
def test_the_threshold_is_read_from_the_rules(rules, share):
    assert charts.threshold({"rules": rules}) == share


@given(st.integers(-5, 500), st.integers(0, 300))
def test_a_share_is_never_outside_its_strip(part, whole):
    assert 0 <= float(percent(part, whole).rstrip("%")) <= 100


def test_a_meter_without_a_label_is_decoration_and_with_one_a_picture():
    assert parse(charts.meter(3, 10)).get("aria-hidden") == "true"
    assert parse(charts.turnout(3, 10, 5, "3 of 10")).get("aria-label") == "3 of 10"
    assert parse(charts.meter(30, 10)).find("rect").get("width") == "100%"


def test_names_are_escaped():
    count = make_irv([3, 2, 1])
    text = json.dumps(count).replace("Ana Osei", "<b>&'").replace("Bao Nguyen", 'x\\"y')
    root = parse(charts.flow(json.loads(text)))
    assert any("<b>&'" in "".join(t.itertext()) for t in root.iter("text"))


def test_surnames_get_an_initial_where_two_share_one():
    named = labels(["Amara Bartholomew Osei", "Jonas Osei", "Mireille Petit", "Keep the hall as it is"], 13)
    assert named["Amara Bartholomew Osei"] == "A. Osei" and named["Jonas Osei"] == "J. Osei"
    assert named["Mireille Petit"] == "Petit"
    assert named["Keep the hall as it is"] == short("Keep the hall as it is", 13) == "Keep the hal…"


def test_labels_are_cut_not_rounded():
    assert two_places("29.62999") == "29.62" and two_places("73.00000") == "73" and two_places("7/3") == "2.33"


def test_more_than_half_is_said_with_its_numbers_and_only_where_it_decided():
    count = SAMPLES["irv"]
    winner, last = count["winners"][0], count["rounds"][-1]
    held = Fraction(last["votes"][winner])
    whole = sum(Fraction(votes) for votes in last["votes"].values())
    assert whole % 2 == 0  # so the quota of whole votes is half and one, and nobody may read the whole out of it
    said = {**count, "rounds": [{**last, "quota": str(whole // 2 + 1)}]}
    assert charts.majority(said) == (str(held), str(whole))
    first = {"votes": {winner: str(2 * held)}}
    assert (
        charts.majority({**said, "rounds": [first, *said["rounds"]], "rules": {"threshold_base": "first-round"}})
        is None
    )
    assert charts.majority({**count, "rounds": [{**last, "quota": None}]}) is None
