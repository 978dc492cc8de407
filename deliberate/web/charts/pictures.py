"""Bars of one round and of a motion as whole pictures with their own words: for print, mail and reports."""

from __future__ import annotations

import re
from fractions import Fraction

from markupsafe import Markup

from deliberate.core.sentences import mark
from deliberate.web.charts.rounds import Count, rows, scale
from deliberate.web.charts.svg import length, picture, short, tag, two_places, value

WIDE, NAME, FIGURE, ROW = 720, 170, 130, 34
_SIDES = (("for", ("yes", "for", "aye")), ("against", ("no", "against", "nay")), ("abstain", ("abstain", "abstention")))


def bars(count: Count, n: int) -> Markup:
    """Who held how much in round ``n``: a bar for each option, what came in this round outlined, the quota marked."""
    step, full = count["rounds"][n - 1], scale(count)
    room = WIDE - NAME - FIGURE
    inside: list[Markup] = []
    found = rows(count, n)
    for index, row in enumerate(found):
        y = 8 + index * ROW
        own, came = float(row.own / full) * room, float(row.came / full) * room
        inside += [
            tag("text", short(row.name, 22), class_="name", x=0, y=y + 18),
            tag("rect", class_="all", x=NAME, y=y, width=room, height=24, rx=4),
            tag("rect", class_=f"own {row.colour}", x=NAME, y=y, width=length(own - came), height=24, rx=4),
        ]
        if came > 0:
            inside.append(
                tag("rect", class_=f"in {row.colour}", x=length(NAME + own - came), y=y, width=length(came), height=24)
            )
        inside.append(tag("text", row.held, class_="fig", x=WIDE, y=y + 18, text_anchor="end"))
    high = 16 + len(found) * ROW
    if step["quota"] is not None:
        x = length(NAME + float(value(step["quota"]) / full) * room)
        inside.append(tag("line", class_="at", x1=x, x2=x, y1=2, y2=high - 8))
    says = "; ".join(f"{row.name} {row.held}" for row in found)
    return picture(
        mark("Round %(n)s", n=n), f"{says}. {step['action']['says']}", *inside, width=WIDE, height=high, class_="chart"
    )


def sides(count: Count, what: str = "votes") -> dict[str, Fraction]:
    """The votes of a motion by side, whatever its options are called: ``for``, ``against``, ``abstain``.

    what: ``heads`` for the members behind the votes, where the Count tells them because the votes have weights.
    """
    votes = count["rounds"][0][what]
    named = {item["name"]: str(item.get("id", item["name"])).lower() for item in count["options"]}
    found = {side: Fraction(0) for side, _ in _SIDES}
    for side, words in _SIDES:
        for name, text in votes.items():
            if name.lower() in words or named.get(name) in words:
                found[side] += value(text)
    return found


def threshold(count: Count) -> Fraction | None:
    """The share that the rules ask for, read from their ``threshold``: "2/3", "> 1/2"; None where there is none."""
    found = re.search(r"\d+/[1-9]\d*", str(count["rules"].get("threshold", "")))
    return Fraction(found.group()) if found else None


def majority(count: Count) -> tuple[str, str] | None:
    """Votes of the one winner and of all that the rules measure them on, as exact decimals or fractions, where the
    winner holds more than half; None where something else decided."""
    last = count["rounds"][-1]
    base = count["rounds"][0] if count["rules"].get("threshold_base") == "first-round" else last
    held, whole = value(last["votes"][count["winners"][0]]), sum(map(value, base["votes"].values()), Fraction(0))
    return (str(held), str(whole)) if last["quota"] is not None and 2 * held > whole else None


def motion(count: Count) -> Markup:
    """For against against as one strip of the base of the rule, the threshold as a mark.

    Where abstentions are in the base they are a part of the strip; where the base is the roll no mark is drawn,
    as the roll is not in the Count: the sentence of the test says it.
    """
    found, share, basis = sides(count), threshold(count), str(count["rules"].get("basis", "yes+no"))
    parts = [("for", found["for"]), ("abstain", found["abstain"]), ("against", found["against"])]
    if "abst" not in basis:
        parts.pop(1)
    whole = sum((votes for _, votes in parts), Fraction(0))
    inside = [
        tag("text", mark("For %(votes)s", votes=two_places(found["for"])), class_="name for", x=0, y=16),
        tag(
            "text",
            mark("Against %(votes)s", votes=two_places(found["against"])),
            class_="name against",
            x=WIDE,
            y=16,
            text_anchor="end",
        ),
        tag("rect", class_="all", x=0, y=28, width=WIDE, height=34, rx=4),
    ]
    x = 0.0
    for side, votes in parts:
        wide = float(votes / whole) * WIDE if whole else 0.0
        if wide:
            inside.append(tag("rect", class_=side, x=length(x), y=28, width=length(wide), height=34))
        x += wide
    if share is not None and "roll" not in basis:
        at = float(share) * WIDE
        inside.append(tag("line", class_="at", x1=length(at), x2=length(at), y1=22, y2=68))
        inside.append(
            tag("text", mark("%(share)s needed", share=share), class_="dim", x=length(at), y=84, text_anchor="middle")
        )
    inside.append(tag("text", mark("Abstained %(votes)s", votes=two_places(found["abstain"])), class_="dim", x=0, y=84))
    says = " ".join(test["says"] for test in count["tests"])
    title = mark("The votes on the motion")
    return picture(title, says or mark("For and against."), *inside, width=WIDE, height=92, class_="chart motion")
