"""Puts the top-level folders static/ and alembic/ into the package, as deliberate/_static and deliberate/_alembic."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class Build(build_py):
    """Copies the two folders beside the modules."""

    def run(self):
        super().run()
        if self.editable_mode:
            return
        for name in ("static", "alembic"):
            target = Path(self.build_lib) / "deliberate" / f"_{name}"
            shutil.copytree(name, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


setup(cmdclass={"build_py": Build})
