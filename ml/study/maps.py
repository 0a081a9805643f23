"""Products in the plane: what a system sees of them, by PCA and t-SNE."""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from ml.contract import FloatArray, IntArray
from ml.study.records import Points

MOST_DRAWN = 1_000  # more points hide each other, and t-SNE takes seconds for a thousand
FEWEST_DRAWN = 10
N_COMPONENTS = 50  # van der Maaten, Hinton (2008) reduce to 30; later practice to 50
N_TURNS = 500
PERPLEXITY = 30.0
DIGITS = 3
EQUAL_DIGITS = 6  # about what is exact in float32


def principal_coordinates(embeddings: FloatArray) -> FloatArray:
    """Return centred coordinates along the principal axes, the widest first.

    Distances between products stay what they are, in at most ``n_products`` columns: where there
    are more features than products, the products' inner products say the same in less time.

    Parameters
    ----------
    embeddings : ndarray of shape (n_products, n_features)
    """
    centred = embeddings - embeddings.mean(axis=0)
    if centred.shape[1] <= centred.shape[0]:
        _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        coordinates = centred @ axes[:, ::-1]
    else:
        squares, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
        coordinates = (vectors * np.sqrt(np.maximum(squares, 0.0)))[:, ::-1]
    widest = float(np.abs(coordinates).max(initial=0.0)) or 1.0
    # Products with the same features come out the same, whatever the arithmetic adds to them.
    return np.asarray(np.round(coordinates / widest, EQUAL_DIGITS) * widest, dtype=np.float64)


def draw_maps(coordinates: FloatArray, columns: IntArray, *, seed: int) -> tuple[Points, ...]:
    """Return a map by PCA and one by t-SNE; none where there are too few products to tell apart.

    Parameters
    ----------
    coordinates : ndarray of shape (n_products, n_components)
        As ``principal_coordinates`` gives them.
    columns : ndarray of shape (n_products,)
        The true categories.

    References
    ----------
    van der Maaten, Hinton (2008), Visualizing Data using t-SNE.
    """
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(coordinates))[:MOST_DRAWN])
    shown = coordinates[rows, :N_COMPONENTS]
    shown = np.pad(shown, ((0, 0), (0, max(0, 2 - shown.shape[1]))))
    scale = float(np.std(shown[:, 0])) if len(shown) else 0.0
    if len(rows) < FEWEST_DRAWN or not np.isfinite(scale) or scale == 0.0:
        return ()
    shown = shown / scale
    method = TSNE(
        perplexity=min(PERPLEXITY, (len(rows) - 1) / 3),
        init=(shown[:, :2] * 1e-4).astype(np.float32),  # as its own start by PCA
        learning_rate="auto",
        max_iter=N_TURNS,
        random_state=seed,
        n_jobs=1,
    )
    with threadpool_limits(1):  # 840 products take 1.1 s of processor time so, and 14 s on two
        near = method.fit_transform(shown.astype(np.float32))
    return (
        _points("pca", shown[:, :2], columns[rows]),
        _points("tsne", near, columns[rows]),
    )


def _points(method: Literal["pca", "tsne"], xy: Any, columns: IntArray) -> Points:
    rounded = np.round(np.asarray(xy, dtype=np.float64), DIGITS).tolist()
    pairs = tuple(cast("tuple[float, float]", tuple(point)) for point in rounded)
    return Points(method, pairs, tuple(int(column) for column in columns))
