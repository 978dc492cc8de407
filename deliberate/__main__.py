"""``python -m deliberate`` is the command ``deliberate``."""

from deliberate.cli import main

main()
