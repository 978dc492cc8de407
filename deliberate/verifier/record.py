"""What a package says, gathered while its ledgers are read once: roll, opening, ballots, close, result, acts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from . import schema
from .archive import Archive
from .ballots import LARGEST_SCALE, Ballots
from .canonical import TIME, Malformed, decode, encode, moment, number
from .logs import Log
from .merkle import Tree, leaf_hash
from .notes import Key
from .report import Report

ROLL_LINE = re.compile(rb'\{"roll":"([0-9a-f]{64})","weight":"([0-9]{1,18}(?:/[0-9]{1,12})?)"\}')
PARTICIPATE = re.compile(rb'\{"data":\{"roll":"([0-9a-f]{64})"\},"kind":"participate","prev":"([0-9a-f]{64})","v":1\}')
BOX_CAST = re.compile(rb'\{"data":\{"ballot":(\{[^\0]*\}),"nonce":"[0-9a-f]{32}",'
                      rb'"weight":"([0-9]{1,18}(?:/[0-9]{1,12})?)"\},"kind":"cast","v":1\}')
OPEN_CAST = re.compile(rb'\{"at":"([0-9TZ:.-]{24})","data":\{"ballot":(\{[^\0]*\}),"nonce":"[0-9a-f]{32}",'
                       rb'"roll":"([0-9a-f]{64})","weight":"([0-9]{1,18}(?:/[0-9]{1,12})?)"\},"kind":"cast",'
                       rb'"prev":"([0-9a-f]{64})","v":1\}')
MOST_WEIGHTS = 10_000


@dataclass
class Record:
    """The state of one verification."""

    archive: Archive
    report: Report
    defined: dict[str, Any]
    key: Key | None
    edition: str = "public"
    logs: dict[str, Log] = field(default_factory=dict)
    roll: dict[bytes, str] = field(default_factory=dict)
    voted: set[bytes] = field(default_factory=set)
    current: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    superseded: dict[bytes, bytes] = field(default_factory=dict)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    acts: list[dict[str, Any]] = field(default_factory=list)
    lots: list[dict[str, Any]] = field(default_factory=list)
    drawn: list[Any] = field(default_factory=list)
    leaves: int = 0
    latest: int = 0
    hidden: bool = False
    void: bool = False
    seen: dict[bytes, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ballots = Ballots(self.defined)

    @property
    def open_mode(self) -> bool:
        """Whether each ballot carries the voter's roll id."""
        return bool(self.defined["mode"] == "open")

    def log(self, name: str) -> Log:
        """A ledger of the package, opened when it is first asked for."""
        if name not in self.logs:
            self.logs[name] = Log(self.archive, self.report, name, self.defined["origins"][name], self.key)
        return self.logs[name]

    def group(self, ballot: bytes, weight: bytes, where: str) -> bytes | None:
        """The group of a ballot, or None, with a finding, if it does not fit. Equal bytes are read once."""
        key = self.ballots.group(ballot, weight)
        wrong = self.seen.get(key)
        if wrong is None:
            try:
                self.ballots.check(decode(ballot))
                wrong = "" if number(weight.decode()) else "its weight is 0"
            except Malformed as error:
                wrong = str(error)
            self.seen[key] = wrong
        if wrong:
            self.report.fail("schema", f"A ballot does not have its form: {wrong}.", where)
            return None
        return key


def read_roll(record: Record) -> None:
    """roll.jsonl: sorted, unique, and with the root, size and weight of the definition."""
    report, path, tree, last = record.report, "roll.jsonl", Tree(), b""
    if path not in record.archive:
        report.fail("integrity", "roll.jsonl is missing.", path)
        return
    weights, heads, n = dict[str, Fraction](), dict[str, int](), 0
    for n, line in enumerate(record.archive.lines(path), 1):
        entry = _roll_line(record, line, n)
        if entry is None:
            continue
        ident, share, leaf = entry
        if share not in weights:
            try:
                weights[share] = number(share)
            except Malformed as error:
                report.fail("schema", f"Line {n} of the roll: {error}.", f"{path} {n}")
                weights[share] = Fraction(0)
            if not weights[share]:
                report.fail("eligibility", f"Line {n} of the roll has no weight above 0.", f"{path} {n}")
            if len(weights) > MOST_WEIGHTS:
                report.fail("robustness", f"The roll has more than {MOST_WEIGHTS} different weights.", path)
                return
        heads[share] = heads.get(share, 0) + 1
        if ident <= last:
            report.fail("eligibility", f"Line {n} of the roll is out of order or stands twice.", f"{path} {n}")
        last = ident
        record.roll[ident] = share
        tree.add(leaf_hash(leaf))
    frozen, weight = record.defined["roll"], Fraction(0)
    for share, many in heads.items():
        weight += weights[share] * many
        if weight.denominator > LARGEST_SCALE:
            report.fail("robustness", "The weights of the roll have no common denominator of a sane size.", path)
            return
    report.expect("eligibility", "The roll does not have the root that was frozen", frozen["root"], tree.root(len(tree)).hex(), path)
    report.expect("eligibility", "The roll does not have the size that was frozen", frozen["size"], n, path)
    report.expect("eligibility", "The roll does not have the weight that was frozen", frozen["weight"], str(weight), path)


def _roll_line(record: Record, line: bytes, n: int) -> tuple[bytes, str, bytes] | None:
    found = None if record.open_mode else ROLL_LINE.fullmatch(line)
    if found:
        return bytes.fromhex(found[1].decode()), found[2].decode(), line
    try:
        must: dict[str, schema.Check] = {"roll": schema.hex64, "weight": number}
        value = schema.fields(decode(line), must | ({"name": schema.text} if record.open_mode else {}))
    except Malformed as error:
        record.report.fail("schema", f"Line {n} of the roll does not have its form: {error}.", f"roll.jsonl {n}")
        return None
    return bytes.fromhex(value["roll"]), value["weight"], encode({"roll": value["roll"], "weight": value["weight"]})


def read_poll(record: Record) -> None:
    """The poll ledger, entry by entry: chain, order of kinds, times, roll and ballots."""
    log, before = record.log("poll"), b""
    for index, data, leaf in log.entries():
        assert data is not None
        where, prev = f"poll {index}", _quick(record, data, leaf, f"poll {index}") if index else ""
        if not prev:
            try:
                entry = schema.poll_entry(decode(data))
            except Malformed as error:
                record.report.fail("schema", f"Entry {index} of the poll ledger does not have its form: {error}.", where)
                before = leaf
                continue
            prev = entry.get("prev", "")
            _poll_entry(record, entry, leaf, index)
        if prev != before.hex():
            record.report.fail("ledger", f"Entry {index} of the poll ledger does not name the entry before it.", where, before.hex(), prev)
        before = leaf
    log.finish()
    for kind in ("open", "close", *(() if record.void else ("result",))):
        if kind not in record.said:
            record.report.fail("ledger", f"The poll ledger has no entry of the kind {kind}.", "poll")


def _quick(record: Record, data: bytes, leaf: bytes, where: str) -> str:
    """Take a participation or ballot in its usual bytes, which need no parser. Returns its ``prev``, or nothing."""
    if "close" in record.said or "open" not in record.said:
        return ""
    if not record.open_mode and (found := PARTICIPATE.fullmatch(data)):
        _participate(record, bytes.fromhex(found[1].decode()), where)
        return found[2].decode()
    if record.open_mode and (found := OPEN_CAST.fullmatch(data)) and TIME.match(found[1].decode()):
        cast = {"roll": found[3].decode(), "weight": found[4].decode()}
        _open_ballot(record, {"kind": "cast", "at": found[1].decode(), "data": cast}, found[2], leaf, where)
        return found[5].decode()
    return ""


def _poll_entry(record: Record, entry: dict[str, Any], leaf: bytes, index: int) -> None:
    kind, data, where, fail = entry["kind"], entry["data"], f"poll {index}", record.report.fail
    if (kind == "open") != (index == 0):
        fail("window", f"Entry {index} is of the kind {kind}; the opening is the first entry and stands once.", where)
    if "result" in record.said:
        fail("window", f"Entry {index} of the poll ledger stands after the result.", where)
    elif "close" in record.said and kind not in ("admin", "result"):
        fail("window", f"Entry {index} of the poll ledger, of the kind {kind}, stands after the close.", where)
    if kind in ("cast", "replace", "participate"):
        if (kind == "participate") == record.open_mode:
            fail("schema", f"Entry {index} of the poll ledger is of a kind that a poll of this mode does not have.", where)
        elif kind == "participate":
            _participate(record, bytes.fromhex(data["roll"]), where)
        else:
            _open_ballot(record, entry, encode(data["ballot"]), leaf, where)
    elif kind == "admin":
        record.acts.append(data)
        if "close" not in record.said:
            fail("window", f"Entry {index} of the poll ledger, on what follows from the ballots, stands before the close.", where)
        if data["act"] == "lot":
            record.lots.append(data["lot"])
        record.void = record.void or data["act"] == "void"
    else:
        if kind == "result" and "close" not in record.said:
            fail("window", "The result stands before the close.", where)
        record.said.setdefault(kind, {**data, "at": entry["at"], "by": entry.get("by"), "index": index, "leaf": leaf})


def _participate(record: Record, ident: bytes, where: str) -> None:
    if "close" in record.said:
        record.report.fail("window", f"A participation stands after the close ({where}).", where)
    if ident in record.voted:
        record.report.fail("uniqueness", f"Roll entry {ident.hex()[:12]}... has voted twice.", where)
    if ident not in record.roll:
        record.report.fail("eligibility", f"{ident.hex()[:12]}... has voted and is not on the roll.", where)
    record.voted.add(ident)


def _open_ballot(record: Record, entry: dict[str, Any], ballot: bytes, leaf: bytes, where: str) -> None:
    data, fail, ident = entry["data"], record.report.fail, bytes.fromhex(entry["data"]["roll"])
    record.leaves += 1
    _in_time(record, moment(entry["at"]), where)
    weight = record.roll.get(ident)
    if weight is None:
        fail("eligibility", f"A ballot is cast for {ident.hex()[:12]}..., who is not on the roll.", where)
    elif weight != data["weight"]:
        fail("eligibility", f"The ballot of {ident.hex()[:12]}... has another weight than the roll gives.", where, weight, data["weight"])
    key = record.group(ballot, data["weight"].encode(), where)
    before = record.current.get(ident)
    record.voted.add(ident)
    if entry["kind"] == "replace" and record.defined["revote"] == "never":
        fail("revote", "A ballot was replaced although the poll does not allow it.", where)
    if entry["kind"] == "cast":
        if before is not None:
            fail("uniqueness", f"Roll entry {ident.hex()[:12]}... has cast two ballots.", where)
    elif before is None or before[0] != bytes.fromhex(data["replaces"]):
        fail("revote", "A replacement does not name the standing ballot of the same member.", where,
             before[0] if before else None, data["replaces"])
        return
    else:
        record.superseded[before[0]] = leaf
        if before[1]:
            record.ballots.add(before[1], -1)
    if key is not None:
        record.ballots.add(key)
    record.current[ident] = (leaf, key or b"")


def _in_time(record: Record, at: int, where: str) -> None:
    """An open ballot's time: not before the opening, not after the close or the announced time with its grace."""
    opened, closes = record.said.get("open"), record.defined.get("closes_at")
    if opened is not None and at < moment(opened["at"]):
        record.report.fail("window", "A ballot was cast before the poll opened.", where, opened["at"])
    if closes is not None and at > moment(closes) + 1000 * record.defined["grace"]:
        record.report.fail("window", "A ballot was cast after the announced close and its grace.", where, closes)
    record.latest = max(record.latest, at)


def read_box(record: Record) -> None:
    """The box ledger: sorted, without time or identity, and its replacements as chains."""
    log, fail, last = record.log("box"), record.report.fail, b""
    keep = record.defined["revote"] != "never"
    standing: dict[bytes, bytes | None] = {}
    targets: list[tuple[bytes, bytes, str]] = []
    for index, data, leaf in log.entries(hidden=record.hidden):
        where = f"box {index}"
        if leaf == last:
            fail("uniqueness", f"Ballot {index} stands twice in the box.", where)
        elif leaf < last:
            fail("ledger", f"The box is not sorted by leaf hash at entry {index}.", where)
        last = leaf
        record.leaves += 1
        if data is None:
            continue
        found = BOX_CAST.fullmatch(data)
        if found and found[1].count(b'"nonce"') == 0:
            key = record.group(found[1], found[2], where)
        else:
            try:
                entry = schema.box_entry(decode(data))
            except Malformed as error:
                fail("schema", f"Entry {index} of the box does not have its form: {error}.", where)
                continue
            key = record.group(encode(entry["data"]["ballot"]), entry["data"]["weight"].encode(), where)
            if "replaces" in entry["data"]:
                targets.append((bytes.fromhex(entry["data"]["replaces"]), leaf, where))
        if key is not None:
            record.ballots.add(key)
        if keep:
            standing[leaf] = key
    log.finish()
    for target, leaf, where in targets:
        _replace(record, standing, target, leaf, where)


def _replace(record: Record, standing: dict[bytes, bytes | None], target: bytes, leaf: bytes, where: str) -> None:
    fail = record.report.fail
    if record.defined["revote"] == "never":
        fail("revote", "A ballot was replaced although the poll does not allow it.", where)
    elif target not in standing:
        fail("revote", "A replacement names a ballot that is not in the box.", where, None, target)
    elif target in record.superseded:
        fail("revote", "One ballot was replaced twice: its chain is forked.", where, None, target)
    else:
        record.superseded[target] = leaf
        old, new = standing[target], standing.get(leaf)
        if old is not None:
            record.ballots.add(old, -1)
            if new is not None and old.rsplit(b",", 1)[1] != new.rsplit(b",", 1)[1]:
                fail("eligibility", "A replacement has another weight than the ballot that it replaces.", where)
