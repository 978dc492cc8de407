"""Equal shares of the places: each vote holds an equal part, and those who mark an option pay for it together."""

from __future__ import annotations

from fractions import Fraction

from ..counting import Counter
from ..schema import among
from .committee import COMMITTEE, LATER, Look, Rule, State


def payment(supporters: list[tuple[Fraction, Fraction]], price: Fraction) -> Fraction | None:
    """What each vote pays so that the price is paid, where those who hold less pay all; nothing if they cannot."""
    rest, weight = price, sum((w for _, w in supporters), Fraction(0))
    for held, w in sorted(supporters):
        if held * weight >= rest:
            return rest / weight
        rest -= held * w
        weight -= w
    return None


class EqualShares(Rule):
    """The option that costs each of its supporters least, while any can be paid for; then the completion."""

    def start(self) -> State:
        """All places, in equal parts."""
        return State(frozenset(), (Fraction(self.poll.seats) / self.total,) * len(self.rows))

    def look(self, state: State) -> Look:
        """Least payment, least wait or most approvals."""
        left = self.left(state)
        rho = {} if state.completing else {i: x for i in left if (x := payment(self.supporters(i, state), Fraction(1))) is not None}
        if rho:
            least = min(rho.values())
            money = sum((held * w for held, (_, w) in zip(state.held, self.rows, strict=True)), Fraction(0))
            return Look([i for i in left if rho.get(i) == least], {"money": str(money)}, least)
        if self.poll.rules["completion"] == "phragmen":
            waits = {i: self.wait(i, state) for i in left if self.approvals[i]}
            best = [i for i in waits if waits[i] == min(waits.values())]
            return Look(best or left, {"waits": self.written(waits)} if waits else {})
        most = max(self.approvals[i] for i in left)
        return Look([i for i in left if self.approvals[i] == most and self.poll.rules["completion"] == "approval"], {})

    def same(self, state: State, look: Look) -> bool:
        """By approvals, whoever is level is elected as long as there are places for all of them."""
        by_approvals = look.pays is None and self.poll.rules["completion"] == "approval"
        return (by_approvals and len(look.best) <= self.poll.seats - len(state.elected)) or super().same(state, look)

    def wait(self, option: int, state: State) -> Fraction:
        """How much more each vote must be given until the supporters can pay."""
        return (1 - sum(held * w for held, w in self.supporters(option, state))) / self.approvals[option]

    def take(self, state: State, option: int, look: Look) -> State:
        """Its supporters pay; in a completion by waits all are given more first."""
        elected = state.elected | {option}
        if look.pays is not None:
            held = tuple(h - min(h, look.pays) if option in marks else h for (marks, _), h in zip(self.rows, state.held, strict=True))
            return State(elected, held)
        if "waits" not in look.facts or not self.approvals[option]:
            return State(elected, state.held, True)
        more = self.wait(option, state)
        held = tuple(Fraction(0) if option in marks else h + more for (marks, _), h in zip(self.rows, state.held, strict=True))
        return State(elected, held, True)


COUNTERS = {"equal-shares": Counter(lambda profile, poll: EqualShares(profile, poll).count(), "choice", {
    **COMMITTEE, "completion": among("none", "phragmen", "approval")}, LATER)}
