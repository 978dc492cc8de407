"""The pairwise matrix: its cells for a heat map that is a table, chains of wins, and the circle of three as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from deliberate.core.sentences import mark
from deliberate.web.charts.rounds import Count, order
from deliberate.web.charts.svg import picture, short, tag, two_places, value

MOST = 20
"""Options that a matrix on a page shows: the first of the result. The Count holds all."""
STEPS = 5
PLACES = {0: (150, 24), 1: (286, 224), 2: (14, 224)}
WIDE, HIGH = 160, 44


@dataclass(frozen=True)
class Cell:
    """One pair, seen from its row: ``kind`` is more, less or level, ``step`` 1 to 5 by how clear it is; ``inside``: both
    are in the Smith set."""

    votes: str
    other: str
    kind: str
    step: int
    inside: bool


def ranked(count: Count) -> list[str]:
    """Names in the order of the result; where the method gives no order, winners, the Smith set, then by pairs won."""
    if "order" in count:
        level = [name for one in count["order"] for name in one]
        return sorted(level, key=lambda name: name not in count["winners"])
    if any(step["transfers"] for step in count["rounds"]):
        return order(count)
    matrix = count["matrix"]
    won = {a: sum(value(votes) > value(matrix[b][a]) for b, votes in row.items()) for a, row in matrix.items()}
    names = [item["name"] for item in count["options"] if item["name"] in matrix]
    return sorted(names, key=lambda a: (a not in count["winners"], a not in count["smith"], -won[a]))


def heat(count: Count) -> list[tuple[str, list[Cell | None]]]:
    """The rows of the matrix, at most MOST of them, each with its cells; None where a row meets itself."""
    names = ranked(count)[:MOST]
    whole = value(count["input"]["weight"]) or Fraction(1)
    inside = set(count["smith"]) if len(count["smith"]) > 1 else set()
    matrix = count["matrix"]
    return [(a, [None if a == b else _cell(matrix, a, b, whole, {a, b} <= inside) for b in names]) for a in names]


def _cell(matrix: Mapping[str, Mapping[str, str]], a: str, b: str, whole: Fraction, inside: bool) -> Cell:
    votes, other = matrix[a][b], matrix[b][a]
    ahead = value(votes) - value(other)
    step = min(STEPS, max(1, -(-abs(ahead) * STEPS // whole)))
    return Cell(votes, other, "more" if ahead > 0 else "less" if ahead < 0 else "level", int(step), inside)


def rivals(count: Count) -> list[str]:
    """Those of the Smith set whom the winner does not beat one to one, so that chains had to decide; none without winner."""
    if not count["winners"]:
        return []
    first = count["winners"][0]
    matrix = count["matrix"]
    return [b for b in count["smith"] if b != first and value(matrix[first][b]) <= value(matrix[b][first])]


def chain(count: Count, a: str, b: str) -> dict[str, Any] | None:
    """The strongest chain of wins from one option to another: ``strength`` and ``links`` as (from, to, votes, whether it is
    the weakest); None where there is none."""
    found = count["paths"].get(a, {}).get(b)
    if found is None:
        return None
    names = found["path"]
    links = [(one, two, count["matrix"][one][two], [one, two] == list(found["link"])) for one, two in pairwise(names)]
    return {"strength": found["strength"], "links": links}


def strengths(count: Count) -> list[tuple[str, list[tuple[str, bool] | None]]]:
    """The table of strongest chains: by row the strength to each column and whether it is the stronger one of the two."""
    names, paths, rule = ranked(count)[:MOST], count["paths"], count["rules"]["strength"]

    def cell(a: str, b: str) -> tuple[str, bool] | None:
        if a == b:
            return None
        own, back = (paths.get(x, {}).get(y, {}).get("strength", "0") for x, y in ((a, b), (b, a)))
        return own, _size(own, rule) > _size(back, rule)

    return [(a, [cell(a, b) for b in names]) for a in names]


def _size(strength: str, rule: str) -> tuple[Fraction, Fraction]:
    """What a strength compares as: votes or a margin alone; of "24:21" the ratio, or the votes for and then fewer against."""
    own, _, against = strength.partition(":")
    if rule == "ratio" and against:
        return (value(own) / value(against), Fraction(0)) if value(against) else (Fraction(2**60), value(own))
    return value(own), -value(against or None)


def circle(count: Count) -> Markup | None:
    """Three options that beat each other in a circle, with their figures; None for any other Smith set."""
    three, matrix = list(count["smith"]), count["matrix"]
    if len(three) != 3:
        return None
    a, b, c = three
    if not value(matrix[a][b]) > value(matrix[b][a]):
        b, c = c, b
    ring = ((a, b), (b, c), (c, a))
    if not all(value(matrix[x][y]) > value(matrix[y][x]) for x, y in ring):
        return None
    while count["winners"] and count["winners"][0] in (b, c):
        a, b, c = b, c, a
        ring = ((a, b), (b, c), (c, a))
    told = [
        mark("%(one)s beats %(other)s %(votes)s to %(less)s", one=x, other=y, votes=matrix[x][y], less=matrix[y][x])
        for x, y in ring
    ]
    weakest = min(range(3), key=lambda n: value(matrix[ring[n][0]][ring[n][1]]))
    says = mark("%(first)s, %(second)s, %(third)s.", first=told[0], second=told[1], third=told[2])
    arrows = [
        tag("path", class_="strong" if n != weakest else None, d=d)
        for n, d in enumerate(
            ("M270 74L328 216m-11-9l11 9l2-14", "M276 246H184m13-8l-13 8l13 8", "M112 218L176 76m-12 8l12-8l2 14")
        )
    ]
    figures = [
        tag("text", f"{two_places(matrix[x][y])} : {two_places(matrix[y][x])}", x=px, y=py, text_anchor=anchor)
        for (x, y), (px, py, anchor) in zip(
            ring, ((312, 140, "start"), (230, 276, "middle"), (132, 140, "end")), strict=True
        )
    ]
    boxes = []
    for n, name in enumerate((a, b, c)):
        x, y = PLACES[n]
        boxes.append(
            tag("rect", class_="won" if name in count["winners"] else None, x=x, y=y, width=WIDE, height=HIGH, rx=8)
        )
        boxes.append(tag("text", short(name, 20), class_="nm", x=x + WIDE // 2, y=y + 27, text_anchor="middle"))
    return picture(mark("The circle of three"), says, *arrows, *boxes, *figures, width=460, height=290, class_="cycle")
