"""The counters, one module for each family of methods. Each stands alone beside what all counts share (``counting.py``,
``ties.py``, ``ballots.py``): to check one poll, only its own need be read."""

from __future__ import annotations

from ..counting import Counter
from . import (
    budget,
    choice,
    committee,
    condorcet,
    ers97,
    hybrid,
    irv,
    marks,
    meek,
    policy,
    ranked_pairs,
    scottish,
    shares,
    wigm,
)

COUNTERS: dict[str, Counter] = {
    **choice.COUNTERS, **irv.COUNTERS, **scottish.COUNTERS,
    **condorcet.COUNTERS, **ranked_pairs.COUNTERS, **policy.COUNTERS, **hybrid.COUNTERS, **marks.COUNTERS,
    **wigm.COUNTERS, **meek.COUNTERS, **ers97.COUNTERS,
    **committee.COUNTERS, **shares.COUNTERS, **budget.COUNTERS}
"""Every method that is counted again, by its name."""
