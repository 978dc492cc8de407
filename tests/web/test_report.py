"""A Count as one page: for every method, whole and without anything from elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from deliberate import report
from deliberate.cli import main
from deliberate.core import tally
from tests.contract.elections import election
from tests.web.rendering import read

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(tally.METHODS))
def test_every_method_has_a_report_that_needs_nothing_else(name):
    marks = (
        [((0,), 4), ((1,), 3), ((2,), 2)] if name in ("plurality", "motion") else [((0, 1), 4), ((1, 2), 3), ((2,), 2)]
    )
    page = report.html(election(name, marks).drawn(), ("The weights were read as written.",), NOW)
    found = read(page)
    assert not re.search(r"(src|href)=|@import|url\(", page), "nothing is loaded"
    assert "script" not in found.refused and len(found.ids) == len(set(found.ids)) and set(found.refs) <= set(found.ids)
    assert tally.METHODS[name].title in page and "The weights were read as written." in page
    assert "Deliberate" in page and "2026-11-29 12:00 UTC" in page


def test_a_hostile_name_is_only_a_name():
    options = tuple(tally.Option(f"o{n}", name) for n, name in enumerate(("<script>alert(1)</script>", "</style>")))
    made = tally.count(
        tally.Question("<b>Title</b>", options), [({"kind": "choice", "marks": ["o0"]}, 1)], {"method": "plurality"}
    )
    page = report.html(made, now=NOW)
    assert "<script>alert" not in page and "<b>Title" not in page and page.count("</style>") == 1


def test_the_command_writes_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.csv").write_text("count,rank1,rank2\n3,Ada,Bea\n2,Bea,\n")
    for place in ("made.html", "-"):
        with pytest.raises(SystemExit) as ended:
            main(["tally", "b.csv", "--rules", "irv", "--html", place])
        assert not ended.value.code
    assert "Ada is elected" in (tmp_path / "made.html").read_text()
    assert "<!doctype html>" in capsys.readouterr().out
