"""Counts of choice ballots: a motion (yes, no, abstain) and a plurality."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..ballots import Profile
from ..canonical import number
from ..counting import Counted, Counter, Poll, papers, round_
from ..schema import SHARE, SIZED, TIES, Check, among, either, fields, flag, matching, text, whole
from ..ties import WrongLot
from .seats import one_round


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


def _share(name: str, part: Fraction, share: str, base: Fraction, op: str = ">=") -> dict[str, Any]:
    return _test(name, part * Fraction(share).denominator, op, base * Fraction(share).numerator)


def _size(sizes: dict[str, Any], by: str) -> Fraction:
    return Fraction(sizes["heads"]) if by == "heads" else number(sizes["weight"])


def _quorum(rules: dict[str, Any], profile: Profile) -> list[dict[str, Any]]:
    """Those present, those who took part, or both: a plain number of them, or a share of the roll. Every paper takes part,
    blank and spoilt ones too."""
    quorum = rules["quorum"]
    by, on = quorum["by"], quorum["on"]
    have = [("quorum_present", _size(rules["present"], by))] if on != "turnout" else []
    if on != "present":
        took = [Fraction(row.papers) if by == "heads" else profile.votes(row.papers * row.weight) for row in profile.rows]
        have.append(("quorum", sum(took, Fraction(0))))
    if "number" in quorum:
        return [_test(name, there, ">=", Fraction(quorum["number"])) for name, there in have]
    return [_share(name, there, quorum["fraction"], _size(rules["roll"], by)) for name, there in have]


def _tests(rules: dict[str, Any], profile: Profile, sides: dict[str, list[Fraction]]) -> list[dict[str, Any]]:
    """Quorum, majority (by heads too where both must hold), and the least numbers that the rules ask for."""
    tests = _quorum(rules, profile) if rules["quorum"] else []
    for by, name in [("weight", "majority")] + [("heads", "majority_heads")] * rules.get("double", False):
        yes, no, abstain = sides[by]
        base = {"votes": yes + no, "votes+abstentions": yes + no + abstain}.get(rules["basis"])
        base = _size(rules[rules["basis"]], by) if base is None else base
        tests.append(_share(name, yes, rules["threshold"], base, ">" if rules["strict"] else ">="))
    yes, no, abstain = sides["weight"]
    if least := number(rules["min_yes"]):
        tests.append(_test("min_yes", yes, ">=", least))
    if (share := rules.get("min_roll", "0")) != "0":
        tests.append(_share("min_roll", yes, share, _size(rules["roll"], "weight")))
    if (share := rules.get("non_negative", "0")) != "0":
        tests.append(_share("non_negative", yes + abstain, share, yes + no + abstain))
    return tests


def motion(profile: Profile, poll: Poll) -> Counted:
    """Yes against a share of a base (votes, votes and abstentions, present, roll), with quorum and other least numbers."""
    rules = poll.rules
    votes, valid = _sums(profile)
    heads = [sum(row.papers for row in profile.rows if row.ranks == (n,)) for n in range(3)]
    made = Counted(papers(profile, valid), outcome="lost")
    if rules.get("blank") == "abstain":
        votes[2] += profile.votes(sum(row.papers * row.weight for row in profile.rows if not row.ranks))
        heads[2] += made.input["blank"]
        made.input |= {"valid": made.input["valid"] + made.input["blank"], "blank": 0, "weight": str(sum(votes))}
    made.tests = _tests(rules, profile, {"weight": votes, "heads": [Fraction(n) for n in heads]})
    held = {test["name"]: test["holds"] for test in made.tests}
    if not (held.get("quorum", True) and held.get("quorum_present", True)):
        made.outcome = "no quorum"
    elif all(held.values()) and votes[0] != 0:
        made.outcome = "carried"
    elif votes[0] == votes[1] and rules["tie"] == "casting" and _only_one_vote_short(rules, held):
        made.outcome = _casting(made, poll)
    made.winners = [poll.names[0]] if made.outcome == "carried" else []
    weighed = any(row.weight != profile.scale for row in profile.rows)
    more = {"heads": dict(zip(poll.names, heads, strict=True))} if weighed else {}
    made.rounds = [round_(1, dict(zip(poll.names, map(str, votes), strict=True)), "count", elected=made.winners,
                          tie=0 if made.ties else None, **more)]
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
    made = Counted(papers(profile, valid))
    nobody = "" if made.input["valid"] or profile.options <= poll.seats else "no valid ballots"
    return one_round(made, poll, votes, list(range(profile.options)), lambda i: votes[i], nobody)


def gaps(defined: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Sizes of the roll and of those present that the rules of a motion need and do not state, or state otherwise."""
    rules, need = defined["rules"], "a number"
    if rules["roll"] is not None:
        size = {"heads": defined["roll"]["size"], "weight": defined["roll"]["weight"]}
        yield "The rules count another roll than the frozen one", size, rules["roll"]
    elif "fraction" in (rules["quorum"] or {}) or rules["basis"] == "roll" or rules.get("min_roll", "0") != "0":
        yield "The rules need the size of the roll and do not state it", need, None
    if rules["present"] is None and {rules["basis"], (rules["quorum"] or {}).get("on")} & {"present", "both"}:
        yield "The rules need the number present and do not state it", need, None


QUORUM_MUST: dict[str, Check] = {"by": among("heads", "weight"), "on": among("turnout", "present", "both")}
QUORUM_MAY: dict[str, Check] = {"fraction": matching(SHARE), "number": lambda v: whole(v) and v >= 1}  # one of the two
COUNTERS = {
    "motion": Counter(motion, "choice", {
        "basis": among("votes", "votes+abstentions", "present", "roll"), "min_yes": number, "present": either(SIZED),
        "quorum": either(lambda v: len(fields(v, QUORUM_MUST, QUORUM_MAY)) == 3), "roll": either(SIZED), "strict": flag,
        "threshold": matching(SHARE), "tie": among("falls", "casting")},
        later={"blank": among("spoilt", "abstain"), "counted": among("ballots", "hand"), "double": flag,
               "min_roll": matching(SHARE), "non_negative": matching(SHARE)}, gaps=gaps),
    "plurality": Counter(plurality, "choice", {"seed": text, "ties": TIES})}
