"""Every class of tampering that applies here is caught by the named check: the count, and receipts."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.make_package import (
    Built,
    Signer,
    Spec,
    build,
    inclusion,
    ranking,
    sha,
    time,
)
from tests.verifier.shared import failing, report
from tests.verifier.tampering import Edit, caught, of, ranked, stv
from tests.verifier.test_untouched import CHOSEN, METHODS, RANKED, YES_NO

# --- tally


@pytest.mark.parametrize(
    "edit",
    [
        lambda c: c.update(winners=["A", "B", "D"]),
        lambda c: c.update(quota="10"),
        lambda c: c["rounds"][1].update(quota="10"),
        lambda c: c["rounds"][1]["votes"].update(C="11.00000"),
        lambda c: c["rounds"][1].update(exhausted="1.00000"),
        lambda c: c["rounds"][1].update(residual="0.00000"),
        lambda c: c["rounds"][1]["transfers"][0].update(after="0.38889"),
        lambda c: c["rounds"][1]["transfers"].pop() and None,
        lambda c: c["rounds"][0].update(elected=["B", "A"]),
        lambda c: c.update(excluded=[]),
        lambda c: c.update(outcome="tie"),
        lambda c: c["rounds"].pop() and None,
        lambda c: c["rounds"][0]["votes"].pop("D") and None,
        lambda c: c["input"].update(valid=39, spoilt=1),
        lambda c: c["input"].update(weight="41"),
        lambda c: c["input"].update(digest="0" * 64),
        lambda c: c["rounds"][1]["action"].update(code="exclude"),
        lambda c: c["ties"].append(
            {"round": 1, "purpose": "elect", "tied": ["A"], "policy": "lot", "evidence": "", "chosen": "A"}
        ),
    ],
)
def test_a_count_that_was_altered(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "tally", stv(), count=edit)


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_another_winner_in_every_method_and_mode(tmp_path: Path, method: str, mode: str) -> None:
    def crown(count: dict[str, Any]) -> None:
        other = next(o["name"] for o in count["options"] if o["name"] not in count["winners"])
        count.update(winners=[other], outcome="carried" if method == "motion" else "elected")
        count["rounds"][-1]["elected"] = count["winners"]

    caught(tmp_path, "tally", Spec(method=method, mode=mode, votes=METHODS[method]), count=crown)


@pytest.mark.parametrize(
    "edit",
    [
        lambda c: c["tests"][0].update(left="9"),
        lambda c: c["tests"][0].update(holds=False),
        lambda c: c["tests"].pop() and None,
        lambda c: c["rounds"][0]["votes"].update(Abstain="0"),
        lambda c: c["input"].update(blank=0, valid=6),
        lambda c: c.update(outcome="no quorum"),
    ],
)
def test_a_motion_counted_on_another_base(tmp_path: Path, edit: Edit) -> None:
    spec = Spec(method="motion", votes=YES_NO, rules={"quorum": {"on": "turnout", "by": "heads", "fraction": "1/2"}})
    caught(tmp_path, "tally", spec, count=edit)


@pytest.mark.parametrize(
    "edit", [lambda c: c["rounds"][0]["heads"].update(Yes=9), lambda c: c["rounds"][0].update(heads={})]
)
def test_heads_of_a_weighted_motion_altered(tmp_path: Path, edit: Edit) -> None:
    caught(
        tmp_path,
        "tally",
        Spec(method="motion", votes=YES_NO, weights=["1", "2", "1", "1", "1", "1", "3/2"]),
        count=edit,
    )


TIED = [[ranking("o1")], [ranking("o2")], [ranking("o3")], [ranking("o3")]]


def test_ties_lots_and_seeds_altered(tmp_path: Path) -> None:
    seeded = Spec(votes=TIED, rules={"ties": ["seed"], "seed": "ab" * 32})
    caught(tmp_path, "tally", seeded, count=lambda c: c["ties"][0].update(chosen="Noor"))
    caught(tmp_path, "tally", seeded, count=lambda c: c["ties"][0].update(policy="lot"))
    caught(tmp_path, "tally", seeded, count=lambda c: c.update(ties=[]))
    lot = {"round": 1, "purpose": "exclude", "tied": ["Park", "Ali"], "chosen": "Ali"}
    drawn = Spec(votes=TIED, rules={"ties": ["lot"]}, lots=[lot])
    caught(tmp_path, "tally", drawn, poll=lambda e: of(e, "admin")["data"]["lot"].update(chosen="Park"))
    caught(tmp_path, "tally", drawn, poll=lambda e: of(e, "admin")["data"]["lot"].update(round=2))
    caught(tmp_path, "tally", drawn, poll=lambda e: [x for x in e if x["kind"] != "admin"])
    caught(tmp_path, "tally", drawn, poll=lambda e: [*e[:-1], of(e, "admin"), e[-1]])
    caught(tmp_path, "tally", drawn, count=lambda c: c.update(lots=[]))


def test_hashes_that_bind_the_count(tmp_path: Path) -> None:
    caught(tmp_path, "tally", ranked(), poll=lambda e: e[-1]["data"].update(count="0" * 64))
    caught(tmp_path, "tally", ranked(), poll=lambda e: e[-1]["data"].update(input="0" * 64))
    caught(tmp_path, "tally", ranked(), assembly=lambda e: of(e, "poll.published")["data"].update(count="0" * 64))
    caught(tmp_path, "tally", ranked(), assembly=lambda e: of(e, "poll.published")["data"].update(seal="0" * 32))
    caught(tmp_path, "tally", ranked(), assembly=lambda e: of(e, "poll.tallied")["data"].update(sealed="0" * 64))


def test_a_ballot_changed_and_everything_made_to_fit(tmp_path: Path) -> None:
    """The combined attack with the operator's own key: only somebody's receipt or kept checkpoint objects."""
    true = build(ranked())
    forged = build(Spec(votes=[[ranking("o3")], *RANKED[1:]]))
    assert not failing(report(tmp_path, forged))
    assert "receipt" in failing(report(tmp_path, forged, receipt=proof(true, 0)))
    assert "receipt" in failing(report(tmp_path, forged, old_checkpoint=true.checkpoint("box", 7)))
    assert any("--receipt" in line for line in report(tmp_path, forged).unchecked)


# --- receipt


def proof(package: Built, index: int, ledger: str = "box", size: int | None = None, **over: Any) -> bytes:
    leaves = package.logs[ledger][:size]
    hashes = over.get("hashes", inclusion(index, leaves))
    lines = [
        "c2sp.org/tlog-proof@v1",
        f"extra {base64.b64encode(over.get('leaf', leaves[index])).decode()}",
        f"index {over.get('at', index)}",
        *(base64.b64encode(h).decode() for h in hashes),
    ]
    return "\n".join(lines).encode() + b"\n\n" + over.get("checkpoint", package.checkpoint(ledger, len(leaves)))


def promise(package: Built, leaf_hash: bytes, ledger: str = "box", **over: Any) -> bytes:
    signer = over.get("signer", package.spec.signer)
    origin = over.get("origin", package.origin(ledger))
    return signer.note(f"deliberate promise 1\n{origin}\n{leaf_hash.hex()}\n{time(60)}\n")


@pytest.mark.parametrize("mode, ledger", [("open", "poll"), ("confidential", "box")])
def test_receipts_that_fit(tmp_path: Path, mode: str, ledger: str) -> None:
    package = build(ranked(mode))
    for index in (1, 3, 5):
        for given in (
            proof(package, index, ledger),
            proof(package, index, ledger, 6),
            promise(package, package.logs[ledger][index], ledger),
        ):
            found = report(tmp_path, package, receipt=given)
            assert not failing(found) and found.result("receipt") == "PASS", found.lines()
    for name in package.logs:
        for size in (1, 2, len(package.logs[name])):
            assert report(tmp_path, package, old_checkpoint=package.checkpoint(name, size)).result("receipt") == "PASS"


def test_receipts_that_do_not_fit(tmp_path: Path) -> None:
    package, other = build(ranked()), build(Spec(votes=RANKED[:4]))
    leaves = package.logs["box"]
    wrong = [
        proof(package, 1, leaf=leaves[2]),
        proof(package, 1, at=2),
        proof(package, 1, hashes=[]),
        proof(package, 1, hashes=[b"\0" * 32] * 3),
        proof(package, 1, at=999),
        proof(package, 1, at=10**15),
        proof(other, 1),
        proof(package, 1, ledger="poll"),
        proof(package, 1, checkpoint=b"no"),
        promise(package, b"\0" * 32),
        promise(package, leaves[0], origin="else.example"),
        promise(package, leaves[0], signer=Signer(seed=b"\5" * 32)),
        promise(package, leaves[0], signer=Signer("x", b"\5" * 32)),
        b"",
        b"\xff\xfe",
        b"hello\n",
        proof(package, 1).replace(b"index", b"indeks"),
        promise(package, leaves[0])[:-5],
    ]
    for given in wrong:
        assert "receipt" in failing(report(tmp_path, package, receipt=given)), given


def test_old_checkpoints_that_do_not_fit(tmp_path: Path) -> None:
    package = build(ranked())
    text = f"{package.origin('poll')}\n400\n{base64.b64encode(bytes(32)).decode()}\n"
    for given in (
        Signer().note(text),
        Signer().note(text.replace("400", "2")),
        Signer().note(text.replace("poll", "pool")),
        Signer(seed=b"\5" * 32).note(text),
        b"",
        text.encode(),
    ):
        assert "receipt" in failing(report(tmp_path, package, old_checkpoint=given)), given


def test_a_later_checkpoint_of_the_assembly_is_not_checked(tmp_path: Path) -> None:
    package = build(ranked())
    later = Signer().note(f"{package.origin('assembly')}\n4000\n{base64.b64encode(bytes(32)).decode()}\n")
    assert report(tmp_path, package, old_checkpoint=later).result("receipt") == "NOT CHECKED"


def test_a_void_poll_with_a_count(tmp_path: Path) -> None:
    counted = build(Spec(method="plurality", votes=CHOSEN)).files["tally/rounds.json"]
    found = report(
        tmp_path,
        build(Spec(method="plurality", votes=CHOSEN, void=True), files=lambda f: f | {"tally/rounds.json": counted}),
    )
    assert "tally" in failing(found)


def test_sha_of_the_manifest_is_the_package_id(tmp_path: Path) -> None:
    package = build(ranked())
    assert report(tmp_path, package).package_id == sha(package.files["manifest.json"])
