"""The exact form of every entry and of the small files. A field too many is as wrong as one too few."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .canonical import HEX32, HEX64, LARGEST, Malformed, moment, number

Check = Callable[[Any], object]
IDENT = re.compile(r"[a-z2-7]{26}\Z")
OPTION = re.compile(r"[a-z][a-z0-9]{0,15}\Z")
NOUN = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}\Z")
SHARE = re.compile(r"(0|[1-9][0-9]{0,8})/[1-9][0-9]{0,8}\Z|[01]\Z")
POLICIES = ("backwards", "forwards", "previous", "declared", "declared-first", "lot", "seed", "all")
MOST_OPTIONS = 1000


def fields(value: Any, must: Mapping[str, Check], may: Mapping[str, Check] | None = None) -> dict[str, Any]:
    """An object with exactly these keys, each checked. Raises Malformed that names the field."""
    if not isinstance(value, dict):
        raise Malformed("an object was expected")
    optional = may or {}
    for key in must:
        if key not in value:
            raise Malformed(f"the field {key} is missing")
    for key, one in value.items():
        check = must.get(key) or optional.get(key)
        if check is None:
            raise Malformed(f"the field {key[:40]} is not allowed here")
        try:
            if check(one) is False:
                raise Malformed("its value is not allowed")
        except Malformed as error:
            raise Malformed(f"{key}: {error}") from None
    return value


def text(value: Any) -> bool:
    """A string of at most 64 KiB."""
    return isinstance(value, str) and len(value) <= 65_536


def hex64(value: Any) -> bool:
    """32 bytes in lower-case hexadecimal."""
    return isinstance(value, str) and HEX64.match(value) is not None


def whole(value: Any) -> bool:
    """A whole number, not negative."""
    return type(value) is int and 0 <= value < LARGEST


def flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def among(*allowed: Any) -> Check:
    """One of these values, of the same type."""
    return lambda value: any(type(value) is type(a) and value == a for a in allowed)


def either(first: Check) -> Check:
    """None, or what the check allows."""
    return lambda value: value is None or first(value)


def shaped(must: Mapping[str, Check], may: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields."""
    return lambda value: fields(value, must, may) is not None


def each(check: Check, most: int = 65_536) -> Check:
    """A list whose members pass."""
    return lambda value: isinstance(value, list) and len(value) <= most and all(check(v) is not False for v in value)


def positive(value: Any) -> bool:
    """A number in lowest terms above 0."""
    return number(value) > 0


def number_text(value: Any) -> bool:
    """A number of a Count: whole, decimal or fraction."""
    return isinstance(value, str) and re.fullmatch(r"[0-9]{1,2000}(\.[0-9]{1,20}|/[1-9][0-9]{0,2000})?", value) is not None


def matching(pattern: re.Pattern[str]) -> Check:
    """A string that matches."""
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


def ballot(value: Any) -> bool:
    """A choice or a ranking in its one form; whether the options exist is asked elsewhere."""
    option = matching(OPTION)
    if isinstance(value, dict) and value.get("kind") == "ranking":
        fields(value, {"kind": text, "ranks": each(each(option, MOST_OPTIONS), 10_000)})
        return not value["ranks"] or bool(value["ranks"][-1])
    fields(value, {"kind": among("choice"), "marks": each(option, MOST_OPTIONS)})
    return True


HEAD = shaped({"origin": text, "size": whole, "root": hex64})
HEADS = shaped({"poll": HEAD}, {"box": HEAD})
SIZED = shaped({"heads": whole, "weight": number})
TIES = each(among(*POLICIES), 10)
LOT = shaped({"round": whole, "purpose": among("elect", "surplus", "exclude", "order", "casting"),
              "tied": each(text, MOST_OPTIONS), "chosen": text})
WITNESS = shaped({"k": whole, "of": each(text, 100)})
CAST: dict[str, Check] = {"ballot": ballot, "nonce": matching(HEX32), "weight": positive}
OPEN_CAST: dict[str, Check] = {**CAST, "roll": hex64}
POLL_KINDS: dict[str, tuple[str, dict[str, Check], dict[str, Check]]] = {
    "open": ("at by", {"definition": hex64, "roll_root": hex64, "roll_size": whole, "method": text,
                       "rules": lambda v: isinstance(v, dict),
                       "keys": shaped({"ledger": text}), "witness": WITNESS, "code": text}, {}),
    "participate": ("", {"roll": hex64}, {}), "cast": ("at", OPEN_CAST, {}),
    "replace": ("at", {**OPEN_CAST, "replaces": hex64}, {}),
    "close": ("at by", {"reason": among("clock", "act"), "ballots": whole, "participations": whole},
              {"box": shaped({"size": whole, "root": hex64})}),
    "result": ("at by", {"count": hex64, "input": hex64, "code": text}, {})}
ADMIN: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {"lot": ({"lot": LOT}, {"how": hex64}),
    "void": ({"reason": text}, {}), "publication": ({"level": among("full", "auditors"), "unique": whole}, {})}


def poll_entry(value: Any) -> dict[str, Any]:
    """An entry of the poll ledger. Raises Malformed."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "admin":
        act = value["data"].get("act") if isinstance(value.get("data"), dict) else None
        if not isinstance(act, str) or act not in ADMIN:
            raise Malformed("an act of an officer that is not known")
        must, may = ADMIN[act]
        times, must = "at by", {"act": text, **must}
    elif isinstance(kind, str) and kind in POLL_KINDS:
        times, must, may = POLL_KINDS[kind]
    else:
        raise Malformed("the kind of the entry is not known")
    head: dict[str, Check] = {"v": among(1), "kind": text, "data": shaped(must, may)}
    if "at" in times:
        head["at"] = moment
    return fields(value, head, {"prev": hex64, **({"by": hex64} if "by" in times else {})})


def box_entry(value: Any) -> dict[str, Any]:
    """An entry of the box ledger: no time, no identity, no order. Raises Malformed."""
    made = fields(value, {"v": among(1), "kind": among("cast", "replace"), "data": shaped(CAST, {"replaces": hex64})})
    if (made["kind"] == "replace") != ("replaces" in made["data"]):
        raise Malformed("a replacement names what it replaces, and nothing else does")
    return made


POLL_ACTS: dict[str, dict[str, Check]] = {
    "poll.opened": {"ledgers": HEADS, "definition": hex64}, "poll.closed": {"ledgers": HEADS},
    "poll.tallied": {"sealed": hex64},
    "poll.published": {"ledgers": HEADS, "count": hex64, "seal": matching(HEX32), "level": among("full", "auditors")}}


def assembly_entry(value: Any) -> dict[str, Any]:
    """An entry of the assembly ledger; of other nouns only the frame is known. Raises Malformed."""
    made = fields(value, {"v": among(1), "kind": matching(NOUN), "at": moment, "subject": text,
                          "data": lambda v: isinstance(v, dict)}, {"by": hex64, "prev": hex64})
    extra = POLL_ACTS.get(made["kind"], {})
    for key, check in extra.items():
        if key not in made["data"]:
            raise Malformed(f"{made['kind']} without {key}")
        if check(made["data"][key]) is False:
            raise Malformed(f"{made['kind']}: {key} has a value that is not allowed")
    return made


def refused(value: Any) -> bool:
    """A line of rejected.jsonl: an object with a reason, whatever else it holds. Raises Malformed."""
    if not isinstance(value, dict) or not value.get("reason") or not text(value["reason"]):
        raise Malformed("a refused ballot has a reason")
    return True
