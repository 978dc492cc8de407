"""The money of a budget as one strip: what each project takes, numbered as in the table, and what is left."""

from __future__ import annotations

from fractions import Fraction

from markupsafe import Markup

from deliberate.core.sentences import mark
from deliberate.web.charts.rounds import Count
from deliberate.web.charts.svg import length, picture, tag
from deliberate.web.charts.totals import projects

WIDE, BAR = 720, 40
ROOM = 40
"""Width from which a part has its number under it."""


def money(count: Count) -> Markup:
    """The budget from nothing to its total."""
    total, left = count["budget"]["total"], count["budget"]["left"]
    inside = [tag("rect", class_="all", width=WIDE, height=BAR, rx=4)]
    x = Fraction(0)
    funded = [project for project in projects(count) if project["round"] is not None]
    for place, project in enumerate(funded, 1):
        wide = Fraction(str(project["cost"])) * WIDE / total if total else Fraction(0)
        inside.append(tag("rect", class_=f"own {project['colour']}", x=length(x), width=length(wide), height=BAR))
        if wide >= ROOM:
            inside.append(
                tag("text", str(place), class_="dim", x=length(x + wide / 2), y=BAR + 30, text_anchor="middle")
            )
        x += wide
    says = mark(
        "%(spent)s of %(total)s is spent, %(left)s is left.", spent=count["budget"]["spent"], total=total, left=left
    )
    return picture(mark("The money"), says, *inside, width=WIDE, height=BAR + 38, class_="chart money")
