"""95 % intervals of the metrics, by resampling groups of near-duplicates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from ml import metrics
from ml.contract import FloatArray, IntArray
from ml.probabilities import losses

LEVEL_PERCENT = (2.5, 97.5)
WEIGHTS_AT_ONCE = 4_000_000  # 32 MB of float64, whatever the size of the evaluation set
NAMES = ("ari", "accuracy", "macro_f1", "log_loss", "ece")
PAIRED = ("ari", "accuracy", "macro_f1", "log_loss")

Figures = dict[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, the interval that holds it with 95 % confidence, the number of products behind it.

    All three figures are None where it is undefined: without products, or (ARI) with a single
    true category.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the four as they are stored and printed."""
        return asdict(self)


def intervals(
    columns: IntArray,
    probabilities: FloatArray,
    groups: IntArray,
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Return ARI, accuracy, macro-F1, log loss and calibration error with their intervals.

    Parameters
    ----------
    columns : ndarray of shape (n_products,)
        The column of the true category, -1 where the model does not know it.
    probabilities : ndarray of shape (n_products, n_categories)
    groups : ndarray of shape (n_products,)
        Near-duplicates share a number and are drawn together: as if they were independent
        products, the interval would be too narrow.

    Returns
    -------
    dict
        ``ari``, ``accuracy``, ``macro_f1``, ``log_loss`` and ``ece``.

    References
    ----------
    Field, Welsh (2007), Bootstrapping Clustered Data: percentiles of a cluster bootstrap.
    """
    if not len(columns):
        return {name: Interval(None, None, None, 0) for name in NAMES}
    found, n_units = _resample(
        lambda weights: _score(columns, probabilities, weights), groups, n_resamples, seed
    )
    is_perfect = bool((columns == probabilities.argmax(axis=1)).all())
    return _widen(found, columns, probabilities, n_units) if is_perfect else found


def paired_intervals(
    columns: IntArray,
    probabilities_a: FloatArray,
    probabilities_b: FloatArray,
    groups: IntArray,
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Return how much higher model A scores than model B on the same products, with intervals.

    Both are scored on the same resamples. What makes a resample hard is hard for both and cancels,
    so this tells models apart whose own intervals overlap.

    Parameters
    ----------
    columns, groups : ndarray of shape (n_products,)
        As of ``intervals``.
    probabilities_a, probabilities_b : ndarray of shape (n_products, n_categories)
        Columns in the same order.

    Returns
    -------
    dict
        ``ari``, ``accuracy``, ``macro_f1`` and ``log_loss`` of A minus those of B: above 0 A is
        better, in log loss B. An interval without 0 is a difference beyond chance. Where no
        product tells the models apart, it is from 0 to 0, which shows that they agree on these
        products and no more.

    Raises
    ------
    ValueError
        If the shapes of the probabilities differ.

    References
    ----------
    Koehn (2004), Statistical Significance Tests for Machine Translation Evaluation: the paired
    bootstrap.
    """
    if probabilities_a.shape != probabilities_b.shape:
        raise ValueError(
            f"probabilities differ in shape: {probabilities_a.shape}, {probabilities_b.shape}"
        )
    if not len(columns):
        return {name: Interval(None, None, None, 0) for name in PAIRED}

    def difference(weights: FloatArray) -> Figures:
        a = _score(columns, probabilities_a, weights)
        b = _score(columns, probabilities_b, weights)
        return {name: a[name] - b[name] for name in PAIRED}

    found, _ = _resample(difference, groups, n_resamples, seed)
    return found


def _resample(
    score: Callable[[FloatArray], Figures], groups: IntArray, n_resamples: int, seed: int
) -> tuple[dict[str, Interval], int]:
    """Return the intervals of what ``score`` makes of weights, and the number of groups."""
    n = len(groups)
    values = score(np.ones((1, n)))
    _, unit = np.unique(groups, return_inverse=True)
    n_units = int(unit.max()) + 1
    rng = np.random.default_rng(seed)
    chunk = max(1, WEIGHTS_AT_ONCE // n)
    parts = [
        score(_draw(n_units, min(chunk, n_resamples - start), rng)[:, unit])
        for start in range(0, n_resamples, chunk)
    ]
    found = {
        name: _interval(value[0], np.concatenate([part[name] for part in parts]), n)
        for name, value in values.items()
    }
    return found, n_units


def cluster_ari_interval(
    samples: Sequence[tuple[IntArray, IntArray, IntArray]],
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Return the ARI of groups found without labels, as the mean over samples.

    Parameters
    ----------
    samples
        Of each, three arrays of shape ``(n_products,)``: true categories, clusters, and groups of
        near-duplicates. Clusters have names in their own sample alone, so samples are scored one
        by one; a resample draws the same groups of near-duplicates for all of them.
    """
    groups = [grouped for _, _, grouped in samples]
    if not any(map(len, groups)):
        return Interval(None, None, None, 0)
    ends = np.cumsum([len(grouped) for grouped in groups])[:-1]

    def mean_ari(weights: FloatArray) -> Figures:
        each = [
            metrics.adjusted_rand_indices(metrics.count_cells(true, clusters, part))
            for (true, clusters, _), part in zip(
                samples, np.split(weights, ends, axis=1), strict=True
            )
        ]
        return {"ari": np.mean(each, axis=0)}

    found, _ = _resample(mean_ari, np.concatenate(groups), n_resamples, seed)
    return found["ari"]


def _widen(
    found: dict[str, Interval], columns: IntArray, probabilities: FloatArray, n_units: int
) -> dict[str, Interval]:
    """Lower the ends of intervals of a model that made no mistake.

    Resampling cannot find a mistake that is not there, and would call the model certain. As many
    mistakes as the exact binomial bound still allows are therefore made among the products that
    it was least sure of, each for its second choice.

    References
    ----------
    Clopper, Pearson (1934), The Use of Confidence or Fiducial Limits Illustrated in the Case of
    the Binomial: ``(alpha / 2) ** (1 / n)`` when all ``n`` succeed.
    """
    n = len(columns)
    lowest = (LEVEL_PERCENT[0] / 100) ** (1 / n_units)
    n_mistakes = math.ceil((1 - lowest) * n)
    order = np.sort(probabilities, axis=1)
    doubted = np.argsort(order[:, -1] - order[:, -2], kind="stable")[:n_mistakes]
    mistaken = probabilities.copy()
    mistaken[doubted, columns[doubted]] = 0.0
    worse = _score(columns, mistaken, np.ones((1, n)))
    return {
        name: replace(interval, low=min(interval.low, float(worse[name][0])))
        if name in ("ari", "accuracy", "macro_f1")
        and interval.low is not None
        and not np.isnan(worse[name][0])
        else interval
        for name, interval in found.items()
    }


def _score(columns: IntArray, probabilities: FloatArray, weights: FloatArray) -> Figures:
    cells = metrics.count_cells(columns, probabilities.argmax(axis=1), weights)
    figures = (
        metrics.adjusted_rand_indices(cells),
        metrics.accuracies(cells),
        metrics.macro_f1s(cells),
        weights @ losses(probabilities, columns) / weights.sum(axis=1),
        metrics.calibration_errors(columns, probabilities, weights),
    )
    return dict(zip(NAMES, figures, strict=True))


def _draw(n_units: int, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return how often each resample draws each unit, shape ``(n_resamples, n_units)``."""
    drawn = rng.integers(n_units, size=(n_resamples, n_units))
    offset = np.arange(n_resamples)[:, None] * n_units
    counts = np.bincount((drawn + offset).ravel(), minlength=n_resamples * n_units)
    return counts.reshape(n_resamples, n_units).astype(np.float64)


def _interval(value: float, resamples: FloatArray, n: int) -> Interval:
    defined = resamples[~np.isnan(resamples)]
    if np.isnan(value) or not len(defined):
        return Interval(None, None, None, n)
    low, high = np.percentile(defined, LEVEL_PERCENT)
    # Resampling adds noise to bins, so all resamples of a small calibration error lie above it.
    return Interval(float(value), min(float(low), float(value)), max(float(high), float(value)), n)
