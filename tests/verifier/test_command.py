"""The command: exit statuses, the JSON report, and that the verifier stands alone."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from deliberate.cli.verify import verify as command
from deliberate.verifier import main
from deliberate.verifier.report import CHECKS
from tests.verifier.make_package import Signer, Spec, build, ranking
from tests.verifier.shared import HOME

FOLDER = HOME / "deliberate" / "verifier"


@pytest.fixture
def package(tmp_path: Path) -> str:
    file = tmp_path / "record.zip"
    file.write_bytes(build(Spec(votes=[[ranking("o1")], [ranking("o2", "o1")], [ranking("o1")]])).data)
    return str(file)


def test_exit_statuses(package: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([package]) == 0
    assert "PASS tally: counted again from 3 ballots: Park wins, as published." in capsys.readouterr().out
    assert main([package, "--vkey", Signer(seed=b"\5" * 32).vkey]) == 1
    assert "DISAGREES: signature." in capsys.readouterr().out
    assert main([package, "--vkey", Signer().vkey]) == 0
    assert main([str(tmp_path / "none.zip")]) == 2
    assert main([package, "--vkey", "nonsense"]) == 2
    assert main([package, "--receipt", str(tmp_path / "none")]) == 2
    assert main([]) == 2 and main(["--no-such-option", package]) == 2 and main(["--help"]) == 0


def test_a_policy_that_cannot_be_read(package: str, tmp_path: Path) -> None:
    one = Signer("w.example", b"\1" * 32, 4)
    for text in ("", "witness a nonsense\nquorum a\n", "quorum a\n", f"witness a {one.vkey}\n",
                 f"witness a {one.vkey}\ngroup g 2 a b\nquorum g\n",
                 "hello\n", f"witness a {one.vkey}\nwitness a {one.vkey}\nquorum a\n",
                 f"witness none {one.vkey}\nquorum none\n"):
        (tmp_path / "policy").write_text(text)
        assert main([package, "--policy", str(tmp_path / "policy")]) == 2, text
    bad = one.vkey.replace(one.ident.hex(), "0" * 8)
    (tmp_path / "policy").write_text(f"witness a {bad}\nquorum a\n")
    assert main([package, "--policy", str(tmp_path / "policy")]) == 2
    (tmp_path / "policy").write_text("log x\nquorum none\n")
    assert main([package, "--policy", str(tmp_path / "policy")]) == 0


def test_the_json_report(package: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([package, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [c["id"] for c in found["checks"]] == list(CHECKS)
    assert all(set(c) == {"id", "result", "where", "expected", "found", "says"} for c in found["checks"])
    assert {c["result"] for c in found["checks"]} == {"PASS", "NOT CHECKED"}
    assert found["exit"] == 0 and found["verdict"].startswith("AGREES") and found["limits"] and found["unchecked"]


def test_deliberate_verify_is_the_same(package: str) -> None:
    done = CliRunner().invoke(command, [package, "--json"])
    assert done.exit_code == 0 and json.loads(done.output)["exit"] == 0
    assert CliRunner().invoke(command, ["nothing.zip"]).exit_code == 2


def test_it_stands_alone(package: str, tmp_path: Path) -> None:
    """The folder copied to elsewhere, under its own name, runs without the rest and with nothing but cryptography."""
    shutil.copytree(FOLDER, tmp_path / "verifier", ignore=shutil.ignore_patterns("__pycache__"))
    code = ("import sys; from verifier import main; status = main(sys.argv[1:]); "
            "foreign = {'deliberate', 'numpy', 'sqlalchemy', 'pyramid', 'click', 'networkx', 'jinja2'}; "
            "bad = [m for m in sys.modules if m.split('.')[0] in foreign]; "
            "print(bad); sys.exit(status or bool(bad))")
    for how in (["-c", code], ["-m", "verifier"]):
        done = subprocess.run([sys.executable, *how, package], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0 and "AGREES" in done.stdout, done.stdout + done.stderr


def test_it_imports_only_the_standard_library_and_cryptography() -> None:
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert not isinstance(node, ast.ImportFrom) or node.level <= len(file.relative_to(FOLDER).parts), file
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("cryptography."), (file, name)


def lines_of(file: Path) -> int:
    """Lines of code; sentences that explain them do not count."""
    source = file.read_text(encoding="utf-8")
    said = {n for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant) for n in range(node.lineno, (node.end_lineno or 0) + 1)}
    return sum(bool(line.strip()) and not line.strip().startswith("#") and n not in said
               for n, line in enumerate(source.splitlines(), 1))


def test_it_is_short_enough_to_be_read() -> None:
    """The evidence at most 2,100 lines of code, each counter at most 200: see docs/decisions/0013."""
    counters = {file: lines_of(file) for file in (FOLDER / "counters").glob("*.py")}
    assert sum(lines_of(file) for file in FOLDER.glob("*.py")) <= 2100
    assert not {file.name: lines for file, lines in counters.items() if lines > 200}


def test_every_check_is_explained() -> None:
    text = (HOME / "docs" / "reference" / "verify.md").read_text(encoding="utf-8")
    assert all(f"| `{check}` |" in text for check in CHECKS)


def test_no_floats_in_the_counts() -> None:
    shared = [FOLDER / f"{name}.py" for name in ("ties", "counting", "ballots")]
    for file in [*shared, *(FOLDER / "counters").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
            assert not (isinstance(node, ast.Name) and node.id == "float")


def test_as_a_module(package: str) -> None:
    done = subprocess.run([sys.executable, "-m", "deliberate.verifier", package], capture_output=True, text=True,
                          cwd=HOME, check=False)
    assert done.returncode == 0 and "AGREES" in done.stdout
