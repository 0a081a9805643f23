"""What is believed of products that nobody has decided yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ml.choosing.model import fit_predict
from ml.choosing.posterior import posterior
from ml.contract import FloatArray
from ml.sampling.pool import UNKNOWN, Pool, array_of

Belief = Callable[[Pool], FloatArray]
"""A pool to probabilities, shape ``(n_products, n_categories)``, of what is not decided yet."""


def by_posterior(seed: int) -> Belief:
    """Believe labels, the cheap model and the source categories, each for what it is worth."""

    def believe(pool: Pool) -> FloatArray:
        return posterior(pool, seed=seed).q

    return believe


def by_model(pool: Pool) -> FloatArray:
    """Believe the cheap model, fitted on the labels."""
    rows = np.flatnonzero(pool.labels != UNKNOWN)
    return fit_predict(array_of(pool, "features"), rows, pool.labels[rows], pool.n_categories)


def by_source(pool: Pool) -> FloatArray:
    """Believe whatever the sellers said."""
    return np.eye(pool.n_categories)[pool.sources]


def of_modality(pool: Pool, features: FloatArray | None, believe: Belief) -> FloatArray | None:
    """Return what is believed by one modality alone, NaN where a product lacks it.

    Parameters
    ----------
    features : ndarray of shape (n_products, n_features), optional
        Of the modality, a row of zeros where a product lacks it.
    """
    if features is None:
        return None
    has_any = np.asarray(features.any(axis=1))
    alone = replace(
        pool,
        features=features,
        labels=np.where(has_any, pool.labels, UNKNOWN),
        sources=np.where(has_any, pool.sources, UNKNOWN),
    )
    return np.where(has_any[:, None], believe(alone), np.nan)
