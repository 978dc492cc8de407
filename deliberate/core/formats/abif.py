"""ABIF: ``27:A>B=C`` or ``27:A/5,B/3`` for equal ballots, ``=A:[Whole name]`` for options, ``{"title": "..."}``, ``#`` remarks.

Source: the Aggregated Ballot Information Format (electorama/abif on GitHub, electowiki.org), of which there are drafts but no
standard. Names with blanks or signs stand in square brackets. Tokens that no line declares are options only if no line
declares any. Ballots whose every mark carries a score are score ballots, unless a ranking (by ``>`` and ``=``) or a choice
(what has a score above 0) is asked for.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from deliberate.core import ballot as ballots
from deliberate.core.drafting.text import normal
from deliberate.core.formats import Election, Format, lacks, odd_name, other_kinds, register
from deliberate.core.formats.source import Box, Lines, check_options, check_size
from deliberate.core.tally.record import Option, Question

_LINE = re.compile(r"\s*(\d{1,15})\s*[:*](.*)")
_NAMED = re.compile(r"\s*=\s*(?:\[([^\]]*)\]|([^\s:\[\]]+))\s*:\s*(?:\[([^\]]*)\]|(.*?))\s*$")
_MARK = re.compile(r"\s*(?:\[([^\]]*)\]|([^\s>=,/\[\]:{}]+))\s*(?:/\s*([0-9]{1,9}))?\s*([>=,]|$)")
_TITLE = re.compile(r'\{\s*"?(\w+)"?\s*:\s*(.*)\}\s*$')


Parts = tuple[tuple[str, str, str], ...]
"""A ballot as it stands: token, score or nothing, sign that follows."""


class Reader(Lines):
    """The file as it is read."""

    def __init__(self, lines: Iterable[str], file: str, kind: str | None) -> None:
        super().__init__(lines, file, "format.abif")
        self.kind = kind
        self.names: dict[str, str] = {}
        self.title, self.seats = "", 1
        self.counted: Counter[Parts] = Counter()
        self.first: dict[Parts, int] = {}
        self.papers = 0

    def read(self) -> Election:
        for text in self:
            body = text.strip()
            if body.startswith("{"):
                self._said(text)
            elif body.startswith("="):
                self._option(text)
            elif body and not body.startswith("#"):
                self._ballot(text)
        if not self.line:
            self.empty("lines such as 27:A>B>C")
        if not self.names:
            tokens = {token for parts in self.counted for token, _, _ in parts}
            self.names = {token: token for token in sorted(tokens)}
        check_options(self, len(self.names))
        ids = {token: f"o{n}" for n, token in enumerate(self.names, 1)}
        options = tuple(Option(ids[token], name) for token, name in self.names.items())
        kind = self._kind()
        box = Box(self)
        for parts, times in self.counted.items():
            self.line = self.first[parts]
            box.add(self._made(parts, kind, ids), times)
        return Election(Question(self.title, options, self.seats), box.merged(options), tuple(self.notes))

    def _said(self, text: str) -> None:
        """A line of metadata: JSON, or with a bare key. Title and seats are read."""
        found = _TITLE.fullmatch(text.strip())
        try:
            value = json.loads(found[2]) if found and found[1] in ("title", "seats") else None
        except (ValueError, RecursionError):
            self.refuse(
                text.index("{") + 1, "the metadata cannot be read", 'JSON on one line such as {"title": "A chair"}'
            )
        if found is None:
            self.refuse(text.index("{") + 1, "the metadata cannot be read", 'one key such as {"title": "A chair"}')
        if found[1] == "title":
            self.title = normal(str(value))
        elif found[1] == "seats":
            self.seats = self.whole(str(value), text.index(":") + 1, "the number of seats")

    def _option(self, text: str) -> None:
        found = _NAMED.fullmatch(text)
        if found is None:
            self.refuse(1, "the option cannot be read", "a line such as =A:[Whole name]")
        token = (found[1] or found[2]).strip()
        if token in self.names:
            self.refuse(found.start(1 if found[1] else 2) + 1, f'"{token[:20]}" is declared twice', "each option once")
        place = 3 if found[3] is not None else 4
        self.names[token] = self.name(found[place] or token, found.start(place) + 1, self.names.values())

    def _ballot(self, text: str) -> None:
        found = _LINE.fullmatch(text)
        if found is None:
            self.refuse(1, f'the line "{text.strip()[:40]}" cannot be read', "a line such as 27:A>B=C")
        times = self.whole(found[1], found.start(1) + 1, "the number of ballots")
        body, at = found[2], 0
        parts: list[tuple[str, str, str]] = []
        while body[at:].strip():
            mark = _MARK.match(body, at)
            column = found.start(2) + at + 1
            if mark is None:
                self.refuse(column, f'"{body[at : at + 20].strip()}" cannot be read', "options divided by > = or ,")
            if mark[4] and not body[mark.end() :].strip():
                self.refuse(found.start(2) + mark.end(), f'nothing follows "{mark[4]}"', "another option")
            token = normal(mark[1] if mark[1] is not None else mark[2]).strip()
            if any(token == one for one, _, _ in parts):
                self.refuse(column, f'"{token[:20]}" stands twice on one ballot', "each option at most once")
            if self.names and token not in self.names:
                token = self._by_name(token, column)
            parts.append((token, mark[3] or "", mark[4]))
            at = mark.end()
        self.counted[tuple(parts)] += times
        self.first.setdefault(tuple(parts), self.line)
        self.papers += times
        check_size(self, len(self.first), self.papers)

    def _by_name(self, token: str, column: int) -> str:
        """The token of an option that a ballot calls by its whole name."""
        for known, name in self.names.items():
            if name == token:
                return known
        return self.refuse(column, f'"{token[:20]}" is not declared', f"one of {', '.join(list(self.names)[:10])}")

    def _kind(self) -> str:
        """What the ballots are: as asked, else a score where all marks carry one, else a ranking."""
        scored = all(score for parts in self.counted for _, score, _ in parts) and any(self.counted)
        kind = self.kind or ("score" if scored else "ranking")
        for parts in self.counted:
            missing = kind == "score" and any(not score for _, score, _ in parts)
            if missing or (kind == "ranking" and any(sign == "," for _, _, sign in parts)):
                self.line = self.first[parts]
                expected = "a score such as A/5 for each option" if missing else "options divided by > and ="
                self.refuse(1, f"the ballot is not a {kind}", expected)
        if kind not in ("score", "ranking", "choice"):
            self.refuse(1, f"the file cannot hold {kind} ballots", "score, ranking or choice")
        return kind

    def _made(self, parts: Parts, kind: str, ids: dict[str, str]) -> dict[str, Any]:
        if kind == "score":
            return ballots.score(**{ids[token]: int(score) for token, score, _ in parts})
        if kind == "choice":
            return ballots.choice(
                *sorted((ids[token] for token, score, _ in parts if score != "0"), key=lambda one: int(one[1:]))
            )
        ranks: list[list[str]] = []
        joined = False
        for token, _, sign in parts:
            if joined:
                ranks[-1].append(ids[token])
            else:
                ranks.append([ids[token]])
            joined = sign == "="
        return ballots.ranking(*ranks)


def read(lines: Iterable[str], file: str = "ballots.abif", kind: str | None = None) -> Election:
    """The election in an ABIF file. kind: of the ballots, where scores stand beside an order. Raises FormatError."""
    return Reader(lines, file, kind).read()


def refuses(election: Election) -> str:
    """Why it cannot be written: choices and answers, several kinds, negative scores, skipped ranks, fractions, brackets."""
    if why := other_kinds(election, "ranking", "score"):
        return why
    if len(election.ballots.kinds) > 1:
        return "It holds one kind of ballots."
    if election.ballots.kinds == {"score"} and not any(row.scores for row in election.ballots.rows):
        return "No ballot has a score."
    for row in election.ballots.rows:
        if (row.weight * row.count).denominator > 1:
            return "It counts whole ballots."
        if row.ballot["kind"] == "score":
            if any(score < 0 for score in row.scores.values()):
                return "It has no scores below 0."
        elif not all(row.ranks) or len({one for rank in row.ranks for one in rank}) < sum(map(len, row.ranks)):
            return "A ballot skips a rank or names an option twice."
    return odd_name(election, "[]", title=True)


def loses(election: Election) -> tuple[str, ...]:
    """Weights, withdrawals, money."""
    return lacks(election, "title", "seats", "blank")


def write(election: Election) -> str:
    """The election as ABIF: options declared with short words."""
    asked = election.question
    token = {option.id: f"c{n}" for n, option in enumerate(asked.options, 1)}
    lines = ['{"version": "0.1"}']
    lines += [json.dumps({"title": asked.title}, ensure_ascii=False)] if asked.title else []
    lines += [json.dumps({"seats": asked.seats})] if asked.seats > 1 else []
    lines += [f"={token[option.id]}:[{option.name}]" for option in asked.options]
    for row in election.ballots.rows:
        if row.ballot["kind"] == "score":
            said = ",".join(f"{token[one]}/{row.scores[one]}" for one in token if one in row.scores)
        else:
            said = ">".join("=".join(token[one] for one in rank) for rank in row.ranks)
        lines.append(f"{int(row.count * row.weight)}:{said}")
    return "\n".join(lines) + "\n"


def looks(head: str) -> bool:
    """Whether a file that begins so has lines of ballots with a colon and options."""
    return bool(re.search(r"^\s*\d+\s*[:*]\s*[\[A-Za-z]", head, re.MULTILINE)) and "DATA TYPE" not in head


ABIF = register(
    Format(
        "abif",
        "Aggregated Ballot Information Format",
        ("abif",),
        looks,
        read,
        ("kind",),
        write=write,
        refuses=refuses,
        loses=loses,
    )
)
