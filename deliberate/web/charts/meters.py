"""How far towards a threshold, how many took part, how a body split. Small strips that stand beside their own words."""

from __future__ import annotations

from fractions import Fraction

from markupsafe import Markup

from deliberate.web.charts.svg import percent, tag, value

Number = int | str | Fraction


def meter(have: Number, of: Number, at: Number | None = None, label: str = "") -> Markup:
    """A filled strip: ``have`` out of ``of``, with a mark at ``at`` (the same unit). Values above ``of`` fill it.

    With a ``label`` it is a picture of its own; without one it is decoration beside a sentence that says the same.
    """
    whole = value(of)
    named = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    got = tag("rect", class_="got", width=percent(value(have), whole), height="100%", rx=5)
    if at is None:
        return tag("svg", got, **named)
    return tag("svg", got, tag("rect", class_="at", x=percent(value(at), whole), width=2, height="100%"), **named)


def turnout(voted: Number, roll: Number, quorum: Number | None = None, label: str = "") -> Markup:
    """Participation against the roll, with the quorum as a mark."""
    return meter(voted, roll, quorum, label)


def split(for_: Number, against: Number) -> Markup:
    """For (plain) and against (striped) as one strip, in their own proportion; decoration in a row of a table."""
    whole = value(for_) + value(against)
    left = percent(value(for_), whole)
    return tag(
        "svg",
        tag("rect", class_="for", width=left, height="100%"),
        tag("rect", class_="against", x=left, width=percent(value(against), whole), height="100%"),
        _stripes(left, percent(value(against), whole)) if value(against) else "",
        class_="split",
        aria_hidden="true",
    )


def _stripes(x: str, width: str) -> Markup:
    """Stripes made of one dashed line, cut by a picture in the picture; needs no pattern, so no id."""
    line = tag("line", class_="dash", x1=0, x2="100%", y1="50%", y2="50%", stroke_width=200)
    return tag("svg", line, x=x, width=width, height="100%")


def track(
    own: Number, of: Number, came: Number = 0, left: Number = 0, at: Number | None = None, side: str = ""
) -> Markup:
    """One row of bars: held before (plain), came in this round (striped), left in it (dashed), and the mark.

    ``own`` is the total held now, ``came`` the part of it that is new, ``left`` what went; all on the scale ``of``.
    ``side`` is ``for``, ``against`` or ``abstain``, else the colour is that of the row.
    """
    whole = value(of)
    before = value(own) - value(came)
    held, end = percent(before, whole), percent(value(own), whole)
    parts = [tag("rect", class_="all", width="100%", height="100%", rx=4)]
    if before > 0:
        parts.append(tag("rect", class_="own", width=held, height="100%", rx=4))
    if value(came) > 0:
        parts.append(_stripes(held, percent(value(came), whole)))
        parts.append(tag("rect", class_="in", x=held, width=percent(value(came), whole), height="100%"))
    if value(left) > 0:
        parts.append(tag("rect", class_="left", x=end, width=percent(value(left), whole), height="100%", rx=4))
    if at is not None:
        x = percent(value(at), whole)
        parts.append(tag("line", class_="at", x1=x, x2=x, y1="-16%", y2="116%"))
    return tag("svg", *parts, class_=f"track {side}".strip(), aria_hidden="true")
