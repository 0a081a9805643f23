"""The sampler for the cold start: what is typical of the part of the catalogue still unknown.

Products are clustered, and the most typical one of the largest cluster without a label is asked,
then that of the next. Of a large catalogue ``N_SAMPLE`` products, drawn at random, stand for all.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from ml.contract import FloatArray, IntArray
from ml.sampling.choice import best
from ml.sampling.pool import UNKNOWN, Pool, array_of

N_SAMPLE = 10_000  # 20 for each of the most clusters
N_NEIGHBOURS = 19  # as TypiClust: 20 with the product itself
PER_CATEGORY = 2  # clusters: on the study's sample 14 for 7 categories found all soonest
MAX_CLUSTERS = 500  # as TypiClust
N_TURNS = 100  # of k-means; past that, products hardly move
N_STARTS = 10  # k-means ends in the nearest valley; the best of ten is seldom a bad one
MAX_WORK = 200_000  # products times clusters up to which ten starts take a second
CHUNK_ROWS = 4_000  # against 15,000 others in float32, 240 MB


def typical(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask first what is typical of clusters that no label covers, the largest cluster first.

    There are as many clusters as labels and products asked for together, but no more of the
    latter than ``PER_CATEGORY`` for each category: a queue is ordered again before it is used up.
    What follows the one product of each cluster stands in the order of its closeness to the
    centre of its own.

    References
    ----------
    Hacohen, Dekel, Weinshall (2022), Active Learning on a Budget: Opposite Strategies Suit High
    and Low Budgets (TypiClust).
    """
    features = array_of(pool, "features")
    rows, labelled = pool.open_rows(), np.flatnonzero(pool.labels != UNKNOWN)
    n = max(0, min(n, len(rows)))
    if n == 0:
        return rows[:0]
    n_wanted = min(n, PER_CATEGORY * pool.n_categories)
    sample = np.union1d(_drawn(rows, N_SAMPLE, rng), _drawn(labelled, N_SAMPLE // 2, rng))
    # One thread: two add up in the order in which they end, so that one seed had two answers, and
    # on a busy machine those that wait made it seven times slower.
    with threadpool_limits(1):
        centres = _centres(features[sample], len(labelled) + n_wanted, rng)
        clusters, closeness = _nearest(features, np.union1d(rows, labelled), centres)
        n_labelled = np.bincount(clusters[labelled], minlength=len(centres))
        n_open = np.bincount(clusters[rows], minlength=len(centres))
        turns = np.lexsort((rng.random(len(centres)), -n_open, n_labelled))
        members = (sample[clusters[sample] == at] for at in turns)
        picked = _most_typical(pool, features, members, n_wanted)
    return best(closeness, pool, n, rng, first=picked)


def distance_to_neighbours(features: FloatArray, n_neighbours: int) -> FloatArray:
    """Return the mean distance of each row to those nearest to it, small where it is typical.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)
        Rows of length 1.
    n_neighbours
        At most so many, without the row itself.

    Returns
    -------
    ndarray of shape (n_rows,)
        From 0 to 2, a chord of the unit sphere; 0 for a row without others.

    Examples
    --------
    >>> looks = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    >>> distance_to_neighbours(looks, 1).tolist()
    [0.0, 0.0, 2.0]
    """
    n_neighbours = min(n_neighbours, len(features) - 1)
    means = np.zeros(len(features))
    if n_neighbours < 1:
        return means
    for start in range(0, len(features), CHUNK_ROWS):
        cosines = features[start : start + CHUNK_ROWS] @ features.T
        at = np.arange(len(cosines))
        cosines[at, start + at] = -np.inf
        nearest = np.partition(cosines, -n_neighbours, axis=1)[:, -n_neighbours:]
        means[start + at] = np.sqrt(np.maximum(2.0 - 2.0 * nearest, 0.0)).mean(axis=1)
    return means


def _most_typical(
    pool: Pool, features: FloatArray, clusters: Iterable[IntArray], n: int
) -> IntArray:
    """Return one open product of each of the first ``n`` clusters that have one, no two alike."""
    picked: list[int] = []
    for members in clusters:
        if len(picked) == n:
            break
        may_be = pool.is_open[members] & ~np.isin(pool.groups[members], pool.groups[picked])
        if may_be.any():
            distances = distance_to_neighbours(features[members], N_NEIGHBOURS)
            picked.append(int(members[np.where(may_be, distances, np.inf).argmin()]))
    return np.array(picked, dtype=np.int64)


def _drawn(rows: IntArray, n: int, rng: np.random.Generator) -> IntArray:
    return rows if len(rows) <= n else rng.choice(rows, n, replace=False)


def _centres(features: FloatArray, n_clusters: int, rng: np.random.Generator) -> FloatArray:
    n_clusters = min(n_clusters, MAX_CLUSTERS, len(features))
    n_starts = N_STARTS if n_clusters * len(features) <= MAX_WORK else 1
    model = KMeans(
        n_clusters, n_init=n_starts, max_iter=N_TURNS, random_state=int(rng.integers(2**31))
    )
    with warnings.catch_warnings():
        # Where fewer products differ than there are clusters, some clusters stay empty.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features)
    centres: FloatArray = model.cluster_centers_
    return centres


def _nearest(
    features: FloatArray, rows: IntArray, centres: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return each product's cluster and minus its squared distance to the centre, less ``|x|^2``.

    Products that are not in ``rows`` have cluster -1.
    """
    cluster = np.full(len(features), UNKNOWN, dtype=np.int64)
    closeness = np.full(len(features), np.nan)
    squared = (centres**2).sum(axis=1)
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        near = 2.0 * features[chunk] @ centres.T - squared
        cluster[chunk] = near.argmax(axis=1)
        closeness[chunk] = near[np.arange(len(chunk)), cluster[chunk]]
    return cluster, closeness
