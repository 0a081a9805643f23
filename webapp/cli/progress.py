"""A bar on a terminal, plain lines in a log: both on standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

import click
from tqdm import tqdm

_LINE_EVERY_S = 5.0


class Progress:
    """Shows how far one piece of work is."""

    def __init__(self, title: str, unit: str) -> None:
        self._title = title
        self._unit = unit
        self._bar = tqdm(desc=title, unit=f" {unit}", leave=False) if sys.stderr.isatty() else None
        self._next_at = time.monotonic() + _LINE_EVERY_S

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` are done."""
        if self._bar is not None:
            self._bar.total = total
            self._bar.n = done
            self._bar.refresh()
        elif time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + _LINE_EVERY_S
            click.echo(f"{self._title}: {done} of {total} {self._unit}", err=True)
