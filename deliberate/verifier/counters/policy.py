"""A vote on rival texts with a default option: quorum and majority of each text, then the weakest defeats are dropped."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..ballots import SKIPPED, Profile
from ..canonical import number
from ..counting import AwaitingLot, Counted, Counter, Poll, papers, round_
from ..schema import TIES, among, flag, positive, text
from .pairs import Pairs, Relation, top


def policy(profile: Profile, poll: Poll) -> Counted:
    """The one left wins; if the default option does, nothing is decided."""
    valid = [any(rank != SKIPPED for rank in row.ranks) for row in profile.rows]
    made = Counted(papers(profile, valid))
    pairs = Pairs(profile, poll, made)
    if profile.options > 1 and not made.input["valid"]:
        made.outcome = "no valid ballots"
        made.rounds = [round_(1, {}, "final")]
        return made
    default = poll.names.index(poll.rules["default"]) if poll.rules["default"] else profile.options - 1
    dropped = [i for i in range(profile.options) if i != default and not _passes(pairs, made, i, default)]
    if dropped:
        made.excluded = pairs.names(dropped)
        made.rounds.append(round_(1, {}, "exclude", excluded=made.excluded))
    left = [i for i in range(profile.options) if i not in dropped]
    defeats = pairs.majorities(left)
    level = top(left, defeats)
    while inside := {(a, b) for a, b in defeats if a in level and b in level}:
        weakest = _weakest(pairs, inside)
        defeats -= weakest
        made.rounds.append(round_(len(made.rounds) + 1, {}, "defeats", schwartz=pairs.names(level), dropped=[
            {"over": pairs.name(a), "under": pairs.name(b), "strength": f"{pairs.above[a][b]}:{pairs.above[b][a]}"}
            for a, b in sorted(weakest)]))
        level = top(left, defeats)
    _decide(pairs, made, level)
    return made


def _passes(pairs: Pairs, made: Counted, text_: int, default: int) -> bool:
    """The tests of one text: quorum where there is one, more votes above the default than below, and its ratio."""
    rules, above, below = pairs.poll.rules, pairs.above[text_][default], pairs.above[default][text_]
    ratio, quorum = number(rules["ratios"].get(pairs.name(text_), rules["ratio"])), number(rules["quorum"])
    tests: list[tuple[str, Fraction, str, Fraction]] = []
    if quorum:
        tests.append(("quorum", above, ">=", quorum))
    tests.append(("majority", above, ">", below))
    if ratio != 1:
        tests.append(("ratio", above * ratio.denominator, ">" if rules["strict"] else ">=", below * ratio.numerator))
    holds = [left > right if op == ">" else left >= right for _, left, op, right in tests]
    made.tests += [{"name": name, "left": str(left), "op": op, "right": str(right), "holds": held}
                   for (name, left, op, right), held in zip(tests, holds, strict=True)]
    return all(holds)


def _weakest(pairs: Pairs, defeats: Relation) -> Relation:
    """Fewest votes, then most against; all that are equally weak."""
    def strength(one: tuple[int, int]) -> tuple[Fraction, Fraction]:
        return pairs.above[one[0]][one[1]], -pairs.above[one[1]][one[0]]
    least = min(map(strength, defeats))
    return {one for one in defeats if strength(one) == least}


def _decide(pairs: Pairs, made: Counted, level: list[int]) -> None:
    """The last round: one is left, or the chair or the tie rules choose."""
    poll, n, ties = pairs.poll, len(made.rounds) + 1, pairs.poll.ties()
    over: dict[str, Any] = {"schwartz": pairs.names(level)}
    casting = poll.rules["tie"] == "casting"
    if casting:
        ties.policies = []
    try:
        won = level[0] if len(level) == 1 else ties.choose(n, "casting" if casting else "elect", level)
        made.winners = over["elected"] = [pairs.name(won)]
    except AwaitingLot:
        made.outcome = "tie" if casting else "awaiting lot"
    if ties.made:
        over["tie"] = 0
        ties.made[0] |= {"policy": "casting"} if casting else {}
    made.ties, made.lots = ties.made, ties.used
    made.rounds.append(round_(n, {}, "final", **over))


def _ratios(value: Any) -> bool:
    return isinstance(value, dict) and all(positive(ratio) for ratio in value.values())


COUNTERS = {"policy": Counter(policy, "ranking", {
    "seed": text, "ties": TIES, "default": text, "quorum": number, "ratio": positive, "ratios": _ratios, "strict": flag,
    "tie": among("policies", "casting")})}
