"""Preflight: what the chair should know before a poll opens, while everything can still be changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from deliberate.core import tally
from deliberate.core.ledger import canonical
from deliberate.core.sentences import joined, mark, mark_many
from deliberate.models import Poll
from deliberate.services import definitions
from deliberate.services.act import Act
from deliberate.services.results import UNIQUE_FROM

FEW = 10  # voters below which a result may betray people
SMALL_CLASS = 5  # members of one weight below which the weight may betray them


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. kind: pass, warn (may be opened) or fail (opening will be refused)."""

    kind: str
    name: str
    says: str


@dataclass(frozen=True)
class Preflight:
    """Roll and weight as they would be frozen now, and the checks."""

    size: int
    weight: Fraction
    checks: tuple[Check, ...]

    @property
    def ready(self) -> bool:
        return all(check.kind != "fail" for check in self.checks)


def look(act: Act, poll: Poll) -> Preflight:
    """Everything that can be known before the opening. Reads only."""
    weights = [line.weight for line in definitions.electorate(act.db, poll, act.now)]
    total = sum(weights, Fraction(0))
    found = [_roll(weights, total), *_secrecy(poll, weights), *_options(poll), *_quorum(poll, weights)]
    found += [*_times(act, poll), *_subject(poll)]
    whole = tally.METHODS[poll.method].whole_weights
    if whole and any(weight.denominator > 1 for weight in weights):
        found.append(Check("fail", "weights", mark("This method takes whole weights only, and the roll has others.")))
    return Preflight(len(weights), total, tuple(found))


def _roll(weights: list[Fraction], total: Fraction) -> Check:
    if not weights:
        return Check("fail", "roll", mark("Nobody is entitled to vote. Import the roll first."))
    many = mark_many("One member", "%(num)s members", len(weights))
    said = (
        mark("each with one vote")
        if set(weights) == {Fraction(1)}
        else mark("with %(total)s votes by weight", total=canonical.exact(total))
    )
    return Check("pass", "roll", mark("%(many)s, %(said)s, would be frozen on the roll.", many=many, said=said))


def _secrecy(poll: Poll, weights: list[Fraction]) -> list[Check]:
    if poll.mode == "open":
        return []
    found = []
    if 0 < len(weights) < FEW:
        found.append(
            Check(
                "warn",
                "secrecy",
                mark_many(
                    "With one voter a result shows how they voted, whoever counts it.",
                    "With %(num)s voters a result can show how people voted, whoever counts it.",
                    len(weights),
                ),
            )
        )
    few = sorted((weight, n) for weight, n in Counter(weights).items() if n < SMALL_CLASS and len(set(weights)) > 1)
    if few:
        said = joined(
            mark("%(n)s with weight %(weight)s", n=n, weight=canonical.exact(weight)) for weight, n in few[:5]
        )
        found.append(
            Check(
                "warn",
                "weights",
                mark(
                    "Ballots are published with their weight, and few share it: %(said)s. They could be recognised by it.",
                    said=said,
                ),
            )
        )
    if poll.ballot == "ranking" and len(poll.options) >= UNIQUE_FROM:
        found.append(
            Check(
                "warn",
                "rankings",
                mark(
                    "With %(options)s options some rankings will occur only once. "
                    "A voter who was told to use one of them could be recognised; you will see their number before you publish.",
                    options=len(poll.options),
                ),
            )
        )
    return found


def _options(poll: Poll) -> list[Check]:
    if poll.method == "motion":
        return [Check("pass", "options", mark("The answers are yes, no and abstain."))]
    seats = mark_many("one seat", "%(num)s seats", poll.seats)
    fit = mark_many("One option for %(seats)s.", "%(num)s options for %(seats)s.", len(poll.options), seats=seats)
    if len(poll.options) <= poll.seats:
        return [Check("warn", "options", mark("%(fit)s Nobody can lose.", fit=fit))]
    return [Check("pass", "options", fit)]


def _quorum(poll: Poll, weights: list[Fraction]) -> list[Check]:
    """A quorum that the whole roll could not reach would let nothing be decided."""
    quorum = poll.rules.get("quorum") or {}
    most = len(weights) if quorum.get("by") == "heads" else sum(weights, Fraction(0))
    if weights and quorum.get("number", 0) > most:
        said = mark(
            "The quorum is %(quorum)s, and the whole roll has %(most)s: nothing could be decided.",
            quorum=quorum["number"],
            most=canonical.exact(Fraction(most)),
        )
        return [Check("fail", "quorum", said)]
    return []


def _times(act: Act, poll: Poll) -> list[Check]:
    if poll.closes_at is None:
        return [Check("warn", "close", mark("No closing time is set: the poll stays open until the chair closes it."))]
    if poll.closes_at <= act.now:
        return [Check("fail", "close", mark("The closing time has passed. Set a later one."))]
    return [Check("pass", "close", mark("It closes by the clock at the time that is set."))]


def _subject(poll: Poll) -> list[Check]:
    if poll.amendment is not None:
        fits = poll.amendment.state == "submitted"
        return [
            Check(
                "pass" if fits else "fail",
                "amendment",
                mark("Amendment %(number)s waits for this vote.", number=poll.amendment.number)
                if fits
                else mark("Amendment %(number)s is not waiting for a vote.", number=poll.amendment.number),
            )
        ]
    if poll.motion is not None:
        fits = poll.motion.state == "fixed"
        return [
            Check(
                "pass" if fits else "fail",
                "motion",
                mark("The text of %(number)s is fixed.", number=poll.motion.number)
                if fits
                else mark("The text of %(number)s is not fixed. Fix it before the vote.", number=poll.motion.number),
            )
        ]
    return []
