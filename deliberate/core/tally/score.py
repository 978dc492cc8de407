"""Score: each ballot gives numbers to options; the highest sum or mean wins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.core.ballot import Aggregate
from deliberate.core.ledger.canonical import exact
from deliberate.core.sentences import mark
from deliberate.core.tally import choices
from deliberate.core.tally.record import Question, Result, number
from deliberate.core.tally.registry import LOT_OPTIONS, Setting, method, one_of, whole
from deliberate.core.tally.ties import Ties

_RANGE = re.compile(r"(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})")


def _range(value: Any) -> list[int]:
    """A reader for the least and the greatest score, as ``0..5`` or as a list of two."""
    found = _RANGE.fullmatch(value) if isinstance(value, str) else None
    least, most = map(int, found.groups()) if found else value
    if (isinstance(value, str) and not found) or any(type(end) is not int for end in (least, most)) or least >= most:
        raise ValueError(mark("Write two whole numbers, such as 0..5, the lower first."))
    return [least, most]


RANGE = Setting([0, 5], mark("The least and the greatest score; a ballot with another is spoilt."), _range)


@dataclass(frozen=True)
class Scores:
    """rows: (scores by name of option, weight of all such ballots), valid ones only; sums and givers: by name of option.

    givers: the weight of the ballots that gave the option a score. blank, spoilt and valid are numbers of papers.
    """

    rows: tuple[tuple[Mapping[str, int], Fraction], ...]
    sums: Mapping[str, Fraction]
    givers: Mapping[str, Fraction]
    blank: int
    spoilt: int
    valid: int
    weight: Fraction

    @property
    def votes(self) -> dict[str, str]:
        """The sum of each option as a round records it."""
        return {name: exact(total) for name, total in self.sums.items()}

    @property
    def given(self) -> str:
        """All scores together: what the votes of a round add up to."""
        total = sum((weight * sum(scores.values()) for scores, weight in self.rows), Fraction(0))
        assert total == sum(self.sums.values()), "scores are conserved"
        return exact(total)

    @property
    def sizes(self) -> dict[str, Any]:
        """What a Result says of the ballots."""
        return {"blank": self.blank, "spoilt": self.spoilt, "valid": self.valid, "weight": exact(self.weight)}

    def at(self, score_: int) -> dict[str, Fraction]:
        """For each option the weight of the ballots that give it this score."""
        return {
            name: sum((weight for scores, weight in self.rows if scores.get(name) == score_), Fraction(0))
            for name in self.sums
        }


def read(question: Question, ballots: Aggregate, ends: Sequence[int]) -> Scores:
    """Read score ballots. One without a score is blank; one with a score outside the range is spoilt."""
    names = {option.id: option.name for option in question.options}
    sums = {option.name: Fraction(0) for option in question.options}
    givers = dict(sums)
    rows: list[tuple[Mapping[str, int], Fraction]] = []
    blank = spoilt = valid = 0
    weight = Fraction(0)
    for row in ballots.rows:
        if not row.scores:
            blank += row.count
        elif not all(ends[0] <= given <= ends[1] for given in row.scores.values()):
            spoilt += row.count
        else:
            held = row.weight * row.count
            rows.append(({names[option]: given for option, given in row.scores.items()}, held))
            valid += row.count
            weight += held
            for option, given in row.scores.items():
                sums[names[option]] += given * held
                givers[names[option]] += held
    return Scores(tuple(rows), sums, givers, blank, spoilt, valid, weight)


@method(
    "score",
    title="Scores, highest sum or mean",
    ballot="score",
    winners="seats",
    source="Common usage: score voting, also called range voting",
    about=mark(
        "Each member gives every option a number. The option with the highest sum wins, or with the highest mean where the rules "
        "say so. So it counts how much members like an option, not only whether they do."
    ),
    family="points",
    good_for="Finding what most can live with, in a group that scores honestly.",
    options={
        **LOT_OPTIONS,
        "range": RANGE,
        "measure": Setting(
            "sum", mark("What is compared: the sum of the scores or their mean."), one_of("sum", "mean")
        ),
        "unscored": Setting(
            "0",
            mark("An option that a ballot does not score gets 0, or the ballot is left out of its mean."),
            one_of("0", "ignore"),
        ),
        "minimum": Setting(
            0, mark("Least number of scores, by weight, that an option needs in order to win."), whole(0)
        ),
    },
)
def score(
    question: Question, ballots: Aggregate, rules: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]
) -> Result:
    """Add the scores. Raises ValueError for unscored options that are ignored in a sum."""
    if rules["unscored"] == "ignore" and rules["measure"] == "sum":
        raise ValueError(mark("A sum cannot leave out the ballots that do not score an option. Compare the mean."))
    read_ = read(question, ballots, rules["range"])
    ties = Ties(question, rules, lots, exact)
    means = {
        name: total / base if (base := read_.givers[name] if rules["unscored"] == "ignore" else read_.weight) else None
        for name, total in read_.sums.items()
    }
    held = {
        name: total if rules["measure"] == "sum" else mean
        for (name, total), mean in zip(read_.sums.items(), means.values(), strict=True)
        if mean is not None and read_.givers[name] >= rules["minimum"]
    }
    outcome, winners, says = _elect(question.seats, read_, held, rules, ties)
    table = {
        name: {"sum": exact(total), "given": exact(read_.givers[name]), "mean": None if mean is None else exact(mean)}
        for (name, total), mean in zip(read_.sums.items(), means.values(), strict=True)
    }
    return choices.one_round(
        outcome, winners, says, read_.votes, ties, read_.sizes, read_.given, facts={"scores": table}
    )


def _elect(
    seats: int, read_: Scores, held: Mapping[str, Fraction], rules: Mapping[str, Any], ties: Ties
) -> tuple[str, tuple[str, ...], str]:
    """Outcome, winners and the sentence. An option with too few scores cannot win, whatever its mean."""
    least = rules["minimum"]
    if not read_.valid and (least or len(read_.sums) > seats):
        return "no valid ballots", (), "Nobody scored any option."
    if not read_.valid:
        held = read_.sums
    few = [name for name in read_.sums if name not in held]
    said = f"Fewer than {number(least or 1, 'score')}: {', '.join(few)}. " if few else ""
    said += "By the mean of the scores: " if rules["measure"] == "mean" and len(held) > seats else ""
    if not held:
        return "lost", (), f"{said}No option has enough scores."
    outcome, winners, says = choices.elect(seats, held, ties, "point")
    return outcome, winners, said + says
