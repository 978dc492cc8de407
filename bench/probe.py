"""What the disk allows at this moment: stands beside each sample, so that a slow neighbour shows."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path


def probed(folder: Path | None = None, times: int = 50) -> float:
    """Seconds of one fdatasync of 4 KB, the median."""
    took = []
    with tempfile.TemporaryFile(dir=folder or Path.cwd(), buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    return statistics.median(took)
