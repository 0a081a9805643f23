"""How strongly a branch believes in a category, so that what takes belief away can be weighed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.contract import FloatArray, IntArray, ProductBatch

Answer = Callable[[ProductBatch], FloatArray]
"""What a calibrated branch says of products: shape ``(n_products, n_categories)``."""

_LEAST = float(
    np.finfo(np.float64).tiny
)  # so that the logarithm of an impossible category is a number


def log_odds(said: FloatArray, columns: IntArray) -> FloatArray:
    """Return ``log(p / (1 - p))`` of one category a row, in nats.

    A branch that is certain says 1.000 with and without a word; its odds, taken from what the other
    categories are left, still tell the difference.

    Parameters
    ----------
    said : ndarray of shape (n_rows, n_categories)
        Rows sum to 1; one of NaN knows nothing, and stands for the same probability everywhere.
    columns : ndarray of shape (n_rows,)

    Returns
    -------
    ndarray of shape (n_rows,)

    References
    ----------
    Robnik-Sikonja, Kononenko (2008), Explaining Classifications for Individual Instances: the
    difference of two of these is the weight of evidence.

    Examples
    --------
    >>> log_odds(np.array([[0.75, 0.25], [np.nan, np.nan]]), np.array([0, 1])).round(2).tolist()
    [1.1, 0.0]
    """
    known = np.where(np.isnan(said), 1 / said.shape[1], said)
    rows = np.arange(len(said))
    own = known[rows, columns]
    others = known.copy()
    others[rows, columns] = 0.0
    answer: FloatArray = np.log(np.maximum(own, _LEAST))
    answer -= np.log(np.maximum(others.sum(axis=1), _LEAST))
    return answer
