"""Large tables: read by the block they give what the reader by lines gives, and the Count has the same bytes."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.core import formats, tally
from deliberate.core.errors import DeliberateError, FormatError
from deliberate.core.formats import groups, repeats, table
from deliberate.core.formats.cells import Texts
from deliberate.core.formats.every import FORMATS, csv
from deliberate.core.formats.groups import Groups
from deliberate.core.tally import packed
from deliberate.core.tally.packed import Packed

CELLS = [
    "",
    "",
    "Ada",
    "Bea",
    "Cy",
    "Cy",
    " Ada",
    "Ada=Bea",
    "Bea=Ada",
    "overvote",
    "undervote",
    "$UNDERVOTE",
    "E\u0301va",
    '"Ek, Bo"',
    "skipped",
    "x" * 20,
]
ODD = [
    "",
    "  ",
    "# remark",
    "# options: Ada,Bea,Cy",
    "a,b",
    '"open',
    "Ada,\x00,",
    "Ada,\u00e9",
    "0,Ada,Bea",
    "x,Ada",
    ",",
]


CARE = [
    ("rank1,rank2\nAda,Bea\n\nAda,\n", 5),
    ("rank1\nAda\n\n", 5),
    ("count,weight,rank1,rank2\n1,3/2,Ada,Bea\n", 5),
    ('"rank1",rank2\nAda,Bea\n', 5),
    ('rank1,rank2\n"Ek,\nBo",Ada\n', 3),
    ('rank1,rank2\n"Ek,Bo,Ada\n', 3),
    ("rank1,rank2\nAda\r,Bea\n", 50),
    ("rank1,rank2\nA,B\n# options: A\nA,\nA,B\n", 50),
    ("rank1,rank2\nA\nB,C,D\n", 50),
    ("rank1,rank2", 5),
    ("rank1,rank3\nA,B\n", 5),
    ("", 5),
    ("# x\n", 5),
    ("count,choice\n1,Ada\n", 5),
    ("# one\n\n# two\nrank1\nA\n", 4),
    ("rank1,rank2\nA,B\nA,\x00\n", 50),
    ("count,rank1\n2,A\nx,B\n", 50),
    ("count,rank1\n2,A\n0,B\n", 50),
    (b"rank1,rank2\nA,B\nA,\xff\n", 50),
    ("rank1,rank2\nA,B\n" + "x" * 400 + ",B\n", 500),
    ("rank1,rank2\nA,B\nA=B,C\n", 50),
    ("rank1,rank2\n", 50),
    ("# options: Ada,Bea\nrank1,rank2\nAda,Bea\nAda,Zoe\n", 50),
]
"""Tables that are odd, and the bytes of a block."""


def by_blocks(text, size=7, **asked):
    """The election of a text that comes in blocks of so many bytes; or its refusal."""
    data = text if isinstance(text, bytes) else text.encode()
    try:
        return table.stream((data[at : at + size] for at in range(0, len(data), size)), "x", **asked)
    except FormatError as error:
        return str(error)


def by_lines(text, **asked):
    raw = (text if isinstance(text, bytes) else text.encode()).split(b"\n")
    lines = [one + b"\n" for one in raw[:-1]] + ([raw[-1]] if raw[-1] else [])
    try:
        return csv.read((formats.text.decoded(one, "x", n) for n, one in enumerate(lines, 1)), "x", **asked)
    except FormatError as error:
        return str(error)


def same(text, size=7, **asked):
    """Both readers say the same; what they say."""
    one, other = by_blocks(text, size, **asked), by_lines(text, **asked)
    if isinstance(other, str):
        assert one == other
        return other
    assert not isinstance(one, str), one
    assert replace(one, ballots=None) == replace(other, ballots=None)
    assert one.ballots.rows == other.ballots.rows
    assert one.ballots.canonical() == other.ballots.canonical()
    assert one.ballots.digest == other.ballots.digest
    assert (one.ballots.kinds, one.ballots.cast, one.ballots.whole) == (
        other.ballots.kinds,
        other.ballots.cast,
        other.ballots.whole,
    )
    return one


@st.composite
def tables(draw):
    counted = draw(st.booleans())
    columns = draw(st.integers(2, 4))
    head = [*(["count"] if counted else []), *(f"rank{n}" for n in range(1, columns + 1))]
    if draw(st.booleans()):
        head.insert(draw(st.integers(0, len(head))), "branch")
    said = draw(st.sampled_from(["", "", "# options: Ada,Bea,Cy\n", "\ufeff# x\n\n"]))
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        cells = {name: draw(st.sampled_from(CELLS)) for name in head} | {"branch": "North"}
        if counted:
            cells["count"] = draw(
                st.sampled_from(["1", "1", "2", " 3 ", "10", "007", "0", "x"] if draw(st.booleans()) else ["1", "4"])
            )
        rows.append(",".join(cells[name] for name in head))
        if draw(st.integers(0, 30)) == 0:
            rows.append(draw(st.sampled_from(ODD)))
    again = draw(st.integers(1, 3))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = said + end.join([",".join(head), *(rows * again)])
    return text + (end if draw(st.booleans()) else "")


@pytest.mark.parametrize(("text", "size"), CARE)
def test_odd_tables_are_read_by_blocks_as_by_lines(text, size):
    same(text, size)


@given(text=tables(), size=st.sampled_from([1, 7, 40, 1000]))
@settings(max_examples=400)
def test_a_table_by_blocks_is_the_table_by_lines(text, size):
    same(text, size)


def test_other_encodings_and_long_lines_are_refused_alike():
    same("rank1,rank2\nAda,Bea\nJos\u00e9,\n".encode("cp1252"), 9)
    same(b"rank1,rank2\n" + b"A" * 9_000_000, 1 << 20)
    same("rank1,rank2\n" + "A" * 100 + ",B\n", 50)
    same("rank1,rank2\n" + "A" * 40 + ",B\nC,D\n", 20)
    same(b"\xff\xfer\x00,\x00\n", 20)
    same("count,rank1,rank2\n" + "x" * 70 + ",A,B\n", 20)


def test_labels_and_kinds_are_told_alike():
    same("rank1,rank2\nTWO,Ada\nAda,NONE\n", labels={"overvote": "TWO", "undervote": "NONE"})
    same("rank1,rank2\nAda,Bea\n", kind="score")
    same("Ada,Bea\n1,2\n", kind="score")
    assert FORMATS["csv"].stream is table.stream


def elections(seed, rows, options, ranks):
    """A table of random rankings, most of them cut, some odd."""
    rng = random.Random(seed)
    names = [f"N{n}" for n in range(1, options + 1)]
    kept = [rng.sample(names, rng.randint(0, ranks)) for _ in range(rows // 3)]
    lines = [",".join(f"rank{n}" for n in range(1, ranks + 1))]
    for _ in range(rows):
        one = list(rng.choice(kept))
        if rng.random() < 0.05 and one:
            one[rng.randrange(len(one))] = rng.choice(["", "overvote", one[0], "N1=N2"])
        lines.append(",".join(one + [""] * (ranks - len(one))))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("options", "ranks"), [(3, 3), (13, 5), (70, 9), (20, 20), (200, 12)])
@pytest.mark.parametrize(
    ("method", "seats", "rules"),
    [
        ("irv", 1, {}),
        ("irv", 1, {"overvote": "exhaust-if-several-continuing", "duplicate": "exhaust", "max_ranks": 2}),
        ("irv", 1, {"overvote": "skip", "max_skipped": 0}),
        ("scottish-stv", 2, {}),
        ("schulze", 1, {}),
        ("borda", 2, {}),
    ],
)
def test_the_count_has_the_same_bytes(options, ranks, method, seats, rules):
    text = elections(options, 600, options, ranks)
    one, other = by_blocks(text, 1000), by_lines(text)
    assert isinstance(one.ballots, Packed)
    given_ = {"method": method, "ties": "declared", **rules}
    made, wanted = (tally.count(replace(e.question, seats=seats), e.ballots, given_) for e in (one, other))
    assert made.canonical() == wanted.canonical()


@pytest.mark.parametrize("method", ["schulze", "ranked-pairs", "copeland", "smith-irv", "borda", "policy"])
def test_plain_ballots_are_compared_at_once_with_the_same_bytes(method):
    """No ballot is odd, some are blank: nothing is read one by one."""
    rows = [("A", "B", "C"), ("B", "C"), ("C", "A", "B"), ("",), ("D", "A"), ("A",)]
    text = "count,rank1,rank2,rank3\n" + "".join(
        f"{n % 5 + 1},{','.join([*rows[n % 6], '', '', ''][:3])}\n" for n in range(60)
    )
    one, other = by_blocks(text, 50), by_lines(text)
    assert isinstance(one.ballots, Packed) and one.ballots.plain.all()
    made, wanted = (tally.count(e.question, e.ballots, {"method": method, "ties": "declared"}) for e in (one, other))
    assert made.canonical() == wanted.canonical() and made.result.blank == wanted.result.blank > 0


def test_withdrawn_options_are_passed_over_alike():
    text = "# options: Ada,Bea,Cy\n# withdrawn: Bea\nrank1,rank2\nBea,Ada\nCy,\n"
    one, other = by_blocks(text), by_lines(text)
    asked = replace(one.question, withdrawn=one.withdrawn)
    counts = [tally.count(asked, e.ballots, {"method": "irv", "ties": "declared"}).canonical() for e in (one, other)]
    assert counts[0] == counts[1]


def test_limits(monkeypatch):
    text = "count,rank1,rank2\n" + "999999999999999,A,B\n" * 10
    for size in (30, 1000):
        assert "more than 9,007,199,254,740,991 ballots" in same(text, size)
    monkeypatch.setattr(groups, "ROOM", 2)
    monkeypatch.setattr(table, "MOST_PACKED", 3)
    rows = "rank1,rank2\n" + "".join(f"{one},{other}\n" for one in "ABC" for other in "DEF")
    assert "more than 3 different ballots" in by_blocks(rows, 8)
    monkeypatch.undo()
    monkeypatch.setattr(packed, "MOST_ROWS", 3)
    with pytest.raises(DeliberateError, match="more different ballots than this method can count"):
        by_blocks(rows).ballots.rows  # noqa: B018


def test_many_cells_go_by_lines(monkeypatch):
    """More texts than are looked up at once: the reader by lines takes over, and the two agree."""
    monkeypatch.setattr(table, "MOST", 4)
    text = "count,rank1,rank2\n" + "".join(f"{n},N{n % 7},N{n % 5}\n" for n in range(1, 30))
    assert not isinstance(same(text, 30), str)


def test_very_many_cells_are_refused(monkeypatch):
    head = "rank1,rank2\n"
    text = head + "".join(f'"N{n}",A{n}\n' for n in range(33_000))
    assert "more than 65,535 different cells" in by_blocks(text, 1 << 20)


def test_rows_that_come_again_and_again_are_counted_in_time(monkeypatch):
    monkeypatch.setattr(repeats, "BITS", 3)
    monkeypatch.setattr(csv, "MOST_CELLS", 2)
    text = "rank1,rank2\n" + "Ada,Bea\nBea,\nCy,Ada\n" * 40
    assert not isinstance(same(text, 60), str)


def test_rows_that_never_come_again_are_not_looked_for(monkeypatch):
    monkeypatch.setattr(repeats, "TRIED", 3)
    monkeypatch.setattr(repeats, "BITS", 3)
    text = "rank1,rank2,rank3\n" + "".join(f"{a},{b},{c}\n" for a in "ABCDE" for b in "FGHIJ" for c in "KLM")
    assert not isinstance(same(text * 1, 60), str)


def test_groups_of_nothing_are_empty():
    rows, counts = Groups(3).done(np.uint8)
    assert rows.shape == (0, 3) and len(counts) == 0


@given(data=st.data())
@settings(max_examples=60)
def test_groups_count_what_was_added(data):
    """Whatever the order, the widths, the runs: rows and their numbers are what a plain count gives."""
    columns = data.draw(st.integers(1, 20))
    made = Groups(columns)
    wanted = {}
    for _ in range(data.draw(st.integers(0, 5))):
        most = data.draw(st.sampled_from([1, 3, 20, 300, 60_000]))
        rows = data.draw(
            st.lists(st.lists(st.integers(0, most), min_size=columns, max_size=columns), min_size=1, max_size=6)
        )
        counts = data.draw(st.one_of(st.none(), st.just(np.arange(1, len(rows) + 1, dtype=np.int64))))
        made.add(np.array(rows, dtype=np.uint16), most, counts)
        for n, row in enumerate(rows):
            wanted[tuple(row)] = wanted.get(tuple(row), 0) + (1 if counts is None else n + 1)
        if data.draw(st.booleans()):
            made._sort()
    codes, papers = made.done(np.uint16)
    found = {}
    for row, count in zip(codes.tolist(), papers.tolist(), strict=True):
        found[tuple(row)] = found.get(tuple(row), 0) + count
    assert found == wanted


def test_rows_of_one_key_are_never_counted_together(monkeypatch):
    """A mixed hash that is the same for all leaves equal rows apart at worst."""
    monkeypatch.setattr(groups, "_mixed", lambda words: np.zeros(len(words[0]), dtype=np.uint64))
    made = Groups(20)
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 3, size=(50, 20)).astype(np.uint16)
    for part in np.split(np.concatenate((rows, rows)), 4):
        made.add(part, 15)
        made._sort()
    codes, papers = made.done(np.uint8)
    assert papers.sum() == 100
    assert {tuple(row) for row in codes.tolist()} == {tuple(row) for row in rows.tolist()}


def test_texts_are_told_apart_by_all_their_bytes():
    texts = Texts()
    words = [b"Ada", b"Adalbert", b"Adalbert of Prague", b"Adalbert of Prague II", b"B" * 64]
    block = b",".join(words)
    starts = np.cumsum([0, *(len(word) + 1 for word in words[:-1])])
    lengths = np.array([len(word) for word in words])
    _, unknown = texts.find(block, starts, lengths)
    for word in unknown:
        texts.code(word)
    codes, unknown = texts.find(block, starts, lengths)
    assert unknown == [] and [texts.known[word] for word in words] == codes.tolist()
    for n in range(300):
        texts.code(b"%d" % n)
    codes, unknown = texts.find(b"299,", np.array([0, 4]), np.array([3, 0]))
    assert codes.tolist() == [texts.known[b"299"], 0] and not unknown
