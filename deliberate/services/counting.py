"""Counting a file for somebody who asks on a page: in a process of its own, with limits of size, time and memory.

Nothing of the file is stored. The process reads the file, counts and answers; it has no database, and the server's other
work goes on beside it. A count that takes too long or too much is ended, and the answer says how to run it elsewhere.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any, BinaryIO

from deliberate.core import counting
from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.core.tally.registry import find

LARGEST = 5_000_000
"""Bytes of a file."""
MOST_DISTINCT = 50_000
"""Different ballots of a file."""
SECONDS = 20
MEMORY = 1_500_000_000
"""Bytes of address space that the process may take."""
AT_ONCE = BoundedSemaphore(2)
"""Files that one server counts at the same time."""
FULL = 12
"""Exit status of a process that ran out of memory."""
COMPARE = "compare"
"""Asked for in place of a method: all that can count the ballots."""


@dataclass(frozen=True)
class Asked:
    """What is to be counted, and how. method: a name, or ``compare``; settings: its options as text; seats: 0 as the file says."""

    data: bytes
    file: str
    method: str
    settings: Mapping[str, str] = field(default_factory=dict)
    seats: int = 0
    seed: str = ""
    format: str = ""
    contest: str = ""


@dataclass(frozen=True)
class Answer:
    """A Count or a comparison as JSON, and remarks."""

    count: dict[str, Any] | None
    comparison: dict[str, Any] | None
    notes: tuple[str, ...]


def work(asked: Asked) -> Answer:
    """Read and count. Raises DeliberateError for what cannot be read or counted, and ``count.large`` for too many different ballots."""
    method = None if asked.method == COMPARE else find(asked.method)
    told = counting.told(method) if method else {}
    election = counting.read(asked.data, asked.file, asked.format, contest=asked.contest, **told)
    if len(election.ballots.rows) > MOST_DISTINCT:
        raise _large(mark("It holds more than %(most)s different ballots.", most=f"{MOST_DISTINCT:,}"))
    if method is None:
        made = counting.several(election, (), asked.seed, asked.seats or None)
        return Answer(None, made.as_json(), election.notes)
    counted = counting.count(election, method, asked.settings, asked.seed, asked.seats or None)
    return Answer(counted.count.as_json(), None, counted.notes)


def counted(asked: Asked) -> Answer:
    """Do this work in a process of its own. Raises DeliberateError as :func:`work`, for a file that is too large, for a count
    that takes too long (``count.large``), and where others are counting (``count.busy``)."""
    if len(asked.data) > LARGEST:
        raise _large(mark("It is larger than %(size)s MB.", size=LARGEST // 1_000_000))
    if not AT_ONCE.acquire(blocking=False):
        raise DeliberateError(
            "Other files are being counted.",
            "The server counts two at a time, so that its pages stay quick.",
            "Wait a few seconds, then send the file again.",
            "count.busy",
            status=503,
        )
    try:
        return _apart(asked)
    finally:
        AT_ONCE.release()


def _apart(asked: Asked) -> Answer:
    """What a process of its own answers."""
    kept = {key: os.environ[key] for key in ("PATH", "PYTHONPATH", "SYSTEMROOT") if key in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "deliberate.services.counting"],
            input=pickle.dumps(asked),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**kept, "OPENBLAS_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise _large(mark("To count it takes more than %(seconds)s seconds.", seconds=SECONDS)) from None
    if done.returncode == FULL or done.returncode < 0:  # below nothing: the system ended it
        raise _large(mark("To count it takes more memory or time than a page may use."))
    if done.returncode:
        raise RuntimeError(f"The counting process broke: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
    said = pickle.loads(done.stdout)  # noqa: S301  written by our own process a moment ago
    if isinstance(said, Answer):
        return said
    raise DeliberateError(**said)


def _large(why: str) -> DeliberateError:
    """The refusal of a file that is too much for a page."""
    return DeliberateError(
        "This file is too large to be counted on a page.",
        why,
        "Count it with the program on your own machine: deliberate tally FILE --rules METHOD. It has no such limit.",
        "count.large",
        {"file": why},
        413,
    )


def _limit() -> None:
    """Take no more memory and time than is allowed, where the system knows such limits."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    except (ImportError, OSError, ValueError):  # the time is kept by whoever waits
        return


def answer(taken: BinaryIO, given: BinaryIO) -> None:
    """The process: one question, one answer."""
    asked: Asked = pickle.load(taken)  # noqa: S301  written by the server that started this process
    said: Answer | dict[str, Any]
    try:
        said = work(asked)
    except DeliberateError as error:
        said = {key: getattr(error, key) for key in ("what", "why", "remedy", "code", "fields", "status")}
    except MemoryError:
        sys.exit(FULL)
    given.write(pickle.dumps(said))


if __name__ == "__main__":
    # as a module of its package: what is pickled goes by the name that both processes know
    from deliberate.services import counting as own

    _limit()
    own.answer(sys.stdin.buffer, sys.stdout.buffer)
