"""Gates: what yes, no and abstain votes must reach. Each is one inequality between exact numbers, with its sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import Marked, mark
from deliberate.core.tally.record import Test
from deliberate.core.tally.registry import Setting, amount, flag, one_of, share, whole


@dataclass(frozen=True)
class Sides:
    """Yes, no and abstain, by weight or by heads."""

    yes: Fraction
    no: Fraction
    abstain: Fraction


def _quorum(value: Any) -> Any:
    if value in (None, "none", "", "0"):
        return None
    if isinstance(value, str):
        value = {"fraction": value}
    extra = set(value) - {"on", "by", "fraction", "number"}
    if extra:
        raise ValueError(mark("Unknown: %(extra)s.", extra=", ".join(sorted(extra))))
    if ("number" in value) == ("fraction" in value):
        raise ValueError(mark("Give a number or a share."))
    least = {"number": whole(1)(value["number"])} if "number" in value else {"fraction": share(value["fraction"])}
    return {
        "on": one_of("turnout", "present", "both")(value.get("on", "turnout")),
        "by": one_of("heads", "weight")(value.get("by", "heads")),
        **least,
    }


def _sizes(value: Any) -> Any:
    """A reader for a number of people and their weight; as text, ``120`` where all weigh 1, or ``120=310.5``."""
    if value in (None, ""):
        return None
    if isinstance(value, str):
        heads, _, weight = value.partition("=")
        value = {"heads": whole(0)(heads.strip()), "weight": amount(weight.strip() or heads.strip())}
    return {"heads": int(value["heads"]), "weight": exact(Fraction(value["weight"]))}


OPTIONS: dict[str, Setting] = {
    "threshold": Setting("1/2", mark("Share of the base that the yes votes must have."), share),
    "strict": Setting(True, mark("Whether the share must be exceeded rather than reached."), flag),
    "basis": Setting(
        "votes", mark("What the share is measured on."), one_of("votes", "votes+abstentions", "roll", "present")
    ),
    "double": Setting(False, mark("Whether the yes votes must have the share by heads as well as by weight."), flag),
    "quorum": Setting(
        None, mark("Least number or share of the roll that takes part or is present, by heads or weight."), _quorum
    ),
    "min_yes": Setting("0", mark("Least number of yes votes."), amount),
    "min_roll": Setting("0", mark("Least share of the roll, by weight, that votes yes."), share),
    "non_negative": Setting("0", mark("Least share of votes and abstentions that is not against."), share),
    "blank": Setting(
        "spoilt", mark("What a blank does: it stands in no base, or it abstains."), one_of("spoilt", "abstain")
    ),
    "roll": Setting(None, mark("Size of the roll by heads and weight."), _sizes),
    "present": Setting(None, mark("Those present when the motion was put."), _sizes),
}


def quorum(rules: Mapping[str, Any], heads: int, weight: Fraction) -> list[Test]:
    """The tests of the quorum: on those present at the opening, on the turnout at the close, or on both.

    heads, weight: of all ballots cast, blank and spoilt ones too. Raises ValueError where a size is missing.
    """
    asked = rules["quorum"]
    if not asked:
        return []
    tests = []
    if asked["on"] in ("present", "both"):
        there = Fraction(_given(rules, "present", mark("A quorum of those present needs their number."))[asked["by"]])
        tests.append(_enough(rules, "quorum_present", there))
    if asked["on"] in ("turnout", "both"):
        tests.append(_enough(rules, "quorum", Fraction(heads) if asked["by"] == "heads" else weight))
    return tests


def _enough(rules: Mapping[str, Any], name: str, took: Fraction) -> Test:
    asked = rules["quorum"]
    if "number" in asked:
        return reached(name, took, Fraction(asked["number"]), "quorum reached", "no quorum")
    base = Fraction(_given(rules, "roll", mark("A quorum that is a share needs the size of the roll."))[asked["by"]])
    return compare(name, took, Fraction(asked["fraction"]), base, False, "quorum reached", "no quorum")


def majority(rules: Mapping[str, Any], weight: Sides, heads: Sides, before: Sequence[Test]) -> list[Test]:
    """The tests of the votes, each of which must hold. before: those of the quorum; without it no sentence says "carried".

    Raises ValueError where the rules lack the size of their base.
    """
    threshold, strict = Fraction(rules["threshold"]), rules["strict"]
    quorate = all(test.holds for test in before)
    said = (
        ("carried%s", "lost%s") if quorate else ("enough yes votes%s, had there been a quorum", "too few yes votes%s")
    )
    by = " by weight" if rules["double"] else ""
    (good, bad), (good_heads, bad_heads) = ([one % what for one in said] for what in (by, " by heads"))
    tests = [compare("majority", weight.yes, threshold, _base(rules, weight, "weight"), strict, good, bad)]
    if rules["double"]:
        base = _base(rules, heads, "heads")
        tests.append(compare("majority_heads", heads.yes, threshold, base, strict, good_heads, bad_heads))
    if least := Fraction(rules["min_yes"]):
        tests.append(reached("min_yes", weight.yes, least, "enough yes votes", "too few yes votes"))
    if least := Fraction(rules["min_roll"]):
        roll = Fraction(_given(rules, "roll", mark("A least share of the roll needs its size."))["weight"])
        tests.append(
            compare("min_roll", weight.yes, least, roll, False, "enough of the roll", "too little of the roll")
        )
    if least := Fraction(rules["non_negative"]):
        base = weight.yes + weight.no + weight.abstain
        tests.append(
            compare("non_negative", base - weight.no, least, base, False, "enough not against", "too many against")
        )
    return tests


def carried(tests: Sequence[Test], yes: Fraction) -> bool:
    """Whether every test holds; nothing is carried without a yes vote."""
    return yes > 0 and all(test.holds for test in tests)


def _base(rules: Mapping[str, Any], sides: Sides, by: str) -> Fraction:
    """What the share is measured on, by weight or by heads."""
    basis = rules["basis"]
    if basis in ("votes", "votes+abstentions"):
        return sides.yes + sides.no + (sides.abstain if basis == "votes+abstentions" else 0)
    return Fraction(_given(rules, basis, mark("The base %(basis)s needs its size.", basis=basis))[by])


def _given(rules: Mapping[str, Any], name: str, lacking: Marked) -> Mapping[str, Any]:
    """The size of the roll or of those present. Raises ValueError with this sentence if the rules do not have it."""
    if not rules[name]:
        raise ValueError(lacking)
    sizes: Mapping[str, Any] = rules[name]
    return sizes


def reached(name: str, part: Fraction, least: Fraction, good: str, bad: str) -> Test:
    """part against a plain number: "27 >= 20: quorum reached"."""
    holds = part >= least
    says = f"{exact(part)} {'>=' if holds else '<'} {exact(least)}: {good if holds else bad}"
    return Test(name, exact(part), ">=", exact(least), holds, says)


def compare(name: str, part: Fraction, threshold: Fraction, base: Fraction, strict: bool, good: str, bad: str) -> Test:
    """part/base against threshold, cross-multiplied: "412 x 3 = 1236 >= 2 x 610 = 1220: carried"."""
    left, right = part * threshold.denominator, base * threshold.numerator
    holds = left > right if strict else left >= right
    op = ">" if strict else ">="
    sign = op if holds else ("<=" if strict else "<")
    says = (
        f"{exact(part)} x {threshold.denominator} = {exact(left)} {sign} {threshold.numerator} x {exact(base)} = {exact(right)}: "
        f"{good if holds else bad}"
    )
    return Test(name, exact(left), op, exact(right), holds, says)
