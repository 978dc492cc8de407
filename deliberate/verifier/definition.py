"""definition.json: what the poll asks, of whom and how, in its exact form."""

from __future__ import annotations

from typing import Any

from . import schema
from .canonical import Malformed, moment, number
from .counters import COUNTERS
from .schema import Check, among, each, either, fields, hex64, matching, shaped, text, whole


def _subject(value: Any) -> bool:
    """The motion that is put, in a version; where an amendment to it is put, that too, with the hash of its changes."""
    made = fields(value, {"motion": text, "number": text, "version": text}, {"amendment": text, "hunks": text})
    return ("amendment" in made) == ("hunks" in made)


def definition(value: Any) -> dict[str, Any]:
    """definition.json. Raises Malformed."""
    if not isinstance(value, dict) or not isinstance(value.get("method"), str) or value["method"] not in COUNTERS:
        raise Malformed("the method is not known")
    counter = COUNTERS[value["method"]]
    rules = shaped({"method": among(value["method"]), **counter.rules}, counter.later)
    must: dict[str, Check] = {
        "v": among(1), "poll": matching(schema.IDENT), "assembly": shaped({"id": matching(schema.IDENT), "name": text}), "title": text,
        "question": text, "ballot": among(counter.ballot), "method": text, "rules": rules,
        "options": each(shaped({"id": matching(schema.OPTION), "name": text}), schema.MOST_OPTIONS), "seats": lambda v: whole(v) and v >= 1,
        "mode": among("open", "confidential"), "revote": among("never", "until_close"),
        "publication": among("full", "auditors"), "opens_at": moment, "grace": whole,
        "roll": shaped({"root": hex64, "size": whole, "weight": number}), "keys": shaped({"ledger": text}), "witness": schema.WITNESS,
        "origins": shaped({"assembly": text, "poll": text}, {"box": text})}
    quorum = shaped({"by": among("heads", "weight"), "fraction": matching(schema.SHARE)}, {"on": among("turnout", "roll")})
    made = fields(value, must, {"subject": _subject, "quorum": either(quorum), "closes_at": moment})
    ids, names = [o["id"] for o in made["options"]], [o["name"] for o in made["options"]]
    if len(set(ids)) != len(ids) or len(set(names)) != len(names) or not ids:
        raise Malformed("options: ids and names are unique, and there is at least one")
    if (made["mode"] == "confidential") != ("box" in made["origins"]):
        raise Malformed("origins: a box ledger belongs to a confidential poll and to no other")
    if made["method"] == "motion" and ids != ["yes", "no", "abstain"]:
        raise Malformed("options: a motion has yes, no and abstain")
    return made
