"""How a package is tampered with, and what must be found: shared by the tests of every class of tampering.

``raw``: one file is changed and nothing else. ``forged``: the change is made before hashing, so that tiles, roots,
checkpoints, manifest and signatures all fit it; only the check that is meant can object.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.verifier.make_package import (
    Signer,
    Spec,
    build,
    ranking,
)
from tests.verifier.shared import failing, report
from tests.verifier.test_untouched import RANKED

Edit = Callable[[Any], Any]
ONE, TWO = Signer("w1.example", b"\1" * 32, 4), Signer("w2.example", b"\2" * 32, 4)


def ranked(mode: str = "confidential", **over: Any) -> Spec:
    return Spec(mode=mode, votes=RANKED, **over)


def caught(tmp_path: Path, check: str, spec: Spec, **hooks: Edit) -> None:
    found = report(tmp_path, build(spec, **hooks))
    assert check in failing(found), found.lines()
    assert found.exit_code == 1


def of(entries: list[dict[str, Any]], kind: str, n: int = 0) -> dict[str, Any]:
    return [e for e in entries if e["kind"] == kind][n]


def change(files: dict[str, bytes], path: str, edit: Callable[[bytes], bytes]) -> dict[str, bytes]:
    assert edit(files[path]) != files[path]
    return files | {path: edit(files[path])}


def flip(data: bytes) -> bytes:
    return data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]


def says(tmp_path: Path, check: str, sentence: str, spec: Spec, **hooks: Edit) -> None:
    found = report(tmp_path, build(spec, **hooks))
    assert any(sentence in one.says for one in found.fails.get(check, [])), found.lines()


def stv() -> Spec:
    votes = (
        [[ranking("o1", "o2", "o3")]] * 18
        + [[ranking("o2", "o4")]] * 12
        + [[ranking("o3")]] * 4
        + [[ranking("o4")]] * 6
    )
    return Spec(method="scottish-stv", seats=3, votes=votes, names=["A", "B", "C", "D"])
