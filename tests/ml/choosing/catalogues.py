"""Small catalogues for the tests of choosing."""

from __future__ import annotations

import numpy as np

from ml.contract import FloatArray, IntArray, ProductBatch
from ml.sampling.pool import UNKNOWN, Pool

N_FEATURES = 20


def make_batch(names: list[str], *, specifications: str = "") -> ProductBatch:
    n = len(names)
    return ProductBatch(
        ids=tuple(f"p{row}" for row in range(n)),
        names=tuple(names),
        descriptions=("",) * n,
        specifications=(specifications,) * n,
        image_paths=(None,) * n,
        image_hashes=(None,) * n,
    )


def make_blobs(
    n_products: int = 120, n_categories: int = 3, *, seed: int = 0, spread: float = 0.6
) -> tuple[FloatArray, IntArray]:
    """Draw products around one direction a category: features of length 1, and the truth."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n_products) % n_categories
    centres = np.eye(n_categories, N_FEATURES)
    features = centres[truth] + spread * rng.normal(size=(n_products, N_FEATURES)) / 4
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features.astype(np.float32), truth


def make_pool(
    features: FloatArray,
    n_categories: int = 3,
    *,
    labels: dict[int, int] | None = None,
    sources: IntArray | None = None,
) -> Pool:
    """Make a catalogue of products that are all different; ``labels`` are columns by row."""
    n = len(features)
    known = np.full(n, UNKNOWN)
    for row, column in (labels or {}).items():
        known[row] = column
    return Pool(
        is_open=known == UNKNOWN,
        n_categories=n_categories,
        labels=known,
        sources=np.full(n, UNKNOWN) if sources is None else sources,
        groups=np.arange(n),
        features=features,
    )
