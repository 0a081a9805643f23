"""From scores to rows: the one choice that all samplers share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.contract import BoolArray, FloatArray, IntArray
from ml.sampling.pool import Pool

CHUNK_ROWS = 20_000  # 300 categories in float64 are 48 MB, whatever the size of the catalogue
NO_ROWS = np.zeros(0, dtype=np.int64)


def score_open(
    pool: Pool, score: Callable[..., FloatArray], *arrays: FloatArray | IntArray
) -> FloatArray:
    """Score the products that may be asked, some thousand at a time.

    Parameters
    ----------
    score
        A function of rows of ``arrays``, see ``ml.sampling.scores``.
    arrays : ndarray of shape (n_products, ...)
        What ``score`` reads.

    Returns
    -------
    ndarray of shape (n_products,)
        NaN for products that may not be asked.
    """
    scores = np.full(len(pool), np.nan)
    rows = pool.open_rows()
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        scores[chunk] = score(*(array[chunk] for array in arrays))
    return scores


def best(
    scores: FloatArray,
    pool: Pool,
    n: int,
    rng: np.random.Generator,
    first: IntArray = NO_ROWS,
) -> IntArray:
    """Choose the open products of the highest scores, one of each group as long as there are more.

    The first of every group come before the second of any, and so on. What is asked first does
    not depend on ``n``: fewer are the beginning of more.

    Parameters
    ----------
    scores : ndarray of shape (n_products,)
        NaN where nothing is known: these come last.
    n
        At most so many rows; all open ones give a complete order.
    rng
        Draws the order of products with one score.
    first : ndarray of shape (n_first,), optional
        Open rows, no two of one group, that are chosen already: the answer begins with them.

    Returns
    -------
    ndarray of shape (min(n, n_open),)
        Distinct open rows, the first to ask first.
    """
    rows = pool.open_rows()
    n = max(0, min(n, len(rows)))
    if n == 0:
        return NO_ROWS
    values = np.nan_to_num(scores[rows].astype(np.float64), nan=-np.inf)
    ties = rng.random(len(rows))
    at = np.searchsorted(rows, first)
    values[at], ties[at] = np.inf, np.arange(len(first), 0, -1)
    n_near = n
    while True:
        near = _highest(values, n_near)
        order = near[np.lexsort((-ties[near], -values[near]))]
        turn = _turns(pool.groups[rows[order]])
        leaders = order[turn == 0]
        if len(leaders) >= n or len(near) == len(rows):
            break
        n_near *= 4
    if len(leaders) < n:
        leaders = order[np.argsort(turn, kind="stable")]
    chosen: IntArray = rows[leaders[:n]]
    return chosen


def _highest(values: FloatArray, n: int) -> IntArray:
    """Return where the ``n`` highest values are, and all that equal the last of them."""
    if n >= len(values):
        return np.arange(len(values))
    threshold = np.partition(values, -n)[-n]
    is_near: BoolArray = values >= threshold
    return np.flatnonzero(is_near)


def _turns(groups: IntArray) -> IntArray:
    """Count how many of the same group stand before each.

    Examples
    --------
    >>> _turns(np.array([7, 3, 7, 7, 3])).tolist()
    [0, 0, 1, 2, 1]
    """
    by_group = np.argsort(groups, kind="stable")
    ordered = groups[by_group]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
    sizes = np.diff(np.r_[starts, len(ordered)])
    turns = np.empty(len(groups), dtype=np.int64)
    turns[by_group] = np.arange(len(groups)) - np.repeat(starts, sizes)
    return turns
