"""Every class of tampering that applies here is caught by the named check: files, manifest and signatures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verifier.make_package import (
    POLL_ID,
    Signer,
    Spec,
    archive,
    build,
    ranking,
)
from tests.verifier.shared import failing, report
from tests.verifier.tampering import Edit, caught, change, flip, ranked
from tests.verifier.test_untouched import RANKED

# --- integrity


@pytest.mark.parametrize(
    "path", sorted(build(ranked()).files.keys() - {"rejected.jsonl", "replaced.jsonl", "manifest.note"})
)
def test_a_changed_byte_in_any_file(tmp_path: Path, path: str) -> None:
    package = build(ranked())
    found = report(tmp_path, archive(change(package.files, path, flip)))
    assert found.exit_code in (1, 2)
    assert "integrity" in failing(found) or path == "manifest.json"


def test_files_missing_extra_and_renamed(tmp_path: Path) -> None:
    for edit in (
        lambda f: {k: v for k, v in f.items() if k != "ballots.csv"},
        lambda f: f | {"extra.txt": b"x"},
        lambda f: {("notes.md" if k == "tally/explain.md" else k): v for k, v in f.items()},
    ):
        caught(tmp_path, "integrity", ranked(), sealed=edit)


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: m["files"].append(m["files"][0]),
        lambda m: m["files"].reverse(),
        lambda m: m["files"][0].update(size=1),
        lambda m: m["files"][0].update(sha256="0" * 64),
        lambda m: m["files"].pop() and None,
        lambda m: m.update(extra=1),
    ],
)
def test_a_manifest_that_does_not_fit(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "integrity", ranked(), manifest=edit)


def test_a_manifest_that_is_not_canonical(tmp_path: Path) -> None:
    caught(
        tmp_path,
        "integrity",
        ranked(),
        sealed=lambda f: change(f, "manifest.json", lambda b: b.replace(b",", b", ", 1)),
    )


# --- signature


def other_key(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    note = Signer(name, b"\5" * 32).note(files["manifest.note"].decode().split("\n\n")[0] + "\n")
    return files | {"manifest.note": note}


@pytest.mark.parametrize(
    "edit",
    [
        lambda f: other_key(f, "vote.example"),
        lambda f: other_key(f, "else.example"),
        lambda f: change(f, "manifest.note", lambda b: b.replace(POLL_ID.encode(), b"c" * 26)),
        lambda f: change(f, "manifest.note", lambda b: b[:-20]),
        lambda f: {k: v for k, v in f.items() if k != "manifest.note"},
        lambda f: change(f, "manifest.note", lambda b: b.replace("\u2014".encode(), b"-")),
        lambda f: f | {"manifest.note": Signer().note(f"deliberate record package\nvote.example/club\n{'0' * 64}\n")},
    ],
)
def test_the_manifest_signed_wrongly(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "signature", ranked(), sealed=edit)


def test_checkpoints_signed_wrongly(tmp_path: Path) -> None:
    for path in ("log/poll/checkpoint", "log/assembly/checkpoints/2"):
        text = build(ranked()).files[path].decode().split("\n\n")[0] + "\n"
        for signer in (Signer(seed=b"\5" * 32), Signer("else.example", b"\5" * 32)):
            caught(tmp_path, "signature", ranked(), files=lambda f, p=path, t=text, s=signer: f | {p: s.note(t)})
        caught(tmp_path, "signature", ranked(), files=lambda f, p=path: change(f, p, lambda b: b[:-9]))
    caught(tmp_path, "signature", ranked(), files=lambda f: f | {"log/poll/checkpoint": f["log/box/checkpoint"]})


def test_all_signed_again_with_another_key(tmp_path: Path) -> None:
    """The forger changes the pinned key too; only somebody who knows the true key can tell."""
    forged = build(ranked(signer=Signer(seed=b"\5" * 32)))
    assert not failing(report(tmp_path, forged))
    assert "signature" in failing(report(tmp_path, forged, vkey=Signer().vkey))
    kept_key = build(
        ranked(signer=Signer(seed=b"\5" * 32)), definition=lambda d: d["keys"].update(ledger=Signer().vkey)
    )
    assert {"signature", "definition"} <= failing(report(tmp_path, kept_key))


def test_a_pinned_key_of_the_wrong_type(tmp_path: Path) -> None:
    caught(
        tmp_path,
        "signature",
        ranked(signer=Signer()),
        definition=lambda d: d["keys"].update(ledger=Signer(kind=4).vkey),
    )


# --- what stands beside the layout


def test_a_manifest_of_another_poll(tmp_path: Path) -> None:
    caught(tmp_path, "integrity", ranked(), manifest=lambda m: m.update(poll="c" * 26))


def test_a_ledger_that_the_poll_does_not_have(tmp_path: Path) -> None:
    for mode in ("open", "confidential"):
        caught(
            tmp_path, "ledger", ranked(mode), files=lambda f: f | {"log/shadow/checkpoint": f["log/poll/checkpoint"]}
        )


def test_files_that_nobody_knows_are_named_and_not_passed_over(tmp_path: Path) -> None:
    found = report(tmp_path, build(ranked(), files=lambda f: f | {"cvr.json": b"{}"}))
    assert not failing(found) and any("cvr.json" in line and "such a file" in line for line in found.unchecked)
    found = report(tmp_path, build(ranked(), files=lambda f: f | {f"a/{n}": b"" for n in range(900)}))
    assert [line for line in found.unchecked if "these 900 files" in line and len(line) < 200]


def test_files_of_the_layout_left_out(tmp_path: Path) -> None:
    for path in ("tally/explain.md", "rejected.jsonl", "tally/rounds.json"):
        caught(tmp_path, "integrity", ranked(), files=lambda f, p=path: {k: v for k, v in f.items() if k != p})


def test_what_a_mode_or_a_small_box_cannot_show_is_said(tmp_path: Path) -> None:
    assert any("names are not under" in line for line in report(tmp_path, build(ranked("open"))).unchecked)
    assert any(
        f"with {sum(v is not None for v in RANKED)} of them" in line
        for line in report(tmp_path, build(ranked())).unchecked
    )
    many = report(tmp_path, build(Spec(votes=[[ranking("o1")]] * 10)))
    assert not [line for line in many.unchecked if "names are" in line or "hides little" in line]


@pytest.mark.parametrize(
    "subject, good",
    [
        ({}, True),
        ({"amendment": "x" * 26, "hunks": "0" * 64}, True),
        ({"amendment": "x" * 26}, False),
        ({"hunks": "0" * 64}, False),
        ({"mover": "x"}, False),
    ],
)
def test_the_text_that_is_put(tmp_path: Path, subject: dict[str, str], good: bool) -> None:
    said = {"motion": "m" * 26, "number": "M1", "version": "0" * 64, **subject}
    found = report(tmp_path, build(ranked(), definition=lambda d: d.update(subject=said)))
    assert ("schema" in failing(found)) is not good
