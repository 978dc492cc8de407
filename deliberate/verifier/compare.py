"""The published Count beside our own: every number that can be counted again must be the same."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .ballots import Ballots
from .canonical import Malformed
from .counters import COUNTERS
from .counting import Counted, Poll
from .report import Report, brief
from .schema import among, each, either, fields, flag, hex64, number_text, shaped, text, whole
from .ties import WrongLot

WHERE = "tally/rounds.json"
names = each(text, 1000)
TRANSFER = shaped({"from": text, "to": either(text), "kind": among("option", "exhausted", "residual"), "papers": whole, "before": text,
                   "after": text, "total": number_text})
ROUND = {"n": whole, "votes": lambda v: isinstance(v, dict) and all(number_text(x) for x in v.values()), "exhausted": number_text,
    "residual": number_text, "quota": either(number_text), "action": shaped({"code": text, "says": text}), "elected": names, "excluded": names,
    "transfers": each(TRANSFER), "tie": either(whole)}
MORE_OF_ROUNDS = dict.fromkeys("heads inactive keep surplus iterations parcels given scores loads money payments waits left schwartz "
                               "dropped".split(), lambda v: True)
MORE = dict.fromkeys("matrix smith schwartz order scores paths pairs other_orders answers runoff committees committees_more budget share "
                     "add1".split(), lambda v: True)
"""Fields that some methods have; the comparison says whether they are right."""
COUNT = {"schema": among("deliberate-count/1"), "ruleset": text, "ruleset_version": text, "source": text, "departures": each(text),
    "question": shaped({"title": text}), "options": each(shaped({"id": text, "name": text}), 1000), "seats": whole,
    "rules": lambda v: isinstance(v, dict), "input": shaped({"digest": hex64, "cast": whole, "blank": whole, "spoilt": whole, "valid": whole,
                                                             "weight": text}),
    "quota": either(number_text), "rounds": each(shaped(ROUND, MORE_OF_ROUNDS), 10_000), "winners": names, "excluded": names, "outcome": text,
    "explanation": each(text),
    "ties": each(shaped({"round": whole, "purpose": text, "tied": names, "policy": text, "evidence": text, "chosen": either(text)})),
    "lots": each(shaped({"round": whole, "purpose": text, "tied": names, "chosen": text})),
    "tests": each(shaped({"name": text, "left": number_text, "op": text, "right": number_text, "holds": flag, "says": text}))}


def check_form(value: Any) -> dict[str, Any]:
    """A Count in its exact form. Raises Malformed."""
    return fields(value, COUNT, MORE)


def own_count(ballots: Ballots, poll: Poll) -> Counted:
    """Count again. Raises Malformed, ValueError or WrongLot where these ballots or lots cannot be counted so."""
    made = COUNTERS[poll.method].count(ballots.profile(), poll)
    if len(made.lots) != len(poll.lots):
        raise WrongLot("a lot is recorded for a tie that does not occur")
    return made


def tally(report: Report, ballots: Ballots, poll: Poll, published: dict[str, Any]) -> None:
    """The check ``tally``: findings go into the report."""
    try:
        made = own_count(ballots, poll)
    except (WrongLot, Malformed, ValueError) as error:
        report.fail("tally", f"The ballots could not be counted again as published: {error}.", WHERE)
        return
    _totals(report, made, published, ballots.digest())
    report.expect("tally", "The number of rounds differs", len(made.rounds), len(published["rounds"]), WHERE)
    for own, other in zip(made.rounds, published["rounds"], strict=False):
        _round(report, made, own, other)
    report.ok("tally", f"counted again from {made.input['cast']} ballots: {sentence(made)}, as published.")


def sentence(made: Counted) -> str:
    """The outcome in a few words."""
    last = len(made.rounds)
    if made.outcome in ("carried", "lost"):
        return f"the motion is {made.outcome}"
    if made.outcome == "elected" and made.winners:
        verb = "wins" if len(made.winners) == 1 else "are elected"
        return f"{', '.join(made.winners)} {verb} in round {last}" if last > 1 else f"{', '.join(made.winners)} {verb}"
    return f"the outcome is {made.outcome}"


def _totals(report: Report, made: Counted, published: dict[str, Any], digest: str) -> None:
    for key in ("outcome", "winners", "excluded", "quota", "lots"):
        report.expect("tally", f"The published {key} differ" + ("s" if key in ("outcome", "quota") else ""),
                      getattr(made, key), published[key], f"{WHERE} {key}")
    for key, value in {**made.input, "digest": digest}.items():
        report.expect("tally", f"The input {key} differs", value, published["input"][key], f"{WHERE} input")
    ties = [{k: t[k] for k in ("round", "purpose", "tied", "policy", "chosen")} for t in published["ties"]]
    report.expect("tally", "The ties differ", made.ties, ties, f"{WHERE} ties")
    tests = [{k: t[k] for k in ("name", "left", "op", "right", "holds")} for t in published["tests"]]
    report.expect("tally", "The tests of majority and quorum differ", made.tests, tests, f"{WHERE} tests")
    _more(report, made, made.facts, {k: v for k, v in published.items() if k in MORE}, WHERE)


def _more(report: Report, made: Counted, own: dict[str, Any], other: dict[str, Any], where: str) -> None:
    """Fields that only some methods have. One that is not counted again is named among what could not be checked."""
    for key in sorted(own.keys() | other.keys()):
        if key in made.open and key in other:
            report.unchecked.append(f"{key} of the Count: {made.open[key]}.")
        elif key in made.judged and key in other:
            try:
                fits = made.judged[key](other[key])
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                fits = False  # not in the form of such a field
            if not fits:
                report.fail("tally", f"The published {key} does not follow from the ballots.", f"{where} {key}")
        elif (at := _parts(own.get(key), other.get(key), key)) is not None:
            report.expect("tally", f"The published {brief(at[0])} differs", at[1], at[2], f"{where} {key}")


def _parts(own: Any, other: Any, path: str) -> tuple[str, Any, Any] | None:
    """Where two values first part, and what stands there."""
    if isinstance(own, dict) and isinstance(other, dict):
        pairs = [(key, own.get(key), other.get(key)) for key in sorted(own.keys() | other.keys())]
    elif isinstance(own, list) and isinstance(other, list) and len(own) == len(other):
        pairs = [(str(n), a, b) for n, (a, b) in enumerate(zip(own, other, strict=True))]
    else:
        return None if type(own) is type(other) and own == other else (path, own, other)
    return next(filter(None, (_parts(a, b, f"{path}, {key}") for key, a, b in pairs)), None)


def _round(report: Report, made: Counted, own: dict[str, Any], other: dict[str, Any]) -> None:
    """Compare one round; only its sentence is not compared."""
    n, where = own["n"], f"{WHERE} round {own['n']}"
    for key in ("n", "exhausted", "residual", "quota", "elected", "excluded", "tie"):
        report.expect("tally", f"Round {n}: {key} differs", own[key], other[key], where)
    for name in sorted(own["votes"].keys() | other["votes"].keys()):
        report.expect("tally", f"Round {n}: the votes of {brief(name)} differ", own["votes"].get(name), other["votes"].get(name), where)
    for transfer in other["transfers"]:
        papers, after, total = transfer["papers"], brief(transfer["after"]), transfer["total"]
        if transfer["kind"] != "residual" and papers * _value(after) != _value(total):
            report.fail("tally", f"Round {n}: {papers} papers at {after} are not {total}.", where)
    for what, ours, theirs in (("action differs", own["code"], other["action"]["code"]),
                               ("transfers differ", _parcels(own["transfers"]), _parcels(other["transfers"]))):
        report.expect("tally", f"Round {n}: the {what}", ours, theirs, where)
    mine, theirs = ({k: v for k, v in one.items() if k in MORE_OF_ROUNDS} for one in (own, other))
    return _more(report, made, mine, theirs, where)


def _value(number: str) -> Fraction:
    try:
        return Fraction(number)
    except (ValueError, ZeroDivisionError):
        return Fraction(-1)


def _parcels(transfers: list[dict[str, Any]]) -> list[str]:
    """Transfers merged by source, target and, at fixed places, value. Papers of weight w may stand as w papers of
    value 1, so whole and fractional values are compared by their totals."""
    merged: dict[tuple[str, ...], list[Any]] = {}
    for one in transfers:
        fixed = "." in one["after"]
        key = (one["from"], one["to"] or "", one["kind"], *((one["before"], one["after"]) if fixed else ()))
        into = merged.setdefault(key, [0, Fraction(0)])
        into[0] += one["papers"] if fixed else 0
        into[1] += _value(one["total"])
    return sorted(f"{' '.join(key)} {papers or ''} {total}" for key, (papers, total) in merged.items())
