"""How much a process grows while something runs."""

from __future__ import annotations

import resource
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

STATM = Path("/proc/self/statm")  # Linux; the second number is the resident set in pages
EVERY_S = 0.02


class MemoryGrowth:
    """Watches the resident memory while its ``with`` block runs.

    ``megabytes`` is the most above the start, in units of a million bytes; None where the system
    does not tell.
    """

    def __init__(self) -> None:
        self.megabytes: float | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        self._start = self._peak = 0

    def __enter__(self) -> Self:
        if STATM.exists():
            self._start = self._peak = resident_bytes()
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread.is_alive():
            self._is_over.set()
            self._thread.join()
            self._look()
            self.megabytes = round((self._peak - self._start) / 1e6, 1)

    def _watch(self) -> None:
        while not self._is_over.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        self._peak = max(self._peak, resident_bytes())


def resident_bytes() -> int:
    """Return the memory of this process that is in use now, on Linux."""
    return int(STATM.read_text().split()[1]) * resource.getpagesize()
