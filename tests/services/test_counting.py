"""A file counted in a process of its own: the same Count, refusals with their words, limits of size, memory and time."""

from __future__ import annotations

import io
import pickle

import pytest

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import Marked
from deliberate.services import counting
from deliberate.services.counting import Asked

TABLE = b"count,rank1,rank2\n3,Ada,Bea\n2,Bea,Cy\n1,Cy,\n"


def test_the_answer_of_the_process_is_that_of_the_work():
    asked = Asked(TABLE, "b.csv", "irv", {"ties": "declared"}, seed="")
    assert counting.counted(asked) == counting.work(asked)
    assert counting.work(asked).count["ruleset"] == "irv"
    compared = counting.work(Asked(TABLE, "b.csv", counting.COMPARE))
    assert compared.count is None and "schulze" in {one["method"] for one in compared.comparison["methods"]}


@pytest.mark.parametrize(
    ("asked", "code", "what"),
    [
        (Asked(b"count,rank1\n3,Ada\nx,Bea\n", "b.csv", "irv"), "format.csv", "b.csv, line 3, column 1"),
        (Asked(TABLE, "b.csv", "star"), "", ""),
        (Asked(TABLE, "b.csv", "nothing"), "tally.method", "There is no method"),
    ],
)
def test_a_refusal_comes_with_its_words(asked, code, what):
    with pytest.raises(DeliberateError) as refused:
        counting.counted(asked)
    assert refused.value.code.startswith(code) and what in str(refused.value)
    assert isinstance(refused.value.what, Marked)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(counting, "LARGEST", 10)
    with pytest.raises(DeliberateError) as refused:
        counting.counted(Asked(TABLE, "b.csv", "irv"))
    assert (
        refused.value.code == "count.large"
        and refused.value.status == 413
        and "deliberate tally" in refused.value.remedy
    )


def test_too_many_different_ballots_are_refused(monkeypatch):
    monkeypatch.setattr(counting, "MOST_DISTINCT", 2)
    with pytest.raises(DeliberateError, match="too large"):
        counting.work(Asked(TABLE, "b.csv", "irv"))


def test_a_count_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(counting, "SECONDS", 0.01)
    with pytest.raises(DeliberateError) as refused:
        counting.counted(Asked(TABLE, "b.csv", "irv"))
    assert "0.01 seconds" in refused.value.why


def test_a_process_that_breaks_is_told(monkeypatch):
    monkeypatch.setattr(counting.sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="broke"):
        counting.counted(Asked(TABLE, "b.csv", "irv"))


def test_a_count_that_takes_too_much_memory_is_ended(monkeypatch):
    def full(_asked):
        raise MemoryError

    monkeypatch.setattr(counting, "work", full)
    with pytest.raises(SystemExit) as ended:
        counting.answer(io.BytesIO(pickle.dumps(Asked(TABLE, "b.csv", "irv"))), io.BytesIO())
    assert ended.value.code == counting.FULL
    done = counting.subprocess.CompletedProcess([], counting.FULL, b"", b"")
    monkeypatch.setattr(counting.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(DeliberateError, match="too large") as refused:
        counting.counted(Asked(TABLE, "b.csv", "irv"))
    assert "memory" in refused.value.why


def test_a_file_that_would_take_the_memory_is_ended():
    """A table in which every ballot is another one, so that nothing merges."""
    rows = b"".join(b"%d\n" % n for n in range(700_000))
    with pytest.raises(DeliberateError) as refused:
        counting.counted(Asked(b"rank1\n" + rows, "b.csv", "irv"))
    assert refused.value.code in ("count.large", "format.csv")


def test_only_so_many_at_once(monkeypatch):
    for _ in range(2):
        counting.AT_ONCE.acquire()
    try:
        with pytest.raises(DeliberateError) as refused:
            counting.counted(Asked(TABLE, "b.csv", "irv"))
        assert refused.value.code == "count.busy" and refused.value.status == 503
    finally:
        for _ in range(2):
            counting.AT_ONCE.release()
    assert counting.counted(Asked(TABLE, "b.csv", "irv")).count


def test_the_process_answers_once():
    given = io.BytesIO()
    counting.answer(io.BytesIO(pickle.dumps(Asked(TABLE, "b.csv", "irv"))), given)
    assert pickle.loads(given.getvalue()).count["ruleset"] == "irv"
