"""The stages of a round on standard error, each with a bar or lines of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click

from webapp.cli.progress import Progress


@contextmanager
def stage_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show ``(stage, done, total)``; a new stage begins a new bar, or a new line in a log."""
    with ExitStack() as shown:
        stage, progress = "", None

        def show(name: str, done: int, total: int) -> None:
            nonlocal stage, progress
            if name != stage or progress is None:
                shown.close()
                stage, progress = name, shown.enter_context(Progress(name, "steps"))
                if not sys.stderr.isatty():
                    click.echo(name, err=True)
            progress(done, total)

        yield show
