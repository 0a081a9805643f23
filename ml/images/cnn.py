"""The study's small convolutional network, trained from scratch, in three variants."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import keras
import numpy as np
from numpy.typing import NDArray

from ml.artifacts import Manifest, write_artifact
from ml.contract import (
    BoolArray,
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.errors import UnreadableImageError
from ml.images.loading import Pixels, load_letterboxed
from ml.images.uniform import only_readable, with_uniform_rows
from ml.images.weights import precision_of
from ml.training import (
    columns_of,
    forward,
    load_network,
    parameters_of,
    predict,
    save_network,
    train,
    trunk_of,
)

IMAGE_SIZE_PX = (145, 160)  # height and width, the study's
EPOCHS = 20  # the study's
LEARNING_RATE = 1e-3  # Keras's own for Adam
BATCH = 32
CHUNK = 512  # products at a time when predicting: 36 MB of pixels
DECODERS = 2
NETWORK = "network.keras"
WHITE = 255 / 64  # what Rescaling adds, so that white is 0


@dataclass(frozen=True, slots=True)
class Layout:
    """What the variants do differently.

    Parameters
    ----------
    dropout_of_photo
        Share of what the convolutions found that is dropped while training, before Flatten.
    dropout_of_dense
        Share dropped between the two Dense layers.
    is_augmented
        Whether photos are flipped, turned and zoomed at random while training.
    patience
        As of ``ml.training.train``.
    """

    name: str
    dropout_of_photo: float = 0.0
    dropout_of_dense: float = 0.0
    is_augmented: bool = False
    patience: int | None = None


class ConvolutionalNet:
    """Three convolutions and two Dense layers over letterboxed photos.

    Parameters
    ----------
    settings
        ``seed``, ``epochs``, ``precision`` and ``image_size_px`` are read.
    layout
        ``FALLBACK``, ``PLAIN`` or ``AUGMENTED``.
    """

    def __init__(self, settings: PipelineSettings, layout: Layout) -> None:
        self.settings = settings
        self.layout = layout
        self.image_size_px = settings.image_size_px or IMAGE_SIZE_PX
        self.precision = precision_of(settings)
        self.categories: tuple[int, ...] = ()

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        """Train on the products with an image that can be read."""
        self.categories, _ = columns_of(labels)
        pixels, found = self._pixels(batch)
        targets = only_readable(self.categories, labels, found)
        trained = train(
            partial(
                build_network,
                self.layout,
                self.image_size_px,
                len(self.categories),
                self.precision,
            ),
            [pixels],
            targets,
            learning_rate=LEARNING_RATE,
            epochs=self.settings.epochs or EPOCHS,
            batch_size=BATCH,
            seed=self.settings.seed,
            on_progress=on_progress,
            patience=self.layout.patience,
        )
        self.network_, self.curve_ = trained.network, trained.curve
        return self

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product; uniform where no image can be read."""
        parts = []
        for part in _chunks(batch):
            pixels, found = self._pixels(part)
            parts.append(with_uniform_rows(predict(self.network_, [pixels]), found))
        return np.concatenate(parts)

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return what the softmax layer sees; zeros where no image can be read."""
        trunk = trunk_of(self.network_)
        parts = []
        for part in _chunks(batch):
            pixels, found = self._pixels(part)
            rows = np.zeros((len(part), int(trunk.output_shape[-1])))
            rows[found] = forward(trunk, [pixels])
            parts.append(rows)
        return np.concatenate(parts)

    def count_parameters(self) -> ParameterCount:
        """Count the weights of the network."""
        return parameters_of(self.network_)

    def save(self, directory: Path) -> None:
        """Write the network and the manifest."""
        write_artifact(
            directory,
            pipeline=self.layout.name,
            settings={
                "seed": self.settings.seed,
                "epochs": self.settings.epochs,
                "precision": self.precision,
                "image_size_px": self.image_size_px,
            },
            categories=self.categories,
            details={},
            writers={NETWORK: partial(save_network, self.network_)},
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.network_ = load_network(directory / NETWORK)
        return self

    def _pixels(self, batch: ProductBatch) -> tuple[NDArray[np.uint8], BoolArray]:
        """Return the images that can be read, ``(n_found, height, width, 3)``, and whose."""
        with ThreadPoolExecutor(DECODERS) as decoders:
            pictures = list(
                decoders.map(partial(_read, size_px=self.image_size_px), batch.image_paths)
            )
        found = np.array([picture is not None for picture in pictures], dtype=np.bool_)
        pixels = np.zeros((int(found.sum()), *self.image_size_px, 3), dtype=np.uint8)
        for row, picture in enumerate(p for p in pictures if p is not None):
            pixels[row] = picture
        return pixels, found


def build_network(
    layout: Layout, size_px: tuple[int, int], n_categories: int, precision: str = "float32"
) -> keras.Model:
    """Build the study's network; 2,670,631 parameters for 145 x 160 pixels and 7 categories.

    With the precision ``mixed_bfloat16`` weights and softmax stay float32.
    """
    layers = keras.layers
    convolution = partial(layers.Conv2D, kernel_size=3, activation="relu", dtype=precision)
    halve = partial(layers.AveragePooling2D, 2, dtype=precision)
    return keras.Sequential(
        [
            keras.Input((*size_px, 3), dtype="uint8"),
            # White, which surrounds most products, is 0; it learns in 3 epochs instead of 7.
            layers.Rescaling(-1 / 64, offset=WHITE, dtype=precision),
            *(_augmentation(precision) if layout.is_augmented else ()),
            convolution(16, padding="same"),
            halve(),
            convolution(32, padding="same"),
            halve(),
            convolution(64, padding="valid"),
            halve(),
            *_dropout(layout.dropout_of_photo, precision),
            layers.Flatten(dtype=precision),
            layers.Dense(128, activation="relu", dtype=precision),
            *_dropout(layout.dropout_of_dense, precision),
            layers.Dense(n_categories, activation="softmax", dtype="float32"),
        ]
    )


def _augmentation(precision: str) -> list[keras.Layer]:
    """Return the study's: up to a tenth of a turn and of the size, on white, which is 0."""
    layers = keras.layers
    on_white = {"fill_mode": "constant", "fill_value": 0.0, "dtype": precision}
    return [
        layers.RandomFlip("horizontal", dtype=precision),
        layers.RandomRotation(0.1, **on_white),
        layers.RandomZoom(0.1, **on_white),
    ]


def _dropout(share: float, precision: str) -> list[keras.Layer]:
    return [keras.layers.Dropout(share, dtype=precision)] if share else []


def _chunks(batch: ProductBatch) -> list[ProductBatch]:
    starts = range(0, max(1, len(batch)), CHUNK)
    return [batch.take(range(start, min(start + CHUNK, len(batch)))) for start in starts]


def _read(path: Path | None, size_px: tuple[int, int]) -> Pixels | None:
    if path is None:
        return None
    try:
        return load_letterboxed(path, *size_px)
    except UnreadableImageError:
        return None


# Dropout and an early stop are added to the study's: without them it learns the few photos of a
# catalogue by heart. Log loss 1.43 with both dropouts, 1.53 without, on a fold of the sample.
FALLBACK = Layout("cnn", dropout_of_photo=0.5, dropout_of_dense=0.5, patience=3)
PLAIN = Layout("cnn_plain")
AUGMENTED = Layout("cnn_augmented", dropout_of_photo=0.2, is_augmented=True)


def build(settings: PipelineSettings) -> ConvolutionalNet:
    """Make the announced fallback of the image branch."""
    return ConvolutionalNet(settings, FALLBACK)


def build_plain(settings: PipelineSettings) -> ConvolutionalNet:
    """Make the study's CNN."""
    return ConvolutionalNet(settings, PLAIN)


def build_augmented(settings: PipelineSettings) -> ConvolutionalNet:
    """Make the study's CNN with augmentation."""
    return ConvolutionalNet(settings, AUGMENTED)
