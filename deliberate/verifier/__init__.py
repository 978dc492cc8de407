"""The second implementation: reads a record package and recomputes everything in it.

Standard library and ``cryptography`` only, and nothing of the rest of Deliberate, so that this folder can be copied,
read and run for decades. Written from ``docs/reference/record-package.md`` and ``docs/reference/count.md`` alone.
Licence: Apache-2.0 (see LICENSE beside this file).
"""

from .command import main
from .package import verify
from .report import Report

__all__ = ["Report", "main", "verify"]
