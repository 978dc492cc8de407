"""Matching of two sequences: what stayed, in order. Deterministic, and bounded however long or hostile the input is."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence

STEPS = 160_000
"""Steps of search that one matching may take; what is not found by then counts as changed."""

DEPTH = 8

Pair = tuple[int, int]


def increasing(found: Sequence[int]) -> list[int]:
    """Positions of a longest strictly increasing subsequence.

    >>> increasing([4, 1, 2, 9, 3])
    [1, 2, 4]
    """
    ends: list[int] = []
    ends_at: list[int] = []
    before: list[int] = []
    for n, value in enumerate(found):
        at = bisect_left(ends, value)
        before.append(ends_at[at - 1] if at else -1)
        if at == len(ends):
            ends.append(value)
            ends_at.append(n)
        else:
            ends[at], ends_at[at] = value, n
    made: list[int] = []
    n = ends_at[-1] if ends_at else -1
    while n >= 0:
        made.append(n)
        n = before[n]
    return made[::-1]


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """Pairs (index in old, index in new) of equal items, rising on both sides.

    Common ends first, then items that stand once on both sides (patience diff, B. Cohen), then the fewest changes between
    those (E. Myers 1986), within a bound of steps.

    >>> matches("abcd", "xbcyd")
    [(1, 1), (2, 2), (3, 4)]
    """
    return _Search(old, new).between(0, len(old), 0, len(new), 0)


class _Search:
    def __init__(self, old: Sequence[Hashable], new: Sequence[Hashable]) -> None:
        self.old, self.new, self.steps = old, new, STEPS

    def between(self, a: int, b: int, c: int, d: int, depth: int) -> list[Pair]:
        """Matches of old[a:b] with new[c:d]."""
        old, new = self.old, self.new
        head: list[Pair] = []
        while a < b and c < d and old[a] == new[c]:
            head.append((a, c))
            a, c = a + 1, c + 1
        tail: list[Pair] = []
        while a < b and c < d and old[b - 1] == new[d - 1]:
            b, d = b - 1, d - 1
            tail.append((b, d))
        middle: list[Pair] = []
        if a < b and c < d:
            anchors = self.once(a, b, c, d) if depth < DEPTH else []
            if not anchors:
                middle = self.fewest(a, b, c, d)
            for i, j in [*anchors, (b, d)] if anchors else ():
                middle += self.between(a, i, c, j, depth + 1)
                if i < b:
                    middle.append((i, j))
                a, c = i + 1, j + 1
        return [*head, *middle, *tail[::-1]]

    def once(self, a: int, b: int, c: int, d: int) -> list[Pair]:
        """Items that stand once on both sides and keep their order."""
        one, other = Counter(self.old[a:b]), Counter(self.new[c:d])
        place = {self.new[j]: j for j in range(c, d)}
        found = [(i, place[self.old[i]]) for i in range(a, b) if one[self.old[i]] == 1 == other[self.old[i]]]
        return [found[n] for n in increasing([j for _, j in found])]

    def fewest(self, a: int, b: int, c: int, d: int) -> list[Pair]:
        """A path of fewest deletions and insertions; none when the steps run out."""
        old, new = self.old, self.new
        n, m = b - a, d - c
        far = {1: 0}
        trail: list[dict[int, int]] = []
        while True:  # a path of n + m steps always exists
            cost = len(trail)
            self.steps -= cost + 1
            if self.steps < 0:
                return []
            trail.append(dict(far))
            for k in range(-cost, cost + 1, 2):
                down = k == -cost or (k != cost and far.get(k - 1, -1) < far.get(k + 1, -1))
                x = far[k + 1] if down else far[k - 1] + 1
                while x < n and x - k < m and x - k >= 0 and old[a + x] == new[c + x - k]:
                    x += 1
                far[k] = x
                if x >= n and x - k >= m:
                    return [(a + i, c + j) for i, j in _back(trail, n, m)]


def _back(trail: Sequence[dict[int, int]], x: int, y: int) -> list[Pair]:
    """The matches on the path that the search took, in order."""
    found: list[Pair] = []
    for cost in range(len(trail) - 1, -1, -1):
        far = trail[cost]
        k = x - y
        down = k == -cost or (k != cost and far.get(k - 1, -1) < far.get(k + 1, -1))
        before = k + 1 if down else k - 1
        at = far[before] if cost else 0
        from_x, from_y = (at, at - before) if cost else (0, 0)
        begin_x = from_x + (0 if down else 1) if cost else 0
        while x > begin_x:
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = from_x, from_y
    return found[::-1]
