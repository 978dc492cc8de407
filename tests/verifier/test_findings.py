"""A finding says in its sentence what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.verifier.make_package import (
    Signer,
    Spec,
    build,
    canonical,
    leaf,
    ranking,
    time,
)
from tests.verifier.shared import failing, report
from tests.verifier.tampering import ONE, Edit, of, ranked, says, stv
from tests.verifier.test_untouched import YES_NO


def test_a_signature_of_the_right_key_over_something_else(tmp_path: Path) -> None:
    def forge(files: dict[str, bytes]) -> dict[str, bytes]:
        text = files["log/poll/checkpoint"].decode().split("\n\n")[0] + "\n"
        return files | {"log/poll/checkpoint": (text + "\n" + Signer().line("another text\n")).encode()}

    says(tmp_path, "signature", "The checkpoint of the poll ledger was altered", ranked(), files=forge)


def test_a_head_or_box_of_a_ledger_that_the_poll_does_not_have(tmp_path: Path) -> None:
    says(
        tmp_path,
        "ledger",
        "poll.closed names a ledger that this poll does not have",
        ranked("open"),
        assembly=lambda e: (d := of(e, "poll.closed")["data"]["ledgers"]).update(box=d["poll"]),
    )
    says(
        tmp_path,
        "window",
        "The close of an open poll names a box",
        ranked("open"),
        poll=lambda e: of(e, "close")["data"].update(box={"size": 0, "root": "0" * 64}),
    )


def test_an_act_with_a_value_that_is_not_allowed(tmp_path: Path) -> None:
    says(
        tmp_path,
        "schema",
        "poll.published: level has a value",
        ranked(),
        assembly=lambda e: e[-1]["data"].update(level="nobody"),
    )
    says(
        tmp_path, "schema", "poll.published without seal", ranked(), assembly=lambda e: e[-1]["data"].pop("seal") and e
    )


def test_the_list_of_replaced_ballots_left_out(tmp_path: Path) -> None:
    says(
        tmp_path,
        "integrity",
        "replaced.jsonl is missing",
        ranked(),
        files=lambda f: {k: v for k, v in f.items() if k != "replaced.jsonl"},
    )


def test_rules_that_need_a_size_and_do_not_state_it(tmp_path: Path) -> None:
    quorum = {"on": "turnout", "by": "heads", "fraction": "1/2"}
    for change_it in (
        lambda r: r.update(roll=None, quorum=quorum),
        lambda r: r.update(roll=None, basis="roll"),
        lambda r: r.update(roll=None, min_roll="1/2"),
    ):
        says(
            tmp_path,
            "definition",
            "need the size of the roll",
            Spec(method="motion", votes=YES_NO),
            definition=lambda d, c=change_it: c(d["rules"]),
        )
    plain = report(
        tmp_path, build(Spec(method="motion", votes=YES_NO), definition=lambda d: d["rules"].update(roll=None))
    )
    assert not any("need the size" in one.says for one in plain.fails["definition"])
    there = {"on": "present", "by": "heads", "number": 2}
    for change_it in (
        lambda r: r.update(basis="present"),
        lambda r: r.update(quorum=there),
        lambda r: r.update(quorum=there | {"on": "both"}),
    ):
        says(
            tmp_path,
            "definition",
            "need the number present",
            Spec(method="motion", votes=YES_NO),
            definition=lambda d, c=change_it: c(d["rules"]),
        )


def test_a_quorum_for_an_election_is_not_checked(tmp_path: Path) -> None:
    quorum = {"by": "heads", "fraction": "1/2"}
    found = report(tmp_path, build(ranked(), definition=lambda d: d.update(quorum=quorum)))
    assert found.result("tally") == "NOT CHECKED"


@pytest.mark.parametrize(
    "edit, sentence",
    [
        (lambda d: d["options"][0].update(name="Ali"), "ids and names are unique"),
        (lambda d: d["options"][0].update(id="o2"), "ids and names are unique"),
        (lambda d: d.update(options=[]), "at least one"),
        (lambda d: d.update(mode="open"), "a box ledger belongs"),
        (lambda d: d["origins"].pop("box") and None, "a box ledger belongs"),
        (
            lambda d: d.update(method="motion", ballot="choice", rules=Spec(method="motion").rules),
            "a motion has yes, no and abstain",
        ),
    ],
)
def test_a_definition_that_contradicts_itself(tmp_path: Path, edit: Edit, sentence: str) -> None:
    says(tmp_path, "schema", sentence, ranked(), definition=edit)


def test_withheld_ballots_in_a_file_all_the_same(tmp_path: Path) -> None:
    csv = build(ranked()).files["ballots.csv"]
    says(
        tmp_path,
        "formats",
        "although the ledger withholds them",
        ranked(publication="auditors", hide=True),
        files=lambda f: f | {"ballots.csv": csv},
    )


@pytest.mark.parametrize("after", ["a third", "1/0"])
def test_a_transfer_at_no_value(tmp_path: Path, after: str) -> None:
    says(
        tmp_path,
        "tally",
        f"18 papers at {after} are not",
        stv(),
        count=lambda c: c["rounds"][1]["transfers"][0].update(after=after),
    )


def sorted_box(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(box, key=lambda entry: leaf(canonical(entry)))


def test_a_replacement_that_is_none_or_has_another_weight(tmp_path: Path) -> None:
    def relabel(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
        of(box, "replace").update(kind="cast")
        return sorted_box(box)

    says(tmp_path, "schema", "a replacement names what it replaces", ranked(), box=relabel)

    def heavier(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
        of(box, "replace")["data"].update(weight="2")
        return sorted_box(box)

    says(tmp_path, "eligibility", "A replacement has another weight", ranked(), box=heavier)


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_a_replaced_ballot_out_of_form_is_taken_out_of_nothing(tmp_path: Path, mode: str) -> None:
    """The ballot that stands counts once, and the one that it replaced was never counted."""
    found = report(tmp_path, build(Spec(mode=mode, votes=[[ranking("o9"), ranking("o1")], [ranking("o2")]])))
    assert failing(found) == {"schema"}, found.lines()


def test_a_witness_whose_key_cannot_be_used(tmp_path: Path) -> None:
    bad = ONE.vkey.replace(ONE.ident.hex(), "0" * 8)
    says(tmp_path, "witness", "names a witness whose key cannot be used", ranked(witness={"k": 1, "of": [bad]}))


def test_a_ledger_without_a_checkpoint_has_no_cosignatures_to_count(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        build(
            ranked(witness={"k": 1, "of": [ONE.vkey]}, witnesses=[ONE]),
            files=lambda f: {k: v for k, v in f.items() if k != "log/box/checkpoint"},
        ),
    )
    assert {"integrity"} <= failing(found) and "witness" not in failing(found)


def test_a_promise_out_of_form(tmp_path: Path) -> None:
    package = build(ranked())
    note = Signer().note(f"deliberate promise 1\n{package.origin('box')}\nnot a hash\n{time(60)}\n")
    found = report(tmp_path, package, receipt=note)
    assert any("the promise is malformed" in one.says for one in found.fails["receipt"])
