"""The second count: every method that a poll can use, written apart from the server's, with whole numbers and fractions only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from deliberate.verifier.canon import Fail
from deliberate.verifier.ties import Breaker, LotNeeded

Ranks = tuple[tuple[str, ...], ...]


@dataclass
class Ballots:
    """Counted ballots: (ballot value, papers, weight of each)."""

    rows: list[tuple[dict[str, Any], int, Fraction]]


@dataclass
class Stage:
    """One round as it must stand in the record."""

    votes: dict[str, Fraction]
    exhausted: Fraction = Fraction(0)
    residual: Fraction = Fraction(0)
    elected: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What the second count finds."""

    outcome: str
    winners: list[str] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    quota: str | None = None
    blank: int = 0
    spoilt: int = 0
    valid: int = 0
    tests: list[tuple[str, Fraction, Fraction, bool]] = field(default_factory=list)
    ties: list[tuple[int, str, frozenset[str], str | None]] = field(default_factory=list)


def motion(
    ballots: Ballots, names: dict[str, str], seats: int, rules: dict[str, Any], lots: Sequence[dict[str, Any]]
) -> Outcome:
    """Yes, no, abstain."""
    held = {option: Fraction(0) for option in names}
    papers = blank = 0
    cast = Fraction(0)
    for ballot, count, weight in ballots.rows:
        papers += count
        cast += count * weight
        if ballot["marks"]:
            held[ballot["marks"][0]] += count * weight
        else:
            blank += count
    yes, no, abstain = held["yes"], held["no"], held["abstain"]
    tests: list[tuple[str, Fraction, Fraction, bool]] = []
    if rules["quorum"]:
        share = Fraction(rules["quorum"]["fraction"])
        took = Fraction(papers) if rules["quorum"]["by"] == "heads" else cast
        tests.append(_test("quorum", took, share, Fraction(rules["roll"][rules["quorum"]["by"]]), False))
    base = {
        "votes": lambda: yes + no,
        "votes+abstentions": lambda: yes + no + abstain,
        "roll": lambda: Fraction(rules["roll"]["weight"]),
        "present": lambda: Fraction(rules["present"]["weight"]),
    }[rules["basis"]]()
    tests.append(_test("majority", yes, Fraction(rules["threshold"]), base, rules["strict"]))
    least = Fraction(rules["min_yes"])
    if least:
        tests.append(("min_yes", yes, least, yes >= least))
    if rules["quorum"] and not tests[0][3]:
        outcome = "no quorum"
    elif yes == no and rules["tie"] == "casting" and rules["threshold"] == "1/2" and rules["basis"] == "votes":
        outcome = "tie"
    else:
        outcome = "carried" if yes > 0 and all(test[3] for test in tests) else "lost"
    stage = Stage({names[o]: v for o, v in held.items()}, elected=[names["yes"]] if outcome == "carried" else [])
    return Outcome(outcome, list(stage.elected), [stage], None, blank, 0, papers - blank, tests)


def _test(
    name: str, part: Fraction, share: Fraction, base: Fraction, strict: bool
) -> tuple[str, Fraction, Fraction, bool]:
    left, right = part * share.denominator, base * share.numerator
    return name, left, right, left > right if strict else left >= right


def plurality(
    ballots: Ballots, names: dict[str, str], seats: int, rules: dict[str, Any], lots: Sequence[dict[str, Any]]
) -> Outcome:
    """One mark each; the most win."""
    held = {name: Fraction(0) for name in names.values()}
    blank = valid = 0
    for ballot, count, weight in ballots.rows:
        if ballot["marks"]:
            held[names[ballot["marks"][0]]] += count * weight
            valid += count
        else:
            blank += count
    stage = Stage(held)
    made = Outcome("elected", [], [stage], None, blank, 0, valid)
    if not any(held.values()):
        made.outcome = "no valid ballots"
        return made
    best = [name for name in held if held[name] == max(held.values())]
    breaker = Breaker(list(names.values()), {n: o for o, n in names.items()}, rules, lots)
    try:
        winner = best[0] if len(best) == 1 else breaker.choose(best, "elect", 1)
        made.winners = stage.elected = [winner]
    except LotNeeded:
        made.outcome = "awaiting lot"
    made.ties = breaker.made
    return made


def strict_ranking(ballot: dict[str, Any]) -> list[str]:
    """The ranking up to the first missing, shared or repeated rank."""
    seen: list[str] = []
    for rank in ballot["ranks"]:
        if len(rank) != 1 or rank[0] in seen:
            break
        seen.append(rank[0])
    return seen


class Papers:
    """Groups of papers as they move: who holds them, at which place of their ranking, at which value."""

    def __init__(self, names: dict[str, str]) -> None:
        self.hands: dict[str, list[list[Any]]] = {name: [] for name in names.values()}
        self.live = set(names.values())

    def put(self, ranking: tuple[str, ...], count: Any, place: int, value: Any) -> str | None:
        """Give a group to its next live option; the name, or None if it is exhausted."""
        while place < len(ranking) and ranking[place] not in self.live:
            place += 1
        if place == len(ranking):
            return None
        self.hands[ranking[place]].append([ranking, count, place, value])
        return ranking[place]


def scottish(
    ballots: Ballots, names: dict[str, str], seats: int, rules: dict[str, Any], lots: Sequence[dict[str, Any]]
) -> Outcome:
    """Scottish STV in units of one hundred-thousandth of a vote."""
    one = 100_000
    made = Outcome("elected")
    groups: dict[tuple[str, ...], int] = {}
    for ballot, count, weight in ballots.rows:
        ranking = tuple(names[o] for o in strict_ranking(ballot))
        if not any(ballot["ranks"]):
            made.blank += count
        elif not ranking:
            made.spoilt += count
        else:
            made.valid += count
            if weight.denominator != 1:
                raise Fail("Scottish STV cannot count a weight with a fraction.", "ballots")
            groups[ranking] = groups.get(ranking, 0) + count * int(weight)
    total = sum(groups.values())
    quota = total // (seats + 1) + 1
    made.quota = str(quota)
    if not total:
        made.outcome = "no valid ballots"
        return made
    papers = Papers(names)
    votes = dict.fromkeys(names.values(), 0)
    for ranking, count in groups.items():
        holder = papers.put(ranking, count, 0, one)
        assert holder is not None
        votes[holder] += count * one
    state = _Scottish(
        papers, votes, quota, seats, Breaker(list(names.values()), {n: o for o, n in names.items()}, rules, lots), made
    )
    if seats >= len(names):
        made.winners = list(names.values())
        state.note(list(made.winners), [])
        return made
    state.note(state.elect(), [])
    try:
        while len(made.winners) < seats:
            state.step()
    except LotNeeded:
        made.outcome = "awaiting lot"
    made.ties = state.breaker.made
    return made


class _Scottish:
    """The stages of one count."""

    def __init__(
        self, papers: Papers, votes: dict[str, int], quota: int, seats: int, breaker: Breaker, made: Outcome
    ) -> None:
        self.papers, self.votes, self.quota, self.seats, self.breaker, self.made = (
            papers,
            votes,
            quota * 100_000,
            seats,
            breaker,
            made,
        )
        self.pending: list[str] = []
        self.out = self.lost = 0
        self.gone: list[str] = []

    def note(self, elected: list[str], excluded: list[str]) -> None:
        unit = Fraction(1, 100_000)
        held = {name: value * unit for name, value in self.votes.items()}
        self.made.stages.append(Stage(held, self.out * unit, self.lost * unit, elected, excluded))
        self.breaker.past.append(held)

    def elect(self) -> list[str]:
        live = [n for n in self.votes if n in self.papers.live]
        room = self.seats - len(self.made.winners)
        new = sorted((n for n in live if self.votes[n] >= self.quota), key=lambda n: -self.votes[n])[:room]
        self.pending += [n for n in new if self.votes[n] > self.quota]
        rest = [n for n in live if n not in new]
        if len(new) < room and len(rest) == room - len(new):
            new += sorted(rest, key=lambda n: -self.votes[n])
        self.papers.live -= set(new)
        self.made.winners += new
        return new

    def step(self) -> None:
        number = len(self.made.stages) + 1
        if self.pending:
            top = max(self.votes[n] for n in self.pending)
            tied = [n for n in self.pending if self.votes[n] == top]
            name = tied[0] if len(tied) == 1 else self.breaker.choose(tied, "surplus", number)
            self.pending.remove(name)
            surplus, held = self.votes[name] - self.quota, self.votes[name]
            self.votes[name] = self.quota
            moved = self.move(name, lambda value: surplus * value // held)
            self.lost += surplus - moved
            self.note(self.elect(), [])
            return
        live = [n for n in self.votes if n in self.papers.live]
        low = min(self.votes[n] for n in live)
        tied = [n for n in live if self.votes[n] == low]
        name = tied[0] if len(tied) == 1 else self.breaker.choose(tied, "exclude", number)
        self.papers.live.discard(name)
        self.votes[name] = 0
        self.move(name, lambda value: value)
        self.note(self.elect(), [name])

    def move(self, name: str, worth: Callable[[int], int]) -> int:
        """Pass on all papers of an option at a new value; what moved in all."""
        groups, self.papers.hands[name] = self.papers.hands[name], []
        moved = 0
        for ranking, count, place, value in groups:
            fresh = worth(value)
            moved += fresh * count
            to = self.papers.put(ranking, count, place + 1, fresh)
            if to is None:
                self.out += fresh * count
            else:
                self.votes[to] += fresh * count
        return moved


def irv_ranking(ballot: dict[str, Any], rules: dict[str, Any]) -> list[str]:
    """The ranking by the options for skipped, shared and repeated ranks."""
    found: list[str] = []
    ranks = ballot["ranks"] if rules["max_ranks"] is None else ballot["ranks"][: rules["max_ranks"]]
    gap = 0
    for rank in ranks:
        if not rank:
            gap += 1
            continue
        if rules["max_skipped"] is not None and gap > rules["max_skipped"]:
            break
        gap = 0
        repeated = [o for o in rank if o in found]
        if repeated and rules["duplicate"] == "exhaust":
            break
        rank = [o for o in rank if o not in found]
        if len(rank) > 1 and rules["overvote"] == "exhaust":
            break
        if len(rank) == 1:
            found.append(rank[0])
    return found


def irv(
    ballots: Ballots, names: dict[str, str], seats: int, rules: dict[str, Any], lots: Sequence[dict[str, Any]]
) -> Outcome:
    """Instant run-off by rounds of standings."""
    made = Outcome("elected")
    papers = Papers(names)
    votes = {name: Fraction(0) for name in names.values()}
    out = Fraction(0)
    groups: dict[tuple[str, ...], Fraction] = {}
    for ballot, count, weight in ballots.rows:
        if not any(ballot["ranks"]):
            made.blank += count
            continue
        made.valid += count
        ranking = tuple(names[o] for o in irv_ranking(ballot, rules))
        groups[ranking] = groups.get(ranking, Fraction(0)) + count * weight
    for ranking, weight in groups.items():
        to = papers.put(ranking, weight, 0, 1)
        if to is None:
            out += weight
        else:
            votes[to] += weight
    if not any(votes.values()):
        made.outcome = "no valid ballots"
        return made
    breaker = Breaker(list(names.values()), {n: o for o, n in names.items()}, rules, lots)
    first = sum(votes.values(), Fraction(0)) / 2
    try:
        while not made.winners:
            live = [n for n in votes if n in papers.live]
            half = first if rules["threshold_base"] == "first-round" else sum((votes[n] for n in live), Fraction(0)) / 2
            stage = Stage(dict(votes), out)
            made.stages.append(stage)
            top = max(live, key=lambda n: votes[n])
            if len(live) == 1 or (votes[top] > half and (not rules["continue_until_two"] or len(live) == 2)):
                made.winners = stage.elected = [top]
                break
            breaker.past.append(dict(votes))
            stage.excluded = _leaving(votes, live, rules, breaker, len(made.stages))
            papers.live -= set(stage.excluded)
            for name in stage.excluded:
                gone, papers.hands[name] = papers.hands[name], []
                votes[name] = Fraction(0)
                for ranking, weight, place, value in gone:
                    to = papers.put(ranking, weight, place + 1, value)
                    if to is None:
                        out += weight
                    else:
                        votes[to] += weight
    except LotNeeded:
        made.outcome = "awaiting lot"
    made.ties = breaker.made
    return made


def _leaving(
    votes: dict[str, Fraction], live: list[str], rules: dict[str, Any], breaker: Breaker, number: int
) -> list[str]:
    """Who leaves in this round."""
    if number == 1 and rules["minimum_votes"]:
        below = [n for n in live if votes[n] < rules["minimum_votes"]]
        if below and len(below) < len(live):
            return below
    if rules["batch"]:
        ranked = sorted(live, key=lambda n: votes[n])
        most = len(ranked) - 2 if rules["continue_until_two"] else len(ranked) - 1
        fits = [n for n in range(1, len(ranked)) if sum((votes[x] for x in ranked[:n]), Fraction(0)) < votes[ranked[n]]]
        best = min(max(fits, default=0), most)
        if best > 1:
            return ranked[:best]
    low = min(votes[n] for n in live)
    last = [n for n in live if votes[n] == low]
    if len(last) == 1 or (rules["tied_last"] == "all-together" and len(last) < len(live)):
        return last
    return [breaker.choose(last, "exclude", number)]


COUNTERS = {"motion": motion, "plurality": plurality, "irv": irv, "scottish-stv": scottish}
