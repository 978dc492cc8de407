"""``python -m deliberate.verifier PACKAGE``: exit 0 nothing disagrees, 1 something does, 2 not readable or usage."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .package import verify


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="deliberate verify",
                                   description="Check a record package and count its ballots again.",
                                   epilog="Exit status: 0 nothing disagrees, 1 something does, 2 not readable.")
    made.add_argument("package", metavar="PACKAGE", help="the record package, a .zip file")
    made.add_argument("--receipt", metavar="FILE", action="append", default=[], help="a voter's receipt (promise or proof) that must fit the record")
    made.add_argument("--old-checkpoint", metavar="FILE", action="append", default=[], help="a checkpoint kept earlier that must be on this history")
    made.add_argument("--policy", metavar="FILE", help="witnesses whose cosignatures are needed (C2SP tlog-policy)")
    made.add_argument("--vkey", metavar="VKEY",
                      help="the ledger's public key as the assembly announced it: name+id+base64")
    made.add_argument("--json", action="store_true", help="the report as JSON")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run the verifier. Returns the exit status."""
    try:
        asked = parser().parse_args(argv)
    except SystemExit as end:
        return 2 if end.code else 0
    report = verify(asked.package, asked.receipt, asked.old_checkpoint, asked.vkey, asked.policy)
    if asked.json:
        text = json.dumps(report.as_json(), indent=1, sort_keys=True)
    else:
        text = report.text().encode(sys.stdout.encoding or "utf-8", "replace").decode(sys.stdout.encoding or "utf-8")
    print(text)
    return report.exit_code
