"""Figures of merit on the evaluation set, each for one sample or for many resamples at once.

Every metric is a function of weighted counts: a weight of 1 for each product gives the figure
itself, the weights of a bootstrap give its resamples, by the same formula.

Arrays of categories have shape ``(n_products,)``, probabilities ``(n_products, n_categories)``,
weights ``(n_weightings, n_products)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ml.contract import FloatArray, IntArray
from ml.probabilities import losses

N_BINS = 10  # Naeini, Cooper, Hauskrecht (2015), Obtaining Well Calibrated Probabilities


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a contingency table that hold anything, for one or more weightings.

    Parameters
    ----------
    true, predicted
        Shape ``(n_cells,)``: the categories that meet in each cell.
    counts
        Shape ``(n_weightings, n_cells)``: the weight in each.
    squares
        Shape ``(n_weightings,)``: the sum of the squared weights of the products.
    """

    true: IntArray
    predicted: IntArray
    counts: FloatArray
    squares: FloatArray


def count_cells(true: IntArray, predicted: IntArray, weights: FloatArray) -> Cells:
    """Count pairs of categories; ``weights`` has shape ``(n_weightings, n_products)``."""
    pairs, cell = np.unique(np.stack([true, predicted]), axis=1, return_inverse=True)
    membership = indicator(cell, pairs.shape[1])
    counts = np.asarray(weights @ membership, dtype=np.float64)
    return Cells(pairs[0], pairs[1], counts, (weights**2).sum(axis=1))


def indicator(column: IntArray, n_columns: int) -> csr_array:
    """Return shape ``(len(column), n_columns)``: 1 in the named column of each row."""
    n_rows = len(column)
    ones = np.ones(n_rows)
    return csr_array((ones, (np.arange(n_rows), column)), shape=(n_rows, n_columns))


def accuracies(cells: Cells) -> FloatArray:
    """Return the share of right predictions, shape ``(n_weightings,)``."""
    right: FloatArray = cells.counts @ (cells.true == cells.predicted)
    shares: FloatArray = right / cells.counts.sum(axis=1)
    return shares


def adjusted_rand_indices(cells: Cells) -> FloatArray:
    """Return the ARI, shape ``(n_weightings,)``; NaN where there is one true category only.

    References
    ----------
    Hubert, Arabie (1985), Comparing Partitions.
    """
    in_true = _sums_by(cells.true, cells.counts)
    in_predicted = _sums_by(cells.predicted, cells.counts)

    def pairs(counts: FloatArray) -> FloatArray:
        # A product that a resample draws twice makes no pair with itself, which would agree.
        n_pairs: FloatArray = ((counts**2).sum(axis=1) - cells.squares) / 2
        return n_pairs

    same_both, same_true = pairs(cells.counts), pairs(in_true)
    same_predicted = pairs(in_predicted)
    all_pairs = pairs(cells.counts.sum(axis=1, keepdims=True))
    expected = same_true * same_predicted / np.maximum(all_pairs, 1)
    room = (same_true + same_predicted) / 2 - expected
    # No room: every product alone on both sides, which is the same grouping.
    index = np.divide(same_both - expected, room, out=np.ones_like(room), where=room > 0)
    index[(in_true > 0).sum(axis=1) < 2] = np.nan
    return index


def macro_f1s(cells: Cells) -> FloatArray:
    """Return the mean F1 over the categories that occur, shape ``(n_weightings,)``, from 0 to 1.

    A category occurs where a product of some weight has it, true or predicted.
    """
    names = np.union1d(cells.true, cells.predicted)
    right = _sums_by(cells.true, cells.counts * (cells.true == cells.predicted), names)
    both = _sums_by(cells.true, cells.counts, names) + _sums_by(
        cells.predicted, cells.counts, names
    )
    f1 = np.divide(2 * right, both, out=np.zeros_like(both), where=both > 0)
    mean: FloatArray = f1.sum(axis=1) / (both > 0).sum(axis=1)
    return mean


def calibration_errors(
    columns: IntArray, probabilities: FloatArray, weights: FloatArray
) -> FloatArray:
    """Return the mean gap between confidence and accuracy over bins, shape ``(n_weightings,)``."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == columns
    bins = np.minimum((confidence * N_BINS).astype(np.int64), N_BINS - 1)
    gaps = np.abs((weights * (confidence - right)) @ indicator(bins, N_BINS))
    error: FloatArray = gaps.sum(axis=1) / weights.sum(axis=1)
    return error


def ari_of_predictions(true: IntArray, predicted: IntArray) -> float | None:
    """Compare predicted with true categories: 1 the same grouping, about 0 chance.

    It never stands alone: any permutation of the categories scores 1 as well. None where there
    is no product, or one true category only, as then there is nothing to tell apart.

    Examples
    --------
    >>> round(ari_of_predictions(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])), 3)
    0.571
    """
    return _single(adjusted_rand_indices, true, predicted)


def ari_of_clusters(true: IntArray, clusters: IntArray) -> float | None:
    """Compare groups found without labels with true categories; the groups' names don't matter."""
    return _single(adjusted_rand_indices, true, clusters)


def accuracy(true: IntArray, predicted: IntArray) -> float | None:
    """Return the share of right predictions, or None where there is no product."""
    return _single(accuracies, true, predicted)


def macro_f1(true: IntArray, predicted: IntArray) -> float | None:
    """Return the mean F1 of the categories that occur, or None where there is no product."""
    return _single(macro_f1s, true, predicted)


def log_loss(columns: IntArray, probabilities: FloatArray) -> float | None:
    """Return the mean of ``-log p`` of the true category in nats, or None without a product."""
    return float(losses(probabilities, columns).mean()) if len(columns) else None


def expected_calibration_error(columns: IntArray, probabilities: FloatArray) -> float | None:
    """Return the expected calibration error over ten bins of equal width, from 0 to 1.

    Of few products it reads too high, as the accuracy of a bin then is off by chance.
    """
    if not len(columns):
        return None
    ones = np.ones((1, len(columns)))
    return float(calibration_errors(columns, probabilities, ones)[0])


def confusion_matrix(columns: IntArray, predicted: IntArray, n_categories: int) -> IntArray:
    """Count products, shape ``(n_categories, n_categories)``: true in rows, predicted in columns.

    Products whose true category has no column (-1) are left out.
    """
    known = columns >= 0
    flat = columns[known] * n_categories + predicted[known]
    counts = np.bincount(flat, minlength=n_categories * n_categories)
    return counts.reshape(n_categories, n_categories)


def _single(
    metric: Callable[[Cells], FloatArray], true: IntArray, predicted: IntArray
) -> float | None:
    if not len(true):
        return None
    value = float(metric(count_cells(true, predicted, np.ones((1, len(true)))))[0])
    return None if np.isnan(value) else value


def _sums_by(categories: IntArray, counts: FloatArray, names: IntArray | None = None) -> FloatArray:
    names = np.unique(categories) if names is None else names
    return np.asarray(counts @ indicator(np.searchsorted(names, categories), len(names)))
