"""The lines that a study says while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from ml.contract import OnProgress
from ml.study.records import Figure, StudyRow

OnLine = Callable[[str], None]
LINE_EVERY_S = 20.0  # within a system, so that nobody thinks that it has stopped


def describe(row: StudyRow) -> str:
    """Return the main figures of a row in one line."""
    figures = row.figures
    if figures["ari_of_predictions"].value is None:
        shown = [f"ARI of clusters {show(figures['ari_of_clusters'])}"]
    else:
        shown = [
            f"ARI {show(figures['ari_of_predictions'])}",
            f"accuracy {show(figures['accuracy'])}",
        ]
    seconds = row.prepare_s + row.fit_s + row.predict_s
    return ", ".join([*shown, f"n = {row.n_test}", f"{seconds:.1f} s"])


def show(figure: Figure) -> str:
    """Return a figure with its interval."""
    if figure.value is None:
        return "unknown"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def ticker(title: str, on_line: OnLine) -> OnProgress:
    """Return what says now and then how far a long piece of work is."""
    next_at = time.monotonic() + LINE_EVERY_S

    def tick(done: int, total: int) -> None:
        nonlocal next_at
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + LINE_EVERY_S
            on_line(f"{title}: {done} of {total}")

    return tick
