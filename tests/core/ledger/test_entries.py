"""Entries by the table of kinds, commitments, words and promises."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical, entries, merkle, note, proof, receipt

AT = datetime(2026, 11, 24, 11, 20, 31, 123_999, tzinfo=UTC)
A, B = "a" * 64, "b" * 64
BALLOT = {"kind": "choice", "marks": ["yes"]}
CAST = {"roll": A, "ballot": BALLOT, "nonce": "0" * 32, "weight": "3/2"}
BOXED = {name: value for name, value in CAST.items() if name != "roll"}
DATA = {
    "open": {
        "definition": A,
        "roll_root": B,
        "roll_size": 3,
        "method": "irv",
        "rules": {},
        "keys": {"ledger": "k"},
        "witness": {"k": 0, "of": []},
        "code": "1",
    },
    "participate": {"roll": A},
    "cast": CAST,
    "replace": {**CAST, "replaces": B},
    "close": {"reason": "clock", "ballots": 0, "participations": 0, "box": {"size": 0, "root": A}},
    "result": {"count": A, "input": B, "code": "1"},
}
ADMIN = {
    "lot": {"act": "lot", "lot": {"round": 1, "purpose": "exclude", "tied": ["o1", "o2"], "chosen": "o1"}, "how": A},
    "void": {"act": "void", "reason": A},
    "publication": {"act": "publication", "level": "full", "unique": 2},
}


def refused(code, make, *given, **named):
    with pytest.raises(DeliberateError) as refusal:
        make(*given, **named)
    assert refusal.value.code == code


def poll(kind, data, **over):
    rule = entries.ADMIN[data["act"]] if kind == "admin" else entries.POLL[kind]
    named = {"at": AT if rule.at else None, "by": A if rule.by else None, "prev": B, **over}
    return entries.body("poll", kind, data=data, **named)


def test_the_tables_name_every_kind_of_the_contract():
    assert DATA.keys() == entries.POLL.keys()
    assert ADMIN.keys() == entries.ADMIN.keys()
    assert set(entries.BOX) == {"cast", "replace"}


@pytest.mark.parametrize(("kind", "data"), [*DATA.items(), *(("admin", data) for data in ADMIN.values())])
def test_every_kind_of_the_poll_ledger(kind, data):
    body = poll(kind, data)
    value = entries.read("poll", body)
    assert canonical.encode(value) == body
    assert value["data"] == data
    assert value["prev"] == B
    assert "by" not in entries.read("poll", poll(kind, data, by=None))
    assert "prev" not in entries.read("poll", poll(kind, data, prev=None))
    for name in data:
        less = {key: value for key, value in data.items() if key != name}
        if kind == "admin" and name == "act":
            refused("ledger.entry", entries.body, "poll", "admin", data=less, at=AT)
        elif name not in ("box", "how"):
            refused("ledger.entry", poll, kind, less)
    refused("ledger.entry", poll, kind, {**data, "more": 1})
    refused("ledger.entry", poll, kind, data, subject="poll:x")


@pytest.mark.parametrize("kind", ["participate", "cast", "replace"])
def test_ballots_and_participations_do_not_say_by_whom(kind):
    refused("ledger.entry", poll, kind, DATA[kind], by=A)


def test_a_participation_does_not_say_when():
    refused("ledger.entry", poll, "participate", DATA["participate"], at=AT)


@pytest.mark.parametrize(("kind", "data"), [("cast", BOXED), ("replace", {**BOXED, "replaces": A})])
def test_the_box_holds_no_time_no_identity_and_no_order(kind, data):
    assert set(entries.read("box", entries.body("box", kind, data=data))) == {"v", "kind", "data"}
    for name, value in {"at": AT, "by": A, "subject": "poll:x", "prev": A}.items():
        refused("ledger.entry", entries.body, "box", kind, data=data, **{name: value})
    refused("ledger.entry", entries.body, "box", kind, data={**data, "roll": A})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("roll", "A" * 64),
        ("roll", "a" * 63),
        ("roll", 1),
        ("nonce", "0" * 31),
        ("nonce", None),
        ("weight", "0"),
        ("weight", "-1"),
        ("weight", 1),
        ("ballot", {"kind": "choice", "ranks": []}),
        ("ballot", {"kind": "ranking", "ranks": [], "at": 1}),
        ("ballot", []),
    ],
)
def test_false_values_in_a_ballot_are_refused(name, value):
    refused("ledger.entry", poll, "cast", {**CAST, name: value})


def test_weights_in_other_spellings_are_refused():
    refused("ledger.canonical", poll, "cast", {**CAST, "weight": "1.0"})


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("close", "ballots", -1),
        ("close", "ballots", True),
        ("open", "method", ""),
        ("open", "rules", None),
        ("result", "count", "x"),
        ("close", "box", []),
    ],
)
def test_false_values_in_other_entries_are_refused(kind, name, value):
    refused("ledger.entry", poll, kind, {**DATA[kind], name: value})


@pytest.mark.parametrize(
    "bad",
    [
        {"v": 2, "kind": "participate", "data": {"roll": A}},
        {"v": 1, "data": {}},
        {"v": 1, "kind": 1, "data": {}},
        {"v": 1, "kind": "participate"},
        [],
        {"v": 1, "kind": "participate", "data": {"roll": A}, "prev": "x"},
        {"v": 1, "kind": "cast", "data": CAST, "at": "now"},
        {"v": 1, "kind": "cast", "data": CAST, "at": "2026-13-24T11:20:31.123Z"},
        {"v": 1, "kind": "cast", "data": CAST},
        {"v": 1, "kind": "cast", "data": CAST, "at": "2026-11-24T11:20:31.123456Z"},
        {"v": 1, "kind": "other", "data": {}},
    ],
)
def test_bytes_that_are_no_entry_are_refused(bad):
    refused("ledger.entry", entries.read, "poll", canonical.encode(bad))


def test_the_assembly_ledger_takes_any_noun_done():
    body = entries.body("assembly", "motion.mover_invited", at=AT, by=A, subject="motion:x", data={"anything": [1]})
    assert entries.read("assembly", body)["at"] == "2026-11-24T11:20:31.123Z"
    for kind in ("cast", "Motion.done", "a.b.c", "motion."):
        refused("ledger.entry", entries.body, "assembly", kind, at=AT, subject="x:y", data={})
    refused("ledger.entry", entries.body, "assembly", "x.done", at=AT, data={})
    refused("ledger.entry", entries.body, "assembly", "x.done", subject="x:y", data={})
    refused("ledger.entry", entries.body, "other", "x.done", at=AT, subject="x:y", data={})


def test_acts_on_polls_carry_what_the_contract_embeds():
    heads = {"poll": {"origin": "o", "size": 1, "root": A}}
    data = {"ledgers": heads, "count": A, "seal": "0" * 32, "level": "full", "more": "allowed"}
    entries.body("assembly", "poll.published", at=AT, subject="poll:x", data=data)
    entries.body("assembly", "poll.tallied", at=AT, subject="poll:x", data={"sealed": A})
    refused("ledger.entry", entries.body, "assembly", "poll.tallied", at=AT, subject="poll:x", data={"count": A})
    refused(
        "ledger.entry", entries.body, "assembly", "poll.published", at=AT, subject="poll:x", data={**data, "seal": ""}
    )
    refused(
        "ledger.entry",
        entries.body,
        "assembly",
        "poll.published",
        at=AT,
        subject="poll:x",
        data={**data, "level": "some"},
    )
    refused("ledger.entry", entries.body, "assembly", "poll.opened", at=AT, subject="poll:x", data={"ledgers": heads})


def test_an_entry_fits_into_a_bundle():
    def sized(length):
        return entries.body("assembly", "x.done", at=AT, subject="x:y", data={"text": "a" * length})

    spare = entries.LONGEST - len(sized(0))
    assert len(sized(spare)) == 65_535
    refused("ledger.long", sized, spare + 1)


@given(st.datetimes(timezones=st.timezones()))
def test_moments_are_read_back_to_the_millisecond(at):
    try:
        there = at.astimezone(UTC)
    except OverflowError:
        return
    assert entries.parse_moment(entries.moment(at)) == there.replace(microsecond=there.microsecond // 1000 * 1000)


def test_a_moment_is_the_same_in_every_zone_and_needs_one():
    assert entries.moment(AT.astimezone(timezone(timedelta(hours=5, minutes=30)))) == entries.moment(AT)
    refused("ledger.entry", entries.moment, datetime(2026, 11, 24))


def test_commitments_follow_from_the_salt():
    salt = bytes(range(32))
    assert entries.commitment(salt, "id") == hashlib.sha256(salt + b"id").hexdigest()
    assert entries.roll_id(salt, "poll") == hmac.digest(salt, b"poll", "sha256").hex()
    assert entries.roll_id(salt, "other") != entries.roll_id(salt, "poll")


def test_the_words_can_be_told_apart():
    assert len(receipt.WORDS) == 2048
    assert len({word[:4] for word in receipt.WORDS}) == 2048
    assert list(receipt.WORDS) == sorted(receipt.WORDS)
    assert all(4 <= len(word) <= 7 and word.isascii() and word.islower() for word in receipt.WORDS)
    assert (
        hashlib.sha256(" ".join(receipt.WORDS).encode()).hexdigest()
        == "a3d7b83dbb07e08553a1ebe2d7bd81f96f3903d628de0adcad05f1691b2c1918"
    )


@given(st.binary(min_size=32, max_size=32), st.integers(4, 7), st.sampled_from([" ", ", ", "-", "\n"]))
def test_six_words_lead_back_to_their_leaf(raw, length, gap):
    leaf = raw.hex()
    six = receipt.words(leaf)
    assert receipt.typed(gap.join(word[:length] for word in six).upper()) == six
    assert leaf.startswith(receipt.prefix_of(six))


def test_a_changed_leaf_has_other_words():
    assert receipt.words("0" * 64) == (receipt.WORDS[0],) * 6
    assert receipt.words("f" * 64) == (receipt.WORDS[-1],) * 6
    assert receipt.words("0" * 16 + "4" + "0" * 47) == (*(receipt.WORDS[0],) * 5, receipt.WORDS[1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "able " * 5,
        "able " * 7,
        "able able able able able nonsense",
        "able able able able able abl",
        "able able able able able abled",
        "zzzz " * 6,
    ],
)
def test_other_words_are_refused(text):
    refused("receipt.words", receipt.typed, text)


SIGNER = note.Signer("vote.example.org", bytes(range(32)))
LEAF = merkle.leaf_hash(b"ballot").hex()


def test_a_promise_is_read_back_and_no_other_note_is_one():
    text = receipt.promise("example.org/box", LEAF, "2026-11-24T11:20:31.123Z", SIGNER)
    assert receipt.read_promise(text, SIGNER.verifier) == ("example.org/box", LEAF, "2026-11-24T11:20:31.123Z")
    assert receipt.leaf_of(text.encode()) == LEAF
    for other in (
        "something else\n",
        f"deliberate promise 2\no\n{LEAF}\nd\n",
        f"deliberate promise 1\no\n{LEAF[1:]}\nd\n",
    ):
        signed = note.sign(other, SIGNER)
        refused("ledger.note", receipt.read_promise, signed, SIGNER.verifier)
        assert receipt.leaf_of(signed.encode()) is None
    refused("ledger.note", receipt.read_promise, text, note.Signer("vote.example.org", b"x" * 32).verifier)


@pytest.mark.parametrize(
    "parts", [("", LEAF, "d"), ("o\np", LEAF, "d"), ("o", LEAF.upper(), "d"), ("o", LEAF, ""), ("o", LEAF, "d\ne")]
)
def test_a_promise_that_would_read_back_as_another_is_not_signed(parts):
    refused("ledger.note", receipt.promise, *parts, SIGNER)


def test_the_leaf_of_a_proof_file_stands_in_its_extra_line():
    signed = note.sign("o\n1\nAAAA\n", SIGNER)
    assert receipt.leaf_of(proof.write(0, [], signed, bytes.fromhex(LEAF)).encode()) == LEAF
    assert receipt.leaf_of(proof.write(0, [], signed, b"short").encode()) is None
    assert receipt.leaf_of(proof.write(0, [], signed).encode()) is None


@pytest.mark.parametrize("file", [b"", b"\xff", b"PK\x03\x04", proof.HEADER.encode(), b"x" * 5000])
def test_other_files_are_no_receipts(file):
    assert receipt.leaf_of(file) is None
