"""The command line: ``shelfwise COMMAND``; one module a feature."""

from __future__ import annotations

from webapp.cli.accounts import user
from webapp.cli.group import shelfwise

shelfwise.add_command(user)


def main() -> None:
    """Run the command line; errors become one line and an exit status."""
    shelfwise.main(prog_name="shelfwise")
