"""NIST SP 1500-103 cast-vote records, JSON: the ballots of one contest, read record by record.

Of each record the snapshot that ``CurrentSnapshotId`` names counts. A mark counts unless ``IsAllocable`` or ``HasIndication`` says
no; where neither is known it does not. ``Rank`` stands on the selection position (or, in older files, on the selection). A record
without the contest is no ballot in it; a contest without marks is a blank one. The format has no field for weights:
``FractionalVotes`` are not read. ``strict`` also checks members, types and words against the specification.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from deliberate.core import ballot as ballots
from deliberate.core.drafting.text import normal
from deliberate.core.formats import MOST_OPTIONS, Election, Format, register
from deliberate.core.formats.cvr import CLASSES, fault
from deliberate.core.formats.jsons import Stream
from deliberate.core.formats.source import Box, check_options, check_size
from deliberate.core.tally.record import Option, Question

Marks = tuple[tuple[int, str, int], ...]
"""(rank, or 0 without one; id of the selection, or "" of a write-in that nobody declared; votes) for each mark."""
POOL = "Undeclared write-ins"
_REPORT = "CastVoteRecordReport"


class Reader:
    """The report as it is read. Contests may be described after the ballots."""

    def __init__(self, pieces: Iterable[str], file: str, contest: str | None, strict: bool) -> None:
        self.stream = Stream(pieces, file, "format.nist")
        self.contest, self.strict = contest, strict
        self.elections: list[Mapping[str, Any]] = []
        self.parties: dict[str, str] = {}
        self.counted: dict[str, Counter[Marks]] = {}
        self.first: dict[tuple[str, str], tuple[int, int]] = {}  # contest and selection: line and column of the record
        self.unranked: dict[str, tuple[int, int]] = {}  # contest: where the first mark without a rank stands
        self.cast: Counter[str] = Counter()
        self.unread = self.fractional = 0

    def refuse(self, _column: int, what: str, expected: str) -> NoReturn:
        """Raise FormatError for the record that was read last."""
        self.stream.wrong(what, expected)

    def read(self) -> Election:
        seen: set[str] = set()
        for key, value in self.stream.members(("CVR", "Election", "Party")):
            seen.add(key)
            if self.strict:
                self._check(key, value)
            if key == "CVR":
                self._record(value)
            elif key == "Election":
                self.elections.append(self._object(value, "the election"))
            elif key == "Party":
                self.parties[self._text(value, "@id")] = str(value.get("Name", value["@id"]))
        if self.strict:
            missing = [name for name, (must, _) in CLASSES[_REPORT].items() if must and name not in seen]
            if missing:
                self.refuse(1, f"the report has no {missing[0]}", "all that the specification asks for")
        return self._election()

    def _check(self, key: str, value: Any) -> None:
        members = CLASSES[_REPORT]
        if key not in members:
            self.refuse(1, f"the report has no member {key[:30]}", "NIST SP 1500-103, version 1")
        type_ = members[key][1]
        if key in ("CVR", "Election", "Party") and type_.endswith("*"):
            type_ = type_[:-1]
        if value == [] and members[key][0]:
            self.refuse(1, f"the report has no {key}", "NIST SP 1500-103, version 1")
        if wrong := fault(value, type_):
            self.refuse(1, wrong, "NIST SP 1500-103, version 1")

    def _object(self, value: Any, what: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.refuse(1, f"{what} is no object", "an object")
        return value

    def _list(self, value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        listed = value.get(key, [])
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            self.refuse(1, f"{key} is no list of objects", "a list of objects")
        return listed

    def _text(self, value: Any, key: str) -> str:
        found = value.get(key) if isinstance(value, dict) else None
        if not isinstance(found, str) or not found:
            self.refuse(1, f"{key} is missing", f"a text under {key}")
        return found

    def _whole(self, value: Mapping[str, Any], key: str, default: int) -> int:
        found = value.get(key, default)
        if type(found) is not int or found < 0:
            self.refuse(1, f'{key} is "{str(found)[:20]}"', "a whole number")
        return found

    def _record(self, value: Any) -> None:
        """Add what one record says in each contest, or in the one that was asked for by its id."""
        record = self._object(value, "the record")
        current = self._text(record, "CurrentSnapshotId")
        found = [one for one in self._list(record, "CVRSnapshot") if one.get("@id") == current]
        if len(found) != 1:
            said = f'{len(found)} snapshots have the id "{current[:30]}"'
            self.refuse(1, said, "one snapshot with the id that CurrentSnapshotId names")
        for contest in self._list(found[0], "CVRContest"):
            one = self._text(contest, "ContestId")
            if self.contest in self.counted and one != self.contest:
                continue
            self.counted.setdefault(one, Counter())[tuple(sorted(self._marks(contest, one)))] += 1
            self.cast[one] += 1
            check_size(self, len(self.counted[one]), self.cast[one])

    def _marks(self, contest: Mapping[str, Any], one: str) -> Iterator[tuple[int, str, int]]:
        for selection in self._list(contest, "CVRContestSelection"):
            named = selection.get("ContestSelectionId", "")
            if not isinstance(named, str):
                self.refuse(1, "ContestSelectionId is no text", "a text")
            for position in self._list(selection, "SelectionPosition"):
                votes = self._whole(position, "NumberVotes", 1)
                self.fractional += "FractionalVotes" in position
                if not votes or not self._counts(position):
                    continue
                rank = self._whole(position, "Rank", self._whole(selection, "Rank", 0))
                if rank > MOST_OPTIONS:
                    self.refuse(1, f"the rank {rank} is too high", f"1 to {MOST_OPTIONS}")
                if (one, named) not in self.first:
                    self.first[one, named] = self.stream.place()
                if not rank and one not in self.unranked:
                    self.unranked[one] = self.stream.place()
                yield rank, named, votes

    def _counts(self, position: Mapping[str, Any]) -> bool:
        """Whether a position is a mark that may be counted."""
        marked, allowed = position.get("HasIndication", "unknown"), position.get("IsAllocable", "unknown")
        for key, word in (("HasIndication", marked), ("IsAllocable", allowed)):
            if word not in ("yes", "no", "unknown"):
                self.refuse(1, f'{key} is "{str(word)[:20]}"', "yes, no or unknown")
        if marked == "no":
            return False
        if allowed == "no" or marked == allowed == "unknown":
            self.unread += 1
            return False
        return True

    def _election(self) -> Election:
        election, contest = self._chosen()
        one = self._text(contest, "@id")
        options = self._options(election, contest, one)
        variation = contest.get("VoteVariation", "")
        counted = self.counted.get(one, Counter())
        ranked = variation == "rcv" or any(rank for marks in counted for rank, _, _ in marks)
        if ranked and one in self.unranked:
            said = "a mark of a ranked contest has no rank"
            self.stream.refuse_at(self.unranked[one], said, "Rank on each selection position")
        scored = not ranked and variation in ("cumulative", "range")
        place = {named: n for n, named in enumerate(options)}
        box = Box(self)
        for marks, times in counted.items():
            held = sorted(marks, key=lambda mark: (mark[0], place[mark[1]]))
            box.add(self._ballot(held, options, ranked, scored), times)
        seats = max(1, self._whole(contest, "NumberElected", 1))
        made = tuple(options.values())
        return Election(Question(str(contest.get("Name", "")), made, seats), box.merged(made), self._notes())

    def _notes(self) -> tuple[str, ...]:
        said = []
        if self.unread:
            said.append(f"Marks that may not be counted, by IsAllocable or HasIndication: {self.unread}.")
        if self.fractional:
            said.append(f"FractionalVotes were not read: {self.fractional} marks.")
        return tuple(said)

    def _chosen(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The contest asked for by id or name, or the only one."""
        pairs = [(election, one) for election in self.elections for one in self._list(election, "Contest")]
        wanted = self.contest
        found = [(e, one) for e, one in pairs if wanted in (None, one.get("@id"), one.get("Name"))]
        if wanted is None and len(found) > 1:
            found = [(e, one) for e, one in found if one.get("@id") in self.counted]
        if len(found) != 1:
            known = "; ".join(
                f"{one.get('@id')} ({one['Name']})" if "Name" in one else str(one.get("@id")) for _, one in pairs
            )
            said = f"there are {len(pairs)} contests" if wanted is None else f'there is no one contest "{wanted[:40]}"'
            self.refuse(1, said, f"the id of one of: {known[:2000] or 'none'}")
        return found[0]

    def _options(self, election: Mapping[str, Any], contest: Mapping[str, Any], one: str) -> dict[str, Option]:
        """Options by the ids of their selections, in declared order; a mark for another selection is refused where it stood."""
        people = {str(who.get("@id")): who for who in self._list(election, "Candidate")}
        made: dict[str, Option] = {}
        names: set[str] = set()
        for selection in self._list(contest, "ContestSelection"):
            key = self._text(selection, "@id")
            name = normal(self._name(selection, people)).strip() or key
            name = f"{name} ({key})" if name in names else name
            names.add(name)
            made[key] = Option(f"o{len(made) + 1}", name)
        for contest_id, named in self.first:
            if contest_id == one and named not in made:
                if named:
                    self.stream.refuse_at(
                        self.first[one, named],
                        f'"{named[:40]}" is no selection of the contest',
                        f"one of {', '.join(made)[:400]}",
                    )
                made[""] = Option(f"o{len(made) + 1}", POOL)
        check_options(self, len(made))
        return made

    def _name(self, selection: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> str:
        """What voters read: names of candidates or parties, or the answer to a measure; else the id."""
        if isinstance(selection.get("Selection"), str):
            return str(selection["Selection"])
        ids = selection.get("CandidateIds") or selection.get("PartyIds") or []
        if not isinstance(ids, list):
            self.refuse(1, "CandidateIds is no list", "a list of ids")
        names = [str(people[who].get("Name", who)) if who in people else self.parties.get(who, str(who)) for who in ids]
        return " / ".join(names) or ("Write-in" if selection.get("IsWriteIn") is True else "")

    def _ballot(
        self, marks: list[tuple[int, str, int]], options: Mapping[str, Option], ranked: bool, scored: bool
    ) -> dict[str, Any]:
        if scored:
            scores: Counter[str] = Counter()
            for _, named, votes in marks:
                scores[options[named].id] += votes
            return ballots.score(**scores)
        if ranked:
            ranks: list[dict[str, None]] = [{} for _ in range(max((rank for rank, _, _ in marks), default=0))]
            for rank, named, _ in marks:
                ranks[rank - 1][options[named].id] = None
            return ballots.ranking(*map(list, ranks))
        return ballots.choice(*dict.fromkeys(options[named].id for _, named, _ in marks))


def read(pieces: Iterable[str], file: str = "cvr.json", contest: str | None = None, strict: bool = False) -> Election:
    """One contest of a report. contest: its id or name, where there are several. Raises FormatError."""
    return Reader(pieces, file, contest, strict).read()


NIST = register(
    Format(
        "nist",
        "NIST SP 1500-103 cast-vote records, JSON",
        ("json",),
        lambda head: '"CVR.' in head or _REPORT in head,
        read,
        ("contest", "strict"),
        pieces=True,
    )
)
