"""``deliberate member import``: the same reading and the same law as in the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from deliberate.cli import main as run
from deliberate.models import LedgerEntry, Member
from tests.makers import make_assembly, make_member

HEAD = "number,name,email,section,weight\n"


@pytest.fixture
def database(engine: Engine) -> str:
    """A database with an assembly, its secretary, and Ada."""
    with Session(engine) as db, db.begin():
        assembly = make_assembly(db)
        make_member(db, assembly, "Sam", ("secretary",), number="S", email="sam@b.org")
        make_member(db, assembly, "Ada", number="A", email="ada@b.org")
    return engine.url.render_as_string(hide_password=False)


def do(database: str, file: Path, *more: str, answer: str = "") -> Result:
    from deliberate.cli.member import member

    return CliRunner().invoke(member, ["import", str(file), "--database", database, *more], input=answer)


def numbers(engine: Engine) -> list[str]:
    with Session(engine) as db:
        return list(db.scalars(select(Member.number).where(Member.ended_on.is_(None)).order_by(Member.number)))


def test_preview_then_apply(engine: Engine, database: str, tmp_path: Path) -> None:
    file = tmp_path / "roll.csv"
    file.write_text(HEAD + "S,Sam,sam@b.org,,1\nN,Nora,,,3/2\n")
    said = do(database, file, answer="n\n")
    assert said.exit_code == 1 and "1 new" in said.output and "1 not in the file" in said.output and "N" in said.output
    assert numbers(engine) == ["A", "S"]
    said = do(database, file, "--yes")
    assert said.exit_code == 0 and "Done: 1 new, 0 changed, 0 ended." in said.output
    assert numbers(engine) == ["A", "N", "S"]
    said = do(database, file, "--yes", "--end-missing")
    assert said.exit_code == 0 and numbers(engine) == ["N", "S"]
    with Session(engine) as db:
        assert db.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == "roll.imported")) == 2


def test_a_file_that_says_what_the_roll_says_asks_nothing(engine: Engine, database: str, tmp_path: Path) -> None:
    file = tmp_path / "roll.csv"
    file.write_text(HEAD + "S,Sam,sam@b.org,,1\nA,Ada,ada@b.org,,1\n")
    for more in ((), ("--end-missing",)):
        said = do(database, file, *more)
        assert said.exit_code == 0 and "Nothing differs" in said.output and "Apply" not in said.output
    with Session(engine) as db:
        assert db.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == "roll.imported")) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEAD + "A,Ada,nonsense,,1\n", "line 2, email"),
        (HEAD + "N,Nora,ada@b.org,,1\n", "belongs to member A"),
        ("name\nAda\n", "header lacks the column number"),
        (HEAD, "no members"),
        ("", "The file is empty"),
    ],
)
def test_bad_files_change_nothing_and_exit_with_2(
    engine: Engine, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, says: str
) -> None:
    file = tmp_path / "roll.csv"
    file.write_text(content)
    with pytest.raises(SystemExit) as end:
        run(["member", "import", str(file), "--database", database, "--yes"])
    assert end.value.code == 2 and says in capsys.readouterr().err
    assert numbers(engine) == ["A", "S"]


def test_a_file_that_is_not_there(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(["member", "import", str(tmp_path / "none.csv"), "--database", database])
    assert end.value.code == 2 and "cannot be read" in capsys.readouterr().err
