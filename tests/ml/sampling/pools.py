"""Small made-up catalogues: blobs of products, some decided, some near-duplicates."""

from __future__ import annotations

import numpy as np

from ml.contract import FloatArray, IntArray
from ml.sampling.pool import UNKNOWN, Pool

N_CATEGORIES = 4


def make_pool(
    n_products: int = 60,
    *,
    n_categories: int = N_CATEGORIES,
    n_closed: int = 0,
    n_groups: int | None = None,
    seed: int = 0,
) -> Pool:
    """Make a pool with every array; the first ``n_closed`` products are decided."""
    rng = np.random.default_rng(seed)
    features, categories = blobs(n_products, n_categories, rng)
    probabilities = rng.dirichlet(np.ones(n_categories), n_products)
    text = rng.dirichlet(np.ones(n_categories), n_products)
    image = rng.dirichlet(np.ones(n_categories), n_products)
    text[::3], image[1::3] = np.nan, np.nan
    is_open = np.arange(n_products) >= n_closed
    groups = np.arange(n_products)
    if n_groups is not None:
        groups = rng.integers(n_groups, size=n_products)
    sources = np.where(rng.random(n_products) < 0.2, UNKNOWN, categories)
    return Pool(
        is_open=is_open,
        n_categories=n_categories,
        labels=np.where(is_open, UNKNOWN, categories),
        sources=sources,
        groups=groups,
        features=features,
        probabilities=probabilities,
        text=text,
        image=image,
    )


def blobs(
    n_products: int, n_categories: int, rng: np.random.Generator, spread: float = 0.3
) -> tuple[FloatArray, IntArray]:
    """Make rows of length 1 around one centre a category, and the category of each."""
    centres = rng.standard_normal((n_categories, 8))
    categories = rng.integers(n_categories, size=n_products)
    features = centres[categories] + spread * rng.standard_normal((n_products, 8))
    return features / np.linalg.norm(features, axis=1, keepdims=True), categories
