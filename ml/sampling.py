"""Which products of the pool a moderator is asked about first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ml.contract import FloatArray, IntArray
from ml.probabilities import margins


@dataclass(frozen=True, slots=True)
class Pool:
    """The products without a label, as the samplers see them.

    Parameters
    ----------
    probabilities
        Shape ``(n_products, n_categories)``: the fused prediction of each.
    """

    probabilities: FloatArray

    def __len__(self) -> int:
        return len(self.probabilities)


Score = Callable[[Pool, np.random.Generator], FloatArray]
"""Gives each product of the pool a number: the higher, the sooner a moderator is asked."""


@dataclass(frozen=True, slots=True)
class SamplerRow:
    """One sampler: its name, what it is called on a page, and its score."""

    name: str
    title: str
    score: Score

    def __call__(self, pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
        """Return at most ``n`` distinct rows of the pool, the best first."""
        return best(self.score(pool, rng), n, rng)


def margin_score(probabilities: FloatArray) -> FloatArray:
    """Score products by how close their likeliest categories are: ``1 - (p1 - p2)``.

    Parameters
    ----------
    probabilities : ndarray of shape (n_products, n_categories)
        Each row sums to 1. At least two categories.

    Returns
    -------
    ndarray of shape (n_products,)
        From 0 (certain) to 1 (undecided), no unit.

    Raises
    ------
    ValueError
        If there are fewer than two categories.

    References
    ----------
    Scheffer, Decomain, Wrobel (2001), Active Hidden Markov Models for Information Extraction.

    Examples
    --------
    >>> margin_score(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    score: FloatArray = 1.0 - margins(probabilities)
    return score


def random_score(n_products: int, rng: np.random.Generator) -> FloatArray:
    """Score products at random, uniform from 0 to 1, shape ``(n_products,)``."""
    return rng.random(n_products)


def best(scores: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    """Return the rows of the highest scores, highest first, ties in random order.

    Parameters
    ----------
    scores : ndarray of shape (n_products,)
    n
        At most so many rows; none where it is negative.

    Returns
    -------
    ndarray of shape (min(n, n_products),)
        Distinct rows of the pool.
    """
    shuffled = rng.permutation(len(scores))
    order = np.argsort(-scores[shuffled], kind="stable")
    return shuffled[order][: max(n, 0)]


SAMPLERS = {
    row.name: row
    for row in (
        SamplerRow("margin", "Uncertain", lambda pool, rng: margin_score(pool.probabilities)),
        SamplerRow("random", "Random", lambda pool, rng: random_score(len(pool), rng)),
    )
}
