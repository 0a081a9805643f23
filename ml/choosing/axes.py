"""Many columns brought to few: the directions along which the rows of a sample differ most."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from ml.contract import FloatArray, IntArray


def main_axes(matrix: csr_array | FloatArray, n_axes: int, rng: np.random.Generator) -> FloatArray:
    """Return the directions of the largest singular values: columns of length 1.

    Returns
    -------
    ndarray of shape (n_columns, n_axes)
        float32; fewer axes where the matrix has fewer rows or columns.

    References
    ----------
    Halko, Martinsson, Tropp (2011), Finding Structure with Randomness.
    """
    seed = int(rng.integers(2**31))
    _, _, axes = randomized_svd(matrix, min(n_axes, *matrix.shape), random_state=seed)
    return np.asarray(axes.T, dtype=np.float32)


def sample(rows: IntArray, at_most: int, rng: np.random.Generator) -> IntArray:
    """Draw rows at random where there are more than that, rising as they came."""
    if len(rows) <= at_most:
        return rows
    return np.sort(rng.choice(rows, at_most, replace=False))


def unit_length(rows: FloatArray) -> FloatArray:
    """Bring rows to length 1 in float32; zeros stay."""
    return np.asarray(normalize(rows) if len(rows) else rows, dtype=np.float32)
