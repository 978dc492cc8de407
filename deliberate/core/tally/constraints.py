"""Constraints: at least and at most so many of a group are to be elected; guarded and doomed options by exact search.

A completion is a way to fill the places left from the continuing options that keeps to every constraint. An option is guarded
when every completion holds it, so it cannot be excluded; doomed when none does, so it cannot be elected (guard and doom: I. D.
Hill, STV with constraints, Voting matters 9, 1998). Every method that elects one by one can ask, committees too: options that no
group tells apart are alike, so the search counts them by kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deliberate.core.errors import DeliberateError
from deliberate.core.sentences import mark
from deliberate.core.tally.record import Question, number
from deliberate.core.tally.registry import Setting

STATES = 100_000
"""The most states that one search may look at."""


@dataclass(frozen=True)
class Group:
    """Of these options, by name, at least ``least`` and at most ``most`` are to be elected; None: no upper bound."""

    name: str
    options: frozenset[str]
    least: int
    most: int | None


def read(value: Any) -> list[dict[str, Any]]:
    """A reader for constraints, in their canonical form; options are named by id.

    >>> read("women 2..: o1 o3 o5; north ..1: o2 o4")
    [{'name': 'north', 'options': ['o2', 'o4'], 'least': 0, 'most': 1}, {'name': 'women', 'options': ['o1', 'o3', 'o5'], 'least': 2, 'most': None}]
    """
    listed = [_parsed(part) for part in value.split(";") if part.strip()] if isinstance(value, str) else list(value)
    made = sorted((_canonical(one) for one in listed), key=lambda one: str(one["name"]))
    if len({one["name"] for one in made}) < len(made):
        raise ValueError(mark("Each group has a name of its own."))
    return made


def _parsed(text: str) -> dict[str, Any]:
    head, colon, options = text.partition(":")
    name, _, bounds = head.strip().rpartition(" ")
    found = re.fullmatch(r"([0-9]{0,4})\.\.([0-9]{0,4})", bounds)
    if not found or not colon:
        raise ValueError(mark("Write NAME LEAST..MOST: ID ID ID, with semicolons between groups."))
    return {
        "name": name.strip(),
        "options": options.split(),
        "least": int(found[1] or 0),
        "most": int(found[2]) if found[2] else None,
    }


def _canonical(one: Mapping[str, Any]) -> dict[str, Any]:
    name, options, least, most = one["name"], sorted(one["options"]), one.get("least", 0), one.get("most")
    if set(one) - {"name", "options", "least", "most"} or not isinstance(name, str) or not name.strip():
        raise ValueError(mark("A group has a name, options, least and most."))
    if not options or len(set(options)) < len(options) or not all(isinstance(option, str) for option in options):
        raise ValueError(mark("A group names its options, each once."))
    bounds = [least] if most is None else [least, most]
    if any(type(bound) is not int or not 0 <= bound < 10_000 for bound in bounds) or bounds[0] > bounds[-1]:
        raise ValueError(mark("The least and the most are whole numbers, the least not above the most."))
    return {"name": name, "options": options, "least": least, "most": most}


CONSTRAINTS: dict[str, Setting] = {
    "constraints": Setting(
        [],
        mark("Groups of which at least or at most so many are to be elected, as NAME LEAST..MOST: ID ID ID."),
        read,
    )
}


def check(question: Question, rules: Mapping[str, Any]) -> None:
    """Raise DeliberateError ``tally.constraints`` if a group names an option that the question never had."""
    known = {option.id for option in question.options}
    for one in rules.get("constraints", ()):
        for option in one["options"]:
            if option not in known:
                raise DeliberateError(
                    mark('The group %(group)s names "%(option)s".', group=one["name"], option=option),
                    "It is not an option of this question.",
                    mark("Name some of: %(options)s.", options=", ".join(sorted(known))),
                    "tally.constraints",
                )


class Constraints:
    """The constraints of a question, and what they forbid as a count stands. Without groups it is false and forbids nothing."""

    def __init__(self, question: Question, rules: Mapping[str, Any]) -> None:
        """Raises DeliberateError ``tally.constraints`` when no set of winners keeps to them; options that withdrew are left out."""
        names = {option.id: option.name for option in question.options}
        self.names = list(names.values())
        self.places = min(question.seats, len(names))
        self.groups = tuple(
            Group(one["name"], frozenset(names[o] for o in one["options"] if o in names), one["least"], one["most"])
            for one in rules.get("constraints", ())
        )
        if not self.possible((), names.values()):
            raise DeliberateError(
                "The constraints cannot all be kept.",
                mark(
                    "No way to fill the seats (%(seats)s) keeps to %(groups)s.",
                    seats=self.places,
                    groups=", ".join(group.name for group in self.groups),
                ),
                "Change the constraints; if options have withdrawn, the chair decides how the poll goes on.",
                "tally.constraints",
            )

    def __bool__(self) -> bool:
        return bool(self.groups)

    def as_json(self, winners: Collection[str]) -> dict[str, Any]:
        """``{"constraints": [...]}`` with how many of each group were elected; nothing where there are none."""
        listed = [
            {
                "name": group.name,
                "options": [name for name in self.names if name in group.options],
                "least": group.least,
                "most": group.most,
                "elected": len(group.options.intersection(winners)),
            }
            for group in self.groups
        ]
        return {"constraints": listed} if listed else {}

    def possible(self, elected: Collection[str], left: Iterable[str]) -> bool:
        """Whether the places left can be filled from ``left`` so that all constraints are kept. Options are names."""
        if not self.groups:
            return True
        kinds = Counter(tuple(name in group.options for group in self.groups) for name in left)
        used = tuple(len(group.options.intersection(elected)) for group in self.groups)
        return self._search(sorted(kinds.items()), self.places - len(elected), used)

    def doomed(self, elected: Collection[str], left: Collection[str]) -> dict[str, str]:
        """Continuing options that no completion holds, each with the reason."""
        return self._asked(left, lambda name, rest: self.possible([*elected, name], rest), self._why_doomed, elected)

    def guarded(self, elected: Collection[str], left: Collection[str]) -> dict[str, str]:
        """Continuing options that every completion holds, each with the reason."""
        return self._asked(left, lambda _, rest: self.possible(elected, rest), self._why_guarded, elected)

    def _asked(self, left: Collection[str], ask: Any, why: Any, elected: Collection[str]) -> dict[str, str]:
        """The options for which the question is answered no, each with the reason; options of one kind have one answer."""
        answers: dict[tuple[bool, ...], bool] = {}
        found: dict[str, str] = {}
        for name in left if self.groups else ():
            kind = tuple(name in group.options for group in self.groups)
            if kind not in answers:
                answers[kind] = ask(name, [other for other in left if other != name])
            if not answers[kind]:
                found[name] = why(name, elected, left)
        return found

    def _search(self, kinds: list[tuple[tuple[bool, ...], int]], places: int, used: tuple[int, ...]) -> bool:
        """Whether ``places`` options can be taken from the kinds: level by level, over the numbers of each group so far."""
        states = {(places, used)}
        for kind, there in kinds:
            states = {
                (room - taken, tuple(n + taken * inside for n, inside in zip(held, kind, strict=True)))
                for room, held in states
                for taken in range(min(there, room) + 1)
            }
            states = {state for state in states if self._within(state[1])}
            if len(states) > STATES:
                raise DeliberateError(
                    "The constraints are too many to search.",
                    mark("More than %(states)s cases are open.", states=f"{STATES:,}"),
                    "Use fewer groups that overlap.",
                    "tally.constraints",
                )
        return any(not room and self._enough(held) for room, held in states)

    def _within(self, held: tuple[int, ...]) -> bool:
        return all(group.most is None or n <= group.most for group, n in zip(self.groups, held, strict=True))

    def _enough(self, held: tuple[int, ...]) -> bool:
        return self._within(held) and all(n >= group.least for group, n in zip(self.groups, held, strict=True))

    def _why_doomed(self, name: str, elected: Collection[str], left: Collection[str]) -> str:
        room = self.places - len(elected)
        for group in self.groups:
            held = len(group.options.intersection(elected))
            if name in group.options and held == group.most:
                return f"of {group.name} at most {group.most} may be elected, and {number(held, 'is', 'are')}"
            if name not in group.options and group.least - held == room:
                return (
                    f"of {group.name} at least {group.least} must be elected, and {number(room, 'place is', 'places are')} left "
                    f"for {number(room, 'more', 'more')}"
                )
        return self._together()

    def _why_guarded(self, name: str, elected: Collection[str], left: Collection[str]) -> str:
        room = self.places - len(elected)
        for group in self.groups:
            held, there = len(group.options.intersection(elected)), len(group.options.intersection(left))
            if name in group.options and held + there == group.least:
                return f"of {group.name} at least {group.least} must be elected, and no more are left"
            if name not in group.options and group.most is not None and len(left) - there + group.most - held == room:
                return f"of {group.name} at most {group.most} may be elected, and the other places need all others"
        return self._together()

    def _together(self) -> str:
        return f"no other way to fill the places left keeps to {' and '.join(group.name for group in self.groups)}"


def because(doomed: Mapping[str, str]) -> str:
    """Why doomed options leave; options with one reason share it."""
    by: dict[str, list[str]] = {}
    for name, why in doomed.items():
        by.setdefault(why, []).append(name)
    return "; ".join(f"{why}, which dooms {', '.join(names)}" for why, names in by.items())
