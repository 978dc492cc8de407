"""Entries: the lines of the three kinds of ledger, and the commitments that stand in them for people.

Source: docs/reference/record-package.md, "Ids" and "Ledger entries". An entry is refused here rather than found by an
auditor: what a kind does not name (a time or an identity in a ballot box above all) cannot be written.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical

LONGEST = 65_535
_HEX64, _HEX32 = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{32}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_NOUN_DONE = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}")


@dataclass(frozen=True)
class Kind:
    """What an entry of one kind holds. must, may: fields of ``data``; at, by: whether it says when, and by whom."""

    must: tuple[str, ...]
    may: tuple[str, ...] = ()
    at: bool = True
    by: bool = True


_CAST = ("roll", "ballot", "nonce", "weight")
POLL: dict[str, Kind] = {
    "open": Kind(("definition", "roll_root", "roll_size", "method", "rules", "keys", "witness", "code")),
    "participate": Kind(("roll",), at=False, by=False),
    "cast": Kind(_CAST, by=False),
    "replace": Kind((*_CAST, "replaces"), by=False),
    "close": Kind(("reason", "ballots", "participations"), ("box",)),
    "result": Kind(("count", "input", "code")),
}
"""Kinds of a poll ledger but ``admin``, whose fields follow from its ``act``."""
ADMIN: dict[str, Kind] = {
    "lot": Kind(("act", "lot"), ("how",)),
    "void": Kind(("act", "reason")),
    "publication": Kind(("act", "level", "unique")),
}
"""What officers do to a poll."""
BOX: dict[str, Kind] = {
    "cast": Kind(("ballot", "nonce", "weight"), at=False, by=False),
    "replace": Kind(("ballot", "nonce", "weight", "replaces"), at=False, by=False),
}
"""Kinds of a box ledger: no time, no identity, no order."""
EMBEDDED: dict[str, tuple[str, ...]] = {
    "poll.opened": ("ledgers", "definition"),
    "poll.closed": ("ledgers",),
    "poll.tallied": ("sealed",),
    "poll.published": ("ledgers", "count", "seal", "level"),
}
"""What acts on a poll must say in the assembly ledger; any ``noun.done`` may say more."""


def _hex(value: Any) -> bool:
    return isinstance(value, str) and _HEX64.fullmatch(value) is not None


def _hex32(value: Any) -> bool:
    return isinstance(value, str) and _HEX32.fullmatch(value) is not None


def _weight(value: Any) -> bool:
    return isinstance(value, str) and canonical.parse_exact(value) > 0


def _whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def _ballot(value: Any) -> bool:
    return isinstance(value, Mapping) and (set(value), value.get("kind")) in (
        ({"kind", "marks"}, "choice"),
        ({"kind", "ranks"}, "ranking"),
    )


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _object(value: Any) -> bool:
    return isinstance(value, Mapping)


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "definition": _hex,
    "roll_root": _hex,
    "roll": _hex,
    "replaces": _hex,
    "count": _hex,
    "input": _hex,
    "how": _hex,
    "sealed": _hex,
    "seal": _hex32,
    "nonce": _hex32,
    "weight": _weight,
    "ballot": _ballot,
    "roll_size": _whole,
    "ballots": _whole,
    "participations": _whole,
    "unique": _whole,
    "method": _text,
    "code": _text,
    "reason": _text,
    "level": lambda value: value in ("full", "auditors"),
    "rules": _object,
    "keys": _object,
    "witness": _object,
    "lot": _object,
    "box": _object,
    "ledgers": _object,
}


def _refuse(what: str, why: str) -> NoReturn:
    raise DeliberateError(what, why, "See the table of kinds in the reference of the ledger.", "ledger.entry")


def moment(at: datetime) -> str:
    """A moment as ledgers write it: UTC, milliseconds (cut, not rounded). Raises DeliberateError without a time zone.

    >>> moment(datetime(2026, 11, 24, 11, 20, 31, 123999, tzinfo=UTC))
    '2026-11-24T11:20:31.123Z'
    """
    if at.tzinfo is None:
        _refuse("A moment has no time zone.", "It would mean another moment on another machine.")
    there = at.astimezone(UTC).replace(tzinfo=None)
    return there.isoformat(timespec="milliseconds") + "Z"


def parse_moment(text: str) -> datetime:
    """The moment that :func:`moment` wrote. Raises DeliberateError ``ledger.entry`` for any other spelling."""
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    _refuse(f'"{text[:40]}" is not a moment.', "One is written 2026-11-24T11:20:31.123Z.")


def body(
    ledger: str,
    kind: str,
    *,
    data: Mapping[str, Any],
    at: datetime | None = None,
    by: str | None = None,
    subject: str | None = None,
    prev: str | None = None,
) -> bytes:
    """Canonical bytes of one entry. ledger: assembly, poll or box; what is None is left out.

    Raises DeliberateError ``ledger.entry`` for what the kind does not allow, ``ledger.long`` above 65,535 bytes.
    """
    made: dict[str, Any] = {"v": 1, "kind": kind, "data": dict(data)}
    rest = {"at": None if at is None else moment(at), "by": by, "subject": subject, "prev": prev}
    made |= {name: value for name, value in rest.items() if value is not None}
    check(ledger, made)
    encoded = canonical.encode(made)
    if len(encoded) > LONGEST:
        raise DeliberateError(
            f"An entry has {len(encoded)} bytes.",
            f"A ledger takes {LONGEST} at most.",
            "Put the long text in by its hash.",
            "ledger.long",
        )
    return encoded


def read(ledger: str, data: bytes) -> dict[str, Any]:
    """The value of an entry's bytes. Raises DeliberateError as :func:`body` and :func:`canonical.decode` do."""
    value = canonical.decode(data)
    if not isinstance(value, dict):
        _refuse("An entry is not an object.", "It has a kind and data.")
    check(ledger, value)
    return value


def check(ledger: str, value: Mapping[str, Any]) -> None:
    """Raise DeliberateError ``ledger.entry`` unless the value is an entry of that kind of ledger."""
    kind, data = value.get("kind"), value.get("data")
    if value.get("v") != 1 or not isinstance(kind, str) or not isinstance(data, Mapping):
        _refuse("An entry lacks its version, kind or data.", "Every entry has them.")
    rule = _rule(ledger, kind, data)
    must = {"v", "kind", "data"} | ({"at"} if rule.at else set()) | ({"subject"} if ledger == "assembly" else set())
    may = ({"by"} if rule.by else set()) | (set() if ledger == "box" else {"prev"})
    _named(kind, value.keys(), must, must | may)
    for name in ("by", "prev"):
        if name in value and not _hex(value[name]):
            _refuse(f'An entry of kind {kind} has a false "{name}".', "It has 64 lower-case hexadecimal digits.")
    if "at" in value:
        parse_moment(str(value["at"]))
    _named(kind, data.keys(), set(rule.must), data.keys() if ledger == "assembly" else {*rule.must, *rule.may})
    for name in data.keys() & {*rule.must, *rule.may} & _FIELDS.keys():
        if not _FIELDS[name](data[name]):
            _refuse(f'An entry of kind {kind} has a false "{name}".', f"{str(data[name])[:80]} is not a value of it.")


def _rule(ledger: str, kind: str, data: Mapping[str, Any]) -> Kind:
    rule = None
    if ledger == "assembly" and _NOUN_DONE.fullmatch(kind):
        rule = Kind(EMBEDDED.get(kind, ()))
    elif ledger == "box":
        rule = BOX.get(kind)
    elif ledger == "poll":
        rule = ADMIN.get(str(data.get("act"))) if kind == "admin" else POLL.get(kind)
    if rule is None:
        _refuse(f'The {ledger} ledger has no entries of kind "{kind[:40]}".', "Readers would not know what they mean.")
    return rule


def _named(kind: str, found: Any, must: set[str], may: Any) -> None:
    if missing := must - found:
        _refuse(f'An entry of kind {kind} lacks "{min(missing)}".', "A reader needs it.")
    if extra := found - may:
        _refuse(f'An entry of kind {kind} must not hold "{min(extra)}".', "It is not among the fields of its kind.")


def commitment(salt: bytes, public_id: str) -> str:
    """SHA-256(salt || id): who did an act, without saying it."""
    return hashlib.sha256(salt + public_id.encode()).hexdigest()


def roll_id(salt: bytes, poll: str) -> str:
    """HMAC-SHA256(salt, poll): a member's value on one roll; two rolls cannot be joined by it."""
    return hmac.new(salt, poll.encode(), hashlib.sha256).hexdigest()
