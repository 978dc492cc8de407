"""Prefixes: rankings as a tree, so that Meek's rounds count what ballots have in common once.

Below an elected option a ballot goes on with what the option does not keep; so ballots that name the same elected options in the
same order, and then the same continuing one, share a path, and each node needs one multiplication however many papers pass it.
Excluded options have no nodes. The tree grows only where an option is elected or excluded.

Weights of papers and keep factors are whole numbers of 1/one, at most one, in int64 where one x one and one x all papers stay
below 2^63, and Python's own numbers elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from deliberate.core.tally.profile import ENDS, Profile

LEAF, OPEN, DEAD = 0, 1, 2
"""What a symbol of the rows is: continuing options keep all; an elected one lets something pass; an excluded one is not there."""


class Prefixes:
    """Papers by what stands before them. A symbol is an option's number, 0 for the end of a ballot, or the number of a shared rank.

    share: what an option keeps of a weight by its keep factor, for whole arrays. one: the weight of a paper; a whole number, or a
    fraction for exact numbers.
    """

    def __init__(self, profile: Profile, share: Callable[[Any, Any], Any], one: Any) -> None:
        self.profile, self.share, self.one = profile, share, one
        fits = isinstance(one, int) and one * max(one, profile.total) < 2**63
        self.kind: Any = np.int64 if fits else object
        self.members: dict[int, tuple[int, ...]] = {n: (n,) for n in range(1, profile.options + 1)}
        self.members |= dict(enumerate(profile.shared, profile.options + 1 + len(ENDS)))
        self.width = max(self.members) + 1
        self.state = np.zeros(self.width, dtype=np.int8)
        self.elected: set[int] = set()
        self.excluded: set[int] = set()
        self.at = np.zeros(len(profile.rows), dtype=np.intp)
        self.under = np.zeros(len(profile.rows), dtype=np.int64)  # the node above the one at which a row rests
        self.parent, self.symbol, self.depth, self.papers = [0], [0], [0], [profile.total]
        self.child: dict[int, int] = {}
        self.resting: list[list[npt.NDArray[np.intp]]] = [[] for _ in range(self.width)]
        self._go(np.arange(len(profile.rows)))
        self._levels()

    def elect(self, options: Sequence[int]) -> None:
        """These options no longer keep all."""
        self.elected.update(options)
        for symbol in self._changed(OPEN):
            rows = self._leave(symbol)
            self.under[rows] = self._nodes(self.under[rows], symbol)
            self.at[rows] += 1
            self._go(rows)
        self._levels()

    def exclude(self, options: Sequence[int]) -> None:
        """Ballots pass over these options."""
        self.excluded.update(options)
        for symbol in self._changed(DEAD):
            rows = self._leave(symbol)
            for node in np.unique(self._nodes(self.under[rows], symbol)).tolist():
                self.papers[node] = 0
            self._go(rows)
        self._levels()

    def spread(self, keep: Sequence[Any]) -> tuple[list[Any], Any, Any]:
        """(votes by option number, what ends up with nobody, what equal shares lose to rounding), by keep factors of the options."""
        factors = np.array(keep, dtype=self.kind)
        votes = np.zeros(self.profile.options + 1, dtype=self.kind)
        left = np.zeros(len(self.parent), dtype=self.kind)
        left[0] = self.one
        lost: Any = 0
        for nodes, parents, symbols, papers, shared in self.levels:
            into = left[parents]
            given = self.share(into, factors[symbols])
            left[nodes] = into - given
            np.add.at(votes, symbols, given * papers)
            for some, above, held, options in shared:
                lost += self._split(some, left[above], held, options, (factors, votes, left))
        ended = sum((left[self.ends[0]] * self.ends[1]).tolist())
        return votes.tolist(), ended, lost

    def _split(self, nodes: Any, into: Any, papers: Any, options: list[int], state: tuple[Any, Any, Any]) -> Any:
        """Equal parts of a weight for the options of a rank; what each does not keep goes on. What cannot be parted is lost."""
        factors, votes, left = state
        part = into // len(options) if isinstance(self.one, int) else into / len(options)
        left[nodes] = 0
        for option in options:
            given = self.share(part, factors[option])
            left[nodes] += part - given
            votes[option] += (given * papers).sum()
        return sum(((into - part * len(options)) * papers).tolist())

    def _changed(self, to: int) -> list[int]:
        """Symbols that come to this state now."""
        found = []
        for symbol, members in self.members.items():
            live = [option for option in members if option not in self.excluded]
            state = DEAD if not live else OPEN if self.elected.intersection(live) else LEAF
            if state != self.state[symbol]:
                self.state[symbol] = state
                found.append(symbol)
        assert all(self.state[symbol] == to for symbol in found), "nobody leaves who was elected"
        return found

    def _leave(self, symbol: int) -> npt.NDArray[np.intp]:
        parts, self.resting[symbol] = self.resting[symbol], []
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)

    def _nodes(self, above: npt.NDArray[np.int64], symbol: int) -> npt.NDArray[np.int64]:
        """The nodes of a symbol below these."""
        keys, inverse = np.unique(above * self.width + symbol, return_inverse=True)
        return np.array([self.child[key] for key in keys.tolist()], dtype=np.int64)[inverse]

    def _go(self, rows: npt.NDArray[np.intp]) -> None:
        """Send rows on from where they stand to their next continuing option, or to the end."""
        table, at = self.profile.rows, self.at
        while len(rows):
            stuck = rows
            while len(stuck):
                stuck = stuck[self.state[table[stuck, at[stuck]]] == DEAD]
                at[stuck] += 1
            here = table[rows, at[rows]].astype(np.int64)
            keys, inverse = np.unique(self.under[rows] * self.width + here, return_inverse=True)
            sums = np.bincount(inverse, weights=self.profile.papers[rows])  # whole numbers below 2^53
            nodes = np.array([self._node(key) for key in keys.tolist()], dtype=np.int64)
            for node, papers in zip(nodes.tolist(), sums.tolist(), strict=True):
                self.papers[node] += int(papers)
            rests = self.state[here] == LEAF
            for symbol in np.unique(here[rests]).tolist():
                self.resting[symbol].append(rows[rests & (here == symbol)])
            under, rows = nodes[inverse][~rests], rows[~rests]
            self.under[rows] = under
            at[rows] += 1

    def _node(self, key: int) -> int:
        if key not in self.child:
            self.child[key] = len(self.parent)
            above, symbol = divmod(key, self.width)
            self.parent.append(above)
            self.symbol.append(symbol)
            self.depth.append(self.depth[above] + 1)
            self.papers.append(0)
        return self.child[key]

    def _levels(self) -> None:
        """Nodes with papers, by depth: what :meth:`spread` runs through."""
        depth, symbol = np.array(self.depth), np.array(self.symbol)
        papers, parent = np.array(self.papers, dtype=np.int64), np.array(self.parent)
        there = papers > 0
        ended = np.flatnonzero(there & (symbol == 0) & (depth > 0))
        self.ends = (parent[ended], papers[ended].astype(self.kind))
        self.levels = []
        plain = symbol <= self.profile.options
        for level in range(1, int(depth.max()) + 1):
            nodes = np.flatnonzero(there & (depth == level) & (symbol > 0))
            single, several = nodes[plain[nodes]], nodes[~plain[nodes]]
            shared = []
            for one in np.unique(symbol[several]).tolist():
                some = several[symbol[several] == one]
                options = [option for option in self.members[one] if option not in self.excluded]
                shared.append((some, parent[some], papers[some].astype(self.kind), options))
            self.levels.append((single, parent[single], symbol[single], papers[single].astype(self.kind), shared))
