"""Receipts and old checkpoints: does what somebody kept fit this record?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .archive import Unreadable
from .logs import Log
from .merkle import included
from .notes import LONGEST, BadNote, Key, Note, read_head, read_note, unbase64
from .record import Record

PROOF, PROMISE = "c2sp.org/tlog-proof@v1", "deliberate promise 1"
INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})\Z")


def read_kept(path: str) -> bytes:
    """A file that the auditor gave. Raises Unreadable."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LONGEST + 1)
    except (OSError, ValueError):
        raise Unreadable(f"the file {path} cannot be opened") from None
    if len(data) > LONGEST:
        raise Unreadable(f"the file {path} is too long to be a receipt, checkpoint or policy")
    return data


def check(record: Record, receipts: Sequence[str], checkpoints: Sequence[str]) -> None:
    """The check ``receipt``, for files of receipts and of old checkpoints."""
    report, says = record.report, []
    for path, reading in [*((p, _receipt) for p in receipts), *((p, _old) for p in checkpoints)]:
        try:
            says.append(reading(record, read_kept(path)))
        except BadNote as error:
            report.fail("receipt", f"The receipt or checkpoint does not hold: {error}.", Path(path).name)
    if says or report.fails.get("receipt"):
        report.ok("receipt", " ".join(says))
        return
    report.skip("receipt", "no receipt and no old checkpoint was given.")
    report.unchecked.append("Whether this history is the one that was shown while the poll was open: "
                            "give --receipt (of a voter) or --old-checkpoint (that somebody kept).")


def _signed(record: Record, note: Note, origin: str) -> None:
    key: Key | None = record.key
    if key is not None and note.signed_by(key) is None:
        raise BadNote(f"it is not signed by the key of this record, or it is of another ledger than {origin}")


def _ballot_log(record: Record) -> Log:
    return record.log("poll" if record.open_mode else "box")


def _receipt(record: Record, data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    if text.startswith(PROMISE + "\n"):
        return _promise(record, data)
    head, gap, rest = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != PROOF or not gap:
        raise BadNote("it is neither a promise nor a proof")
    extra = lines.pop(1)[6:] if len(lines) > 1 and lines[1].startswith("extra ") else ""
    found = INDEX.match(lines[1]) if len(lines) > 1 else None
    if found is None or len(lines) > 66:
        raise BadNote("the proof has no index, or too many hashes")
    return _proof(record, int(found[1]), [unbase64(line) for line in lines[2:]], unbase64(extra) if extra else b"",
                  rest)


def _proof(record: Record, index: int, hashes: list[bytes], extra: bytes, checkpoint: str) -> str:
    log, fail = _ballot_log(record), record.report.fail
    note = read_note(checkpoint.encode("utf-8", "replace"))
    head = read_head(note.text)
    _signed(record, note, log.origin)
    if head.origin != log.origin:
        fail("receipt", "The receipt is of another poll or ledger.", "receipt", log.origin, head.origin)
        return ""
    if not log.holds(head.size, head.root):
        fail("receipt", "The checkpoint in the receipt is not on the history of this record.", "receipt", head.root)
        return ""
    leaf = log.tree.leaf(index) if index < len(log.tree) else b""
    if extra and extra != leaf:
        fail("receipt", f"The ballot of the receipt is not at place {index} of this record.", "receipt", extra, leaf)
    elif not included(index, head.size, leaf, hashes, head.root):
        fail("receipt", "The proof in the receipt does not lead to its checkpoint.", "receipt")
    return f"the ballot {leaf.hex()[:12]}... is entry {index} of the {log.name} ledger{_replaced(record, leaf)}."


def _replaced(record: Record, leaf: bytes) -> str:
    return " and was replaced by a later one" if leaf in record.superseded else ""


def _promise(record: Record, data: bytes) -> str:
    note, log, fail = read_note(data), _ballot_log(record), record.report.fail
    lines = note.text.split("\n")
    if len(lines) != 5 or not re.fullmatch("[0-9a-f]{64}", lines[2]):
        raise BadNote("the promise is malformed")
    _signed(record, note, log.origin)
    if lines[1] != log.origin:
        fail("receipt", "The promise is of another poll or ledger.", "receipt", log.origin, lines[1])
        return ""
    leaf = bytes.fromhex(lines[2])
    for i in range(len(log.tree)):
        if log.tree.leaf(i) == leaf:
            return f"the ballot {lines[2][:12]}... is entry {i} of the {log.name} ledger{_replaced(record, leaf)}."
    fail("receipt", "A signed promise is not kept: the promised ballot is not in this record. The receipt is evidence.",
         "receipt", lines[2])
    return ""


def _old(record: Record, data: bytes) -> str:
    note = read_note(data)
    head = read_head(note.text)
    name = next((n for n, origin in record.defined["origins"].items() if origin == head.origin), None)
    if name is None:
        record.report.fail("receipt", "The old checkpoint is of a ledger that is not in this record.", "checkpoint",
                           None, head.origin)
        return ""
    _signed(record, note, head.origin)
    log = record.log(name)
    if head.size > len(log.tree):
        if name == "assembly":
            record.report.skip("receipt", "the old checkpoint is later than the publication, where this record ends.")
        else:
            record.report.fail("receipt", f"The {name} ledger had {head.size} entries, here {len(log.tree)}.",
                               "checkpoint", head.size, len(log.tree))
        return ""
    if not log.holds(head.size, head.root):
        record.report.fail("receipt", f"The old checkpoint is not on this history of the {name} ledger.",
                           "checkpoint", head.root, log.tree.root(head.size))
    return f"the old checkpoint of the {name} ledger at {head.size} entries is on this history."
