"""``deliberate verify``: hand the arguments to the stand-alone verifier."""

from __future__ import annotations

import sys

import click

from deliberate.verifier import main


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """Check a record package: 0 all agrees, 1 a check failed, 2 not readable."""
    sys.exit(main(list(arguments)))
