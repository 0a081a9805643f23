"""A simulation as files: ``simulation.json``, ``simulation.csv`` and the report; and as lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from ml.simulation.records import SHARES, Curve, Mean, Simulation
from ml.simulation.report import write_report
from ml.whole_files import whole_file


def document_of(simulation: Simulation) -> dict[str, Any]:
    """Return a simulation as JSON keeps it."""
    targets = {target.repeat: target for target in simulation.targets}
    return {
        **simulation.subject_as_dict(),
        "targets": [asdict(target) for target in simulation.targets],
        "curves": [row for curve in simulation.curves for row in _rows(curve)],
        "runs": [
            {
                "strategy": curve.strategy,
                "repeat": curve.repeat,
                **{
                    f"labels_to_{share}": curve.labels_to(share / 100 * targets[curve.repeat].ari)
                    for share in SHARES
                },
                "picks_to_all_categories": curve.picks_to_all_categories,
            }
            for curve in simulation.curves
        ],
        "summary": [each.as_dict() for each in simulation.summary],
        "cleanups": [asdict(cleanup) for cleanup in simulation.cleanups],
        "cleanup_summary": [each.as_dict() for each in simulation.cleanup_summary],
    }


def lines_of(simulation: Simulation) -> Iterator[str]:
    """Yield the main figures, a line for each strategy."""
    shares = " / ".join(map(str, SHARES))
    yield f"Labels to {shares} % of the target, mean ± standard deviation:"
    for summary in simulation.summary:
        means = " / ".join(_written(summary.labels_to[share]) for share in SHARES)
        yield f"  {summary.strategy} ({summary.features}, batch {summary.batch}): {means}"
    if simulation.cleanup_summary:
        yield "Decisions until 99 % of the catalogue is right:"
    for cleanup in simulation.cleanup_summary:
        yield f"  {cleanup.strategy}, noise {cleanup.noise}: {_written(cleanup.decisions)}"


def write_documents(simulation: Simulation, out: Path) -> None:
    """Write the three files into ``out``, each whole or not at all."""
    document = document_of(simulation)
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_file(out / "simulation.json") as unfinished:
        unfinished.write_text(text + "\n", encoding="utf-8")
    with whole_file(out / "simulation.csv") as unfinished:
        pd.DataFrame(document["curves"]).to_csv(unfinished, index=False)
    write_report(simulation, out / "simulation.html")


def _rows(curve: Curve) -> Iterator[dict[str, Any]]:
    for point in curve.points:
        yield {"strategy": curve.strategy, "repeat": curve.repeat, **asdict(point)}


def _written(mean: Mean) -> str:
    if mean.value is None:
        return "never"
    at_least = "at least " if mean.is_at_least else ""
    spread = "" if mean.sd is None else f" ± {mean.sd:.0f}"
    return f"{at_least}{mean.value:.0f}{spread}"
