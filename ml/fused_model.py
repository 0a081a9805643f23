"""A model version: two calibrated branches and their fusion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.branches import Branch
from ml.contract import FloatArray, OnProgress, ProductBatch, ignore_progress
from ml.fusion import Fusion, fuse

PREDICTED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says, each of shape ``(n_products, n_categories)``.

    Rows of ``fused`` sum to 1; rows of ``text`` and ``image`` are NaN where the product, or the
    model, lacks the modality.
    """

    fused: FloatArray
    text: FloatArray
    image: FloatArray


@dataclass(frozen=True, slots=True)
class FusedModel:
    """What a round learned, ready to predict products that came later.

    Parameters
    ----------
    categories
        The order of the columns.
    text, image
        The branches; one of them may be missing.
    prior
        Shape ``(n_categories,)``: the shares of the categories among the training products.
    """

    categories: tuple[int, ...]
    text: Branch | None
    image: Branch | None
    fusion: Fusion
    prior: FloatArray

    def predict(
        self, batch: ProductBatch, on_progress: OnProgress = ignore_progress
    ) -> Predictions:
        """Predict products; one without text and image gets the shares of the categories."""
        shape = (len(batch), len(self.categories))
        fused, text, image = (np.full(shape, np.nan) for _ in range(3))
        for start in range(0, len(batch), PREDICTED_AT_ONCE):
            part = slice(start, min(start + PREDICTED_AT_ONCE, len(batch)))
            products = batch.take(range(part.start, part.stop))
            for branch, answers in ((self.text, text), (self.image, image)):
                if branch is not None:
                    answers[part] = branch.predict(products, self.categories)
            fused[part] = fuse(text[part], image[part], self.fusion, self.prior)
            on_progress(part.stop, len(batch))
        return Predictions(fused, text, image)
