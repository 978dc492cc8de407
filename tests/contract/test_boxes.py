"""Laws of ballot boxes for every registered one, in memory: what a box stores, what it answers, and what it never says."""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.ballot import choice, ranking
from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import canonical, entries, merkle
from deliberate.services.boxes import BOXES, BoxState, Cast

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADA, BO, STRANGER = (hashlib.sha256(name.encode()).hexdigest() for name in ("Ada", "Bo", "stranger"))
KEYS = [f"{n:032x}" for n in range(1, 4)]
BALLOTS = [choice("o1"), choice("o2"), ranking("o2", "o1"), choice()]

every_box = pytest.mark.parametrize("mode", sorted(BOXES))
secret_box = pytest.mark.parametrize("mode", sorted(set(BOXES) - {"open"}))


def state(revote=False):
    return BoxState("p" * 26, revote, {ADA: Fraction(1), BO: Fraction(7, 3)}, {}, {}, "0" * 64)


def cast(roll, ballot, key=KEYS[0], nonce="ab" * 16):
    return Cast(1, roll, ballot, key, nonce, NOON)


def stored(box):
    """Everything that is to be written, as it can be read: entries of the poll ledger, then what lies in the box."""
    poll = [entries.read("poll", body) for _, body in box.appended]
    return poll, [entries.read("box", cell.body) for cell, _ in box.pending.values()]


def ballots(box):
    """Stored ballots by leaf hash."""
    bodies = [body for _, body in box.appended] + [cell.body for cell, _ in box.pending.values()]
    read = {merkle.leaf_hash(body).hex(): canonical.decode(body)["data"] for body in bodies}
    return {leaf: data for leaf, data in read.items() if "ballot" in data}


def counting(box):
    """Stored ballots that no later one has replaced."""
    found = ballots(box)
    gone = {data["replaces"] for data in found.values() if "replaces" in data}
    return {leaf: data for leaf, data in found.items() if leaf not in gone}


def refused(mode, box, one):
    """The refusal of a ballot, which leaves everything as it was."""
    before = copy.deepcopy(box)
    with pytest.raises(DeliberateError) as error:
        BOXES[mode](box, one)
    assert box == before
    assert error.value.what and error.value.why and error.value.remedy
    return error.value


@every_box
@pytest.mark.parametrize("ballot", BALLOTS)
def test_the_receipt_is_the_hash_of_the_stored_ballot(mode, ballot):
    box = state()
    leaf = BOXES[mode](box, cast(BO, ballot))
    said = ballots(box)[leaf]
    assert (said["ballot"], said["nonce"], said["weight"]) == (ballot, "ab" * 16, "7/3")
    assert list(ballots(box)) == [leaf]
    assert set(box.taken) == set(box.joined) == {BO}


@every_box
def test_two_equal_ballots_are_two(mode):
    box = state()
    leaves = {BOXES[mode](box, cast(roll, BALLOTS[0], nonce=f"{n:032x}")) for n, roll in enumerate((ADA, BO))}
    assert leaves == set(counting(box)) and len(leaves) == 2


@every_box
@pytest.mark.parametrize("revote", [False, True])
def test_the_same_form_again_gives_the_same_receipt_and_stores_nothing(mode, revote):
    box = state(revote)
    leaf = BOXES[mode](box, cast(ADA, BALLOTS[0]))
    before = copy.deepcopy(box)
    assert BOXES[mode](box, cast(ADA, BALLOTS[0], nonce="cd" * 16)) == leaf
    assert box == before


@every_box
def test_who_is_not_on_the_roll_has_no_ballot(mode):
    error = refused(mode, state(), cast(STRANGER, BALLOTS[0]))
    assert (error.code, error.status) == ("poll.voter", 403)


@every_box
@pytest.mark.parametrize("key", KEYS[:2])
def test_a_second_ballot_is_refused(mode, key):
    box = state()
    BOXES[mode](box, cast(ADA, BALLOTS[0]))
    assert refused(mode, box, cast(ADA, BALLOTS[1], key)).code == "ballot.already"


@every_box
def test_a_changed_ballot_counts_in_place_of_the_first(mode):
    """It names the one that it replaces, carries the same weight, and each change replaces the newest."""
    box = state(revote=True)
    leaves = [BOXES[mode](box, cast(BO, ballot, nonce=f"{n:032x}")) for n, ballot in enumerate(BALLOTS)]
    found = ballots(box)
    assert list(counting(box)) == leaves[-1:]
    assert [found[leaf].get("replaces") for leaf in leaves] == [None, *leaves[:-1]]
    assert {data["weight"] for data in found.values()} == {"7/3"}


@every_box
@pytest.mark.parametrize("revote", [False, True])
def test_members_who_share_a_key_have_each_their_own_ballot(mode, revote):
    box = state(revote)
    hers = BOXES[mode](box, cast(ADA, BALLOTS[0]))
    his = BOXES[mode](box, cast(BO, BALLOTS[1], nonce="cd" * 16))
    assert {leaf: data["ballot"] for leaf, data in counting(box).items()} == {hers: BALLOTS[0], his: BALLOTS[1]}


@every_box
def test_entries_of_the_poll_ledger_follow_each_other(mode):
    box = state(revote=True)
    for n, (roll, ballot) in enumerate([(ADA, BALLOTS[0]), (BO, BALLOTS[0]), (ADA, BALLOTS[1])]):
        BOXES[mode](box, cast(roll, ballot, nonce=f"{n:032x}"))
    prev = "0" * 64
    for kind, body in box.appended:
        assert (entries.read("poll", body)["kind"], entries.read("poll", body)["prev"]) == (kind, prev)
        prev = merkle.leaf_hash(body).hex()
    assert box.prev == prev
    assert {entry["data"]["roll"] for entry in stored(box)[0]} == {ADA, BO}, "who took part stands in the poll ledger"


@every_box
def test_the_key_of_the_form_is_not_stored(mode):
    """Whoever reads the database could change ballots with it."""
    box = state(revote=True)
    for ballot in BALLOTS[:2]:
        BOXES[mode](box, cast(ADA, ballot))
    assert KEYS[0] not in repr(box)


@secret_box
def test_a_secret_box_never_links_member_and_ballot(mode):
    """The poll ledger holds nothing of the ballot, the box nothing of the member, and neither the moment."""
    box = state(revote=True)
    leaves = [BOXES[mode](box, cast(BO, ballot, nonce=f"{n:032x}")) for n, ballot in enumerate(BALLOTS[:3])]
    poll, lies = stored(box)
    assert poll == [{"v": 1, "kind": "participate", "data": {"roll": BO}, "prev": "0" * 64}]
    assert all(entry.keys() == {"v", "kind", "data"} for entry in lies)
    assert BO not in repr(box.pending) and not {BO, *leaves} & set(box.pending)
    assert not any(leaf in repr((box.taken, box.joined, box.appended)) for leaf in leaves)


@secret_box
def test_another_browser_cannot_change_a_secret_ballot(mode):
    """It has not the key; and no link is kept by which the ballot could be found."""
    box = state(revote=True)
    BOXES[mode](box, cast(ADA, BALLOTS[0]))
    assert "browser" in refused(mode, box, cast(ADA, BALLOTS[1], KEYS[1])).remedy
    assert refused(mode, box, cast(ADA, BALLOTS[0], KEYS[1])).code == "ballot.already"


@every_box
@given(
    st.booleans(),
    st.lists(
        st.tuples(st.sampled_from([ADA, BO, STRANGER]), st.sampled_from(BALLOTS), st.sampled_from(KEYS)), max_size=12
    ),
)
@settings(max_examples=150)
def test_what_was_answered_with_a_receipt_counts_and_nothing_else(mode, revote, tried):
    """Whatever comes in whatever order: each member has the one ballot that was last accepted, and its receipt."""
    box, held = state(revote), {}
    for n, (roll, ballot, key) in enumerate(tried):
        before = copy.deepcopy(box)
        try:
            leaf = BOXES[mode](box, cast(roll, ballot, key, f"{n:032x}"))
        except DeliberateError as error:
            assert error.code == ("poll.voter" if roll == STRANGER else "ballot.already") and box == before
            continue
        assert ballots(box)[leaf]["ballot"] == ballot
        assert roll not in held or revote or held[roll] == (leaf, ballot)
        held[roll] = (leaf, ballot)
    assert {leaf: data["ballot"] for leaf, data in counting(box).items()} == dict(held.values())
    assert Counter(data["weight"] for data in counting(box).values()) == Counter(
        "1" if r == ADA else "7/3" for r in held
    )
    assert set(box.taken) == set(held)
