"""Arithmetic on rows of probabilities that calibration, fusion, metrics and the queue share."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from ml.contract import FloatArray, IntArray

SMALLEST = 1e-7  # about the resolution of float32, in which the networks answer


def logarithms(probabilities: FloatArray) -> FloatArray:
    """Return natural logarithms in the same shape; below ``SMALLEST`` counts as ``SMALLEST``."""
    logs: FloatArray = np.log(np.clip(np.asarray(probabilities, dtype=np.float64), SMALLEST, 1.0))
    return logs


def normalised(logs: FloatArray) -> FloatArray:
    """Return the probabilities proportional to ``exp(logs)``: the same shape, rows sum to 1."""
    return np.asarray(softmax(logs, axis=1), dtype=np.float64)


def margins(probabilities: FloatArray) -> FloatArray:
    """Return the difference of the two highest probabilities of each row, ``p1 - p2``.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        At least two categories.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (undecided) to 1 (certain), no unit.

    Raises
    ------
    ValueError
        If there are fewer than two categories.
    """
    if probabilities.shape[1] < 2:
        raise ValueError("a margin needs at least two categories")
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    difference: FloatArray = two[:, 1] - two[:, 0]
    return difference


def losses(probabilities: FloatArray, columns: IntArray) -> FloatArray:
    """Return ``-log p`` of the true category of each row, in nats.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
    columns : ndarray of shape (n_products,)
        The column of the true category; -1 where it has none, which counts as probability 0.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 to ``-log(SMALLEST)``, about 16.1.
    """
    rows = np.arange(len(columns))
    picked = np.where(columns >= 0, probabilities[rows, np.maximum(columns, 0)], 0.0)
    return -logarithms(picked)
