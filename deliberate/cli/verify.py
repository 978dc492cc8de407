"""``deliberate verify``: hands its arguments to the standalone verifier, which shares no code with the rest."""

from __future__ import annotations

import click

from deliberate.verifier import main


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def verify(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Check a record package and count its ballots again."""
    context.exit(main(list(arguments)))
