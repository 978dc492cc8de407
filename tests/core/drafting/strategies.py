"""Random texts and amendments: few words, so that equal edits, shared gaps and collisions come up often."""

from __future__ import annotations

from hypothesis import strategies as st

from deliberate.core.drafting import hunks, overlap
from deliberate.core.drafting.clauses import Clause
from deliberate.core.drafting.hunks import Unit
from deliberate.core.drafting.text import normal, tokens
from deliberate.core.errors import DeliberateError

WORDS = ["rent", "roof", "warm", "homes", "shall", "be", "the", "board", "a"]
SIGNS = [",", ".", "-", "(", "屋", "e\u0301", "'"]
MEMBERS = ["A1", "A2", "A3"]


def clause(name, words):
    return Clause(name, 1, "paragraph", words)


@st.composite
def words(draw, least=1, most=8):
    parts = draw(st.lists(st.sampled_from([*WORDS, *SIGNS]), min_size=least, max_size=most))
    glue = draw(st.lists(st.sampled_from([" ", " ", ""]), min_size=len(parts), max_size=len(parts)))
    return normal("".join(g + p for g, p in zip(glue, parts, strict=True))).strip() or "x"


@st.composite
def texts(draw, least=1, most=4):
    return tuple(clause(f"c{n}", draw(words())) for n in range(1, draw(st.integers(least, most)) + 1))


@st.composite
def edits(draw, base, name):
    """An edited copy of a base: words changed, clauses dropped, added, moved and set."""
    made = []
    for one in base:
        how = draw(st.sampled_from(["keep", "keep", "words", "words", "drop", "level", "kind"]))
        if how == "drop":
            continue
        if how == "words":
            one = clause(one.id, draw(changed(one.text)))
        elif how == "level":
            one = Clause(one.id, draw(st.integers(1, 3)), one.kind, one.text)
        elif how == "kind":
            one = Clause(one.id, one.level, draw(st.sampled_from(["heading", "item"])), one.text)
        made.append(one)
    for n in range(draw(st.integers(0, 2))):
        fresh = clause(f"{name}.{n + 1}", draw(st.sampled_from(["new", "new", f"new {name}"])))
        made.insert(draw(st.integers(0, len(made))), fresh)
    if len(made) > 1 and draw(st.booleans()):
        made.insert(draw(st.integers(0, len(made) - 1)), made.pop(draw(st.integers(0, len(made) - 1))))
    return tuple(made)


@st.composite
def changed(draw, text):
    parts = tokens(text)
    at = draw(st.integers(0, len(parts)))
    end = draw(st.integers(at, min(len(parts), at + 3)))
    fresh = draw(st.sampled_from(["", "", "new", " new", "new ", "warm", "-", draw(words(0, 2))]))
    return normal("".join(parts[:at]) + fresh + "".join(parts[end:])) or "x"


@st.composite
def units(draw, base, names=MEMBERS):
    """Up to as many amendments as names, each of which fits itself."""
    made = []
    for n, name in enumerate(names, 1):
        try:
            unit = Unit(name, n, hunks.hunks(base, draw(edits(base, name))))
        except DeliberateError as error:
            assert error.code == "amendment.none"
            continue
        assert overlap.check_unit(unit)
        made.append(unit)
    return made


@st.composite
def cases(draw, names=MEMBERS):
    base = draw(texts())
    return base, draw(units(base, names))


def compatible(found):
    made = []
    for unit in found:
        if not any(overlap.clash(unit, other) for other in made):
            made.append(unit)
    return made
