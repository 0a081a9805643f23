"""The command line: ``shelfwise COMMAND``; one module a feature."""

from __future__ import annotations

from webapp.cli.accounts import user
from webapp.cli.catalogue import import_command
from webapp.cli.group import shelfwise

shelfwise.add_command(user)
shelfwise.add_command(import_command)


def main() -> None:
    """Run the command line; errors become one line and an exit status."""
    shelfwise.main(prog_name="shelfwise")
