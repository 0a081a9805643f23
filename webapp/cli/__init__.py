"""The command line: ``shelfwise COMMAND``; one module a feature."""

from __future__ import annotations

from webapp.cli.accounts import user
from webapp.cli.catalogue import import_command
from webapp.cli.demo import demo
from webapp.cli.export import export_command
from webapp.cli.group import shelfwise
from webapp.cli.retracing import retrace_command
from webapp.cli.retraining import retrain, rounds_group
from webapp.cli.server import serve, weights, worker
from webapp.cli.simulate import simulate_command
from webapp.cli.study import study_command

shelfwise.add_command(user)
shelfwise.add_command(import_command)
shelfwise.add_command(demo)
shelfwise.add_command(export_command)
shelfwise.add_command(retrain)
shelfwise.add_command(rounds_group)
rounds_group.add_command(retrace_command)
shelfwise.add_command(serve)
shelfwise.add_command(simulate_command)
shelfwise.add_command(study_command)
shelfwise.add_command(weights)
shelfwise.add_command(worker)


def main() -> None:
    """Run the command line; errors become one line and an exit status."""
    shelfwise.main(prog_name="shelfwise")
