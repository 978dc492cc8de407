"""Pages of a list: which one is asked for, and the addresses of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pyramid.request import Request


@dataclass(frozen=True)
class Page:
    """One page of a list: number from 1, size, and, once known, how many pages there are."""

    number: int
    size: int
    link: Callable[[int], str]
    last: int = 1

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def of(self, total: int) -> Page:
        """The page, knowing how many things there are."""
        return replace(self, last=max(1, -(-total // self.size)))


def whole(text: str | None, otherwise: int, most: int = 100_000) -> int:
    """A whole number from an address or a hidden field; anything odd, and anything of too many digits, is ``otherwise``."""
    return min(int(text), most) if text and len(text) <= 9 and text.isdecimal() else otherwise


def page(request: Request, size: int = 20, name: str = "page") -> Page:
    """The page that ``?page=`` asks for; anything odd is the first. name: of a second list on the same page."""
    number = whole(request.GET.get(name), 1) or 1

    def link(n: int) -> str:
        query = [(key, value) for key, value in request.GET.items() if key != name] + (
            [(name, str(n))] if n > 1 else []
        )
        return request.path if not query else request.current_route_path(_query=query)

    return Page(number, size, link)
