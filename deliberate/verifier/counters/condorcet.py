"""Schulze, minimax, Copeland and Borda: one round, decided by how many rank each option above each other one."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise as steps_of
from typing import Any

from ..ballots import SKIPPED, Profile
from ..counting import Counted, Counter, Poll, papers
from ..schema import SHARE, TIES, among, matching, text
from .pairs import PAIRWISE, STRENGTHS, Pairs, pairwise, read
from .seats import one_round, ranked_by

NONE: tuple[Fraction, ...] = ()
"""The strength of no path; it is below every other."""


def schulze(profile: Profile, poll: Poll) -> Counted:
    """The option wins whose strongest path to every other is at least as strong as the path back."""
    return pairwise(profile, poll, _by_paths)


def _by_paths(pairs: Pairs) -> list[list[int]]:
    everybody = list(range(pairs.n))
    best = {(a, b): pairs.strength(a, b) for a, b in pairs.majorities(everybody)}
    for k in everybody:
        for i in everybody:
            for j in everybody:
                if i != j and (way := min(best.get((i, k), NONE), best.get((k, j), NONE))) > best.get((i, j), NONE):
                    best[i, j] = way
    pairs.made.facts["paths"] = {pairs.name(a): {pairs.name(b): "a path" for b in everybody if (a, b) in best} for a in everybody}
    pairs.made.judged["paths"] = lambda found: _paths_hold(pairs, best, found)
    order, left = [], everybody
    while left:
        level = [a for a in left if all(best.get((a, b), NONE) >= best.get((b, a), NONE) for b in left if b != a)]
        order.append(level)
        left = [a for a in left if a not in level]
    return order


def _paths_hold(pairs: Pairs, best: dict[tuple[int, int], tuple[Fraction, ...]], found: Any) -> bool:
    """Whether these are strongest paths: where several are, any of them may be named."""
    place = {pairs.name(i): i for i in range(pairs.n)}
    if {(place[a], place[b]) for a in found for b in found[a]} != best.keys() or found.keys() != place.keys():
        return False
    for (a, b), strength in best.items():
        one = found[pairs.name(a)][pairs.name(b)]
        path = [place[name] for name in one["path"]]
        steps = list(steps_of(path))
        link = (place[one["link"][0]], place[one["link"][1]])
        if one.keys() != {"strength", "path", "link"} or len(one["link"]) != 2 or (path[0], path[-1]) != (a, b):
            return False
        if link not in steps or not all(pairs.beats(*step) and pairs.strength(*step) >= strength for step in steps):
            return False
        if pairs.strength(*link) != strength or one["strength"] != pairs.written(*link):
            return False
    return True


def minimax(profile: Profile, poll: Poll) -> Counted:
    """The option wins whose worst defeat is the least."""
    rule = poll.rules["score"]

    def classes(pairs: Pairs) -> list[list[int]]:
        worst = []
        for a in range(pairs.n):
            against = [b for b in range(pairs.n) if b != a and (rule == "opposition" or pairs.beats(b, a))]
            worst.append(max((pairs.above[b][a] - (pairs.above[a][b] if rule == "margins" else 0) for b in against),
                             default=Fraction(0)))
        pairs.made.facts["scores"] = {pairs.name(a): str(score) for a, score in enumerate(worst)}
        return ranked_by(range(pairs.n), lambda a: -worst[a])
    return pairwise(profile, poll, classes)


def copeland(profile: Profile, poll: Poll) -> Counted:
    """A point for each victory, and what the rules say for each draw."""
    draw = Fraction(poll.rules["tie_worth"])

    def classes(pairs: Pairs) -> list[list[int]]:
        points = []
        for a in range(pairs.n):
            others = [b for b in range(pairs.n) if b != a]
            points.append(sum((Fraction(1) if pairs.beats(a, b) else draw for b in others if not pairs.beats(b, a)), Fraction(0)))
        pairs.made.facts["scores"] = {pairs.name(a): str(score) for a, score in enumerate(points)}
        return ranked_by(range(pairs.n), lambda a: points[a])
    return pairwise(profile, poll, classes)


def borda(profile: Profile, poll: Poll) -> Counted:
    """With n options n - 1 points for the first, none for the last; options at one rank share the average of their places."""
    valid = [any(rank != SKIPPED for rank in row.ranks) for row in profile.rows]
    made, n = Counted(papers(profile, valid)), profile.options
    points = [Fraction(0)] * n
    for row, ok in zip(profile.rows, valid, strict=True):
        groups, ahead = read(profile, row.ranks), 0
        rest = tuple(set(range(n)) - {o for group in groups for o in group})
        for group in groups + ([rest] if ok and rest and poll.rules["truncated"] == "average" else []):
            share = n - 1 - ahead - Fraction(len(group) - 1, 2)  # of places ahead + 1 to ahead + len(group)
            for option in group:
                points[option] += share * profile.votes(row.papers * row.weight)
            ahead += len(group)
    order = ranked_by(range(n), lambda i: points[i])
    made.facts |= {"scores": dict(zip(poll.names, map(str, points), strict=True)), "order": [[poll.names[i] for i in level] for level in order]}
    nobody = "" if made.input["valid"] or n <= poll.seats else "no valid ballots"
    return one_round(made, poll, points, list(range(n)), lambda i: points[i], nobody, given=str(sum(points)))


COUNTERS = {
    "schulze": Counter(schulze, "ranking", {**PAIRWISE, "strength": among(*STRENGTHS)}),
    "minimax": Counter(minimax, "ranking", {**PAIRWISE, "score": among("winning-votes", "margins", "opposition")}),
    "copeland": Counter(copeland, "ranking", {**PAIRWISE, "tie_worth": matching(SHARE)}),
    "borda": Counter(borda, "ranking", {"seed": text, "ties": TIES, "truncated": among("zero", "average")})}
