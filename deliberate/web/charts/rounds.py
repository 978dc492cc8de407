"""Reading a Count round by round: who held what, what came, what left; shared by pictures and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from deliberate.web.charts.svg import value

Count = Mapping[str, Any]
Transfer = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One option in one round: ``held`` and ``change`` as written in the Count, ``state`` a code with its round."""

    name: str
    colour: str
    held: str
    own: Fraction
    came: Fraction
    left: Fraction
    state: str
    since: int | None

    @property
    def gone(self) -> bool:
        """Excluded in an earlier round, or now at zero."""
        return self.state in ("excluded", "leaves") and self.own == 0


def moves_at_end(count: Count) -> bool:
    """Whether transfers belong to the end of their round (IRV) rather than making the round (STV)."""
    return bool(count["rounds"] and (count["rounds"][0]["transfers"] or "inactive" in count["rounds"][0]))


def into(count: Count, n: int) -> Sequence[Transfer]:
    """The transfers that lead from round ``n - 1`` to round ``n`` (1-based)."""
    rounds = count["rounds"]
    if n < 2:
        return []
    found: Sequence[Transfer] = rounds[n - 2]["transfers"] if moves_at_end(count) else rounds[n - 1]["transfers"]
    return found


def order(count: Count) -> list[str]:
    """Names from first elected to first excluded; those left over stand between, the most votes first. Options that
    withdrew before the count are left out."""
    winners, excluded = list(count["winners"]), list(count["excluded"])
    gone = {*winners, *excluded, *count.get("withdrawn", ())}
    last = count["rounds"][-1]["votes"] if count["rounds"] else {}
    rest = [item["name"] for item in count["options"] if item["name"] not in gone]
    rest.sort(key=lambda name: -value(last.get(name, "0")))
    return winners + rest + [name for name in reversed(excluded) if name not in winners]


def colours(count: Count) -> dict[str, str]:
    """A colour class for every option, ``c1`` to ``c7`` in turn; ``c8`` is for exhausted votes."""
    return {name: f"c{place % 7 + 1}" for place, name in enumerate(order(count))}


def since(count: Count, field: str) -> dict[str, int]:
    """In which round each name was first listed in ``field`` (``elected`` or ``excluded``)."""
    found: dict[str, int] = {}
    for step in count["rounds"]:
        for name in step[field]:
            found.setdefault(name, step["n"])
    return found


def scale(count: Count) -> Fraction:
    """The full width of every bar: a tenth above the largest figure of the whole count, so that rounds compare."""
    figures = [value(text) for step in count["rounds"] for text in step["votes"].values()]
    figures += [value(step["quota"]) for step in count["rounds"]]
    return max([*figures, Fraction(1)]) * Fraction(11, 10)


def rows(count: Count, n: int) -> list[Row]:
    """The options as they stand in round ``n``, in the order of :func:`order`."""
    step = count["rounds"][n - 1]
    came: dict[str, Fraction] = {}
    left: dict[str, Fraction] = {}
    for move in into(count, n):
        left[move["from"]] = left.get(move["from"], Fraction(0)) + value(move["total"])
        if move["kind"] == "option":
            came[move["to"]] = came.get(move["to"], Fraction(0)) + value(move["total"])
    elected, excluded, paint = since(count, "elected"), since(count, "excluded"), colours(count)
    found = []
    for name in order(count):
        state, when = _state(elected.get(name), excluded.get(name), n)
        own = value(step["votes"].get(name, "0"))
        found.append(
            Row(
                name,
                paint[name],
                step["votes"].get(name, "0"),
                own,
                came.get(name, Fraction(0)),
                left.get(name, Fraction(0)),
                state,
                when,
            )
        )
    return found


def _state(elected: int | None, excluded: int | None, n: int) -> tuple[str, int | None]:
    """What to say of an option in round ``n``: wins, elected, leaves, excluded, or nothing yet."""
    if elected is not None and elected <= n:
        return ("wins" if elected == n else "elected"), elected
    if excluded is not None and excluded <= n:
        return ("leaves" if excluded == n else "excluded"), excluded
    return "", None


def change(count: Count, name: str, n: int) -> Fraction:
    """What an option, or ``exhausted`` or ``residual``, gained or lost on the way to round ``n``."""
    if n < 2:
        return Fraction(0)
    before, now = count["rounds"][n - 2], count["rounds"][n - 1]
    if name in ("exhausted", "residual") and name not in now["votes"]:
        return value(now[name]) - value(before[name])
    return value(now["votes"].get(name, "0")) - value(before["votes"].get(name, "0"))


def places(count: Count) -> int:
    """How many decimals the Count writes; 0 if it writes whole numbers or fractions."""
    return max((len(text.partition(".")[2]) for step in count["rounds"] for text in step["votes"].values()), default=0)


def written(number: Fraction, decimals: int) -> str:
    """A difference in the same form as the Count's own figures, exact: "+12.05048", "−26.00000", "+7/3"."""
    sign = "+" if number > 0 else "−"
    size = abs(number)
    if decimals:
        scaled = size * 10**decimals
        whole, rest = divmod(scaled.numerator // scaled.denominator, 10**decimals)
        return f"{sign}{whole}.{rest:0{decimals}d}"
    return f"{sign}{size}"


def total(count: Count, n: int) -> str:
    """The sum of a round: every option, exhausted and residual, in the form of the Count."""
    step = count["rounds"][n - 1]
    figures = [*step["votes"].values(), step["exhausted"], step["residual"]]
    return written(sum((value(text) for text in figures), Fraction(0)), places(count)).lstrip("+−")
