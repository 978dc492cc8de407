"""Writing SVG: escaped text, short numbers, names and descriptions.

Lengths are attributes, so that no page needs an inline style.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction

from markupsafe import Markup, escape

from deliberate.web.words import said


def value(text: object) -> Fraction:
    """A number of a Count as an exact fraction: "600.00000", "7/3", 12, or None (nothing held)."""
    return Fraction(0) if text is None else Fraction(str(text))


def length(number: Fraction | float) -> str:
    """A length with at most two decimals and no trailing noughts, so that pictures stay small."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".") or "0"


def percent(part: Fraction | int, whole: Fraction | int) -> str:
    """A share as an SVG length, kept between 0 and 100 per cent."""
    if whole <= 0:
        return "0%"
    return f"{length(min(Fraction(100), max(Fraction(0), Fraction(part) * 100 / Fraction(whole))))}%"


def tag(name: str, *inside: Markup | str, **attributes: object) -> Markup:
    """One element: ``class_`` is class, ``_`` in a name is ``-``, None is left out, text inside is said and escaped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(said(item) if isinstance(item, str) else str(item))}"'
        for key, item in attributes.items()
        if item is not None
    )
    body = Markup("").join(escape(said(part)) for part in inside)
    return Markup("<{0}{1}>{2}</{0}>" if body else "<{0}{1}/>").format(name, Markup(written), body)  # noqa: S704


def picture(title: str, desc: str, *inside: Markup, width: int, height: int, class_: str) -> Markup:
    """A whole picture with its name and description; ids come from the content, so two on a page never clash."""
    key = hashlib.sha256(f"{title}\n{desc}\n{class_}".encode()).hexdigest()[:8]
    return tag(
        "svg",
        tag("title", title, id=f"t-{key}"),
        tag("desc", desc, id=f"d-{key}"),
        *inside,
        class_=class_,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"t-{key} d-{key}",
    )


def short(text: str, size: int) -> str:
    """A name that fits: whole, or cut with an ellipsis."""
    return text if len(text) <= size else f"{text[: max(1, size - 1)].rstrip()}…"


def labels(names: Sequence[str], size: int) -> dict[str, str]:
    """Short labels that stay different: whole names if all fit, else surnames, with an initial where two share one.

    Only what looks like a person's name (two or three capitalised words) is shortened to its surname; a phrase is cut.
    """
    if all(len(name) <= size for name in names):
        return {name: name for name in names}
    last = {name: name.split()[-1] for name in names if _person(name)}
    shared = [surname for surname in last.values() if list(last.values()).count(surname) > 1]
    found = {}
    for name in names:
        surname = last.get(name)
        if surname is None:
            found[name] = short(name, size)
        else:
            found[name] = short(f"{name[0]}. {surname}" if surname in shared else surname, size)
    return found


def _person(name: str) -> bool:
    words = name.split()
    return 2 <= len(words) <= 3 and all(word[0].isupper() and len(word) > 2 for word in words)


def two_places(text: object) -> str:
    """A number for a label: whole numbers plain, others cut to two places (the table beside has every digit)."""
    number = value(text)
    if number.denominator == 1:
        return str(number.numerator)
    cut = number.numerator * 100 // number.denominator
    return f"{cut // 100}.{cut % 100:02d}"
