"""Writes record packages straight from docs/reference/record-package.md, so that the product is not needed.

``build(spec)`` gives the bytes of a package. Each stage can be changed by a hook *before* it is hashed and signed,
which makes tampering that is consistent all the way up: ``definition``, ``roll``, ``poll``, ``box``, ``count``, ``assembly``,
``files`` (after hashing the ledgers, before the manifest), ``manifest`` and ``sealed`` (all files, after everything).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deliberate.verifier.ballots import Ballots
from deliberate.verifier.compare import own_count
from deliberate.verifier.counters import COUNTERS
from deliberate.verifier.counting import Counted, Poll

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SEAL = "e" * 32
POLL_ID, ASSEMBLY_ID = "a" * 26, "b" * 26
Hook = Callable[[Any], Any]


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 by its recursive definition."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """Hashes from leaf to root that prove a leaf."""
    if len(leaves) < 2:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*inclusion(index, leaves[:split]), root(leaves[split:])]
    return [*inclusion(index - split, leaves[split:]), root(leaves[:split])]


def time(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Signer:
    name: str = "vote.example"
    seed: bytes = b"\7" * 32
    kind: int = 1

    @property
    def secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        return self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def ident(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.ident.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def line(self, text: str, when: int = 0) -> str:
        if self.kind == 1:
            raw = self.secret.sign(text.encode())
        else:
            raw = when.to_bytes(8, "big") + self.secret.sign(f"cosignature/v1\ntime {when}\n{text}".encode())
        return f"\u2014 {self.name} {base64.b64encode(self.ident + raw).decode()}\n"

    def note(self, text: str, *others: Signer) -> bytes:
        return (text + "\n" + self.line(text) + "".join(o.line(text, 1_800_000_000) for o in others)).encode()


RULES: dict[str, dict[str, Any]] = {
    "motion": {"basis": "votes", "method": "motion", "min_yes": "0", "present": None, "quorum": None, "roll": None,
               "strict": True,
               "threshold": "1/2", "tie": "falls"},
    "plurality": {"method": "plurality", "seed": "", "ties": ["declared"]},
    "irv": {"batch": False, "constraints": [], "continue_until_two": False, "duplicate": "skip", "max_ranks": None, "max_skipped": None,
            "method": "irv",
            "minimum_votes": 0, "overvote": "exhaust", "seed": "", "threshold_base": "round", "tied_last": "policy",
            "ties": ["backwards", "declared"]},
    "scottish-stv": {"constraints": [], "method": "scottish-stv", "seed": "", "ties": ["backwards", "declared"]},
}


def choice(*marks: str) -> dict[str, Any]:
    return {"kind": "choice", "marks": list(marks)}


def ranking(*ranks: str) -> dict[str, Any]:
    """``ranking("o2", "o1=o3", "")``: an equal rank and a skipped one."""
    return {"kind": "ranking", "ranks": [r.split("=") if r else [] for r in ranks]}


@dataclass
class Spec:
    """One poll. ``votes``: per member the ballots in time order, so that later ones replace; None: did not vote."""

    method: str = "irv"
    mode: str = "confidential"
    votes: list[list[dict[str, Any]] | None] = field(default_factory=list)
    weights: list[str] | None = None
    names: list[str] = field(default_factory=lambda: ["Park", "Ali", "Noor"])
    seats: int = 1
    rules: dict[str, Any] = field(default_factory=dict)
    lots: list[dict[str, Any]] = field(default_factory=list)
    revote: str = "until_close"
    publication: str = "full"
    void: bool = False
    witness: dict[str, Any] = field(default_factory=lambda: {"k": 0, "of": []})
    signer: Signer = field(default_factory=Signer)
    witnesses: list[Signer] = field(default_factory=list)
    hide: bool = False

    def __post_init__(self) -> None:
        self.weights = self.weights or ["1"] * len(self.votes)
        self.rules = RULES.get(self.method, {}) | self.rules
        if self.method == "motion":
            self.names = ["Yes", "No", "Abstain"]

    @property
    def ids(self) -> list[str]:
        return ["yes", "no", "abstain"] if self.method == "motion" else [f"o{i + 1}" for i in range(len(self.names))]


def roll_id(member: int) -> str:
    return sha(f"member {member}".encode())


def nonce(member: int, n: int = 0) -> str:
    return sha(f"nonce {member} {n}".encode())[:32]


def as_count(made: Counted, spec: Spec, digest: str) -> dict[str, Any]:
    """A count of the verifier in the form of count.md."""
    rounds = [{k: v for k, v in one.items() if k != "code"} | {"action": {"code": one["code"], "says": "Said."}}
              for one in made.rounds]
    return {"schema": "deliberate-count/1", "ruleset": spec.method, "ruleset_version": "1", "source": "A source",
            "departures": [],
            "question": {"title": "Treasurer"},
            "options": [{"id": i, "name": n} for i, n in zip(spec.ids, spec.names, strict=True)],
            "seats": spec.seats, "rules": spec.rules, "input": made.input | {"digest": digest}, "quota": made.quota,
            "rounds": rounds,
            "winners": made.winners, "excluded": made.excluded, "outcome": made.outcome,
            "ties": [t | {"evidence": "Why."} for t in made.ties], "lots": made.lots,
            "tests": [t | {"says": "Test."} for t in made.tests],
            "explanation": ["Said."]}


class Built:
    """A package in the making; ``data`` are its bytes, ``logs`` the leaves of each ledger."""

    def __init__(self, spec: Spec, **hooks: Hook) -> None:
        self.spec, self.hooks = deepcopy(spec), hooks
        self.logs: dict[str, list[bytes]] = {}
        self.bodies: dict[str, list[bytes]] = {}
        self.files: dict[str, bytes] = {}
        self._roll()
        self._definition()
        self._ballots()
        self._poll()
        self._assembly()
        self._rest()
        self.data = archive(self.files)

    def hook(self, name: str, value: Any) -> Any:
        return (self.hooks[name](value) or value) if name in self.hooks else value

    def origin(self, name: str) -> str:
        return "vote.example/club" + {"assembly": "", "poll": f"/polls/{POLL_ID}", "box": f"/polls/{POLL_ID}/box"}[name]

    def head(self, name: str, size: int | None = None) -> dict[str, Any]:
        leaves = self.logs.get(name, [])[:size]
        return {"origin": self.origin(name), "size": len(leaves), "root": root(leaves).hex()}

    def _roll(self) -> None:
        rows = [{"roll": roll_id(i), "weight": w} for i, w in enumerate(self.spec.weights or [])]
        rows.sort(key=lambda r: r["roll"])
        self.roll = {"root": root([leaf(canonical(r)) for r in rows]).hex(), "size": len(rows),
                     "weight": str(sum((Fraction(r["weight"]) for r in rows), Fraction(0)))}
        if self.spec.mode == "open":
            rows = [{"name": "Zoë", **r} for r in rows]
        rows = self.hook("roll", rows)
        self.files["roll.jsonl"] = b"".join(canonical(r) + b"\n" for r in rows)

    def _definition(self) -> None:
        spec = self.spec
        if spec.method == "motion" and spec.rules["roll"] is None:
            spec.rules["roll"] = {"heads": self.roll["size"], "weight": self.roll["weight"]}
        ledgers = ["assembly", "poll"] + (["box"] if spec.mode == "confidential" else [])
        self.defined = {
            "v": 1, "poll": POLL_ID, "assembly": {"id": ASSEMBLY_ID, "name": "Club"}, "title": "Treasurer",
                        "question": "Who?",
            "ballot": COUNTERS[spec.method].ballot, "method": spec.method,
                        "rules": spec.rules,
            "options": [{"id": i, "name": n} for i, n in zip(spec.ids, spec.names, strict=True)], "seats": spec.seats,
                        "mode": spec.mode,
            "revote": spec.revote, "publication": spec.publication, "opens_at": time(0), "closes_at": time(60),
                        "grace": 30,
            "roll": self.roll, "origins": {n: self.origin(n) for n in ledgers}, "keys": {"ledger": spec.signer.vkey},
            "witness": spec.witness}
        self.frozen = canonical(self.defined)
        self.defined = self.hook("definition", json.loads(self.frozen))
        self.files["definition.json"] = canonical(self.defined)

    def _ballots(self) -> None:
        """Poll entries until the close, the box, and the ballots that count."""
        spec, data = self.spec, json.loads(self.frozen)
        self.entries: list[dict[str, Any]] = [{"v": 1, "kind": "open", "at": time(0), "by": "c" * 64, "data": {
            "definition": sha(self.frozen), "roll_root": self.roll["root"], "roll_size": self.roll["size"],
            "method": spec.method,
            "rules": data["rules"], "keys": data["keys"], "witness": data["witness"], "code": "0.1.0"}}]
        self.box: list[dict[str, Any]] = []
        self.counted: list[tuple[dict[str, Any], str]] = []
        self.replaced: list[dict[str, str]] = []
        self.voters = 0
        weights = spec.weights or []
        for member, ballots in enumerate(spec.votes):
            if ballots is None:
                continue
            self.voters += 1
            self.counted.append((ballots[-1], weights[member]))
            if spec.mode == "confidential":
                self.entries.append({"v": 1, "kind": "participate", "data": {"roll": roll_id(member)}})
            before = None
            for n, one in enumerate(ballots):
                made = {"ballot": deepcopy(one), "nonce": nonce(member, n), "weight": weights[member]}
                kind = "cast" if before is None else "replace"
                if before is not None:
                    made["replaces"] = before
                if spec.mode == "open":
                    entry = {"v": 1, "kind": kind, "at": time(1 + (member % 4000) / 100 + n),
                             "data": made | {"roll": roll_id(member)}}
                    self.entries.append(entry)
                    before = self._chained(entry)
                else:
                    entry = {"v": 1, "kind": kind, "data": made}
                    self.box.append(entry)
                    now = leaf(canonical(entry)).hex()
                if spec.mode == "confidential":
                    if before is not None:
                        self.replaced.append({"leaf": before, "by": now})
                    before = now

    def _chained(self, entry: dict[str, Any]) -> str:
        """Leaf hash of an open-mode ballot, which depends on the entry before it."""
        previous = ""
        for one in self.entries:
            body = canonical(one | ({"prev": previous} if previous else {}))
            previous = leaf(body).hex()
        if entry["kind"] == "replace":
            self.replaced.append({"leaf": entry["data"]["replaces"], "by": previous})
        return previous

    def _poll(self) -> None:
        spec = self.spec
        self.box.sort(key=lambda e: leaf(canonical(e)))
        self.box = self.hook("box", self.box)
        if spec.mode == "confidential":
            self._log("box", [canonical(e) for e in self.box])
        casts = self.box if spec.mode == "confidential" else [e for e in self.entries
                                                              if e["kind"] in ("cast", "replace")]
        close = {"reason": "act", "ballots": len(casts), "participations": self.voters}
        if spec.mode == "confidential":
            close["box"] = {k: v for k, v in self.head("box").items() if k != "origin"}
        self.entries.append({"v": 1, "kind": "close", "at": time(50), "by": "c" * 64, "data": close})
        self.count = self._count()
        if spec.void:
            self.entries.append({"v": 1, "kind": "admin", "at": time(55), "by": "c" * 64,
                                 "data": {"act": "void", "reason": "d" * 64}})
        else:
            for lot in spec.lots:
                self.entries.append({"v": 1, "kind": "admin", "at": time(55), "by": "c" * 64,
                                     "data": {"act": "lot", "lot": lot}})
            self.entries.append({"v": 1, "kind": "result", "at": time(58), "by": "c" * 64, "data": {
                "count": sha(self.count), "input": self.digest, "code": "0.1.0"}})
        self.entries = self.hook("poll", self.entries)
        self._log("poll", self._chain(self.entries))

    def _chain(self, entries: list[dict[str, Any]]) -> list[bytes]:
        bodies: list[bytes] = []
        for one in entries:
            if bodies and "prev" not in one:
                one = one | {"prev": leaf(bodies[-1]).hex()}
            bodies.append(canonical(one))
        return bodies

    def _count(self) -> bytes:
        """Files of ballots and the Count."""
        spec = self.spec
        merged = Ballots(json.loads(self.frozen))
        for one, weight in self.counted:
            merged.add(merged.group(canonical(one), weight.encode()))
        ballots = b"".join(merged.as_json())
        self.digest = sha(ballots)
        if spec.void:
            return b""
        made = own_count(merged, Poll(spec.method, spec.rules, spec.ids, spec.names, spec.seats, spec.lots))
        count = canonical(self.hook("count", as_count(made, spec, self.digest)))
        self.files["tally/rounds.json"] = count
        self.files["tally/explain.md"] = b"# Treasurer\n"
        if not spec.hide:
            self.files["ballots.json"] = ballots
            self.files["ballots.csv"] = b"".join(merged.as_csv(spec.method))
            if merged.blt_fits():
                self.files["ballots.blt"] = b"".join(merged.as_blt(json.loads(self.frozen)))
        return count

    def _assembly(self) -> None:
        subject, both = f"poll:{POLL_ID}", {n: self.head(n) for n in ("poll", "box") if n in self.logs}
        until = next((i for i, e in enumerate(self.entries) if e["kind"] == "close"), 0) + 1
        def act(kind: str, minutes: float, **data: Any) -> dict[str, Any]:
            return {"v": 1, "kind": kind, "at": time(minutes), "by": "c" * 64, "subject": subject, "data": data}
        opened = {"poll": self.head("poll", 1)} | ({"box": self.head("box", 0)} if "box" in both else {})
        acts = [{"v": 1, "kind": "motion.proposed", "at": time(-9), "by": "c" * 64, "subject": "motion:" + "m" * 26,
                 "data": {}},
                act("poll.opened", 0, ledgers=opened, definition=sha(self.frozen)),
                act("poll.closed", 50, ledgers=both | {"poll": self.head("poll", until)})]
        if self.spec.void:
            acts.append(act("poll.voided", 55, reason="d" * 64))
        else:
            acts += [act("poll.drawn", 55, lot=lot) for lot in self.spec.lots]
            acts += [act("poll.tallied", 57, sealed=sha(f"{SEAL}{sha(self.count)}".encode())),
                     act("poll.published", 58, ledgers=both, count=sha(self.count), seal=SEAL, level=self.spec.publication)]
        self._log("assembly", self._chain(self.hook("assembly", acts)))

    def _log(self, name: str, bodies: list[bytes]) -> None:
        leaves = [leaf(b) for b in bodies]
        self.logs[name], self.bodies[name] = leaves, bodies
        folder, level, hashes = f"log/{name}", 0, leaves
        self.files[f"{folder}/checkpoint"] = self.checkpoint(name)
        if len(leaves) > 2:
            self.files[f"{folder}/checkpoints/2"] = self.checkpoint(name, 2)
        while hashes:
            for n in range(0, len(hashes), 256):
                part = hashes[n:n + 256]
                number = tile_number(n // 256) + (f".p/{len(part)}" if len(part) < 256 else "")
                self.files[f"{folder}/tile/{level}/{number}"] = b"".join(part)
                if level == 0 and not (self.spec.hide and name == "box"):
                    self.files[f"{folder}/tile/entries/{number}"] = b"".join(
                        struct.pack(">H", len(b)) + b for b in bodies[n:n + 256])
            hashes = [root(hashes[n:n + 256]) for n in range(0, len(hashes) - 255, 256)]
            level += 1

    def checkpoint(self, name: str, size: int | None = None) -> bytes:
        head = self.head(name, size)
        text = f"{head['origin']}\n{head['size']}\n{base64.b64encode(bytes.fromhex(head['root'])).decode()}\n"
        return self.spec.signer.note(text, *self.spec.witnesses)

    def _rest(self) -> None:
        self.files["replaced.jsonl"] = b"".join(canonical(r) + b"\n"
                                                for r in sorted(self.replaced, key=lambda r: r["leaf"]))
        self.files["rejected.jsonl"] = b""
        self.files["code.json"] = canonical({"v": 1, "version": "0.1.0"})
        self.files = self.hook("files", self.files)
        manifest = {"v": 1, "edition": "public", "poll": POLL_ID, "files": [
            {"path": p, "size": len(b), "sha256": sha(b)} for p, b in sorted(self.files.items())]}
        manifest = self.hook("manifest", manifest)
        self.files["manifest.json"] = canonical(manifest)
        self.files["manifest.note"] = self.spec.signer.note(
            f"deliberate record package\n{self.origin('poll')}\n{sha(self.files['manifest.json'])}\n")
        self.files = self.hook("sealed", self.files)


def tile_number(n: int) -> str:
    """1234067 is x001/x234/067."""
    digits = f"{n:0{3 * max(1, -(-len(str(n)) // 3))}d}"
    parts = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    return "/".join([*(f"x{p}" for p in parts[:-1]), parts[-1]])


def info(path: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    made.external_attr, made.create_system = 0o100644 << 16, 3
    return made


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as zipped:
        for path, data in sorted(files.items()):
            zipped.writestr(info(path), data)
    return out.getvalue()


def build(spec: Spec, **hooks: Hook) -> Built:
    return Built(spec, **hooks)
