"""Where the votes went: a column for each round, pale bands for votes kept, darker ones for transfers (Sankey)."""

from __future__ import annotations

from fractions import Fraction

from markupsafe import Markup

from deliberate.core.sentences import mark
from deliberate.web.charts.rounds import Count, colours, into, order, since
from deliberate.web.charts.svg import labels, picture, short, tag, two_places, value
from deliberate.web.words import said

TOP, TALL, GAP, THICK, LINE = 62, 460.0, 10.0, 14, 16.0
LETTER = 7
REST = "\0rest"
SURPLUS, EXCLUDED, ELECTED = mark("surplus"), mark("excluded"), mark("elected")
Box = tuple[float, float]


def flow(count: Count, now: int | None = None) -> Markup:
    """The whole count as one picture; ``now`` (1-based) marks a round.

    Heights are in proportion to votes. Labels never overlap: they are spread, and a figure that has no room is left
    to the table. The picture keeps its natural size; a narrow page lets it scroll.
    """
    rounds = count["rounds"]
    step = 130 if len(rounds) <= 4 else 104
    names = [*order(count), REST]
    held = [_held(count, index, names) for index in range(len(rounds))]
    unit = _unit(held)
    columns = [_stack(column, names, unit) for column in held]
    bottom = max(y + size for column in columns for y, size in column.values())
    height = int(max(bottom + 24, TOP + max(map(len, columns)) * LINE + 24))
    ends = [_ends(count, names, held[end], last=end < 0) for end in (0, -1)]
    left, right = (16 + LETTER * max(sum(map(len, words)) for words in end.values()) for end in ends)
    left = max(left, 52)
    width = left + (len(rounds) - 1) * step + THICK + max(right if len(rounds) > 1 else 0, 52)
    paint = {**colours(count), REST: "c8"}
    xs = [left + index * step for index in range(len(rounds))]
    inside = []
    if now:
        inside.append(tag("rect", class_="cur", x=xs[now - 1] - 45, y=0, width=104, height=height, rx=8))
    for index in range(1, len(rounds)):
        bands = _bands(count, index, names, held, columns, unit, paint, xs)
        inside.append(tag("g", *bands, class_="now" if now == index + 1 else None))
    inside.append(tag("g", *_nodes(columns, paint, xs)))
    inside.append(tag("g", *_heads(count, xs), *_labels(ends, held, columns, xs, height - 8)))
    title, class_ = mark("Where the votes went, round by round"), "flow" if len(rounds) <= 7 else "flow long"
    return picture(title, _says(count), *inside, width=width, height=height, class_=class_)


def _held(count: Count, index: int, names: list[str]) -> dict[str, Fraction]:
    """What each option held in a round, with exhausted and residual votes as one rest."""
    step = count["rounds"][index]
    found = {name: value(step["votes"].get(name, "0")) for name in names if name != REST}
    return {**found, REST: value(step["exhausted"]) + value(step["residual"])}


def _unit(held: list[dict[str, Fraction]]) -> float:
    """Pixels for one vote, so that the fullest column with its gaps fits."""
    most = max((sum(column.values(), Fraction(0)) for column in held), default=Fraction(1)) or Fraction(1)
    gaps = max((sum(1 for votes in column.values() if votes > 0) for column in held), default=1) * GAP
    return max(40.0, TALL - gaps) / float(most)


def _stack(column: dict[str, Fraction], names: list[str], unit: float) -> dict[str, Box]:
    """Top and height of every box of a column; boxes without votes are left out."""
    y, found = float(TOP), {}
    for name in names:
        if column[name] > 0:
            size = float(column[name]) * unit
            found[name] = (y, size)
            y += size + GAP
    return found


def _moves(count: Count, n: int, names: list[str]) -> list[tuple[str, str, Fraction]]:
    """Transfers into round ``n`` as (from, to, votes), merged, in the order of the columns."""
    merged: dict[tuple[str, str], Fraction] = {}
    for move in into(count, n):
        pair = (move["from"], move["to"] if move["kind"] == "option" else REST)
        merged[pair] = merged.get(pair, Fraction(0)) + value(move["total"])
    place = {name: index for index, name in enumerate(names)}
    found = sorted(merged.items(), key=lambda item: (place[item[0][0]], place[item[0][1]]))
    return [(source, target, votes) for (source, target), votes in found]


def _bands(
    count: Count,
    index: int,
    names: list[str],
    held: list[dict[str, Fraction]],
    columns: list[dict[str, Box]],
    unit: float,
    paint: dict[str, str],
    xs: list[int],
) -> list[Markup]:
    """Everything between two columns: kept votes as pale bands at the top of each box, transfers below them."""
    before, after = columns[index - 1], columns[index]
    moves = [move for move in _moves(count, index + 1, names) if move[0] in before and move[1] in after]
    left, right = xs[index - 1] + THICK, xs[index]
    gone = {name: sum((v for a, _, v in moves if a == name), Fraction(0)) for name in names}
    start, end, found = {}, {}, []
    for name in names:
        kept = max(Fraction(0), min(held[index - 1][name] - gone[name], held[index][name]))
        size = float(kept) * unit
        start[name] = before.get(name, (0.0, 0.0))[0] + size
        end[name] = after.get(name, (0.0, 0.0))[0] + size
        if kept > 0 and name in before and name in after:
            found.append(_band(f"band {paint[name]}", left, before[name][0], right, after[name][0], size))
    for a, b, votes in moves:
        size = float(votes) * unit
        if size >= 0.1:
            found.append(_band(f"move {paint[a]}", left, start[a], right, end[b], size))
        start[a] += size
        end[b] += size
    return found


def _band(class_: str, x0: float, y0: float, x1: float, y1: float, size: float) -> Markup:
    """A band of constant height that leaves and arrives level."""
    mid = (x0 + x1) / 2
    return tag(
        "path",
        class_=class_,
        d=f"M{x0:g} {y0:.1f}C{mid:g} {y0:.1f} {mid:g} {y1:.1f} {x1:g} {y1:.1f}V{y1 + size:.1f}"
        f"C{mid:g} {y1 + size:.1f} {mid:g} {y0 + size:.1f} {x0:g} {y0 + size:.1f}z",
    )


def _nodes(columns: list[dict[str, Box]], paint: dict[str, str], xs: list[int]) -> list[Markup]:
    return [
        tag("rect", class_=f"node {paint[name]}", x=x, y=f"{y:.1f}", width=THICK, height=f"{max(size, 0.8):.1f}", rx=2)
        for x, column in zip(xs, columns, strict=True)
        for name, (y, size) in column.items()
    ]


def _heads(count: Count, xs: list[int]) -> list[Markup]:
    """The number of each round, and in two short lines what made it (or, in IRV, what ends it)."""
    found = []
    for x, step in zip(xs, count["rounds"], strict=True):
        found.append(tag("text", mark("Round %(n)s", n=step["n"]), class_="head", text_anchor="middle", x=x + 7, y=16))
        for line, words in enumerate(caption(count, step["n"], 13)):
            found.append(tag("text", words, class_="dim", text_anchor="middle", x=x + 7, y=32 + 15 * line))
    return found


def caption(count: Count, n: int, size: int = 60) -> tuple[str, str]:
    """Two short lines for a round: ("Adeyemi", "excluded"), ("Tanabe", "surplus"), ("First", "preferences")."""
    step = count["rounds"][n - 1]
    named = labels([item["name"] for item in count["options"]], size)
    movers = list(dict.fromkeys(move["from"] for move in step["transfers"]))
    if step["action"]["code"] == "surplus" and movers:
        return named[movers[0]], said(SURPLUS)
    if n == 1 and not step["excluded"]:
        return said(mark("First")), said(mark("preferences"))
    for names, what in ((step["excluded"], EXCLUDED), (step["elected"], ELECTED)):
        if names:
            first, more = named[names[0]], len(names) - 1
            return f"{short(first, size - 4)} +{more}" if more else first, said(what)
    return "", ""


def _spread(wanted: list[float], least: float, floor: float) -> list[float]:
    """Move label positions apart to the least distance, in their order, down first and up again from the floor."""
    found = list(wanted)
    for index in range(1, len(found)):
        found[index] = max(found[index], found[index - 1] + least)
    if found and found[-1] > floor:
        found[-1] = floor
        for index in range(len(found) - 2, -1, -1):
            found[index] = min(found[index], found[index + 1] - least)
    return found


def _ends(count: Count, names: list[str], held: dict[str, Fraction], *, last: bool) -> dict[str, tuple[str, str, str]]:
    """Name, figure and outcome to write beside each box of the first or the last column."""
    named = {
        **labels([name for name in names if name != REST], 14 if len(count["rounds"]) > 4 else 26),
        REST: said(mark("Exhausted")),
    }
    elected = since(count, "elected") if last else {}
    return {
        name: (named[name], f" {two_places(held[name])}", f", {said(ELECTED)}" if name in elected else "")
        for name in names
        if held[name] > 0
    }


def _labels(
    ends: list[dict[str, tuple[str, str, str]]],
    held: list[dict[str, Fraction]],
    columns: list[dict[str, Box]],
    xs: list[int],
    floor: float,
) -> list[Markup]:
    """Names at both ends, figures beside the boxes between."""
    found: list[Markup] = []
    for end in (0, -1) if len(columns) > 1 else (0,):
        wanted = [y + size / 2 + 5 for y, size in columns[end].values()]
        for name, y in zip(columns[end], _spread(wanted, LINE, floor), strict=True):
            words = zip(ends[end][name], ("name", "dim", "win"), strict=True)
            parts = [tag("tspan", text, class_=class_) for text, class_ in words if text]
            place = {"x": xs[-1] + THICK + 8} if end else {"x": xs[0] - 8, "text_anchor": "end"}
            found.append(tag("text", *parts, y=f"{y:.1f}", **place))
    for x, column, votes in list(zip(xs, columns, held, strict=True))[1:-1]:
        free = float(TOP)
        for name, (y, size) in column.items():
            at = y + size / 2 + 5
            if at - 11 >= free and size >= 9:
                found.append(tag("text", two_places(votes[name]), class_="halo", x=x + THICK + 5, y=f"{at:.1f}"))
                free = at + 3
    return found


def _says(count: Count) -> str:
    """The picture in words, for those who hear it."""
    elected = since(count, "elected")
    won = [
        said(mark("%(name)s in round %(n)s", name=name, n=elected[name]))
        for name in count["winners"]
        if name in elected
    ]
    last = count["rounds"][-1] if count["rounds"] else {"exhausted": "0"}
    return mark(
        "%(rounds)s columns, one for each round. Pale bands are votes that stay, dark bands transfers. "
        "Elected: %(won)s. Exhausted at the end: %(exhausted)s. The table below has every number.",
        rounds=len(count["rounds"]),
        won=", ".join(won) if won else mark("nobody"),
        exhausted=last["exhausted"],
    )
