"""What every part of ``ml`` agrees on: a batch of products, a pipeline, names of array types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]
BoolArray = NDArray[np.bool_]

OnProgress = Callable[[int, int], None]
"""Called with ``(done, total)``; it may raise to stop the work."""

OnStage = Callable[[str, int, int], None]
"""Called with ``(stage, done, total)``; it may raise to stop the work."""


def ignore_progress(done: int, total: int) -> None:
    """Take a progress report and do nothing with it."""


@dataclass(frozen=True, slots=True)
class ProductBatch:
    """Products as pipelines see them, column by column, all of one length.

    Parameters
    ----------
    ids
        The catalogue's own identifiers: stable between imports, unique in the batch.
    names, descriptions
        Plain text, possibly empty.
    specifications
        One string a product, ``key: value`` joined by ``; ``, possibly empty.
    image_paths
        Where the first image lies, or None where the product has no readable image.
    image_hashes
        SHA-256 of the bytes of that image in hexadecimal, None exactly where the path is None.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    specifications: tuple[str, ...]
    image_paths: tuple[Path | None, ...]
    image_hashes: tuple[str | None, ...]

    def __post_init__(self) -> None:
        lengths = {
            len(self.ids),
            len(self.names),
            len(self.descriptions),
            len(self.specifications),
            len(self.image_paths),
            len(self.image_hashes),
        }
        if len(lengths) != 1:
            raise ValueError(f"columns of a batch differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int] | IntArray) -> ProductBatch:
        """Return the products at ``rows``, in that order."""
        at = [int(row) for row in rows]
        return ProductBatch(
            ids=tuple(self.ids[row] for row in at),
            names=tuple(self.names[row] for row in at),
            descriptions=tuple(self.descriptions[row] for row in at),
            specifications=tuple(self.specifications[row] for row in at),
            image_paths=tuple(self.image_paths[row] for row in at),
            image_hashes=tuple(self.image_hashes[row] for row in at),
        )

    def texts(self) -> list[str]:
        """Return name, description and specifications of each product as one text, by lines."""
        return [
            "\n".join(part for part in parts if part.strip())
            for parts in zip(self.names, self.descriptions, self.specifications, strict=True)
        ]

    def has_text(self) -> BoolArray:
        """Return, shape ``(n_products,)``, whether there is any word to read."""
        return np.array([bool(text.strip()) for text in self.texts()], dtype=np.bool_)

    def has_image(self) -> BoolArray:
        """Return, shape ``(n_products,)``, whether there is an image to look at."""
        return np.array([path is not None for path in self.image_paths], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What a pipeline may be told; each reads only what concerns it.

    Parameters
    ----------
    seed
        Fixes the first weights, the order of products and what is dropped out.
    backbone
        Any name in ``keras.applications``.
    weights
        The backbone's ImageNet weights without its top; None looks into Keras's own cache.
    pooling
        ``flatten``, ``avg`` or ``max``; None is ``flatten`` for VGG16, as in the study, and
        ``avg`` for any other backbone.
    feature_dir
        Where a backbone's features are kept; None computes them each time.
    precision
        ``float32`` or ``mixed_bfloat16``; None is the latter where the processor multiplies it.
    image_size_px
        Height and width that images are brought to; None is the pipeline's own.
    epochs
        At most so many; None is the pipeline's own number.
    """

    seed: int = 0
    backbone: str = "VGG16"
    weights: Path | None = None
    pooling: str | None = None
    feature_dir: Path | None = None
    precision: str | None = None
    image_size_px: tuple[int, int] | None = None
    epochs: int | None = None


@dataclass(frozen=True, slots=True)
class ParameterCount:
    """How many numbers a fitted pipeline holds: those it learned, and those it was given."""

    trained: int
    frozen: int = 0


@dataclass(frozen=True, slots=True)
class Epoch:
    """The mean loss of one turn over the training products: cross-entropy, in nats.

    Where labels are smoothed, of the smoothed ones.

    Parameters
    ----------
    loss
        On the products trained on, while they were trained on, with what weight decay adds.
    held_out_loss
        On those that decide when to stop, after the turn; None where there are none.
    """

    loss: float
    held_out_loss: float | None = None


class Pipeline(Protocol):
    """A way from products to probabilities.

    The constructor keeps settings; what is learned ends in ``_``.
    """

    categories: tuple[int, ...]
    """The order of the columns of ``predict_proba``; empty before ``fit``."""

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        """Learn from ``labels``, shape ``(n_products,)``, the category id of each product."""
        ...

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return shape ``(n_products, n_categories)``, rows summing to 1."""
        ...

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return shape ``(n_products, n_features)``: what the classifier sees of each product."""
        ...

    def save(self, directory: Path) -> None:
        """Write weights and ``manifest.json`` into ``directory``, which is made."""
        ...

    def count_parameters(self) -> ParameterCount:
        """Return how many numbers the fitted pipeline holds."""
        ...


@runtime_checkable
class Weighing(Pipeline, Protocol):
    """A pipeline that can learn more from some products than from others."""

    takes_weights: bool
    """True: what tells such a pipeline from others."""

    def fit(
        self,
        batch: ProductBatch,
        labels: IntArray,
        on_progress: OnProgress,
        weights: FloatArray | None = None,
    ) -> Self:
        """Learn; ``weights``, shape ``(n_products,)``, are above 0 and 1 on average."""
        ...


@runtime_checkable
class Grouping(Protocol):
    """A pipeline whose products fall into groups that no label names, such as topics."""

    def clusters(self, batch: ProductBatch) -> IntArray:
        """Return the group of each product, shape ``(n_products,)``, from 0."""
        ...


@runtime_checkable
class TopicModel(Protocol):
    """A pipeline with topics that words describe."""

    def topic_words(self, n_words: int) -> list[list[str]]:
        """Return the heaviest words of each topic, the heaviest first."""
        ...


@runtime_checkable
class LearningCurve(Protocol):
    """A pipeline trained in epochs, which remembers them until it is saved."""

    curve_: tuple[Epoch, ...]
