"""What labels have brought: the cheap model, learned again from the first few, then from more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ml.bootstrap import Interval, intervals, paired_intervals
from ml.choosing.model import fit_predict
from ml.contract import FloatArray, IntArray

FIRST = 10
STEPS = 12  # points of a curve at most, so that it costs the same at any size
N_RESAMPLES = 300


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How good the cheap model is after ``n_labels`` labels."""

    n_labels: int
    ari: Interval
    accuracy: Interval


@dataclass(frozen=True, slots=True)
class Gain:
    """A difference with its paired 95 % intervals, and of how many products predictions differ."""

    ari: Interval
    accuracy: Interval
    n_differ: int

    def as_dict(self) -> dict[str, Any]:
        """Return the gain as it is stored."""
        return {
            "ari": self.ari.as_dict(),
            "accuracy": self.accuracy.as_dict(),
            "n_differ": self.n_differ,
        }


@dataclass(frozen=True, slots=True)
class Decided:
    """Labels in the order in which they were given, and what they are measured on.

    Parameters
    ----------
    features : ndarray of shape (n_products, n_features)
        Rows of length 1.
    rows, columns : ndarray of shape (n_labels,)
        The products that were decided, the first one first, and the column of each label.
    evaluation_rows, evaluation_columns : ndarray of shape (n_evaluation,)
        Products of the evaluation set that have a label.
    groups : ndarray of shape (n_products,)
        Near-duplicates share a number.
    """

    features: FloatArray
    rows: IntArray
    columns: IntArray
    evaluation_rows: IntArray
    evaluation_columns: IntArray
    groups: IntArray
    n_categories: int

    def predict(self, n_labels: int) -> FloatArray:
        """Return what the cheap model says of the evaluation products after the first labels."""
        return fit_predict(
            self.features, self.rows[:n_labels], self.columns[:n_labels], self.n_categories
        )[self.evaluation_rows]


def learning_curve(decided: Decided, *, seed: int = 0) -> list[CurvePoint]:
    """Return how good the cheap model was after 10, 20, 40, ... labels, and is after all.

    Labels alone: no source category takes part, so that the curve shows what decisions bring.
    """
    n = len(decided.rows)
    counts = sorted({min(FIRST * 2**step, n) for step in range(STEPS)} | {n}) if n else []
    return [_point(decided, count, seed) for count in counts if count]


def gain(decided: Decided, n_last: int, *, seed: int = 0) -> Gain | None:
    """Return what the last decisions brought: ARI and accuracy with them minus without.

    None before there were as many labels, or without evaluation labels.
    """
    n = len(decided.rows)
    if n <= n_last or not len(decided.evaluation_rows):
        return None
    after, before = decided.predict(n), decided.predict(n - n_last)
    found = paired_intervals(
        decided.evaluation_columns,
        after,
        before,
        decided.groups[decided.evaluation_rows],
        n_resamples=N_RESAMPLES,
        seed=seed,
    )
    n_differ = int((after.argmax(axis=1) != before.argmax(axis=1)).sum())
    return Gain(found["ari"], found["accuracy"], n_differ)


def share_changed(before: IntArray, after: IntArray) -> float | None:
    """Return which share of predictions is another than before, or None without any.

    Parameters
    ----------
    before, after : ndarray of shape (n_products,)
        Categories; those below 0 in ``before`` were not predicted then, and are left out.
    """
    known = before >= 0
    return float((before[known] != after[known]).mean()) if known.any() else None


def _point(decided: Decided, n_labels: int, seed: int) -> CurvePoint:
    found = intervals(
        decided.evaluation_columns,
        decided.predict(n_labels),
        decided.groups[decided.evaluation_rows],
        n_resamples=N_RESAMPLES,
        seed=seed,
    )
    return CurvePoint(n_labels, found["ari"], found["accuracy"])
