"""Members' text to safe HTML: a Markdown subset without raw HTML, remote images or headings above the page's own."""

from __future__ import annotations

import html
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "s",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h4",
    "h5",
    "h6",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
LONGEST = 20_000
"""Characters of a source whose marks are looked for. A longer one is shown as it stands: brackets without an end would take
the reader of Markdown a time that grows with the square of their number."""

ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
        ["table", "strikethrough"]
    )
    return made.disable(["image"])


def render(source: str, inline: bool = False) -> Markup:
    """HTML of a Markdown source; ``inline`` gives no paragraph around it. Headings start at the fourth level."""
    if len(source) > LONGEST:
        return escape(source) if inline else Markup("<p>{}</p>").format(source)
    made = _markdown()
    rendered = made.renderInline(source) if inline else made.render(source)
    for level in (3, 2, 1):
        rendered = rendered.replace(f"<h{level}>", f"<h{level + 3}>").replace(f"</h{level}>", f"</h{level + 3}>")
    cleaned = nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        link_rel="noopener nofollow ugc",
        url_schemes={"http", "https", "mailto"},
    )
    return Markup(cleaned)  # noqa: S704  cleaned by the line above


def plain(source: str, length: int = 200) -> str:
    """The words of a Markdown source, cut at a blank."""
    words = " ".join(nh3.clean(_markdown().render(source[:LONGEST]), tags=set()).split())
    text = html.unescape(words)
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0] + "…"
