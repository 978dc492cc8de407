"""What NIST SP 1500-103 allows in a cast-vote record report: classes, their members, types and words; for a strict import.

Source: NIST SP 1500-103, "Cast Vote Records Common Data Format Specification", version 1.0, JSON schema.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

WORDS = {
    "AllocationStatus": "no unknown yes",
    "CVRStatus": "needs-adjudication other",
    "CVRType": "interpreted modified original",
    "CastVoteRecordVersion": "1.0.0",
    "ContestSelectionStatus": "generated-rules invalidated-rules needs-adjudication other",
    "ContestStatus": "invalidated-rules not-indicated other overvoted undervoted",
    "HashType": "md6 other sha-256 sha-512",
    "IdentifierType": "fips local-level national-level ocd-id other state-level",
    "IndicationStatus": "no unknown yes",
    "PositionStatus": "adjudicated generated-rules invalidated-rules other",
    "ReportType": "adjudicated aggregated originating-device-export other rcv-round",
    "ReportingUnitType": "combined-precinct other polling-place precinct split-precinct vote-center",
    "VoteVariation": "approval borda cumulative majority n-of-m other plurality proportional range rcv super-majority",
}
_SELECTION = "ContestSelection|PartySelection|BallotMeasureSelection|CandidateSelection"
_CONTEST = (
    f"@id! Abbreviation Code:Code* ContestSelection!:{_SELECTION}* Name OtherVoteVariation VoteVariation:VoteVariation"
)
_CLASSES = {
    "Annotation": "AdjudicatorName:string* Message:string* TimeStamp",
    "BallotMeasureContest": _CONTEST,
    "BallotMeasureSelection": "@id! Code:Code* Selection!",
    "CVR": "BallotAuditId BallotImage:ImageData* BallotPrePrintedId BallotSheetId BallotStyleId BallotStyleUnitId BatchId "
    "BatchSequenceId:integer CVRSnapshot!:CVRSnapshot* CreatingDeviceId CurrentSnapshotId! ElectionId! PartyIds:string* UniqueId",
    "CVRContest": "CVRContestSelection:CVRContestSelection* ContestId! OtherStatus Overvotes:integer Selections:integer "
    "Status:ContestStatus* Undervotes:integer WriteIns:integer",
    "CVRContestSelection": "ContestSelectionId OptionPosition:integer OtherStatus Rank:integer SelectionPosition!:SelectionPosition* "
    "Status:ContestSelectionStatus* TotalFractionalVotes:FractionalNumber TotalNumberVotes:integer",
    "CVRSnapshot": "@id! Annotation:Annotation* CVRContest:CVRContest* OtherStatus Status:CVRStatus* Type!:CVRType",
    "CVRWriteIn": "Text WriteInImage:ImageData",
    "Candidate": "@id! Code:Code* Name PartyId",
    "CandidateContest": f"{_CONTEST} NumberElected:integer PrimaryPartyId VotesAllowed:integer",
    "CandidateSelection": "@id! CandidateIds:string* Code:Code* IsWriteIn:boolean",
    "CastVoteRecordReport": "CVR:CVR* Election!:Election* GeneratedDate! GpUnit!:GpUnit* Notes OtherReportType Party:Party* "
    "ReportGeneratingDeviceIds!:string* ReportType:ReportType* ReportingDevice!:ReportingDevice* Version!:CastVoteRecordVersion",
    "Code": "Label OtherType Type!:IdentifierType Value!",
    "Contest": _CONTEST,
    "ContestSelection": "@id! Code:Code*",
    "Election": "@id! Candidate:Candidate* Code:Code* "
    "Contest!:Contest|PartyContest|BallotMeasureContest|CandidateContest|RetentionContest* ElectionScopeId! Name",
    "File": "Data! FileName MimeType",
    "GpUnit": "@id! Code:Code* Name OtherType ReportingDeviceIds:string* Type!:ReportingUnitType",
    "Hash": "OtherType Type!:HashType Value!",
    "Image": "Data! FileName MimeType",
    "ImageData": "Hash:Hash Image:Image Location",
    "Party": "@id! Abbreviation Code:Code* Name",
    "PartyContest": _CONTEST,
    "PartySelection": "@id! Code:Code* PartyIds!:string*",
    "ReportingDevice": "@id! Application Code:Code* Manufacturer MarkMetricType Model Notes:string* SerialNumber",
    "RetentionContest": f"{_CONTEST} CandidateId",
    "SelectionPosition": "CVRWriteIn:CVRWriteIn Code:Code* FractionalVotes:FractionalNumber HasIndication!:IndicationStatus "
    "IsAllocable:AllocationStatus IsGenerated:boolean MarkMetricValue:string* NumberVotes!:integer OtherStatus Position:integer "
    "Rank:integer Status:PositionStatus*",
}
_FRACTION = re.compile(r"([0-9]+/[1-9]+[0-9]*)|(\.[0-9]+)")


def _members(text: str) -> dict[str, tuple[bool, str]]:
    made = {"@type": (True, "string")}
    for word in text.split():
        name, _, type_ = word.partition(":")
        made[name.rstrip("!")] = (name.endswith("!"), type_ or "string")
    return made


CLASSES = {name: _members(text) for name, text in _CLASSES.items()}
"""Class to member to (whether it must be there, type); a type that ends in ``*`` is a list, ``|`` stands between classes."""


def fault(value: Any, type_: str) -> str:
    """What is wrong with a value of this type, in words; "" if nothing is."""
    if type_.endswith("*"):
        if not isinstance(value, list):
            return "this is no list"
        return next((said for one in value if (said := fault(one, type_[:-1]))), "")
    if type_ in WORDS:
        return "" if value in WORDS[type_].split() else f'"{str(value)[:30]}" is none of {WORDS[type_]}'
    if type_ == "FractionalNumber":
        text = str(value) if isinstance(value, str) else ""
        return "" if _FRACTION.search(text) else f'"{str(value)[:30]}" is no fraction'
    plain = {"string": str, "integer": int, "boolean": bool}.get(type_)
    if plain is not None:
        exact = type(value) is plain or (type_ == "integer" and isinstance(value, Fraction) and value.denominator == 1)
        return "" if exact else f'"{str(value)[:30]}" is no {type_}'
    return _object(value, type_.split("|"))


def _object(value: Any, classes: list[str]) -> str:
    said = str(value.get("@type", "")) if isinstance(value, dict) else ""
    found = said.removeprefix("CVR.")
    if not said.startswith("CVR.") or found not in classes:
        return f'an object has the @type "{said[:40]}" and not CVR.{" or CVR.".join(classes)}'
    members = CLASSES[found]
    for name, (must, _) in members.items():
        if must and (name not in value or value[name] == []):
            return f"{said} has no {name}"
    for name, inner in value.items():
        if name not in members:
            return f"{said} has no member {name}"
        if wrong := fault(inner, members[name][1]):
            return wrong if wrong.startswith(("CVR.", "an object")) else f"{name} of {said}: {wrong}"
    return ""
