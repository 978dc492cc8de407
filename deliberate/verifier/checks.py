"""What the gathered record must agree on: heads, definition, roll, replacements, files and the count."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

from . import compare, schema
from .ballots import first_difference, read_json
from .canonical import Malformed, decode, encode, moment
from .counters import COUNTERS
from .counting import Poll
from .record import Record
from .report import brief

COUNT_LIMIT = 1 << 26
SMALL_LIMIT = 1 << 16
MOST_REFUSED = 100_000
HIDDEN = "the ballots of this poll are published to auditors only; this edition holds their hashes."


def assembly(record: Record) -> None:
    """The assembly ledger, for its acts on this poll; it ends where the poll was published."""
    report, log, before = record.report, record.log("assembly"), b""
    subject, kind = f"poll:{record.defined['poll']}", ""
    for index, data, leaf in log.entries():
        assert data is not None
        try:
            entry = schema.assembly_entry(decode(data))
        except Malformed as error:
            report.fail("schema", f"Entry {index} of the assembly ledger does not have its form: {error}.", f"assembly {index}")
            before = leaf
            continue
        if entry.get("prev", "") != before.hex():
            report.fail("ledger", f"Entry {index} of the assembly ledger does not name the entry before it.", f"assembly {index}")
        before, kind = leaf, ""
        if entry["subject"] == subject:
            kind = entry["kind"]
            if kind in ("poll.opened", "poll.closed", "poll.published") and kind in record.said:
                report.fail("ledger", f"The assembly ledger has {kind} twice for this poll.", f"assembly {index}")
            record.said[kind] = {**entry["data"], "at": entry["at"], "by": entry.get("by"), "index": index}
            if kind == "poll.drawn":
                record.drawn.append(entry["data"].get("lot"))
    log.finish()
    needed = ["poll.opened", "poll.closed"] if record.void else ["poll.opened", "poll.closed", "poll.tallied", "poll.published"]
    for one in needed:
        if one not in record.said:
            report.fail("ledger", f"The assembly ledger has no {one} for this poll.", "assembly")
    order = [record.said[one]["index"] for one in needed if one in record.said]
    if order != sorted(order):
        report.fail("ledger", f"The assembly ledger does not have {', '.join(needed)} in this order.", "assembly")
    report.expect("ledger", "The assembly ledger tells of other lots than the poll ledger", record.lots, record.drawn,
                  "assembly")
    for own, embedded in (("open", "poll.opened"), ("close", "poll.closed"), ("result", "poll.published")):
        if own in record.said and embedded in record.said:
            for name in ("at", "by"):
                report.expect("ledger", f"{embedded} and {own} differ in their {name}", record.said[own][name],
                              record.said[embedded][name], "assembly")
    if not record.void and kind != "poll.published":
        report.fail("ledger", "The assembly ledger does not end with the publication of this poll.", "assembly")


def all_of(record: Record) -> None:
    """Every check that follows from the gathered record, in the order of the report."""
    _heads(record)
    _window(record)
    _eligibility(record)
    _uniqueness(record)
    _revote(record)
    published = _published_count(record)
    _definition(record, published)
    _formats(record)
    _tally(record, published)
    record.report.ok("schema", "every entry and file has its form.")


def _heads(record: Record) -> None:
    """Checkpoints that the assembly ledger embeds agree with the ledgers of the poll."""
    report = record.report
    close, total = record.said.get("close"), len(record.log("poll").tree)
    sizes = {"poll.opened": 1, "poll.closed": close["index"] + 1 if close else None, "poll.published": total}
    for kind, size in sizes.items():
        for name, head in record.said.get(kind, {}).get("ledgers", {}).items():
            where = f"assembly {record.said[kind]['index']}"
            if name not in record.defined["origins"]:
                report.fail("ledger", f"{kind} names a ledger that this poll does not have.", where)
                continue
            log = record.log(name)
            report.expect("ledger", f"{kind} names another {name} ledger", log.origin, head["origin"], where)
            if not log.holds(head["size"], bytes.fromhex(head["root"])):
                report.fail("ledger", f"The head of the {name} ledger that {kind} embeds is not on this history.",
                            where, head["root"])
            expected = size if name == "poll" else 0 if kind == "poll.opened" else len(log.tree)
            if expected is not None:
                report.expect("ledger", f"{kind} embeds another size of the {name} ledger", expected, head["size"],
                              where)
    names = ", ".join(f"{name} {len(log.tree)}" for name, log in sorted(record.logs.items()))
    report.ok("ledger", f"one history from entries to signed roots, hash chain unbroken ({names} entries).")


def _window(record: Record) -> None:
    report, defined = record.report, record.defined
    opened, close = record.said.get("open"), record.said.get("close")
    if opened and opened["at"] != defined["opens_at"]:
        report.fail("window", "The poll was not opened at the time in its definition.", "poll 0", defined["opens_at"],
                    opened["at"])
    if opened and close:
        if moment(close["at"]) < moment(opened["at"]):
            report.fail("window", "The poll was closed before it was opened.", f"poll {close['index']}", opened["at"],
                        close["at"])
        if moment(close["at"]) < record.latest:
            report.fail("window", "A ballot was cast after the close.", f"poll {close['index']}", close["at"])
        if close["reason"] == "clock" and ("closes_at" not in defined
                                           or moment(close["at"]) < moment(defined["closes_at"])):
            report.fail("window", "The poll was closed by the clock before its time.", f"poll {close['index']}",
                        defined.get("closes_at"), close["at"])
    if close and "result" in record.said and moment(record.said["result"]["at"]) < moment(close["at"]):
        report.fail("window", "The result is older than the close.", "poll", close["at"], record.said["result"]["at"])
    if close and not record.open_mode:
        log = record.log("box")
        found = {"size": len(log.tree), "root": log.tree.root(len(log.tree)).hex()}
        report.expect("window", "The box is not the one that the close names", close.get("box"), found,
                      f"poll {close['index']}")
    elif close and "box" in close:
        report.fail("window", "The close of an open poll names a box.", f"poll {close['index']}")
    if opened and close:
        what = "every ballot is from between" if record.open_mode else "the box is the one sealed then"
        report.ok("window", f"opened {opened['at']}, closed {close['at']}; {what}.")


def _eligibility(record: Record) -> None:
    report = record.report
    if not record.open_mode and not record.hidden:
        entitled = Counter(record.roll.get(ident, "") for ident in record.voted)
        counted = Counter(record.ballots.weights())
        for weight in sorted(entitled.keys() | counted.keys()):
            report.expect("eligibility", f"Ballots of weight {brief(weight)} do not match the members who voted",
                          entitled[weight], counted[weight], "box")
    report.ok("eligibility", f"{len(record.voted)} of {len(record.roll)} members on the roll voted, with its weights.")


def _uniqueness(record: Record) -> None:
    report, close = record.report, record.said.get("close")
    if close:
        report.expect("uniqueness", "The close names another number of ballots", close["ballots"], record.leaves,
                      f"poll {close['index']}")
        report.expect("uniqueness", "The close names another number of members who voted", close["participations"],
                      len(record.voted), f"poll {close['index']}")
    if record.hidden:
        report.skip("uniqueness", HIDDEN)
        return
    report.expect("uniqueness", "Counted ballots and members who voted differ", len(record.voted), record.ballots.cast)
    report.ok("uniqueness", f"{record.ballots.cast} counted ballots, one for each member who voted.")


def _revote(record: Record) -> None:
    report, path = record.report, "replaced.jsonl"
    if record.hidden:
        report.skip("revote", HIDDEN)
        return
    lines = [encode({"by": by.hex(), "leaf": leaf.hex()}) for leaf, by in sorted(record.superseded.items())]
    if path not in record.archive:
        report.fail("integrity", f"{path} is missing.", path)
    elif (found := list(record.archive.lines(path))) not in (lines, sorted(lines)):
        odd = next((n for n, (a, b) in enumerate(zip(found, lines, strict=False), 1) if a != b),
                   min(len(found), len(lines)) + 1)
        report.fail("revote", f"replaced.jsonl does not list exactly the replaced ballots: it differs at line {odd}.",
                    f"{path} {odd}", len(lines), len(found))
    report.ok("revote", f"{len(lines)} ballots were replaced, each once and by an allowed chain." if lines
              else "no ballot was replaced.")


def _published_count(record: Record) -> dict[str, Any] | None:
    """tally/rounds.json and the small files in their form; None if there is no Count to compare."""
    report, path = record.report, "tally/rounds.json"
    for small, form in (("code.json", {"v": schema.among(1), "version": schema.text}),):
        try:
            code = schema.fields(read_json(record.archive, small, SMALL_LIMIT), form)
            if "result" in record.said:
                report.expect("definition", "code.json names another version than the result",
                              record.said["result"]["code"], code["version"], small)
        except Malformed as error:
            report.fail("schema", f"{small} does not have its form: {error}.", small)
        except KeyError:
            if not record.void:
                report.fail("integrity", f"{small} is missing.", small)
    for there in ("rejected.jsonl", "tally/explain.md"):
        if there not in record.archive and not record.void:
            report.fail("integrity", f"{there} is missing.", there)
    if "rejected.jsonl" in record.archive:
        for n, line in enumerate(record.archive.lines("rejected.jsonl"), 1):
            try:
                schema.refused(decode(line))
            except Malformed as error:
                report.fail("schema", f"Line {n} of rejected.jsonl: {error}.", f"rejected.jsonl {n}")
            if n >= MOST_REFUSED:
                report.fail("robustness", f"rejected.jsonl has {MOST_REFUSED} lines or more.", "rejected.jsonl")
                break
    if path not in record.archive:
        if not record.void:
            report.fail("integrity", f"{path} is missing.", path)
        return None
    try:
        return compare.check_form(read_json(record.archive, path, COUNT_LIMIT, names=True))
    except Malformed as error:
        report.fail("schema", f"The Count does not have its form: {error}.", path)
        return None


def _definition(record: Record, published: dict[str, Any] | None) -> None:
    report, defined, said = record.report, record.defined, record.said
    digest = record.archive.digest("definition.json")
    opened, where = said.get("open"), "definition.json"
    if opened:
        report.expect("definition", "The definition is not the one that was frozen at the opening",
                      opened["definition"], digest, where)
        frozen = {"method": defined["method"], "rules": defined["rules"], "keys": defined["keys"],
                  "witness": defined["witness"],
                  "roll_root": defined["roll"]["root"], "roll_size": defined["roll"]["size"]}
        for key, value in frozen.items():
            report.expect("definition", f"The opening froze another {key}", opened[key], value, where)
    if "poll.opened" in said:
        report.expect("definition", "The assembly ledger froze another definition", said["poll.opened"]["definition"],
                      digest, where)
    rules = defined["rules"]
    for says, wanted, found in COUNTERS[defined["method"]].gaps(defined):
        report.expect("definition", says, wanted, found, where)
    level = defined["publication"]
    for act in record.acts:
        if act["act"] == "publication":
            if not record.hidden:
                report.expect("definition", "The decision to publish names another number of ballots that occur once",
                              record.ballots.once, act["unique"], "poll")
            if level == "auditors" and act["level"] == "full":
                report.fail("definition", "The ballots were published more widely than the definition allows.", "poll")
            level = act["level"]
    if "poll.published" in said:
        report.expect("definition", "Published at another level than decided", level, said["poll.published"]["level"],
                      "assembly")
    if published is not None:
        pairs = {"question": {"title": defined["title"]}, "options": defined["options"], "seats": defined["seats"],
                 "rules": rules, "ruleset": defined["method"]}
        for key, value in pairs.items():
            report.expect("definition", f"The Count was made with another {key}", value, published[key],
                          "tally/rounds.json")
    report.ok("definition", "question, options, rules, roll and key are those frozen at the opening.")


def _formats(record: Record) -> None:
    """The three files of ballots against the ledger."""
    report, archive, defined, ballots = record.report, record.archive, record.defined, record.ballots
    present = [path for path in ("ballots.json", "ballots.csv", "ballots.blt") if path in archive]
    if record.void and not present:
        report.skip("formats", "the poll was declared void; no ballots were counted.")
        return
    if not present and (record.hidden or (defined["publication"] == "auditors" and record.edition == "public")):
        report.skip("formats", HIDDEN)
        return
    if record.hidden:
        report.fail("formats", "Ballots are published in a file although the ledger withholds them.", present[0])
        return
    views = {"ballots.json": ballots.as_json(), "ballots.csv": ballots.as_csv(defined["method"])}
    if ballots.blt_fits():
        views["ballots.blt"] = ballots.as_blt(defined)
    elif "ballots.blt" in archive:
        report.fail("formats", "ballots.blt stands although these ballots do not fit the format.", "ballots.blt")
    for path, pieces in views.items():
        doubtful = path == "ballots.blt" and ballots.blt_doubtful(defined)
        if path not in archive:
            if not doubtful:
                report.fail("formats", f"{path} is missing.", path)
        elif (at := first_difference(archive, path, pieces)) is not None and not doubtful:
            report.fail("formats", f"{path} does not carry the ballots of the ledger: see byte {at[0]}.",
                        f"{path} line {at[1]}")
    report.ok("formats", f"{', '.join(present)} carry the {ballots.cast} ballots of the ledger.")


def _tally(record: Record, published: dict[str, Any] | None) -> None:
    report, said, defined = record.report, record.said, record.defined
    if record.void:
        if published is not None:
            report.fail("tally", "The poll was declared void and carries a count.", "tally/rounds.json")
        report.skip("tally", "the poll was declared void; no count stands.")
        return
    if published is None:
        return
    digest = sha256(record.archive.read("tally/rounds.json", COUNT_LIMIT)).hexdigest()
    if "poll.tallied" in said and "poll.published" in said:
        sealed = sha256(f"{said['poll.published']['seal']}{said['poll.published']['count']}".encode()).hexdigest()
        report.expect("tally", "The count was changed between the tally and the publication",
                      said["poll.tallied"]["sealed"], sealed, f"assembly {said['poll.tallied']['index']}")
    for kind in ("result", "poll.published"):
        if kind in said:
            report.expect("tally", f"{kind} names another count", said[kind]["count"], digest, "tally/rounds.json")
    if "result" in said:
        report.expect("tally", "The result names other ballots than the count", said["result"]["input"],
                      published["input"]["digest"], "tally/rounds.json input")
    if record.hidden:
        report.skip("tally", HIDDEN)
        return
    names = [o["name"] for o in defined["options"]]
    poll = Poll(defined["method"], defined["rules"], [o["id"] for o in defined["options"]], names, defined["seats"],
                record.lots)
    if defined.get("quorum") is not None and defined["method"] != "motion":
        report.skip("tally", "the definition has a quorum for an election, which this verifier cannot test.")
        return
    compare.tally(report, record.ballots, poll, published)
    report.unchecked.append("The wording of tally/explain.md and of the sentences in the Count, and what it says of its "
                            "source and departures.")
