"""The tree beside its definition, with vectors of our own and every edge of a proof."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger import merkle

# Leaves b"", b"d", b"de", ... of "deliberate"; roots by size, written down from the definition in RFC 6962, 2.1.
BODIES = [b"deliberate"[:length] for length in range(11)]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "1fa40eaa0c23b8476314642e5c32382bd74955a885a00e87b536ed8b1890a5b7",
    3: "b5baa6ea77ef741793417148f2f04c817798d21ea36e365e180e21771dff0fda",
    4: "28cb79d6d09f10d7626e4160dbd398230d38c47754ad979611bf3be27c27ffae",
    5: "a58f7aeff82ec96d0c2d19c88fc0582e7deea244d00a18a636becedf1c4b8681",
    6: "8ba15fab171a02897793dc225ff091ef8620a2dc51a6528d3b50cec6bed471fb",
    7: "2a4ea94889490d74e5db56642dc87d5b741c012010127e20ef18ce5e5efda81e",
    8: "d277a7bf1288d60bed9df0c2340e9ef928c8df9a88fc9cffdd39aebcbe4a3acd",
    9: "0d995b0ea0d8246f4185b8697ce73ba6cd9aa9c0c6c73cc69618ccf603dc9918",
    10: "2ca7234796ecb5be9cf66115ce0d2d82ce0411a01a2db91937f1afe7fca04707",
    11: "e52dc59e0bc24f77eebcc9b474524532b567295b28e855b92e95d8cf9ce3beac",
}
LEAVES = [merkle.leaf_hash(body) for body in BODIES]


def defined(leaves):
    """MTH of RFC 6962, 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


@pytest.mark.parametrize("size", sorted(ROOTS))
def test_roots_written_down(size):
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@given(st.integers(0, 300))
@settings(max_examples=40)
def test_frontier_subtrees_and_definition_agree(size):
    leaves = [sha256(b"%d" % n).digest() for n in range(size)]
    frontier = merkle.Frontier()
    frontier.extend(leaves)
    assert (frontier.size, frontier.root()) == (size, defined(leaves))
    assert len(frontier.dump()) == 32 * size.bit_count()
    if size:
        assert merkle.of(leaves)(0, size) == defined(leaves)


def test_a_frontier_goes_on_where_it_was_stored():
    for size in range(len(LEAVES)):
        frontier = merkle.Frontier()
        frontier.extend(LEAVES[:size])
        again = merkle.Frontier.load(size, frontier.dump())
        again.extend(LEAVES[size:])
        assert again.root() == defined(LEAVES)


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(1, []), (2, [b"\0" * 32] * 2), (3, [b"\0" * 32, b"\0" * 31]), (-1, [b"\0" * 32]), (0, [b"\0" * 32])],
)
def test_a_frontier_that_does_not_fit_is_refused(size, hashes):
    with pytest.raises(DeliberateError, match=r"ledger\.proof"):
        merkle.Frontier(size, hashes)


def refused(check, *given):
    with pytest.raises(DeliberateError) as refusal:
        check(*given)
    assert refusal.value.code == "ledger.proof"


def test_all_inclusion_proofs_of_small_trees_and_their_changes():
    for size in range(1, len(LEAVES) + 1):
        root, subtree = defined(LEAVES[:size]), merkle.of(LEAVES[:size])
        for index in range(size):
            path = merkle.prove_inclusion(index, size, subtree)
            merkle.check_inclusion(index, size, LEAVES[index], path, root)
            for other in range(-1, size + 2):
                if other != index:
                    refused(merkle.check_inclusion, other, size, LEAVES[index], path, root)
            for at in range(len(path)):
                refused(merkle.check_inclusion, index, size, LEAVES[index], path[:at] + path[at + 1 :], root)
                refused(
                    merkle.check_inclusion,
                    index,
                    size,
                    LEAVES[index],
                    [*path[:at], path[at][:31], *path[at + 1 :]],
                    root,
                )
            refused(merkle.check_inclusion, index, size, LEAVES[index], [*path, root], root)
            refused(merkle.check_inclusion, index, size, LEAVES[index] + b"\0", path, root)


def test_all_consistency_proofs_of_small_trees_and_their_changes():
    for new in range(1, len(LEAVES) + 1):
        new_root, subtree = defined(LEAVES[:new]), merkle.of(LEAVES[:new])
        for old in range(1, new + 1):
            old_root = defined(LEAVES[:old])
            path = merkle.prove_consistency(old, new, subtree)
            merkle.check_consistency(old, new, old_root, new_root, path)
            refused(merkle.check_consistency, old, new, old_root, new_root, [*path, new_root])
            refused(merkle.check_consistency, old, new, new_root if old < new else b"\0" * 32, new_root, path)
            for at in range(len(path)):
                refused(merkle.check_consistency, old, new, old_root, new_root, path[:at] + path[at + 1 :])
                refused(
                    merkle.check_consistency, old, new, old_root, new_root, [*path[:at], b"\0" * 32, *path[at + 1 :]]
                )
        refused(merkle.check_consistency, new + 1, new, new_root, new_root, [])
        refused(merkle.check_consistency, 0, new, merkle.EMPTY, new_root, [])


@given(st.integers(1, 2**40), st.data())
@settings(max_examples=60)
def test_proofs_of_huge_trees_of_equal_leaves(size, data):
    """A tree whose leaves are all equal has O(log n) different subtrees, so its proofs can be made at any size."""
    known = {1: LEAVES[1]}

    def full(count):
        if count not in known:
            known[count] = merkle.node_hash(full(merkle._split(count)), full(count - merkle._split(count)))
        return known[count]

    def subtree(start, end):
        return full(end - start)

    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    merkle.check_inclusion(index, size, LEAVES[1], merkle.prove_inclusion(index, size, subtree), full(size))
    merkle.check_consistency(old, size, full(old), full(size), merkle.prove_consistency(old, size, subtree))


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (0, 0), (1, 1)])
def test_what_is_not_there_cannot_be_proved(index, size):
    refused(merkle.prove_inclusion, index, size, merkle.of(LEAVES))


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (2, 1), (-1, 1)])
def test_no_proof_leads_back_or_from_nothing(old, new):
    refused(merkle.prove_consistency, old, new, merkle.of(LEAVES))


def test_a_proof_without_any_hash_leads_nowhere():
    refused(merkle.check_consistency, 3, 5, defined(LEAVES[:3]), defined(LEAVES[:5]), [])
