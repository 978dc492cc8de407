"""Members' text as HTML: nothing that runs, and no text whose reading takes a time that grows with its square."""

from __future__ import annotations

import pytest

from deliberate.web import text


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x][y]\n\n[y]: vbscript:x",
        "<javascript:alert(1)>",
        "![x](https://elsewhere.example/x.png)",
        "<img src=x onerror=alert(1)><svg onload=x>",
        "[x](data:text/html,<script>alert(1)</script>)",
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(source):
    for made in (text.render(source), text.render(source, inline=True)):
        assert not any(tag in made for tag in ("<script", "<img", "<svg"))
        assert 'href="javascript' not in made and 'href="vbscript' not in made and 'href="data' not in made


@pytest.mark.parametrize("inline", [True, False])
def test_a_text_that_is_too_long_for_marks_is_shown_as_it_stands(inline):
    source = "[" * text.LONGEST + "<b>*end*"
    made = text.render(source, inline)
    assert "[[[&lt;b&gt;*end*" in made and "<em>" not in made
    assert "<em>end</em>" in text.render("*end*" + "a" * 10_000, inline)
    assert text.plain(source).startswith("[[[")
