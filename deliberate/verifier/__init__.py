"""A second, independent implementation: reads a record package and recomputes everything from nothing but itself.

Standard library and ``cryptography`` only; nothing is imported from the rest of the project.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from deliberate.verifier import tree
from deliberate.verifier.archive import Archive
from deliberate.verifier.canon import Fail, Unreadable
from deliberate.verifier.checks import CHECKS
from deliberate.verifier.package import Package
from deliberate.verifier.report import Finding, Report

VERSION = "1"


def verify(path: str, receipts: Sequence[str] = (), checkpoints: Sequence[str] = (), vkey: str | None = None) -> Report:
    """Check a record package. Raises Unreadable when it cannot be read at all.

    receipts: files of receipts; checkpoints: kept heads of a ledger; vkey: the ledger key, if known from elsewhere.
    """
    package = Package(Archive(path), vkey)
    package.begin()
    made = Report(f"Record of poll {package.definition['poll']}: {package.definition['title']}")
    for name, check in CHECKS.items():
        try:
            says = check(package)
            made.add(
                Finding(name, "PASS", says)
                if says
                else Finding(name, "NOT CHECKED", "the poll asked for no witnesses.")
            )
        except Fail as fail:
            made.add(Finding(name, "FAIL", fail.says, fail.where, fail.expected, fail.found))
        except Unreadable as error:
            made.add(Finding(name, "FAIL", str(error)))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, UnicodeError) as error:
            made.add(
                Finding(
                    name,
                    "FAIL",
                    f"something that this check needs is missing or malformed ({type(error).__name__}).",
                    "",
                    None,
                    str(error)[:200],
                )
            )
    for finding in _kept(package, receipts, checkpoints):
        made.add(finding)
    if not receipts and not checkpoints:
        made.add(
            Finding(
                "receipt",
                "NOT CHECKED",
                "no receipt and no kept checkpoint was given; give one with --receipt or --old-checkpoint.",
            )
        )
    made.add(Finding("robustness", "PASS", "sizes, depths and counts are within limits."))
    return made


def _kept(package: Package, receipts: Sequence[str], checkpoints: Sequence[str]) -> list[Finding]:
    found = []
    for path in receipts:
        try:
            found.append(Finding("receipt", "PASS", _receipt(package, Path(path).read_bytes())))
        except Fail as fail:
            found.append(Finding("receipt", "FAIL", fail.says, path, fail.expected, fail.found))
        except OSError as error:
            raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    for path in checkpoints:
        try:
            found.append(Finding("receipt", "PASS", _old(package, Path(path).read_bytes())))
        except Fail as fail:
            found.append(Finding("receipt", "FAIL", fail.says, path, fail.expected, fail.found))
        except OSError as error:
            raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    return found


def _receipt(package: Package, data: bytes) -> str:
    """A promise or a proof: its ballot must be in the ledger."""
    key = tree.Key.parse(package.definition["keys"]["ledger"])
    text = data.decode("utf-8", "replace")
    name = "box" if "box" in package.leaves else "poll"
    if text.startswith("c2sp.org/tlog-proof@v1\n"):
        before, _, signed = text.partition("\n\n")
        lines = before.split("\n")[1:]
        extra = lines.pop(0) if lines and lines[0].startswith("extra ") else ""
        try:
            leaf, index = base64.b64decode(extra.removeprefix("extra ")), int(lines[0].removeprefix("index "))
            path = [base64.b64decode(line, validate=True) for line in lines[1:]]
        except (ValueError, IndexError, binascii.Error):
            raise Fail("The receipt is malformed.", "receipt") from None
        origin, size, root = tree.head(tree.open_note(signed.encode(), key, "receipt"), "receipt")
        if origin != package.definition["origins"][name]:
            raise Fail("The receipt is of another poll.", "receipt", package.definition["origins"][name], origin)
        if tree.climb(index, size, leaf, path) != root:
            raise Fail("The receipt's proof does not lead to its signed head.", "receipt")
        if (
            size > len(package.leaves[name])
            or tree.root(package.leaves[name][:size]) != root
            or package.leaves[name][index] != leaf
        ):
            raise Fail("The ballot of this receipt is not in the published ledger.", "receipt", leaf.hex(), None)
        return f"this ballot is leaf {index + 1} of {len(package.leaves[name])} in the ledger."
    lines = tree.open_note(data, key, "receipt").split("\n")
    if len(lines) != 5 or lines[0] != "deliberate promise 1" or lines[1] != package.definition["origins"][name]:
        raise Fail("This is not a receipt of this poll.", "receipt")
    if bytes.fromhex(lines[2]) not in package.leaves[name]:
        raise Fail("The promise was not kept: this ballot is not in the published ledger.", "receipt", lines[2], None)
    return f"the promise was kept: this ballot is leaf {package.leaves[name].index(bytes.fromhex(lines[2])) + 1} of {len(package.leaves[name])}."


def _old(package: Package, data: bytes) -> str:
    """A head that somebody kept must be on the published history."""
    key = tree.Key.parse(package.definition["keys"]["ledger"])
    origin, size, root = tree.head(tree.open_note(data, key, "kept checkpoint"), "kept checkpoint")
    for name in package.ledgers():
        if package.definition["origins"][name] == origin:
            if size > len(package.leaves[name]):
                return f"the kept checkpoint is newer than this record ({size} entries); it cannot be compared."
            if tree.root(package.leaves[name][:size]) != root:
                raise Fail(
                    f"The kept checkpoint of the {name} ledger is not on the published history.",
                    "kept checkpoint",
                    hashlib.sha256(root).hexdigest(),
                    size,
                )
            return f"the kept checkpoint of the {name} ledger, {size} entries, is on the published history."
    raise Fail(
        "The kept checkpoint is of another ledger.",
        "kept checkpoint",
        sorted(package.definition["origins"].values()),
        origin,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 all agrees, 1 something disagrees, 2 not readable."""
    parser = argparse.ArgumentParser(
        prog="deliberate-verify",
        description="Check a record package from nothing but itself.",
        epilog="Exit status: 0 all agrees, 1 a check failed, 2 the package cannot be read.",
    )
    parser.add_argument("package", help="the record package, record.zip")
    parser.add_argument(
        "--receipt",
        action="append",
        default=[],
        metavar="FILE",
        help="a receipt that must be in the ledger; may be repeated",
    )
    parser.add_argument(
        "--old-checkpoint",
        action="append",
        default=[],
        metavar="FILE",
        help="a signed head that you kept; may be repeated",
    )
    parser.add_argument("--vkey", help="the ledger key that you know from elsewhere")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    given = parser.parse_args(arguments)
    try:
        made = verify(given.package, given.receipt, given.old_checkpoint, given.vkey)
    except (Unreadable, RecursionError, MemoryError) as error:
        print(f"Not readable: {error}", file=sys.stderr)
        return 2
    print(made.json() if given.json else made.text())
    return made.status
