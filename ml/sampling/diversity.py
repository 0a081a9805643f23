"""Samplers whose batch is spread out: no two of its products teach the same.

Spreading compares products with each other. So that a million stay cheap, only the ``N_NEAR`` best
by score are compared, and only the first ``N_SPREAD`` rows of an answer are spread; the rest follow
by score.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from ml.contract import FloatArray, IntArray
from ml.sampling.choice import best, score_open
from ml.sampling.pool import Pool, array_of
from ml.sampling.scores import gradient_score, margin_score, prediction_errors

N_NEAR = 10_000  # the whole of most catalogues; of 300 features in float64, 24 MB
N_SPREAD = 500  # more than is decided before the next order
ALIKE = 0.8  # cosine; best of what was measured on the study's sample, batches of 5
NEGLIGIBLE = 1e-12  # squared distances of rows of length 1 that rounding alone can bring about


def diverse_margin(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask first where the two likeliest categories are close, leaving out what looks alike.

    A product whose cosine to one already in the batch is ``ALIKE`` or more waits until the
    candidates are used up.
    """
    features = array_of(pool, "features")
    scores = score_open(pool, margin_score, array_of(pool, "probabilities"))
    near = best(scores, pool, N_NEAR, rng)
    with threadpool_limits(1):  # on a busy machine threads that wait made it ten times slower
        picked = unlike(features[near], pool.groups[near], min(n, N_SPREAD))
    return best(scores, pool, n, rng, first=near[picked])


def badge(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
    """Ask a batch whose gradients are long and point different ways (BADGE).

    References
    ----------
    Ash, Zhang, Krishnamurthy, Langford, Agarwal (2020), Deep Batch Active Learning by Diverse,
    Uncertain Gradient Lower Bounds.
    """
    features, probabilities = array_of(pool, "features"), array_of(pool, "probabilities")
    scores = score_open(pool, gradient_score, probabilities, features)
    near = best(scores, pool, N_NEAR, rng)
    errors, groups = prediction_errors(probabilities[near]), pool.groups[near]
    with threadpool_limits(1):
        picked = far_apart(errors, features[near], groups, min(n, N_SPREAD), rng)
    return best(scores, pool, n, rng, first=near[picked])


def unlike(features: FloatArray, groups: IntArray, n: int) -> IntArray:
    """Take rows in order, leaving out those that look like one taken before.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)
        Rows of length 1.
    groups : ndarray of shape (n_rows,)
        No two of a group are taken.

    Returns
    -------
    ndarray of shape (n_taken,)
        At most ``n`` rows, rising; fewer where all others look like one of them.

    Examples
    --------
    >>> looks = np.array([[1.0, 0.0], [0.9, 0.436], [0.0, 1.0]])
    >>> unlike(looks, np.array([0, 1, 2]), 3).tolist()
    [0, 2]
    """
    is_free = np.ones(len(features), dtype=np.bool_)
    taken: list[int] = []
    while len(taken) < n and is_free.any():
        row = int(is_free.argmax())
        taken.append(row)
        is_free &= (features @ features[row] < ALIKE) & (groups != groups[row])
        is_free[row] = False
    return np.array(taken, dtype=np.int64)


def far_apart(
    errors: FloatArray,
    features: FloatArray,
    groups: IntArray,
    n: int,
    rng: np.random.Generator,
) -> IntArray:
    """Draw rows whose outer products ``errors x features`` lie far apart: k-means++ on them.

    The first is the longest; each further one is drawn with probability proportional to the square
    of the distance to the nearest drawn before. The products themselves, ``n_categories`` times
    ``n_features`` numbers a row, are never made: a scalar product of two of them is the product
    of two scalar products.

    Parameters
    ----------
    errors : ndarray of shape (n_rows, n_categories)
    features : ndarray of shape (n_rows, n_features)
    groups : ndarray of shape (n_rows,)
        No two of a group are drawn.

    Returns
    -------
    ndarray of shape (n_drawn,)
        At most ``n`` distinct rows in the order of the draw; fewer where all others equal one of
        them.

    References
    ----------
    Arthur, Vassilvitskii (2007), k-means++: The Advantages of Careful Seeding.
    """
    errors, features = errors.astype(np.float64), features.astype(np.float64)
    squared_lengths = (errors**2).sum(axis=1) * (features**2).sum(axis=1)
    nearest = np.full(len(errors), np.inf)
    drawn: list[int] = []
    while len(drawn) < min(n, len(errors)):
        if drawn:
            total = nearest.sum()
            if total == 0.0:
                break
            row = int(rng.choice(len(nearest), p=nearest / total))
        else:
            row = int(squared_lengths.argmax())
        drawn.append(row)
        shared = (errors @ errors[row]) * (features @ features[row])
        nearest = np.minimum(nearest, squared_lengths + squared_lengths[row] - 2.0 * shared)
        nearest[(nearest < NEGLIGIBLE) | (groups == groups[row])] = 0.0
    return np.array(drawn, dtype=np.int64)
