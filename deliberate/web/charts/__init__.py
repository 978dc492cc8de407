"""Pictures as pure functions: a Count (docs/reference/count.md) or numbers in, an SVG string out."""

from deliberate.web.charts.flow import caption, flow
from deliberate.web.charts.meters import meter, split, track, turnout
from deliberate.web.charts.pictures import bars, majority, motion, sides, threshold
from deliberate.web.charts.rounds import change, colours, order, places, rows, scale, since, total, written
from deliberate.web.charts.svg import two_places

__all__ = [
    "bars",
    "caption",
    "change",
    "colours",
    "flow",
    "majority",
    "meter",
    "motion",
    "order",
    "places",
    "rows",
    "scale",
    "sides",
    "since",
    "split",
    "threshold",
    "total",
    "track",
    "turnout",
    "two_places",
    "written",
]
