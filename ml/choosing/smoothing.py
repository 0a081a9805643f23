"""Smoothing of features over their nearest neighbours, so that a label says more of its likes."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.preprocessing import normalize

from ml.contract import FloatArray, IntArray

N_NEIGHBOURS = 10  # measured on the study's sample, as the number of turns is (ADR 0015)
TURNS = 2
AT_ONCE = 1_000  # rows whose cosines to all others are held at once
AT_MOST_EXACT = 50_000  # products; every pair takes half a minute of one core
CELL = 2_000  # products of a k-means cell, on average
AT_MOST_SAMPLED = 100_000  # products that k-means finds the cells on


def smooth(
    features: FloatArray, *, n_neighbours: int = N_NEIGHBOURS, turns: int = TURNS, seed: int = 0
) -> FloatArray:
    """Pull each product towards the products that look most like it.

    A turn is ``x <- normalise(0.5 x + 0.5 A x)``. A row of ``A`` holds the squared cosines to the
    nearest neighbours, brought to a sum of 1; the neighbours are found once, before the first turn.
    Products to be predicted are smoothed with those that have labels: no label is read, but a
    figure on held-out products is transductive, and has to say so.

    Parameters
    ----------
    features : ndarray of shape (n_products, n_features)
        Rows of length 1, or 0.
    n_neighbours
        Of each product; fewer where there are fewer others.
    seed
        Of the k-means of more than ``AT_MOST_EXACT`` products: there, neighbours are looked for in
        a cell of about ``CELL`` products alone, and products at its border miss some.

    Returns
    -------
    ndarray of shape (n_products, n_features)
        float32, rows of length 1; a product that has no neighbour at an acute angle stays as it is.

    References
    ----------
    Wu, Souza, Zhang, Fifty, Yu, Weinberger (2019), Simplifying Graph Convolutional Networks.
    """
    smoothed = np.array(features, dtype=np.float32)
    if len(features) < 2 or turns < 1:
        return smoothed
    neighbours, weights = _neighbours(smoothed, min(n_neighbours, len(features) - 1), seed)
    for _ in range(turns):
        before = smoothed.copy()
        for start in range(0, len(before), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            drawn = np.einsum("nk,nkd->nd", weights[part], before[neighbours[part]])
            smoothed[part] = normalize(0.5 * before[part] + 0.5 * drawn)
    return smoothed


def _neighbours(features: FloatArray, n_neighbours: int, seed: int) -> tuple[IntArray, FloatArray]:
    """Return the neighbours of each product and their weights: ``(n_products, n_neighbours)``.

    Where fewer are found, a product stands for itself with the weight 0.
    """
    found = np.tile(np.arange(len(features), dtype=np.int32)[:, None], n_neighbours)
    weights = np.zeros(found.shape, dtype=np.float32)
    for cell in cells_of(features, seed):
        within = features[cell]
        n_found = min(n_neighbours, len(cell) - 1)
        if n_found < 1:
            continue
        for start in range(0, len(cell), AT_ONCE):
            rows = np.arange(start, min(start + AT_ONCE, len(cell)))
            cosines = within[rows] @ within.T
            cosines[np.arange(len(rows)), rows] = -np.inf
            best = np.argpartition(-cosines, n_found - 1, axis=1)[:, :n_found]
            found[cell[rows], :n_found] = cell[best]
            nearness = np.take_along_axis(cosines, best, axis=1)
            weights[cell[rows], :n_found] = np.clip(nearness, 0, None) ** 2
    totals = weights.sum(axis=1, keepdims=True)
    weights /= np.where(totals > 0, totals, 1)
    return found, weights


def cells_of(features: FloatArray, seed: int) -> list[IntArray]:
    """Return the products of each cell that neighbours are looked for in."""
    if len(features) <= AT_MOST_EXACT:
        return [np.arange(len(features))]
    rng = np.random.default_rng(seed)
    sampled = rng.choice(len(features), min(AT_MOST_SAMPLED, len(features)), replace=False)
    k_means = MiniBatchKMeans(len(features) // CELL, n_init=1, random_state=seed)
    k_means.fit(features[sampled])
    cell_of = k_means.predict(features)
    order = np.argsort(cell_of, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(cell_of[order])) + 1)
