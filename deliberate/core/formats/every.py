"""Every format, loaded."""

from __future__ import annotations

from deliberate.core.formats import FORMATS, abif, blt, csv, debian, nist, own, pabulib, preflib, table

__all__ = ["FORMATS", "abif", "blt", "csv", "debian", "nist", "own", "pabulib", "preflib", "table"]
