"""A system under one protocol over all its repeats, beside what the study reports of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.study.records import METRICS, Summary
from ml.study.running import Outcome
from ml.study.scoring import score
from ml.study.systems import SYSTEMS


def summarise(outcomes: Sequence[Outcome]) -> tuple[Summary, ...]:
    """Return one summary for each system and protocol, in the order of the outcomes."""
    together: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        together.setdefault((outcome.row.protocol, outcome.row.system), []).append(outcome)
    return tuple(_summary(repeats) for repeats in together.values())


def _summary(repeats: Sequence[Outcome]) -> Summary:
    rows = [outcome.row for outcome in repeats]
    first = rows[0]
    known = {
        name: [row.figures[name].value for row in rows if row.figures[name].value is not None]
        for name in METRICS
    }
    grown = [row.memory_mb for row in rows if row.memory_mb is not None]
    published = SYSTEMS[first.system]
    return Summary(
        system=first.system,
        title=first.title,
        modality=first.modality,
        protocol=first.protocol,
        n_repeats=len(rows),
        n_test=sum(row.n_test for row in rows),
        figures=score([outcome.answers for outcome in repeats]),
        means={name: _mean(values) for name, values in known.items()},
        deviations={name: _deviation(values) for name, values in known.items()},
        fit_s=round(float(np.mean([row.fit_s for row in rows])), 3),
        predict_s=round(float(np.mean([row.predict_s for row in rows])), 3),
        memory_mb=max(grown, default=None),
        n_parameters=round(np.mean([row.n_parameters for row in rows])),
        n_frozen=first.n_frozen,
        published_ari=published.published_ari,
        published_accuracy=published.published_accuracy,
        published_s=published.published_s,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    return float(np.mean(np.array(values, dtype=np.float64))) if values else None


def _deviation(values: Sequence[float | None]) -> float | None:
    """Return the standard deviation; one value has none."""
    if len(values) < 2:
        return None
    return float(np.std(np.array(values, dtype=np.float64), ddof=1))
