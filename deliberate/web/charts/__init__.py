"""Pictures as pure functions: a Count (docs/reference/count.md) or numbers in, an SVG string out."""

from deliberate.web.charts.flow import caption, flow
from deliberate.web.charts.meters import meter, split, track, turnout
from deliberate.web.charts.money import money
from deliberate.web.charts.pairs import MOST, chain, circle, heat, ranked, rivals, strengths
from deliberate.web.charts.pictures import bars, majority, motion, sides, threshold
from deliberate.web.charts.rounds import change, colours, order, places, rows, scale, since, total, written
from deliberate.web.charts.svg import two_places, value
from deliberate.web.charts.totals import brief, duels, filled, finalists, projects, shape, standing

__all__ = [
    "MOST",
    "bars",
    "brief",
    "caption",
    "chain",
    "change",
    "circle",
    "colours",
    "duels",
    "filled",
    "finalists",
    "flow",
    "heat",
    "majority",
    "meter",
    "money",
    "motion",
    "order",
    "places",
    "projects",
    "ranked",
    "rivals",
    "rows",
    "scale",
    "shape",
    "sides",
    "since",
    "split",
    "standing",
    "strengths",
    "threshold",
    "total",
    "track",
    "turnout",
    "two_places",
    "value",
    "written",
]
