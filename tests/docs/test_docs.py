"""Documents that cannot go stale: links lead somewhere, examples run, commands and methods have their pages."""

from __future__ import annotations

import doctest
import re
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
