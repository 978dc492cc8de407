"""Where the reference data stand, and how a package is verified in a test."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from deliberate.verifier import Report, verify
from tests.verifier.make_package import Built

HOME = Path(__file__).resolve().parents[2]


def reference(*parts: str) -> Path:
    """A file of the shared data; the test is skipped where they are absent, and fails there under CI."""
    folder = Path(os.environ.get("DELIBERATE_DATA") or HOME.parent / "shared" / "data")
    found = folder.joinpath(*parts)
    if not found.exists():
        reason = f"reference data {'/'.join(parts)} not found; set DELIBERATE_DATA to the folder shared/data"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def load(*parts: str) -> Any:
    return json.loads(reference(*parts).read_text(encoding="utf-8"))


def report(tmp_path: Path, package: Built | bytes, **over: Any) -> Report:
    """Verify the bytes of a package. Receipt, old checkpoint and policy are given as bytes."""
    file = tmp_path / "record.zip"
    file.write_bytes(package if isinstance(package, bytes) else package.data)
    for name in ("receipt", "old_checkpoint", "policy"):
        if name in over:
            (tmp_path / name).write_bytes(over[name])
            over[name] = str(tmp_path / name)
    receipts, checkpoints = ([over.pop(name)] if name in over else [] for name in ("receipt", "old_checkpoint"))
    return verify(str(file), receipts, checkpoints, **over)


def failing(found: Report) -> set[str]:
    """The ids of the checks that failed."""
    return {check for check in found.fails if found.fails[check]}
