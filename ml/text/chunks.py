"""Reads a large batch part by part, so that memory does not grow with the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.contract import FloatArray, ProductBatch

CHUNK = 2_000  # products at a time


def in_chunks(answer: Callable[[ProductBatch], FloatArray], batch: ProductBatch) -> FloatArray:
    """Return the answers to a batch, computed part by part; to an empty one too."""
    starts = range(0, max(1, len(batch)), CHUNK)
    return np.concatenate(
        [answer(batch.take(range(start, min(start + CHUNK, len(batch))))) for start in starts]
    )
