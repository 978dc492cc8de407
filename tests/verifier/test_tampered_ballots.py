"""Every class of tampering that applies here is caught by the named check: who voted, how often, and what replaced what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.verifier.make_package import (
    Spec,
    build,
    canonical,
    leaf,
    ranking,
    roll_id,
)
from tests.verifier.shared import failing, report
from tests.verifier.tampering import Edit, caught, change, of, ranked
from tests.verifier.test_untouched import RANKED

# --- eligibility


def test_ballots_off_the_roll(tmp_path: Path) -> None:
    caught(tmp_path, "eligibility", ranked("open"), poll=lambda e: of(e, "cast")["data"].update(roll="0" * 64))
    caught(tmp_path, "eligibility", ranked(), poll=lambda e: of(e, "participate")["data"].update(roll="0" * 64))


def test_weights_altered(tmp_path: Path) -> None:
    caught(tmp_path, "eligibility", ranked("open"), poll=lambda e: of(e, "cast")["data"].update(weight="2"))
    caught(
        tmp_path,
        "eligibility",
        ranked(),
        box=lambda e: sorted(
            [e[0] | {"data": e[0]["data"] | {"weight": "2"}}, *e[1:]], key=lambda x: leaf(canonical(x))
        ),
    )


@pytest.mark.parametrize(
    "edit",
    [
        lambda r: r[0].update(weight="5"),
        lambda r: r.append({"roll": "f" * 64, "weight": "1"}),
        lambda r: r.pop() and r,
        lambda r: r.reverse(),
        lambda r: r.insert(0, r[0]),
    ],
)
def test_a_roll_that_is_not_the_frozen_one(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "eligibility", ranked(), roll=edit)


def test_the_frozen_roll_altered(tmp_path: Path) -> None:
    for key, value in (("root", "0" * 64), ("size", 9), ("weight", "9")):
        caught(tmp_path, "eligibility", ranked(), definition=lambda d, k=key, v=value: d["roll"].update({k: v}))


# --- uniqueness


def test_voting_twice(tmp_path: Path) -> None:
    again = {"v": 1, "kind": "participate", "data": {"roll": roll_id(0)}}
    caught(tmp_path, "uniqueness", ranked(), poll=lambda e: [*e[:3], again, *e[3:]])
    caught(tmp_path, "uniqueness", ranked("open"), poll=lambda e: of(e, "cast", 1)["data"].update(roll=roll_id(0)))


def test_stuffed_and_lost_ballots(tmp_path: Path) -> None:
    extra = {"v": 1, "kind": "cast", "data": {"ballot": ranking("o1"), "nonce": "0" * 32, "weight": "1"}}
    caught(tmp_path, "uniqueness", ranked(), box=lambda e: sorted([*e, extra], key=lambda x: leaf(canonical(x))))
    caught(tmp_path, "uniqueness", Spec(votes=RANKED[:3], revote="never"), box=lambda e: e[1:])
    caught(tmp_path, "uniqueness", ranked(), box=lambda e: sorted([*e, e[0]], key=lambda x: leaf(canonical(x))))


def test_numbers_of_the_close_altered(tmp_path: Path) -> None:
    for key in ("ballots", "participations"):
        caught(tmp_path, "uniqueness", ranked(), poll=lambda e, k=key: of(e, "close")["data"].update({k: 2}))


# --- revote


def test_replacing_against_the_policy(tmp_path: Path) -> None:
    for mode in ("open", "confidential"):
        caught(tmp_path, "revote", ranked(mode, revote="never"))


def test_chains_forked_foreign_or_without_target(tmp_path: Path) -> None:
    caught(tmp_path, "revote", ranked("open"), poll=lambda e: of(e, "replace")["data"].update(replaces="0" * 64))
    caught(tmp_path, "revote", ranked("open"), poll=lambda e: of(e, "replace")["data"].update(roll=roll_id(0)))

    def fork(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
        again = of(box, "replace")
        return sorted([*box, again | {"data": again["data"] | {"nonce": "0" * 32}}], key=lambda x: leaf(canonical(x)))

    caught(tmp_path, "revote", ranked(), box=fork)

    def lost(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
        target = of(box, "replace")["data"]["replaces"]
        return [e for e in box if leaf(canonical(e)).hex() != target]

    caught(tmp_path, "revote", ranked(), box=lost)


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_the_list_of_replaced_ballots(tmp_path: Path, mode: str) -> None:
    caught(tmp_path, "revote", ranked(mode), files=lambda f: f | {"replaced.jsonl": b""})
    caught(
        tmp_path,
        "revote",
        ranked(mode),
        files=lambda f: change(f, "replaced.jsonl", lambda b: b.replace(b'"leaf":"', b'"leaf":"0')),
    )
    caught(tmp_path, "revote", ranked(mode), files=lambda f: change(f, "replaced.jsonl", lambda b: b + b))
    caught(tmp_path, "revote", ranked(mode), files=lambda f: change(f, "replaced.jsonl", lambda b: b[:-1]))


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_old_instead_of_new(tmp_path: Path, mode: str) -> None:
    """The count and the files of ballots use the first ballot of the member who voted twice."""
    old = build(Spec(mode=mode, votes=[[v[0]] if v else None for v in RANKED]))
    taken = ("ballots.json", "ballots.csv", "ballots.blt", "tally/rounds.json")
    found = report(tmp_path, build(ranked(mode), files=lambda f: f | {p: old.files[p] for p in taken}))
    assert {"formats", "tally"} <= failing(found)
