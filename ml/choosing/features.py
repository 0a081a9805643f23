"""What products look like to a sampler: words and picture as one short row of numbers."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    PipelineSettings,
    ProductBatch,
    ignore_progress,
)
from ml.errors import WeightsUnavailableError
from ml.images.features import BackboneFeatures
from ml.text.chunks import CHUNK, in_chunks

# Dimensions, weights and the smallest count: measured on the study's sample (ADR 0015).
TEXT_DIMENSIONS = 200
IMAGE_DIMENSIONS = 100
TEXT_WEIGHT = 0.8
IMAGE_WEIGHT = 0.6
SMALLEST_COUNT = 2
# Directions are found on a sample of a large catalogue, then every product is read along them.
AT_MOST_TEXTS = 50_000
AT_MOST_TERMS = 100_000
AT_MOST_NUMBERS = 25_000_000  # of the sample's image features: 100 MB


def features_of(
    batch: ProductBatch,
    settings: PipelineSettings,
    *,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
) -> FloatArray:
    """Return the words and the picture of each product as one row, no label read.

    TF-IDF of words and pairs of words, and the features of the frozen backbone, each brought to
    few dimensions and to length 1, side by side.

    Parameters
    ----------
    settings
        Those of ``BackboneFeatures``. Without its weights the text stands alone.
    seed
        Of the sample that a large catalogue's directions are found on.

    Returns
    -------
    ndarray of shape (n_products, n_features)
        float32; at least one column. Rows have length 1; zeros where a product has neither a
        word that another one has nor a readable image.
    """
    rng = np.random.default_rng(seed)
    parts = [
        weight * part
        for weight, part in (
            (TEXT_WEIGHT, _text_part(batch, rng)),
            (IMAGE_WEIGHT, _image_part(batch, settings, rng, on_progress)),
        )
        if part is not None
    ]
    if not parts:
        return np.zeros((len(batch), 1), dtype=np.float32)
    return _unit(np.hstack(parts))


def _text_part(batch: ProductBatch, rng: np.random.Generator) -> FloatArray | None:
    """Return shape ``(n_products, at most TEXT_DIMENSIONS)``, or None where there is no word."""
    texts = batch.take(_sample(np.arange(len(batch)), AT_MOST_TEXTS, rng)).texts()
    vectorizer = _learn_terms(texts)
    if vectorizer is None:
        return None
    axes = _main_axes(csr_array(vectorizer.transform(texts)), TEXT_DIMENSIONS, rng)

    def read(part: ProductBatch) -> FloatArray:
        return _unit(vectorizer.transform(part.texts()) @ axes)

    return in_chunks(read, batch)


def _learn_terms(texts: list[str]) -> TfidfVectorizer | None:
    for smallest in (SMALLEST_COUNT, 1):  # where no word is shared, any will do
        vectorizer = TfidfVectorizer(
            ngram_range=(1, 2),
            sublinear_tf=True,
            strip_accents="unicode",
            min_df=min(smallest, max(1, len(texts))),
            max_features=AT_MOST_TERMS,
            dtype=np.float32,
        )
        try:
            return vectorizer.fit(texts)
        except ValueError:  # an empty vocabulary is all that it refuses
            continue
    return None


def _image_part(
    batch: ProductBatch,
    settings: PipelineSettings,
    rng: np.random.Generator,
    on_progress: OnProgress,
) -> FloatArray | None:
    """Return shape ``(n_products, at most IMAGE_DIMENSIONS)``, or None where no image is read."""
    with_image = np.flatnonzero(batch.has_image())
    if not len(with_image):
        return None
    try:
        backbone = BackboneFeatures(settings)
    except WeightsUnavailableError:
        return None
    at_most = max(IMAGE_DIMENSIONS, AT_MOST_NUMBERS // backbone.n_features)
    sampled = batch.take(_sample(with_image, at_most, rng))
    features, found = backbone.of(sampled, ignore_progress)
    if not found.any():
        return None
    known = _unit(features[found].astype(np.float32))
    mean = known.mean(axis=0)
    axes = _main_axes(known - mean, IMAGE_DIMENSIONS, rng)
    parts = []
    for start in range(0, len(batch), CHUNK):
        rows = range(start, min(start + CHUNK, len(batch)))
        features, found = backbone.of(batch.take(rows), partial(_report, on_progress, batch, start))
        part = np.zeros((len(rows), axes.shape[1]), dtype=np.float32)
        part[found] = _unit((_unit(features[found].astype(np.float32)) - mean) @ axes)
        parts.append(part)
        on_progress(rows.stop, len(batch))
    return np.concatenate(parts)


def _report(on_progress: OnProgress, batch: ProductBatch, start: int, done: int, _: int) -> None:
    on_progress(start + done, len(batch))


def _main_axes(matrix: csr_array | FloatArray, n_axes: int, rng: np.random.Generator) -> FloatArray:
    """Return the directions of the largest singular values, ``(n_columns, at most n_axes)``."""
    seed = int(rng.integers(2**31))
    _, _, axes = randomized_svd(matrix, min(n_axes, *matrix.shape), random_state=seed)
    return np.asarray(axes.T, dtype=np.float32)


def _sample(rows: IntArray, at_most: int, rng: np.random.Generator) -> IntArray:
    if len(rows) <= at_most:
        return rows
    return np.sort(rng.choice(rows, at_most, replace=False))


def _unit(rows: FloatArray) -> FloatArray:
    """Bring rows to length 1; zeros stay."""
    return np.asarray(normalize(rows), dtype=np.float32) if len(rows) else rows
