"""Counts of choice ballots: a motion (yes, no, abstain) and a plurality."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .ballots import Profile
from .canonical import number
from .counting import AwaitingLot, Counted, Poll, papers, round_
from .ties import WrongLot


def _sums(profile: Profile) -> tuple[list[Fraction], list[bool]]:
    """Votes of each option from ballots with exactly one mark, and which rows are such."""
    sums, valid = [0] * profile.options, []
    for row in profile.rows:
        valid.append(len(row.ranks) == 1)
        if valid[-1]:
            sums[row.ranks[0]] += row.papers * row.weight
    return [profile.votes(s) for s in sums], valid


def _test(name: str, left: Fraction, op: str, right: Fraction) -> dict[str, Any]:
    holds = left > right if op == ">" else left >= right
    return {"name": name, "left": str(left), "op": op, "right": str(right), "holds": holds}


def quorum_test(quorum: dict[str, Any], profile: Profile, roll: dict[str, Any]) -> dict[str, Any]:
    """Participation >= a number, or participation x q >= p x roll: every paper takes part, blank and spoilt ones too."""
    by = quorum["by"]
    if by == "heads":
        have = Fraction(sum(row.papers for row in profile.rows))
    else:
        have = profile.votes(sum(row.papers * row.weight for row in profile.rows))
    if "number" in quorum:
        return _test("quorum", have, ">=", Fraction(quorum["number"]))
    share, whole = Fraction(quorum["fraction"]), Fraction(roll["heads"]) if by == "heads" else number(roll["weight"])
    return _test("quorum", have * share.denominator, ">=", whole * share.numerator)


def motion(profile: Profile, poll: Poll) -> Counted:
    """Yes against a share of a base (votes, votes and abstentions, present, roll), with quorum and least yes votes."""
    rules = poll.rules
    (yes, no, abstain), valid = _sums(profile)
    base = {"votes": yes + no, "votes+abstentions": yes + no + abstain}.get(rules["basis"])
    if base is None:
        base = number(rules[rules["basis"]]["weight"])
    share = Fraction(rules["threshold"])
    tests = []
    if rules["quorum"] is not None:
        tests.append(quorum_test(rules["quorum"], profile, rules["roll"]))
    tests.append(_test("majority", yes * share.denominator, ">" if rules["strict"] else ">=", base * share.numerator))
    least = number(rules["min_yes"])
    if least:
        tests.append(_test("min_yes", yes, ">=", least))
    made = Counted(papers(profile, valid), tests=tests)
    held = {test["name"]: test["holds"] for test in tests}
    if not held.get("quorum", True):
        made.outcome = "no quorum"
    elif all(held.values()) and yes != 0:
        made.outcome = "carried"
    elif yes == no and rules["tie"] == "casting" and _only_one_vote_short(rules, held):
        made.outcome = _casting(made, poll)
    else:
        made.outcome = "lost"
    made.winners = [poll.names[0]] if made.outcome == "carried" else []
    votes = dict(zip(poll.names, map(str, (yes, no, abstain)), strict=True))
    heads = {name: sum(row.papers for row in profile.rows if row.ranks == (i,)) for i, name in enumerate(poll.names)}
    weighed = {"heads": heads} if any(row.weight != profile.scale for row in profile.rows) else {}
    made.rounds = [round_(1, votes, "count", elected=made.winners, tie=0 if made.ties else None, **weighed)]
    return made


def _only_one_vote_short(rules: dict[str, Any], held: dict[str, bool]) -> bool:
    """Whether one more vote would decide: a simple majority of the votes, and every other test holds."""
    simple = Fraction(rules["threshold"]) == Fraction(1, 2) and rules["basis"] == "votes"
    return simple and all(holds for name, holds in held.items() if name != "majority")


def _casting(made: Counted, poll: Poll) -> str:
    """The outcome by the chair's casting vote, which is recorded as a lot; ``tie`` without one. Raises WrongLot."""
    tied = poll.names[:2]
    chosen = None
    if poll.lots:
        lot = poll.lots[0]
        if (lot["round"], lot["purpose"], sorted(lot["tied"])) != (1, "casting", sorted(tied)) or lot["chosen"] not in tied:
            raise WrongLot("the casting vote does not fit the tie of the motion")
        chosen = lot["chosen"]
        made.lots = [dict(lot)]
    made.ties = [{"round": 1, "purpose": "casting", "tied": tied, "policy": "casting", "chosen": chosen}]
    return "tie" if chosen is None else "carried" if chosen == tied[0] else "lost"


def plurality(profile: Profile, poll: Poll) -> Counted:
    """The options with the most votes; a tie that touches the last seat is settled by the tie rules."""
    votes, valid = _sums(profile)
    made, ties = Counted(papers(profile, valid)), poll.ties()
    ties.history = []
    left = list(range(profile.options))
    elected: list[int] = []
    try:
        if profile.options <= poll.seats:
            elected = left
        elif not made.input["valid"]:
            made.outcome = "no valid ballots"
        else:
            while left and len(elected) < poll.seats:
                best = max(votes[i] for i in left)
                tied = [i for i in left if votes[i] == best]
                if len(tied) <= poll.seats - len(elected):
                    elected += tied
                else:
                    elected.append(ties.choose(1, "elect", tied))
                left = [i for i in left if i not in elected]
    except AwaitingLot:
        made.outcome = "awaiting lot"
    made.winners = [poll.names[i] for i in elected]
    made.ties, made.lots = ties.made, ties.used
    made.rounds = [round_(1, dict(zip(poll.names, map(str, votes), strict=True)), "count", elected=made.winners,
                          tie=0 if ties.made else None)]
    return made
