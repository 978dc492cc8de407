"""One figure for each option: what a count without transfers comes to, for bars and tables; and which shape a Count has."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from deliberate.web.charts.rounds import Count, order
from deliberate.web.charts.svg import value

SHAPES = (("answers", "each"), ("budget", "budget"), ("matrix", "pairwise"), ("runoff", "star"))
PLACES = 5
LONG = 9
"""Characters from which a fraction is written as a decimal."""


@dataclass(frozen=True)
class Standing:
    """An option with its figure: ``own`` to draw, ``exact`` as the Count writes it (None: it has none), and whether it won."""

    name: str
    colour: str
    own: Fraction
    exact: str | None
    won: bool


def shape(count: Count) -> str:
    """How a Count is shown: ``motion``, ``each``, ``budget``, ``pairwise``, ``star``, ``committee``, ``totals`` (one figure
    for each option) or ``rounds`` (votes that move), by the facts that are in it."""
    if count["ruleset"] == "motion":
        return "motion"
    for fact, name in SHAPES:
        if fact in count:
            return name
    codes = {step["action"]["code"] for step in count["rounds"]}
    if "elect" in codes:
        return "committee"
    return "totals" if codes == {"count"} else "rounds"


def standing(count: Count) -> list[Standing]:
    """The options by their figures, the greatest first; of equal ones winners stand first, then the declared order."""
    figures = _figures(count)
    names = [item["name"] for item in count["options"] if item["name"] in figures]
    names.sort(key=lambda name: (-value(figures[name]), name not in count["winners"]))
    paint = {name: f"c{place % 7 + 1}" for place, name in enumerate(names)}
    return [
        Standing(name, paint[name], value(figures[name]), figures[name], name in count["winners"]) for name in names
    ]


def _figures(count: Count) -> dict[str, str | None]:
    """By name: a mean where the rules compare means, points where the matrix gives them, else the votes of the first round."""
    scores = count.get("scores", {})
    if count["rules"].get("measure") == "mean":
        return {name: told["mean"] for name, told in scores.items()}
    if "matrix" in count:
        return dict(scores)
    return dict(count["rounds"][0]["votes"]) if count["rounds"] else {}


def duels(count: Count) -> dict[str, tuple[int, int, int]]:
    """Of a matrix: how many other options each one beats, draws with and loses to."""
    matrix = count["matrix"]
    found = {}
    for name, row in matrix.items():
        signs = [value(votes) - value(matrix[other][name]) for other, votes in row.items()]
        found[name] = (sum(s > 0 for s in signs), sum(s == 0 for s in signs), sum(s < 0 for s in signs))
    return found


def finalists(count: Count) -> list[Standing]:
    """The two of a run-off after scores, the winner's votes first."""
    paint = {row.name: row.colour for row in standing(count)}
    votes = count["runoff"]["votes"]
    names = sorted(votes, key=lambda name: (-value(votes[name]), name not in count["winners"]))
    return [Standing(name, paint[name], value(votes[name]), votes[name], name in count["winners"]) for name in names]


def brief(text: str) -> str:
    """A number of a Count short enough for a line: whole numbers, decimals and short fractions as they are, a long
    fraction with five decimals, rounded half even.

    >>> brief("115/2"), brief("1000000/3000001"), brief("600.00000")
    ('115/2', '0.33333', '600.00000')
    """
    if "/" not in text or len(text) < LONG:
        return text
    scaled = round(value(text) * 10**PLACES)
    return f"{'-' if scaled < 0 else ''}{abs(scaled) // 10**PLACES}.{abs(scaled) % 10**PLACES:0{PLACES}d}"


def filled(count: Count) -> list[tuple[int, list[str], str, str, str]]:
    """How a committee was filled: round, who was elected, the code of the figure that decided, the figure, the sentence.

    Codes: ``gain`` and ``committee`` (points of proportional approval), ``load``, ``each`` (what each vote pays),
    ``waits`` (how much more each vote was given), or "" where nothing had to decide.
    """
    found = []
    for step in count["rounds"]:
        first = next(iter(step["elected"]), "")
        code, figure = "", ""
        for code_, told in (
            ("committee", step.get("scores", {}).get("committee")),
            ("gain", step.get("scores", {}).get(first)),
            ("load", step.get("loads", {}).get(first)),
            ("each", step.get("payments", {}).get("each")),
            ("waits", step.get("waits", {}).get(first)),
        ):
            if told is not None:
                code, figure = code_, told
                break
        found.append((step["n"], list(step["elected"]), code, figure, step["action"]["says"]))
    return found


def projects(count: Count) -> list[dict[str, object]]:
    """The projects of a budget: those that are paid for in their order, then the others, the most votes first.

    Each with ``name``, ``cost``, ``votes``, ``round`` (when it was funded; else None), ``left`` (after it) and ``colour``.
    """
    costs = {item["name"]: count["rules"]["costs"].get(item["id"], 0) for item in count["options"]}
    rounds = count["rounds"]
    votes = rounds[0]["votes"] if rounds else {}
    when = {name: step for step in rounds for name in step["elected"]}
    names = order(count)
    names.sort(
        key=lambda name: (name not in count["winners"], 0 if name in count["winners"] else -value(votes.get(name)))
    )
    return [
        {
            "name": name,
            "cost": costs[name],
            "votes": votes.get(name, "0"),
            "round": when[name]["n"] if name in when else None,
            "left": when[name].get("left") if name in when else None,
            "colour": f"c{place % 7 + 1}",
        }
        for place, name in enumerate(names)
    ]
