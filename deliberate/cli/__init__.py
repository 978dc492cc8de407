"""The command line: the same services, for those who run an assembly and for those who check it."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from deliberate import __version__
from deliberate.core.errors import DeliberateError

COMMANDS = {
    "serve": "deliberate.serve",
    "init": "deliberate.cli.init",
    "demo": "deliberate.cli.demo",
    "member": "deliberate.cli.member",
    "tally": "deliberate.cli.tally",
    "compare": "deliberate.cli.compare",
    "trace": "deliberate.cli.trace",
    "methods": "deliberate.cli.tally",
    "convert": "deliberate.cli.convert",
    "verify": "deliberate.cli.verify",
    "export": "deliberate.cli.export",
    "worker": "deliberate.cli.worker",
}
"""Name of a command to the module that holds it under the same name. ``serve`` stands above the floors: it joins web and live."""


class Lazy(click.Group):
    """Loads a command's module only when it is asked for, so that `deliberate tally` starts without the web."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found: click.Command = getattr(importlib.import_module(COMMANDS[name]), name)
        return found


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="deliberate")
def group() -> None:
    """Motions, amendments, ranked ballots and records that anyone can verify."""


def main(arguments: list[str] | None = None) -> Any:
    """Run a command. A refusal is one line on stderr and exit status 2, never a stack trace."""
    try:
        sys.exit(group.main(args=arguments, prog_name="deliberate", standalone_mode=False))
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except DeliberateError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except BrokenPipeError:  # whoever read our output has enough
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        click.echo(
            f"{error.filename or 'A file'} cannot be read or written. {error.strerror or error}. Check its name and its permissions. [cli.file]",
            err=True,
        )
        sys.exit(2)
