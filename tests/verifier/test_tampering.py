"""Every class of tampering of audit.md section 7 that applies here is caught by the named check.

``raw``: one file is changed and nothing else. ``forged``: the change is made before hashing, so that tiles, roots,
checkpoints, manifest and signatures all fit it; only the check that is meant can object."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.make_package import (
    POLL_ID,
    Built,
    Signer,
    Spec,
    archive,
    build,
    canonical,
    choice,
    inclusion,
    leaf,
    ranking,
    roll_id,
    sha,
    time,
)
from tests.verifier.shared import failing, report
from tests.verifier.test_untouched import CHOSEN, METHODS, RANKED, YES_NO

Edit = Callable[[Any], Any]


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


# --- integrity

@pytest.mark.parametrize("path", sorted(build(ranked()).files.keys() - {"rejected.jsonl", "replaced.jsonl",
                                                                        "manifest.note"}))
def test_a_changed_byte_in_any_file(tmp_path: Path, path: str) -> None:
    package = build(ranked())
    found = report(tmp_path, archive(change(package.files, path, flip)))
    assert found.exit_code in (1, 2)
    assert "integrity" in failing(found) or path == "manifest.json"


def test_files_missing_extra_and_renamed(tmp_path: Path) -> None:
    for edit in (lambda f: {k: v for k, v in f.items() if k != "ballots.csv"}, lambda f: f | {"extra.txt": b"x"},
                 lambda f: {("notes.md" if k == "tally/explain.md" else k): v for k, v in f.items()}):
        caught(tmp_path, "integrity", ranked(), sealed=edit)


@pytest.mark.parametrize("edit", [
    lambda m: m["files"].append(m["files"][0]), lambda m: m["files"].reverse(), lambda m: m["files"][0].update(size=1),
    lambda m: m["files"][0].update(sha256="0" * 64), lambda m: m["files"].pop() and None, lambda m: m.update(extra=1)])
def test_a_manifest_that_does_not_fit(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "integrity", ranked(), manifest=edit)


def test_a_manifest_that_is_not_canonical(tmp_path: Path) -> None:
    caught(tmp_path, "integrity", ranked(),
           sealed=lambda f: change(f, "manifest.json", lambda b: b.replace(b",", b", ", 1)))


# --- signature

def other_key(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    note = Signer(name, b"\5" * 32).note(files["manifest.note"].decode().split("\n\n")[0] + "\n")
    return files | {"manifest.note": note}


@pytest.mark.parametrize("edit", [
    lambda f: other_key(f, "vote.example"), lambda f: other_key(f, "else.example"),
    lambda f: change(f, "manifest.note", lambda b: b.replace(POLL_ID.encode(), b"c" * 26)),
    lambda f: change(f, "manifest.note", lambda b: b[:-20]),
                                  lambda f: {k: v for k, v in f.items() if k != "manifest.note"},
    lambda f: change(f, "manifest.note", lambda b: b.replace("\u2014".encode(), b"-")),
    lambda f: f | {"manifest.note": Signer().note(f"deliberate record package\nvote.example/club\n{'0' * 64}\n")}])
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
    kept_key = build(ranked(signer=Signer(seed=b"\5" * 32)),
                     definition=lambda d: d["keys"].update(ledger=Signer().vkey))
    assert {"signature", "definition"} <= failing(report(tmp_path, kept_key))


def test_a_pinned_key_of_the_wrong_type(tmp_path: Path) -> None:
    caught(tmp_path, "signature", ranked(signer=Signer()),
           definition=lambda d: d["keys"].update(ledger=Signer(kind=4).vkey))


# --- ledger

def bundle(bodies: list[bytes]) -> bytes:
    return b"".join(len(b).to_bytes(2, "big") + b for b in bodies)


@pytest.mark.parametrize("name", ["poll", "box", "assembly"])
@pytest.mark.parametrize("edit", [
    lambda b: [*b[:-1], b[-1].replace(b'"v":1', b'"v":2')], lambda b: b[:-1], lambda b: [*b, b[0]],
                                  lambda b: [b[1], b[0], *b[2:]],
    lambda b: [*b[:-1], b[0]]])
def test_leaves_altered_dropped_inserted_swapped_doubled(tmp_path: Path, name: str, edit: Edit) -> None:
    package = build(ranked())
    path = f"log/{name}/tile/entries/000.p/{len(package.bodies[name])}"
    caught(tmp_path, "ledger", ranked(), files=lambda f: f | {path: bundle(edit(package.bodies[name]))})


def test_tiles_wrong(tmp_path: Path) -> None:
    spec = Spec(votes=[[ranking("o1")]] * 300)
    for edit in (lambda f: change(f, "log/box/tile/0/000", flip), lambda f: change(f, "log/box/tile/1/000.p/1", flip),
                 lambda f: f | {"log/box/tile/0/001.p/43": b""}, lambda f: f | {"log/box/tile/2/000.p/1": b"\0" * 32},
                 lambda f: {("log/box/tile/0/001.p/45" if k == "log/box/tile/0/001.p/44" else k): v for k,
                            v in f.items()}):
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
    caught(tmp_path, "ledger", ranked(),
           files=lambda f: f | {f"log/poll/checkpoints/{size}": note_at(size, b"\0" * 32)})


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

ONE, TWO = Signer("w1.example", b"\1" * 32, 4), Signer("w2.example", b"\2" * 32, 4)


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
    caught(tmp_path, "witness", spec, files=lambda f: f
           | {"log/poll/checkpoint": ("\n".join([*text, alien]) + "\n").encode()})
    raw = bytearray(base64.b64decode(built.files["log/poll/checkpoint"].decode().split()[-1]))
    raw[11] ^= 1
    late = f"\u2014 {ONE.name} {base64.b64encode(bytes(raw)).decode()}\n"
    caught(tmp_path, "witness", spec, files=lambda f: f
           | {"log/poll/checkpoint": ("\n".join(text) + "\n" + late).encode()})


POLICY = f"witness a {ONE.vkey}\nwitness b {TWO.vkey}\ngroup g %s a b\nquorum g\n".encode()


def test_a_policy_that_is_not_met(tmp_path: Path) -> None:
    package = build(ranked(witnesses=[ONE]))
    assert "witness" in failing(report(tmp_path, package,
                                       policy=POLICY % b"all"))
    assert not failing(report(tmp_path, package,
                              policy=POLICY % b"1"))


# --- window

def test_ballots_out_of_time(tmp_path: Path) -> None:
    caught(tmp_path, "window", ranked("open"), poll=lambda e: of(e, "cast").update(at=time(-1)))
    caught(tmp_path, "window", ranked("open"), poll=lambda e: of(e, "cast", -1).update(at=time(51)))
    caught(tmp_path, "window", ranked("open"),
           poll=lambda e: [of(e, "close").update(at=time(99)), of(e, "cast", 1).update(at=time(61))] and e)
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


# --- eligibility

def test_ballots_off_the_roll(tmp_path: Path) -> None:
    caught(tmp_path, "eligibility", ranked("open"), poll=lambda e: of(e, "cast")["data"].update(roll="0" * 64))
    caught(tmp_path, "eligibility", ranked(), poll=lambda e: of(e, "participate")["data"].update(roll="0" * 64))


def test_weights_altered(tmp_path: Path) -> None:
    caught(tmp_path, "eligibility", ranked("open"), poll=lambda e: of(e, "cast")["data"].update(weight="2"))
    caught(tmp_path, "eligibility", ranked(),
           box=lambda e: sorted([e[0] | {"data": e[0]["data"] | {"weight": "2"}}, *e[1:]],
                                                                   key=lambda x: leaf(canonical(x))))


@pytest.mark.parametrize("edit", [
    lambda r: r[0].update(weight="5"), lambda r: r.append({"roll": "f" * 64, "weight": "1"}), lambda r: r.pop() and r,
                                  lambda r: r.reverse(),
    lambda r: r.insert(0, r[0])])
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
    caught(tmp_path, "revote", ranked(mode),
           files=lambda f: change(f, "replaced.jsonl", lambda b: b.replace(b'"leaf":"', b'"leaf":"0')))
    caught(tmp_path, "revote", ranked(mode), files=lambda f: change(f, "replaced.jsonl", lambda b: b + b))
    caught(tmp_path, "revote", ranked(mode), files=lambda f: change(f, "replaced.jsonl", lambda b: b[:-1]))


@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_old_instead_of_new(tmp_path: Path, mode: str) -> None:
    """The count and the files of ballots use the first ballot of the member who voted twice."""
    old = build(Spec(mode=mode, votes=[[v[0]] if v else None for v in RANKED]))
    taken = ("ballots.json", "ballots.csv", "ballots.blt", "tally/rounds.json")
    found = report(tmp_path, build(ranked(mode), files=lambda f: f | {p: old.files[p] for p in taken}))
    assert {"formats", "tally"} <= failing(found)


# --- definition

@pytest.mark.parametrize("edit", [
    lambda d: d.update(question="Whom?"), lambda d: d["options"][0].update(name="Parks"),
                                  lambda d: d["options"].reverse(),
    lambda d: d.update(method="scottish-stv", rules={"method": "scottish-stv", "seed": "", "ties": ["lot"]}),
    lambda d: d["rules"].update(threshold_base="first-round"), lambda d: d.update(seats=2),
                                  lambda d: d["rules"].update(ties=["lot"]),
    lambda d: d.update(publication="auditors"), lambda d: d.update(opens_at=time(-1)), lambda d: d.update(grace=0),
    lambda d: d["keys"].update(ledger=Signer(seed=b"\5" * 32).vkey), lambda d: d.update(revote="never"),
    lambda d: d["witness"].update(of=[ONE.vkey])])
def test_a_definition_changed_since_the_opening(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "definition", ranked(), definition=lambda d: (edit(d) and d) or d)


@pytest.mark.parametrize("edit", [lambda d: d["rules"].update(quorum=None),
                                  lambda d: d["rules"].update(basis="votes+abstentions"),
                                  lambda d: d["rules"].update(threshold="2/3"),
                                  lambda d: d["rules"]["roll"].update(heads=1)])
def test_a_motion_changed_since_the_opening(tmp_path: Path, edit: Edit) -> None:
    quorum = {"on": "turnout", "by": "heads", "fraction": "1/2"}
    caught(tmp_path, "definition", Spec(method="motion", votes=YES_NO, rules={"quorum": quorum}), definition=edit)


@pytest.mark.parametrize("quorum", [{"number": 0}, {"number": "2"}, {"number": 2, "fraction": "1/2"}, {}])
def test_a_quorum_is_one_number_or_one_share(tmp_path: Path, quorum: dict[str, Any]) -> None:
    rules = {"quorum": {"on": "turnout", "by": "heads", "number": 2}}
    caught(tmp_path, "schema", Spec(method="motion", votes=YES_NO, rules=rules),
           definition=lambda d: d["rules"].update(quorum={"on": "turnout", "by": "heads"} | quorum))


def test_a_number_of_the_quorum_changed_since_the_opening(tmp_path: Path) -> None:
    rules = {"quorum": {"on": "turnout", "by": "heads", "number": 2}}
    caught(tmp_path, "definition", Spec(method="motion", votes=YES_NO, rules=rules),
           definition=lambda d: d["rules"]["quorum"].update(number=1))


@pytest.mark.parametrize("key, value", [("method", "plurality"), ("roll_size", 1), ("roll_root", "0" * 64),
                                        ("definition", "0" * 64)])
def test_an_opening_that_froze_something_else(tmp_path: Path, key: str, value: Any) -> None:
    caught(tmp_path, "definition", ranked(), poll=lambda e: e[0]["data"].update({key: value}))


def test_published_at_another_level(tmp_path: Path) -> None:
    caught(tmp_path, "definition", ranked(), assembly=lambda e: e[-1]["data"].update(level="auditors"))
    wide = {"v": 1, "kind": "admin", "at": time(57), "by": "c" * 64,
            "data": {"act": "publication", "level": "full", "unique": 3}}
    caught(tmp_path, "definition", ranked(publication="auditors"), poll=lambda e: [*e[:-1], wide, e[-1]])


@pytest.mark.parametrize("key, value", [("seats", 2), ("question", {"title": "X"}), ("options", []),
                                        ("ruleset", "plurality"), ("rules", {})])
def test_a_count_made_with_something_else(tmp_path: Path, key: str, value: Any) -> None:
    caught(tmp_path, "definition", ranked(), count=lambda c: c.update({key: value}))


def test_another_version_of_the_code(tmp_path: Path) -> None:
    caught(tmp_path, "definition", ranked(), files=lambda f: f | {"code.json": canonical({"v": 1, "version": "9"})})


# --- schema

@pytest.mark.parametrize("edit", [
    lambda b: b.update(at=time(3)), lambda b: b.update(by="c" * 64), lambda b: b.update(subject="member:x"),
                                  lambda b: b["data"].update(roll=roll_id(1)),
    lambda b: b["data"].pop("nonce") and None, lambda b: b["data"].update(nonce="0"),
                                  lambda b: b["data"].update(weight="2/4"),
    lambda b: b["data"].update(weight="0"), lambda b: b["data"].update(weight="1.0"),
                                  lambda b: b["data"].update(weight=1),
    lambda b: b.update(kind="vote"), lambda b: b.update(v=2), lambda b: b.update(v=1.0),
                                  lambda b: b["data"].update(ballot=ranking("o9")),
    lambda b: b["data"].update(ballot=choice("o1")), lambda b: b["data"].update(ballot=ranking("o1=o1")),
                                  lambda b: b.update(prev="0" * 64),
    lambda b: b["data"]["ballot"].update(name="Zoe\u0308")])
def test_a_box_entry_out_of_form(tmp_path: Path, edit: Edit) -> None:
    def smuggle(box: list[dict[str, Any]]) -> list[dict[str, Any]]:
        edit(of(box, "cast"))
        return sorted(box, key=lambda x: leaf(canonical(x)))
    caught(tmp_path, "schema", ranked(), box=smuggle)


@pytest.mark.parametrize("edit", [
    lambda e: of(e, "participate").update(at=time(3)),
                                  lambda e: of(e, "participate")["data"].update(ballot=ranking("o1")),
    lambda e: of(e, "close").pop("at") and None, lambda e: of(e, "close").update(at="2026-11-24T09:50:00Z"),
    lambda e: of(e, "close").update(at="2026-13-24T09:50:00.000Z"),
                                  lambda e: of(e, "close")["data"].update(ballots=2**53),
    lambda e: of(e, "result")["data"].update(more=1), lambda e: of(e, "result").update(kind="results"),
    lambda e: e.insert(2, {"v": 1, "kind": "admin", "at": time(1), "data": {"act": "tea"}})])
def test_a_poll_entry_out_of_form(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "schema", ranked(), poll=edit)


def test_other_files_out_of_form(tmp_path: Path) -> None:
    caught(tmp_path, "schema", ranked(), assembly=lambda e: e[0].update(note="x"))
    caught(tmp_path, "schema", ranked(), assembly=lambda e: e[1]["data"].pop("definition") and None)
    caught(tmp_path, "schema", ranked(), roll=lambda r: r[0].update(name="Ann"))
    caught(tmp_path, "schema", ranked(),
           files=lambda f: change(f, "definition.json", lambda b: b.replace(b'"grace":30', b'"grace":3e1')))
    caught(tmp_path, "schema", ranked(),
           files=lambda f: change(f, "definition.json", lambda b: b.replace(b'"seats":1', b'"seats":1,"seats":1')))
    caught(tmp_path, "schema", ranked(),
           files=lambda f: change(f, "tally/rounds.json", lambda b: b.replace(b'"n":1', b'"n":1.5')))
    caught(tmp_path, "schema", ranked(), files=lambda f: f | {"rejected.jsonl": b"{}\n{ }\n"})
    caught(tmp_path, "schema", ranked("open"), roll=lambda r: r[0].update(name="Zoe\u0308"))


def test_ballots_in_the_wrong_ledger(tmp_path: Path) -> None:
    cast = {"v": 1, "kind": "cast", "at": time(3),
            "data": {"ballot": ranking("o1"), "nonce": "0" * 32, "weight": "1", "roll": roll_id(2)}}
    caught(tmp_path, "schema", ranked(), poll=lambda e: [*e[:2], cast, *e[2:]])
    caught(tmp_path, "schema", ranked("open"),
           poll=lambda e: [*e[:2], {"v": 1, "kind": "participate", "data": {"roll": roll_id(2)}}, *e[2:]])


# --- formats

@pytest.mark.parametrize("path", ["ballots.json", "ballots.csv", "ballots.blt"])
@pytest.mark.parametrize("mode", ["open", "confidential"])
def test_ballots_differ_in_one_view(tmp_path: Path, path: str, mode: str) -> None:
    def lose(data: bytes) -> bytes:
        return b"\n".join(data.split(b"\n")[:2] + data.split(b"\n")[3:])
    edits: list[Callable[[bytes], bytes]] = [lambda b: b.replace(b"1", b"2"), lambda b: b + b"\n", lambda b: b[:-1],
                                             lambda b: b""]
    if path != "ballots.json":
        edits += [lose, lambda b: b.replace(b"\n", b"\r\n"), lambda b: b + b.split(b"\n")[2] + b"\n"]
    for edit in edits:
        caught(tmp_path, "formats", ranked(mode), files=lambda f, e=edit: change(f, path, e))
    caught(tmp_path, "formats", ranked(mode), files=lambda f: {k: v for k, v in f.items() if k != path})


def test_weights_lost_in_a_view(tmp_path: Path) -> None:
    spec = Spec(votes=RANKED, weights=["1", "3/2", "1", "1", "1", "1", "1"])
    caught(tmp_path, "formats", spec, files=lambda f: change(f, "ballots.csv", lambda b: b.replace(b",3/2,", b",1,")))
    caught(tmp_path, "formats", spec, files=lambda f: f | {"ballots.blt": b"3 1\n"})


# --- tally

def stv() -> Spec:
    votes = [[ranking("o1", "o2", "o3")]] * 18 + [[ranking("o2",
                                                           "o4")]] * 12 + [[ranking("o3")]] * 4 + [[ranking("o4")]] * 6
    return Spec(method="scottish-stv", seats=3, votes=votes, names=["A", "B", "C", "D"])


@pytest.mark.parametrize("edit", [
    lambda c: c.update(winners=["A", "B", "D"]), lambda c: c.update(quota="10"),
                                  lambda c: c["rounds"][1].update(quota="10"),
    lambda c: c["rounds"][1]["votes"].update(C="11.00000"), lambda c: c["rounds"][1].update(exhausted="1.00000"),
    lambda c: c["rounds"][1].update(residual="0.00000"),
                                  lambda c: c["rounds"][1]["transfers"][0].update(after="0.38889"),
    lambda c: c["rounds"][1]["transfers"].pop() and None, lambda c: c["rounds"][0].update(elected=["B", "A"]),
    lambda c: c.update(excluded=[]), lambda c: c.update(outcome="tie"), lambda c: c["rounds"].pop() and None,
    lambda c: c["rounds"][0]["votes"].pop("D") and None, lambda c: c["input"].update(valid=39, spoilt=1),
                                  lambda c: c["input"].update(weight="41"),
    lambda c: c["input"].update(digest="0" * 64), lambda c: c["rounds"][1]["action"].update(code="exclude"),
    lambda c: c["ties"].append({"round": 1, "purpose": "elect", "tied": ["A"], "policy": "lot", "evidence": "",
                                "chosen": "A"})])
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


@pytest.mark.parametrize("edit", [
    lambda c: c["tests"][0].update(left="9"), lambda c: c["tests"][0].update(holds=False),
                                  lambda c: c["tests"].pop() and None,
    lambda c: c["rounds"][0]["votes"].update(Abstain="0"), lambda c: c["input"].update(blank=0, valid=6),
                                  lambda c: c.update(outcome="no quorum")])
def test_a_motion_counted_on_another_base(tmp_path: Path, edit: Edit) -> None:
    spec = Spec(method="motion", votes=YES_NO, rules={"quorum": {"on": "turnout", "by": "heads", "fraction": "1/2"}})
    caught(tmp_path, "tally", spec, count=edit)


@pytest.mark.parametrize("edit", [lambda c: c["rounds"][0]["heads"].update(Yes=9), lambda c: c["rounds"][0].update(heads={})])
def test_heads_of_a_weighted_motion_altered(tmp_path: Path, edit: Edit) -> None:
    caught(tmp_path, "tally", Spec(method="motion", votes=YES_NO, weights=["1", "2", "1", "1", "1", "1", "3/2"]), count=edit)


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
    lines = ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(over.get('leaf', leaves[index])).decode()}",
             f"index {over.get('at', index)}",
             *(base64.b64encode(h).decode() for h in hashes)]
    return "\n".join(lines).encode() + b"\n\n" + over.get("checkpoint", package.checkpoint(ledger, len(leaves)))


def promise(package: Built, leaf_hash: bytes, ledger: str = "box", **over: Any) -> bytes:
    signer = over.get("signer", package.spec.signer)
    origin = over.get("origin", package.origin(ledger))
    return signer.note(f"deliberate promise 1\n{origin}\n{leaf_hash.hex()}\n{time(60)}\n")


@pytest.mark.parametrize("mode, ledger", [("open", "poll"), ("confidential", "box")])
def test_receipts_that_fit(tmp_path: Path, mode: str, ledger: str) -> None:
    package = build(ranked(mode))
    for index in (1, 3, 5):
        for given in (proof(package, index, ledger), proof(package, index, ledger, 6),
                      promise(package, package.logs[ledger][index], ledger)):
            found = report(tmp_path, package, receipt=given)
            assert not failing(found) and found.result("receipt") == "PASS", found.lines()
    for name in package.logs:
        for size in (1, 2, len(package.logs[name])):
            assert report(tmp_path, package, old_checkpoint=package.checkpoint(name, size)).result("receipt") == "PASS"


def test_receipts_that_do_not_fit(tmp_path: Path) -> None:
    package, other = build(ranked()), build(Spec(votes=RANKED[:4]))
    leaves = package.logs["box"]
    wrong = [proof(package, 1, leaf=leaves[2]), proof(package, 1, at=2), proof(package, 1, hashes=[]),
             proof(package, 1, hashes=[b"\0" * 32] * 3),
             proof(package, 1, at=999), proof(package, 1, at=10**15), proof(other, 1), proof(package, 1, ledger="poll"),
             proof(package, 1, checkpoint=b"no"), promise(package, b"\0" * 32),
             promise(package, leaves[0], origin="else.example"),
             promise(package, leaves[0], signer=Signer(seed=b"\5" * 32)),
             promise(package, leaves[0], signer=Signer("x", b"\5" * 32)),
             b"", b"\xff\xfe", b"hello\n", proof(package, 1).replace(b"index", b"indeks"),
             promise(package, leaves[0])[:-5]]
    for given in wrong:
        assert "receipt" in failing(report(tmp_path, package, receipt=given)), given


def test_old_checkpoints_that_do_not_fit(tmp_path: Path) -> None:
    package = build(ranked())
    text = f"{package.origin('poll')}\n400\n{base64.b64encode(bytes(32)).decode()}\n"
    for given in (Signer().note(text), Signer().note(text.replace("400", "2")),
                  Signer().note(text.replace("poll", "pool")),
                  Signer(seed=b"\5" * 32).note(text), b"", text.encode()):
        assert "receipt" in failing(report(tmp_path, package, old_checkpoint=given)), given


def test_a_later_checkpoint_of_the_assembly_is_not_checked(tmp_path: Path) -> None:
    package = build(ranked())
    later = Signer().note(f"{package.origin('assembly')}\n4000\n{base64.b64encode(bytes(32)).decode()}\n")
    assert report(tmp_path, package, old_checkpoint=later).result("receipt") == "NOT CHECKED"


def test_a_void_poll_with_a_count(tmp_path: Path) -> None:
    counted = build(Spec(method="plurality", votes=CHOSEN)).files["tally/rounds.json"]
    found = report(tmp_path, build(Spec(method="plurality", votes=CHOSEN, void=True),
                                   files=lambda f: f | {"tally/rounds.json": counted}))
    assert "tally" in failing(found)


def test_sha_of_the_manifest_is_the_package_id(tmp_path: Path) -> None:
    package = build(ranked())
    assert report(tmp_path, package).package_id == sha(package.files["manifest.json"])


# --- what stands beside the layout

def test_a_manifest_of_another_poll(tmp_path: Path) -> None:
    caught(tmp_path, "integrity", ranked(), manifest=lambda m: m.update(poll="c" * 26))


def test_a_ledger_that_the_poll_does_not_have(tmp_path: Path) -> None:
    for mode in ("open", "confidential"):
        caught(tmp_path, "ledger", ranked(mode), files=lambda f: f | {"log/shadow/checkpoint": f["log/poll/checkpoint"]})


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
    assert any(f"with {sum(v is not None for v in RANKED)} of them" in line for line in report(tmp_path, build(ranked())).unchecked)
    many = report(tmp_path, build(Spec(votes=[[ranking("o1")]] * 10)))
    assert not [line for line in many.unchecked if "names are" in line or "hides little" in line]


@pytest.mark.parametrize("subject, good", [
    ({}, True), ({"amendment": "x" * 26, "hunks": "0" * 64}, True), ({"amendment": "x" * 26}, False),
    ({"hunks": "0" * 64}, False), ({"mover": "x"}, False)])
def test_the_text_that_is_put(tmp_path: Path, subject: dict[str, str], good: bool) -> None:
    said = {"motion": "m" * 26, "number": "M1", "version": "0" * 64, **subject}
    found = report(tmp_path, build(ranked(), definition=lambda d: d.update(subject=said)))
    assert ("schema" in failing(found)) is not good


# --- the poll ledger and the assembly ledger tell one story

@pytest.mark.parametrize("own, embedded", [("open", "poll.opened"), ("close", "poll.closed"),
                                           ("result", "poll.published")])
@pytest.mark.parametrize("name, value", [("at", time(1000)), ("by", "1" * 64), ("by", None)])
def test_times_and_hands_that_differ_between_the_ledgers(tmp_path: Path, own: str, embedded: str, name: str,
                                                         value: str | None) -> None:
    def change_it(entries: list[dict[str, Any]], kind: str) -> None:
        of(entries, kind).pop(name) if value is None else of(entries, kind).update({name: value})
    caught(tmp_path, "ledger", ranked(), assembly=lambda e: change_it(e, embedded))
    caught(tmp_path, "ledger", ranked(), poll=lambda e: change_it(e, own))


def test_acts_of_the_poll_in_another_order(tmp_path: Path) -> None:
    for n in (1, 2, 3):
        caught(tmp_path, "ledger", ranked(), assembly=lambda e, i=n: [*e[:i], e[i + 1], e[i], *e[i + 2:]])


def test_a_result_older_than_the_close(tmp_path: Path) -> None:
    def early(entries: list[dict[str, Any]], kind: str) -> None:
        of(entries, kind).update(at=time(40))
    caught(tmp_path, "window", ranked(), poll=lambda e: early(e, "result"), assembly=lambda e: early(e, "poll.published"))


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
    act = {"v": 1, "kind": "admin", "at": time(57), "by": "c" * 64,
           "data": {"act": "publication", "level": "full", "unique": number}}
    votes = [[ranking("o1")], [ranking("o2")], [ranking("o3")], [ranking("o1", "o2")], [ranking("o1", "o2")]]
    found = report(tmp_path, build(Spec(votes=votes), poll=lambda e: [*e[:-1], act, e[-1]]))
    assert ("definition" in failing(found)) is not good


# --- findings with the sentence that says them

def says(tmp_path: Path, check: str, sentence: str, spec: Spec, **hooks: Edit) -> None:
    found = report(tmp_path, build(spec, **hooks))
    assert any(sentence in one.says for one in found.fails.get(check, [])), found.lines()


def test_a_signature_of_the_right_key_over_something_else(tmp_path: Path) -> None:
    def forge(files: dict[str, bytes]) -> dict[str, bytes]:
        text = files["log/poll/checkpoint"].decode().split("\n\n")[0] + "\n"
        return files | {"log/poll/checkpoint": (text + "\n" + Signer().line("another text\n")).encode()}
    says(tmp_path, "signature", "The checkpoint of the poll ledger was altered", ranked(), files=forge)


def test_a_head_or_box_of_a_ledger_that_the_poll_does_not_have(tmp_path: Path) -> None:
    says(tmp_path, "ledger", "poll.closed names a ledger that this poll does not have", ranked("open"),
         assembly=lambda e: (d := of(e, "poll.closed")["data"]["ledgers"]).update(box=d["poll"]))
    says(tmp_path, "window", "The close of an open poll names a box", ranked("open"),
         poll=lambda e: of(e, "close")["data"].update(box={"size": 0, "root": "0" * 64}))


def test_an_act_with_a_value_that_is_not_allowed(tmp_path: Path) -> None:
    says(tmp_path, "schema", "poll.published: level has a value", ranked(),
         assembly=lambda e: e[-1]["data"].update(level="nobody"))
    says(tmp_path, "schema", "poll.published without seal", ranked(), assembly=lambda e: e[-1]["data"].pop("seal") and e)


def test_the_list_of_replaced_ballots_left_out(tmp_path: Path) -> None:
    says(tmp_path, "integrity", "replaced.jsonl is missing", ranked(),
         files=lambda f: {k: v for k, v in f.items() if k != "replaced.jsonl"})


def test_rules_that_need_a_size_and_do_not_state_it(tmp_path: Path) -> None:
    quorum = {"on": "turnout", "by": "heads", "fraction": "1/2"}
    for change_it in (lambda r: r.update(roll=None, quorum=quorum), lambda r: r.update(roll=None, basis="roll"),
                      lambda r: r.update(roll=None, min_roll="1/2")):
        says(tmp_path, "definition", "need the size of the roll", Spec(method="motion", votes=YES_NO),
             definition=lambda d, c=change_it: c(d["rules"]))
    plain = report(tmp_path, build(Spec(method="motion", votes=YES_NO), definition=lambda d: d["rules"].update(roll=None)))
    assert not any("need the size" in one.says for one in plain.fails["definition"])
    there = {"on": "present", "by": "heads", "number": 2}
    for change_it in (lambda r: r.update(basis="present"), lambda r: r.update(quorum=there),
                      lambda r: r.update(quorum=there | {"on": "both"})):
        says(tmp_path, "definition", "need the number present", Spec(method="motion", votes=YES_NO),
             definition=lambda d, c=change_it: c(d["rules"]))


def test_a_quorum_for_an_election_is_not_checked(tmp_path: Path) -> None:
    quorum = {"by": "heads", "fraction": "1/2"}
    found = report(tmp_path, build(ranked(), definition=lambda d: d.update(quorum=quorum)))
    assert found.result("tally") == "NOT CHECKED"


@pytest.mark.parametrize("edit, sentence", [
    (lambda d: d["options"][0].update(name="Ali"), "ids and names are unique"),
    (lambda d: d["options"][0].update(id="o2"), "ids and names are unique"), (lambda d: d.update(options=[]), "at least one"),
    (lambda d: d.update(mode="open"), "a box ledger belongs"), (lambda d: d["origins"].pop("box") and None, "a box ledger belongs"),
    (lambda d: d.update(method="motion", ballot="choice", rules=Spec(method="motion").rules), "a motion has yes, no and abstain")])
def test_a_definition_that_contradicts_itself(tmp_path: Path, edit: Edit, sentence: str) -> None:
    says(tmp_path, "schema", sentence, ranked(), definition=edit)


def test_withheld_ballots_in_a_file_all_the_same(tmp_path: Path) -> None:
    csv = build(ranked()).files["ballots.csv"]
    says(tmp_path, "formats", "although the ledger withholds them", ranked(publication="auditors", hide=True),
         files=lambda f: f | {"ballots.csv": csv})


@pytest.mark.parametrize("after", ["a third", "1/0"])
def test_a_transfer_at_no_value(tmp_path: Path, after: str) -> None:
    says(tmp_path, "tally", f"18 papers at {after} are not", stv(),
         count=lambda c: c["rounds"][1]["transfers"][0].update(after=after))


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
    found = report(tmp_path, build(ranked(witness={"k": 1, "of": [ONE.vkey]}, witnesses=[ONE]),
                                   files=lambda f: {k: v for k, v in f.items() if k != "log/box/checkpoint"}))
    assert {"integrity"} <= failing(found) and "witness" not in failing(found)


def test_a_promise_out_of_form(tmp_path: Path) -> None:
    package = build(ranked())
    note = Signer().note(f"deliberate promise 1\n{package.origin('box')}\nnot a hash\n{time(60)}\n")
    found = report(tmp_path, package, receipt=note)
    assert any("the promise is malformed" in one.says for one in found.fails["receipt"])
