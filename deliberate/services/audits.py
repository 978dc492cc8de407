"""Audits: what the stand-alone verifier says of a stored package. It is given the file and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from deliberate import verifier
from deliberate.verifier.report import IDS

MOST = 16 * 1024 * 1024  # larger packages are checked on the reader's own machine, not while a page waits


@dataclass(frozen=True)
class Finding:
    """One check: PASS, FAIL or NOT CHECKED, and what it says."""

    id: str
    result: str
    says: str


def of(file: Path) -> list[Finding] | None:
    """The findings about a package, made once and kept beside it; None for one that is too large for a page."""
    kept = file.with_suffix(".checks.json")
    if kept.exists():
        return [Finding(**one) for one in json.loads(kept.read_text(encoding="utf-8"))]
    if file.stat().st_size > MOST:
        return None
    report = verifier.verify(str(file))
    made = [Finding(one.id, one.result, one.says) for one in sorted(report.findings, key=lambda one: IDS.index(one.id))]
    kept.write_text(json.dumps([asdict(one) for one in made]), encoding="utf-8")
    return made
