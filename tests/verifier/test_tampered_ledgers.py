"""Every class of tampering that applies here is caught by the named check: ledgers, witnesses and times."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.make_package import (
    POLL_ID,
    Signer,
    Spec,
    build,
    choice,
    ranking,
    time,
)
from tests.verifier.shared import failing, report
from tests.verifier.tampering import ONE, TWO, Edit, caught, change, flip, of, ranked

# --- ledger


def bundle(bodies: list[bytes]) -> bytes:
    return b"".join(len(b).to_bytes(2, "big") + b for b in bodies)


@pytest.mark.parametrize("name", ["poll", "box", "assembly"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda b: [*b[:-1], b[-1].replace(b'"v":1', b'"v":2')],
        lambda b: b[:-1],
        lambda b: [*b, b[0]],
        lambda b: [b[1], b[0], *b[2:]],
        lambda b: [*b[:-1], b[0]],
    ],
)
def test_leaves_altered_dropped_inserted_swapped_doubled(tmp_path: Path, name: str, edit: Edit) -> None:
    package = build(ranked())
    path = f"log/{name}/tile/entries/000.p/{len(package.bodies[name])}"
    caught(tmp_path, "ledger", ranked(), files=lambda f: f | {path: bundle(edit(package.bodies[name]))})


def test_tiles_wrong(tmp_path: Path) -> None:
    spec = Spec(votes=[[ranking("o1")]] * 300)
    for edit in (
        lambda f: change(f, "log/box/tile/0/000", flip),
        lambda f: change(f, "log/box/tile/1/000.p/1", flip),
        lambda f: f | {"log/box/tile/0/001.p/43": b""},
        lambda f: f | {"log/box/tile/2/000.p/1": b"\0" * 32},
        lambda f: {("log/box/tile/0/001.p/45" if k == "log/box/tile/0/001.p/44" else k): v for k, v in f.items()},
    ):
        caught(tmp_path, "ledger", spec, files=edit)


def note_at(size: int, root: bytes, origin: str = f"vote.example/club/polls/{POLL_ID}") -> bytes:
    return Signer().note(f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n")


def test_checkpoints_stale_forked_and_misnamed(tmp_path: Path) -> None:
    caught(tmp_path, "ledger", ranked(), files=lambda f: f | {"log/poll/checkpoint": note_at(3, b"\0" * 32)})
    caught(tmp_path, "ledger", ranked(), files=lambda f: f | {"log/poll/checkpoint": f["log/poll/checkpoints/2"]})
    caught(tmp_path, "ledger", ranked(), files=lambda f: f | {"log/poll/checkpoints/3": note_at(3, b"\0" * 32)})
    caught(tmp_path, "ledger", ranked(), files=lambda f: f | {"log/poll/checkpoints/3": f["log/poll/checkpoints/2"]})
    caught(tmp_path, "ledger", ranked(), files=lambda f: f | {"log/poll/checkpoints/4000": note_at(4000, b"\0" * 32)})


def test_two_roots_for_one_size(tmp_path: Path) -> None:
    size = len(build(ranked()).logs["poll"])
    caught(
        tmp_path, "ledger", ranked(), files=lambda f: f | {f"log/poll/checkpoints/{size}": note_at(size, b"\0" * 32)}
    )


@pytest.mark.parametrize("stage", ["poll", "assembly"])
def test_a_broken_chain(tmp_path: Path, stage: str) -> None:
    caught(tmp_path, "ledger", ranked(), **{stage: lambda e: e[2].update(prev="0" * 64)})
    caught(tmp_path, "ledger", ranked(), **{stage: lambda e: e[0].update(prev="0" * 64)})


@pytest.mark.parametrize("kind", ["poll.opened", "poll.closed", "poll.published"])
@pytest.mark.parametrize("key, value", [("root", "0" * 64), ("size", 3), ("origin", "else.example")])
def test_an_embedded_head_that_differs(tmp_path: Path, kind: str, key: str, value: Any) -> None:
    caught(tmp_path, "ledger", ranked(), assembly=lambda e: of(e, kind)["data"]["ledgers"]["poll"].update({key: value}))


def test_an_assembly_ledger_cut_or_continued(tmp_path: Path) -> None:
    for kind in ("poll.opened", "poll.closed", "poll.tallied", "poll.published"):
        caught(tmp_path, "ledger", ranked(), assembly=lambda e, k=kind: [x for x in e if x["kind"] != k])
    caught(tmp_path, "ledger", ranked(), assembly=lambda e: [*e, e[0] | {"at": time(99)}])
    caught(tmp_path, "ledger", ranked(), assembly=lambda e: [*e, e[-1]])


def test_a_box_that_is_not_sorted(tmp_path: Path) -> None:
    caught(tmp_path, "ledger", ranked(), box=lambda e: [e[1], e[0], *e[2:]])


def test_a_poll_ledger_without_close_or_result(tmp_path: Path) -> None:
    for kind in ("close", "result", "open"):
        caught(tmp_path, "ledger", ranked(), poll=lambda e, k=kind: [x for x in e if x["kind"] != k])


def test_an_open_poll_with_a_box(tmp_path: Path) -> None:
    box = {k: v for k, v in build(ranked()).files.items() if k.startswith("log/box/")}
    caught(tmp_path, "ledger", ranked("open"), files=lambda f: f | box)


# --- witness


@pytest.mark.parametrize("witnesses", [[ONE], [], [ONE, ONE], [ONE, Signer("w3.example", b"\3" * 32, 4)]])
def test_too_few_witnesses(tmp_path: Path, witnesses: list[Signer]) -> None:
    caught(tmp_path, "witness", ranked(witness={"k": 2, "of": [ONE.vkey, TWO.vkey]}, witnesses=witnesses))


def test_a_witness_named_twice(tmp_path: Path) -> None:
    caught(tmp_path, "witness", ranked(witness={"k": 2, "of": [ONE.vkey, ONE.vkey]}, witnesses=[ONE]))


def test_a_cosignature_of_another_checkpoint_or_time(tmp_path: Path) -> None:
    spec = ranked(witness={"k": 1, "of": [ONE.vkey]}, witnesses=[ONE])
    built = build(spec)
    alien = built.files["log/box/checkpoint"].decode().splitlines()[-1]
    text = built.files["log/poll/checkpoint"].decode().split("\n")[:-2]
    caught(
        tmp_path,
        "witness",
        spec,
        files=lambda f: f | {"log/poll/checkpoint": ("\n".join([*text, alien]) + "\n").encode()},
    )
    raw = bytearray(base64.b64decode(built.files["log/poll/checkpoint"].decode().split()[-1]))
    raw[11] ^= 1
    late = f"\u2014 {ONE.name} {base64.b64encode(bytes(raw)).decode()}\n"
    caught(
        tmp_path, "witness", spec, files=lambda f: f | {"log/poll/checkpoint": ("\n".join(text) + "\n" + late).encode()}
    )


POLICY = f"witness a {ONE.vkey}\nwitness b {TWO.vkey}\ngroup g %s a b\nquorum g\n".encode()


def test_a_policy_that_is_not_met(tmp_path: Path) -> None:
    package = build(ranked(witnesses=[ONE]))
    assert "witness" in failing(report(tmp_path, package, policy=POLICY % b"all"))
    assert not failing(report(tmp_path, package, policy=POLICY % b"1"))


# --- window


def test_ballots_out_of_time(tmp_path: Path) -> None:
    caught(tmp_path, "window", ranked("open"), poll=lambda e: of(e, "cast").update(at=time(-1)))
    caught(tmp_path, "window", ranked("open"), poll=lambda e: of(e, "cast", -1).update(at=time(51)))
    caught(
        tmp_path,
        "window",
        ranked("open"),
        poll=lambda e: [of(e, "close").update(at=time(99)), of(e, "cast", 1).update(at=time(61))] and e,
    )
    caught(tmp_path, "window", ranked("open"), definition=lambda d: d.update(opens_at=time(20)))
    caught(tmp_path, "window", ranked("open"), definition=lambda d: d.update(closes_at=time(0)))


def test_a_ballot_within_the_grace_is_in_time(tmp_path: Path) -> None:
    def late(entries: list[dict[str, Any]]) -> None:
        of(entries, "close").update(at=time(99))
        of(entries, "cast", -1).update(at=time(60.4))
        of(entries, "result").update(at=time(100))

    assert "window" not in failing(report(tmp_path, build(ranked("open"), poll=late)))


@pytest.mark.parametrize("mode, kind", [("open", "cast"), ("confidential", "participate")])
def test_entries_after_the_close_or_the_end(tmp_path: Path, mode: str, kind: str) -> None:
    def after(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        one = of(entries, kind)
        return [*[e for e in entries[:-1] if e is not one], one, entries[-1]]

    caught(tmp_path, "window", ranked(mode), poll=after)
    caught(tmp_path, "window", ranked(mode), poll=lambda e: [*e, of(e, kind)])
    caught(tmp_path, "window", ranked(mode), poll=lambda e: [e[1], e[0], *e[2:]])
    caught(tmp_path, "window", ranked(mode), poll=lambda e: [*e[:-2], e[-1], e[-2]])


def test_opening_or_closing_moved(tmp_path: Path) -> None:
    caught(tmp_path, "window", ranked(), poll=lambda e: e[0].update(at=time(-5)))
    caught(tmp_path, "window", ranked(), poll=lambda e: of(e, "close")["data"].update(reason="clock"))
    caught(tmp_path, "window", ranked(), poll=lambda e: of(e, "close").update(at=time(-5)))


def test_a_box_that_the_close_does_not_name(tmp_path: Path) -> None:
    caught(tmp_path, "window", ranked(), poll=lambda e: of(e, "close")["data"]["box"].update(root="0" * 64))
    caught(tmp_path, "window", ranked(), poll=lambda e: of(e, "close")["data"]["box"].update(size=2))
    caught(tmp_path, "window", ranked(), poll=lambda e: of(e, "close")["data"].pop("box") and e)


# --- the poll ledger and the assembly ledger tell one story


@pytest.mark.parametrize(
    "own, embedded", [("open", "poll.opened"), ("close", "poll.closed"), ("result", "poll.published")]
)
@pytest.mark.parametrize("name, value", [("at", time(1000)), ("by", "1" * 64), ("by", None)])
def test_times_and_hands_that_differ_between_the_ledgers(
    tmp_path: Path, own: str, embedded: str, name: str, value: str | None
) -> None:
    def change_it(entries: list[dict[str, Any]], kind: str) -> None:
        of(entries, kind).pop(name) if value is None else of(entries, kind).update({name: value})

    caught(tmp_path, "ledger", ranked(), assembly=lambda e: change_it(e, embedded))
    caught(tmp_path, "ledger", ranked(), poll=lambda e: change_it(e, own))


def test_acts_of_the_poll_in_another_order(tmp_path: Path) -> None:
    for n in (1, 2, 3):
        caught(tmp_path, "ledger", ranked(), assembly=lambda e, i=n: [*e[:i], e[i + 1], e[i], *e[i + 2 :]])


def test_a_result_older_than_the_close(tmp_path: Path) -> None:
    def early(entries: list[dict[str, Any]], kind: str) -> None:
        of(entries, kind).update(at=time(40))

    caught(
        tmp_path, "window", ranked(), poll=lambda e: early(e, "result"), assembly=lambda e: early(e, "poll.published")
    )


def test_lots_before_the_close_or_only_in_one_ledger(tmp_path: Path) -> None:
    lot = {"round": 1, "purpose": "elect", "tied": ["Park", "Ali"], "chosen": "Ali"}
    spec = Spec(method="plurality", votes=[[choice("o1")], [choice("o2")]], rules={"ties": ["lot"]}, lots=[lot])
    assert not failing(report(tmp_path, build(spec)))

    def before(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        one = of(entries, "admin")
        return [entries[0], one, *[e for e in entries[1:] if e is not one]]

    caught(tmp_path, "window", spec, poll=before)
    caught(tmp_path, "ledger", spec, assembly=lambda e: [x for x in e if x["kind"] != "poll.drawn"])
    caught(tmp_path, "ledger", spec, assembly=lambda e: of(e, "poll.drawn")["data"]["lot"].update(chosen="Park"))
    caught(tmp_path, "ledger", spec, assembly=lambda e: of(e, "poll.drawn")["data"].pop("lot") and e)


@pytest.mark.parametrize("number, good", [(3, True), (2, False), (4, False)])
def test_the_number_of_ballots_that_occur_once(tmp_path: Path, number: int, good: bool) -> None:
    act = {
        "v": 1,
        "kind": "admin",
        "at": time(57),
        "by": "c" * 64,
        "data": {"act": "publication", "level": "full", "unique": number},
    }
    votes = [[ranking("o1")], [ranking("o2")], [ranking("o3")], [ranking("o1", "o2")], [ranking("o1", "o2")]]
    found = report(tmp_path, build(Spec(votes=votes), poll=lambda e: [*e[:-1], act, e[-1]]))
    assert ("definition" in failing(found)) is not good
