"""The drafting rules against a slow model written from the rule book alone: no sweep, no keys, no trails, only lists and loops."""

from __future__ import annotations

import unicodedata
from itertools import combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deliberate.core.drafting import apply, hunks, overlap
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.hunks import Hunk, Unit
from deliberate.core.drafting.text import tokens
from deliberate.core.errors import Conflict
from tests.core.drafting.strategies import clause

MANY = settings(max_examples=400, deadline=None)
FEW_WORDS = ["a", "a", "b", "roof"]


def said(hunk):
    """What a hunk says, without the ids of its new clauses and without what was carried over."""
    fresh = [(c.level, c.kind, c.text) for c in hunk.clauses]
    return (hunk.kind, hunk.clause, hunk.a, hunk.b, hunk.new, hunk.gap, fresh, hunk.attribute, hunk.value)


def conflict(one, other):
    """Rules 1 to 5 of the overlap of two hunks, word by word."""
    if said(one) == said(other) or (one.kind == other.kind == "delete" and one.clause == other.clause):
        return False
    if "all" in (one.kind, other.kind):
        return True
    if "insert" in (one.kind, other.kind) or one.clause != other.clause:
        return False
    if "delete" in (one.kind, other.kind):
        return True
    if one.kind == other.kind == "text":
        both_insert = one.a == one.b and other.a == other.b
        return one.a < other.b and other.a < one.b and not both_insert
    if one.kind == other.kind == "move":
        return one.gap != other.gap
    return one.kind == other.kind == "set" and one.attribute == other.attribute


def fight(one, other):
    return any(conflict(a, b) for a in one.hunks for b in other.hunks)


def canonical(chosen, among):
    """The distinct hunks in canonical order: lowest submission among all owners, then the number of the hunk."""
    best = {}
    for unit in among:
        for n, hunk in enumerate(unit.hunks):
            key = repr(said(hunk))
            if key not in best or (unit.order, n) < best[key][:2]:
                best[key] = (unit.order, n, hunk)
    return [entry[2] for entry in sorted((best[repr(said(h))] for u in chosen for h in u.hunks), key=lambda e: e[:2])]


def distinct(found):
    made = []
    for hunk in found:
        if hunk not in made:
            made.append(hunk)
    return made


def clause_text(text, changes):
    """Splice: at each gap the insertions in canonical order, then what stands in place of the token."""
    old = tokens(text)
    made = ""
    for n in range(len(old) + 1):
        made += "".join(h.new for h in changes if h.a == h.b == n)
        made += "".join(h.new for h in changes if h.a < h.b and h.a == n)
        if n < len(old) and not any(h.a <= n < h.b for h in changes):
            made += old[n]
    return unicodedata.normalize("NFC", made) if changes else text


def together(base, chosen, among):
    """The text in which the chosen units stand."""
    found = distinct(canonical(chosen, among))
    whole = [h for h in found if h.kind == "all"]
    if whole:
        return whole[0].clauses

    def changed(one):
        words = clause_text(one.text, [h for h in found if h.kind == "text" and h.clause == one.id])
        level = [int(h.value) for h in found if (h.kind, h.clause, h.attribute) == ("set", one.id, "level")]
        kind = [h.value for h in found if (h.kind, h.clause, h.attribute) == ("set", one.id, "kind")]
        return Clause(one.id, (level or [one.level])[0], (kind or [one.kind])[0], words)

    gone = {h.clause for h in found if h.kind in ("delete", "move")}
    made = []
    for gap in range(len(base) + 1):
        for h in found:
            if h.kind == "insert" and h.gap == gap:
                made += h.clauses
            if h.kind == "move" and h.gap == gap:
                made += [changed(c) for c in base if c.id == h.clause]
        if gap < len(base) and base[gap].id not in gone:
            made.append(changed(base[gap]))
    return tuple(made)


@st.composite
def bases(draw):
    words = st.lists(st.sampled_from(FEW_WORDS), min_size=1, max_size=7)
    glue = st.sampled_from([" ", " ", ",;", ""])
    return tuple(clause(f"c{n}", draw(glue).join(draw(words))) for n in range(1, draw(st.integers(1, 4)) + 1))


@st.composite
def raw_hunks(draw, base, name):
    """Hunks made by hand rather than by a diff, so that every edge of the rules is met: also ``all``, moves in place, full ranges."""
    made = []
    for n in range(draw(st.integers(1, 3))):
        one = draw(st.sampled_from(base))
        parts = tokens(one.text)
        kind = draw(st.sampled_from(["text", "text", "text", "insert", "delete", "move", "set", "all"]))
        gap = draw(st.integers(0, len(base)))
        if kind == "text":
            a = draw(st.integers(0, len(parts)))
            b = draw(st.integers(a, min(len(parts), a + 3)))
            old = "".join(parts[a:b])
            new = draw(st.sampled_from(["", "x", "x y", "roof", " x"]))
            if old != new:
                made.append(Hunk("text", one.id, a, b, old, new))
        elif kind == "insert":
            words = draw(st.sampled_from(["new", "other"]))
            made.append(Hunk("insert", gap=gap, clauses=(clause(f"{name}.{n}", words),)))
        elif kind == "delete":
            made.append(Hunk("delete", one.id, old=one.text))
        elif kind == "move":
            made.append(Hunk("move", one.id, gap=gap))
        elif kind == "set":
            made.append(Hunk("set", one.id, attribute="level", value=draw(st.sampled_from(["2", "3"]))))
        elif draw(st.integers(0, 4)) == 0:
            made = [Hunk("all", clauses=(clause(f"{name}.z", draw(st.sampled_from(["whole", "all"]))),))]
            break
    found = []
    for hunk in made:
        if not any(said(hunk) == said(other) or conflict(hunk, other) for other in found):
            found.append(hunk)
    return tuple(found)


@st.composite
def fields(draw, most=4):
    base = draw(bases())
    units = []
    for n in range(1, draw(st.integers(1, most)) + 1):
        found = draw(raw_hunks(base, f"A{n}"))
        if found:
            units.append(Unit(f"A{n}", n, found))
    assume(units)
    return base, units


def peaceful(units):
    made = []
    for unit in units:
        if not any(fight(unit, other) for other in made):
            made.append(unit)
    return made


@given(fields(5))
@MANY
def test_conflicts_are_those_of_the_rule_book(case):
    base, units = case
    wanted = [(a.name, b.name) for a, b in combinations(units, 2) if fight(a, b)]
    assert overlap.clashes(units) == wanted
    assert [(m.one, m.other) for m in overlap.meetings(units, base) if m.kind == "clash"] == wanted
    assert all(overlap.clash(a, b) == overlap.clash(b, a) == fight(a, b) for a, b in combinations(units, 2))


@given(fields(), st.randoms(use_true_random=False))
@MANY
def test_apply_makes_the_text_of_the_rule_book(case, random):
    base, units = case
    chosen = peaceful(units)
    random.shuffle(chosen)
    assert apply.apply(base, chosen, units) == together(base, chosen, units)
    try:
        apply.apply(base, units)
    except Conflict as refused:
        assert refused.code == "amendment.clash" and len(chosen) < len(units)
    else:
        assert len(chosen) == len(units)


@given(fields())
@MANY
def test_one_carried_over_lands_where_the_rule_book_puts_it(case):
    base, units = case
    chosen = peaceful(units)
    *before, last = chosen
    wanted = together(base, chosen, units)
    middle = together(base, before, units)
    moved = apply.rebase(last, base, before, units)
    assert not moved.collides
    assert apply.apply(middle, [moved.unit]) == wanted
    assert moved.met == (
        bool(last.hunks) and all(any(said(h) == said(o) for u in before for o in u.hunks) for h in last.hunks)
    )


@given(fields(3), st.randoms(use_true_random=False))
@MANY
def test_one_by_one_is_all_at_once(case, random):
    base, units = case
    left = peaceful(units)
    assume(not any(h.kind == "all" for u in left for h in u.hunks))
    wanted = together(base, left, units)
    words = {h.new for u in left for h in u.hunks}
    text, among = base, units
    random.shuffle(left)
    while left:
        first, *rest = left
        moved = [apply.rebase(one, text, [first], among) for one in rest]
        text = apply.apply(text, [first], among)
        if any(
            one.collides for one in moved
        ):  # only where words grew together into one token, which is then claimed whole
            assert not words >= {h.new for m in moved for h in [*m.unit.hunks, *(c[0] for c in m.collides)]} or any(
                h.new not in words for u in left for h in u.hunks
            )
            return
        left, among = [m.unit for m in moved], [m.unit for m in moved]
    assert text == wanted


@st.composite
def rewritten(draw):
    base = draw(bases())
    made = []
    for one in base:
        parts = one.text.split(" ")
        for _ in range(draw(st.integers(0, 2))):
            at = draw(st.integers(0, len(parts)))
            parts[at : at + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from([*FEW_WORDS, "x"]), max_size=2))
        if parts:
            made.append(clause(one.id, " ".join(parts)))
    return base, tuple(made)


@given(rewritten())
@MANY
def test_hunks_are_canonical(case):
    """Apart, trimmed, slid to the left, never empty; and the slow model makes the edited text of them."""
    base, edited = case
    found = hunks.differences(base, edited)
    assert together(base, [Unit("A1", 1, found)], [Unit("A1", 1, found)]) == edited
    for one in base:
        old = tokens(one.text)
        last = -1
        for h in [h for h in found if h.kind == "text" and h.clause == one.id]:
            new = tokens(h.new)
            assert h.old == "".join(old[h.a : h.b]) != h.new
            assert last < 0 or h.a > last, "two hunks touch"
            if h.a < h.b and new:
                assert old[h.a] != new[0] and old[h.b - 1] != new[-1], "not trimmed"
            if h.a > last + 1:  # there is room to the left that no other hunk touches
                if h.a == h.b:
                    assert old[h.a - 1] != new[-1], "an insertion could slide"
                elif not new:
                    assert old[h.a - 1] != old[h.b - 1], "a deletion could slide"
            last = h.b
