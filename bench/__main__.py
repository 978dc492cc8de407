"""``python -m bench [counting|casting|drafting|tables]``."""

from __future__ import annotations

import os
import platform
import sys

from bench import casting, counting, drafting, tables

PARTS = {"counting": counting.run, "casting": casting.run, "drafting": drafting.run, "tables": tables.run}

if __name__ == "__main__":
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    for name, run in PARTS.items():
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            run()
