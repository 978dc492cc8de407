"""Profiles: an array of ballots is grouped to what the same ballots give one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core.tally.profile import Profile


@st.composite
def arrays(draw):
    """Option numbers from 1, zeros at the end; wide ones take several words of 64 bits."""
    options = draw(st.sampled_from([1, 3, 40]))
    width = draw(st.integers(1, 25))
    some = st.lists(st.integers(1, options), max_size=width)
    rows = draw(st.lists(some, max_size=12))
    return options, np.array([row + [0] * (width - len(row)) for row in rows], dtype=np.int64).reshape(-1, width)


def same(one, other):
    """The rows of one profile and of another; trailing zeros say nothing."""

    def held(profile):
        return {tuple(int(n) for n in row if n): int(p) for row, p in zip(profile.rows, profile.papers, strict=True)}

    return held(one) == held(other) and len(held(one)) == len(one.rows)


@given(arrays(), st.data())
def test_grouping_an_array_is_merging_its_ballots(case, data):
    options, raw = case
    ballots = [[int(n) for n in row if n] for row in raw]
    assert same(Profile.group(raw, options), Profile.build([(one, 1) for one in ballots], options))
    papers = data.draw(st.lists(st.integers(1, 9), min_size=len(raw), max_size=len(raw)))
    heavy = Profile.group(raw, options, np.array(papers, dtype=np.int64))
    assert same(heavy, Profile.build(list(zip(ballots, papers, strict=True)), options))
    assert heavy.total == sum(papers)


def test_equal_rows_are_one_row_with_their_papers():
    raw = np.array([[2, 1, 0], [1, 0, 0], [2, 1, 0], [0, 0, 0]], dtype=np.int64)
    made = Profile.group(raw, 2)
    assert (made.rows.tolist(), made.papers.tolist()) == ([[0, 0, 0, 0], [1, 0, 0, 0], [2, 1, 0, 0]], [1, 1, 2])
    assert Profile.group(raw[:0], 2).total == 0
