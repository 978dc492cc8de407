"""Every class of tampering that applies here is caught by the named check: what was frozen at the opening, the form of entries, and the views of the ballots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.make_package import (
    Signer,
    Spec,
    canonical,
    choice,
    leaf,
    ranking,
    roll_id,
    time,
)
from tests.verifier.tampering import ONE, Edit, caught, change, of, ranked
from tests.verifier.test_untouched import RANKED, YES_NO

# --- definition


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d.update(question="Whom?"),
        lambda d: d["options"][0].update(name="Parks"),
        lambda d: d["options"].reverse(),
        lambda d: d.update(method="scottish-stv", rules={"constraints": [], "method": "scottish-stv", "seed": "", "ties": ["lot"]}),
        lambda d: d["rules"].update(threshold_base="first-round"),
        lambda d: d.update(seats=2),
        lambda d: d["rules"].update(ties=["lot"]),
        lambda d: d.update(publication="auditors"),
        lambda d: d.update(opens_at=time(-1)),
        lambda d: d.update(grace=0),
        lambda d: d["keys"].update(ledger=Signer(seed=b"\5" * 32).vkey),
        lambda d: d.update(revote="never"),
        lambda d: d["witness"].update(of=[ONE.vkey]),
    ],
)
def test_a_definition_changed_since_the_opening(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "definition", ranked(), definition=lambda d: (edit(d) and d) or d)


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d["rules"].update(quorum=None),
        lambda d: d["rules"].update(basis="votes+abstentions"),
        lambda d: d["rules"].update(threshold="2/3"),
        lambda d: d["rules"]["roll"].update(heads=1),
    ],
)
def test_a_motion_changed_since_the_opening(tmp_path: Path, edit: Edit) -> None:
    quorum = {"on": "turnout", "by": "heads", "fraction": "1/2"}
    caught(tmp_path, "definition", Spec(method="motion", votes=YES_NO, rules={"quorum": quorum}), definition=edit)


@pytest.mark.parametrize("quorum", [{"number": 0}, {"number": "2"}, {"number": 2, "fraction": "1/2"}, {}])
def test_a_quorum_is_one_number_or_one_share(tmp_path: Path, quorum: dict[str, Any]) -> None:
    rules = {"quorum": {"on": "turnout", "by": "heads", "number": 2}}
    caught(
        tmp_path,
        "schema",
        Spec(method="motion", votes=YES_NO, rules=rules),
        definition=lambda d: d["rules"].update(quorum={"on": "turnout", "by": "heads"} | quorum),
    )


def test_a_number_of_the_quorum_changed_since_the_opening(tmp_path: Path) -> None:
    rules = {"quorum": {"on": "turnout", "by": "heads", "number": 2}}
    caught(
        tmp_path,
        "definition",
        Spec(method="motion", votes=YES_NO, rules=rules),
        definition=lambda d: d["rules"]["quorum"].update(number=1),
    )


@pytest.mark.parametrize(
    "key, value", [("method", "plurality"), ("roll_size", 1), ("roll_root", "0" * 64), ("definition", "0" * 64)]
)
def test_an_opening_that_froze_something_else(tmp_path: Path, key: str, value: Any) -> None:
    caught(tmp_path, "definition", ranked(), poll=lambda e: e[0]["data"].update({key: value}))


def test_published_at_another_level(tmp_path: Path) -> None:
    caught(tmp_path, "definition", ranked(), assembly=lambda e: e[-1]["data"].update(level="auditors"))
    wide = {
        "v": 1,
        "kind": "admin",
        "at": time(57),
        "by": "c" * 64,
        "data": {"act": "publication", "level": "full", "unique": 3},
    }
    caught(tmp_path, "definition", ranked(publication="auditors"), poll=lambda e: [*e[:-1], wide, e[-1]])


@pytest.mark.parametrize(
    "key, value", [("seats", 2), ("question", {"title": "X"}), ("options", []), ("ruleset", "plurality"), ("rules", {})]
)
def test_a_count_made_with_something_else(tmp_path: Path, key: str, value: Any) -> None:
    caught(tmp_path, "definition", ranked(), count=lambda c: c.update({key: value}))


def test_another_version_of_the_code(tmp_path: Path) -> None:
    caught(tmp_path, "definition", ranked(), files=lambda f: f | {"code.json": canonical({"v": 1, "version": "9"})})


# --- schema


@pytest.mark.parametrize(
    "edit",
    [
        lambda b: b.update(at=time(3)),
        lambda b: b.update(by="c" * 64),
        lambda b: b.update(subject="member:x"),
        lambda b: b["data"].update(roll=roll_id(1)),
        lambda b: b["data"].pop("nonce") and None,
        lambda b: b["data"].update(nonce="0"),
        lambda b: b["data"].update(weight="2/4"),
        lambda b: b["data"].update(weight="0"),
        lambda b: b["data"].update(weight="1.0"),
        lambda b: b["data"].update(weight=1),
        lambda b: b.update(kind="vote"),
        lambda b: b.update(v=2),
        lambda b: b.update(v=1.0),
        lambda b: b["data"].update(ballot=ranking("o9")),
        lambda b: b["data"].update(ballot=choice("o1")),
        lambda b: b["data"].update(ballot=ranking("o1=o1")),
        lambda b: b.update(prev="0" * 64),
        lambda b: b["data"]["ballot"].update(name="Zoe\u0308"),
    ],
)
def test_a_box_entry_out_of_form(tmp_path: Path, edit: Edit) -> None:
    def smuggle(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
        edit(of(box, "cast"))
        return sorted(box, key=lambda x: leaf(canonical(x)))

    caught(tmp_path, "schema", ranked(), box=smuggle)


@pytest.mark.parametrize(
    "edit",
    [
        lambda e: of(e, "participate").update(at=time(3)),
        lambda e: of(e, "participate")["data"].update(ballot=ranking("o1")),
        lambda e: of(e, "close").pop("at") and None,
        lambda e: of(e, "close").update(at="2026-11-24T09:50:00Z"),
        lambda e: of(e, "close").update(at="2026-13-24T09:50:00.000Z"),
        lambda e: of(e, "close")["data"].update(ballots=2**53),
        lambda e: of(e, "result")["data"].update(more=1),
        lambda e: of(e, "result").update(kind="results"),
        lambda e: e.insert(2, {"v": 1, "kind": "admin", "at": time(1), "data": {"act": "tea"}}),
    ],
)
def test_a_poll_entry_out_of_form(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "schema", ranked(), poll=edit)


def test_other_files_out_of_form(tmp_path: Path) -> None:
    caught(tmp_path, "schema", ranked(), assembly=lambda e: e[0].update(note="x"))
    caught(tmp_path, "schema", ranked(), assembly=lambda e: e[1]["data"].pop("definition") and None)
    caught(tmp_path, "schema", ranked(), roll=lambda r: r[0].update(name="Ann"))
    caught(
        tmp_path,
        "schema",
        ranked(),
        files=lambda f: change(f, "definition.json", lambda b: b.replace(b'"grace":30', b'"grace":3e1')),
    )
    caught(
        tmp_path,
        "schema",
        ranked(),
        files=lambda f: change(f, "definition.json", lambda b: b.replace(b'"seats":1', b'"seats":1,"seats":1')),
    )
    caught(
        tmp_path,
        "schema",
        ranked(),
        files=lambda f: change(f, "tally/rounds.json", lambda b: b.replace(b'"n":1', b'"n":1.5')),
    )
    caught(tmp_path, "schema", ranked(), files=lambda f: f | {"rejected.jsonl": b"{}\n{ }\n"})
    caught(tmp_path, "schema", ranked("open"), roll=lambda r: r[0].update(name="Zoe\u0308"))


def test_ballots_in_the_wrong_ledger(tmp_path: Path) -> None:
    cast = {
        "v": 1,
        "kind": "cast",
        "at": time(3),
        "data": {"ballot": ranking("o1"), "nonce": "0" * 32, "weight": "1", "roll": roll_id(2)},
    }
    caught(tmp_path, "schema", ranked(), poll=lambda e: [*e[:2], cast, *e[2:]])
    caught(
        tmp_path,
        "schema",
        ranked("open"),
        poll=lambda e: [*e[:2], {"v": 1, "kind": "participate", "data": {"roll": roll_id(2)}}, *e[2:]],
    )


# --- formats


@pytest.mark.parametrize("path", ["ballots.json", "ballots.csv", "ballots.blt"])
@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_ballots_differ_in_one_view(tmp_path: Path, path: str, mode: str) -> None:
    def lose(data: bytes) -> bytes:
        return b"\n".join(data.split(b"\n")[:2] + data.split(b"\n")[3:])

    edits: list[Callable[[bytes], bytes]] = [
        lambda b: b.replace(b"1", b"2"),
        lambda b: b + b"\n",
        lambda b: b[:-1],
        lambda b: b"",
    ]
    if path != "ballots.json":
        edits += [lose, lambda b: b.replace(b"\n", b"\r\n"), lambda b: b + b.split(b"\n")[2] + b"\n"]
    for edit in edits:
        caught(tmp_path, "formats", ranked(mode), files=lambda f, e=edit: change(f, path, e))
    caught(tmp_path, "formats", ranked(mode), files=lambda f: {k: v for k, v in f.items() if k != path})


def test_weights_lost_in_a_view(tmp_path: Path) -> None:
    spec = Spec(votes=RANKED, weights=["1", "3/2", "1", "1", "1", "1", "1"])
    caught(tmp_path, "formats", spec, files=lambda f: change(f, "ballots.csv", lambda b: b.replace(b",3/2,", b",1,")))
    caught(tmp_path, "formats", spec, files=lambda f: f | {"ballots.blt": b"3 1\n"})
