"""Pictures as pure functions: a Count (docs/reference/count.md) or numbers in, an SVG string out. Each has its table beside it."""

from deliberate.web.charts.meters import meter, split, track, turnout

__all__ = ["meter", "split", "track", "turnout"]
