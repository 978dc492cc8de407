"""Counts of marks: approval, limited and block votes, and points to give away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from ..ballots import Paper, Profile
from ..counting import Counted, Counter, Poll, papers
from ..schema import SHARE, TIES, either, flag, matching, text, whole
from .seats import one_round, sums


def _once(profile: Profile) -> Profile:
    """An option that is marked twice counts once."""
    rows = [Paper(tuple(dict.fromkeys(row.ranks)), row.papers, row.weight) for row in profile.rows]
    return replace(profile, rows=rows)


def approval(profile: Profile, poll: Poll) -> Counted:
    """The options with the most marks, of those with the least share of the ballots that the rules may ask for."""
    profile, least = _once(profile), poll.rules["min_support"]
    valid = [bool(row.ranks) for row in profile.rows]
    made, votes = Counted(papers(profile, valid)), sums(profile, valid)
    eligible = list(range(profile.options))
    if least is not None:
        base, strict = Fraction(made.input["weight"]) * Fraction(least).numerator, poll.rules["strict"]
        for i, name in enumerate(poll.names):
            have = votes[i] * Fraction(least).denominator
            made.tests.append({"name": f"min_support: {name}", "left": str(have), "op": ">" if strict else ">=", "right": str(base),
                               "holds": have > base if strict else have >= base})
        eligible = [i for i in eligible if made.tests[i]["holds"]]
    nobody = ""
    if not made.input["valid"] and (least is not None or profile.options > poll.seats):
        nobody = "no valid ballots"
    elif not eligible:
        nobody = "lost"
    return one_round(made, poll, votes, eligible, lambda i: votes[i], nobody, given=str(sum(votes)))


def _marks(profile: Profile, poll: Poll, fits: Callable[[tuple[int, ...]], bool]) -> Counted:
    """The options with the most marks, of ballots with as many marks as the rules allow."""
    valid = [bool(row.ranks) and fits(row.ranks) for row in profile.rows]
    made, votes = Counted(papers(profile, valid)), sums(profile, valid)
    nobody = "" if made.input["valid"] or profile.options <= poll.seats else "no valid ballots"
    return one_round(made, poll, votes, list(range(profile.options)), lambda i: votes[i], nobody, given=str(sum(votes)))


def limited(profile: Profile, poll: Poll) -> Counted:
    """Fewer marks than seats."""
    most = poll.rules["max_marks"]
    most = max(poll.seats - 1, 1) if most is None else most
    return _marks(_once(profile), poll, lambda marks: poll.rules["min_marks"] <= len(marks) <= most)


def block(profile: Profile, poll: Poll) -> Counted:
    """As many marks as seats."""
    return _marks(_once(profile), poll, lambda marks: poll.rules["min_marks"] <= len(marks) <= poll.seats)


def cumulative(profile: Profile, poll: Poll) -> Counted:
    """Each mark is a point; an option stands as often as it has points."""
    rules = poll.rules
    points = poll.seats if rules["points"] is None else rules["points"]
    most = profile.options if rules["max_marks"] is None else rules["max_marks"]
    return _marks(profile, poll, lambda marks: len(marks) <= points and rules["min_marks"] <= len(set(marks)) <= most)


ONE = {"seed": text, "ties": TIES}
COUNTERS = {
    "approval": Counter(approval, "choice", {**ONE, "min_support": either(matching(SHARE)), "strict": flag}),
    "limited": Counter(limited, "choice", {**ONE, "max_marks": either(whole), "min_marks": whole}),
    "block": Counter(block, "choice", {**ONE, "min_marks": whole}),
    "cumulative": Counter(cumulative, "choice", {**ONE, "points": either(whole), "max_marks": either(whole), "min_marks": whole})}
