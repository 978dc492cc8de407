"""What a package holds, read once for all checks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from deliberate.verifier import tree
from deliberate.verifier.archive import Archive
from deliberate.verifier.canon import Fail, Unreadable, load
from deliberate.verifier.counts import COUNTERS

DEFINITION = {
    "v",
    "poll",
    "assembly",
    "title",
    "question",
    "ballot",
    "method",
    "rules",
    "options",
    "seats",
    "mode",
    "revote",
    "publication",
    "opens_at",
    "grace",
    "roll",
    "origins",
    "keys",
    "witness",
}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Package:
    """What the checks have read so far."""

    def __init__(self, archive: Archive, vkey: str | None = None) -> None:
        self.archive = archive
        self.vkey = vkey
        self.definition: dict[str, Any] = {}
        self.bodies: dict[str, list[bytes]] = {}
        self.entries: dict[str, list[dict[str, Any]]] = {}
        self.leaves: dict[str, list[bytes]] = {}
        self.counted: list[tuple[str, dict[str, Any]]] = []  # (leaf hash, data) of the ballots that count
        self.says: dict[str, str] = {}

    def begin(self) -> None:
        """Read what every check needs. Raises Unreadable for something that is no record package."""
        raw = self.archive.get("definition.json")
        if raw is None or self.archive.get("manifest.json") is None:
            raise Unreadable("This is not a record package: definition.json or manifest.json is missing.")
        try:
            self.definition = load(raw, "definition.json")
        except Fail as error:
            raise Unreadable(f"The definition cannot be read: {error.says}") from None
        d = self.definition
        if not isinstance(d, dict) or not set(d) >= DEFINITION or d["v"] != 1:
            raise Unreadable("The definition is incomplete, or of a version that this program does not know.")
        if d["method"] not in COUNTERS:
            raise Unreadable(f"The method {d['method']!r} is not known to this program.")
        for name in self.ledgers():
            self.bodies[name] = list(self._bundles(name))
            self.leaves[name] = [tree.leaf(body) for body in self.bodies[name]]

    def ledgers(self) -> list[str]:
        return ["assembly", "poll", *(["box"] if self.definition["mode"] != "open" else [])]

    def _bundles(self, name: str) -> Iterator[bytes]:
        number = 0
        while True:
            base = f"log/{name}/tile/entries/{tree.tile_name(number)}"
            path = (
                base
                if base in self.archive.infos
                else next((p for p in self.archive.names() if p.startswith(f"{base}.p/")), None)
            )
            if path is None:
                return
            try:
                found = tree.unbundle(self.archive.read(path), path)
            except Fail as error:
                raise Unreadable(error.says) from None
            yield from found
            if path != base:
                return
            number += 1

    def parsed(self, name: str) -> list[dict[str, Any]]:
        """Entries of a ledger as values; the strict reading is the check ``schema``."""
        if name not in self.entries:
            self.entries[name] = [load(body, f"log/{name}, entry {n}") for n, body in enumerate(self.bodies[name])]
        return self.entries[name]

    def kind(self, name: str, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in self.parsed(name) if entry.get("kind") == kind]

    def one(self, kind: str) -> dict[str, Any]:
        """The only poll entry of a kind."""
        found = self.kind("poll", kind)
        if len(found) != 1:
            raise Fail(
                f"The poll ledger has {len(found)} entries of kind {kind}; it must have one.", "log/poll", 1, len(found)
            )
        return found[0]["data"]  # type: ignore[no-any-return]

    def about(self, kind: str) -> dict[str, Any]:
        """The last assembly entry of a kind about this poll."""
        found = [e for e in self.kind("assembly", kind) if e.get("subject") == f"poll:{self.definition['poll']}"]
        if not found:
            raise Fail(f"The assembly ledger has no {kind} of this poll.", "log/assembly")
        return found[-1]["data"]  # type: ignore[no-any-return]


def chains(p: Package) -> list[tuple[str, dict[str, Any]]]:
    """The ballots that count: the ends of the chains of replacements, as (leaf hash, data)."""
    name = "box" if p.definition["mode"] != "open" else "poll"
    cells = [
        (p.leaves[name][n].hex(), e["data"], e["kind"])
        for n, e in enumerate(p.parsed(name))
        if e["kind"] in ("cast", "replace")
    ]
    gone = {data["replaces"] for _, data, kind in cells if kind == "replace"}
    return [(leaf, data) for leaf, data, _ in cells if leaf not in gone]
