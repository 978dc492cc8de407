"""A result page for every family of methods, from the Count alone: complete, with a table for every picture, no inline style."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from deliberate.core import tally
from deliberate.core.ballot import choice, each, ranking, score
from deliberate.core.tally import METHODS, Option, Question
from deliberate.web import charts, examples
from tests.web.rendering import environment, make_request, read

__all__ = ["environment"]

PAGE = (
    '{% from "results/_count.jinja2" import sentence, sums, whole, badge with context %}'
    "{{ badge(count) }}{{ sentence(count) }}{{ sums(count) }}{{ whole(count, 1, link) }}"
)
A, B, C = (Option(key, name) for key, name in (("a", "Ada & Co"), ("b", "Bea"), ("c", "Cy")))
MARKS = {
    "ranking": [ranking("a", "b", "c"), ranking("b", "c", "a"), ranking("c", "a", "b"), ranking()],
    "choice": [choice("a"), choice("b", "c"), choice("c"), choice()],
    "score": [score(a=5, b=1), score(b=5, c=5), score(c=1)],
    "each": [each(a="yes", b="no"), each(b="yes", c="abstain"), each()],
}
ELECTIONS = {
    "usual": ((A, B, C), (5, 4, 3, 1)),
    "nobody": ((A, B, C), ()),
    "one paper": ((A, B, C), (1,)),
    "all tied": ((A, B, C), (2, 2, 2)),
    "one option": ((A,), (3,)),
}


def shown(environment, count, link=None) -> str:
    """What stands on a page of this Count, read from its JSON as the page does."""
    plain = json.loads(json.dumps(count))
    return environment.from_string(PAGE).render(request=make_request(), count=plain, link=link)


def counted(name: str, election: str, seats: int = 1, **over) -> dict:
    method = METHODS[name]
    options, times = ELECTIONS[election]
    if name == "motion":
        options = (Option("a", "Yes"), Option("b", "No"), Option("c", "Abstain"))
    known = {option.id for option in options}
    marks = [b for b in MARKS[method.ballot] if set(re.findall(r'"([abc])"', json.dumps(b))) <= known]
    given = {"costs": {option.id: 40 for option in options}, "budget": 100} if "budget" in method.options else {}
    rules = {"method": name, **given, **over}
    return tally.count(Question("Who?", options, seats), list(zip(marks, times, strict=False)), rules).as_json()


@pytest.mark.parametrize(
    ("name", "election"),
    [(name, one) for name in sorted(METHODS) for one in ELECTIONS if (name, one) != ("motion", "one option")],
)
def test_every_method_has_a_page_whatever_was_cast(environment, name, election):
    for seats in (1, 2) if METHODS[name].winners in ("seats", "committee") else (1,):
        html = shown(environment, counted(name, election, seats))
        found = read(html)
        assert found.refused == [] and len(found.ids) == len(set(found.ids)) and set(found.refs) <= set(found.ids)
        assert "None" not in html
        pictures = html.count("<svg") - html.count('aria-hidden="true"')
        assert html.count("<table") >= (1 if name != "motion" and (pictures > 0 or 'class="bars"' in html) else 0)


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"motion"}))
def test_whoever_wins_is_named_and_every_option_stands_in_a_table(environment, name):
    count = examples.counted(name, ties="declared")
    html = shown(environment, count)
    assert all(winner in html for winner in count["winners"])
    tables = " ".join(re.findall(r"<table.*?</table>", html, re.S))
    assert all(option["name"] in tables for option in count["options"])


def test_a_quota_is_told_only_where_there_is_one(environment):
    html = shown(environment, examples.counted("approval"))
    assert "quota" not in html and "<b>Lift renewal and Solar on flat roofs</b>" in html
    assert "are elected by the method “Every option you accept”, from 186 valid ballots." in html


def test_the_matrix_says_in_words_what_its_shades_say(environment):
    count = examples.counted("schulze")
    html = shown(environment, count)
    cells = re.findall(
        r'<td class="(more|less|level) v([1-5])( in)?"><b>(\d+)</b><small>(beats|loses to|level with) (\d+)<', html
    )
    assert len(cells) == 12
    for kind, step, _inside, votes, word, other in cells:
        assert {"beats": "more", "loses to": "less", "level with": "level"}[word] == kind
        ahead = int(votes) - int(other)
        assert kind == ("more" if ahead > 0 else "less" if ahead < 0 else "level")
        assert int(step) == min(5, max(1, -(-abs(ahead) * 5 // 186)))
    assert sum(inside == " in" for _, _, inside, *_ in cells) == 6  # three in the Smith set
    assert "The Smith set: Roof repairs, Lift renewal, Solar on flat roofs." in html


def test_the_strongest_chains_tell_why_the_winner_stays_ahead(environment):
    count = examples.counted("schulze")
    html = shown(environment, count)
    first = count["winners"][0]
    [rival] = charts.rivals(count)
    assert f"{first} against {rival}" in html
    there, back = charts.chain(count, first, rival), charts.chain(count, rival, first)
    assert f"From {first} to {rival}: strength <b>{there['strength']}</b>" in html
    assert Fraction(there["strength"]) > Fraction(back["strength"])
    assert [link[2] for link in there["links"] if link[3]] == [there["strength"]]
    assert all(
        cell is None or cell[1] == (Fraction(cell[0]) > 0 and cell[1])
        for _, row in charts.strengths(count)
        for cell in row
    )


@pytest.mark.parametrize("rule", ["winning-votes", "margins", "ratio", "tuple"])
def test_of_two_chains_one_is_the_stronger_under_every_strength(rule):
    count = examples.counted("schulze", strength=rule)
    table = dict(charts.strengths(count))
    names = list(table)
    order = [name for level in count["order"] for name in level]
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            if i != j:
                assert table[a][j][1] == (order.index(a) < order.index(b)), (a, b)


def test_the_circle_of_three_is_drawn_with_its_figures():
    root = ElementTree.fromstring(str(charts.circle(examples.counted("schulze"))))
    words = "".join(root.itertext())
    assert "Roof repairs beats Lift renewal" in words and len(list(root.iter("rect"))) == 3
    assert [rect.get("class") for rect in root.iter("rect")].count("won") == 1
    assert charts.circle(counted("schulze", "one paper")) is None


def test_majorities_that_were_left_out_say_why(environment):
    html = shown(environment, examples.counted("ranked-pairs"))
    assert "<b>left out</b>: Lift renewal &gt; Solar on flat roofs &gt; Roof repairs is locked" in html


def test_a_large_matrix_is_cut_and_says_so(environment):
    options = tuple(Option(f"o{n}", f"Option {n}") for n in range(30))
    ballots = [(ranking(*(option.id for option in options)), 3), (ranking("o29", "o3"), 1)]
    count = tally.count(Question("Which?", options), ballots, {"method": "minimax"}).as_json()
    html = shown(environment, count)
    assert "The first 20 of 30 options are shown" in html and html.count('class="self"') == 20
    assert charts.ranked(count)[0] == "Option 0"


def test_scores_are_added_or_averaged(environment):
    by_sum, by_mean = examples.counted("score"), examples.counted("score", measure="mean", unscored="ignore")
    assert [row.exact for row in charts.standing(by_sum)] == [
        by_sum["scores"][r.name]["sum"] for r in charts.standing(by_sum)
    ]
    assert [row.exact for row in charts.standing(by_mean)] == [
        by_mean["scores"][r.name]["mean"] for r in charts.standing(by_mean)
    ]
    owns = [row.own for row in charts.standing(by_mean)]
    assert owns == sorted(owns, reverse=True)
    assert "Scored by" in shown(environment, by_mean)


def test_star_shows_scores_and_then_the_run_off(environment):
    count = examples.counted("star")
    html = shown(environment, count)
    assert html.index("The scores") < html.index('id="run-off-h"')
    for name, votes in count["runoff"]["votes"].items():
        assert re.search(
            rf'<th scope="row" role="rowheader">{name}</th><td role="cell" data-h="Votes" class="n">{votes}<', html
        )
    assert f">{count['runoff']['no_preference']}<" in html


def test_a_committee_says_round_by_round_what_decided(environment):
    for name, words in (
        ("seq-pav", "gain of points"),
        ("pav", "points of the committee"),
        ("seq-phragmen", "load of each vote"),
        ("equal-shares", "paid by each vote"),
    ):
        count = examples.counted(name)
        html = shown(environment, count)
        assert words in html, name
        assert all(step["action"]["says"].replace("'", "&#39;") in html for step in count["rounds"])


def test_other_committees_are_listed(environment):
    html = shown(
        environment,
        examples.counted("seq-pav", all_committees=10)
        | {"committees": [["Ada & Co", "Bea"], ["Cy", "Bea"]], "committees_more": True},
    )
    assert "2 committees could be elected" in html and "Ada &amp; Co, Bea" in html and "There may be more." in html


def test_the_money_is_drawn_to_scale_and_adds_up(environment):
    count = examples.counted("budget-greedy")
    root = ElementTree.fromstring(str(charts.money(count)))
    parts = [float(rect.get("width")) for rect in root.iter("rect") if (rect.get("class") or "").startswith("own")]
    spent = count["budget"]["spent"]
    assert sum(parts) == pytest.approx(720 * spent / count["budget"]["total"], abs=0.1)
    projects = charts.projects(count)
    assert sum(p["cost"] for p in projects if p["round"]) == spent
    html = shown(environment, count)
    assert f"projects are paid for</b> by the method “Projects by votes, while the money lasts”: {spent} of 800" in html
    assert "Not paid for" in html and "Left after it" in html


def test_both_majorities_are_shown_where_both_are_needed(environment):
    question = Question("That we go", (Option("a", "Yes"), Option("b", "No"), Option("c", "Abstain")))
    ballots = [(choice("a"), "5/2"), (choice("b"), 1), (choice("b"), 1)]
    count = tally.count(question, ballots, {"method": "motion", "double": True}).as_json()
    html = shown(environment, count)
    assert "<b>Lost</b>: 5/2 for, 2 against" in html and html.index("By weight") < html.index(
        "Both majorities are needed."
    )
    assert html.count('class="bars"') == 2 and 'aria-label="The members"' in html
    plain = tally.count(question, ballots, {"method": "motion"}).as_json()
    assert shown(environment, plain).count('class="bars"') == 1


def test_answers_to_each_option_stand_with_what_the_rules_ask_for(environment):
    html = shown(environment, examples.counted("approval-each"))
    assert html.count('data-h="Holds"') == 4 and "The answers to each option" in html
    weighed = tally.count(Question("Who?", (A, B)), [(each(a="yes", b="no"), "1/2")], {"method": "approval-each"})
    assert "1/2 <small>(1)</small>" in shown(environment, weighed.as_json())


def test_a_policy_vote_says_when_nothing_is_carried(environment):
    count = counted("policy", "usual", default="Cy", quorum="100")
    html = shown(environment, count)
    assert count["winners"] == ["Cy"] and "the default option: none of the texts is carried" in html
    assert "100 is false: dropped" in html


def test_rounds_can_be_shown_where_a_round_has_no_address(environment):
    count = examples.counted("irv")
    html = shown(environment, count)
    assert "Step through the count" not in html and '<ol class="told">' in html and "Where the votes went" in html
    assert "Step through the count" in shown(environment, count, lambda n: f"?round={n}")


def test_long_fractions_are_told_as_decimals_with_the_exact_value():
    assert charts.brief("115/2") == "115/2" and charts.brief("1000000/3000001") == "0.33333"
    assert charts.brief("-1000000/3000001") == "-0.33333" and charts.brief("600.00000") == "600.00000"
