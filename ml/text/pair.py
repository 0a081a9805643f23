"""The default text branch: the study's network over words and a linear classifier, averaged.

They err on different products: the mean has a lower log loss than either; see ADR 0013.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np

from ml.artifacts import Manifest, read_artifact, write_artifact
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
    ignore_progress,
)
from ml.errors import NotEnoughDataError
from ml.text import embedding_net, tfidf_linear
from ml.text.network import TextNetwork
from ml.text.tfidf_linear import TfidfLinear
from ml.training import columns_of

NETWORK, LINEAR = "embedding_net", "tfidf_linear"


class TextPair:
    """The mean of the probabilities of ``embedding_net`` and ``tfidf_linear``.

    Parameters
    ----------
    settings
        ``seed`` and ``epochs`` are read, by the network.
    """

    takes_weights = True

    def __init__(self, settings: PipelineSettings) -> None:
        self.settings = settings
        self.categories: tuple[int, ...] = ()

    def fit(
        self,
        batch: ProductBatch,
        labels: IntArray,
        on_progress: OnProgress,
        weights: FloatArray | None = None,
    ) -> Self:
        """Fit both; where no text holds a term, the network alone learns the shares."""
        self.categories, _ = columns_of(labels)
        # The epochs of the network are nearly all the work.
        network, linear = embedding_net.build(self.settings), tfidf_linear.build(self.settings)
        self.network_ = network.fit(batch, labels, on_progress, weights)
        self.curve_ = self.network_.curve_
        self.linear_: TfidfLinear | None
        try:
            self.linear_ = linear.fit(batch, labels, ignore_progress, weights)
        except NotEnoughDataError:
            self.linear_ = None
        return self

    @property
    def _both(self) -> tuple[TextNetwork | TfidfLinear, ...]:
        return (self.network_,) if self.linear_ is None else (self.network_, self.linear_)

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product."""
        return np.asarray(np.mean([one.predict_proba(batch) for one in self._both], axis=0))

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return what either sees of each product, side by side."""
        return np.hstack([one.embed(batch) for one in self._both])

    def count_parameters(self) -> ParameterCount:
        """Count those of both."""
        return ParameterCount(sum(one.count_parameters().trained for one in self._both))

    def save(self, directory: Path) -> None:
        """Write each into a folder of its own, and the manifest."""
        write_artifact(
            directory,
            pipeline="text_pair",
            settings={"seed": self.settings.seed, "epochs": self.settings.epochs},
            categories=self.categories,
            details={},
            writers={},
            parts={
                name: one.save for name, one in zip((NETWORK, LINEAR), self._both, strict=False)
            },
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.network_ = embedding_net.build(self.settings).restore(
            directory / NETWORK, read_artifact(directory / NETWORK)
        )
        self.linear_ = None
        if LINEAR in manifest.parts:
            self.linear_ = tfidf_linear.build(self.settings).restore(
                directory / LINEAR, read_artifact(directory / LINEAR)
            )
        return self


def build(settings: PipelineSettings) -> TextPair:
    """Make the default text branch."""
    return TextPair(settings)
