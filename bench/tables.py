"""CSV file to exact result on one core: rate, memory, and what the disk and a sort of as many words take."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.ballots import plackett_luce
from deliberate.core import tally
from deliberate.core.formats.every import table

SHAPES = ((13, 5), (20, 10), (60, 20))
SIZES = tuple(int(size) for size in os.environ.get("BENCH_TABLES", "1000000,10000000").split(","))
PART = 200_000


def write(file: Path, ballots: int, options: int, ranks: int) -> None:
    """A table of ranks from the generator of the bench; the names are N1, N2, ..."""
    raw = plackett_luce(ballots, options, ranks)
    names = np.array([b"", *(b"N%d" % n for n in range(1, options + 1))], dtype="S4")
    with file.open("wb") as out:
        out.write((",".join(f"rank{n}" for n in range(1, ranks + 1)) + "\n").encode())
        for start in range(0, ballots, PART):
            part = raw[start : start + PART]
            cells = np.zeros((len(part), ranks, 5), dtype=np.uint8)
            cells[:, :, :4] = names[part].view(np.uint8).reshape(len(part), ranks, 4)
            cells[:, :, 4] = ord(",")
            cells[:, -1, 4] = ord("\n")
            out.write(cells.tobytes().translate(None, b"\0"))


def blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb", buffering=0) as opened:
        yield from iter(lambda: opened.read(1 << 20), b"")


def clocked(run: Any) -> tuple[float, float, Any]:
    """Wall seconds, processor seconds, and what came of it."""
    wall, used = time.perf_counter(), time.thread_time()
    found = run()
    return time.perf_counter() - wall, time.thread_time() - used, found


def one(file: Path, seats: int) -> dict[str, Any]:
    """One file counted in a process of its own."""
    table.stream([b"rank1,rank2\nA,B\n"])  # what is loaded once is not the file's
    disk, _, _ = clocked(lambda: sum(map(len, blocks(file))))
    read, read_used, election = clocked(lambda: table.stream(blocks(file)))
    asked = replace(election.question, seats=seats)
    rules = {"method": "irv" if seats == 1 else "scottish-stv", "ties": "backwards,declared"}
    count, count_used, made = clocked(lambda: tally.count(asked, election.ballots, rules))
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert peak is not None
    digest, _, _ = clocked(lambda: made.digest)
    words = np.random.default_rng(1).integers(0, 2**63, size=made.cast, dtype=np.uint64)
    sort, _, _ = clocked(words.sort)
    return {
        "ballots": made.cast,
        "different": len(election.ballots.papers),
        "disk": disk,
        "sort": sort,
        "read": read,
        "count": count,
        "used": read_used + count_used,
        "digest": digest,
        "peak": int(peak[1]) // 1024,
        "winners": list(made.winners),
    }


def run() -> None:
    print("\nCSV file to exact result, one core (seconds; rates are ballots a second; peak memory to the result)")
    print(
        f"{'ballots':>11} {'options':>7} {'ranks':>5} {'seats':>5} {'MB':>5} {'different':>10} {'disk':>6} {'sort':>6} {'read':>6} {'count':>6}"
        f" {'rate':>11} {'by cpu':>11} {'digest':>6} {'peak MB':>7}  winners"
    )
    with tempfile.TemporaryDirectory() as folder:
        for ballots in SIZES:
            for options, ranks in SHAPES:
                if ballots > 1_000_000 and options > 20:
                    continue
                file = Path(folder) / "ballots.csv"
                write(file, ballots, options, ranks)
                for seats in (1, 5):
                    done = subprocess.run(
                        [sys.executable, "-m", "bench.tables", str(file), str(seats)], capture_output=True, check=True
                    )
                    m = json.loads(done.stdout)
                    rate, used = ballots / (m["read"] + m["count"]), ballots / m["used"]
                    print(
                        f"{ballots:>11,} {options:>7} {ranks:>5} {seats:>5} {file.stat().st_size / 1e6:>5.0f} {m['different']:>10,}"
                        f" {m['disk']:>6.2f} {m['sort']:>6.2f} {m['read']:>6.2f} {m['count']:>6.2f} {rate:>11,.0f} {used:>11,.0f}"
                        f" {m['digest']:>6.2f} {m['peak']:>7}  {', '.join(m['winners'])}",
                        flush=True,
                    )
    print("disk: the file read and nothing done; sort: numpy's sort of as many random 64-bit words; digest: SHA-256 of")
    print(
        "ballots.json, worked out only when the record is written; by cpu: by processor time, where the machine is shared"
    )


if __name__ == "__main__":
    print(json.dumps(one(Path(sys.argv[1]), int(sys.argv[2]))))
