"""The ballots in their formats, and the second count beside the published one."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from deliberate.verifier.canon import Fail, dump, load
from deliberate.verifier.counts import COUNTERS, Ballots
from deliberate.verifier.package import Package, chains, digest


def merged(p: Package) -> list[dict[str, Any]]:
    """The rows of ballots.json, recomputed from the ledger."""
    found: Counter[tuple[bytes, str]] = Counter()
    for _, data in chains(p):
        found[dump(data["ballot"]), data["weight"]] += 1
    keys = sorted(found, key=lambda key: b"[" + key[0] + b"," + dump(key[1]) + b"]")
    return [
        {"ballot": load(ballot, "ballot"), "count": found[ballot, weight], "weight": weight} for ballot, weight in keys
    ]


def formats(p: Package) -> str:
    """CSV, BLT and JSON carry the ballots of the ledger."""
    rows = merged(p)
    ids = [option["id"] for option in p.definition["options"]]
    wanted = dump({"v": 1, "options": ids, "ballots": rows})
    if p.archive.read("ballots.json") != wanted:
        raise Fail(
            "ballots.json does not carry the ballots of the ledger.",
            "ballots.json",
            digest(wanted),
            digest(p.archive.read("ballots.json")),
        )
    if p.archive.read("ballots.csv") != _csv(p, ids, rows).encode():
        raise Fail("ballots.csv does not carry the ballots of the ledger.", "ballots.csv")
    fits = p.definition["ballot"] == "ranking" and all(
        Fraction(r["weight"]).denominator == 1 and all(len(x) == 1 for x in r["ballot"]["ranks"]) for r in rows
    )
    raw = p.archive.get("ballots.blt")
    if (raw is not None) != fits:
        raise Fail(
            "There is a BLT file where none may be, or none where it must be.", "ballots.blt", fits, raw is not None
        )
    if raw is not None:
        _blt(p, ids, rows, raw)
    total = sum(row["count"] for row in rows)
    return f"JSON, CSV{' and BLT' if raw is not None else ''} carry the same {total} ballots as the ledger."


def _csv(p: Package, ids: list[str], rows: list[dict[str, Any]]) -> str:
    ranked = p.definition["ballot"] == "ranking"
    wide = max([1, *(len(row["ballot"]["ranks"]) for row in rows)]) if ranked else 1
    columns = [f"rank{n + 1}" for n in range(wide)] if ranked else ["choice"]
    out = [
        f"# deliberate ballots 1; method={p.definition['method']}; options={' '.join(ids)}",
        ",".join(["count", "weight", *columns]),
    ]
    for row in rows:
        cells = ["=".join(rank) for rank in row["ballot"]["ranks"]] if ranked else ["=".join(row["ballot"]["marks"])]
        out.append(",".join([str(row["count"]), row["weight"], *cells, *[""] * (wide - len(cells))]))
    return "\n".join(out) + "\n"


def _blt(p: Package, ids: list[str], rows: list[dict[str, Any]], raw: bytes) -> None:
    text = raw.decode("utf-8").split("\n")
    if text[0] != f"{len(ids)} {p.definition['seats']}" or "0" not in text:
        raise Fail(
            "ballots.blt has another head than the poll.", "ballots.blt", f"{len(ids)} {p.definition['seats']}", text[0]
        )
    end = text.index("0")
    want: Counter[tuple[int, ...]] = Counter({(): 0})
    for row in rows:
        want[tuple(ids.index(rank[0]) + 1 for rank in row["ballot"]["ranks"])] += row["count"] * int(row["weight"])
    have: Counter[tuple[int, ...]] = Counter({(): 0})
    for line in text[1:end]:
        numbers = line.split()
        have[tuple(int(x) for x in numbers[1:-1])] += int(numbers[0])
    if want != have:
        raise Fail("ballots.blt does not carry the ballots of the ledger.", "ballots.blt")
    names = [line[1:-1].replace('\\"', '"').replace("\\\\", "\\") for line in text[end + 1 : end + 1 + len(ids)]]
    if names != [option["name"].replace("\n", " ") for option in p.definition["options"]]:
        raise Fail("ballots.blt names the options otherwise.", "ballots.blt")


def tally(p: Package) -> str:
    """The second count reproduces every round."""
    raw = p.archive.read("tally/rounds.json")
    count = load(raw, "tally/rounds.json")
    for where, said in (
        ("log/poll, result", p.one("result")["count"]),
        ("log/assembly, poll.published", p.about("poll.published")["count"]),
    ):
        if said != digest(raw):
            raise Fail("The count is not the one that was entered in the ledger.", where, said, digest(raw))
    published = p.about("poll.published")
    opened = digest(f"{published['seal']}{published['count']}".encode())
    if p.about("poll.tallied")["sealed"] != opened:
        raise Fail("The count was changed after it was made and before it was published.", "log/assembly, poll.tallied")
    rows = merged(p)
    input_ = digest(dump({"v": 1, "options": [o["id"] for o in p.definition["options"]], "ballots": rows}))
    if p.one("result")["input"] != input_ or count["input"]["digest"] != input_:
        raise Fail("The count was made from other ballots.", "tally/rounds.json", input_, count["input"]["digest"])
    rules = {key: value for key, value in p.definition["rules"].items() if key != "method"}
    if (
        count["rules"] != p.definition["rules"]
        or count["seats"] != p.definition["seats"]
        or count["options"] != p.definition["options"]
    ):
        raise Fail("The count names other rules, seats or options than the poll.", "tally/rounds.json")
    lots = [e["data"]["lot"] for e in p.kind("poll", "admin") if e["data"]["act"] == "lot"]
    names = {option["id"]: option["name"] for option in p.definition["options"]}
    ballots = Ballots([(row["ballot"], row["count"], Fraction(row["weight"])) for row in rows])
    mine = COUNTERS[p.definition["method"]](ballots, names, p.definition["seats"], rules, lots)
    _same(count, mine)
    total = sum(row["count"] for row in rows)
    return f"counted again from {total} ballots: {_verdict(mine, len(count['rounds']))}, as published."


def _verdict(mine: Any, rounds: int) -> str:
    if mine.outcome == "elected":
        return f"{', '.join(mine.winners)} elected" + (f", in {rounds} rounds" if rounds > 1 else "")
    return str(mine.outcome)


def _same(count: dict[str, Any], mine: Any) -> None:
    """Raise Fail at the first difference between the published count and the second one."""
    where = "tally/rounds.json"
    for name, theirs, ours in (
        ("outcome", count["outcome"], mine.outcome),
        ("winners", count["winners"], mine.winners),
        ("quota", count["quota"], mine.quota),
        ("blank ballots", count["input"]["blank"], mine.blank),
        ("spoilt ballots", count["input"]["spoilt"], mine.spoilt),
        ("valid ballots", count["input"]["valid"], mine.valid),
        ("number of rounds", len(count["rounds"]), len(mine.stages) or len(count["rounds"])),
    ):
        if theirs != ours:
            raise Fail(f"The published {name} is {theirs}; counted again it is {ours}.", where, ours, theirs)
    for n, (theirs, ours) in enumerate(zip(count["rounds"], mine.stages, strict=False), 1):
        for name, votes in ours.votes.items():
            if Fraction(theirs["votes"][name]) != votes:
                raise Fail(
                    f"Round {n}: {name} is published with {theirs['votes'][name]} votes, and has {votes}.",
                    f"{where}, round {n}",
                    str(votes),
                    theirs["votes"][name],
                )
        if set(theirs["votes"]) != set(ours.votes):
            raise Fail(f"Round {n} names other options.", f"{where}, round {n}")
        for name, said, found in (
            ("exhausted", Fraction(theirs["exhausted"]), ours.exhausted),
            ("residual", Fraction(theirs["residual"]), ours.residual),
            ("elected", theirs["elected"], ours.elected),
            ("excluded", theirs["excluded"], ours.excluded),
        ):
            if said != found:
                raise Fail(
                    f"Round {n}: published as {name} is {said}; counted again it is {found}.",
                    f"{where}, round {n}",
                    str(found),
                    str(said),
                )
    ties = [(t["round"], t["purpose"], frozenset(t["tied"]), t["chosen"]) for t in count["ties"]]
    if ties != mine.ties:
        raise Fail("The ties are published otherwise than they occur.", where, str(mine.ties), str(ties))
    tests = [(t["name"], Fraction(t["left"]), Fraction(t["right"]), t["holds"]) for t in count["tests"]]
    if tests != mine.tests:
        raise Fail("The inequalities are published otherwise than they are.", where, str(mine.tests), str(tests))
