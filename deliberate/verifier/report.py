"""What was found: one line for each check, then what could not be checked, then what nobody can."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

CHECKS = {"integrity": "the archive is well formed, and its files and hashes are those of the manifest",
    "signature": "the manifest and the checkpoints are signed by the pinned key",
    "ledger": "entries, tiles, roots, hash chain and checkpoints tell one history",
    "witness": "enough witnesses have cosigned the checkpoints",
    "window": "nothing was cast before the opening or after the close",
    "eligibility": "every ballot is from the roll, with the weight of the roll",
    "uniqueness": "one counted ballot for each member who voted",
    "revote": "replacements form allowed chains, and only the last of each counts",
    "definition": "question, options, rules and roll are those that were frozen at the opening",
    "schema": "every entry and file has the exact form, and no box entry tells who or when",
    "formats": "the files of ballots carry the same ballots as the ledger",
    "tally": "a second, independent count gives the published one",
    "receipt": "a given receipt or old checkpoint fits this record",
    "robustness": "sizes, counts and nesting are within limits",
}
IDS = tuple(CHECKS)
LIMITS = ("That the device on which a member voted showed and sent what the member chose.",
    "That nobody was bribed, watched or forced while voting.",
    "That the roll names the right people, and that each log-in was used by its owner.",
    "In confidential mode, that those who run the server did not look at, add or exchange ballots before the close.",
)
MOST = 12
"""Findings shown for one check; the rest are counted."""


@dataclass(frozen=True)
class Finding:
    """One line of the report: the check, PASS, FAIL or NOT CHECKED, a plain sentence, and of a failure where, what was
    expected and what was found."""

    id: str
    result: str
    says: str
    where: str = ""
    expected: Any = None
    found: Any = None


@dataclass
class Report:
    """The result of a verification: findings and passes by check, and what could not be checked."""

    package: str = ""
    package_id: str = ""
    unreadable: str = ""
    fails: dict[str, list[Finding]] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)

    def fail(self, check: str, says: str, where: str = "", expected: Any = None, found: Any = None) -> None:
        """Something disagrees. From the MOST-th finding of a check on they are only counted."""
        known = self.fails.setdefault(check, [])
        if len(known) < MOST:
            known.append(Finding(check, "FAIL", says, where, plain(expected), plain(found)))
        else:
            self.more[check] = self.more.get(check, 0) + 1

    def expect(self, check: str, says: str, expected: Any, found: Any, where: str = "") -> bool:
        """Fail with ``says`` unless found equals expected. Returns whether it does."""
        same: bool = type(expected) is type(found) and bool(expected == found)
        if not same:
            self.fail(check, f"{says}: expected {brief(expected)}, found {brief(found)}.", where, expected, found)
        return same

    def skip(self, check: str, why: str) -> None:
        """A check that has no input here."""
        self.skipped[check] = why

    def ok(self, check: str, says: str) -> None:
        """A check that was made; it passes unless something was found."""
        self.passed[check] = says

    @property
    def failed(self) -> bool:
        """Whether any check failed."""
        return any(self.fails.values())

    @property
    def exit_code(self) -> int:
        """0 all that was checked agrees, 1 something disagrees, 2 not readable."""
        return 2 if self.unreadable else 1 if self.failed else 0

    def result(self, check: str) -> str:
        """``PASS``, ``FAIL`` or ``NOT CHECKED``."""
        if self.fails.get(check):
            return "FAIL"
        return "PASS" if check in self.passed and check not in self.skipped and not self.unreadable else "NOT CHECKED"

    @property
    def findings(self) -> list[Finding]:
        """What stands for each check, in their order: its failures, or that it passed, or why it was not made."""
        made: list[Finding] = []
        for check in CHECKS:
            result = self.result(check)
            if result == "FAIL":
                made += self.fails[check]
                if check in self.more:
                    made.append(Finding(check, "FAIL", f"and {self.more[check]} more of this kind."))
            else:
                missing = self.skipped.get(check, "the package was not read so far.")
                made.append(Finding(check, result, self.passed[check] if result == "PASS" else missing))
        return made

    def lines(self) -> list[str]:
        """The report in plain sentences."""
        made = [f"{one.result} {one.id}: {one.says}{f' [{one.where}]' if one.where else ''}" for one in self.findings]
        if self.unchecked:
            made += ["", "What could not be checked:", *(f"- {line}" for line in self.unchecked)]
        made += ["", "What no verifier can show:", *(f"- {line}" for line in LIMITS), "", self.verdict()]
        return made

    def text(self) -> str:
        """The report as one text."""
        return "\n".join(self.lines())

    def verdict(self) -> str:
        """The last line."""
        if self.unreadable:
            return f"NOT READABLE: {self.unreadable}"
        bad = [c for c in CHECKS if self.fails.get(c)]
        if bad:
            return f"DISAGREES: {', '.join(bad)}."
        return f"AGREES: all that was checked. Package {self.package_id}"

    def as_json(self) -> dict[str, Any]:
        """The report as a value: per check its id, result, where, expected, found and says."""
        return {"v": 1, "package": self.package, "package_id": self.package_id, "exit": self.exit_code,
                "ok": self.exit_code == 0, "verdict": self.verdict(),
                "checks": [asdict(one) for one in self.findings], "unchecked": self.unchecked, "limits": list(LIMITS)}


def brief(value: Any) -> str:
    """A value short enough for a sentence, without control characters."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    text = "".join(c if c.isprintable() else "?" for c in text[:200])
    return f"{text[:80]}..." if len(text) > 83 else text or "nothing"


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, str | int | bool) or value is None:
        return brief(value) if isinstance(value, str) else value
    return brief(value)
