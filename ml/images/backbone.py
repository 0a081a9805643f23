"""A frozen backbone of ``keras.applications`` and a softmax layer trained on its features."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
from numpy.typing import NDArray

from ml.artifacts import Manifest, write_artifact
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
    ignore_progress,
)
from ml.images.features import BackboneFeatures
from ml.images.uniform import only_readable, with_uniform_rows
from ml.training import (
    columns_of,
    epochs_for,
    load_network,
    parameters_of,
    predict,
    save_network,
    train,
)

NETWORK = "head.keras"
CHUNK = 2_000  # products at a time: 100 MB of VGG16's features
BATCH = 64
# Chosen on inner folds of the study's sample with MobileNetV2; see docs/pipelines.md.
EPOCHS = 40
LEARNING_RATE = 0.05
# Flattened features are many more: at 0.05 the loss rises again, and 4 points of accuracy go.
LEARNING_RATE_FLATTENED = 0.003
WEIGHT_DECAY = 7e-5


class FrozenBackbone:
    """Features of a pretrained network, each of length 1, and Dense with a softmax.

    Parameters
    ----------
    settings
        Those of ``BackboneFeatures``, with ``seed`` and ``epochs``.
    name
        The row of ``PIPELINES`` that loads it again.
    """

    takes_weights = True

    def __init__(self, settings: PipelineSettings, name: str) -> None:
        self.settings = settings
        self.name = name
        self.categories: tuple[int, ...] = ()

    def prepare(self, batch: ProductBatch, on_progress: OnProgress) -> None:
        """Compute the features of all images once, where the settings name a folder for them.

        Fitting and predicting would do so too; called first, this shows how far it is, and may
        be stopped without losing what is done.
        """
        BackboneFeatures(self.settings).compute(batch, on_progress)

    def fit(
        self,
        batch: ProductBatch,
        labels: IntArray,
        on_progress: OnProgress,
        weights: FloatArray | None = None,
    ) -> Self:
        """Compute the missing features, then train the softmax layer on products with an image."""
        self.categories, _ = columns_of(labels)
        self.features_ = BackboneFeatures(self.settings)
        features, found = self.features_.of(batch, on_progress)
        targets = only_readable(self.categories, labels, found)
        trained = train(
            partial(build_head, self.features_.n_features, len(self.categories)),
            [unit_length(features[found])],
            targets,
            learning_rate=learning_rate_of(self.features_.recipe.pooling),
            epochs=self.settings.epochs or epochs_for(len(targets), BATCH, EPOCHS),
            batch_size=BATCH,
            seed=self.settings.seed,
            on_progress=on_progress,
            weights=None if weights is None else weights[found],
        )
        self.network_, self.curve_ = trained.network, trained.curve
        return self

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product; uniform where no image can be read."""
        parts = []
        for start in range(0, max(1, len(batch)), CHUNK):
            part = batch.take(range(start, min(start + CHUNK, len(batch))))
            features, found = self.features_.of(part, ignore_progress)
            answers = predict(self.network_, [unit_length(features[found])])
            parts.append(with_uniform_rows(answers, found))
        return np.concatenate(parts)

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return the features, each row of length 1; zeros where no image can be read."""
        features, _ = self.features_.of(batch, ignore_progress)
        return unit_length(features)

    def count_parameters(self) -> ParameterCount:
        """Count the weights of the softmax layer, and those of the frozen backbone."""
        return ParameterCount(
            parameters_of(self.network_).trained, self.features_.count_parameters()
        )

    def save(self, directory: Path) -> None:
        """Write the softmax layer and the manifest, which names the backbone and its weights."""
        recipe = self.features_.recipe
        write_artifact(
            directory,
            pipeline=self.name,
            settings={
                "seed": self.settings.seed,
                "epochs": self.settings.epochs,
                "backbone": recipe.backbone,
                "pooling": recipe.pooling,
                "precision": recipe.precision,
                "image_size_px": recipe.image_size_px,
            },
            categories=self.categories,
            details={
                "weights_sha256": self.features_.digest,
                "n_features": self.features_.n_features,
            },
            writers={NETWORK: partial(save_network, self.network_)},
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.features_ = BackboneFeatures(
            self.settings,
            digest=str(manifest.details["weights_sha256"]),
            n_features=int(manifest.details["n_features"]),
        )
        self.network_ = load_network(directory / NETWORK)
        return self


def unit_length(features: NDArray[Any]) -> NDArray[np.float32]:
    """Scale each row of ``(n_products, n_features)`` to length 1; rows of zeros stay.

    Backbones differ by orders of magnitude in what they put out: at one length, one learning rate
    and one weight decay serve all of them.
    """
    rows = features.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=rows, where=lengths > 0))


def learning_rate_of(pooling: str) -> float:
    """Return the learning rate of the softmax layer for a pooling of the features."""
    return LEARNING_RATE_FLATTENED if pooling == "flatten" else LEARNING_RATE


def build_head(n_features: int, n_categories: int) -> keras.Model:
    """Build the softmax layer: 175,623 parameters for VGG16 flattened and 7 categories."""
    return keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(
                n_categories,
                activation="softmax",
                kernel_regularizer=keras.regularizers.L2(WEIGHT_DECAY),
            ),
        ]
    )


def build(settings: PipelineSettings) -> FrozenBackbone:
    """Make the default image branch."""
    return FrozenBackbone(settings, "backbone")


def build_flatten(settings: PipelineSettings) -> FrozenBackbone:
    """Make the study's transfer: every place of the photo keeps features of its own."""
    return FrozenBackbone(replace(settings, pooling="flatten"), "backbone_flatten")


def build_average(settings: PipelineSettings) -> FrozenBackbone:
    """Make a backbone whose features are averaged over the photo."""
    return FrozenBackbone(replace(settings, pooling="avg"), "backbone_average")
