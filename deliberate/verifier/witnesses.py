"""Witnesses: enough cosignatures on the checkpoints, by the record's own policy or by one that the auditor holds."""

from __future__ import annotations

from .archive import Unreadable
from .notes import COSIGNATURE, BadNote, Key, Note, read_key
from .receipts import read_kept
from .record import Record


class Policy:
    """Witnesses and groups by name, and the one name whose quorum counts (the text form of C2SP tlog-policy)."""

    def __init__(self, text: str) -> None:
        self.keys: dict[str, Key] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum = ""
        for n, line in enumerate(text.splitlines(), 1):
            words = line.split("#")[0].split()
            if words and not self._line(words):
                raise Unreadable(f"line {n} of the witness policy is not understood")
        if not self.quorum:
            raise Unreadable("the witness policy has no line with the quorum")

    def _line(self, words: list[str]) -> bool:
        known = self.keys.keys() | self.groups.keys() | {"none"}
        if words[0] == "log":
            return len(words) in (2, 3)
        if words[0] == "witness" and len(words) in (3, 4) and words[1] not in known:
            try:
                self.keys[words[1]] = cosigner(words[2])
            except BadNote as error:
                raise Unreadable(f"the key of the witness {words[1]}: {error}") from None
            return True
        if words[0] == "group" and len(words) > 3 and words[1] not in known and all(w in known for w in words[3:]):
            members = words[3:]
            least = {"any": 1, "all": len(members)}.get(words[2]) or (int(words[2]) if words[2].isdigit() else 0)
            self.groups[words[1]] = (least, members)
            return 0 < least <= len(members) == len(set(members))
        if words[0] == "quorum" and len(words) == 2 and words[1] in known and not self.quorum:
            self.quorum = words[1]
            return True
        return False

    def met(self, signed: set[Key], name: str | None = None) -> bool:
        """Whether these witnesses satisfy the quorum. Groups name only what stands above them, so this ends."""
        asked = self.quorum if name is None else name
        if asked == "none":
            return True
        if asked in self.keys:
            return self.keys[asked] in signed
        least, members = self.groups[asked]
        return sum(self.met(signed, member) for member in members) >= least


def cosigner(vkey: str) -> Key:
    """A witness's key; one given as a plain Ed25519 key is read as its cosigning twin. Raises BadNote."""
    key = read_key(vkey)
    return Key(key.name, COSIGNATURE, key.public)


def _signed(record: Record, note: Note, keys: list[Key], name: str) -> set[Key]:
    found = set()
    for key in keys:
        try:
            if note.signed_by(key) is not None:
                found.add(key)
        except BadNote as error:
            record.report.fail("witness", f"The checkpoint of the {name} ledger: {error}.", f"log/{name}/checkpoint")
    return found


def check(record: Record, policy_path: str | None) -> None:
    """The check ``witness``, on the last checkpoint of every ledger in the record."""
    report, frozen = record.report, record.defined["witness"]
    policy = Policy(read_kept(policy_path).decode("utf-8", "replace")) if policy_path is not None else None
    if not frozen["k"] and policy is None:
        report.skip("witness", "the poll names no witnesses and no policy was given.")
        report.unchecked.append("Whether the same history was shown to everybody: no witness has cosigned it.")
        return
    try:
        keys = [cosigner(vkey) for vkey in frozen["of"]]
    except BadNote as error:
        report.fail("witness", f"The definition names a witness whose key cannot be used: {error}.", "definition.json")
        return
    if len({key.public for key in keys}) != len(keys) or len(keys) < frozen["k"]:
        report.fail("witness", "The definition names a witness twice, or fewer than it asks for.", "definition.json")
    for name, log in sorted(record.logs.items()):
        if log.note is None:
            continue
        signed = {key.public for key in _signed(record, log.note, keys, name)}
        if len(signed) < frozen["k"]:
            report.fail("witness", f"The {name} ledger has {len(signed)} known cosignatures, {frozen['k']} are needed.",
                        f"log/{name}/checkpoint", frozen["k"], len(signed))
        if policy is not None and not policy.met(_signed(record, log.note, list(policy.keys.values()), name)):
            report.fail("witness", f"The checkpoint of the {name} ledger does not meet the policy that you gave.",
                        f"log/{name}/checkpoint")
    report.ok("witness", "enough witnesses have cosigned the checkpoint of every ledger.")
