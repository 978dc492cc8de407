"""Pictures as pure functions: a Count (docs/reference/count.md) or numbers in, an SVG string out."""

from deliberate.web.charts.flow import caption, flow
from deliberate.web.charts.meters import meter, split, track, turnout
from deliberate.web.charts.pictures import bars, motion, sides, threshold
from deliberate.web.charts.rounds import change, colours, order, places, rows, scale, since, total, written

__all__ = [
    "bars",
    "caption",
    "change",
    "colours",
    "flow",
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
    "written",
]
