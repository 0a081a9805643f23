"""The stages of a round, told to whoever waits and clocked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ml.contract import OnProgress, OnStage


class Stages:
    """Tells stages to the caller and clocks them."""

    def __init__(self, on_stage: OnStage) -> None:
        self._on_stage = on_stage
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[OnProgress]:
        """Run one stage; yields what its progress is reported to."""
        start = time.perf_counter()
        self._on_stage(name, 0, 1)
        yield lambda done, total: self._on_stage(name, done, total)
        self._on_stage(name, 1, 1)
        self.seconds[name] = round(time.perf_counter() - start, 3)
