"""The checks, from the archive to the box. Each reads what the package holds, and raises Fail where it disagrees."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from typing import Any

from deliberate.verifier import tree
from deliberate.verifier.canon import Fail, dump, lines, load
from deliberate.verifier.package import Package, chains, digest
from deliberate.verifier.recount import formats, tally

HEX = re.compile(r"[0-9a-f]{64}")
NONCE = re.compile(r"[0-9a-f]{32}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
FIELDS: dict[str, tuple[set[str], set[str]]] = {  # poll ledger: fields of data (needed, allowed too)
    "open": ({"definition", "roll_root", "roll_size", "method", "rules", "keys", "witness", "code"}, set()),
    "participate": ({"roll"}, set()),
    "cast": ({"roll", "ballot", "nonce", "weight"}, set()),
    "replace": ({"roll", "ballot", "nonce", "weight", "replaces"}, set()),
    "admin": ({"act"}, {"lot", "how", "reason", "level", "unique"}),
    "close": ({"reason", "ballots", "participations"}, {"box"}),
    "result": ({"count", "input", "code"}, set()),
}
BOX: dict[str, set[str]] = {"cast": {"ballot", "nonce", "weight"}, "replace": {"ballot", "nonce", "weight", "replaces"}}


def integrity(p: Package) -> str:
    """Archive well formed; the files are those of the manifest."""
    if p.archive.odd:
        raise Fail(f"The archive is not as it must be: {p.archive.odd[0]}.", "archive", None, p.archive.odd[:10])
    manifest = load(p.archive.read("manifest.json"), "manifest.json")
    listed = [row["path"] for row in manifest["files"]]
    if len(set(listed)) != len(listed) or listed != sorted(listed, key=str.encode):
        raise Fail("The manifest lists a file twice, or not in order.", "manifest.json")
    there = set(p.archive.names()) - {"manifest.json", "manifest.note"}
    if there != set(listed):
        odd = sorted(there ^ set(listed))
        raise Fail(
            f"The files are not those of the manifest: {odd[0]} is {'extra' if odd[0] in there else 'missing'}.",
            odd[0],
            sorted(listed)[:20],
            sorted(there)[:20],
        )
    for row in manifest["files"]:
        data = p.archive.read(row["path"])
        if len(data) != row["size"] or digest(data) != row["sha256"]:
            raise Fail(
                f"{row['path']} is not the file that the manifest names.", row["path"], row["sha256"], digest(data)
            )
    if manifest.get("poll") != p.definition["poll"]:
        raise Fail("The manifest is of another poll.", "manifest.json", p.definition["poll"], manifest.get("poll"))
    return f"{len(listed)} files, all hashes as in the manifest."


def signature(p: Package) -> str:
    """Manifest and checkpoints are signed by the key that the poll froze."""
    pinned = p.one("open")["keys"]["ledger"]
    if pinned != p.definition["keys"]["ledger"] or (p.vkey is not None and p.vkey != pinned):
        raise Fail(
            "The ledger key is not the one that was given.", "keys", p.vkey or pinned, p.definition["keys"]["ledger"]
        )
    key = tree.Key.parse(pinned)
    package = digest(p.archive.read("manifest.json"))
    note = p.archive.get("manifest.note")
    if note is None:
        raise Fail("The manifest is not signed.", "manifest.note")
    text = tree.open_note(note, key, "manifest.note")
    wanted = f"deliberate record package\n{p.definition['origins']['poll']}\n{package}\n"
    if text != wanted:
        raise Fail("The signed note is of another manifest.", "manifest.note", wanted, text[:300])
    signed = 0
    for name in p.ledgers():
        for path in heads(p, name):
            origin, _, _ = tree.head(tree.open_note(p.archive.read(path), key, path), path)
            if origin != p.definition["origins"][name]:
                raise Fail(f"{path} is a checkpoint of another ledger.", path, p.definition["origins"][name], origin)
            signed += 1
    return f"manifest and {signed} checkpoints signed by the ledger key {key.name}." + (
        "" if p.vkey else " The key is the one that the poll names; give --vkey to pin your own."
    )


def heads(p: Package, name: str) -> list[str]:
    """Paths of the checkpoints of a ledger, the head last."""
    earlier = [path for path in p.archive.names() if path.startswith(f"log/{name}/checkpoints/")]
    if f"log/{name}/checkpoint" not in p.archive.infos:
        raise Fail(f"The {name} ledger has no signed head.", f"log/{name}/checkpoint")
    return [*earlier, f"log/{name}/checkpoint"]


def ledger(p: Package) -> str:
    """Leaves, tiles and roots fit; one history; embedded heads agree; the box is sorted."""
    for name in p.ledgers():
        leaves = p.leaves[name]
        _tiles(p, name)
        for path in heads(p, name):
            text = p.archive.read(path).decode("utf-8", "replace").split("\n\n")[0] + "\n"
            _, size, root = tree.head(text, path)
            if (
                size > len(leaves)
                or tree.root(leaves[:size]) != root
                or (path.endswith("/checkpoint") and size != len(leaves))
            ):
                raise Fail(f"{path} does not fit the entries of the {name} ledger.", path, size, len(leaves))
        if name != "box":
            _chain(p, name)
    _embedded(p)
    if "box" in p.leaves:
        if p.leaves["box"] != sorted(p.leaves["box"]):
            raise Fail("The box is not sorted by leaf hash.", "log/box")
        if len(set(p.leaves["box"])) != len(p.leaves["box"]):
            raise Fail("An entry stands twice in the box.", "log/box")
    sizes = ", ".join(f"{name} {len(p.leaves[name])}" for name in p.ledgers())
    return f"one history; entries: {sizes}. Tiles, roots, chains and embedded heads agree."


def _tiles(p: Package, name: str) -> None:
    wanted = dict(tree.tile_files(p.leaves[name]))
    prefix = f"log/{name}/"
    there = {
        path.removeprefix(prefix)
        for path in p.archive.names()
        if path.startswith(f"{prefix}tile/") and "/tile/entries/" not in path
    }
    if there != set(wanted):
        odd = sorted(there ^ set(wanted))[0]
        raise Fail(f"The tiles of the {name} ledger are not those of its entries: {odd}.", prefix + odd)
    for path, data in wanted.items():
        if p.archive.read(prefix + path) != data:
            raise Fail(f"The tile {path} of the {name} ledger does not fit its entries.", prefix + path)


def _chain(p: Package, name: str) -> None:
    before: str | None = None
    for n, entry in enumerate(p.parsed(name)):
        if entry.get("prev") != before:
            raise Fail(
                f"Entry {n} of the {name} ledger does not follow the one before.",
                f"log/{name}, entry {n}",
                before,
                entry.get("prev"),
            )
        before = p.leaves[name][n].hex()


def _embedded(p: Package) -> None:
    for kind in ("poll.opened", "poll.closed", "poll.published"):
        for name, said in p.about(kind)["ledgers"].items():
            leaves = p.leaves.get(name)
            size = said["size"]
            if leaves is None or size > len(leaves) or tree.root(leaves[:size]).hex() != said["root"]:
                raise Fail(
                    f"{kind} in the assembly ledger embeds another head of the {name} ledger.",
                    "log/assembly",
                    said,
                    name,
                )
            if kind == "poll.published" and size != len(leaves):
                raise Fail(f"The {name} ledger has entries after the publication.", f"log/{name}", size, len(leaves))
    box = p.one("close").get("box")
    if "box" in p.leaves and (
        box is None or box["size"] != len(p.leaves["box"]) or box["root"] != tree.root(p.leaves["box"]).hex()
    ):
        raise Fail(
            "The box is not the one that was sealed at the close.", "log/box", box, tree.root(p.leaves["box"]).hex()
        )


def witness(p: Package) -> str | None:
    """Enough witnesses, if the poll asked for any."""
    if p.definition["witness"]["k"] == 0:
        return None
    raise Fail(
        "The poll asks for witnesses, and no cosignature is in the package.", "witness", p.definition["witness"]["k"], 0
    )


def window(p: Package) -> str:
    """Nothing before the opening or after the close."""
    entries = p.parsed("poll")
    kinds = [entry["kind"] for entry in entries]
    if kinds[0] != "open" or kinds.count("close") != 1 or kinds[-1] != "result":
        raise Fail(
            "The poll ledger does not run from opening to close to result.",
            "log/poll",
            "open ... close ... result",
            kinds[:1] + kinds[-2:],
        )
    at = kinds.index("close")
    for n, kind in enumerate(kinds):
        if (n > at and kind not in ("admin", "result")) or (
            0 < n < at and kind not in ("participate", "cast", "replace", "admin")
        ):
            raise Fail(f"Entry {n} of the poll ledger is a {kind} where none may be.", f"log/poll, entry {n}")
    opened, closed = entries[0]["at"], entries[at]["at"]
    last = min(filter(None, (closed, _with_grace(p.definition))))
    for n, entry in enumerate(entries[1:at], 1):
        if entry["kind"] in ("cast", "replace") and not opened <= entry["at"] <= last:
            raise Fail(
                f"The ballot in entry {n} came at {entry['at']}, outside {opened} to {last}.",
                f"log/poll, entry {n}",
                [opened, last],
                entry["at"],
            )
    if p.definition["opens_at"] != opened:
        raise Fail("The opening was moved.", "definition.json", opened, p.definition["opens_at"])
    return f"open from {opened} to {closed}; no ballot outside it."


def _with_grace(definition: dict[str, Any]) -> str | None:
    return definition.get("closes_at") if definition["grace"] == 0 else None


def roll(p: Package) -> dict[str, str]:
    """The roll: value to weight."""
    found = lines(p.archive.read("roll.jsonl"), "roll.jsonl")
    return {row["roll"]: row["weight"] for row in found}


def eligibility(p: Package) -> str:
    """Roll as frozen; whoever voted is on it, with the right weight."""
    rows = lines(p.archive.read("roll.jsonl"), "roll.jsonl")
    values = [row["roll"] for row in rows]
    if values != sorted(set(values)):
        raise Fail("The roll names somebody twice, or is not sorted.", "roll.jsonl")
    root = tree.root([tree.leaf(dump({"roll": row["roll"], "weight": row["weight"]})) for row in rows]).hex()
    opened = p.one("open")
    for said in (opened["roll_root"], p.definition["roll"]["root"]):
        if said != root:
            raise Fail("The roll is not the one that was frozen at the opening.", "roll.jsonl", said, root)
    if len(rows) != opened["roll_size"] or len(rows) != p.definition["roll"]["size"]:
        raise Fail("The roll has another size than was frozen.", "roll.jsonl", opened["roll_size"], len(rows))
    weights = {row["roll"]: row["weight"] for row in rows}
    if sum(map(Fraction, weights.values()), Fraction(0)) != Fraction(p.definition["roll"]["weight"]):
        raise Fail("The weights of the roll have another sum than was frozen.", "roll.jsonl")
    if p.definition["mode"] == "open":
        for n, entry in enumerate(p.parsed("poll")):
            if entry["kind"] in ("cast", "replace"):
                data = entry["data"]
                if weights.get(data["roll"]) != data["weight"]:
                    raise Fail(
                        f"The ballot in entry {n} is off the roll, or has another weight.",
                        f"log/poll, entry {n}",
                        weights.get(data["roll"]),
                        data["weight"],
                    )
        return f"every ballot is of one of {len(rows)} members on the roll, with the weight that stands there."
    took = [entry["data"]["roll"] for entry in p.kind("poll", "participate")]
    for value in took:
        if value not in weights:
            raise Fail("Somebody took part who is not on the roll.", "log/poll", None, value)
    want = Counter(weights[value] for value in set(took))
    have = Counter(data["weight"] for _, data in chains(p))
    if want != have:
        raise Fail(
            "The weights of the counted ballots are not those of the members who took part.",
            "log/box",
            dict(want),
            dict(have),
        )
    return f"{len(set(took))} of {len(rows)} members on the roll took part; the weights of the ballots are theirs."


def uniqueness(p: Package) -> str:
    """One counted ballot for each member."""
    counted = chains(p)
    if p.definition["mode"] == "open":
        twice = [value for value, n in Counter(data["roll"] for _, data in counted).items() if n > 1]
        if twice:
            raise Fail(f"The member {twice[0][:12]}… was counted twice.", "log/poll", 1, len(twice))
        return f"{len(counted)} ballots of {len(counted)} members; none counted twice."
    took = [entry["data"]["roll"] for entry in p.kind("poll", "participate")]
    if len(set(took)) != len(took):
        raise Fail("Somebody took part twice.", "log/poll", len(set(took)), len(took))
    close = p.one("close")
    if len(took) != len(counted) or close["participations"] != len(took):
        raise Fail(
            f"{len(counted)} ballots are counted, and {len(took)} members took part.",
            "log/box",
            len(took),
            len(counted),
        )
    nonces = [e["data"]["nonce"] for e in p.parsed("box")]
    if len(set(nonces)) != len(nonces):
        raise Fail("Two ballots carry one nonce.", "log/box")
    return f"{len(counted)} ballots, {len(took)} members who took part; none counted twice."


def revote(p: Package) -> str:
    """Replacements are allowed, linear, and by the same member; the last counts."""
    name = "box" if p.definition["mode"] != "open" else "poll"
    cells = {p.leaves[name][n].hex(): (n, e) for n, e in enumerate(p.parsed(name)) if e["kind"] in ("cast", "replace")}
    made: list[dict[str, str]] = []
    seen: set[str] = set()
    for leaf, (n, entry) in cells.items():
        if entry["kind"] != "replace":
            continue
        old = entry["data"]["replaces"]
        if p.definition["revote"] != "until_close":
            raise Fail("A ballot was replaced, and the poll does not allow it.", f"log/{name}, entry {n}")
        if old not in cells or old in seen:
            raise Fail(
                "A replacement names a ballot that is not there, or that was replaced already.",
                f"log/{name}, entry {n}",
                None,
                old,
            )
        before = cells[old][1]["data"]
        if (
            before["weight"] != entry["data"]["weight"]
            or before.get("roll") != entry["data"].get("roll")
            or (name == "poll" and cells[old][0] >= n)
        ):
            raise Fail("A replacement is of another member than the ballot that it replaces.", f"log/{name}, entry {n}")
        seen.add(old)
        made.append({"leaf": old, "by": leaf})
    listed = lines(p.archive.read("replaced.jsonl"), "replaced.jsonl")
    if listed != sorted(made, key=lambda row: (row["leaf"], row["by"])):
        raise Fail(
            "replaced.jsonl does not list the ballots that were replaced.", "replaced.jsonl", len(made), len(listed)
        )
    return (
        f"{len(made)} ballots were replaced by their voters; the last one counts."
        if made
        else "no ballot was replaced."
    )


def definition(p: Package) -> str:
    """Nothing changed since the opening."""
    raw = p.archive.read("definition.json")
    opened = p.one("open")
    for where, said in (
        ("log/poll, entry 0", opened["definition"]),
        ("log/assembly", p.about("poll.opened")["definition"]),
    ):
        if said != digest(raw):
            raise Fail("The definition is not the one that was frozen at the opening.", where, said, digest(raw))
    for key, mine in (
        ("method", p.definition["method"]),
        ("rules", p.definition["rules"]),
        ("keys", p.definition["keys"]),
        ("witness", p.definition["witness"]),
    ):
        if opened[key] != mine:
            raise Fail(f"The {key} of the definition and of the opening differ.", "definition.json", opened[key], mine)
    return "question, options, rules, times and keys are as frozen at the opening."


def schema(p: Package) -> str:
    """Canonical bytes, known kinds and fields; no time and no identity in a box entry."""
    for n, entry in enumerate(p.parsed("poll")):
        _entry(p, n, entry)
    for n, entry in enumerate(p.parsed("assembly")):
        if (
            set(entry) - {"v", "kind", "at", "by", "subject", "data", "prev"}
            or entry.get("v") != 1
            or not TIME.fullmatch(entry.get("at", ""))
        ):
            raise Fail(f"Entry {n} of the assembly ledger has unknown or missing fields.", f"log/assembly, entry {n}")
    if "box" in p.bodies:
        for n, entry in enumerate(p.parsed("box")):
            if (
                set(entry) != {"v", "kind", "data"}
                or entry["kind"] not in BOX
                or set(entry["data"]) != BOX[entry["kind"]]
            ):
                raise Fail(
                    f"Entry {n} of the box carries a field that it must not have, or lacks one.",
                    f"log/box, entry {n}",
                    None,
                    sorted(entry),
                )
            _ballot(p, entry["data"], f"log/box, entry {n}")
    for name in ("roll.jsonl", "replaced.jsonl", "rejected.jsonl"):
        lines(p.archive.read(name), name)
    allowed = {"roll", "weight", "name"} if p.definition["mode"] == "open" else {"roll", "weight"}
    for row in lines(p.archive.read("roll.jsonl"), "roll.jsonl"):
        if not {"roll", "weight"} <= set(row) <= allowed or not HEX.fullmatch(row["roll"]):
            raise Fail("A line of the roll has unknown or missing fields.", "roll.jsonl", None, sorted(row))
        _exact(row["weight"], "roll.jsonl")
    return "all entries are canonical, of known kinds; " + (
        "no time and no identity in any entry of the box." if "box" in p.bodies else "fields as they must be."
    )


def _entry(p: Package, n: int, entry: dict[str, Any]) -> None:
    where = f"log/poll, entry {n}"
    kind = entry.get("kind")
    if kind not in FIELDS or entry.get("v") != 1 or not isinstance(entry.get("data"), dict):
        raise Fail(f"Entry {n} of the poll ledger is of an unknown kind.", where, sorted(FIELDS), kind)
    need, may = FIELDS[kind]
    timed = {"open": {"at", "by"}, "participate": set(), "cast": {"at"}, "replace": {"at"}}.get(kind, {"at", "by"})
    keys = set(entry) - {"v", "kind", "data", "prev"}
    if (
        not need <= set(entry["data"]) <= need | may
        or not keys <= timed
        or ("at" in timed and not TIME.fullmatch(entry.get("at", "")))
    ):
        raise Fail(
            f"Entry {n} of the poll ledger has unknown or missing fields.",
            where,
            sorted(need | timed),
            sorted(set(entry["data"]) | keys),
        )
    if kind in ("cast", "replace"):
        if p.definition["mode"] != "open":
            raise Fail("A ballot stands beside a member in a poll that is not open.", where)
        _ballot(p, entry["data"], where)


def _ballot(p: Package, data: dict[str, Any], where: str) -> None:
    ballot = data["ballot"]
    ids = {option["id"] for option in p.definition["options"]}
    _exact(data["weight"], where)
    good = isinstance(ballot, dict) and NONCE.fullmatch(str(data["nonce"])) is not None
    if good and p.definition["ballot"] == "choice":
        marks = ballot.get("marks")
        good = (
            set(ballot) == {"kind", "marks"}
            and ballot["kind"] == "choice"
            and isinstance(marks, list)
            and len(marks) <= 1
            and set(marks) <= ids
        )
    elif good:
        ranks = ballot.get("ranks")
        good = (
            set(ballot) == {"kind", "ranks"}
            and ballot["kind"] == "ranking"
            and isinstance(ranks, list)
            and all(isinstance(rank, list) and set(rank) <= ids for rank in ranks)
        )
    if not good:
        raise Fail("A ballot is not one that this poll takes.", where, None, ballot)


def _exact(text: Any, where: str) -> None:
    try:
        fine = isinstance(text, str) and str(Fraction(text)) == text and Fraction(text) > 0
    except (ValueError, ZeroDivisionError):
        fine = False
    if not fine:
        raise Fail("A weight is not an exact number in lowest terms.", where, "1 or 3/2", text)


CHECKS = {
    "integrity": integrity,
    "signature": signature,
    "ledger": ledger,
    "witness": witness,
    "window": window,
    "eligibility": eligibility,
    "uniqueness": uniqueness,
    "revote": revote,
    "definition": definition,
    "schema": schema,
    "formats": formats,
    "tally": tally,
}
