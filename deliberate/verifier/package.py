"""Verify one record package: every check of the table in the reference, in one reading of the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from . import checks, schema, witnesses
from . import receipts as kept
from .archive import Archive, TooLarge, Unreadable, open_file
from .ballots import read_json
from .canonical import Malformed
from .counters import COUNTERS
from .definition import definition
from .notes import ED25519, LONGEST, BadNote, Key, read_key, read_note
from .record import Record, read_box, read_poll, read_roll
from .report import CHECKS, Report, brief

MANIFEST_LIMIT = 1 << 25
SMALL_LIMIT = 1 << 22
FEW = 10
"""Voters below whom a box is said to hide little."""
LAYOUT = {"manifest.json", "manifest.note", "definition.json", "roll.jsonl", "ballots.json", "ballots.csv", "ballots.blt",
          "tally/rounds.json", "tally/explain.md", "replaced.jsonl", "rejected.jsonl", "code.json"}
"""Every file but those of the ledgers, under ``log/``."""


class Asked:
    """What the auditor holds beside the package: paths of receipts, checkpoints and a witness policy; the key."""

    def __init__(self, receipts: Sequence[str], checkpoints: Sequence[str], policy: str | None, vkey: str | None) -> None:
        self.receipts, self.checkpoints, self.policy, self.vkey = receipts, checkpoints, policy, vkey
        self.key: Key | None = None
        if vkey is not None:
            try:
                self.key = read_key(vkey.strip())
            except BadNote as error:
                raise Unreadable(f"--vkey: {error}") from None


def verify(path: str, receipts: Sequence[str] = (), checkpoints: Sequence[str] = (), vkey: str | None = None,
           policy: str | None = None) -> Report:
    """Verify the package at a path, with files of receipts, kept checkpoints and a witness policy, and the known key.

    Never raises for anything that stands in a file: it ends in the report."""
    report = Report(package=Path(path).name)
    try:
        asked = Asked(receipts, checkpoints, policy, vkey)
        with open_file(path) as file:
            _verify(file, report, asked)
    except Unreadable as error:
        report.unreadable = str(error)
        report.fail("robustness", f"The package cannot be read: {error}.")
    except TooLarge as error:
        report.fail("robustness", f"A limit was reached, and reading stopped: {error}.")
    except (MemoryError, RecursionError, OverflowError, ArithmeticError, ValueError, LookupError, TypeError,
            AttributeError) as error:
        report.fail("robustness", f"Reading had to stop ({type(error).__name__}: {brief(error)}).")
    return report


def _verify(file: BinaryIO, report: Report, asked: Asked) -> None:
    archive = Archive(file, report)
    edition, poll = _manifest(archive, report)
    key = _definition_key(archive, report, asked)
    if key is None:
        return
    defined, known = key
    record = Record(archive, report, defined, known, edition)
    if poll is not None:
        report.expect("integrity", "The manifest is of another poll", defined["poll"], poll, "manifest.json")
    _manifest_note(record)
    _strangers(record)
    record.hidden = edition == "public" and defined["publication"] == "auditors" and not any(
        path.startswith("log/box/tile/entries/") for path in archive.members)
    read_roll(record)
    read_poll(record)
    if not record.open_mode:
        read_box(record)
    checks.assembly(record)
    checks.all_of(record)
    _limits(record)
    kept.check(record, asked.receipts, asked.checkpoints)
    witnesses.check(record, asked.policy)
    _signature_passes(record, asked)
    report.ok("robustness", f"{len(archive.members)} files, {archive.length} bytes, all within limits.")


def _manifest(archive: Archive, report: Report) -> tuple[str, str | None]:
    """The file set and every hash. Returns the edition and the poll that the manifest names."""
    path = "manifest.json"
    if path not in archive:
        report.fail("integrity", "manifest.json is missing.", path)
        return "public", None
    try:
        file = schema.shaped({"path": schema.text, "size": schema.whole, "sha256": schema.hex64})
        value = read_json(archive, path, MANIFEST_LIMIT)
        if isinstance(value, dict) and value.get("v") != 1:
            raise Unreadable(f"the package has format version {brief(value.get('v'))}; this verifier knows version 1")
        schema.fields(value, {"v": schema.among(1), "edition": schema.among("public", "auditors"), "poll": schema.text,
                              "files": schema.each(file, 65_536)})
    except Malformed as error:
        report.fail("integrity", f"The manifest does not have its form: {error}.", path)
        return "public", None
    report.package_id = archive.digest(path)
    listed = [one["path"] for one in value["files"]]
    if listed != sorted(set(listed)):
        report.fail("integrity", "The manifest is not sorted by path, or lists a file twice.", path)
    for one in value["files"]:
        name = one["path"]
        if name not in archive:
            report.fail("integrity", f"{brief(name)} is in the manifest and not in the archive.", brief(name))
        elif archive.size(name) != one["size"] or archive.digest(name) != one["sha256"]:
            report.fail("integrity", f"{name} is not the file of the manifest: its bytes were changed.", name,
                        one["sha256"], archive.digest(name))
    for name in sorted(archive.members.keys() - set(listed) - {"manifest.json", "manifest.note"}):
        report.fail("integrity", f"{name} is in the archive and not in the manifest.", name)
    report.ok("integrity", f"{len(listed)} files, each with the size and SHA-256 of the manifest.")
    return str(value["edition"]), str(value["poll"])


def _strangers(record: Record) -> None:
    """Files beyond the layout: a ledger that the definition does not name is wrong, any other file is only not known."""
    unknown = []
    for path in sorted(record.archive.members):
        if path.startswith("log/") and path.split("/")[1] not in record.defined["origins"]:
            record.report.fail("ledger", f"{path} is of a ledger that this poll does not have.", path)
        elif path not in LAYOUT and not path.startswith("log/"):
            unknown.append(path)
    if unknown:
        record.report.unchecked.append(f"What stands in {brief(', '.join(unknown))}: this verifier does not know "
                                       f"{'such a file' if len(unknown) == 1 else f'these {len(unknown)} files'}.")


def _definition_key(archive: Archive, report: Report, asked: Asked) -> tuple[dict[str, object], Key | None] | None:
    """definition.json and the pinned key; None, with findings, when nothing further can be checked."""
    path = "definition.json"
    if path not in archive:
        report.fail("integrity", "definition.json is missing; nothing else can be checked.", path)
        return None
    try:
        value = read_json(archive, path, SMALL_LIMIT)
        if isinstance(value, dict) and "v" in value and value["v"] != 1:
            raise Unreadable(f"the definition has version {brief(value['v'])}; this verifier knows version 1")
        if isinstance(value, dict) and isinstance(value.get("method"), str) and value["method"] not in COUNTERS:
            raise Unreadable(f"the method {brief(value['method'])} is not known to this verifier")
        if isinstance(value, dict) and isinstance(value.get("rules"), dict) and value["rules"].get("constraints"):
            raise Unreadable("its rules have constraints on who is elected, which are not known to this verifier")
        defined = definition(value)
    except Malformed as error:
        report.fail("schema", f"definition.json does not have its form, and nothing else can be checked: {error}.", path)
        return None
    try:
        known = read_key(defined["keys"]["ledger"])
        if known.kind != ED25519:
            raise BadNote("a ledger key has type 1")
    except BadNote as error:
        report.fail("signature", f"The key that the definition pins cannot be used: {error}.", path)
        return defined, asked.key
    if asked.key is not None and asked.key != known:
        report.fail("signature", "The record pins another key than the one that you hold.", path, asked.vkey,
                    defined["keys"]["ledger"])
        return defined, asked.key
    return defined, known


def _manifest_note(record: Record) -> None:
    path, report = "manifest.note", record.report
    if path not in record.archive:
        report.fail("signature", "manifest.note is missing: the package is not signed.", path)
        return
    expected = f"deliberate record package\n{record.defined['origins']['poll']}\n{report.package_id}\n"
    try:
        note = read_note(record.archive.read(path, LONGEST))
        if note.text != expected:
            report.fail("signature", "The signature is over another package or another poll.", path, expected, note.text)
        if record.key is not None and note.signed_by(record.key) is None:
            report.fail("signature", f"The manifest is not signed by the pinned key {record.key.name}.", path)
    except BadNote as error:
        report.fail("signature", f"The signature of the manifest does not hold: {error}.", path)


def _limits(record: Record) -> None:
    """What this record, by its mode and size, cannot show."""
    unchecked, voted = record.report.unchecked, len(record.voted)
    if record.open_mode:
        unchecked.append("Whether the names on the roll belong to these roll ids: names are not under the frozen root. "
                         "Each member can look for their own line and ballot.")
    elif voted < FEW:
        unchecked.append(f"Whether the box hides who cast which ballot: with {voted} of them it hides little.")


def _signature_passes(record: Record, asked: Asked) -> None:
    if record.key is None:
        return
    name, ok = record.key.name, record.report.ok
    if asked.key is not None:
        ok("signature", f"manifest and all checkpoints are signed by {name}, the key that you gave.")
    else:
        ok("signature", f"manifest and all checkpoints are signed by {name}, the key that the record pins.")
        record.report.unchecked.append(f"Whether {record.defined['keys']['ledger']} is the key that the assembly "
                                       "announced. Compare it with invitations and minutes, or give it with --vkey.")


__all__ = ["CHECKS", "verify"]
