"""Methods by name and the values of their options, as people write them."""

from __future__ import annotations

import pytest

from deliberate.core import tally
from deliberate.core.errors import DeliberateError


@pytest.mark.parametrize(
    ("method", "key", "written", "read"),
    [
        ("motion", "strict", "no", False),
        ("motion", "strict", "true", True),
        ("motion", "threshold", "0.6", "3/5"),
        ("motion", "quorum", "none", None),
        ("motion", "quorum", "1/4", {"on": "turnout", "by": "heads", "fraction": "1/4"}),
        ("motion", "quorum", {"by": "weight", "fraction": "2/4"}, {"on": "turnout", "by": "weight", "fraction": "1/2"}),
        ("motion", "min_yes", "6/4", "3/2"),
        ("motion", "roll", {"heads": "9", "weight": "18/2"}, {"heads": 9, "weight": "9"}),
        ("irv", "max_ranks", "all", None),
        ("irv", "max_ranks", "3", 3),
        ("irv", "ties", "forwards, lot", ["forwards", "lot"]),
        ("irv", "seed", "ab" * 32, "ab" * 32),
    ],
)
def test_a_value_is_read_as_it_is_meant(method, key, written, read):
    assert tally.rules(method, **{key: written})[key] == read


@pytest.mark.parametrize(
    ("method", "key", "written", "cure"),
    [
        ("motion", "strict", "perhaps", "Allowed: yes, no."),
        ("motion", "min_yes", "-1", "at least 0"),
        ("motion", "quorum", {"fraction": "1/2", "of": "all"}, "Unknown: of."),
        ("motion", "quorum", {"fraction": "3/2"}, "from 0 to 1"),
        ("irv", "seed", "abc", "64 hexadecimal digits"),
        ("irv", "ties", "lot,lot", "each once"),
        ("irv", "minimum_votes", True, "a whole number"),
    ],
)
def test_a_bad_value_is_answered_with_its_cure(method, key, written, cure):
    with pytest.raises(DeliberateError) as refused:
        tally.rules(method, **{key: written})
    assert list(refused.value.fields) == [key]
    assert cure in refused.value.fields[key]


def test_a_misspelt_method_is_guessed():
    with pytest.raises(DeliberateError, match="Did you mean plurality"):
        tally.find("pluralty")
    with pytest.raises(DeliberateError, match="Methods are registered by name"):
        tally.find("#")
