"""What the tests of pairwise methods share: elections with every kind of ranking, and the definitions written out plainly."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations

from hypothesis import strategies as st

from deliberate.core import tally
from deliberate.core.ballot import ranking
from deliberate.core.tally import Option, Question

DECLARED = {"ties": ["declared"]}
PAIRWISE = ("schulze", "ranked-pairs", "minimax", "copeland", "smith-irv", "benham")
"""Methods that elect whoever beats every other."""


def question(*names, seats=1):
    return Question("A question", tuple(Option(f"o{n}", name) for n, name in enumerate(names, 1)), seats)


def asked(options, seats=1):
    return question(*(f"N{n}" for n in range(1, options + 1)), seats=seats)


def read(text):
    """Ballots from lines such as "3 A>B=C": (ballot, papers), letters for options o1, o2, ..."""
    made = []
    for line in text.split(","):
        papers, ranks = line.split()
        made.append(
            (ranking(*([f"o{ord(one) - 64}" for one in rank.split("=")] for rank in ranks.split(">"))), int(papers))
        )
    return made


def papers(pairs):
    return [(ballot, 1) for ballot, count in pairs for _ in range(count)]


def count(method, pairs, options, lots=(), seats=1, **rules):
    """Ballots (ballot, number of papers) counted among N1, N2, ..., or among the options of a question."""
    one = asked(options, seats) if isinstance(options, int) else options
    return tally.count(one, papers(pairs), {"method": method, **rules}, lots)


@st.composite
def elections(draw, least=1, most=5, ballots=9, strict=False, papers=3):
    """(options, [(ballot, papers)]): truncated, blank, with gaps, equal and repeated ranks unless strict."""
    options = draw(st.integers(least, most))
    ids = [f"o{n}" for n in range(1, options + 1)]
    orders = st.tuples(st.permutations(ids), st.integers(0, options)).map(
        lambda drawn: [[o] for o in drawn[0][: drawn[1]]]
    )
    rank = st.lists(st.sampled_from(ids), max_size=3, unique=True)
    loose = st.lists(rank, max_size=options + 1)
    one = orders if strict else st.one_of(orders, loose)
    drawn = draw(st.lists(st.tuples(one, st.integers(1, papers)), max_size=ballots))
    return options, [(ranking(*ranks), times) for ranks, times in drawn]


def places(ballot):
    """The best place of each option that a ballot ranks."""
    made = {}
    for place, rank in enumerate(ballot["ranks"]):
        for option in rank:
            made.setdefault(int(option[1:]) - 1, place)
    return made


def matrix(election, ignored=False):
    """N[a][b], from the definition."""
    options, ballots = election
    over = [[0] * options for _ in range(options)]
    for ballot, times in ballots:
        at = places(ballot)
        for a, b in permutations(range(options), 2):
            if a in at and b in at:
                over[a][b] += times * (at[a] < at[b])
            elif a in at and not ignored:
                over[a][b] += times
    return over


def beats(over):
    return {(a, b) for a, b in permutations(range(len(over)), 2) if over[a][b] > over[b][a]}


def smith(over):
    """The smallest set whose members beat all outside."""
    everybody = range(len(over))
    for size in range(1, len(over) + 1):
        for group in combinations(everybody, size):
            if all((a, b) in beats(over) for a in group for b in everybody if b not in group):
                return set(group)
    raise AssertionError


def schwartz(over):
    """All sets that nobody outside beats a member of, and that hold no smaller such set, together."""
    everybody = range(len(over))
    free = [
        set(group)
        for size in range(1, len(over) + 1)
        for group in combinations(everybody, size)
        if not any((b, a) in beats(over) for a in group for b in everybody if b not in group)
    ]
    return set().union(*(group for group in free if not any(other < group for other in free)))


def stronger(strength, won, lost, other_won, other_lost):
    """Whether one majority is stronger than another: Schulze (2018), 2.1, without fractions."""
    if strength == "winning-votes":
        return won > other_won
    if strength == "margins":
        return won - lost > other_won - other_lost
    if strength == "tuple":
        return won > other_won or (won == other_won and lost < other_lost)
    if lost == other_lost == 0:
        return won > other_won
    return won * other_lost > other_won * lost


def names(places):
    return [f"N{n + 1}" for n in sorted(places)]


def whole(text):
    return Fraction(text)
