"""What products look like to a sampler: text and picture as one short row of numbers."""

from __future__ import annotations

import numpy as np

from ml.choosing.axes import main_axes, sample, unit_length
from ml.choosing.text_features import text_features
from ml.contract import FloatArray, OnProgress, PipelineSettings, ProductBatch, ignore_progress
from ml.errors import WeightsUnavailableError
from ml.images.features import BackboneFeatures
from ml.text.chunks import CHUNK

# Dimensions and weights were measured on the study's sample (ADR 0015).
IMAGE_DIMENSIONS = 100
TEXT_WEIGHT = 0.8
IMAGE_WEIGHT = 0.6
AT_MOST_NUMBERS = 25_000_000  # of the sample that directions are found on: 100 MB


def features_of(
    batch: ProductBatch,
    settings: PipelineSettings,
    *,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
) -> FloatArray:
    """Return text and picture of each product as one row, no label read.

    TF-IDF of the text and the features of the frozen backbone, each brought to few dimensions and
    to length 1, side by side.

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
        known word nor a readable image.
    """
    rng = np.random.default_rng(seed)
    weighted = (
        (TEXT_WEIGHT, text_features(batch, rng)),
        (IMAGE_WEIGHT, _image_features(batch, settings, rng, on_progress)),
    )
    parts = [weight * part for weight, part in weighted if part is not None]
    if not parts:
        return np.zeros((len(batch), 1), dtype=np.float32)
    return unit_length(np.hstack(parts))


def _image_features(
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
    # With a folder to keep them in, the sample is not looked at twice.
    backbone.compute(batch, on_progress)
    at_most = max(IMAGE_DIMENSIONS, AT_MOST_NUMBERS // backbone.n_features)
    features, found = backbone.of(batch.take(sample(with_image, at_most, rng)), ignore_progress)
    if not found.any():
        return None
    known = unit_length(features[found].astype(np.float32))
    mean = known.mean(axis=0)
    axes = main_axes(known - mean, IMAGE_DIMENSIONS, rng)
    answer = np.zeros((len(batch), axes.shape[1]), dtype=np.float32)
    for start in range(0, len(batch), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(batch)))
        features, found = backbone.of(batch.take(rows), ignore_progress)
        seen = unit_length(features[found].astype(np.float32))
        answer[rows[found]] = unit_length((seen - mean) @ axes)
    return answer
