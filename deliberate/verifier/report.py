"""The report: one line for each check, then what could not be checked, and what no verifier can show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

IDS = (
    "integrity",
    "signature",
    "ledger",
    "witness",
    "window",
    "eligibility",
    "uniqueness",
    "revote",
    "definition",
    "schema",
    "formats",
    "tally",
    "receipt",
    "robustness",
)
NO_VERIFIER = (
    "a device that changed the choice before it was sent",
    "a voter under pressure",
    "a roll that was wrong from the start",
    "a server that refused a ballot and gave no receipt",
)


@dataclass
class Finding:
    """The result of one check: PASS, FAIL or NOT CHECKED."""

    id: str
    result: str
    says: str
    where: str = ""
    expected: Any = None
    found: Any = None


@dataclass
class Report:
    """All findings about one package."""

    title: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(finding.result == "FAIL" for finding in self.findings)

    @property
    def status(self) -> int:
        """Exit status: 0 all agrees, 1 something disagrees."""
        return 1 if self.failed else 0

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)

    def text(self) -> str:
        """The report in plain language."""
        ordered = sorted(self.findings, key=lambda one: IDS.index(one.id))
        lines = [self.title, "", *(f"{one.result} {one.id}: {one.says}" for one in ordered), ""]
        bad, missing = [o for o in ordered if o.result == "FAIL"], [o for o in ordered if o.result == "NOT CHECKED"]
        if bad:
            lines.append(
                f"This record does not agree with itself: {', '.join(sorted({o.id for o in bad}, key=IDS.index))}."
            )
        else:
            lines.append("Everything that was checked agrees.")
        if missing:
            lines.append(f"Not checked: {', '.join(o.id for o in missing)}.")
        lines.append(f"No verifier can show: {'; '.join(NO_VERIFIER)}.")
        return "\n".join(lines)

    def json(self) -> str:
        """The report for programs."""
        return json.dumps(
            {
                "title": self.title,
                "ok": not self.failed,
                "checks": [vars(one) for one in self.findings],
                "not_shown": list(NO_VERIFIER),
            },
            ensure_ascii=False,
            indent=2,
            default=str,
        )
