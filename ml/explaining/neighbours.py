"""The products most like some of them."""

from __future__ import annotations

import numpy as np

from ml.contract import FloatArray, IntArray

AT_ONCE = 50_000  # rows read at once: 40 MB of a file with 200 features


def nearest(
    features: FloatArray, rows: IntArray, among: IntArray | None = None, *, n: int
) -> tuple[IntArray, FloatArray]:
    """Find the products whose features point in the most similar direction.

    Parameters
    ----------
    features : ndarray of shape (n_products, n_features)
        Rows of length 1, or 0; may lie on disk.
    rows : ndarray of shape (n_asked,)
        Whose neighbours are wanted.
    among
        Rows that may be neighbours, each once; None: all.
    n
        At most so many each; a product is no neighbour of its own.

    Returns
    -------
    neighbours : ndarray of shape (n_asked, at most n)
        Rows, the nearest first; -1 where there are no more.
    cosines : ndarray of shape (n_asked, at most n)
        From -1 to 1; -inf where there are no more.
    """
    asked = np.asarray(features[rows], dtype=np.float32)
    candidates = np.arange(len(features)) if among is None else np.asarray(among)
    best = np.full((len(rows), 0), -1, dtype=np.int64)
    cosines = np.full((len(rows), 0), -np.inf, dtype=np.float32)
    for start in range(0, len(candidates), AT_ONCE):
        part = candidates[start : start + AT_ONCE]
        found = asked @ np.asarray(features[part], dtype=np.float32).T
        is_self = part[None, :] == np.asarray(rows)[:, None]
        found[is_self] = -np.inf
        best = np.hstack([best, np.where(is_self, -1, part[None, :])])
        cosines = np.hstack([cosines, found])
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :n]
        best = np.take_along_axis(best, order, axis=1)
        cosines = np.take_along_axis(cosines, order, axis=1)
    return best, cosines
