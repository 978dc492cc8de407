"""From the ballots of a file to a Count, or to a comparison: what the command line and the page for auditors share."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from deliberate.core import tally
from deliberate.core.errors import DeliberateError
from deliberate.core.formats import HEAD, Election, Format, infer, text
from deliberate.core.formats.every import FORMATS
from deliberate.core.sentences import mark
from deliberate.core.tally import Count, Option, Question
from deliberate.core.tally.comparison import Comparison, able, compare
from deliberate.core.tally.registry import Method, find

ANSWERS = (("yes", "for"), ("no", "against"), ("abstain", "abstention"))


def told(method: Method) -> dict[str, Any]:
    """What a reader of ballots for this method is told: their kind, and the words of answers to a motion."""
    words = [word for listed in ANSWERS for word in listed]
    return {"kind": method.ballot, **({"answers": words} if method.winners == "carried or lost" else {})}


@dataclass(frozen=True)
class Counted:
    """A Count with remarks on the file and on what was asked."""

    count: Count
    notes: tuple[str, ...]


def format_of(file: str, head: bytes, named: str = "") -> Format:
    """The format of this name; without one, that of the file by its name and how it begins.

    Raises DeliberateError ``count.format`` where it cannot be told.
    """
    found = FORMATS.get(named) if named else infer(file, head[:HEAD].decode("utf-8", "replace"))
    if found is None:
        raise DeliberateError(
            mark("The format of %(file)s is not known.", file=file),
            mark("Known are %(formats)s.", formats=", ".join(sorted(FORMATS))),
            "Name its format: on the command line with --format.",
            "count.format",
            {"format": mark("Choose the format of the file.")},
        )
    return found


def read(data: bytes, file: str, named: str = "", **asked: Any) -> Election:
    """The election that the bytes of a file hold. asked: what a format's reader may be told, as far as it takes it.

    Raises FormatError with line and column.

    >>> made = read(b"count,rank1,rank2\\n3,Ada,Bea\\n2,Bea,\\n", "b.csv")
    >>> [option.name for option in made.question.options], [row.count for row in made.ballots.rows]
    (['Ada', 'Bea'], [3, 2])
    """
    chosen = format_of(file, data, named)
    opened = (text.pieces if chosen.pieces else text.lines)(io.BytesIO(data), file)
    return chosen.read(opened, file, **{key: value for key, value in asked.items() if value and key in chosen.asks})


def rules_for(method: Method, settings: Mapping[str, Any], seed: str = "") -> dict[str, Any]:
    """The method's options as they were given, and the seed among them. seed: 64 hexadecimal digits, or a text to be hashed.

    Raises DeliberateError ``tally.rules`` for an option that the method does not have.
    """
    given = dict(settings)
    for key in given:
        if key not in method.options:
            near = get_close_matches(key, method.options, 1)
            raise DeliberateError(
                mark('The method %(name)s has no option "%(key)s".', name=method.name, key=key),
                mark("Its options are: %(known)s.", known=", ".join(sorted(method.options)) or mark("none")),
                mark("Did you mean %(near)s?", near=near[0]) if near else mark("Correct the name."),
                "tally.rules",
            )
    if seed and "ties" in method.options:
        policies = given["ties"].split(",") if "ties" in given else method.options["ties"].default
        others = [policy for policy in map(str.strip, policies) if policy not in ("lot", "seed")]
        given |= {"ties": ",".join([*others, "seed"]), "seed": digest(seed)}
    return given


def digest(seed: str) -> str:
    """A seed of 64 hexadecimal digits as it is; any other text by its SHA-256."""
    plain = seed.strip().lower()
    return plain if re.fullmatch("[0-9a-f]{64}", plain) else hashlib.sha256(seed.encode()).hexdigest()


def count(
    election: Election,
    method: Method,
    settings: Mapping[str, Any],
    seed: str = "",
    seats: int | None = None,
    lots: Sequence[Mapping[str, Any]] = (),
) -> Counted:
    """Count an election by one method. seats: instead of what the file says. Raises DeliberateError as :func:`tally.count`."""
    given = _money(method, election) | rules_for(method, settings, seed)
    asked, notes = _question(method, election, seats)
    if seed and "ties" not in method.options:
        notes.append(f"{method.name} draws no lots: the seed is not used.")
    made = tally.count(asked, election.ballots, {"method": method.name, **given}, lots)
    return Counted(made, tuple(notes))


def several(election: Election, names: Sequence[str] = (), seed: str = "", seats: int | None = None) -> Comparison:
    """Count an election by these methods, or by all that can. Raises DeliberateError ``tally.compare`` for fewer than two."""
    asked = replace(election.question, seats=seats or election.question.seats, withdrawn=election.withdrawn)
    chosen = [find(name) for name in names or able(election.ballots, asked.seats)]
    rules = [{"method": method.name, **_money(method, election), **rules_for(method, {}, seed)} for method in chosen]
    return compare(asked, election.ballots, rules)


def _money(method: Method, election: Election) -> dict[str, Any]:
    """Costs and budget of the file, for a method that asks for them."""
    found = {"costs": dict(election.costs), "budget": election.budget}
    return {key: value for key, value in found.items() if key in method.options and value}


def _question(method: Method, election: Election, seats: int | None) -> tuple[Question, list[str]]:
    """The question with its seats and without withdrawn options, and remarks."""
    asked, notes = election.question, list(election.notes)
    if method.winners == "carried or lost" and all(row.ballot["kind"] == "choice" for row in election.ballots.rows):
        asked = replace(asked, options=_answers(asked.options))
    if election.withdrawn:
        gone = [option.name for option in asked.options if option.id in election.withdrawn]
        notes.append(f"Withdrawn before the count: {', '.join(gone)}.")
    return replace(asked, seats=seats or asked.seats, withdrawn=election.withdrawn), notes


def _answers(options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Yes, no and abstain of a motion in this order, whatever their order in the file; those that nobody chose are added."""
    left = {option.name: option for option in options}
    made = []
    for n, words in enumerate(ANSWERS):
        name = next((name for name in left if name.casefold() in words), None)
        made.append(Option(f"answer{n}", words[0]) if name is None else left.pop(name))
    if left:
        raise DeliberateError(
            mark(
                '"%(name)s" is not an answer to a motion, or stands for one that is there already.',
                name=next(iter(left)),
            ),
            "A motion is answered yes, no or abstain.",
            "Write yes, no or abstain in the column choice, each answer in one way.",
            "tally.answer",
        )
    return tuple(made)
