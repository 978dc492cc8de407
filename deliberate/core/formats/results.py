"""A Count written out: its rounds as CSV, and as a NIST SP 1500-100 election report with the votes of every round.

Source: NIST SP 1500-100r2, "Election Results Common Data Format", JSON schema version 2; ``VoteCounts.Round`` carries the rounds.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from deliberate.core.tally.record import Count, Option, Round

PLACES = 10
"""Decimals of a number of votes in a NIST report, where it is not whole."""
VARIATIONS = {
    "motion": "majority",
    "plurality": "plurality",
    "limited": "n-of-m",
    "block": "n-of-m",
    "cumulative": "cumulative",
    "approval": "approval",
    "score": "range",
    "irv": "rcv",
    "borda": "borda",
}
"""What the report calls a method; else rcv for other run-offs and proportional for counts of several seats by transfer."""
_UNIT = "unit"


class Decimal(str):
    """A number as it is to be written, without quotes."""

    __slots__ = ()


def decimal(text: str) -> Decimal:
    """Votes of a Count, ``10.99984`` or ``7/3``, as a decimal: exact, or rounded half even to PLACES.

    >>> decimal("10.99984"), decimal("7/3"), decimal("600.00000")
    ('10.99984', '2.3333333333', '600')
    """
    scaled = round(Fraction(text) * 10**PLACES)
    whole, part = divmod(abs(scaled), 10**PLACES)
    digits = f"{part:0{PLACES}d}".rstrip("0")
    return Decimal(f"{'-' if scaled < 0 else ''}{whole}{'.' + digits if digits else ''}")


def rounds_csv(count: Count) -> str:
    """Rounds as a table, a row for each, with quota and narration; then a row for each tie, a column for each option."""
    names = [option.name for option in count.question.options]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    head = ["round", "action", *names, "exhausted", "residual", "quota", "elected", "excluded", "says"]
    table.writerow(head)
    for one in count.rounds:
        votes = [one.votes.get(name, "") for name in names]
        elected, excluded = "; ".join(one.elected), "; ".join(one.excluded)
        table.writerow(
            [one.n, one.code, *votes, one.exhausted, one.residual, one.quota or "", elected, excluded, one.says]
        )
    for tie in count.result.ties:
        tied = ["tied" if name in tie.tied else "" for name in names]
        says = f"{tie.purpose}, by {tie.policy}: {tie.evidence} Chosen: {tie.chosen or 'nobody yet'}."
        table.writerow([tie.round, "tie", *tied, "", "", "", "", "", says])
    outcome = f"{count.outcome}: {', '.join(count.winners)}" if count.winners else count.outcome
    table.writerow(["", "outcome", *("" for _ in names), "", "", "", "; ".join(count.winners), "", outcome])
    return out.getvalue()


def nist(count: Count, at: str, version: str, issuer: str = "", language: str = "und") -> str:
    """The Count as a NIST SP 1500-100 report.

    at: when it is made, as ``2026-11-24T20:00:00Z``; version: of this program; issuer: who reports; language: of the names.
    Votes that are no decimals are rounded half even to PLACES; the Count itself has them exact, and the notes say so.
    """
    who = issuer or "Deliberate"
    report = _typed(
        "ElectionReport",
        Format="summary-contest",
        GeneratedDate=at,
        Issuer=who,
        IssuerAbbreviation=who[:32],
        SequenceStart=1,
        SequenceEnd=1,
        Status="unofficial-complete",
        VendorApplicationId=f"deliberate {version}",
        Notes=_notes(count),
        GpUnit=[_typed("ReportingUnit", "unit", Type="other", OtherType="assembly")],
        Election=[_election(count, at[:10], language)],
    )
    return f"{_text(report)}\n"


def _typed(class_: str, id_: str = "", /, **members: Any) -> dict[str, Any]:
    return {"@type": f"ElectionResults.{class_}"} | ({"@id": id_} if id_ else {}) | members


def _words(text: str, language: str) -> dict[str, Any]:
    return _typed("InternationalizedText", Text=[_typed("LanguageString", Content=text, Language=language)])


def _notes(count: Count) -> str:
    """Rules and outcome, ties with their evidence, departures, and how exact the numbers are."""
    said = [f"{count.ruleset}, version {count.version} ({count.source}). Outcome: {count.outcome}."]
    said += [
        f"Tie in round {tie.round} ({tie.purpose}): {', '.join(tie.tied)}. {tie.evidence}" for tie in count.result.ties
    ]
    said += [f"Departure: {departure}" for departure in count.departures]
    said.append(f"Votes that are not whole are given to {PLACES} decimals; ballots digest {count.digest}.")
    return " ".join(said)


def _election(count: Count, day: str, language: str) -> dict[str, Any]:
    options = count.question.options
    motion = count.ruleset == "motion"
    cast = _typed(
        "BallotCounts", GpUnitId=_UNIT, Type="total", BallotsCast=count.cast, BallotsRejected=count.result.spoilt
    )
    people = [] if motion else [_candidate(count, n, option, language) for n, option in enumerate(options, 1)]
    return _typed(
        "Election",
        ElectionScopeId=_UNIT,
        StartDate=day,
        EndDate=day,
        Name=_words(count.question.title or "Count", language),
        Type="other",
        OtherType="assembly",
        BallotCounts=[cast],
        Candidate=people,
        Contest=[_contest(count, motion, language)],
    )


def _candidate(count: Count, n: int, option: Option, language: str) -> dict[str, Any]:
    gone = option.id in count.question.withdrawn
    settled = count.outcome == "elected"
    status = "withdrawn" if gone else "winner" if option.name in count.winners else "defeated" if settled else ""
    made = _typed("Candidate", f"candidate-{n}", BallotName=_words(option.name, language))
    return made | ({"PostElectionStatus": status} if status else {})


def _contest(count: Count, motion: bool, language: str) -> dict[str, Any]:
    options = count.question.options
    title = count.question.title or "Count"
    variation = VARIATIONS.get(count.ruleset, "")
    if not variation and any(one.excluded or one.transfers for one in count.rounds):
        variation = "proportional" if count.question.seats > 1 else "rcv"
    selections = [
        _typed(
            "BallotMeasureSelection" if motion else "CandidateSelection",
            f"selection-{n}",
            VoteCounts=[_votes(one, one.votes.get(option.name, "0")) for one in count.rounds],
            SequenceOrder=n,
            **({"Selection": _words(option.name, language)} if motion else {"CandidateIds": [f"candidate-{n}"]}),
        )
        for n, option in enumerate(options, 1)
    ]
    lost = [
        _votes(one, amount, name)
        for one in count.rounds
        for name, amount in (("exhausted", one.exhausted), ("residual", one.residual))
        if Fraction(amount)
    ]
    if lost:
        selections.append(_typed("CandidateSelection", "selection-none", VoteCounts=lost))
    inactive: Mapping[str, Any] = count.rounds[-1].facts.get("inactive", {}) if count.rounds else {}
    other = _typed("OtherCounts", GpUnitId=_UNIT, Undervotes=count.result.blank)
    other |= {"Overvotes": decimal(inactive["overvotes"])} if "overvotes" in inactive else {}
    made = _typed(
        "BallotMeasureContest" if motion else "CandidateContest",
        "contest",
        ElectionDistrictId=_UNIT,
        Name=title,
        VoteVariation=variation or "other",
        ContestSelection=selections,
        OtherCounts=[other],
    )
    made |= {} if variation else {"OtherVoteVariation": count.ruleset}
    return made if motion else made | {"NumberElected": count.question.seats, "VotesAllowed": _allowed(count)}


def _votes(one: Round, amount: str, other: str = "") -> dict[str, Any]:
    made = _typed("VoteCounts", GpUnitId=_UNIT, Type="other" if other else "total", Round=one.n, Count=decimal(amount))
    return made | ({"OtherType": other} if other else {})


def _allowed(count: Count) -> int:
    """How many options a ballot may mark or rank."""
    for key in ("max_marks", "max_ranks"):
        if isinstance(count.rules.get(key), int):
            return int(count.rules[key])
    return 1 if count.ruleset == "plurality" else len(count.question.options)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
