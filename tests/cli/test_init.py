"""``deliberate init``: an empty database becomes an assembly that somebody can log in to."""

from __future__ import annotations

import re

from tests.cli.test_cli import run

__all__ = ["run"]


def test_an_assembly_is_founded_once_and_its_invitation_is_printed(run, tmp_path):
    database = f"sqlite:///{tmp_path}/a.sqlite"
    asked = ("init", "--database", database, "--assembly", "Riverside Union", "--admin", "Ada Ek <ada@example.org>")
    status, out, _ = run(*asked, "--timezone", "Europe/Stockholm")
    assert status == 0 and "Riverside Union" in out
    assert re.search(r"http://127\.0\.0\.1:8000/invitation/[\w-]{20,}", out)
    status, _, err = run(*asked)
    assert status != 0 and "holds an assembly already" in err
    assert run("init", "--database", database)[0] == 0


def test_half_of_it_is_refused(run):
    status, _, err = run("init", "--assembly", "Riverside Union")
    assert status == 2 and "belong together" in err


def test_an_officer_without_an_address_is_told_how_to_write_one(run):
    status, _, err = run("init", "--assembly", "Riverside Union", "--admin", "Ada Ek")
    assert status == 2 and "Write a name and an address" in err
