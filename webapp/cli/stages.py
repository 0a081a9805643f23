"""The stages of a round on standard error, each with a bar or lines of its own."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import click

from webapp.cli.progress import Progress


class StageProgress:
    """Shows ``(stage, done, total)``."""

    def __init__(self) -> None:
        self._stage = ""
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.__exit__(kind, error, trace)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far the stage is; a new one begins a new bar, or a new line in a log."""
        if stage != self._stage or self._progress is None:
            if self._progress is not None:
                self._progress.__exit__(None, None, None)
            self._stage, self._progress = stage, Progress(stage, "steps")
            if not sys.stderr.isatty():
                click.echo(stage, err=True)
        self._progress(done, total)
