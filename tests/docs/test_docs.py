"""Documents that cannot go stale: links lead somewhere, examples run, commands and methods have their pages."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from click.testing import CliRunner

from deliberate.cli import COMMANDS, group
from deliberate.core.tally import METHODS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "GLOSSARY.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not link.startswith(("http", "mailto:")):
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in page.read_text()], ids=lambda page: page.stem)
def test_examples_run(page):
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert tried and not failed


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_has_a_page(name):
    assert (ROOT / "docs/reference/methods" / f"{name}.md").exists()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_and_a_section(name):
    assert f"\n## {name}\n" in (ROOT / "docs/reference/cli.md").read_text()
    if name != "verify":  # its help is the verifier's own
        found = CliRunner().invoke(group, [name, "--help"])
        assert found.exit_code == 0
        assert found.output.strip()


def test_the_catalogue_holds_every_marked_sentence():
    found = subprocess.run([sys.executable, ROOT / "scripts" / "words", "--check"], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('request.flash(f"{name} is on the roll.")', "takes a literal"),
        ('mark("Yes" if yes else "No")', "takes a literal"),
        ('mark_many("One " + noun, "%(num)s things", 3)', "takes a literal"),
        ('mark("a"), mark_many("One", "%(num)s", 2), Conflict("b", why, "c", "d.e", {"f": "g"})', "a|One|b|c|g"),
        ("mark(TABLE[name], name=name), flash(YES if yes else NO), DeliberateError(WHAT)", ""),
        ('DeliberateError("a", f"{n} was given.")', "takes a literal"),
        ('NotFound("a", "b", f"Try {n}." if n else mark("c"))', "takes a literal"),
    ],
)
def test_what_is_extracted_and_what_is_refused(tmp_path, monkeypatch, source, told):
    loader = SourceFileLoader("words", str(ROOT / "scripts" / "words"))
    words = module_from_spec(spec_from_loader("words", loader))
    loader.exec_module(words)
    monkeypatch.setattr(words, "ROOT", tmp_path)
    (tmp_path / "one.py").write_text(source)
    try:
        found = "|".join(one if isinstance(one, str) else one[0] for one in words.python(tmp_path / "one.py"))
    except SystemExit as stopped:
        assert told == "takes a literal" and told in str(stopped) and "one.py:1" in str(stopped)
    else:
        assert sorted(found.split("|")) == sorted(told.split("|"))


def test_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in set(
        re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text())
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize(
    "word",
    [
        "Box ledger",
        "Token",
        "Weight class",
        "Witness",
        "Hunk",
        "Unit",
        "Gap",
        "Parcel",
        "Residual",
        "Lot",
        "Sitting",
        "Presence",
        "Person",
        "Idea",
        "Tombstone",
    ],
)
def test_new_words_stand_in_the_glossary(word):
    assert f"**{word}**" in (ROOT / "GLOSSARY.md").read_text()
